package session

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/testutil"
)

// listed is a client's line of CLIENT LIST as numbers.
func listed(t *testing.T, admin *testutil.Conn, id string) map[string]int64 {
	t.Helper()
	fields := map[string]int64{}
	for _, m := range regexp.MustCompile(`([a-z-]+)=(\d+)`).FindAllStringSubmatch(admin.Must(t, "CLIENT", "LIST", "ID", id).Text, -1) {
		fields[m[1]], _ = strconv.ParseInt(m[2], 10, 64)
	}
	return fields
}

func (s *testServer) clientMemory() int64 { return s.Memory() + s.loops.Memory() }

func TestClientMemoryIsTrue(t *testing.T) {
	s := startServer(t, 1)
	admin := s.dial(t)
	ask(t, admin, "PING")
	idle := s.clientMemory()
	c := s.dial(t)
	id := fmt.Sprint(c.Must(t, "CLIENT", "ID").Text)
	each := s.clientMemory() - idle
	if each != idle {
		t.Errorf("the first client takes %d, the second %d", idle, each)
	}
	if got := listed(t, admin, id); got["tot-mem"] != each || got["qbuf"]+got["qbuf-free"]+got["oll"]+got["omem"] != 0 {
		t.Errorf("an idle client takes %d: %v", each, got)
	}

	head := "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$9000\r\n"
	c.SendRaw([]byte(head + strings.Repeat("x", 5000)))
	until(t, func() bool { return listed(t, admin, id)["qbuf"] == 5000 })
	got, parsed := listed(t, admin, id), int64(len(head))
	if got["qbuf-free"] != 8<<10-parsed-5000 || got["argv-mem"] <= parsed || got["tot-mem"] != each+8<<10+got["argv-mem"]-parsed {
		t.Errorf("with %d and 5000 bytes of a command: %v", parsed, got)
	}
	if m := s.clientMemory() - idle; m != got["tot-mem"] {
		t.Errorf("it takes %d: %v", m, got)
	}
	c.SendRaw([]byte(strings.Repeat("x", 4000) + "\r\n"))
	receive(t, c, "+OK\r\n")
	if m := s.clientMemory() - idle; m != each {
		t.Errorf("after the command it takes %d, before %d", m, each)
	}

	c.Must(t, "CLIENT", "SETNAME", strings.Repeat("n", 1000))
	if m := s.clientMemory() - idle; m != each+1000 {
		t.Errorf("with a name of 1000 bytes it takes %d", m)
	}
	c.SendRaw([]byte(strings.Repeat("GET k\r\n", 5000)))
	until(t, func() bool { return listed(t, admin, id)["omem"] > 1<<20 })
	until(t, func() bool {
		got = listed(t, admin, id)
		return s.clientMemory()-idle == got["tot-mem"]
	})
	if got["oll"] == 0 || got["tot-mem"] < got["omem"] {
		t.Errorf("with replies unread: %v", got)
	}
	c.Close()
	until(t, func() bool { return s.clientMemory() == idle })
	until(t, func() bool { return s.ks.Settings.Overhead.Load() == idle })
}

// Keys make room for what clients hold, whatever command comes next.
func TestClientsCountAgainstTheLimit(t *testing.T) {
	for name, hold := range map[string]func(*testServer, *testutil.Conn){
		"input": func(s *testServer, c *testutil.Conn) {
			c.SendRaw([]byte("*2\r\n$3\r\nGET\r\n$5000000\r\n" + strings.Repeat("x", 4<<20)))
		},
		"output": func(s *testServer, c *testutil.Conn) {
			go c.SendRaw([]byte(strings.Repeat("GET 1\r\n", 200)))
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, 1)
			admin := s.dial(t)
			s.ks.Settings.Policy.Store(int32(keyspace.AllKeysLRU))
			s.ks.Settings.MaxMemory.Store(6 << 20)
			for i := range 50 {
				admin.Must(t, "SETRANGE", fmt.Sprint(i), "100000", "x")
			}
			if n := s.ks.Stats().Evicted; n != 0 {
				t.Fatalf("5 of 6 MB, and %d keys are evicted", n)
			}
			hold(s, s.dial(t))
			until(t, func() bool {
				ask(t, admin, "PING")
				return s.ks.Stats().Evicted > 0
			})
		})
	}
}

func TestOnlyCommandsThatAddAreRefused(t *testing.T) {
	l := newTestHub(t).Local()
	defer l.Close()
	l.Do(argv("SET k v"))
	l.c.hub.ks.Settings.MaxMemory.Store(1)
	for line, want := range map[string]string{
		"GET k":    "$1\r\nv\r\n",
		"SET k w":  "-OOM command not allowed when used memory > 'maxmemory'.\r\n",
		"EXISTS k": ":1\r\n",
		"PING":     "+PONG\r\n",
	} {
		if got := string(l.Do(argv(line))); got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}
