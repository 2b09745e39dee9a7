package compat

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// sides are values on both sides of the thresholds of encodings, and defaults.
var sides = map[string][]string{
	"hash-max-listpack-entries": {"0", "2", "512"},
	"hash-max-listpack-value":   {"2", "64"},
	"list-max-listpack-size":    {"1", "3", "-1", "-2"},
	"set-max-intset-entries":    {"0", "3", "512"},
	"zset-max-listpack-entries": {"0", "2", "128"},
	"zset-max-listpack-value":   {"2", "64"},
	"stream-node-max-entries":   {"1", "3", "100"},
	"hll-sparse-max-bytes":      {"0", "30", "3000"},
}

func drawSettings(r *rand.Rand) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(sides)) {
		words = append(words, name, sides[name][r.IntN(len(sides[name]))])
	}
	return strings.Join(words, " ")
}

var (
	seedFlag     = flag.Uint64("seed", 0, "seed of the random sequences; 0: a new one")
	sequences    = flag.Int("sequences", 12, "how many random sequences to run")
	sequenceSize = flag.Int("size", 2000, "commands in each")
)

// burstSize is how many commands are sent at once, where they are not sent one by one: more than a
// server runs without looking up.
const burstSize = 100

// TestRandomSequences runs sequences from the grammar on both servers, every other one in pipelines. The
// seed is printed; -seed and -sequences=1 repeat one.
func TestRandomSequences(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	p := newPair(t, 2)
	runs := *sequences
	if testutil.RaceEnabled {
		runs = (runs + 3) / 4 // the race detector is slow, and one connection races little
	}
	for i := range runs {
		r := rand.New(rand.NewPCG(seed+uint64(i), 1))
		grammar, settings := stringGrammar, ""
		if r.IntN(4) > 0 {
			grammar, settings = drawGrammar(r), drawSettings(r)
		}
		burst := 1
		if (seed+uint64(i))%2 == 0 {
			burst = burstSize
		}
		t.Logf("-seed=%d %s, %d at once", seed+uint64(i), settings, burst)
		p.configure(settings)
		steps := sequence(r, grammar, *sequenceSize)
		problem := p.replay(steps, burst)
		if problem == "" {
			continue
		}
		t.Errorf("-seed=%d differs %s", seed+uint64(i), problem)
		small := shrink(steps, func(s []step) bool { return p.replay(s, burst) != "" })
		t.Fatalf("the smallest part that differs:\n%s\n%s", listing(small), p.replay(small, burst))
	}
}

func listing(steps []step) string {
	var b strings.Builder
	for _, st := range steps {
		fmt.Fprintf(&b, "  %s\n", st.source)
	}
	return b.String()
}

// replay runs steps from empty servers on new connections, then compares the keyspaces. Up to
// burst commands are sent before their replies are read.
func (p *pair) replay(steps []step, burst int) string {
	for _, s := range p.sides {
		for s.name = range s.conns {
			s.close()
		}
		if err := p.use(s, "main"); err != nil {
			p.t.Fatal(err)
		}
		s.conn().Must(p.t, "FLUSHALL")
	}
	for len(steps) > 0 {
		n := 1
		for n < burst && n < len(steps) && steps[n-1].plain() && steps[n].plain() {
			n++
		}
		st, problem, err := steps[0], "", error(nil)
		if n > 1 {
			st, problem, err = p.runBurst(steps[:n])
		} else {
			problem, err = p.run(st)
		}
		if err != nil {
			problem = err.Error()
		}
		if problem != "" {
			return fmt.Sprintf("at %s\n%s", st.source, problem)
		}
		steps = steps[n:]
	}
	return p.compareKeyspaces()
}

// plain says whether a step is a command that may be sent before the reply of the one before is read.
func (st step) plain() bool {
	return st.action == "command" && !st.mode.scan && !st.mode.eof && !st.mode.exits
}

// runBurst is run for steps that are sent at once. It returns the first step whose replies differ.
func (p *pair) runBurst(steps []step) (st step, problem string, err error) {
	now := time.Now()
	for _, s := range p.sides {
		if err := p.use(s, s.name); err != nil {
			return steps[0], "", err
		}
		var burst []byte
		for _, st := range steps {
			words, err := s.expandAll(st.args, now)
			if err != nil {
				return st, "", err
			}
			burst = testutil.AppendCommand(burst, words...)
		}
		if err := s.conn().SendRaw(burst); err != nil {
			return steps[0], "", err
		}
	}
	for _, st := range steps {
		want, got := p.sides[0].receive(st.mode), p.sides[1].receive(st.mode)
		if err := errors.Join(want.err, got.err); err != nil {
			return st, "", err
		}
		if problem := st.mode.judge(want, got); problem != "" {
			return st, problem, nil
		}
	}
	return steps[0], "", nil
}

// compareKeyspaces compares everything that can be seen of every key.
func (p *pair) compareKeyspaces() string {
	var conns [2]*testutil.Conn
	for i, s := range p.sides {
		conns[i] = s.server.Dial(p.t)
		defer conns[i].Close()
	}
	for db := range 16 {
		for _, c := range conns {
			c.Must(p.t, "SELECT", fmt.Sprint(db))
		}
		keys := conns[0].Must(p.t, "KEYS", "*")
		if problem := compareWith(conns, p.t, mode{compare: "unordered"}, "KEYS", "*"); problem != "" {
			return fmt.Sprintf("db %d: %s", db, problem)
		}
		for _, key := range keys.Elem {
			if problem := compareKey(conns, p.t, key.Text); problem != "" {
				return fmt.Sprintf("db %d: %s", db, problem)
			}
		}
	}
	return compareWith(conns, p.t, mode{}, "DEBUG", "DIGEST")
}

