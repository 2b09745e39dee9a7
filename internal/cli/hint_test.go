package cli

import (
	"bytes"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/server"
)

var known = Known{Docs: server.CommandDocs, HasSecret: server.HasSecret}

// Without a server the program describes all of its own commands, each with a summary.
func TestOwnDocs(t *testing.T) {
	l := newLibrary(known)
	if len(l.all()) < 300 {
		t.Fatalf("%d commands", len(l.all()))
	}
	for _, d := range l.all() {
		if d.summary == "" || d.group == "" || d.since == "" {
			t.Errorf("%+v", d)
		}
	}
	if got := l.hintFor("hgetex k ex 5 "); got != "FIELDS numfields field [field ...]" {
		t.Errorf("the hint for a command that only newer servers have is %q", got)
	}
}

// Whatever is typed, hints and completion do not fail, and what is proposed goes on from what was typed.
func FuzzTyping(f *testing.F) {
	for _, line := range []string{"get ", "set k v e", "client kill id 5 t", "zunion 0 k", "eval s 0 a", "xadd s maxlen ~ 5 limit", `get "a`, "5 ", "help @", "? ge", ":set ", "hset k f", "é ", "bitfield k get u8"} {
		f.Add(line)
	}
	l := newLibrary(known)
	f.Fuzz(func(t *testing.T, line string) {
		l.hintFor(line)
		prefix, found := l.complete(line)
		for _, c := range found {
			if !strings.HasSuffix(line, prefix) || len(c.word) < len(prefix) || !strings.EqualFold(c.word[:len(prefix)], prefix) {
				t.Fatalf("%q goes on as %q from %q", line, c.word, prefix)
			}
		}
	})
}

// Whatever a server answers to COMMAND DOCS, typing goes on.
func FuzzDocs(f *testing.F) {
	f.Add([]byte("*2\r\n$3\r\nget\r\n*2\r\n$9\r\narguments\r\n*1\r\n*4\r\n$4\r\nname\r\n$1\r\nk\r\n$4\r\ntype\r\n$5\r\nblock\r\n"), "get a ")
	f.Add([]byte("%1\r\n+\r\n%1\r\n+arguments\r\n*1\r\n%2\r\n+type\r\n+oneof\r\n+token\r\n+\r\n"), " ")
	f.Fuzz(func(t *testing.T, reply []byte, line string) {
		r, err := client.NewReader(bytes.NewReader(reply)).Read()
		if err != nil {
			return
		}
		l := newLibrary(known)
		l.docs = parseDocs(&r)
		l.hintFor(line)
		l.complete(line)
		l.help(&bytes.Buffer{}, strings.Fields(line))
	})
}
