package lint

import (
	"fmt"
	"go/ast"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// calls visits each call in a file with the text of what is called and the function
// declaration around it (nil at package level).
func calls(s *source, visit func(call *ast.CallExpr, name string, in *ast.FuncDecl)) {
	for _, decl := range s.ast.Decls {
		in, _ := decl.(*ast.FuncDecl)
		ast.Inspect(decl, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				visit(call, callee(call.Fun), in)
			}
			return true
		})
	}
}

func callee(fun ast.Expr) string {
	switch f := fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return callee(f.X) + "." + f.Sel.Name
	}
	return ""
}

// commented tells whether a comment stands on the line or ends on the one before.
func commented(s *source, line int) bool {
	for _, group := range s.ast.Comments {
		if end := s.line(group.End()); s.line(group.Pos()) <= line && end >= line-1 {
			return true
		}
	}
	return false
}

// Bytes from a network or a file lead to errors. In the engine a panic is a broken
// invariant and names its package; elsewhere a comment says what mistake of ours it is.
func TestPanicsAreOurOwnMistakes(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || s.pkg == "invariants" || s.pkg == "testutil" || strings.HasPrefix(s.pkg, "test/") {
			continue
		}
		calls(s, func(call *ast.CallExpr, name string, in *ast.FuncDecl) {
			if name != "panic" {
				return
			}
			line := s.line(call.Pos())
			if !strings.Contains(s.lines(line, s.line(call.End())), `"`+s.pkg+": ") {
				t.Errorf("%s:%d: the message of a panic opens with the package", s.path, line)
			}
			documented := in != nil && strings.Contains(in.Doc.Text(), "panic")
			if !slices.Contains(engine, s.pkg) && !documented && !commented(s, line) {
				t.Errorf("%s:%d: a comment says whose mistake leads to a panic", s.path, line)
			}
		})
	}
}

// Formatting allocates. On the way of each command it is left to errors that end
// something: a check, a constructor.
func TestHotPackagesOnlyFormatErrors(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || !slices.Contains(hot, s.pkg) {
			continue
		}
		calls(s, func(call *ast.CallExpr, name string, in *ast.FuncDecl) {
			if strings.HasPrefix(name, "fmt.") && name != "fmt.Errorf" && (in == nil || in.Name.Name != "String") {
				t.Errorf("%s:%d: %s in a package of the hot path", s.path, s.line(call.Pos()), name)
			}
		})
	}
}

// Mostly an event can be awaited; where it cannot, the line says why.
func TestSleepsHaveAReason(t *testing.T) {
	for _, s := range tree(t) {
		calls(s, func(call *ast.CallExpr, name string, in *ast.FuncDecl) {
			explained := in != nil && (strings.Contains(in.Doc.Text(), "wait") || strings.Contains(in.Doc.Text(), "sleep"))
			if line := s.line(call.Pos()); name == "time.Sleep" && !explained && !commented(s, line) {
				t.Errorf("%s:%d: a sleep without a comment that gives the reason", s.path, line)
			}
		})
	}
}

func TestSkipsHaveAReason(t *testing.T) {
	for _, s := range tree(t) {
		calls(s, func(call *ast.CallExpr, name string, _ *ast.FuncDecl) {
			bare := strings.HasSuffix(name, ".SkipNow") || (strings.HasSuffix(name, ".Skip") && len(call.Args) == 0)
			if s.test && bare {
				t.Errorf("%s:%d: a skipped test without a reason", s.path, s.line(call.Pos()))
			}
		})
	}
}

// unsafePackages may import unsafe: the engine for data in the arena, the event loop for
// the arguments of its system calls, which go round the scheduler's bookkeeping; the load
// generator for the same reason.
var unsafePackages = append([]string{"evloop", "benchmark"}, engine...)

func TestUnsafeStaysInTheEngine(t *testing.T) {
	for _, s := range tree(t) {
		if s.test || !slices.Contains(s.imports(), "unsafe") || slices.Contains(unsafePackages, s.pkg) {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if e, ok := n.(*ast.SelectorExpr); ok && strings.HasPrefix(callee(e), "unsafe.") && e.Sel.Name != "Sizeof" {
				t.Errorf("%s:%d: %s outside of the packages for it", s.path, s.line(e.Pos()), callee(e))
			}
			return true
		})
	}
}

