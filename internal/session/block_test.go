package session

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/testutil"
)

// Commands on lists that are as simple as can be: a line per element.
var testLists = []*cmdspec.Spec{
	{Name: "tpush", Arity: -3, Group: cmdspec.GroupList, Flags: cmdspec.Write, Keys: []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW)}, Run: runTestPush},
	{Name: "tpop", Arity: -3, Group: cmdspec.GroupList, Flags: cmdspec.Write, Keys: []cmdspec.KeySpec{cmdspec.KeyRange(1, -2, 1, cmdspec.RW)}, Run: runTestPop},
	{Name: "tmove", Arity: 4, Group: cmdspec.GroupList, Flags: cmdspec.Write, Keys: []cmdspec.KeySpec{cmdspec.KeyRange(1, 2, 1, cmdspec.RW)}, Run: runTestMove},
	{Name: "tlater", Arity: 3, Group: cmdspec.GroupList, Flags: cmdspec.ReadOnly, Keys: []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)}, Run: runTestLater},
	{Name: "trange", Arity: 2, Group: cmdspec.GroupList, Flags: cmdspec.ReadOnly, Keys: []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)}, Run: runTestRange},
}

func testPush(tx *keyspace.Tx, k keyspace.Key, elements ...[]byte) error {
	add := append(bytes.Join(elements, []byte{'\n'}), '\n')
	cell, err := tx.MakeCell(k, keyspace.TypeList, object.Packed, len(add))
	if err != nil {
		return err
	}
	n := 0
	if !cell.IsNew() {
		n = len(cell.Body())
		cell.Change()
		cell.Resize(object.Packed, n+len(add))
	}
	copy(cell.Body()[n:], add)
	tx.Notify(keyspace.ClassList, "tpush", k)
	return nil
}

func testTake(tx *keyspace.Tx, k keyspace.Key) (element []byte, err error) {
	cell, found, err := tx.WriteCell(k, keyspace.TypeList)
	if !found || err != nil {
		return nil, err
	}
	first, rest, _ := bytes.Cut(cell.Body(), []byte{'\n'})
	element, rest = bytes.Clone(first), bytes.Clone(rest)
	cell.Change()
	if len(rest) == 0 {
		tx.Delete(k)
	} else {
		copy(cell.Resize(object.Packed, len(rest)), rest)
	}
	tx.Notify(keyspace.ClassList, "tpop", k)
	return element, nil
}

func runTestPush(c *cmdspec.Ctx) error {
	if err := testPush(c.Tx, c.Keys[0], c.Argv[2:]...); err != nil {
		return err
	}
	c.Reply.OK()
	return nil
}

func testDeadline(c *cmdspec.Ctx) int64 {
	if ms, _ := cmdspec.ParseInt(c.Argv[len(c.Argv)-1]); ms > 0 {
		return c.Tx.Now() + ms
	}
	return 0
}

func runTestPop(c *cmdspec.Ctx) error {
	for _, k := range c.Keys {
		element, err := testTake(c.Tx, k)
		if err != nil {
			return err
		}
		if element != nil {
			c.Reply.Array(2)
			c.Reply.Bulk(k.Name)
			c.Reply.Bulk(element)
			return nil
		}
	}
	return c.Block(c.Keys, testDeadline(c), cmdspec.BlockNullArray)
}

// runTestLater waits for a point in time, without a deadline.
func runTestLater(c *cmdspec.Ctx) error {
	at, _ := cmdspec.ParseInt(c.Argv[2])
	if c.Tx.Now() >= at {
		c.Reply.OK()
		return nil
	}
	err := c.Block(c.Keys, 0, cmdspec.BlockNullArray)
	c.LookAgain(at)
	return err
}

func runTestMove(c *cmdspec.Ctx) error {
	element, err := testTake(c.Tx, c.Keys[0])
	if err != nil {
		return err
	}
	if element == nil {
		return c.Block(c.Keys[:1], testDeadline(c), cmdspec.BlockNullBulk)
	}
	if err := testPush(c.Tx, c.Keys[1], element); err != nil {
		return err
	}
	c.Reply.Bulk(element)
	return nil
}

