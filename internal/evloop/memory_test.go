package evloop

import (
	"net"
	"strings"
	"testing"
	"time"
)

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 10000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond) // no event tells: the counts are what others see
	}
	t.Fatalf("it never came to: %s", what)
}

func TestHalfLinesAreCounted(t *testing.T) {
	s := startEcho(t, "tcp", "127.0.0.1:0", 1)
	var conns []net.Conn
	for range 40 {
		c := s.dial(t)
		c.Write([]byte(strings.Repeat("x", 3000)))
		conns = append(conns, c)
	}
	const each = 4 << 10
	until(t, "a buffer each", func() bool { return s.Memory() == 40*each })
	until(t, "a reported sum", func() bool { return s.memory.Load() == 40*each })
	for _, c := range conns[:20] {
		c.Write([]byte("\n"))
		expect(t, c, strings.Repeat("x", 3000)+"\n")
	}
	until(t, "half the buffers", func() bool { return s.Memory() == 20*each })
	for _, c := range conns {
		c.Close()
	}
	until(t, "none", func() bool { return s.Memory() == 0 && s.memory.Load() == 0 })
}

// A line that is announced and only begun counts with what came of it.
func TestOnlyWhatIsFilledOfALargeBufferCounts(t *testing.T) {
	c := &Conn{}
	l := &Loop{group: &Group{}}
	c.loop.Store(l)
	c.need = 64 << 20
	c.setOwn(append(l.pool.get(100), "begun"...))
	c.in = c.own
	n := copy(l.room(c), "xyz")
	c.grew(n)
	if cap(c.own) < 64<<20 || l.held.Load() != int64(len("begunxyz")) {
		t.Errorf("a buffer of %d counts as %d", cap(c.own), l.held.Load())
	}
	l.pool.put(c.own)
	c.setOwn(nil)
	if l.held.Load() != 0 {
		t.Errorf("%d are left", l.held.Load())
	}
}

func TestUnreadOutputIsCounted(t *testing.T) {
	for _, kind := range []string{"socket", "goroutines"} {
		t.Run(kind, func(t *testing.T) {
			s := startEcho(t, "tcp", "127.0.0.1:0", 1)
			var c net.Conn
			if kind == "socket" {
				c = s.dial(t)
			} else {
				var far net.Conn
				c, far = net.Pipe()
				s.ServeConn(far)
			}
			line := strings.Repeat("x", 100_000) + "\n"
			sent := make(chan struct{})
			go func() {
				defer close(sent)
				for range 300 {
					if _, err := c.Write([]byte(line)); err != nil {
						return
					}
				}
			}()
			until(t, "much", func() bool { return s.Memory() > 10<<20 })
			c.Close()
			<-sent
			until(t, "nothing", func() bool { return s.Memory() == 0 })
		})
	}
}
