package session

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/latency"
	"github.com/redstart-db/redstart/internal/testutil"
)

// testSleeps are commands that take as many milliseconds as their second word
// says. Of the first that is known, of the others not.
var testSleeps = []*cmdspec.Spec{
	{Name: "tsleep", Arity: 2, Complexity: "O(N)", Run: runTestSleep},
	{Name: "tquick", Arity: -2, Complexity: "O(1)", Run: runTestSleep},
	{Name: "tfast", Arity: 2, Flags: cmdspec.Fast, Run: runTestSleep},
}

func runTestSleep(c *cmdspec.Ctx) error {
	n, _ := cmdspec.ParseInt(c.Argv[1])
	time.Sleep(time.Duration(n) * time.Millisecond) // what is measured
	c.Reply.OK()
	return nil
}

// entries are the commands of a log, the newest first.
func (l *commandLog) commands() (lines []string) {
	for _, e := range l.last(-1) {
		words := make([]string, len(e.argv))
		for i, w := range e.argv {
			words[i] = string(w)
		}
		lines = append(lines, strings.Join(words, " "))
	}
	return lines
}

func wantLog(t *testing.T, l *commandLog, want ...string) {
	t.Helper()
	if got := l.commands(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("logged: %q, want %q", got, want)
	}
}

func TestSlowCommandInPipelineIsTheOneLogged(t *testing.T) {
	s := startServer(t, 1)
	s.SetLog(LogSlow, 40000, 128)
	c := s.dial(t)
	fast := strings.Repeat("GET k\r\n", 20)
	c.SendRaw([]byte("SET k v\r\n" + fast + "TSLEEP 50\r\n" + fast + "TQUICK 51\r\nSET k v\r\nTFAST 52\r\n" + fast))
	for range 64 {
		if _, err := c.Receive(); err != nil {
			t.Fatal(err)
		}
	}
	wantLog(t, &s.logs[LogSlow], "TFAST 52", "TQUICK 51", "TSLEEP 50")
	for _, e := range s.logs[LogSlow].last(-1) {
		if e.amount < 50000 || e.amount > 5e6 || e.addr != c.LocalAddr().String() {
			t.Errorf("entry %+v", e)
		}
	}
	if n := s.Stats().Slow; n.Count != 3 || n.Sum < 150000 || n.Max < 52000 {
		t.Errorf("totals %+v", n)
	}
}

// Within a run of equal quick commands nobody knows which was slow: nothing is
// logged, but then each command is measured.
func TestSlowRunMakesTheNextCommandsMeasured(t *testing.T) {
	s := startServer(t, 1)
	s.SetLog(LogSlow, 40000, 128)
	c := s.dial(t)
	run := "TQUICK 0 a\r\nTQUICK 50 b\r\nTQUICK 0 c\r\n"
	for range 2 {
		c.SendRaw([]byte(run))
		for range 3 {
			receive(t, c, "+OK\r\n")
		}
	}
	wantLog(t, &s.logs[LogSlow], "TQUICK 50 b")
}

func TestLowLimitLogsEachCommand(t *testing.T) {
	s := startServer(t, 1)
	s.SetLog(LogSlow, 0, 10)
	c := s.dial(t)
	c.SendRaw([]byte("SET a 1\r\nSET b 2\r\nSET c 3\r\nGET a\r\nGET b\r\nPING\r\n"))
	for range 6 {
		c.Receive()
	}
	wantLog(t, &s.logs[LogSlow], "PING", "GET b", "GET a", "SET c 3", "SET b 2", "SET a 1")
	s.SetLog(LogSlow, -1, 10)
	if s.gates.Load() != 0 {
		t.Error("the gate stays open")
	}
}

