package evloop

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// A tlsEcho is an echoServer with a second, secured address.
type tlsEcho struct {
	*echoServer
	secure net.Addr
	client *tls.Config
}

func startTLSEcho(t *testing.T, loops int, change ...func(*tls.Config)) *tlsEcho {
	t.Helper()
	ca := testutil.NewAuthority(t)
	config := &tls.Config{
		Certificates: []tls.Certificate{ca.Issue(t, "server").Certificate}, DynamicRecordSizingDisabled: true,
	}
	for _, f := range change {
		f(config)
	}
	s := &tlsEcho{echoServer: startEcho(t, "tcp", "127.0.0.1:0", loops), client: &tls.Config{RootCAs: ca.Pool}}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.secure = ln.Addr()
	if err := s.ServeTLS(ln, TLS{Config: func() *tls.Config { return config }, Room: func() int { return 10_000 }}); err != nil {
		t.Fatal(err)
	}
	return s
}

// dialTLS connects through a socket that passes on at most step bytes at a time; 0: any number.
func (s *tlsEcho) dialTLS(t *testing.T, step int) *tls.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.secure.String())
	if err != nil {
		t.Fatal(err)
	}
	config := s.client.Clone()
	config.ServerName = "127.0.0.1"
	tc := tls.Client(&choppy{c, step}, config)
	tc.SetDeadline(time.Now().Add(time.Minute))
	t.Cleanup(func() { tc.Close() })
	return tc
}

// choppy writes in pieces.
type choppy struct {
	net.Conn
	step int
}

func (c *choppy) Write(b []byte) (n int, err error) {
	if c.step == 0 {
		return c.Conn.Write(b)
	}
	for n < len(b) && err == nil {
		var k int
		k, err = c.Conn.Write(b[n:min(n+c.step, len(b))])
		n += k
	}
	return n, err
}

// However the stream is cut, for every version and length of line, the same bytes come back.
func TestTLSEcho(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		s := startTLSEcho(t, 2, func(c *tls.Config) { c.MaxVersion = version })
		for _, step := range []int{1, 2, 3, 5, 7, 1000, 0} {
			c := s.dialTLS(t, step)
			for _, n := range []int{1, 2, 30, 1000, 16_383, 16_384, 16_385, 20_000, 40_000} {
				if step > 0 && step < 1000 && n > 2000 {
					continue
				}
				line := strings.Repeat("x", n-1) + "\n"
				if _, err := io.WriteString(c, line); err != nil {
					t.Fatal(err)
				}
				expect(t, c, line)
			}
			io.WriteString(c, "quit\n")
			expect(t, c, "quit\n")
			if n, err := c.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("%s, cut by %d: after quit: %d, %v", tls.VersionName(version), step, n, err)
			}
		}
	}
}

// What a client sent before it said that this was all is answered, also if all of it came at once.
func TestTLSEndOfInput(t *testing.T) {
	s := startTLSEcho(t, 1)
	for range 20 {
		c := s.dialTLS(t, 0)
		io.WriteString(c, "a\n")
		c.CloseWrite()
		if got, err := io.ReadAll(c); string(got) != "a\n" || err != nil {
			t.Fatalf("%q, %v", got, err)
		}
	}
	waitFor(t, func() bool { return s.opened.Load() == 0 })
}

// Large lines both ways, several at once, on connections that change loops.
func TestTLSLarge(t *testing.T) {
	s := startTLSEcho(t, 2)
	s.Activate(2)
	var all sync.WaitGroup
	for i := range 4 {
		c := s.dialTLS(t, 0)
		all.Go(func() {
			line := append(bytes.Repeat([]byte{byte('a' + i)}, 10<<20), '\n')
			for range 2 {
				go c.Write(line)
				got := make([]byte, len(line))
				if _, err := io.ReadFull(c, got); err != nil || !bytes.Equal(got, line) {
					t.Errorf("what came back of 10 MB is not what was sent (%v)", err)
				}
				s.Activate(1 + i%2)
			}
		})
	}
	all.Wait()
	s.Activate(1)
}

// A client that sends much and reads nothing holds memory, which is counted, and gets all of it later.
func TestTLSSlowReader(t *testing.T) {
	s := startTLSEcho(t, 1)
	c := s.dialTLS(t, 0)
	line := []byte(strings.Repeat("y", 99_999) + "\n")
	const lines = 200
	sent := make(chan error, 1)
	go func() {
		for range lines {
			if _, err := c.Write(line); err != nil {
				sent <- err
				return
			}
		}
		sent <- nil
	}()
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	waitFor(t, func() bool { return s.Memory() > lines*int64(len(line))/2 })
	for range lines {
		expect(t, c, string(line))
	}
	waitFor(t, func() bool { return s.Memory() == 0 })
}

