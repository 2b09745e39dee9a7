package clients

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	run(t, exec.Command(redisPy(t), "session.py", subject(t).Addr, subject(t, locked...).Addr))
}

func TestRedisPyFamilies(t *testing.T) {
	python := redisPy(t)
	sameTranscripts(t, func(addr string) *exec.Cmd { return exec.Command(python, "-B", "families.py", addr) })
}

func TestGoRedis(t *testing.T) {
	run(t, exec.Command(goRedis(t), subject(t).Addr, subject(t, locked...).Addr))
}

func TestGoRedisFamilies(t *testing.T) {
	session := goRedis(t)
	sameTranscripts(t, func(addr string) *exec.Cmd { return exec.Command(session, "families", addr) })
}

// TestGoRedisInProcess is of the library over the connections of a database in its own process.
func TestGoRedisInProcess(t *testing.T) {
	session := goRedis(t)
	for name, args := range thresholds {
		t.Run(name, func(t *testing.T) {
			settings := append([]string{"families", "in-process", "--set-max-listpack-entries", "0"}, args...)
			want := transcript(t, exec.Command(session, "families", testutil.Stock(t, args...).Addr))
			compareLines(t, transcript(t, exec.Command(session, settings...)), want)
		})
	}
	t.Run("caching", func(t *testing.T) { run(t, exec.Command(session, "caching", "in-process")) })
}

// TestGoRedisNewer is of what no stock server of the oracle's version knows.
func TestGoRedisNewer(t *testing.T) {
	run(t, exec.Command(goRedis(t), "newer", testutil.Subject(t).Addr))
}

// TestGoRedisCaching and TestRueidisCaching are of clients that keep what they read, and are told
// when it changes.
func TestGoRedisCaching(t *testing.T) {
	run(t, exec.Command(goRedis(t), "caching", subject(t).Addr))
}

func TestRueidisCaching(t *testing.T) {
	run(t, exec.Command(buildSession(t, "rueidis"), subject(t).Addr))
}

var locked = []string{"--requirepass", "sesame"}

// thresholds are settings under which the same commands meet other encodings.
var thresholds = map[string][]string{
	"packed": nil,
	"rooted": {
		"--list-max-listpack-size", "1", "--hash-max-listpack-entries", "0", "--set-max-intset-entries", "0",
		"--zset-max-listpack-entries", "0", "--stream-node-max-entries", "1",
	},
}

// sameTranscripts runs a session against a stock server and the subject and compares
// what it prints. Sets are encoded as in 7.0, so that OBJECT ENCODING is the same too.
func sameTranscripts(t *testing.T, session func(addr string) *exec.Cmd) {
	for name, args := range thresholds {
		t.Run(name, func(t *testing.T) {
			want := transcript(t, session(testutil.Stock(t, args...).Addr))
			got := transcript(t, session(testutil.Subject(t, append([]string{"--set-max-listpack-entries", "0"}, args...)...).Addr))
			compareLines(t, got, want)
		})
	}
}

func transcript(t *testing.T, cmd *exec.Cmd) []string {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v", out, err)
	}
	return strings.Split(string(out), "\n")
}

func compareLines(t *testing.T, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d lines, the stock server makes %d", len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("line %d\n got %s\nwant %s", i+1, got[i], want[i])
		}
	}
}

// redisPy is the Python that has redis-py.
func redisPy(t *testing.T) string {
	t.Helper()
	python := testutil.Need(t, "/usr/bin/python3", "Debian package python3")
	if err := exec.Command(python, "-c", "import redis").Run(); err != nil {
		testutil.Missing(t, "the Python module redis (Debian package python3-redis)")
	}
	return python
}

// goRedis is the session of go-redis, built.
func goRedis(t *testing.T) string { return buildSession(t, "goredis") }

// buildSession builds the session of a Go client, which is a module in a folder of its own.
func buildSession(t *testing.T, dir string) string {
	t.Helper()
	session := filepath.Join(t.TempDir(), "session")
	build := exec.Command("go", "build", "-o", session, ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly")
	if out, err := build.CombinedOutput(); err != nil {
		testutil.Missing(t, "the Go module of "+dir+": "+string(out))
	}
	return session
}

func run(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}
