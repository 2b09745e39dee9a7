package server

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/testutil"
)

// insideMulti are commands that look at more than keys, which EXEC runs with its locks held.
var insideMulti = strings.Split(strings.TrimSpace(`
INFO everything
MEMORY DOCTOR
MEMORY STATS
MEMORY PURGE
MEMORY MALLOC-STATS
MEMORY USAGE key
CONFIG GET *
CONFIG RESETSTAT
CONFIG SET maxmemory 1gb
CONFIG SET maxmemory 0
CLIENT LIST
CLIENT KILL TYPE normal SKIPME yes
CLIENT KILL TYPE normal SKIPME no
CLIENT PAUSE 1 ALL
CLIENT PAUSE 1 WRITE
CLIENT UNPAUSE
CLIENT TRACKING ON
CLIENT NO-EVICT ON
DEBUG SLEEP 0.001
DEBUG DIGEST
DEBUG POPULATE 100
DEBUG SET-ACTIVE-EXPIRE 1
FLUSHALL
FLUSHDB
SWAPDB 0 1
RANDOMKEY
SCAN 0
DBSIZE
KEYS *
SORT key BY *->x GET #
HELLO 3
SUBSCRIBE a b
PSUBSCRIBE a*
PUBLISH a b
ACL SETUSER multi on >p ~* +@all
ACL DELUSER multi
ACL LIST
LATENCY RESET
SLOWLOG RESET
COMMAND
COMMAND DOCS
`), "\n")

// everyCommand are calls of every command that may be in a transaction, of
// all settings with the values they have, and of insideMulti.
func everyCommand(s *Server) (lines [][]string) {
	for _, spec := range s.table.Specs() {
		if spec.Run == nil || spec.Flags&(cmdspec.NoMulti|cmdspec.NotQueued) != 0 {
			continue
		}
		for _, word := range []string{"1", "key", "*", "0"} {
			words := strings.Split(spec.FullName, "|")
			for n := max(spec.Arity, -spec.Arity); len(words) < n; {
				words = append(words, word)
			}
			lines = append(lines, words)
		}
	}
	for i := range settings {
		if name := settings[i].Name; settings[i].apply != nil && name != "port" {
			lines = append(lines, []string{"CONFIG", "SET", name, strings.Join(s.conf.Value(name).Words, " ")})
		}
	}
	for _, line := range insideMulti {
		lines = append(lines, strings.Fields(line))
	}
	return lines
}

// No command waits for a lock that EXEC holds, or for a thread that waits for
// one: while other clients write, each runs in a transaction that locks all
// shards, and in one that locks few.
func TestEveryCommandInsideMulti(t *testing.T) {
	s, addr := serveForTest(t)
	var stop atomic.Bool
	var others sync.WaitGroup
	for n := range 3 {
		others.Go(func() { writeUntil(addr, n, &stop) })
	}
	defer others.Wait()
	defer stop.Store(true)
	lines, ran := everyCommand(s), 0
	for _, words := range lines {
		for _, second := range []string{"DBSIZE", "SET"} {
			r, err := runInside(addr, words, second)
			if err != nil {
				t.Fatalf("%.200q with %s: %v", words, second, err)
			}
			ran += len(r.Elem) / 2
		}
	}
	if t.Logf("%d of %d ran", ran, 2*len(lines)); ran < len(lines) {
		t.Error("most did not run")
	}
}

// runInside runs a command in a transaction of its own client. The connection may end
// with it, but not without an answer in time.
func runInside(addr string, words []string, second string) (r testutil.Reply, err error) {
	c, err := testutil.Dial(addr)
	if err != nil {
		return r, err
	}
	defer c.Close()
	b := testutil.AppendCommand(nil, "MULTI")
	if second == "SET" {
		b = testutil.AppendCommand(b, "SET", "a", "b")
	} else {
		b = testutil.AppendCommand(b, second)
	}
	if err := c.SendRaw(testutil.AppendCommand(testutil.AppendCommand(b, words...), "EXEC")); err != nil {
		return r, err
	}
	for range 4 {
		var timeout net.Error
		r, err = c.Receive()
		if err != nil && !(errors.As(err, &timeout) && timeout.Timeout()) { // it killed itself
			return r, nil
		}
	}
	return r, err
}

