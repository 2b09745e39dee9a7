package server

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// launched is what a program left that ended by itself.
type launched struct {
	status int
	output string
}

// startUp runs a server that is expected to refuse to start.
func startUp(t *testing.T, bin, dir, stdin string, args []string) launched {
	t.Helper()
	cmd := exec.Command(bin, args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return launched{cmd.ProcessState.ExitCode(), string(out)}
}

var logPrefix = regexp.MustCompile(`(?m)^\d+:[CM] .*? [.*#-] `)

// keyLines are the lines of an output that say why the start failed: the fatal message, or the log's last line.
func (l launched) keyLines() string {
	out := regexp.MustCompile(`\(Redis [0-9.]+\)`).ReplaceAllString(l.output, "(Redis)")
	if i := strings.Index(out, "*** FATAL"); i >= 0 {
		return out[i:]
	}
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return logPrefix.ReplaceAllString(lines[len(lines)-1], "")
}

// The same mistakes end both servers with the same words.
func TestStartUpErrors(t *testing.T) {
	stock := testutil.Need(t, "redis-server", "Debian package redis-server")
	ours := testutil.Binary(t)
	dir := t.TempDir()
	for name, text := range map[string]string{
		"bad.conf": "port 0\n\n# x\nfoo bar\n", "quotes.conf": "logfile \"a\n", "inc.conf": "port 0\ninclude bad.conf\n",
		"globs.conf": "include *none*\nport 0\nbogus\n", "args.conf": "timeout 1 2\n", "ok.conf": "port 0\n",
		"bad.acl": "user bob on +nosuch ~a ~* ~b +@nosuch\n\n  user bob on\nuser\nbob on\nuser al  on nosuch nosuch2\nuser \"b b\"\n",
		"dup.acl": "user default on nopass\r\nuser default on\r\n", "empty.acl": "", "twice.conf": "user bob on\nuser bob off\n",
		"users.conf":    "aclfile empty.acl\nuser bob on\n",
		"channels.conf": "user bob on &a\nacl-pubsub-default allchannels\n", "channels2.conf": "acl-pubsub-default allchannels\nuser bob on &a\n",
		"old.conf": "list-max-ziplist-entries 1\nlua-replicate-commands yes\nport 0\nx\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		stdin string
		args  string // separated by |
	}{
		{"", "bad.conf"}, {"", "quotes.conf"}, {"", "inc.conf"}, {"", "globs.conf"}, {"", "args.conf"}, {"", "old.conf"},
		{"", "ok.conf"}, {"", "ok.conf|--foo|bar"}, {"", "nosuch.conf"},
		{"port x\n", "-"}, {"hz 1\nfoo\n", "ok.conf|-"}, {"foo", "--port|0|-"}, {"", "-x"},
		{"", "--port|0"}, {"", "--port"}, {"", "--port|-1"}, {"", "--port|65536"}, {"", "--port|x"}, {"", "--port|1|2"},
		{"", "--foo"}, {"", "--FOO|bar"}, {"", "--maxmemory|5x"}, {"", "--maxmemory"}, {"", "--daemonize|maybe"},
		{"", "--save|900"}, {"", "--save|900|1|x|y"}, {"", "--unixsocketperm|999"},
		{"", "--unixsocketperm|7777"}, {"", "--maxmemory-policy|best"}, {"", "--supervised|me"},
		{"", "--shutdown-on-sigterm|save|bogus"}, {"", "--client-output-buffer-limit|normal|1"},
		{"", "--client-output-buffer-limit|x|1|2|3"}, {"", "--oom-score-adj-values|1|2"},
		{"", "--latency-tracking-info-percentiles|101"}, {"", "--notify-keyspace-events|q"},
		{"", "--databases|0"}, {"", "--io-threads|129"}, {"", "--dir|/no/such"}, {"", "--logfile|/no/such/log"},
		{"", "--rename-command|nosuch|x"}, {"", "--rename-command|get|set"}, {"", "--rename-command|get"},
		{"", "--include|nosuch.conf"}, {"", "--loadmodule"}, {"", "--user"}, {"", "--replicaof|a"},
		{"", "--replicaof|a|99999"}, {"", "--slaveof|a|b"}, {"", "--appendfilename|a/b"}, {"", "--appendfilename|"},
		{"", "--dbfilename|a/b"}, {"", "--appenddirname|"}, {"", "--cluster-enabled|yes|--replicaof|a|1"},
		{"", "--bind|1.2.3.4|--port|17180"}, {"", "--bind|no host|--port|17180"}, {"", "--port|17180|--bind|"},
		{"", "--proc-title-template|{x}"}, {"", "--cluster-announce-hostname|a b"},
		{"", "--maxmemory-clients|101%"}, {"", "--repl-timeout|0"}, {"", "--proto-max-bulk-len|1"},
		{"", "--port|0|--unixsocket|/no/such/dir/s"}, {"", "--tls-port|17180|--port|0"}, {"", "--tls-auth-clients|maybe"},
		{"", "--port|17180|--aclfile|none.acl"}, {"", "--port|17180|--aclfile|bad.acl"}, {"", "--port|17180|--aclfile|dup.acl"},
		{"", "twice.conf|--port|17180"}, {"", "users.conf|--port|17180"}, {"", "channels.conf|--port|17180"}, {"", "channels2.conf|--port|17180"},
		{"", "--port|17180|--user|bob|on|nosuch"}, {"", "--port|17180|--user|bob|~*|~a"}, {"", "--port|17180|--user|bob|on|+nosuch"},
		{"", "--port|17180|--user|bob|on|>a|#0"}, {"", "--port|17180|--user|\"a b\"|on"}, {"", "--port|17180|--user|a b|on"},
		{"", "--port|17180|--user|bob|(nosuch)|on"},
	} {
		args := strings.Split(c.args, "|")
		theirs := startUp(t, stock, dir, c.stdin, args)
		got := startUp(t, ours, dir, c.stdin, args)
		if got.status != theirs.status || got.keyLines() != theirs.keyLines() {
			t.Errorf("%q: status %d\n%s\nstock: status %d\n%s", args, got.status, got.keyLines(), theirs.status, theirs.keyLines())
		}
	}
}

// What Redis would start with, and we refuse: it says why.
func TestStartUpRefusals(t *testing.T) {
	bin := testutil.Binary(t)
	for args, want := range map[string]string{
		"--user|bob|(+get":                 "Error in user declaration 'bob': Unmatched parenthesis in acl selector starting at '(+get'",
		"--test-memory|5":                  "does not test memory",
		"--check-system":                   "no system check",
		"--sentinel":                       "sentinel mode is not supported yet",
		"--port|17180|--loadmodule|/no.so": "Can't load module from /no.so: server aborting",
	} {
		got := startUp(t, bin, t.TempDir(), "", strings.Split(args, "|"))
		if got.status != 1 || !strings.Contains(got.output, want) {
			t.Errorf("%q: status %d\n%s\nwant %q", args, got.status, got.output, want)
		}
	}
}

func TestVersionAndHelp(t *testing.T) {
	bin := testutil.Binary(t)
	for arg, want := range map[string]string{
		"-v": "Redis server v=" + RedisVersion + " ", "--version": " redstart=" + Version + "\n",
		"-h": "Usage: redstart [server]", "--help": "--directive value",
	} {
		if got := startUp(t, bin, t.TempDir(), "", []string{arg}); !strings.Contains(got.output, want) {
			t.Errorf("%s: %s\nwant %q", arg, got.output, want)
		}
	}
}
