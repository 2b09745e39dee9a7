package clients

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

var subjectIs = flag.String("subject", "ours", "what to run the sessions against: ours or stock")

func TestMain(m *testing.M) { testutil.Main(m) }

func subject(t *testing.T, args ...string) *testutil.Server {
	if *subjectIs == "stock" {
		return testutil.Stock(t, args...)
	}
	return testutil.Subject(t, args...)
}

func TestRedisPy(t *testing.T) {
	python := testutil.Need(t, "/usr/bin/python3", "Debian package python3")
	if err := exec.Command(python, "-c", "import redis").Run(); err != nil {
		testutil.Missing(t, "the Python module redis (Debian package python3-redis)")
	}
	run(t, exec.Command(python, "session.py", subject(t).Addr, subject(t, "--requirepass", "sesame").Addr))
}

func TestGoRedis(t *testing.T) {
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "session"), ".")
	build.Dir = "goredis"
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly")
	if out, err := build.CombinedOutput(); err != nil {
		testutil.Missing(t, "the Go module go-redis: "+string(out))
	}
	run(t, exec.Command(filepath.Join(dir, "session"), subject(t).Addr, subject(t, "--requirepass", "sesame").Addr))
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}