func runTestRange(c *cmdspec.Ctx) error {
	cell, found, err := c.Tx.ReadCell(c.Keys[0], keyspace.TypeList)
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Bulk(nil)
		return nil
	}
	c.Reply.Bulk(bytes.ReplaceAll(bytes.TrimSpace(cell.Body()), []byte{'\n'}, []byte{' '}))
	return nil
}

// await waits until a condition holds.
func await(t testing.TB, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("it does not come about")
		}
	}
}

// waitBlocked waits until n clients are blocked.
func waitBlocked(t testing.TB, s *testServer, n int64) {
	t.Helper()
	await(t, func() bool { return s.Stats().Blocked == n })
}

// blockedClient is a connection that has sent a command that waits.
func blockedClient(t testing.TB, s *testServer, line string) *testutil.Conn {
	t.Helper()
	before := s.Stats().Blocked
	c := s.dial(t)
	c.Send(strings.Fields(line)...)
	waitBlocked(t, s, before+1)
	return c
}

// pair is the reply of tpop.
func pair(key, element string) string {
	return fmt.Sprintf("*2\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n", len(key), key, len(element), element)
}

func bulk(s string) string { return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s) }

func TestWaitersAreServedInOrder(t *testing.T) {
	s := startServer(t, 3)
	s.loops.Activate(3)
	a, b := blockedClient(t, s, "tpop x y 0"), blockedClient(t, s, "tpop y 0")
	c := s.dial(t)
	expect(t, c, "tpush y 1", "+OK\r\n")
	receive(t, a, pair("y", "1"))
	expect(t, c, "tpush x 2", "+OK\r\n") // nobody waits for x any more
	expect(t, c, "tpush y 3 4", "+OK\r\n")
	receive(t, b, pair("y", "3"))
	expect(t, c, "trange x", bulk("2"))
	expect(t, c, "trange y", bulk("4"))
	expect(t, a, "tpop z x 0", pair("x", "2"))
}

func TestWaiterGoesOnWithItsPipeline(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	c.SendRaw([]byte("tpop x 0\r\nset a 1\r\ntpop x 0\r\nget a\r\n"))
	waitBlocked(t, s, 1)
	p := s.dial(t)
	expect(t, p, "get a", "$-1\r\n")
	expect(t, p, "tpush x 1 2", "+OK\r\n")
	for _, want := range []string{pair("x", "1"), "+OK\r\n", pair("x", "2"), "$1\r\n1\r\n"} {
		receive(t, c, want)
	}
	expect(t, p, "exists x", ":0\r\n")
}

func TestServedWaitersServeOthers(t *testing.T) {
	s := startServer(t, 2)
	var clients []*testutil.Conn
	const n = 20 // keys in many shards
	for i := n; i > 0; i-- {
		clients = append(clients, blockedClient(t, s, fmt.Sprintf("tmove k%d k%d 0", i-1, i)))
	}
	last := blockedClient(t, s, fmt.Sprintf("tpop k%d 0", n))
	p := s.dial(t)
	p.SendRaw([]byte("tpush k0 e\r\nkeys *\r\n"))
	receive(t, p, "+OK\r\n")
	receive(t, p, "*0\r\n")
	for _, c := range clients {
		receive(t, c, bulk("e"))
	}
	receive(t, last, pair(fmt.Sprintf("k%d", n), "e"))
	if n := s.ks.Stats().Waits; n != 0 {
		t.Errorf("%d keys are still waited for", n)
	}
}

func TestFailureGoesToWhoWaited(t *testing.T) {
	s := startServer(t, 1)
	c := blockedClient(t, s, "tmove x s 0")
	p := s.dial(t)
	expect(t, p, "set s v", "+OK\r\n")
	expect(t, p, "tpush x 1", "+OK\r\n")
	receive(t, c, "-WRONGTYPE Operation against a key holding the wrong kind of value\r\n")
	expect(t, c, "ping", "+PONG\r\n")
}

