package linear

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/redstart-db/redstart/internal/testutil"
)

var (
	seedFlag  = flag.Uint64("seed", 0, "seed of the histories; 0: a new one")
	subjectIs = flag.String("subject", "ours", "what to check: ours or stock")
	rounds    = flag.Int("rounds", 3, "how many histories of each kind")
)

func TestMain(m *testing.M) { testutil.Main(m) }

// A workload is a kind of history.
type workload struct {
	clients, commands int // of each client
	pipeline          int // at most so many commands are sent at once
	perKey            bool
	draw              func(r *rand.Rand, unique string) op
}

var workloads = map[string]workload{
	"single key":     {clients: 12, commands: 250, pipeline: 1, perKey: true, draw: drawSingle},
	"pipelined":      {clients: 6, commands: 300, pipeline: 6, perKey: true, draw: drawSingle},
	"counter":        {clients: 16, commands: 200, pipeline: 1, perKey: true, draw: drawCounter},
	"several keys":   {clients: 5, commands: 120, pipeline: 1, draw: drawMulti},
	"transactions":   {clients: 5, commands: 100, pipeline: 1, draw: drawTransaction},
	"rename to keys": {clients: 4, commands: 120, pipeline: 1, draw: drawMove},
}

func drawSingle(r *rand.Rand, unique string) op {
	key := fmt.Sprint("k", r.IntN(5))
	switch n := r.IntN(20); {
	case n < 7:
		return op{"GET", key}
	case n < 10:
		return op{"SET", key, unique}
	case n < 11:
		return op{"SETNX", key, unique}
	case n < 13:
		return op{"APPEND", key, unique[len(unique)-1:]}
	case n < 15:
		return op{"INCR", key}
	case n < 17:
		return op{"DEL", key}
	case n < 18:
		return op{"GETSET", key, unique}
	case n < 19:
		return op{"SET", key, "10"}
	}
	return op{"GETDEL", key}
}

func drawCounter(r *rand.Rand, unique string) op {
	key := fmt.Sprint("n", r.IntN(3))
	switch n := r.IntN(20); {
	case n < 12:
		return op{"INCR", key}
	case n < 18:
		return op{"GET", key}
	}
	return op{"DEL", key}
}

func drawMulti(r *rand.Rand, unique string) op {
	switch n := r.IntN(20); {
	case n < 8:
		return op{"MSET", "m0", unique, "m1", unique, "m2", unique}
	case n < 10:
		return op{"MSET", "m2", unique + "x", "m0", unique + "x"}
	case n < 18:
		return op{"MGET", "m2", "m1", "m0"}
	}
	return op{"SET", fmt.Sprint("m", r.IntN(3)), unique}
}

func drawMove(r *rand.Rand, unique string) op {
	a, b := fmt.Sprint("r", r.IntN(3)), fmt.Sprint("r", r.IntN(3))
	switch n := r.IntN(20); {
	case n < 5:
		return op{"SET", a, unique}
	case n < 10 && a != b:
		return op{"RENAME", a, b}
	case n < 13 && a != b:
		return op{"COPY", a, b}
	}
	return op{"MGET", "r0", "r1", "r2"}
}

// drawTransaction draws what WATCH and EXEC are about; unique begins with the name of the client.
func drawTransaction(r *rand.Rand, unique string) op {
	client, _, _ := strings.Cut(unique, "-")
	key := func() string { return fmt.Sprint("t", r.IntN(3)) }
	switch n := r.IntN(20); {
	case n < 4:
		return op{"WATCH", client, key(), key()}
	case n < 7:
		return op{"MGET", "t0", "t1", "t2"}
	case n < 11:
		return drawInside(r, key(), unique)
	}
	tx := op{"EXEC", client}
	for i := range 1 + r.IntN(4) {
		tx = append(tx, strings.Join(drawInside(r, key(), fmt.Sprint(unique, "-", i)), " "))
	}
	if r.IntN(10) == 0 {
		tx = append(tx, "NOSUCH")
	}
	return tx
}

func drawInside(r *rand.Rand, key, unique string) op {
	switch n := r.IntN(10); {
	case n < 3:
		return op{"GET", key}
	case n < 5:
		return op{"SET", key, unique}
	case n < 6:
		return op{"SET", key, "7"}
	case n < 8:
		return op{"INCR", key}
	case n < 9:
		return op{"MGET", "t2", "t0", "t1"}
	}
	return op{"DEL", key}
}

// appendOp appends the commands of an op and says how many there are: the
// reply to the last one is that of the op.
func appendOp(b []byte, o op) ([]byte, int) {
	switch o[0] {
	case "WATCH":
		return testutil.AppendCommand(b, append(op{"WATCH"}, o[2:]...)...), 1
	case "EXEC":
		b = testutil.AppendCommand(b, "MULTI")
		for _, line := range o[2:] {
			b = testutil.AppendCommand(b, strings.Fields(line)...)
		}
		return testutil.AppendCommand(b, "EXEC"), len(o)
	}
	return testutil.AppendCommand(b, o...), 1
}

