package evloop

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// echo answers each line with itself; "quit" closes after the answer.
type echo struct {
	loop   *Loop
	out    []byte
	opened *atomic.Int32
	refuse *atomic.Bool
}

func (e *echo) Open(c *Conn) bool {
	if e.refuse.Load() {
		c.Write([]byte("no\n"))
		return false
	}
	e.opened.Add(1)
	return true
}

func (e *echo) Batch(batch []*Conn) {
	e.out = e.out[:0]
	for _, c := range batch {
		i := lastLine(c.In())
		start := len(e.out)
		e.out = append(e.out, c.In()[:i]...)
		c.Reply(e.out[start:])
		if bytes.HasSuffix(c.In()[:i], []byte("quit\n")) {
			c.CloseAfterWrite()
		}
		c.Consume(i)
	}
}

// lastLine is where the last complete line ends. Input that is a part of one
// long line is not searched: it arrives in many pieces.
func lastLine(in []byte) int {
	if len(in) > 200_000 && in[len(in)-1] != '\n' {
		return 0
	}
	return bytes.LastIndexByte(in, '\n') + 1
}

func (e *echo) Close(*Conn)        { e.opened.Add(-1) }
func (e *echo) Attach(*Conn)       {}
func (e *echo) Detach(*Conn)       {}
func (e *echo) Tick(time.Duration) {}

type echoServer struct {
	*Group
	addr   net.Addr
	opened atomic.Int32
	refuse atomic.Bool
	memory atomic.Int64
}

func startEcho(t *testing.T, network, addr string, loops int) *echoServer {
	t.Helper()
	s := &echoServer{}
	g, err := New(Options{Loops: loops, Memory: &s.memory, NewHandler: func(l *Loop) Handler {
		return &echo{loop: l, opened: &s.opened, refuse: &s.refuse}
	}})
	if err != nil {
		t.Fatal(err)
	}
	ln, err := net.Listen(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	s.Group, s.addr = g, ln.Addr()
	if err := g.Serve(ln); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	return s
}

func (s *echoServer) dial(t *testing.T) net.Conn {
	t.Helper()
	c, err := net.Dial(s.addr.Network(), s.addr.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func expect(t *testing.T, c net.Conn, want string) {
	t.Helper()
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Fatalf("got %.60q (%v), want %.60q", got, err, want)
	}
}

func TestEchoByteByByte(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 1)
	c := s.dial(t)
	for range 3 {
		for _, b := range []byte("hello\n") {
			c.Write([]byte{b})
		}
		expect(t, c, "hello\n")
	}
	c.Write([]byte("quit\n"))
	expect(t, c, "quit\n")
	if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
		t.Errorf("after quit: %d, %v", n, err)
	}
}

func TestUnixSocket(t *testing.T) {
	s := startEcho(t, "unix", filepath.Join(t.TempDir(), "s"), 1)
	c := s.dial(t)
	c.Write([]byte("a\n"))
	expect(t, c, "a\n")
}

func TestRefuse(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 1)
	s.refuse.Store(true)
	got, _ := io.ReadAll(s.dial(t))
	if string(got) != "no\n" || s.opened.Load() != 0 {
		t.Errorf("got %q, %d open", got, s.opened.Load())
	}
}

// A long line arrives in many pieces, and its echo is more than a socket
// takes at once; another client is served meanwhile.
func TestBigLineAndSlowReader(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 1)
	slow, other := s.dial(t), s.dial(t)
	line := strings.Repeat("x", 4<<20) + "\n"
	sent := make(chan struct{})
	go func() {
		io.WriteString(slow, line)
		close(sent)
	}()
	<-sent
	other.Write([]byte("still there\n"))
	expect(t, other, "still there\n")
	expect(t, slow, line)
}

// Connections move between loops all the time while clients check that no
// byte is lost, doubled or out of order.
func TestMoveUnderLoad(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 4)
	var clients, mover sync.WaitGroup
	stop := make(chan struct{})
	mover.Go(func() {
		for n := 1; ; n++ {
			select {
			case <-stop:
				return
			default:
				s.Activate(n%len(s.loops) + 1)
			}
		}
	})
	for range 20 {
		c := s.dial(t)
		clients.Go(func() { chatter(t, c) })
	}
	clients.Wait()
	close(stop)
	mover.Wait()
	until(t, "no buffer in use", func() bool { return s.Memory() == 0 })
}

// chatter sends lines of random lengths and compares the echo.
func chatter(t *testing.T, c net.Conn) {
	for range 50 {
		lines := ""
		for range 1 + rand.IntN(5) {
			lines += strings.Repeat(string(rune('a'+rand.IntN(26))), rand.IntN(10000)) + "\n"
		}
		go io.WriteString(c, lines)
		got := make([]byte, len(lines))
		if _, err := io.ReadFull(c, got); err != nil || string(got) != lines {
			t.Errorf("echo differs (%v)", err)
			return
		}
	}
}

// Mail for a connection is delivered in order, whichever loop it is on.
func TestMailOrder(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 3)
	client := s.dial(t)
	client.Write([]byte("x\n"))
	expect(t, client, "x\n")
	found := make(chan *Conn, 1)
	s.Post(func(l *Loop) { l.Each(func(c *Conn) { found <- c }) })
	c := <-found
	last, done := -1, make(chan bool)
	for i := range 5000 {
		if i%50 == 0 {
			s.Activate(i/50%3 + 1)
		}
		c.Post(func() {
			if i != last+1 {
				t.Errorf("mail %d after %d", i, last)
			}
			last = i
			if i == 4999 {
				close(done)
			}
		})
	}
	<-done
}

