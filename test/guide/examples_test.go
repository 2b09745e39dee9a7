package guide

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// Each example prints what its opening comment says, whichever store it is given.
func TestExamples(t *testing.T) {
	dir := filepath.Join(testutil.ModuleRoot(), "examples")
	sources, err := filepath.Glob(filepath.Join(dir, "*/main.go"))
	if err != nil || len(sources) == 0 {
		t.Fatal("no examples", err)
	}
	needModules(t, dir)
	bin := t.TempDir()
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin, "./...")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	server := testutil.Subject(t)
	for _, source := range sources {
		name := filepath.Base(filepath.Dir(source))
		t.Run(name, func(t *testing.T) {
			want := promised(t, source, name)
			for _, args := range [][]string{nil, {"-addr", server.Addr}} {
				out, err := exec.Command(filepath.Join(bin, name), args...).CombinedOutput()
				if err != nil || string(out) != want {
					t.Errorf("%s %v: %v\n got\n%s\nwant\n%s", name, args, err, out, want)
				}
			}
		})
	}
	if left := server.Dial(t).Must(t, "DBSIZE"); left.Text != "0" {
		t.Errorf("the examples leave %s keys behind", left.Text)
	}
}

// needModules skips the test if what a module requires is neither here nor to be had.
func needModules(t *testing.T, dir string) {
	t.Helper()
	list := exec.Command("go", "list", "-deps", "./...")
	list.Dir = dir
	if out, err := list.CombinedOutput(); err != nil {
		testutil.Missing(t, "the modules that "+dir+" requires: "+string(out))
	}
}

// promised is the output in the comment of an example.
func promised(t *testing.T, source, name string) string {
	t.Helper()
	text, err := os.ReadFile(source)
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(text), "//\t$ go run ./"+name+"\n")
	if !found {
		t.Fatalf("the comment does not say what comes from go run ./%s", name)
	}
	var want strings.Builder
	for line := range strings.SplitSeq(after, "\n") {
		line, ok := strings.CutPrefix(line, "//\t")
		if !ok {
			break
		}
		want.WriteString(line + "\n")
	}
	return want.String()
}
