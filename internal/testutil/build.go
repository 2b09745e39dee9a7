package testutil

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
)

// BinEnv names a variable that points the tests at a server built already.
const BinEnv = "REDSTART_BIN"

// built is the subject's binary; made once per test process.
var built struct {
	once sync.Once
	dir  string
	bin  string
	err  error
	told atomic.Bool // err was reported
}

// Main runs the tests of a package and removes what Binary built.
func Main(m *testing.M) {
	code := m.Run()
	if built.dir != "" {
		os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// Binary returns the path of the subject's binary.
func Binary(t testing.TB) string {
	t.Helper()
	built.once.Do(build)
	if built.err != nil {
		if built.told.Swap(true) {
			t.Fatal("the server was not built; the first test that needed it says why")
		}
		t.Fatal(built.err)
	}
	return built.bin
}

func build() {
	if bin := os.Getenv(BinEnv); bin != "" {
		built.bin = bin
		return
	}
	if built.dir, built.err = os.MkdirTemp("", "redstart-test-"); built.err != nil {
		return
	}
	built.bin = filepath.Join(built.dir, "redstart")
	args := []string{"build", "-buildvcs=false", "-tags", buildTags, "-o", built.bin}
	cgo := "CGO_ENABLED=0"
	if RaceEnabled {
		args, cgo = append(args, "-race"), "CGO_ENABLED=1" // the race detector's runtime is C
	}
	cmd := exec.Command("go", append(args, "./cmd/redstart")...)
	cmd.Dir = ModuleRoot()
	cmd.Env = append(os.Environ(), cgo)
	if out, err := cmd.CombinedOutput(); err != nil {
		built.err = fmt.Errorf("go %v: %v\n%s", cmd.Args[1:], err, out)
	}
}

// ModuleRoot is the top of the source tree.
func ModuleRoot() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(filepath.Dir(file)))
}
