package lint

import (
	"go/ast"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The race detector is spared packages in which nothing happens at the same time.
func TestOneThread(t *testing.T) {
	makefile, err := os.ReadFile(filepath.Join(root, "Makefile"))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`(?m)^ONE_THREAD := ((?:.*\\\n)*.*)$`).FindStringSubmatch(string(makefile))
	if m == nil {
		t.Fatal("the Makefile has no ONE_THREAD")
	}
	names := strings.Fields(strings.NewReplacer("\\\n", " ", "./internal/", "").Replace(m[1]))
	for _, s := range tree(t) {
		if !slices.Contains(names, s.pkg) {
			continue
		}
		ast.Inspect(s.ast, func(n ast.Node) bool {
			if _, ok := n.(*ast.GoStmt); ok {
				t.Errorf("%s:%d: a goroutine in a package of ONE_THREAD", s.path, s.line(n.Pos()))
			}
			return true
		})
		calls(s, func(call *ast.CallExpr, name string, _ *ast.FuncDecl) {
			if strings.HasSuffix(name, ".Go") || strings.HasSuffix(name, ".Parallel") || strings.HasSuffix(name, ".RunParallel") {
				t.Errorf("%s:%d: %s in a package of ONE_THREAD", s.path, s.line(call.Pos()), name)
			}
		})
	}
}
