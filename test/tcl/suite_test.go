package tcl

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

const (
	root     = "../.."
	skipList = "skiplist.txt"
	suite    = root + "/.cache/redis-7.0.15"

	basePort  = 21111
	portCount = 400

	// unitTimeout ends a unit that hangs. The slowest takes about 20 seconds.
	unitTimeout = 3 * time.Minute
)

// units are the parts of the suite that concern what the server has so far. The
// tags leave out whole blocks; a block has no name that skiplist.txt could give.
var units = []struct{ name, tags string }{
	{"unit/type/string", "-needs:repl"},
	{"unit/type/incr", ""},
	{"unit/type/list", ""},
	{"unit/type/list-2", ""},
	{"unit/type/list-3", ""},
	{"unit/type/set", ""},
	{"unit/type/zset", ""},
	{"unit/type/hash", ""},
	{"unit/type/stream", ""},
	{"unit/type/stream-cgroups", ""},
	{"unit/sort", ""},
	{"unit/bitops", ""},
	{"unit/bitfield", "-repl"},
	{"unit/hyperloglog", ""},
	{"unit/geo", ""},
	{"unit/lazyfree", ""},
	{"unit/memefficiency", "-defrag"},
	{"unit/violations", ""},
	{"unit/expire", "-needs:repl"},
	{"unit/keyspace", ""},
	{"unit/scan", ""},
	{"unit/protocol", ""},
	{"unit/quit", ""},
	{"unit/querybuf", ""},
	{"unit/introspection", ""},
	{"unit/info", ""},
	{"unit/slowlog", ""},
	{"unit/latency-monitor", ""},
	{"unit/other", ""},
	{"unit/acl", ""},
	{"unit/acl-v2", ""},
	{"unit/auth", ""},
	{"unit/info-command", ""},
	{"unit/introspection-2", ""},
	{"unit/limits", ""},
	{"unit/maxmemory", ""},
	{"unit/client-eviction", ""},
	{"unit/networking", ""},
	{"unit/tracking", ""},
	{"unit/pause", "-needs:repl"},
	{"unit/multi", "-needs:repl"},
	{"unit/pubsub", ""},
	{"unit/pubsubshard", ""},
	{"unit/obuf-limits", ""},
	{"integration/redis-cli", ""},
	{"integration/redis-benchmark", ""},
}

// tools are the units about a tool. In them it is ours, like the server; elsewhere tools only help and are stock's.
var tools = map[string]string{
	"integration/redis-cli":       "redis-cli",
	"integration/redis-benchmark": "redis-benchmark",
}

// settings are what servers get for one unit.
var settings = map[string][]string{
	// What one client sees of another is in the order in which both were served.
	"unit/client-eviction": {"io-threads", "1"},
}

// isStock tells whether the server under test is the original.
func isStock(server string) bool { return strings.HasSuffix(server, "/redis-server") }

func isUnit(name string) bool {
	for _, u := range units {
		if u.name == name {
			return true
		}
	}
	return false
}

func TestMain(m *testing.M) { testutil.Main(m) }

// tally counts the outcomes of one unit for the table at the end.
type tally struct {
	unit                    string
	passed, failed, skipped int
}

// TestSuite runs the units. REDSTART_TCL=1 turns it on (make tcl sets it) and
// REDSTART_TCL_UNIT limits it to one unit. REDSTART_TCL_ALL=1 runs what the skip list
// names too, to see what of it would pass by now; with REDSTART_BIN=redis-server it
// checks this runner against stock Redis, which passes everything.
func TestSuite(t *testing.T) {
	if os.Getenv("REDSTART_TCL") == "" {
		t.Skip("the suite takes minutes: `make tcl` runs it")
	}
	testutil.Need(t, "tclsh", "Debian package tcl")
	fetch(t)
	server, skips := testutil.Binary(t), skipsToday(t)

	var tallies []tally
	for i, u := range units {
		if only := os.Getenv("REDSTART_TCL_UNIT"); only != "" && only != u.name {
			continue
		}
		t.Run(u.name, func(t *testing.T) {
			dir := runDirectory(t, server, u.name)
			output := runUnit(t, dir, u.name, u.tags, skipsOf(skips, u.name), basePort+i*portCount)
			for tries := 0; portTaken(output) && tries < 3; tries++ {
				output = runUnit(t, dir, u.name, u.tags, skipsOf(skips, u.name), basePort+(i+tries)*portCount+portCount/2)
			}
			tallies = append(tallies, judge(t, u.name, output, skipsOf(skips, u.name)))
		})
	}
	printTable(tallies)
}

// TestToolsWithStock runs the units about our tools once more, with a stock server,
// which lacks nothing: all of them pass.
func TestToolsWithStock(t *testing.T) {
	if os.Getenv("REDSTART_TCL") == "" {
		t.Skip("the suite takes minutes: `make tcl` runs it")
	}
	testutil.Need(t, "tclsh", "Debian package tcl")
	fetch(t)
	server := testutil.Need(t, "redis-server", "Debian package redis-server")
	if isStock(testutil.Binary(t)) {
		t.Skip("the tools are not ours")
	}
	var tallies []tally
	for i, u := range units {
		only := os.Getenv("REDSTART_TCL_UNIT")
		if tools[u.name] == "" || only != "" && only != u.name {
			continue
		}
		t.Run(u.name, func(t *testing.T) {
			dir := runDirectory(t, server, "")
			tool := filepath.Join(dir, "src", tools[u.name])
			if err := os.Remove(tool); err != nil {
				t.Fatal(err)
			}
			link(t, testutil.Binary(t), tool)
			output := runUnit(t, dir, u.name, u.tags, nil, basePort+i*portCount)
			tallies = append(tallies, judge(t, u.name, output, nil))
		})
	}
	printTable(tallies)
}

