package compat

import (
	"fmt"
	"slices"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// partials are inputs that are sent in two parts, cut at every byte, and then
// a byte at a time.
var partials = []struct {
	input   string
	replies int
	eof     bool
}{
	{"*3\r\n$3\r\nSET\r\n$3\r\nkey\r\n$12\r\nva\r\nl\x00ue\r\n\r\n\r\n*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n", 2, false},
	{"PING\r\nSET k \"a b\"\r\n\r\nGET k\nECHO 'x'\r\n", 4, false},
	{"*0\r\n*-1\r\n*1\r\n$4\r\nPING\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\n", 3, false},
	{"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*1\r\n$7\r\nnosuch?\r\n*2\r\n$6\r\nAPPEND\r\n$1\r\nk\r\n", 3, false},
	{"*1\r\n$4\r\nPING\r\n*1\r\n$x\r\n", 2, true},
	{"*1\r\n$4\r\nPING\r\n*x\r\n", 2, true},
	{"*1\r\n$4\r\nQUIT\r\n", 1, true},
	{"GET \"unbalanced\r\n", 1, true},
}

// TestPartialInput: the replies do not depend on how the input is cut.
func TestPartialInput(t *testing.T) {
	p := newPair(t, 2)
	var control [2]*testutil.Conn
	for i, s := range p.sides {
		control[i] = s.server.Dial(t)
	}
	for _, in := range partials {
		var ways [][]string
		for i := 1; i < len(in.input); i++ {
			ways = append(ways, []string{in.input[:i], in.input[i:]})
		}
		ways = append(ways, single(in.input))
		for _, parts := range ways {
			var got [2]string
			for i, s := range p.sides {
				got[i] = sendParts(t, s.server, control[i], parts, mode{replies: in.replies, eof: in.eof})
			}
			if got[0] != got[1] {
				t.Fatalf("%q:\n want %q\n  got %q", parts, got[0], got[1])
			}
		}
	}
}

func single(s string) []string {
	var parts []string
	for i := range len(s) {
		parts = append(parts, s[i:i+1])
	}
	return parts
}

// sendParts sends parts on a connection of their own. Between two parts
// another connection is served, so that the server has most likely read the first.
func sendParts(t *testing.T, s *testutil.Server, control *testutil.Conn, parts []string, m mode) string {
	side := &side{server: s, conns: map[string]*testutil.Conn{"": s.Dial(t)}}
	defer side.close()
	for _, part := range parts {
		// A refused write means that the server closed: the replies tell.
		side.conn().SendRaw([]byte(part))
		control.Must(t, "PING")
	}
	a := side.receive(m)
	if a.err != nil {
		t.Fatalf("%s: %q: %v", s.Name, parts, a.err)
	}
	var raw []string
	for _, r := range a.replies {
		raw = append(raw, string(r.Raw))
	}
	return fmt.Sprintf("%q %q", slices.Concat(raw), a.rest)
}