func TestKeysThatArriveOtherwise(t *testing.T) {
	s := startServer(t, 1)
	p := s.dial(t)
	for _, line := range []string{"rename from x", "copy from x", "swapdb 0 1"} {
		c := blockedClient(t, s, "tpop x 0")
		switch line {
		case "swapdb 0 1":
			expect(t, p, "select 1", "+OK\r\n")
			expect(t, p, "tpush x 1", "+OK\r\n")
		default:
			expect(t, p, "tpush from 1", "+OK\r\n")
		}
		p.Must(t, strings.Fields(line)...)
		receive(t, c, pair("x", "1"))
		expect(t, p, "select 0", "+OK\r\n")
		expect(t, p, "exists x", ":0\r\n")
	}
	c := s.dial(t)
	expect(t, c, "select 2", "+OK\r\n")
	c.Send("tpop", "x", "0")
	waitBlocked(t, s, 1)
	expect(t, p, "tpush x 2", "+OK\r\n")
	expect(t, p, "move x 2", ":1\r\n")
	receive(t, c, pair("x", "2"))
	d := blockedClient(t, s, "tpop x 0")
	expect(t, p, "set x text", "+OK\r\n")
	expect(t, p, "del x", ":1\r\n")
	expect(t, p, "flushall", "+OK\r\n")
	expect(t, p, "tpush x 3", "+OK\r\n")
	receive(t, d, pair("x", "3"))
}

func TestWaitTimesOut(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	expect(t, c, "tpop x 1", "*-1\r\n")
	expect(t, c, "tmove x y 1", "*-1\r\n") // as Redis does
	expect(t, c, "tpush x 1", "+OK\r\n")
	expect(t, c, "tpop x 0", pair("x", "1"))
	c.Must(t, "HELLO", "3")
	expect(t, c, "tpop x 1", "_\r\n")
	if st := s.ks.Stats(); st.Waits != 0 || s.Stats().Blocked != 0 {
		t.Errorf("%d keys are waited for", st.Waits)
	}
}

// Who waits for a time, and not for a change, is run again then.
func TestWaiterLooksAgain(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	at := time.Now().UnixMilli() + 20
	expect(t, c, fmt.Sprintf("tlater x %d", at), "+OK\r\n")
	if now := time.Now().UnixMilli(); now < at {
		t.Errorf("served %d ms too early", at-now)
	}
	if st := s.ks.Stats(); st.Waits != 0 || s.Stats().Blocked != 0 {
		t.Errorf("%d keys are waited for", st.Waits)
	}
}

func TestUnblock(t *testing.T) {
	s := startServer(t, 2)
	p := s.dial(t)
	c := s.dial(t)
	id := c.Must(t, "CLIENT", "ID").Text
	wait := func() {
		c.Send("tpop", "x", "0")
		waitBlocked(t, s, 1)
	}
	wait()
	if line := ask(t, p, "client list id "+id); !strings.Contains(line, " flags=b ") || !strings.Contains(line, " cmd=tpop ") {
		t.Error(line)
	}
	expect(t, p, "client unblock "+id, ":1\r\n")
	receive(t, c, "*-1\r\n")
	expect(t, p, "client unblock "+id, ":0\r\n")
	wait()
	expect(t, p, "client unblock "+id+" timeout", ":1\r\n")
	receive(t, c, "*-1\r\n")
	wait()
	expect(t, p, "client unblock "+id+" Error", ":1\r\n")
	receive(t, c, "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n")
	expect(t, c, "ping", "+PONG\r\n")
}

func TestWhoIsGoneTakesNothing(t *testing.T) {
	s := startServer(t, 2)
	p := s.dial(t)
	killed, left, next := s.dial(t), s.dial(t), s.dial(t)
	id := killed.Must(t, "CLIENT", "ID").Text
	for i, c := range []*testutil.Conn{killed, left, next} {
		c.Send("tpop", "x", "0")
		waitBlocked(t, s, int64(i+1))
	}
	left.Close()
	waitBlocked(t, s, 2)
	p.SendRaw([]byte("client kill id " + id + "\r\ntpush x 1\r\n"))
	receive(t, p, ":1\r\n")
	receive(t, p, "+OK\r\n")
	receive(t, next, pair("x", "1"))
	if b, err := killed.ReadToEOF(); err != nil || len(b) > 0 {
		t.Errorf("the killed client got %q, %v", b, err)
	}
}