func waitFor(t *testing.T, what func() bool) {
	t.Helper()
	for range 2000 {
		if what() {
			return
		}
		time.Sleep(10 * time.Millisecond) // what is waited for has no event
	}
	t.Fatal("it does not happen")
}

// Bytes that are no TLS, or an end in the middle of a handshake, leave nothing behind.
func TestTLSGarbage(t *testing.T) {
	s := startTLSEcho(t, 1)
	files, routines := openFiles(), runtime.NumGoroutine()
	for i := range 200 {
		c, err := net.Dial("tcp", s.secure.String())
		if err != nil {
			t.Fatal(err)
		}
		junk := make([]byte, rand.IntN(300))
		for j := range junk {
			junk[j] = byte(rand.Uint32())
		}
		switch i % 4 {
		case 0:
			c.Write([]byte("PING\r\n"))
			io.ReadAll(c)
		case 1:
			c.Write(append([]byte{22, 3, 1, 1, 0, 1, 0, 0, 252, 3, 3}, junk...))
		case 2:
			c.Write(junk)
		}
		c.Close()
	}
	// A connection that turns to nonsense after its handshake.
	c := s.dialTLS(t, 0)
	io.WriteString(c, "a\n")
	expect(t, c, "a\n")
	c.NetConn().Write([]byte("PING\r\n"))
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("plain bytes amid records are accepted")
	}
	c.Close()
	waitFor(t, func() bool {
		return s.Handshakes() == 0 && s.opened.Load() == 0 && openFiles() <= files && runtime.NumGoroutine() <= routines
	})
}

func openFiles() int {
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

// While a thousand clients shake hands, and half of them hang up in the middle, a plain client is served.
func TestTLSHandshakeStorm(t *testing.T) {
	clients := 1000
	if testutil.RaceEnabled {
		clients = 100
	}
	s := startTLSEcho(t, 1)
	plain := s.dial(t)
	plain.SetDeadline(time.Now().Add(time.Minute))
	plain.Write([]byte("a\n"))
	expect(t, plain, "a\n")
	files, routines := openFiles(), runtime.NumGoroutine()
	hello := clientHello(t)
	var storm sync.WaitGroup
	for i := range clients {
		storm.Go(func() {
			if i%2 == 0 {
				c, err := net.Dial("tcp", s.secure.String())
				if err == nil {
					c.Write(hello[:len(hello)-i%3])
					c.Close()
				}
				return
			}
			c := s.dialTLS(t, 0)
			defer c.Close()
			io.WriteString(c, "b\n")
			expect(t, c, "b\n")
		})
	}
	done := make(chan struct{})
	go func() {
		storm.Wait()
		close(done)
	}()
	served := 0
	for over := false; !over; {
		select {
		case <-done:
			over = true
		default:
			plain.Write([]byte("a\n"))
			expect(t, plain, "a\n")
			served++
		}
	}
	t.Logf("%d answers during the storm", served)
	waitFor(t, func() bool {
		return s.Handshakes() == 0 && s.opened.Load() == 1 && openFiles() <= files && runtime.NumGoroutine() <= routines
	})
}

// clientHello is the first flight of a client.
func clientHello(t *testing.T) []byte {
	t.Helper()
	here, there := net.Pipe()
	go tls.Client(here, &tls.Config{ServerName: "localhost"}).Handshake()
	b := make([]byte, 16<<10)
	n, err := there.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	there.Close()
	return b[:n]
}

// More handshakes than there is room for are not begun.
func TestTLSRoom(t *testing.T) {
	s := startTLSEcho(t, 1)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ServeTLS(ln, TLS{Config: func() *tls.Config { return nil }, Room: func() int { return 3 }}); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i == 99 { // the last is closed at once
			if _, err := io.ReadAll(c); err != nil {
				t.Error(err)
			}
		}
	}
	if n := s.Handshakes(); n != 3+spareHandshakes {
		t.Errorf("%d handshakes at once", n)
	}
}

// The client may change the keys, and ask for new ones.
func TestTLSKeyUpdate(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		testutil.Missing(t, "openssl (Debian package openssl)")
	}
	s := startTLSEcho(t, 1)
	cmd := exec.Command(openssl, "s_client", "-connect", s.secure.String(), "-tls1_3", "-msg")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	until := func(want string, times int) {
		b := make([]byte, 4096)
		for strings.Count(text.String(), want) < times {
			n, err := out.Read(b)
			text.Write(b[:n])
			if err != nil {
				t.Fatalf("%v before %q:\n%s", err, want, text.String())
			}
		}
	}
	until("NewSessionTicket", 1)
	for i := range 3 {
		fmt.Fprintf(in, "K\n") // new keys for both directions; what comes with it in one piece is ignored
		until("KeyUpdate", 2*i+2)
		fmt.Fprintf(in, "line %d\n", i)
		until(fmt.Sprintf("\nline %d\n", i), 1)
	}
	in.Close()
	cmd.Wait()
}
