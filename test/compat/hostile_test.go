package compat

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// subject starts one server, the one that is tested.
func subject(t *testing.T, args ...string) *testutil.Server {
	t.Helper()
	if *subjectIs == "stock" {
		return testutil.Stock(t, args...)
	}
	return testutil.Subject(t, args...)
}

// harmless commands are mutated; whatever becomes of one, it does not touch
// the keys of the healthy clients.
var harmless = [][]string{
	{"SET", "g1", "value"}, {"GET", "g1"}, {"INCR", "g2"}, {"APPEND", "g3", "x"}, {"MGET", "g1", "g2", "g3"},
	{"SETRANGE", "g4", "10", "abc"}, {"GETRANGE", "g4", "0", "-1"}, {"EXPIRE", "g1", "100"}, {"DEL", "g1", "g2"},
	{"PING"}, {"ECHO", "hello"}, {"COMMAND", "GETKEYS", "SET", "a", "b"}, {"OBJECT", "ENCODING", "g1"},
	{"HELLO", "3"}, {"CLIENT", "SETNAME", "garbage"}, {"SCAN", "0", "MATCH", "g*"}, {"LCS", "g1", "g3"},
	{"SET", "g5", "v", "EX", "100", "NX", "GET"}, {"COPY", "g1", "g6", "REPLACE"}, {"CONFIG", "GET", "max*"},
}

// TestGarbage: whatever some clients send, the server stays up and the
// replies of the others stay right.
func TestGarbage(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("-seed=%d", seed)
	s := subject(t)
	stop := make(chan struct{})
	var healthy, hostile sync.WaitGroup
	for id := range 4 {
		c := s.Dial(t)
		healthy.Go(func() { stayRight(t, c, id, stop) })
	}
	for id := range 16 {
		r := rand.New(rand.NewPCG(seed, uint64(id)))
		hostile.Go(func() {
			for range 60 {
				sendGarbage(t, s.Addr, garbage(r))
			}
		})
	}
	hostile.Wait()
	close(stop)
	healthy.Wait()
	if err := settle(s.Dial(t), 4+1); err != nil { // the healthy clients are still connected
		t.Error(err)
	}
}

// stayRight writes and reads keys of its own until it is told to stop.
func stayRight(t *testing.T, c *testutil.Conn, id int, stop chan struct{}) {
	key := fmt.Sprintf("healthy-client-%d", id)
	for n := 0; ; n++ {
		select {
		case <-stop:
			return
		default:
		}
		value := strings.Repeat(strconv.Itoa(n), 1+n%200)
		set, err := c.Do("SET", key, value)
		if err != nil || string(set.Raw) != "+OK\r\n" {
			t.Errorf("SET: %q, %v", set.Raw, err)
			return
		}
		if got, err := c.Do("GET", key); err != nil || got.Text != value {
			t.Errorf("GET: %.100q, %v; want %.100q", got.Raw, err, value)
			return
		}
	}
}

// garbage makes the bytes that a hostile client sends.
func garbage(r *rand.Rand) []byte {
	var b []byte
	if r.IntN(4) == 0 {
		b = make([]byte, r.IntN(5000))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	for range 1 + r.IntN(40) {
		b = testutil.AppendCommand(b, harmless[r.IntN(len(harmless))]...)
	}
	for range r.IntN(6) {
		b = mutate(r, b)
	}
	return b
}

// mutate changes one thing, most likely where it hurts: a byte of the
// protocol, a length, the end.
func mutate(r *rand.Rand, b []byte) []byte {
	if len(b) < 2 {
		return b
	}
	at := r.IntN(len(b))
	switch r.IntN(6) {
	case 0:
		b[at] = byte(r.Uint32())
	case 1:
		b[at] = "*$\r\n-0123456789:+\x00\"'"[r.IntN(20)]
	case 2:
		return b[:at]
	case 3:
		return append(b[:at:at], b[at+1:]...)
	case 4:
		end := min(len(b), at+r.IntN(50))
		return append(b[:end:end], b[at:]...)
	case 5:
		big := []string{"99999999", "-1", "0", "536870912", "1048576", "2147483647"}[r.IntN(6)]
		return append(append(b[:at:at], big...), b[at:]...)
	}
	return b
}

// sendGarbage sends bytes, half-closes, and reads until the server has had enough.
func sendGarbage(t *testing.T, addr string, b []byte) {
	c, err := testutil.Dial(addr)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	c.SendRaw(b) // an error here is the server's closing early, which it may
	c.Conn.(*net.TCPConn).CloseWrite()
	if _, err := c.ReadToEOF(); err != nil {
		t.Errorf("after %.300q: %v", b, err)
	}
}

// TestAnnouncedBytesAreNotTaken: a length is a promise; memory is taken for what comes.
func TestAnnouncedBytesAreNotTaken(t *testing.T) {
	s := subject(t)
	before := rss(t, s)
	for range 100 {
		c := s.Dial(t)
		if err := c.SendRaw([]byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870912\r\n" + strings.Repeat("x", 1000))); err != nil {
			t.Fatal(err)
		}
		c = s.Dial(t)
		if err := c.SendRaw([]byte("*1048576\r\n$4\r\nMGET\r\n")); err != nil {
			t.Fatal(err)
		}
	}
	s.Dial(t).Must(t, "PING")
	if grown := rss(t, s) - before; grown > 150<<20 {
		t.Errorf("200 clients that announce much and send little took %d MB", grown>>20)
	}
}

// rss is the resident memory of a server, in bytes.
func rss(t *testing.T, s *testutil.Server) int64 {
	t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.PID()))
	if err != nil {
		testutil.Missing(t, "/proc")
	}
	pages, _ := strconv.ParseInt(strings.Fields(string(b))[1], 10, 64)
	return pages * int64(os.Getpagesize())
}

// TestReplyOfNoReader: a client that asks for much and reads nothing is
// closed when it goes over its limit, and nobody else notices.
func TestReplyOfNoReader(t *testing.T) {
	s := subject(t, "--client-output-buffer-limit", "normal", "8mb", "0", "0")
	other := s.Dial(t)
	other.Must(t, "SET", "big", strings.Repeat("x", 1<<20))
	greedy := s.Dial(t)
	var batch []byte
	for range 100 {
		batch = testutil.AppendCommand(batch, "GET", "big")
	}
	if err := greedy.SendRaw(batch); err != nil {
		t.Fatal(err)
	}
	if err := settle(other, 1); err != nil {
		t.Error(err)
	}
}

// TestKill: killing the server ends every client's waiting, and a socket file
// that is left over is not in the way of the next start.
func TestKill(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	s := subject(t, "--unixsocket", socket)
	var conns []*testutil.Conn
	for i := range 40 {
		c := s.Dial(t)
		c.Must(t, "PING")
		if i%2 == 0 {
			c.SendRaw([]byte("*3\r\n$3\r\nSET\r\n"))
		}
		conns = append(conns, c)
	}
	s.Kill()
	for _, c := range conns {
		if _, err := c.ReadToEOF(); err != nil {
			t.Errorf("a client hangs after the server was killed: %v", err)
		}
	}
	again := subject(t, "--unixsocket", socket)
	again.Dial(t).Must(t, "SET", "a", "through tcp")
	c, err := net.Dial("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	fmt.Fprint(c, "GET a\r\n")
	reply := make([]byte, len("$11\r\nthrough tcp\r\n"))
	if _, err := c.Read(reply); err != nil || string(reply) != "$11\r\nthrough tcp\r\n" {
		t.Errorf("%q, %v", reply, err)
	}
}