// fetch gets the suite unless an earlier run left it in the cache.
func fetch(t *testing.T) {
	t.Helper()
	out, err := exec.Command(root+"/scripts/fetch-redis-suite", suite).CombinedOutput()
	if err != nil {
		testutil.Missing(t, "the test suite of Redis: "+strings.TrimSpace(string(out)))
	}
}

// skipsToday returns the skip list, or nothing where all tests are asked for.
func skipsToday(t *testing.T) []*skip {
	t.Helper()
	if os.Getenv("REDSTART_TCL_ALL") != "" {
		return nil
	}
	skips, err := readSkips(skipList)
	if err != nil {
		t.Fatal(err)
	}
	return skips
}

// runDirectory links the suite and the programs together the way Redis's source tree
// has them. Its path is short because the servers put their unix sockets in it.
func runDirectory(t *testing.T, server, unit string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "redstart-tcl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("logs of the servers are kept in %s/tests/tmp", dir)
		} else {
			os.RemoveAll(dir)
		}
	})
	for _, sub := range []string{"src", "tests/tmp"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	link(t, server, filepath.Join(dir, "src/redis-server"))
	for _, tool := range []string{"redis-cli", "redis-benchmark"} {
		target := testutil.Need(t, tool, "Debian package redis-tools")
		if tools[unit] == tool && !isStock(server) {
			target = server
		}
		link(t, target, filepath.Join(dir, "src", tool))
	}
	parts, err := filepath.Glob(suite + "/tests/*")
	if err != nil || len(parts) == 0 {
		t.Fatalf("the suite in %s is empty (%v)", suite, err)
	}
	for _, part := range parts {
		if filepath.Base(part) != "tmp" {
			link(t, part, filepath.Join(dir, "tests", filepath.Base(part)))
		}
	}
	return dir
}

func link(t *testing.T, target, name string) {
	t.Helper()
	abs, err := filepath.Abs(target)
	if err == nil {
		err = os.Symlink(abs, name)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// runUnit runs one unit, with extra options of the suite, and returns what it printed.
func runUnit(t *testing.T, dir, unit, tags string, skips []*skip, port int, extra ...string) string {
	t.Helper()
	var names bytes.Buffer
	for _, s := range skips {
		fmt.Fprintln(&names, s.test)
	}
	if err := os.WriteFile(filepath.Join(dir, "skipfile"), names.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), unitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tclsh", "tests/test_helper.tcl", "--single", unit,
		"--durable", "--clients", "1", "--dont-clean", "--skipfile", "skipfile",
		"--baseport", strconv.Itoa(port), "--portcount", strconv.Itoa(portCount))
	cmd.Args = append(cmd.Args, extra...)
	if tags != "" {
		cmd.Args = append(cmd.Args, "--tags", tags)
	}
	if server, _ := os.Readlink(filepath.Join(dir, "src/redis-server")); !isStock(server) {
		// The suite expects 7.0's encodings, which have no packed sets.
		cmd.Args = append(cmd.Args, "--config", "set-max-listpack-entries", "0")
	}
	if own := settings[unit]; own != nil {
		cmd.Args = append(append(cmd.Args, "--config"), own...)
	}
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "TERM=dumb")
	// The servers are grandchildren: the whole process group ends with the unit.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second
	output, err := cmd.CombinedOutput()
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if ctx.Err() != nil {
		t.Errorf("the unit took more than %v", unitTimeout)
	}
	// The suite exits with 1 after a failed test: parseOutput finds those.
	t.Logf("%s: %v", unit, err)
	return string(output)
}

// portTaken tells whether the suite did not even begin: its control socket uses a port
// near the first one, and fails when somebody's outgoing connection has it.
func portTaken(output string) bool {
	return strings.Contains(output, "couldn't open socket: address already in use") &&
		!strings.Contains(output, "[ready]")
}

// judge reports each test of the unit as a subtest, and entries without a test.
func judge(t *testing.T, unit, output string, skips []*skip) tally {
	outcomes, done := parseOutput(output)
	if !done {
		t.Errorf("the unit did not run to its end:\n%s", tail(output, 40))
	}
	result := tally{unit: unit}
	used := map[*skip]bool{}
	for _, o := range outcomes {
		switch o.status {
		case "ok":
			result.passed++
			t.Run(o.test, func(t *testing.T) {})
		case "skip", "ignore":
			result.skipped++
			t.Run(o.test, func(t *testing.T) { t.Skip(reasonFor(skips, o.test)) })
			for _, s := range skips {
				used[s] = used[s] || s.matches(o.test)
			}
		case "err", "exception", "TIMEOUT":
			result.failed++
			t.Run(o.test, func(t *testing.T) { t.Error(o.detail) })
		}
	}
	for _, s := range skips {
		if done && !used[s] {
			t.Errorf("%s:%d: no test is called %q any more", skipList, s.line, s.test)
		}
	}
	return result
}

// tail returns the last n lines.
func tail(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func printTable(tallies []tally) {
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "unit\tpassed\tfailed\tskipped\t")
	sum := tally{unit: "all"}
	for _, r := range tallies {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", r.unit, r.passed, r.failed, r.skipped)
		sum.passed += r.passed
		sum.failed += r.failed
		sum.skipped += r.skipped
	}
	fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", sum.unit, sum.passed, sum.failed, sum.skipped)
	w.Flush()
}