// Every package opens with what it is; lists of exported names come after.
func TestPackagesAreDocumented(t *testing.T) {
	documented := map[string]bool{}
	for _, s := range tree(t) {
		if !documented[s.pkg] {
			documented[s.pkg] = len(s.ast.Doc.Text()) > 80
		}
	}
	for pkg, ok := range documented {
		if !ok {
			t.Errorf("package %s has no opening comment", pkg)
		}
	}
}

var numbered = regexp.MustCompile(`_\d+(_test)?\.go$`)

// A numbered file is a missing name.
func TestFilesHaveNames(t *testing.T) {
	for _, s := range tree(t) {
		if numbered.MatchString(s.path) {
			t.Errorf("%s: name the topic instead of a number", s.path)
		}
	}
}

var (
	openEnd     = regexp.MustCompile(`\b(TODO|FIXME|XXX|HACK)\b(.*)`)
	withReason  = regexp.MustCompile(`^: \S+( \S+){3,}`)
	issueNumber = regexp.MustCompile(`(?i)\bissues?[ #]+\d+`)
)

// An open end says what is missing in a sentence; a comment stands without a tracker.
func TestComments(t *testing.T) {
	for _, s := range tree(t) {
		for _, group := range s.ast.Comments {
			for _, c := range group.List {
				if m := openEnd.FindStringSubmatch(c.Text); m != nil && s.pkg != "lint" && !withReason.MatchString(m[2]) {
					t.Errorf("%s:%d: %s without a sentence that says what is missing", s.path, s.line(c.Pos()), m[1])
				}
				if m := issueNumber.FindString(c.Text); m != "" {
					t.Errorf("%s:%d: %q tells a reader nothing: write what it was", s.path, s.line(c.Pos()), m)
				}
			}
		}
	}
}

// Nothing in the repository knows where it was written: no path of this checkout, no
// home directory, no host of a private module proxy.
func TestNoWorkplaceInTheTree(t *testing.T) {
	words := workplace(t)
	err := walk(func(path string) error {
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		for _, word := range words {
			if strings.Contains(string(text), word) {
				t.Errorf("%s contains %q", path, word)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// workplace returns words that only mean something on this machine.
func workplace(t *testing.T) []string {
	t.Helper()
	top, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	words := []string{"/" + "Users/"}
	// A checkout in the root says nothing; deeper, it and what lies beside it do.
	if parent := filepath.Dir(top); parent != "/" {
		beside, err := os.ReadDir(parent)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range beside {
			words = append(words, filepath.Join(parent, d.Name()))
		}
	}
	out, err := exec.Command("go", "env", "GOPROXY").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, proxy := range strings.FieldsFunc(strings.TrimSpace(string(out)), func(r rune) bool { return r == ',' || r == '|' }) {
		if u, err := url.Parse(proxy); err == nil && u.Host != "" && u.Host != "proxy.golang.org" {
			words = append(words, u.Host)
		}
	}
	return words
}

var required = regexp.MustCompile(`(?m)^\s*(?:require )?(\S+\.\S+/\S+) v\S+$`)

// A direct dependency has its reason in docs/dependencies.md, and nothing else is there.
func TestDependenciesAreExplained(t *testing.T) {
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := os.ReadFile(filepath.Join(root, "docs/dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range required.FindAllStringSubmatch(string(mod), -1) {
		if !strings.Contains(string(doc), "`"+m[1]+"`") {
			t.Errorf("docs/dependencies.md does not explain %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(string(doc), -1) {
		if !strings.Contains(string(mod), m[1]+" v") {
			t.Errorf("docs/dependencies.md explains %s, which go.mod does not need", m[1])
		}
	}
}

// Links between the documents lead somewhere.
func TestDocumentLinks(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:\s]+)(#[^)]*)?\)`)
	err := walk(func(path string) error {
		if !strings.HasSuffix(path, ".md") {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			target := filepath.Join(root, filepath.Dir(path), m[1])
			if _, err := os.Stat(target); err != nil {
				t.Error(fmt.Errorf("%s links to nothing: %s", path, m[1]))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