// What is posted to many comes to each of them in order, whichever loop it is on.
func TestPostAll(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 3)
	var clients []net.Conn
	for range 3 * sendsPerTurn { // so that mail waits for its turn, also on the only active loop
		c := s.dial(t)
		c.Write([]byte("x\n"))
		expect(t, c, "x\n")
		clients = append(clients, c)
	}
	found := make(chan *Conn, len(clients))
	s.Post(func(l *Loop) { l.Each(func(c *Conn) { found <- c }) })
	var conns []*Conn
	for range clients {
		conns = append(conns, <-found)
	}
	send := func(c *Conn, b []byte) { c.QueueMail(b) }
	want := ""
	for i := range 1000 {
		if i%100 == 0 {
			s.Activate(i/100%3 + 1)
		}
		line := strings.Repeat("m", i%50) + "\n"
		want += line
		PostAll(conns, send, []byte(line))
	}
	for _, c := range clients { // what was posted before comes before the reply
		c.Write([]byte("end\n"))
	}
	for _, c := range clients {
		expect(t, c, want+"end\n")
	}
}

// The same server over a net.Conn that is not a socket.
func TestServeConn(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 2)
	a, b := net.Pipe()
	s.ServeConn(b)
	chatter(t, a)
	io.WriteString(a, "quit\n")
	expect(t, a, "quit\n")
	if _, err := a.Read(make([]byte, 1)); err == nil {
		t.Error("not closed")
	}
}

func TestCloseGroup(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 2)
	c := s.dial(t)
	c.Write([]byte("a\n"))
	expect(t, c, "a\n")
	s.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("connection survived")
	}
	if s.opened.Load() != 0 {
		t.Errorf("%d connections were not reported closed", s.opened.Load())
	}
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Error(err)
	} else if err := s.Serve(l); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve after Close: %v", err)
	}
}

func TestTimers(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 1)
	var order []int
	done := make(chan struct{})
	s.Post(func(l *Loop) {
		var stopped *Timer
		for _, ms := range []int{30, 10, 20, 5} {
			timer := l.After(time.Duration(ms)*time.Millisecond, func() {
				order = append(order, ms)
				if ms == 30 {
					close(done)
				}
			})
			if ms == 20 {
				stopped = timer
			}
		}
		stopped.Stop()
	})
	<-done
	if len(order) != 3 || order[0] != 5 || order[1] != 10 || order[2] != 30 {
		t.Errorf("order %v", order)
	}
}

func TestDecide(t *testing.T) {
	tests := []struct {
		name          string
		active, limit int
		sum, idle     float64
		want          int // after many samples of the same
	}{
		{"idle stays at one", 1, 2, 0.1, 1.9, 1},
		{"saturated with a free processor", 1, 2, 0.95, 1, 2},
		{"saturated on a full machine", 1, 2, 0.95, 0.05, 1},
		{"limit", 1, 1, 1, 3, 1},
		{"two half busy", 2, 4, 0.5, 3, 1},
		{"two busy", 2, 2, 1.5, 0.5, 2},
		{"clients took the second processor", 2, 2, 1.0, 0, 1},
		{"limit lowered", 3, 2, 3, 1, 2},
	}
	for _, tt := range tests {
		var b balance
		got := tt.active
		for range samplesToFold {
			if next := b.decide(got, tt.limit, tt.sum, tt.idle); next != got {
				got = next
				break
			}
		}
		if got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

func TestPoolClasses(t *testing.T) {
	last, at := -1, 0
	for n := 1; n <= maxPooled; n++ {
		class, size := poolClass(n)
		if class != last {
			if class != last+1 || n != at+1 {
				t.Fatalf("%d bytes: class %d, after class %d of %d", n, class, last, at)
			}
			last, at = class, size
		}
		if size != at || n > size || n > coarse && size > n+n/4+1 {
			t.Fatalf("%d bytes: a buffer of %d", n, size)
		}
	}
	if last != poolClasses-1 || at != maxPooled {
		t.Errorf("the last class is %d, of %d", last, at)
	}
	var pool bufferPool
	for range 100 {
		pool.put(make([]byte, 0, maxPooled))
	}
	if pool.bytes > poolBytes || cap(pool.get(maxPooled)) != maxPooled || pool.bytes != poolBytes-maxPooled {
		t.Errorf("the pool keeps %d bytes", pool.bytes)
	}
}

func TestOutQueue(t *testing.T) {
	var q outQueue
	var pool bufferPool
	var want, got []byte
	for i := range 2000 {
		piece := bytes.Repeat([]byte{byte(i)}, rand.IntN(5000))
		q.add(piece, &pool)
		want = append(want, piece...)
		for q.bytes > 100_000 {
			n := 1 + rand.IntN(len(q.first()))
			got = append(got, q.first()[:n]...)
			q.drop(n, &pool)
		}
	}
	for q.bytes > 0 {
		got = append(got, q.first()...)
		q.drop(len(q.first()), &pool)
	}
	if !bytes.Equal(got, want) || len(q.chunks) != 0 {
		t.Error("what came out is not what went in")
	}
}