// TestLinearizable records histories and looks for an order that explains them.
func TestLinearizable(t *testing.T) {
	start := testutil.Subject
	if *subjectIs == "stock" {
		start = testutil.Stock
	}
	s := start(t, "--io-threads", "4")
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed=%d", seed)
	for name, w := range workloads {
		t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
			for round := range *rounds {
				s.Dial(t).Must(t, "FLUSHALL")
				check(t, w, w.record(t, s, seed+uint64(round)))
			}
		})
	}
}

// check fails if no order explains the history. A search that does not end in
// time says nothing, which is not a pass.
func check(t *testing.T, w workload, history []porcupine.Operation) {
	t.Helper()
	m := model(w.perKey)
	result, info := porcupine.CheckOperationsVerbose(m, history, 30*time.Second)
	if result == porcupine.Ok {
		return
	}
	page := t.ArtifactDir() + "/history.html"
	if err := porcupine.VisualizePath(m, info, page); err != nil {
		t.Log(err)
	}
	t.Fatalf("%s: %d operations; see %s (kept with -artifacts)", result, len(history), page)
}

// record runs the clients of a workload and returns what they saw.
func (w workload) record(t *testing.T, s *testutil.Server, seed uint64) []porcupine.Operation {
	var (
		wg      sync.WaitGroup
		mu      sync.Mutex
		history []porcupine.Operation
		begin   = time.Now()
	)
	for id := range w.clients {
		c := s.Dial(t)
		wg.Go(func() {
			ops, err := w.client(c, id, rand.New(rand.NewPCG(seed, uint64(id))), begin)
			if err != nil {
				t.Errorf("client %d: %v", id, err)
			}
			mu.Lock()
			defer mu.Unlock()
			history = append(history, ops...)
		})
	}
	wg.Wait()
	return history
}

// client sends commands, a pipeline at a time, and notes the times. The
// commands of a pipeline are concurrent with each other as far as the checker
// can tell from times; the order within one is checked by TestPipelineOrder.
func (w workload) client(c *testutil.Conn, id int, r *rand.Rand, begin time.Time) ([]porcupine.Operation, error) {
	var history []porcupine.Operation
	for n := 0; n < w.commands; {
		size := 1 + r.IntN(w.pipeline)
		first := len(history)
		var batch []byte
		var replies []int // of each op
		for range size {
			o := w.draw(r, fmt.Sprintf("c%d-%d", id, n))
			n++
			count := 0
			batch, count = appendOp(batch, o)
			replies = append(replies, count)
			// A client of the checker's does one thing at a time; the commands of a pipeline need one each.
			history = append(history, porcupine.Operation{ClientId: id*w.pipeline + len(history) - first, Input: o})
		}
		call := time.Since(begin).Nanoseconds()
		if err := c.SendRaw(batch); err != nil {
			return nil, err
		}
		for i := first; i < len(history); i++ {
			for range replies[i-first] - 1 {
				c.Receive()
			}
			reply, err := c.Receive()
			if err != nil {
				return nil, err
			}
			history[i].Call, history[i].Output, history[i].Return = call, text(reply), time.Since(begin).Nanoseconds()
		}
	}
	return history, nil
}

// text prints a reply as the model does.
func text(r testutil.Reply) string {
	switch {
	case r.Null:
		return "nil"
	case r.Kind == '$':
		return bulk(r.Text, true)
	case r.Kind == '*':
		var items []string
		for _, e := range r.Elem {
			items = append(items, text(e))
		}
		return "[" + strings.Join(items, " ") + "]"
	}
	return string(r.Kind) + r.Text
}

// TestPipelineOrder: the commands of one connection take effect in the order
// in which they were sent, also while others write the same keys.
func TestPipelineOrder(t *testing.T) {
	start := testutil.Subject
	if *subjectIs == "stock" {
		start = testutil.Stock
	}
	s := start(t)
	var wg sync.WaitGroup
	for id := range 8 {
		c := s.Dial(t)
		wg.Go(func() {
			own := fmt.Sprint("own", id)
			for round := range 50 {
				var batch []byte
				for i := range 20 {
					batch = testutil.AppendCommand(batch, "INCR", "shared")
					batch = testutil.AppendCommand(batch, "SET", own, fmt.Sprint(round, i))
					batch = testutil.AppendCommand(batch, "MGET", own, "shared")
				}
				if err := c.SendRaw(batch); err != nil {
					t.Error(err)
					return
				}
				last := int64(0)
				for i := range 20 {
					incr, _ := c.Receive()
					c.Receive()
					both, err := c.Receive()
					if err != nil || len(both.Elem) != 2 {
						t.Errorf("MGET: %q, %v", both.Raw, err)
						return
					}
					if both.Elem[0].Text != fmt.Sprint(round, i) || both.Elem[1].Int() < incr.Int() || incr.Int() <= last {
						t.Errorf("out of order: INCR %d after %d, MGET %q", incr.Int(), last, both.Raw)
						return
					}
					last = both.Elem[1].Int()
				}
			}
		})
	}
	wg.Wait()
	if got := s.Dial(t).Must(t, "GET", "shared").Text; got != "8000" {
		t.Errorf("8000 increments made %s", got)
	}
}

