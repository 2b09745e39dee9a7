package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// A debugging session in a pipe is the same as with stock, whether its changes stay or not.
func TestDebuggerAsStock(t *testing.T) {
	ours, stock, s := ours(t), stock(t), testutil.Stock(t)
	dir := t.TempDir()
	write := func(name, script string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(script), 0o666); err != nil {
			t.Fatal(err)
		}
		return file
	}
	good := write("good", "local a = redis.call('incr', KEYS[1])\nredis.breakpoint()\nredis.debug('x', a)\nreturn {ARGV[1], a}\n")
	bad, failing := write("bad", "retrun 1"), write("failing", "local x\nreturn x.y\n")
	for _, c := range []struct{ args, stdin string }{
		{"--ldb --eval " + good + " k , arg", "help\nlist\nprint\nstep\nprint a\neval  redis.call('get',  KEYS[1])\nbreak 4\nredis get k\ncontinue\ncontinue\nget k\n"},
		{"--ldb --eval " + good + " k , arg", "s\nrestart\nc\nquit\nc\n"}, {"--ldb --eval " + good + " k , arg", "\nnosuch\n\"\na b\nabort\nping\nrestart\n"},
		{"--ldb-sync-mode --eval " + good + " k , arg", "continue\ncontinue\nget k\n"}, {"--ldb --eval " + bad, "step\n"}, {"--ldb --eval " + failing, "continue\nping\n"},
		{"--ldb --eval /nosuch", "step\n"}, {"--ldb ping", ""}, {"--ldb --eval " + good + " k , arg", "continue\ncontinue"},
	} {
		args := append([]string{"-p", port(s)}, strings.Fields(c.args)...)
		for _, terminal := range []string{"dumb", "xterm-256color"} {
			t.Setenv("TERM", terminal)
			s.Dial(t).Must(t, "SET", "k", "1")
			got := strings.ReplaceAll(result(t, c.stdin, ours, args...), ours, "redis-cli")
			s.Dial(t).Must(t, "SET", "k", "1")
			if want := strings.ReplaceAll(result(t, c.stdin, stock, args...), stock, "redis-cli"); got != want {
				t.Errorf("%s, %q\n%s", c.args, c.stdin, difference(got, want))
			}
		}
	}
}
