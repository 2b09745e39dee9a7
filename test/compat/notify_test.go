package compat

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// notifyFiles are the case files whose commands are run again with somebody listening to
// keyspace notifications.
var notifyFiles = []string{"get", "set", "incr", "incrbyfloat", "getex", "range", "rename", "multikey", "databases",
	"expire", "object", "keys", "lcs", "list", "set_type", "hash", "zset", "stream", "bitmap", "hyperloglog", "geo", "sort"}

// TestNotificationsAsStock compares the notifications of every command with stock's, those
// of keys that are looked for in vain and of new keys among them.
func TestNotificationsAsStock(t *testing.T) {
	for _, name := range notifyFiles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := readScript(filepath.Join("testdata", name+".txt"), name)
			if err != nil {
				t.Fatal(err)
			}
			p := newPair(t, 2, append(s.server, "--enable-debug-command", "yes", "--notify-keyspace-events", "KEAmn")...)
			if len(s.settings) > 0 {
				p.configure(s.settings[0])
			}
			compareNotifications(t, p, s)
		})
	}
}

func compareNotifications(t *testing.T, p *pair, s *script) {
	var ears [2]*testutil.Conn
	for i, side := range p.sides {
		side.conn().Must(t, "DEBUG", "SET-ACTIVE-EXPIRE", "0") // keys expire when commands meet them
		ears[i] = side.server.Dial(t)
		ears[i].Must(t, "PSUBSCRIBE", "__key*")
	}
	failures := 0
	for _, st := range s.steps {
		if st.action != "command" || st.mode.scan || st.mode.replies != 1 || isDrawn(st.mode) {
			continue
		}
		if _, err := p.run(st); err != nil {
			t.Fatalf("testdata/%s.txt:%d: %.200s\n%v", s.name, st.line, st.source, err)
		}
		var heard [2][]string
		for i, side := range p.sides {
			heard[i] = hear(t, side.conn(), ears[i])
		}
		if slices.Equal(heard[0], heard[1]) {
			continue
		}
		t.Errorf("testdata/%s.txt:%d: %.200s\nwant %q\n got %q", s.name, st.line, st.source, heard[0], heard[1])
		if failures++; failures == 20 {
			t.Fatal("more differences are not listed")
		}
	}
}

// isDrawn says whether a reply, and so what happens, is drawn at random, or known to differ.
func isDrawn(m mode) bool { return m.compare == "shape" || m.compare == "kind" || m.differs != "" }

// hear returns what was published since it was last called.
func hear(t *testing.T, c, ear *testutil.Conn) (heard []string) {
	const mark = "__key: the end"
	c.Must(t, "PUBLISH", mark, "")
	for {
		m, err := ear.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if m.Elem[2].Text == mark {
			return heard
		}
		heard = append(heard, fmt.Sprintf("%s %s", strings.TrimPrefix(m.Elem[2].Text, "__key"), m.Elem[3].Text))
	}
}