// TestCheckerFails: the checker refuses histories that no Redis could bring.
func TestCheckerFails(t *testing.T) {
	at := func(call, ret int64, out string, o ...string) porcupine.Operation {
		return porcupine.Operation{ClientId: int(call), Input: op(o), Call: call, Return: ret, Output: out}
	}
	for name, c := range map[string]struct {
		perKey  bool
		history []porcupine.Operation
	}{
		"stale read":     {true, []porcupine.Operation{at(1, 2, "+OK", "SET", "k", "a"), at(3, 4, "nil", "GET", "k")}},
		"lost increment": {true, []porcupine.Operation{at(1, 5, ":1", "INCR", "k"), at(2, 6, ":1", "INCR", "k")}},
		"half an MSET": {false, []porcupine.Operation{at(1, 9, "+OK", "MSET", "a", "1", "b", "1"),
			at(2, 8, `["1" nil]`, "MGET", "a", "b")}},
		"half a transaction": {false, []porcupine.Operation{at(1, 9, "[+OK +OK]", "EXEC", "c1", "SET a 1", "SET b 1"),
			at(2, 8, `["1" nil]`, "MGET", "a", "b")}},
		"unseen change": {false, []porcupine.Operation{at(1, 2, "+OK", "WATCH", "c1", "a"), at(3, 4, "+OK", "SET", "a", "1"),
			at(5, 6, "[:2]", "EXEC", "c1", "INCR a")}},
		"change of nobody": {false, []porcupine.Operation{at(1, 2, "+OK", "WATCH", "c1", "a"), at(3, 4, `nil`, "GET", "a"),
			at(5, 6, "nil", "EXEC", "c1", "INCR a")}},
	} {
		if porcupine.CheckOperations(model(c.perKey), c.history) {
			t.Errorf("%s is accepted", name)
		}
	}
	ok := []porcupine.Operation{at(1, 5, ":2", "INCR", "k"), at(2, 6, ":1", "INCR", "k"), at(7, 8, `"2"`, "GET", "k")}
	if !porcupine.CheckOperations(model(true), ok) {
		t.Error("a right history is refused")
	}
}

// TestBank: clients move money between accounts with WATCH; nobody ever sees a sum
// that is not that of the beginning.
func TestBank(t *testing.T) {
	start := testutil.Subject
	if *subjectIs == "stock" {
		start = testutil.Stock
	}
	s := start(t, "--io-threads", "4")
	const accounts, clients, transfers = 4, 8, 150
	names := make([]string, accounts)
	for i := range names {
		names[i] = fmt.Sprint("account:", i)
		s.Dial(t).Must(t, "SET", names[i], "100")
	}
	var wg sync.WaitGroup
	for id := range clients {
		c, r := s.Dial(t), rand.New(rand.NewPCG(uint64(id), 3))
		wg.Go(func() {
			for range transfers {
				from, to := r.IntN(accounts), r.IntN(accounts-1)
				if to >= from {
					to++
				}
				if err := transfer(c, names[from], names[to], 1+r.Int64N(20)); err != nil {
					t.Error(err)
					return
				}
				if sum, err := total(c, names); sum != accounts*100 || err != nil {
					t.Errorf("the sum is %d (%v)", sum, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// transfer tries until nobody comes between.
func transfer(c *testutil.Conn, from, to string, amount int64) error {
	for {
		c.Send("WATCH", from, to)
		c.Send("MGET", from, to)
		c.Receive()
		r, err := c.Receive()
		if err != nil {
			return err
		}
		have := []int64{r.Elem[0].Int(), r.Elem[1].Int()}
		if have[0] < amount {
			_, err := c.Do("UNWATCH")
			return err
		}
		c.Send("MULTI")
		c.Send("SET", from, fmt.Sprint(have[0]-amount))
		c.Send("SET", to, fmt.Sprint(have[1]+amount))
		c.Send("EXEC")
		for range 3 {
			c.Receive()
		}
		if r, err = c.Receive(); err != nil || !r.Null {
			return err
		}
	}
}

func total(c *testutil.Conn, names []string) (sum int64, err error) {
	r, err := c.Do(append([]string{"MGET"}, names...)...)
	for _, e := range r.Elem {
		sum += e.Int()
	}
	return sum, err
}
