package clients

import (
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// What go-redis tests itself with: some hundred sessions against a server as new as it knows.

// suiteFiles are the files of it that need one server and nothing else, and those that they need in turn;
// suiteMain is edited. The others take minutes to compile.
var suiteFiles = []string{
	"acl_commands", "bitmap_commands", "commands", "csc_e2e", "hotkeys_commands", "iterator", "monitor", "pipeline", "pubsub",
	"redis", "tx", "command_recorder", "export", "osscluster", "re_endpoints",
}

const suiteMain = "main_test.go"

// suiteRest is what they use of the others.
const suiteRest = `package redis_test

import (
	"bytes"
	"context"

	"github.com/redis/go-redis/v9"
)

var ctx = context.Background()

func bigVal() []byte { return bytes.Repeat([]byte("*"), 128<<10) }

func WaitForIndexing(*redis.Client, string) {}
`

// suiteVersion is the newest Redis whose replies are expected. What XINFO STREAM tells of idempotent
// ids since 8.6 we tell where there are any.
const suiteVersion = "8.4"

// suiteLeast is how many sessions there are at least, so that none are lost unseen.
const suiteLeast = 500

// suiteSkips are sessions of what there is not, by reason. An entry is a regular expression.
var suiteSkips = map[string][]string{
	"needs scripts":       {`\bEval`, `Functions`, `wrapped error in a hook`, `Should CommandGetKeys$`, `ScriptServerSHA`},
	"needs replication":   {`should Wait`, `should SlaveOf`, `should ReplicaOf`},
	"needs persistence":   {`should LastSave`, `should Save`, `should Dump`, `should Restore`, `should Migrate`},
	"needs modules":       {`[mM]odule`, `FT DIALECT`},
	"needs a config file": {`should ConfigRewrite`},
	"dials a fixed port":  {`Credentials Provider Priority`},
	"needs a cluster":     {`Cluster`, `cluster`},
}

// suiteEdits are the places where the suite wants more servers than the files above need, or one on
// a port of its own.
var suiteEdits = [][2]string{
	{`redisStackPort = "6379"`, `redisStackPort = os.Getenv("SUITE_PORT")`},
	{"if !RECluster {\n\t\tringShard1,", "if false {\n\t\tringShard1,"},
	{"if !RECluster {\n\t\tExpect(cluster.Close())", "if false {\n\t\tExpect(cluster.Close())"},
}

var suitePassed = regexp.MustCompile(`(\d+) Passed`)

func TestGoRedisSuite(t *testing.T) {
	if testing.Short() {
		t.Skip("long")
	}
	binary := goRedisSuite(t)
	_, port, _ := net.SplitHostPort(testutil.Subject(t).Addr)
	var skips []string
	for _, of := range suiteSkips {
		skips = append(skips, of...)
	}
	cmd := exec.Command(binary, "-test.run", "^TestGinkgoSuite$", "-ginkgo.no-color", "-ginkgo.timeout", "4m", "-ginkgo.skip-file", "osscluster",
		"-ginkgo.skip", strings.Join(skips, "|"))
	cmd.Env = append(os.Environ(), "SUITE_PORT="+port, "REDIS_VERSION="+suiteVersion)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s\n%v", out, err)
	}
	passed := 0
	if m := suitePassed.FindSubmatch(out); m != nil {
		passed, _ = strconv.Atoi(string(m[1]))
	}
	if passed < suiteLeast {
		t.Errorf("%d sessions passed, want %d\n%s", passed, suiteLeast, out)
	}
}

// goRedisSuite builds the suite, from a copy: the module cache is nobody's to change.
func goRedisSuite(t *testing.T) string {
	t.Helper()
	list := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/redis/go-redis/v9")
	list.Dir = "goredis"
	source, err := list.Output()
	if err != nil {
		testutil.Missing(t, "the Go module of go-redis: "+err.Error())
	}
	dir := filepath.Join(t.TempDir(), "suite")
	copySuite(t, os.DirFS(strings.TrimSpace(string(source))), dir)
	editSuite(t, filepath.Join(dir, suiteMain))
	build := exec.Command("go", "test", "-c", "-trimpath", "-o", "suite.test", ".")
	build.Dir = dir
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly")
	if out, err := build.CombinedOutput(); err != nil {
		testutil.Missing(t, "what go-redis tests itself with: "+string(out))
	}
	return filepath.Join(dir, "suite.test")
}

// copySuite copies the library, and of its tests those that are wanted.
func copySuite(t *testing.T, from fs.FS, to string) {
	t.Helper()
	if err := os.CopyFS(to, from); err != nil {
		testutil.Missing(t, "the source of go-redis: "+err.Error())
	}
	tests, _ := filepath.Glob(filepath.Join(to, "*_test.go"))
	for _, file := range tests {
		name := filepath.Base(file)
		if name != suiteMain && !slices.Contains(suiteFiles, strings.TrimSuffix(name, "_test.go")) {
			os.Remove(file)
		}
	}
	if err := os.WriteFile(filepath.Join(to, "rest_test.go"), []byte(suiteRest), 0o600); err != nil {
		t.Fatal(err)
	}
}

func editSuite(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, edit := range suiteEdits {
		if strings.Count(string(text), edit[0]) != 1 {
			t.Fatalf("%s has not once %q", file, edit[0])
		}
		text = []byte(strings.Replace(string(text), edit[0], edit[1], 1))
	}
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
