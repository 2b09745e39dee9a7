package harden

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// A slowpoke is a client that sends or reads a byte at a time, and what it
// should have got in the end.
type slowpoke struct {
	conn  net.Conn
	input []byte // not sent yet
	want  []byte // not read yet
}

const (
	bigSize   = 200_000
	bigCopies = 10 // less than the limit of output
)

func big(i int) string { return strings.Repeat(string(rune('a'+i%26)), bigSize) }

// TestSlowClients: neither thousands of clients that do not go on, nor those
// that go on a byte at a time, nor those that ask and do not read, keep others
// from being served; and they get what they are owed in the end.
func TestSlowClients(t *testing.T) {
	v := newVictim(t, "--client-output-buffer-limit", "normal", "8mb", "0", "0", "pubsub", "1mb", "0", "0")
	for i := range 26 {
		v.must("SET", fmt.Sprint("big:", i), big(i))
	}
	v.must("FLUSHALL") // loops and buffers are there now
	v.note()
	for i := range 26 {
		v.must("SET", fmt.Sprint("big:", i), big(i))
	}
	var open []net.Conn
	defer func() {
		for _, c := range open {
			c.Close()
		}
	}()
	start := func(input string) net.Conn {
		c := v.start([]byte(input))
		open = append(open, c)
		return c
	}
	halves := []string{"*", "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\nxxx", "GET k", "*1000000\r\n", "*2\r\n$4\r\nECHO\r\n$1048576\r\n", "SET k \"half"}
	many, requests := 1500, 2000
	if testutil.RaceEnabled {
		many, requests = 300, 300
	}
	for i := range many {
		start(halves[i%len(halves)])
	}
	for range many / 5 {
		start("BLPOP nothing 0\r\n")
	}
	writers, readers := v.writers(100), v.readers(20)
	for _, s := range append(writers, readers...) {
		open = append(open, s.conn)
	}
	var greedy []net.Conn
	for i := range 20 {
		greedy = append(greedy, start(strings.Repeat(fmt.Sprintf("GET big:%d\r\n", i), 100)))
	}

	for range 20 {
		greedy = append(greedy, start("SUBSCRIBE flood\r\n"))
	}
	stop := make(chan struct{})
	var trickling sync.WaitGroup
	trickling.Go(v.flood)
	trickling.Go(func() { trickle(writers, stop, (*slowpoke).sendByte) })
	trickling.Go(func() { trickle(readers, stop, (*slowpoke).readByte) })
	v.serveOthers(requests)
	close(stop)
	trickling.Wait()

	for i, s := range append(writers, readers...) {
		if err := s.finish(); err != nil {
			t.Errorf("slow client %d: %v", i, err)
		}
	}
	for _, c := range greedy {
		n, err := io.Copy(io.Discard, c)
		var network net.Error
		if errors.As(err, &network) && network.Timeout() || n >= 100*bigSize {
			t.Errorf("a client that does not read is not closed after %d bytes: %v", n, err)
		}
	}
	for _, c := range open {
		c.Close()
	}
	v.settled()
}

// flood publishes more than who does not read may leave unread.
func (v *victim) flood() {
	k := &keeper{v: v}
	defer k.close()
	for left := 100; left > 0; left-- {
		k.do("PUBLISH", "flood", big(left))
	}
}

func (v *victim) must(words ...string) {
	v.t.Helper()
	if r, err := v.keeper.do(words...); err != nil || r.Kind == '-' {
		v.t.Fatalf("%.100q: %.100q, %v", words, r.Raw, err)
	}
}

// start connects and sends without waiting for what comes back.
func (v *victim) start(input []byte) net.Conn {
	v.t.Helper()
	c, err := v.dial()
	if err != nil {
		v.t.Fatal(err)
	}
	c.SetDeadline(time.Now().Add(2 * patience))
	if _, err := c.Write(input); err != nil {
		v.t.Fatal(err)
	}
	return c
}

// writers have commands to send.
func (v *victim) writers(n int) (list []*slowpoke) {
	for i := range n {
		s := &slowpoke{conn: v.start(nil)}
		for k := range 50 {
			token := fmt.Sprintf("slow:%d:%d", i, k)
			s.input = testutil.AppendCommand(s.input, "ECHO", token)
			s.want = fmt.Appendf(s.want, "$%d\r\n%s\r\n", len(token), token)
		}
		list = append(list, s)
	}
	return list
}

// readers have sent their commands, and have much to read.
func (v *victim) readers(n int) (list []*slowpoke) {
	for i := range n {
		var input, want []byte
		for range bigCopies {
			input = testutil.AppendCommand(input, "GET", fmt.Sprint("big:", i))
			want = fmt.Appendf(want, "$%d\r\n%s\r\n", bigSize, big(i))
		}
		list = append(list, &slowpoke{conn: v.start(input), want: want})
	}
	return list
}

// trickle lets each do its step in turn until stop is closed.
func trickle(list []*slowpoke, stop chan struct{}, step func(*slowpoke)) {
	for {
		for _, s := range list {
			select {
			case <-stop:
				return
			default:
				step(s)
			}
		}
	}
}

func (s *slowpoke) sendByte() {
	if len(s.input) > 0 {
		n, _ := s.conn.Write(s.input[:1])
		s.input = s.input[n:]
	}
}

func (s *slowpoke) readByte() {
	var b [1]byte
	if len(s.want) > 0 {
		if n, _ := s.conn.Read(b[:]); n == 1 && b[0] == s.want[0] {
			s.want = s.want[1:]
		}
	}
}

// finish does the rest at once.
func (s *slowpoke) finish() error {
	if _, err := s.conn.Write(s.input); err != nil {
		return err
	}
	got := make([]byte, len(s.want))
	n, err := io.ReadFull(s.conn, got)
	if err != nil || !bytes.Equal(got, s.want) {
		return fmt.Errorf("%d bytes, want %d: %.100q, %v", n, len(s.want), got, err)
	}
	return nil
}

// serveOthers lets some clients do as many requests each, all of which have to be answered.
func (v *victim) serveOthers(requests int) {
	var all sync.WaitGroup
	var failed atomic.Bool
	for i := range 4 {
		all.Go(func() {
			k := &keeper{v: v}
			defer k.close()
			key := fmt.Sprint("other:", i)
			for n := range requests {
				value := fmt.Sprint(i, ":", n)
				set, err1 := k.do("SET", key, value)
				got, err2 := k.do("GET", key)
				if err := errors.Join(err1, err2); err != nil || set.Text != "OK" || got.Text != value {
					if !failed.Swap(true) {
						v.stacks(fmt.Sprintf("request %d of another client: %q, %q, %v", n, set.Raw, got.Raw, err))
					}
					return
				}
			}
		})
	}
	all.Wait()
}