func TestLargeRequestsAndReplies(t *testing.T) {
	s := startServer(t, 1)
	s.SetLog(LogLargeRequest, 20000, 3)
	s.SetLog(LogLargeReply, 30000, 3)
	c := s.dial(t)
	big := strings.Repeat("x", 30000)
	c.Must(t, "SET", "k", big)
	c.Must(t, "SET", "k2", big[:19000])
	c.SendRaw([]byte("GET k2\r\nGET k2\r\nGET k\r\nGET k2\r\nTREPEAT 300 100000\r\nMULTI\r\nGET k2\r\nGET k\r\nEXEC\r\n"))
	for range 9 {
		c.Receive()
	}
	if got := s.logs[LogLargeRequest].commands(); len(got) != 1 || !strings.HasPrefix(got[0], "SET k x") || !strings.HasSuffix(got[0], "... (29872 more bytes)") {
		t.Errorf("large requests: %q", got)
	}
	wantLog(t, &s.logs[LogLargeReply], "GET k", "TREPEAT 300 100000", "GET k")
	for i, e := range s.logs[LogLargeReply].last(-1) {
		if i == 1 && e.amount < 15_000_000 || i != 1 && e.amount != 30010 {
			t.Errorf("%s has %d bytes", e.argv, e.amount)
		}
	}
	s.SetLog(LogLargeRequest, 20, 10)
	c.Must(t, "SET", "a", "1")
	c.Must(t, "PING")
	wantLog(t, &s.logs[LogLargeRequest], "SET a 1", s.logs[LogLargeRequest].commands()[1])
}

func TestLogKeepsItsLength(t *testing.T) {
	h := newTestHub(t)
	h.SetLog(LogSlow, 0, 3)
	l := h.Local()
	for i := range 100 {
		l.Do(argv("ECHO " + strconv.Itoa(i)))
	}
	wantLog(t, &h.logs[LogSlow], "ECHO 99", "ECHO 98", "ECHO 97")
	if e := h.logs[LogSlow].last(1); len(e) != 1 || e[0].id != 99 {
		t.Errorf("the last entry is %+v", e)
	}
	h.SetLog(LogSlow, 0, 0)
	l.Do(argv("PING"))
	wantLog(t, &h.logs[LogSlow])
}

func TestServedCommandIsMeasuredAlone(t *testing.T) {
	s := startServer(t, 1)
	s.SetLog(LogSlow, 0, 10)
	waiter, c := s.dial(t), s.dial(t)
	waiter.Send("TPOP", "q", "0")
	waitFor(t, s, 1)
	s.logs[LogSlow].reset()
	c.Must(t, "TPUSH", "q", "x")
	if _, err := waiter.Receive(); err != nil {
		t.Fatal(err)
	}
	wantLog(t, &s.logs[LogSlow], "TPOP q 0", "TPUSH q x")
}

// waitFor waits until n clients wait.
func waitFor(t *testing.T, s *testServer, n int64) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); s.Stats().Blocked != n; {
		if time.Now().After(deadline) {
			t.Fatalf("%d clients wait, want %d", s.Stats().Blocked, n)
		}
		time.Sleep(time.Millisecond) // nothing tells
	}
}

func TestLatencyEventsOfCommands(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	ask(t, c, "TSLEEP 20")
	s.ks.Latency.SetThreshold(15)
	ask(t, c, "TSLEEP 0")
	if l := s.ks.Latency.Latest(); len(l) != 0 {
		t.Errorf("events %v", l)
	}
	ask(t, c, "TSLEEP 20")
	ask(t, c, "TFAST 30")
	l := s.ks.Latency.Latest()
	if len(l) != 2 || l[0].Name != latency.Command || l[0].Max < 20 || l[1].Name != latency.FastCommand || l[1].Max < 30 {
		t.Errorf("events %v", l)
	}
}

func TestMonitorSeesEachClientInOrder(t *testing.T) {
	s := startServer(t, 2)
	m := s.dial(t)
	expect(t, m, "MONITOR", "+OK\r\n")
	const clients, each = 4, 500
	for i := range clients {
		c := s.dial(t)
		go func() {
			for n := range each {
				c.SendRaw([]byte(fmt.Sprintf("SET key %d:%d\r\n", i, n)))
			}
			for range each {
				c.Receive()
			}
		}()
	}
	var next [clients]int
	for range clients * each {
		r, err := m.Receive()
		if err != nil {
			t.Fatal(err)
		}
		var i, n int
		if _, err := fmt.Sscanf(r.Text[strings.Index(r.Text, `"SET"`):], `"SET" "key" "%d:%d"`, &i, &n); err != nil || n != next[i] {
			t.Fatalf("%q (%v), want number %d of client %d", r.Text, err, next[i], i)
		}
		next[i]++
	}
	c := s.dial(t)
	m.Close()
	for deadline := time.Now().Add(10 * time.Second); s.gates.Load() != 0; {
		if time.Now().After(deadline) {
			t.Fatal("nobody monitors, and the gate is open")
		}
		time.Sleep(time.Millisecond) // nothing tells
	}
	expect(t, c, "PING", "+PONG\r\n")
}

