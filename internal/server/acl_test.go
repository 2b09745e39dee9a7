package server

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// A file of users is loaded at the start and by ACL LOAD, whole or not at all, with the same
// words as stock's, and written by ACL SAVE.
func TestACLFile(t *testing.T) {
	type step struct{ file, command string } // file: what is written into it first, unless it is empty
	steps := []step{
		{"", "ACL LIST"}, {"", "AUTH bob wrong"}, {"", "AUTH bob secret"}, {"", "ACL WHOAMI"}, {"", "AUTH default x"},
		{"user bob on +nosuch\nuser eve on ~* ~a\nuser eve on\n", "ACL LOAD"}, {"", "ACL LIST"},
		{"nonsense\n\nuser\nuser  x\n user tab\t on\nuser x on  >p  +get\n", "ACL LOAD"}, {"", "ACL LIST"},
		{"user default on nopass ~* &* +@all\r\nuser eve on #" + strings.Repeat("1", 64) + " -@all +get (+set ~a %R~b)\r\n\r\n", "ACL LOAD"},
		{"", "ACL LIST"}, {"", "ACL SETUSER zoe on >p"}, {"", "ACL DELUSER eve"}, {"", "ACL SAVE"}, {"", "ACL SETUSER zoe off"},
		{"", "ACL LOAD"}, {"", "ACL LIST"}, {"", "CONFIG GET aclfile"},
	}
	run := func(start func(testing.TB, ...string) *testutil.Server) (replies []string) {
		path := filepath.Join(t.TempDir(), "users.acl")
		write := func(text string) {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		write("user bob on >secret ~a +@all\n")
		s := start(t, "--aclfile", path)
		c := s.Dial(t)
		for _, st := range steps {
			if st.file != "" {
				write(st.file)
			}
			if st.command != "" {
				r := c.Must(t, strings.Fields(st.command)...)
				replies = append(replies, st.command+": "+strings.ReplaceAll(string(r.Raw), path, "PATH"))
			}
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		return append(replies, string(text))
	}
	want, got := run(testutil.Stock), run(testutil.Subject)
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got\n%s\nstock\n%s", got[i], want[i])
		}
	}
}

// Rules name commands as they were before rename-command, those that it removed as well.
func TestRulesNameRenamedCommands(t *testing.T) {
	s := testutil.Subject(t, "--rename-command", "GET", "FETCH", "--rename-command", "FLUSHALL", "",
		"--user", "bob", "on", "nopass", "~*", "+@all", "-get", "-flushall")
	c := s.Dial(t)
	c.Must(t, "AUTH", "bob", "x")
	if r := c.Must(t, "FETCH", "k"); !strings.HasPrefix(r.Text, "NOPERM") {
		t.Errorf("%q", r.Raw)
	}
	if r := c.Must(t, "ACL", "GETUSER", "bob"); !strings.Contains(string(r.Raw), "+@all -flushall -get") {
		t.Errorf("%q", r.Raw)
	}
}