func TestReplyModesOfWaiters(t *testing.T) {
	s := startServer(t, 1)
	p := s.dial(t)
	c := s.dial(t)
	c.SendRaw([]byte("client reply skip\r\ntpop x 0\r\nping\r\n"))
	waitBlocked(t, s, 1)
	expect(t, p, "tpush x 1", "+OK\r\n")
	receive(t, c, "+PONG\r\n")
	c.SendRaw([]byte("client reply off\r\ntpop x 0\r\nping\r\nclient reply on\r\n"))
	waitBlocked(t, s, 1)
	expect(t, p, "tpush x 2", "+OK\r\n")
	receive(t, c, "+OK\r\n")
	expect(t, p, "exists x", ":0\r\n")
}

func TestWaitersAreNotIdle(t *testing.T) {
	s := startServer(t, 1)
	s.settings.Timeout.Store(1)
	c := blockedClient(t, s, "tpop x 2500")
	receive(t, c, "*-1\r\n")
}

func TestWaiterChangesLoops(t *testing.T) {
	s := startServer(t, 3)
	var clients []*testutil.Conn
	const n = 30
	for i := range n {
		clients = append(clients, s.dial(t))
		if i%3 != 0 {
			clients[i].Send("tpop", fmt.Sprint("k", i), "0")
		}
	}
	waitBlocked(t, s, n-n/3)
	const timeout = 300 * time.Millisecond
	start := time.Now()
	for i := 0; i < n; i += 3 {
		clients[i].Send("tpop", fmt.Sprint("k", i), fmt.Sprint(timeout.Milliseconds()))
	}
	// All wait when the loops change, unless the machine was too slow for that.
	await(t, func() bool { return s.Stats().Blocked == n || time.Since(start) > timeout })
	p := s.dial(t)
	for i := range n {
		s.loops.Activate(i%3 + 1)
		if i%3 == 0 {
			receive(t, clients[i], "*-1\r\n")
			continue
		}
		expect(t, p, fmt.Sprintf("tpush k%d v", i), "+OK\r\n")
		receive(t, clients[i], pair(fmt.Sprintf("k%d", i), "v"))
	}
	for _, c := range clients {
		expect(t, c, "ping", "+PONG\r\n")
	}
}

func TestLocalsDoNotWait(t *testing.T) {
	l := newTestHub(t).Local()
	defer l.Close()
	for line, want := range map[string]string{"tpop x 0": "*-1\r\n", "tmove x y 0": "$-1\r\n"} {
		if got := string(l.Do(bytes.Fields([]byte(line)))); got != want {
			t.Errorf("%s: %q", line, got)
		}
	}
}

func TestLocalServesWaiters(t *testing.T) {
	s := startServer(t, 1)
	c := blockedClient(t, s, "tpop x 0")
	l := s.Local()
	defer l.Close()
	if got := string(l.Do(bytes.Fields([]byte("tpush x 1")))); got != "+OK\r\n" {
		t.Error(got)
	}
	receive(t, c, pair("x", "1"))
}

// traffic is many clients that push, wait, give up and are killed. Every element must be
// received once or still be there, and from each pusher in order by each waiter.
type traffic struct {
	*testServer
	t     *testing.T
	stop  atomic.Bool
	mu    sync.Mutex
	got   map[string]int
	ids   []string // of waiters
	moves bool     // waiters move elements to other keys
}

const trafficKeys = 7

func TestElementsAreReceivedOnce(t *testing.T) {
	for _, moves := range []bool{false, true} {
		t.Run(fmt.Sprintf("moves=%v", moves), func(t *testing.T) {
			x := &traffic{testServer: startServer(t, 4), t: t, got: map[string]int{}, moves: moves}
			x.loops.Activate(4)
			x.run()
		})
	}
}

func (x *traffic) run() {
	waiters, pushers, each := 200, 8, 300
	var waiting, pushing sync.WaitGroup
	for i := range waiters {
		waiting.Go(func() { x.wait(i) })
	}
	for i := range pushers {
		pushing.Go(func() { x.push(i, each) })
	}
	pushing.Go(func() { x.disturb(100) })
	pushing.Wait()
	x.stop.Store(true)
	waiting.Wait()
	x.drain()
	for i := range pushers {
		for n := range each {
			if e := fmt.Sprintf("%d-%d", i, n); x.got[e] != 1 {
				x.t.Errorf("%s was received %d times", e, x.got[e])
			}
		}
	}
	if st := x.ks.Stats(); st.Waits != 0 {
		x.t.Errorf("%d keys are still waited for", st.Waits)
	}
}

