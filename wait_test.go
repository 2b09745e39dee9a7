package redstart

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// patience is for what happens soon, on a machine that does something else first.
const patience = time.Minute

// until waits for a condition.
func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	for start := time.Now(); !true(); time.Sleep(time.Millisecond) { // whoever brings it about tells nobody
		if time.Since(start) > patience {
			t.Fatal("never: " + what)
		}
	}
}

// waiting waits until n clients wait for keys.
func waiting(t *testing.T, db *DB, n int) {
	t.Helper()
	field := "blocked_clients:" + strconv.Itoa(n) + "\r\n"
	until(t, field, func() bool { return strings.Contains(do(t, db, "INFO", "clients").(string), field) })
}

type outcome struct {
	v   any
	err error
}

// start runs a command beside.
func start(ctx context.Context, run func(context.Context, ...any) (any, error), args ...any) <-chan outcome {
	c := make(chan outcome, 1)
	go func() {
		v, err := run(ctx, args...)
		c <- outcome{v, err}
	}()
	return c
}

func TestBlockingCommands(t *testing.T) {
	db := OpenT(t)
	do(t, db.DB, "RPUSH", "here", "a")
	if v := do(t, db.DB, "BLPOP", "here", 0).([]any); v[1] != "a" {
		t.Error(v)
	}
	got := start(ctx, db.Do, "BLPOP", "list", 0)
	waiting(t, db.DB, 1)
	do(t, db.DB, "RPUSH", "list", "b")
	if o := <-got; o.err != nil || o.v.([]any)[1] != "b" {
		t.Error(o)
	}
	if _, err := db.Do(ctx, "BLPOP", "list", 0.01); err != Nil {
		t.Errorf("in vain: %v", err)
	}
	got = start(ctx, db.Do, "XREAD", "BLOCK", 0, "STREAMS", "s", "$")
	waiting(t, db.DB, 1)
	do(t, db.DB, "XADD", "s", "*", "f", "v")
	if o := <-got; o.err != nil {
		t.Error(o.err)
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	got = start(ctx, conn.Do, "BZPOPMIN", "z", 0)
	waiting(t, db.DB, 1)
	do(t, db.DB, "ZADD", "z", 1, "m")
	if o := <-got; o.err != nil || o.v.([]any)[1] != "m" {
		t.Error(o)
	}
}

// The end of a context ends the wait, and the connection goes on.
func TestCancelledWaits(t *testing.T) {
	db := OpenT(t)
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, run := range []func(context.Context, ...any) (any, error){db.Do, conn.Do} {
		c, cancel := context.WithCancel(ctx)
		got := start(c, run, "BLPOP", "list", 0)
		waiting(t, db.DB, 1)
		cancel()
		if o := <-got; o.err != context.Canceled {
			t.Error(o)
		}
		waiting(t, db.DB, 0)
		if _, err := run(c, "PING"); err != context.Canceled {
			t.Error(err)
		}
		again := start(ctx, run, "BLPOP", "list", 0)
		waiting(t, db.DB, 1)
		do(t, db.DB, "LPUSH", "list", "x")
		if o := <-again; o.err != nil {
			t.Error(o.err)
		}
	}
	if n := do(t, db.DB, "LLEN", "list"); n != int64(0) {
		t.Errorf("%v elements are left", n)
	}
}

// Every element that is pushed is taken by somebody or still there, whenever the contexts of those who wait end.
func TestCancelledWaitsLoseNothing(t *testing.T) {
	db := OpenT(t)
	const elements = 1000
	var mu sync.Mutex
	taken := map[any]int{}
	stop := make(chan struct{})
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					return
				default:
				}
				c, cancel := context.WithTimeout(ctx, time.Duration(100*(g+1)+10*(i%50))*time.Microsecond)
				v, err := db.Do(c, "BLPOP", "list", 0)
				cancel()
				if err == nil {
					mu.Lock()
					taken[v.([]any)[1]]++
					mu.Unlock()
				} else if err != context.DeadlineExceeded {
					t.Error(err)
					return
				}
			}
		})
	}
	for i := range elements {
		do(t, db.DB, "RPUSH", "list", i)
		if i%10 == 0 {
			time.Sleep(100 * time.Microsecond) // so that they wait now and then
		}
	}
	until(t, "the list is empty", func() bool { return do(t, db.DB, "LLEN", "list") == int64(0) })
	close(stop)
	all.Wait()
	if len(taken) != elements {
		t.Errorf("%d of %d elements were returned", len(taken), elements)
	}
	for v, n := range taken {
		if n != 1 {
			t.Errorf("%v was returned %d times", v, n)
		}
	}
}

// What a pause holds back waits, in a transaction too, and the context ends that as well.
func TestPaused(t *testing.T) {
	db := OpenT(t)
	do(t, db.DB, "CLIENT", "PAUSE", 1e9, "WRITE")
	c, cancel := context.WithCancel(ctx)
	one := start(c, db.Do, "SET", "k", "v")
	two := start(c, func(c context.Context, _ ...any) (any, error) {
		return db.TxPipelined(c, func(p *Pipe) { p.Do("SET", "k", "v") })
	})
	if _, err := db.Do(ctx, "GET", "k"); err != Nil {
		t.Error(err)
	}
	cancel()
	for _, got := range []<-chan outcome{one, two} {
		if o := <-got; !errors.Is(o.err, context.Canceled) {
			t.Error(o)
		}
	}
	three := start(ctx, db.Do, "SET", "k", "w")
	four := start(ctx, func(c context.Context, _ ...any) (any, error) {
		return db.TxPipelined(c, func(p *Pipe) { p.Do("INCR", "n") })
	})
	do(t, db.DB, "CLIENT", "UNPAUSE")
	for _, got := range []<-chan outcome{three, four} {
		if o := <-got; o.err != nil {
			t.Error(o.err)
		}
	}
	if v := do(t, db.DB, "GET", "k"); v != "w" {
		t.Error(v)
	}
}

