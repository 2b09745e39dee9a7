package session

import (
	"net"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/commands"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/testutil"
)

// startDataServer is startServer with the commands on all types of data.
func startDataServer(t *testing.T) *testServer {
	t.Helper()
	ks, err := keyspace.New(keyspace.Options{Databases: 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ks.Close)
	d := &commands.Deps{Keyspace: ks, Databases: 16}
	table := cmdspec.NewTable(Commands, commands.Strings(d), commands.Generic(d), commands.Server(d), commands.Lists(d), commands.Sets(d), commands.Hashes(d), commands.Bitmaps(d))
	s := &testServer{Hub: New(Options{Table: table, Keyspace: ks})}
	if s.loops, err = evloop.New(evloop.Options{Loops: 1, NewHandler: s.Handler}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.loops.Close)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.addr = ln.Addr().String()
	if err := s.loops.Serve(ln); err != nil {
		t.Fatal(err)
	}
	return s
}

// notices runs commands and returns what is published meanwhile: channel and message, one a line.
func notices(t *testing.T, s *testServer, want Notify, lines ...string) string {
	t.Helper()
	s.SetNotify(want)
	c, ear := s.dial(t), s.dial(t)
	ear.Must(t, "PSUBSCRIBE", "__*")
	ask(t, c, "FLUSHALL")
	for _, line := range lines {
		ask(t, c, line)
	}
	ask(t, c, "PUBLISH __end x")
	var b strings.Builder
	for {
		m, err := ear.Receive()
		if err != nil {
			t.Fatal(err)
		}
		if m.Elem[2].Text == "__end" {
			return b.String()
		}
		b.WriteString(text(m.Elem[2]) + " " + text(m.Elem[3]) + "\n")
	}
}

func text(r testutil.Reply) string { return strings.ReplaceAll(r.Text, "\n", "\\n") }

// What Redis 8 tells of values that are replaced as a whole.
func TestReplacedIsNotified(t *testing.T) {
	s := startDataServer(t)
	classes := Notify{KeyEvent: true, Classes: keyspace.ClassOverwritten | keyspace.ClassTypeChanged | keyspace.ClassString | keyspace.ClassGeneric | keyspace.ClassSet}
	for line, want := range map[string]string{
		"SET new 1":                     "set new",
		"SET str 2":                     "overwritten str,set str",
		"SET list 2":                    "overwritten list,type_changed list,set list",
		"MSET str 3 set 4":              "overwritten str,set str,overwritten set,type_changed set,set set",
		"GETSET str 5":                  "overwritten str,set str",
		"INCR str":                      "incrby str",
		"APPEND str x":                  "append str",
		"RENAME str list":               "rename_from str,rename_to list,overwritten list,type_changed list",
		"COPY str list REPLACE":         "copy_to list,overwritten list,type_changed list",
		"SUNIONSTORE set set":           "overwritten set,sunionstore set",
		"SUNIONSTORE str set":           "overwritten str,type_changed str,sunionstore str",
		"BITOP NOT str str":             "overwritten str,set str",
		"SUNIONSTORE elsewhere set":     "sunionstore elsewhere",
		"SORT list BY nosort STORE str": "overwritten str,type_changed str",
	} {
		got := notices(t, s, classes, "SET str 1", "RPUSH list a", "SADD set a", "PUBLISH __start x", line)
		_, got, _ = strings.Cut(got, "__start x\n")
		got = strings.TrimSuffix(strings.ReplaceAll(strings.ReplaceAll(got, "__keyevent@0__:", ""), "\n", ","), ",")
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// Which fields an event was about, as Redis 8.8 tells it.
func TestFieldsAreNotified(t *testing.T) {
	s := startDataServer(t)
	all := Notify{Subkeyspace: true, SubkeyEvent: true, SubkeyspaceItem: true, SubkeyspaceEvent: true, Classes: keyspace.ClassHash | keyspace.ClassGeneric}
	got := notices(t, s, all, "HSET h f 1 long,er 2 f 3", "HSET a\nb f 1", "DEL h")
	want := `__subkeyspace@0__:h hset|1:f,7:long,er,1:f
__subkeyevent@0__:hset 1:h|1:f,7:long,er,1:f
__subkeyspaceitem@0__:h\nf hset
__subkeyspaceitem@0__:h\nlong,er hset
__subkeyspaceitem@0__:h\nf hset
__subkeyspaceevent@0__:hset|h 1:f,7:long,er,1:f
`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	events := Notify{SubkeyspaceEvent: true, Classes: keyspace.ClassHash}
	got = notices(t, s, events, "HSET h a 1 b 2 c 3 d 4 e 5", "HDEL h a x b", "HINCRBY h c 1", "HINCRBYFLOAT h c 1", "HPEXPIRE h 100000 FIELDS 2 c x",
		"HPERSIST h FIELDS 2 c d", "HSETNX h n 1", "HSETNX h n 2", "HGETDEL h FIELDS 1 d", "HGETEX h EX 100 FIELDS 1 e", "HSETEX h EX 100 FIELDS 1 q 1", "HPEXPIRE h 0 FIELDS 1 q")
	got = strings.ReplaceAll(got, "__subkeyspaceevent@0__:", "")
	want = `hset|h 1:a,1:b,1:c,1:d,1:e
hdel|h 1:a,1:b
hincrby|h 1:c
hincrbyfloat|h 1:c
hexpire|h 1:c
hpersist|h 1:c
hset|h 1:n
hdel|h 1:d
hexpire|h 1:e
hset|h 1:q
hexpire|h 1:q
hdel|h 1:q
`
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Without subscribers, or classes, or channels, nothing is told of.
func TestNotifyCostsNothingUnheard(t *testing.T) {
	for _, n := range []Notify{{}, {Keyspace: true}, {Classes: keyspace.ClassString}} {
		if n.interest() != 0 {
			t.Errorf("%+v asks for %b", n, n.interest())
		}
	}
	if n := (Notify{KeyEvent: true, Classes: keyspace.ClassMiss}); n.interest() != keyspace.WantAfter|keyspace.WantMisses {
		t.Errorf("%+v asks for %b", n, n.interest())
	}
}