func trafficKey() string { return "k" + strconv.Itoa(rand.IntN(trafficKeys)) }

func (x *traffic) push(pusher, n int) {
	c := x.dial(x.t)
	for i := range n {
		c.Must(x.t, "tpush", trafficKey(), fmt.Sprintf("%d-%d", pusher, i))
	}
}

// disturb ends waits, moves clients between loops, and takes keys away and back.
func (x *traffic) disturb(n int) {
	c := x.dial(x.t)
	for i := range n {
		x.mu.Lock()
		id := "0"
		if len(x.ids) > 0 {
			id = x.ids[rand.IntN(len(x.ids))]
		}
		x.mu.Unlock()
		switch i % 4 {
		case 0:
			c.Must(x.t, "client", "kill", "id", id)
		case 1:
			c.Must(x.t, "client", "unblock", id)
		case 2:
			x.loops.Activate(rand.IntN(4) + 1)
		case 3:
			c.Do("rename", trafficKey(), "aside")
			c.Do("rename", "aside", "k"+strconv.Itoa(trafficKeys)) // for drain
		}
	}
}

// wait receives until the end, with a new connection whenever one is killed.
func (x *traffic) wait(i int) {
	for !x.stop.Load() {
		c, err := testutil.Dial(x.addr)
		if err != nil {
			x.t.Error(err)
			return
		}
		if r, err := c.Do("client", "id"); err == nil {
			x.mu.Lock()
			x.ids = append(x.ids, r.Text)
			x.mu.Unlock()
		}
		for !x.stop.Load() && x.receiveOne(c, i) {
		}
		c.Close()
	}
}

func (x *traffic) receiveOne(c *testutil.Conn, i int) bool {
	timeout := strconv.Itoa(1 + rand.IntN(30))
	if x.moves && i%2 == 0 {
		_, err := c.Do("tmove", trafficKey(), trafficKey(), timeout)
		return err == nil
	}
	r, err := c.Do("tpop", trafficKey(), trafficKey(), trafficKey(), timeout)
	if err == nil && len(r.Elem) == 2 {
		x.mu.Lock()
		x.got[r.Elem[1].Text]++
		x.mu.Unlock()
	}
	return err == nil
}

// drain takes what is left.
func (x *traffic) drain() {
	c := x.dial(x.t)
	for i := range trafficKeys + 1 {
		for {
			r := c.Must(x.t, "tpop", "k"+strconv.Itoa(i), "1")
			if len(r.Elem) != 2 {
				break
			}
			x.got[r.Elem[1].Text]++
		}
	}
}

func TestWaitersOfAKeyAreServedInOrderOfArrival(t *testing.T) {
	s := startServer(t, 4)
	s.loops.Activate(4)
	const n = 200
	var clients []*testutil.Conn
	for range n {
		clients = append(clients, blockedClient(t, s, "tpop x 0"))
	}
	var pushers sync.WaitGroup
	for i := range 4 {
		p := s.dial(t)
		pushers.Go(func() {
			for n := range n / 4 {
				p.Must(t, "tpush", "x", fmt.Sprintf("%d-%d", i, n))
			}
		})
	}
	pushers.Wait()
	var next [4]int // of each pusher
	for _, c := range clients {
		r, err := c.Receive()
		if err != nil {
			t.Fatal(err)
		}
		var pusher, i int
		fmt.Sscanf(r.Elem[1].Text, "%d-%d", &pusher, &i)
		if i != next[pusher] {
			t.Errorf("%s comes when number %d is due", r.Elem[1].Text, next[pusher])
		}
		next[pusher]++
	}
}

func TestBlockedClientsCostNothing(t *testing.T) {
	s := startServer(t, 1)
	const n = 2000
	var batch []byte
	batch = testutil.AppendCommand(batch, "tpop", "x", "0")
	for range n {
		c := s.dial(t)
		c.SendRaw(batch)
	}
	await(t, func() bool { return s.Stats().Blocked == n })
	time.Sleep(1500 * time.Millisecond) // the loop comes to rest
	before := s.loops.Figures()[0].Cycles
	time.Sleep(2 * time.Second) // the time over which cycles are counted
	if cycles := s.loops.Figures()[0].Cycles - before; cycles > 5 {
		t.Errorf("%d cycles with nothing to do", cycles)
	}
}
