package session

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

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
	half := int64(len(head) + 5000)
	until(t, func() bool { return listed(t, admin, id)["qbuf"] == half })
	got := listed(t, admin, id)
	if got["qbuf-free"] != 8<<10-half || got["argv-mem"] == 0 || got["tot-mem"] != each+8<<10+got["argv-mem"] {
		t.Errorf("with %d bytes of a command: %v", half, got)
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
