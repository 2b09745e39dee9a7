package tcl

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
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

	// A unit's servers get the ports from its own first one, what controls the suite some before it.
	basePort   = 21111
	portStride = 200
	portCount  = 160

	// unitTimeout ends a unit that hangs. The slowest computes for two minutes in Tcl, on a slow machine for four.
	unitTimeout = 8 * time.Minute
	attempts    = 3 // to find free ports
)

// unit is a part of the suite.
type unit struct {
	name string
	tags string // leave out whole blocks; a block has no name that skiplist.txt could give
	busy bool   // it computes much in Tcl and times nothing: it can run beside others
}

// units are those that concern what the server has so far.
var units = []unit{
	{name: "unit/type/string", tags: "-needs:repl", busy: true},
	{name: "unit/type/incr", busy: true},
	{name: "unit/type/list"},
	{name: "unit/type/list-2", busy: true},
	{name: "unit/type/list-3", busy: true},
	{name: "unit/type/set", busy: true},
	{name: "unit/type/zset", busy: true},
	{name: "unit/type/hash", busy: true},
	{name: "unit/type/stream"},
	{name: "unit/type/stream-cgroups"},
	{name: "unit/sort", busy: true},
	{name: "unit/bitops", busy: true},
	{name: "unit/bitfield", tags: "-repl", busy: true},
	{name: "unit/hyperloglog", busy: true},
	{name: "unit/geo", busy: true},
	{name: "unit/lazyfree"},
	{name: "unit/memefficiency", tags: "-defrag"},
	{name: "unit/violations"},
	{name: "unit/expire", tags: "-needs:repl"},
	{name: "unit/keyspace"},
	{name: "unit/scan"},
	{name: "unit/protocol"},
	{name: "unit/quit"},
	{name: "unit/querybuf"},
	{name: "unit/introspection"},
	{name: "unit/info"},
	{name: "unit/slowlog"},
	{name: "unit/latency-monitor"},
	{name: "unit/other"},
	{name: "unit/acl"},
	{name: "unit/acl-v2"},
	{name: "unit/auth"},
	{name: "unit/info-command"},
	{name: "unit/introspection-2"},
	{name: "unit/limits"},
	{name: "unit/maxmemory"},
	{name: "unit/client-eviction"},
	{name: "unit/networking"},
	{name: "unit/tracking"},
	{name: "unit/pause", tags: "-needs:repl"},
	{name: "unit/multi", tags: "-needs:repl"},
	{name: "unit/pubsub"},
	{name: "unit/pubsubshard"},
	{name: "unit/obuf-limits"},
	{name: "integration/redis-cli"},
	{name: "integration/redis-benchmark"},
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

// tally counts the outcomes of one unit for the table at the end.
type tally struct {
	unit                    string
	passed, failed, skipped int
}

func named(units []unit, name string) bool {
	return slices.ContainsFunc(units, func(u unit) bool { return u.name == name })
}

func TestMain(m *testing.M) { testutil.Main(m) }

// plan is how units are run.
type plan struct {
	server  string
	skips   []*skip
	options []string                               // of the suite, beside those that every unit gets
	prepare func(t *testing.T, dir string, u unit) // puts what else is needed into the run directory; may be nil
}

// TestSuite runs the units. REDSTART_TCL=1 turns it on (make tcl sets it) and
// REDSTART_TCL_UNIT limits it to one unit. REDSTART_TCL_ALL=1 runs what the skip list
// names too, to see what of it would pass by now; with REDSTART_BIN=redis-server it
// checks this runner against stock Redis, which passes everything.
func TestSuite(t *testing.T) {
	needSuite(t)
	plan{server: testutil.Binary(t), skips: skipsToday(t)}.run(t, units)
}

// TestToolsWithStock runs the units about our tools once more, with a stock server,
// which lacks nothing: all of them pass.
func TestToolsWithStock(t *testing.T) {
	needSuite(t)
	if isStock(testutil.Binary(t)) {
		t.Skip("the tools are not ours")
	}
	var aboutTools []unit
	for _, u := range units {
		if tools[u.name] != "" {
			aboutTools = append(aboutTools, u)
		}
	}
	ourTool := func(t *testing.T, dir string, u unit) {
		tool := filepath.Join(dir, "src", tools[u.name])
		if err := os.Remove(tool); err != nil {
			t.Fatal(err)
		}
		link(t, testutil.Binary(t), tool)
	}
	stock := testutil.Need(t, "redis-server", "Debian package redis-server")
	plan{server: stock, prepare: ourTool}.run(t, aboutTools)
}

// needSuite skips the test, or fails it in CI, where the suite cannot run.
func needSuite(t *testing.T) {
	t.Helper()
	if os.Getenv("REDSTART_TCL") == "" {
		t.Skip("the suite takes minutes: `make tcl` runs it")
	}
	testutil.Need(t, "tclsh", "Debian package tcl")
	fetch(t)
}

// run runs the units and prints a table of them: the busy ones in a row, and beside them the others in a row.
func (p plan) run(t *testing.T, units []unit) {
	tallies := make([]tally, len(units))
	row := func(busy bool) {
		for i, u := range units {
			if only := os.Getenv("REDSTART_TCL_UNIT"); u.busy != busy || only != "" && only != u.name {
				continue
			}
			t.Run(u.name, func(t *testing.T) { tallies[i] = p.runUnit(t, u, i) })
		}
	}
	var beside sync.WaitGroup
	beside.Go(func() { row(true) })
	row(false)
	beside.Wait()
	printTable(tallies)
}

// runUnit runs the unit, the place'th of all, and again with other ports if it could not begin with those.
func (p plan) runUnit(t *testing.T, u unit, place int) tally {
	output := p.attempt(t, u, basePort+place*portStride)
	for n := 1; n < attempts && portTaken(output); n++ {
		output = p.attempt(t, u, basePort+(place+n*len(units))*portStride)
	}
	return judge(t, u.name, output, skipsOf(p.skips, u.name))
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

// attempt runs the unit once and returns what the suite printed.
func (p plan) attempt(t *testing.T, u unit, port int) string {
	t.Helper()
	dir := runDirectory(t, p.server, u.name)
	if p.prepare != nil {
		p.prepare(t, dir, u)
	}
	var names bytes.Buffer
	for _, s := range skipsOf(p.skips, u.name) {
		fmt.Fprintln(&names, s.test)
	}
	if err := os.WriteFile(filepath.Join(dir, "skipfile"), names.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), unitTimeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, "tclsh", "tests/test_helper.tcl", "--single", u.name,
		"--durable", "--clients", "1", "--dont-clean", "--skipfile", "skipfile",
		"--baseport", strconv.Itoa(port), "--portcount", strconv.Itoa(portCount))
	cmd.Args = append(cmd.Args, p.options...)
	if u.tags != "" {
		cmd.Args = append(cmd.Args, "--tags", u.tags)
	}
	if !isStock(p.server) {
		// The suite expects 7.0's encodings, which have no packed sets.
		cmd.Args = append(cmd.Args, "--config", "set-max-listpack-entries", "0")
	}
	if own := settings[u.name]; own != nil {
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
	t.Logf("%s: %v", u.name, err)
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
	line := func(r tally) {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t\n", r.unit, r.passed, r.failed, r.skipped)
	}
	for _, r := range tallies {
		if r.unit == "" {
			continue
		}
		line(r)
		sum.passed += r.passed
		sum.failed += r.failed
		sum.skipped += r.skipped
	}
	line(sum)
	w.Flush()
}