// Commands on one key are shown in the order in which they were executed.
func TestMonitorOrderIsThatOfExecution(t *testing.T) {
	s := startServer(t, 2)
	m := s.dial(t)
	expect(t, m, "MONITOR", "+OK\r\n")
	const clients, each = 4, 300
	done := make(chan map[string]string, clients) // reply of GETSET by its value
	for i := range clients {
		c := s.dial(t)
		go func() {
			got := map[string]string{}
			for n := range each {
				value := fmt.Sprintf("%d-%d", i, n)
				r, _ := c.Do("GETSET", "key", value)
				got[value] = r.Text
			}
			done <- got
		}()
	}
	before := map[string]string{}
	for range clients {
		for value, old := range <-done {
			before[value] = old
		}
	}
	last := ""
	for range clients * each {
		r, err := m.Receive()
		if err != nil {
			t.Fatal(err)
		}
		value := r.Text[strings.LastIndex(r.Text, ` "`)+2 : len(r.Text)-1]
		if before[value] != last {
			t.Fatalf("%s came after %s, shown after %s", value, before[value], last)
		}
		last = value
	}
}

func TestMonitorThatDoesNotReadIsClosed(t *testing.T) {
	s := startServer(t, 1)
	s.settings.OutputLimits[ClassNormal].set(1<<20, 0, 0)
	m, c := s.dial(t), s.dial(t)
	expect(t, m, "MONITOR", "+OK\r\n")
	big := strings.Repeat("x", 1<<19)
	for range 64 {
		c.Must(t, "ECHO", big)
	}
	if _, err := m.ReadToEOF(); err == nil && s.outputKills.Load() != 1 {
		t.Error("it is still there")
	}
}