func compareKey(conns [2]*testutil.Conn, t testing.TB, key string) string {
	return compareWith(conns, t, mode{}, "GET", key) +
		compareWith(conns, t, mode{}, "TYPE", key) +
		compareWith(conns, t, mode{}, "LRANGE", key, "0", "-1") +
		compareWith(conns, t, mode{compare: "unordered"}, "SMEMBERS", key) +
		compareWith(conns, t, mode{compare: "pairs"}, "HGETALL", key) +
		compareWith(conns, t, mode{}, "ZRANGE", key, "0", "-1", "WITHSCORES") +
		compareWith(conns, t, mode{}, "XRANGE", key, "-", "+") +
		compareWith(conns, t, streamInfo, "XINFO", "STREAM", key, "FULL") +
		compareWith(conns, t, mode{}, "OBJECT", "ENCODING", key) +
		compareWith(conns, t, mode{compare: "approx", param: "2000"}, "PEXPIRETIME", key)
}

// streamInfo leaves out of XINFO what depends on time and on the structure,
// and consumers, which newer versions make of readers that get nothing.
var streamInfo = mode{compare: "contains", param: "radix-tree-keys radix-tree-nodes seen-time consumers"}

func compareWith(conns [2]*testutil.Conn, t testing.TB, m mode, args ...string) string {
	want, got := conns[0].Must(t, args...), conns[1].Must(t, args...)
	if m.same(want, got) {
		return ""
	}
	return fmt.Sprintf("%q in the end:\n%s", args, m.explain(want, got))
}

// shrink drops what is not needed for fails to hold: pieces of half the
// length, then of a quarter, and so on down to single steps. It gives up after
// a number of tries, so that a failure is reported even if it is slow.
func shrink(steps []step, fails func([]step) bool) []step {
	tries := 400
	for size := (len(steps) + 1) / 2; size > 0; size /= 2 {
		for at := 0; at < len(steps) && tries > 0; tries-- {
			rest := append(append([]step(nil), steps[:at]...), steps[min(at+size, len(steps)):]...)
			if fails(rest) {
				steps = rest
			} else {
				at += size
			}
		}
	}
	return steps
}

// TestShrink: the search finds the two steps that matter.
func TestShrink(t *testing.T) {
	steps := sequence(rand.New(rand.NewPCG(1, 1)), stringGrammar, 500)
	small := shrink(steps, func(s []step) bool {
		var has17, has333 bool
		for _, st := range s {
			has17, has333 = has17 || st.line == 17, has333 || st.line == 333
		}
		return has17 && has333
	})
	if len(small) != 2 || small[0].line != 17 || small[1].line != 333 {
		t.Errorf("shrunk to %d steps:\n%s", len(small), listing(small))
	}
}

// TestComparisonsFail: each comparison tells what it should.
func TestComparisonsFail(t *testing.T) {
	parse := func(s string) testutil.Reply {
		r, err := testutil.ParseReply(s)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, c := range []struct {
		m    mode
		a, b string
		same bool
	}{
		{mode{}, ":1\r\n", ":1\r\n", true},
		{mode{}, ":1\r\n", "+1\r\n", false},
		{mode{compare: "unordered"}, "*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:1\r\n", true},
		{mode{compare: "unordered"}, "*2\r\n:1\r\n:2\r\n", "*2\r\n:2\r\n:2\r\n", false},
		{mode{compare: "unordered"}, "%2\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "%2\r\n:1\r\n:4\r\n:3\r\n:2\r\n", false},
		{mode{compare: "shape"}, "*2\r\n:1\r\n$1\r\nx\r\n", "*2\r\n:7\r\n$2\r\nxy\r\n", true},
		{mode{compare: "shape"}, "*1\r\n:1\r\n", "*2\r\n:1\r\n:1\r\n", false},
		{mode{compare: "pairs"}, "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "*4\r\n:3\r\n:4\r\n:1\r\n:2\r\n", true},
		{mode{compare: "pairs"}, "*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "*4\r\n:1\r\n:4\r\n:3\r\n:2\r\n", false},
		{mode{compare: "pairs"}, "*2\r\n$1\r\n0\r\n*2\r\n:1\r\n:2\r\n", "*2\r\n$1\r\n0\r\n*2\r\n:2\r\n:1\r\n", false},
		{mode{compare: "pending"}, "*1\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "*1\r\n*4\r\n:1\r\n:2\r\n:9\r\n:4\r\n", true},
		{mode{compare: "pending"}, "*1\r\n*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", "*1\r\n*4\r\n:1\r\n:2\r\n:3\r\n:5\r\n", false},
		{mode{compare: "fields"}, "$7\r\na:1 b:2\r\n", "$11\r\na:3 b:9 c:1\r\n", true},
		{mode{compare: "fields"}, "$7\r\na:1 b:2\r\n", "$3\r\na:1\r\n", false},
		{mode{compare: "approx", param: "2"}, ":10\r\n", ":12\r\n", true},
		{mode{compare: "approx", param: "2"}, ":10\r\n", ":13\r\n", false},
		{mode{compare: "approx", param: "2"}, ":-1\r\n", ":0\r\n", false},
		{mode{compare: "mask", param: `\d+`}, "+a1\r\n", "+a22\r\n", true},
		{mode{compare: "mask", param: `\d+`}, "+a1\r\n", "+b1\r\n", false},
	} {
		if got := c.m.same(parse(c.a), parse(c.b)); got != c.same {
			t.Errorf("%+v: %q and %q: %v", c.m, c.a, c.b, got)
		}
	}
}
