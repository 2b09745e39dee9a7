package session

import (
	"fmt"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// hoard makes a client take about n bytes, by a command that is not complete, and returns its number.
func hoard(t *testing.T, s *testServer, c *testutil.Conn, n int) string {
	t.Helper()
	id := c.Must(t, "CLIENT", "ID").Text
	admin := s.dial(t)
	defer admin.Close()
	c.SendRaw([]byte(fmt.Sprintf("*2\r\n$3\r\nGET\r\n$%d\r\n", n) + strings.Repeat("x", n)))
	until(t, func() bool { return listed(t, admin, id)["qbuf"] == int64(n) })
	return id
}

// listedIDs are the clients that CLIENT LIST shows.
func (s *testServer) shows(t *testing.T, admin *testutil.Conn, id string) bool {
	t.Helper()
	return strings.HasPrefix(admin.Must(t, "CLIENT", "LIST", "ID", id).Text, "id="+id+" ")
}

// The largest clients are evicted, as few as it takes, and are gone at once for everybody who asks.
func TestLargestClientsAreEvicted(t *testing.T) {
	s := startServer(t, 2)
	admin := s.dial(t)
	var ids []string
	for _, n := range []int{1 << 20, 200 << 10, 3 << 20, 600 << 10} {
		ids = append(ids, hoard(t, s, s.dial(t), n))
	}
	for _, step := range []struct {
		limit int64
		left  string
	}{{8 << 20, "1 1 1 1"}, {4 << 20, "1 1 0 1"}, {1 << 20, "0 1 0 1"}, {1, "0 0 0 0"}} {
		s.SetClientLimit(step.limit)
		var left []string
		for _, id := range ids {
			left = append(left, map[bool]string{true: "1", false: "0"}[s.shows(t, admin, id)])
		}
		if got := strings.Join(left, " "); got != step.left {
			t.Errorf("with a limit of %d: %s, want %s", step.limit, got, step.left)
		}
	}
	if n := s.Stats().Evicted; n != 4 {
		t.Errorf("%d clients were evicted", n)
	}
	ask(t, admin, "PING")
	s.SetClientLimit(0)
	if s.gates.Load()&gateEvict != 0 {
		t.Error("without a limit the gate stays")
	}
	admin.Close()
	until(t, func() bool { return s.clientMemory() == 0 && s.ks.Settings.Overhead.Load() == 0 })
}

// Whatever a client takes counts, and takes it away.
func TestClientsAreEvictedForWhatTheyTake(t *testing.T) {
	const limit = 1 << 20
	name := strings.Repeat("n", 10_000)
	for what, feed := range map[string]func(c *testutil.Conn, i int) error{
		"queued":     func(c *testutil.Conn, i int) error { return again(c, "MULTI", "SET", "k", name) },
		"watches":    func(c *testutil.Conn, i int) error { return again(c, "", "WATCH", fmt.Sprint(name, i)) },
		"channels":   func(c *testutil.Conn, i int) error { return again(c, "", "SUBSCRIBE", fmt.Sprint(name, i)) },
		"patterns":   func(c *testutil.Conn, i int) error { return again(c, "", "PSUBSCRIBE", fmt.Sprint(name, i)) },
		"unfinished": func(c *testutil.Conn, i int) error { return half(c, i, name) },
		"name": func(c *testutil.Conn, i int) error {
			return again(c, "", "CLIENT", "SETNAME", strings.Repeat("n", 100_000*(i+1)))
		},
	} {
		t.Run(what, func(t *testing.T) {
			s := startServer(t, 1)
			s.SetClientLimit(limit)
			admin, c := s.dial(t), s.dial(t)
			id := c.Must(t, "CLIENT", "ID").Text
			for i := 0; s.Stats().Evicted == 0; i++ {
				if i > 1000 {
					t.Fatalf("it is not evicted: %s", admin.Must(t, "CLIENT", "LIST").Text)
				}
				feed(c, i)
				ask(t, admin, "PING")
			}
			if s.shows(t, admin, id) {
				t.Error("it is still listed")
			}
		})
	}
}

// again sends a command, with another one before it the first time, and waits for the reply.
func again(c *testutil.Conn, first string, args ...string) error {
	if first != "" {
		c.Do(first) // an error if it has run
	}
	_, err := c.Do(args...)
	return err
}

// half sends more of a command that never ends.
func half(c *testutil.Conn, i int, more string) error {
	if i == 0 {
		c.SendRaw([]byte("*2\r\n$3\r\nGET\r\n$100000000\r\n"))
	}
	return c.SendRaw([]byte(more))
}

// Who asked to stay does, and is a client like all others when he takes that back.
func TestClientsThatStay(t *testing.T) {
	s := startServer(t, 1)
	admin, c := s.dial(t), s.dial(t)
	ask(t, admin, "CLIENT NO-EVICT ON")
	ask(t, c, "CLIENT NO-EVICT ON")
	ask(t, c, "CLIENT SETNAME "+strings.Repeat("n", 300_000))
	id := c.Must(t, "CLIENT", "ID").Text
	s.SetClientLimit(1)
	ask(t, admin, "PING")
	if !s.shows(t, admin, id) || s.Stats().Evicted != 0 {
		t.Fatal("it did not stay")
	}
	c.Send("CLIENT", "NO-EVICT", "OFF")
	until(t, func() bool {
		ask(t, admin, "PING")
		return !s.shows(t, admin, id)
	})
}
