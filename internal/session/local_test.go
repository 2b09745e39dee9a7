package session

import (
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

func argv(line string) [][]byte {
	var words [][]byte
	for _, w := range strings.Fields(line) {
		words = append(words, []byte(w))
	}
	return words
}

func TestLocal(t *testing.T) {
	h := newTestHub(t)
	l := h.Local()
	for _, step := range []struct{ line, want string }{
		{"SET k v", "+OK\r\n"},
		{"get k", "$1\r\nv\r\n"},
		{"INCR k", "-ERR value is not an integer or out of range\r\n"},
		{"nope", "-ERR unknown command 'nope', with args beginning with: \r\n"},
		{"CLIENT REPLY OFF", ""},
		{"PING", ""},
		{"CLIENT REPLY ON", "+OK\r\n"},
	} {
		if got := string(l.Do(argv(step.line))); got != step.want {
			t.Errorf("%s: %q, want %q", step.line, got, step.want)
		}
	}
	if n := h.Stats().Clients; n != 1 {
		t.Errorf("%d clients", n)
	}
	l.Close()
	if st := h.Stats(); st.Clients != 0 || st.Commands != 6 {
		t.Errorf("%d clients, %d commands", st.Clients, st.Commands)
	}
}

func TestClosedLocalsLeaveOnlyTheirCounts(t *testing.T) {
	h := newTestHub(t)
	memory := h.Memory()
	for range 100 {
		l := h.Local()
		l.Do(argv("PING"))
		l.Close()
	}
	if len(h.workers) != 1 || h.Memory() != memory {
		t.Errorf("%d workers and %d bytes are left", len(h.workers), h.Memory()-memory)
	}
	if st := h.Stats(); st.Commands != 100 || st.ByCommand[0].Calls != 100 {
		t.Errorf("%d commands, %+v", st.Commands, st.ByCommand)
	}
}

func TestHotCommandsAllocateNothing(t *testing.T) {
	if testutil.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	l := newTestHub(t).Local()
	for _, line := range []string{"SET k 0123456789", "GET k", "INCR n", "SET other x", "MGET k other", "PING", "EXISTS k"} {
		words := argv(line)
		l.Do(words)
		if n := testing.AllocsPerRun(200, func() { l.Do(words) }); n != 0 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}

func BenchmarkLocal(b *testing.B) {
	l := newTestHub(b).Local()
	for _, line := range []string{"PING", "SET k 0123456789", "GET k", "INCR n"} {
		words := argv(line)
		b.Run(string(words[0]), func(b *testing.B) {
			for b.Loop() {
				l.Do(words)
			}
		})
	}
}
