package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/redstart-db/redstart"
)

// source is one Go file, whatever system its build tags are for.
type source struct {
	path string // from the top of the repository
	pkg  string // arena, cmd/redstart, test/tcl
	test bool
	fset *token.FileSet
	ast  *ast.File
	text string
}

func (s *source) line(pos token.Pos) int { return s.fset.Position(pos).Line }

// lines returns the text of some lines of the file.
func (s *source) lines(first, last int) string {
	return strings.Join(strings.Split(s.text, "\n")[first-1:last], "\n")
}

// imports returns the import paths of the file.
func (s *source) imports() []string {
	var paths []string
	for _, spec := range s.ast.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		paths = append(paths, path)
	}
	return paths
}

// short turns an import path of this module into the name the rules use.
func short(path string) (name string, ours bool) {
	if path == module {
		return "redstart", true
	}
	rel, ours := strings.CutPrefix(path, module+"/")
	return strings.TrimPrefix(rel, "internal/"), ours
}

var loaded struct {
	once  sync.Once
	files []*source
	err   error
}

// tree returns all Go files of the repository, parsed once.
func tree(t *testing.T) []*source {
	t.Helper()
	loaded.once.Do(func() { loaded.files, loaded.err = load() })
	if loaded.err != nil {
		t.Fatal(loaded.err)
	}
	if len(loaded.files) < 10 {
		t.Fatalf("only %d Go files found: is the root right?", len(loaded.files))
	}
	return loaded.files
}

func load() (files []*source, err error) {
	err = walk(func(path string) error {
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		s, err := parse(path)
		files = append(files, s)
		return err
	})
	return files, err
}

// walk visits the files of the repository that are kept: no build output, no cache.
func walk(visit func(path string) error) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if rel == "bin" || (rel != "." && strings.HasPrefix(d.Name(), ".") && rel != ".ci") {
				return filepath.SkipDir
			}
			return nil
		}
		return visit(rel)
	})
}

func parse(path string) (*source, error) {
	text, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	pkg, _ := short(module + "/" + filepath.ToSlash(filepath.Dir(path)))
	if filepath.Dir(path) == "." {
		pkg = "redstart"
	}
	return &source{
		path: path, pkg: pkg, test: strings.HasSuffix(path, "_test.go"),
		fset: fset, ast: file, text: string(text),
	}, nil
}
