package session

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Who is logged in as a user that is deleted is closed, and seen no more.
func TestDeletedUserIsClosed(t *testing.T) {
	s := startServer(t, 2)
	admin, bob, other := s.dial(t), s.dial(t), s.dial(t)
	expect(t, admin, "ACL SETUSER bob on nopass +@all ~*", "+OK\r\n")
	for _, c := range []string{"AUTH bob x", "CLIENT SETNAME doomed"} {
		expect(t, bob, c, "+OK\r\n")
	}
	expect(t, other, "PING", "+PONG\r\n")
	expect(t, admin, "ACL DELUSER bob", ":1\r\n")
	if got := ask(t, admin, "CLIENT LIST"); strings.Contains(got, "doomed") {
		t.Errorf("CLIENT LIST: %s", got)
	}
	if got, err := bob.ReadToEOF(); len(got) != 0 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	expect(t, other, "PING", "+PONG\r\n")

	expect(t, admin, "ACL SETUSER eve on nopass +@all ~*", "+OK\r\n")
	expect(t, other, "AUTH eve x", "+OK\r\n")
	expect(t, other, "ACL DELUSER eve", ":1\r\n") // oneself, after the reply
	if got, err := other.ReadToEOF(); len(got) != 0 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

// Who listens to a channel that is taken away is closed; who listens to what is left is not.
func TestLostChannels(t *testing.T) {
	s := startServer(t, 2)
	admin, a, b, p := s.dial(t), s.dial(t), s.dial(t), s.dial(t)
	expect(t, admin, "ACL SETUSER u on nopass +@all ~* &a &b &p*", "+OK\r\n")
	for c, line := range map[interface {
		Send(...string) error
	}]string{a: "SUBSCRIBE a", b: "SUBSCRIBE b", p: "PSUBSCRIBE p*"} {
		c.Send("AUTH", "u", "x")
		c.Send(strings.Fields(line)...)
	}
	receive(t, a, "+OK\r\n")
	receive(t, a, "*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
	receive(t, b, "+OK\r\n")
	receive(t, b, "*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:1\r\n")
	receive(t, p, "+OK\r\n")
	receive(t, p, "*3\r\n$10\r\npsubscribe\r\n$2\r\np*\r\n:1\r\n")
	expect(t, admin, "ACL SETUSER u resetchannels &b &p*", "+OK\r\n")
	if got, err := a.ReadToEOF(); len(got) != 0 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	expect(t, admin, "PUBLISH b x", ":1\r\n")
	receive(t, b, "*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n$1\r\nx\r\n")
	expect(t, admin, "ACL SETUSER u resetchannels &b &p1", "+OK\r\n") // a pattern must be there word for word
	if got, err := p.ReadToEOF(); len(got) != 0 || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	expect(t, admin, "PUBLISH b y", ":1\r\n")
}

// Equal refusals within a minute are one entry, which moves to the front.
func TestACLLog(t *testing.T) {
	var l aclLog
	for i := range 5 {
		l.add(1, "toplevel", "get", "u", fmt.Sprint("client ", i), int64(i), 3)
	}
	l.add(1, "toplevel", "set", "u", "c", 6, 3)
	l.add(1, "toplevel", "get", "u", "c", 10, 3)
	if e := l.latest(9); len(e) != 2 || e[0].object != "get" || e[0].count != 6 || e[0].created != 0 || e[0].updated != 10 || e[0].id != 0 || e[1].id != 1 {
		t.Errorf("%+v", e)
	}
	l.add(1, "toplevel", "get", "u", "c", 10+aclLogTogether+1, 3)
	l.add(1, "multi", "get", "u", "c", 10, 3)
	if e := l.latest(9); len(e) != 3 || e[0].id != 3 || e[1].id != 2 || e[2].object != "get" {
		t.Errorf("%+v", e)
	}
	l.add(2, "toplevel", "k", "u", "c", 10, 0)
	if e := l.latest(9); len(e) != 0 {
		t.Errorf("%+v", e)
	}
	if l.counts[1].Load() != 9 || l.counts[2].Load() != 1 {
		t.Error("counts")
	}
}

// Rules that change hold from the next command on, for every client; while they
// change each command sees the old ones or the new ones.
func TestRulesChangeUnderLoad(t *testing.T) {
	s := startServer(t, 2)
	admin := s.dial(t)
	expect(t, admin, "ACL SETUSER u on nopass ~k +get", "+OK\r\n")
	var clients sync.WaitGroup
	for range 4 {
		c := s.dial(t)
		clients.Go(func() {
			if r, err := c.Do("AUTH", "u", "x"); err != nil || r.Kind != '+' {
				t.Errorf("%q, %v", r.Raw, err)
			}
			for range 300 {
				r, err := c.Do("GET", "k")
				if err != nil || !r.Null && !strings.HasPrefix(r.Text, "NOPERM") {
					t.Errorf("%q, %v", r.Raw, err)
					return
				}
			}
		})
	}
	for i := range 100 {
		expect(t, admin, "ACL SETUSER u "+[]string{"-get", "+get", "resetkeys", "~k", "+@all", "-@all +get"}[i%6], "+OK\r\n")
		ask(t, admin, "ACL LIST")
		ask(t, admin, "ACL LOG")
	}
	clients.Wait()
}

func TestSecretWords(t *testing.T) {
	h := newTestHub(t)
	for line, want := range map[string]string{
		"AUTH a b":                      "AUTH (redacted) (redacted)",
		"HELLO 3 AUTH a b SETNAME c":    "HELLO 3 AUTH (redacted) (redacted) SETNAME c",
		"HELLO 3 SETNAME auth auth a b": "HELLO 3 SETNAME auth auth (redacted) (redacted)",
		"HELLO 3 NONSENSE AUTH":         "HELLO 3 NONSENSE (redacted)",
		"ACL SETUSER u >p":              "ACL SETUSER (redacted) (redacted)",
		"ACL GETUSER u":                 "ACL GETUSER u",
		"SET auth a":                    "SET auth a",
	} {
		var argv [][]byte
		for w := range strings.FieldsSeq(line) {
			argv = append(argv, []byte(w))
		}
		spec := h.table.Lookup(argv)
		var got []string
		for i := range argv {
			got = append(got, string(spec.Shown(argv, i)))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %s", line, got)
		}
	}
}

// A client of the program itself may do everything, whatever becomes of the default user.
func TestLocalIsUnrestricted(t *testing.T) {
	h := newTestHub(t)
	l := h.Local()
	defer l.Close()
	if _, err := h.Users().Set("default", []string{"off", "resetpass", "-@all", "resetkeys"}); err != nil {
		t.Fatal(err)
	}
	if got := l.Do([][]byte{[]byte("SET"), []byte("k"), []byte("v")}); string(got) != "+OK\r\n" {
		t.Errorf("%q", got)
	}
}

func FuzzACLCommand(f *testing.F) {
	for _, seed := range []string{"SETUSER u on", "GETUSER u", "DRYRUN u get k", "LOG 5", "CAT read", "GENPASS 9", "DELUSER u", "SETUSER u ( +get ~k )"} {
		f.Add(seed)
	}
	h := newTestHub(f)
	f.Fuzz(func(t *testing.T, line string) {
		l := h.Local()
		defer l.Close()
		argv := [][]byte{[]byte("ACL")}
		for _, w := range strings.Split(line, " ") {
			argv = append(argv, []byte(w))
		}
		if got := l.Do(argv); len(got) == 0 {
			t.Errorf("%q: no reply", line)
		}
	})
}