// What is locked to look ahead at the elements of a large collection stays so for the commands on it. One that
// comes before them, and locks something else or waits, does not wait for that.
func TestCommandsBeforeThoseOnOneKey(t *testing.T) {
	_, addr := serveForTest(t)
	more := []string{"SADD large", "NOSUCH large", "AUTH x", "BLPOP none 0.001", "HELLO 9", "MULTI", "GET other", "MSET a 1 b 2 c 3"}
	for _, line := range slices.Concat(insideMulti, more) {
		if err := runBefore(addr, strings.Fields(line)); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
}

// runBefore runs a command in a pipeline before such as add to a large set. Replies come in time, or the connection ends.
func runBefore(addr string, words []string) error {
	c, err := testutil.Dial(addr)
	if err != nil {
		return err
	}
	defer c.Close()
	fill := []string{"SADD", "large"}
	for i := range 1000 {
		fill = append(fill, fmt.Sprint("member ", i))
	}
	if _, err := c.Do(fill...); err != nil {
		return err
	}
	var ahead, b []byte
	const commands = 50 * 64 // until it looks ahead again, as it stops to for some time when there is no use in it
	for range commands {
		ahead = testutil.AppendCommand(ahead, "SADD", "large", "a")
	}
	if err := answered(c, ahead, commands); err != nil {
		return err
	}
	for _, line := range [][]string{words, {"SADD", "large", "a"}, {"SREM", "large", "a"}, {"SADD", "large", "b"}} {
		b = testutil.AppendCommand(b, line...)
	}
	return answered(c, b, 4)
}

// answered sends commands and waits for n replies, or the end of the connection.
func answered(c *testutil.Conn, b []byte, n int) error {
	if err := c.SendRaw(b); err != nil {
		return err
	}
	for range n {
		var timeout net.Error
		if _, err := c.Receive(); errors.As(err, &timeout) && timeout.Timeout() {
			return err
		} else if err != nil {
			return nil
		}
	}
	return nil
}

// writeUntil changes keys, and asks for what is of the whole server.
func writeUntil(addr string, n int, stop *atomic.Bool) {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	var c *testutil.Conn
	for !stop.Load() {
		if c == nil {
			var err error
			if c, err = testutil.Dial(addr); err != nil {
				return
			}
		}
		words := [][]string{{"SET", fmt.Sprint(r.IntN(50)), "v"}, {"MSET", "1", "a", "key", "b", "0", "c"}, {"INFO"},
			{"MULTI"}, {"EXEC"}, {"CLIENT", "LIST"}, {"WATCH", "key"}}[r.IntN(7)]
		if _, err := c.Do(words...); err != nil { // killed
			c.Close()
			c = nil
		}
	}
	if c != nil {
		c.Close()
	}
}

// serveForTest serves with four loops, all of them busy.
func serveForTest(t *testing.T) (s *Server, addr string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s = newServer(settings)
	if _, err := s.configure(launch{lines: "enable-debug-command yes\nio-threads 4\n"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := s.build(nil); err != nil {
		t.Fatal(err)
	}
	if err := s.loops.Serve(ln); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.loops.Close()
		s.ks.Close()
	})
	return s, ln.Addr().String()
}

// Two transactions on the same keys, named in different orders, from clients of all loops:
// none waits for another for ever, and each is seen as a whole.
func TestTransactionsOverlap(t *testing.T) {
	_, addr := serveForTest(t)
	keys := []string{"a", "b", "c", "d", "e", "f"}
	until := time.Now().Add(2 * time.Second)
	var all sync.WaitGroup
	for n := range 12 {
		all.Go(func() {
			r := rand.New(rand.NewPCG(uint64(n), 2))
			c, err := testutil.Dial(addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			for i := 0; time.Now().Before(until) && !t.Failed(); i++ {
				names := slices.Clone(keys)
				r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
				if err := writeAll(c, names, fmt.Sprint(n, ":", i)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// writeAll reads all keys and writes them, which must be equal, in one transaction.
func writeAll(c *testutil.Conn, names []string, v string) error {
	b := testutil.AppendCommand(nil, "MULTI")
	b = testutil.AppendCommand(b, append([]string{"MGET"}, names...)...)
	for _, name := range names {
		b = testutil.AppendCommand(b, "SET", name, v)
	}
	if err := c.SendRaw(testutil.AppendCommand(b, "EXEC")); err != nil {
		return err
	}
	for range len(names) + 2 {
		if _, err := c.Receive(); err != nil {
			return err
		}
	}
	r, err := c.Receive()
	if err != nil || len(r.Elem) != len(names)+1 {
		return fmt.Errorf("%.200q: %w", r.Raw, err)
	}
	for _, e := range r.Elem[0].Elem {
		if e.Text != r.Elem[0].Elem[0].Text {
			return fmt.Errorf("a part of a transaction: %.500q", r.Raw)
		}
	}
	return nil
}