// CLIENT KILL may end what waits, and connections that are kept for the next that has to, but not the client of Do.
func TestKilled(t *testing.T) {
	db := OpenT(t)
	for range 3 {
		if _, err := db.Do(ctx, "BLPOP", "list", 0.001); err != Nil {
			t.Error(err)
		}
		if n := do(t, db.DB, "CLIENT", "KILL", "TYPE", "normal"); n != int64(1) {
			t.Errorf("%v were killed", n)
		}
	}
	got := start(ctx, db.Do, "BLPOP", "list", 0)
	waiting(t, db.DB, 1)
	do(t, db.DB, "CLIENT", "KILL", "TYPE", "normal")
	if o := <-got; o.err == nil || o.err == Nil {
		t.Error(o)
	}
	id := do(t, db.DB, "CLIENT", "ID")
	do(t, db.DB, "CLIENT", "KILL", "ID", id, "SKIPME", "no")
	if list := do(t, db.DB, "CLIENT", "LIST", "ID", id).(string); !strings.Contains(list, "flags=N ") {
		t.Error(list)
	}
}

func TestConnHasAState(t *testing.T) {
	db := OpenT(t)
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"CLIENT SETNAME worker", "SELECT 3", "SET k three", "MULTI", "SET l 1", "EXEC"} {
		if _, err := conn.Do(ctx, words(line)...); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := db.Get(ctx, "k"); err != Nil {
		t.Error("SELECT reached Do")
	}
	list := do(t, db.DB, "CLIENT", "LIST").(string)
	if !strings.Contains(list, "addr=in-process:0") || !strings.Contains(list, "name=worker") || !strings.Contains(list, "db=3") {
		t.Error(list)
	}
	for _, line := range []string{"SUBSCRIBE c", "MONITOR", "CLIENT REPLY OFF"} {
		if _, err := conn.Do(ctx, words(line)...); err == nil || !strings.Contains(err.Error(), "DB.Dial") {
			t.Errorf("%s: %v", line, err)
		}
	}
	conn.Close()
	if _, err := conn.Do(ctx, "PING"); err == nil {
		t.Error("a closed Conn answers")
	}
	until(t, "the client is gone", func() bool { return strings.Count(do(t, db.DB, "CLIENT", "LIST").(string), "\n") == 1 })
}

func TestSubscriptions(t *testing.T) {
	db := OpenT(t)
	s, err := db.Subscribe(ctx, "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	c, cancel := context.WithCancel(ctx)
	p, err := db.PSubscribe(c, "[ab]")
	if err != nil {
		t.Fatal(err)
	}
	const n = 1000 // more than C holds
	for i := range n {
		if got, err := db.Publish(ctx, []string{"a", "b"}[i%2], i); got != 2 || err != nil {
			t.Fatal(got, err)
		}
	}
	for i := range n {
		want := Message{Channel: []string{"a", "b"}[i%2], Payload: strconv.Itoa(i)}
		if m := <-s.C; m != want {
			t.Fatalf("%+v, want %+v", m, want)
		}
		want.Pattern = "[ab]"
		if m := <-p.C; m != want {
			t.Fatalf("%+v, want %+v", m, want)
		}
	}
	cancel()
	if m, ok := <-p.C; ok {
		t.Errorf("%+v after the end", m)
	}
	s.Close()
	s.Close()
	if m, ok := <-s.C; ok {
		t.Errorf("%+v after the end", m)
	}
	until(t, "nobody listens", func() bool { n, _ := db.Publish(ctx, "a", ""); return n == 0 })
	if _, err := db.Subscribe(ctx); err == nil {
		t.Error("a subscription to nothing")
	}
}

// Others hear of what Do does: a monitor, a client that caches, the slow log.
func TestOthersHear(t *testing.T) {
	db := OpenT(t)
	nc, err := db.Dial(ctx, "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	nc.SetDeadline(time.Now().Add(patience))
	expect := func(part string) {
		t.Helper()
		var got string
		for b := make([]byte, 4096); !strings.Contains(got, part); {
			n, err := nc.Read(b)
			if err != nil {
				t.Fatalf("%v after %q", err, got)
			}
			got += string(b[:n])
		}
	}
	do(t, db.DB, "SET", "k", "1")
	nc.Write([]byte("HELLO 3\r\nCLIENT TRACKING ON\r\nGET k\r\n"))
	expect("$1\r\n1\r\n")
	do(t, db.DB, "SET", "k", "2")
	expect(">2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n")
	nc.Write([]byte("CLIENT TRACKING OFF\r\nMONITOR\r\n"))
	expect("+OK\r\n+OK\r\n")
	do(t, db.DB, "SET", "k", "3")
	expect(` [0 local] "SET" "k" "3"`)
	do(t, db.DB, "CONFIG", "SET", "slowlog-log-slower-than", 0)
	do(t, db.DB, "GET", "k")
	if log := do(t, db.DB, "SLOWLOG", "GET", 1).([]any); len(log) != 1 || log[0].([]any)[3].([]any)[0] != "GET" {
		t.Error(log)
	}
}