func TestHotkeys(t *testing.T) {
	s := startServer(t, 2)
	c := s.dial(t)
	expect(t, c, "HOTKEYS GET", "$-1\r\n")
	expect(t, c, "HOTKEYS STOP", "$-1\r\n")
	for line, want := range map[string]string{
		"HOTKEYS START":                              errNoMetrics.Error(),
		"HOTKEYS START METRICS":                      errNoMetrics.Error(),
		"HOTKEYS START CPU 1":                        errNoMetrics.Error(),
		"HOTKEYS START METRICS 0":                    errMetrics.Error(),
		"HOTKEYS START METRICS -1 CPU":               errMetrics.Error(),
		"HOTKEYS START METRICS 3 CPU NET":            errMetrics.Error(),
		"HOTKEYS START METRICS 2 CPU":                errFewMetrics.Error(),
		"HOTKEYS START METRICS 1 GPU":                errNoMetric.Error(),
		"HOTKEYS START METRICS 2 CPU CPU":            errCPUTwice.Error(),
		"HOTKEYS START METRICS 2 NET NET":            errNetTwice.Error(),
		"HOTKEYS START METRICS 1 CPU NET":            "ERR syntax error",
		"HOTKEYS START METRICS 1 CPU COUNT":          "ERR syntax error",
		"HOTKEYS START METRICS 1 CPU COUNT 65":       errHotCount.Error(),
		"HOTKEYS START METRICS 1 CPU COUNT x":        errHotCount.Error(),
		"HOTKEYS START METRICS 1 CPU DURATION 0":     errHotLength.Error(),
		"HOTKEYS START METRICS 1 CPU SAMPLE 0":       errHotRatio.Error(),
		"HOTKEYS START METRICS 1 CPU SLOTS 1 0":      errHotSlots.Error(),
		"HOTKEYS START METRICS 1 CPU COUNT 5 FOO 1":  "ERR syntax error",
		"HOTKEYS START METRICS 1 CPU SAMPLE -1 FOO ": errHotRatio.Error(),
	} {
		expect(t, c, line, "-"+want+"\r\n")
	}
	expect(t, c, "HOTKEYS START METRICS 2 NET CPU COUNT 3", "+OK\r\n")
	expect(t, c, "HOTKEYS START METRICS 1 NET", "-"+errHuntOn.Error()+"\r\n")
	expect(t, c, "HOTKEYS RESET", "-"+errHuntActive.Error()+"\r\n")
	seed := rand.Uint64()
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	var pipeline []byte
	const n = 20000
	for range n {
		key := "cold" + strconv.Itoa(random.IntN(10000))
		if random.IntN(2) == 0 {
			key = "hot" + strconv.Itoa(random.IntN(3))
		}
		pipeline = testutil.AppendCommand(pipeline, "SET", key, "0123456789")
	}
	go c.SendRaw(pipeline)
	for range n {
		receive(t, c, "+OK\r\n")
	}
	expect(t, c, "HOTKEYS STOP", "+OK\r\n")
	r := c.Must(t, "HOTKEYS", "GET").Elem[0]
	fields := map[string]testutil.Reply{}
	for i := 0; i < len(r.Elem); i += 2 {
		fields[r.Elem[i].Text] = r.Elem[i+1]
	}
	for _, name := range []string{"by-cpu-time-us", "by-net-bytes"} {
		list := fields[name].Elem
		if len(list) != 6 {
			t.Fatalf("%s has %d elements", name, len(list))
		}
		for i := 0; i < 6; i += 2 {
			// Time passes while the thread does not run, too: any key may have much of it.
			if name == "by-net-bytes" && !strings.HasPrefix(list[i].Text, "hot") {
				t.Errorf("%s has %q", name, list[i].Text)
			}
		}
	}
	// A third of half of the commands went to each, of 43 bytes with their replies.
	if got, want := fields["by-net-bytes"].Elem[1].Int(), int64(n/6*43); got < want/2 || got > want*2 {
		t.Errorf("the hottest key has %d bytes, want about %d", got, want)
	}
	if total := fields["total-net-bytes"].Int(); total < n*43 {
		t.Errorf("all commands have %d bytes", total)
	}
	if fields["tracking-active"].Int() != 0 || s.gates.Load() != 0 {
		t.Error("the hunt goes on")
	}
	expect(t, c, "HOTKEYS START METRICS 1 CPU SAMPLE 7 DURATION 100", "+OK\r\n")
	if r := c.Must(t, "HOTKEYS", "GET").Elem[0]; len(r.Elem) != 20 || r.Elem[3].Int() != 7 {
		t.Errorf("GET with CPU alone: %q", r.Raw)
	}
	expect(t, c, "HOTKEYS STOP", "+OK\r\n")
	expect(t, c, "HOTKEYS RESET", "+OK\r\n")
	expect(t, c, "HOTKEYS GET", "$-1\r\n")
}

// A hunt ends by itself, too.
func TestHuntEndsAfterItsDuration(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	if !s.startHunt(&hunt{cpu: true, count: 1, ratio: 1}, time.Millisecond) {
		t.Fatal("it does not begin")
	}
	for deadline := time.Now().Add(10 * time.Second); c.Must(t, "HOTKEYS", "GET").Elem[0].Elem[1].Int() != 0; {
		if time.Now().After(deadline) {
			t.Fatal("it does not end")
		}
	}
}

func TestNotingAllocatesNothing(t *testing.T) {
	if testutil.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	h := newTestHub(t)
	h.SetLog(LogLargeReply, 1000, 10) // each command is measured
	h.startHunt(&hunt{cpu: true, net: true, count: 10, ratio: 1}, 0)
	l := h.Local()
	get, set := argv("GET k"), argv("SET k v")
	l.Do(set)
	if n := testing.AllocsPerRun(1000, func() { l.Do(get); l.Do(set) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
