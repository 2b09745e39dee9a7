package server

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// pairs reads the reply of CONFIG GET.
func pairs(r testutil.Reply) map[string]string {
	m := map[string]string{}
	for kv := range slices.Chunk(r.Elem, 2) {
		m[kv[0].Text] = kv[1].Text
	}
	return m
}

// differs are settings whose answers are the test's doing, or Debian's.
var differs = map[string]string{
	"port": "chosen by the test", "dir": "chosen by the test", "pidfile": "", "logfile": "",
}

// Every setting that stock Redis has is there with the same default.
func TestConfigDefaultsAgainstStock(t *testing.T) {
	theirs := pairs(testutil.Stock(t).Dial(t).Must(t, "CONFIG", "GET", "*"))
	ours := pairs(testutil.Subject(t).Dial(t).Must(t, "CONFIG", "GET", "*"))
	if len(theirs) < 150 {
		t.Fatalf("stock has %d settings", len(theirs))
	}
	for name, want := range theirs {
		got, ok := ours[name]
		if _, skip := differs[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if got != want && !skip {
			t.Errorf("%s is %q, stock has %q", name, got, want)
		}
	}
	newer := []string{"set-max-listpack-entries", "set-max-listpack-value", "locale-collate",
		"cluster-announce-human-nodename", "tls-auth-clients-user", "log-format", "log-timestamp-format",
		"commandlog-execution-slower-than", "commandlog-slow-execution-max-len", "commandlog-request-larger-than",
		"commandlog-large-request-max-len", "commandlog-reply-larger-than", "commandlog-large-reply-max-len",
		"metrics-bind", "metrics-port", "metrics-pprof"}
	for name := range ours {
		if _, ok := theirs[name]; !ok && !slices.Contains(newer, name) {
			t.Errorf("%s is ours alone", name)
		}
	}
}

// The same CONFIG commands get the same answers.
func TestConfigAgainstStock(t *testing.T) {
	stock, subject := testutil.Stock(t).Dial(t), testutil.Subject(t).Dial(t)
	for _, line := range []string{
		"config get maxmemory", "config get MAXMEMORY", "config get Max-nosuch", "config get save", "config get nosuch port*x",
		"config get slave-priority replica-priority", "config get watchdog-period", "config get watchdog*",
		"config get", "config set", "config set port", "config set a b c", "config set nosuch 1", "config", "config nosuch",
		"config get maxmemory maxmemory MaxMemory", "config help", "config help x", "config rewrite", "config resetstat x",
		"config set maxmemory 100mb", "config get maxmemory", "config set maxmemory 1x", "config set maxmemory 0",
		"config set databases 3", "config set DIR /", "config set dbfilename x", "config set hz 10000", "config get hz", "config set hz 0",
		"config get hz", "config set maxmemory 5 MAXMEMORY 6", "config set slave-priority 5 replica-priority 6",
		"config set maxmemory-samples 7 timeout x", "config get maxmemory-samples", "config set maxmemory-samples 0",
		"config set timeout 5 maxmemory-samples 9", "config get timeout maxmemory-samples", "config set timeout 0",
		"config set save 900|1", "config get save", "config set save 900|1|", "config set save 900||1", "config set save -1|1",
		"config set save 900|1|300|10", "config get save", "config set save ", "config get save",
		"config set oom-score-adj-values 1|2", "config set oom-score-adj-values 1|2|3|4", "config set oom-score-adj-values 1|2|9999",
		"config set oom-score-adj-values 0|100|200", "config get oom-score-adj-values", "config set oom-score-adj maybe",
		"config set latency-tracking-info-percentiles 50.0|99.95", "config get latency-tracking-info-percentiles",
		"config set latency-tracking-info-percentiles 50|x", "config set latency-tracking-info-percentiles 50|-1",
		"config set latency-tracking-info-percentiles ", "config get latency-tracking-info-percentiles",
		"config set notify-keyspace-events KEA", "config get notify-keyspace-events", "config set notify-keyspace-events q",
		"config set notify-keyspace-events gx$K", "config get notify-keyspace-events", "config set notify-keyspace-events ",
		"config set client-output-buffer-limit normal|1|2", "config set client-output-buffer-limit x|1|2|3",
		"config set client-output-buffer-limit replica|1mb|1k|-1", "config set client-output-buffer-limit replica|1mb|1k|1|pubsub|0|0|0",
		"config get client-output-buffer-limit", "config set shutdown-on-sigterm nosave|force", "config get shutdown-on-sigterm",
		"config set shutdown-on-sigterm now|bad", "config set shutdown-on-sigterm default", "config set shutdown-on-sigterm ",
		"config set maxmemory-policy allkeys-lfu", "config get maxmemory-policy", "config set maxmemory-policy ALLKEYS-LRU",
		"config get maxmemory-policy", "config set maxmemory-policy best", "config set maxmemory-clients 5%", "config get maxmemory-clients",
		"config set maxmemory-clients 500%", "config set maxmemory-clients -1", "config set maxmemory-clients 0",
		"config set proto-max-bulk-len 1", "config set proto-max-bulk-len 2mb", "config get proto-max-bulk-len",
		"config set tcp-keepalive -1", "config set tcp-keepalive 01", "config set tcp-keepalive ",
		"config set loglevel verbose", "config get loglevel", "config set port 70000", "config set list-max-ziplist-size -5",
		"config get list-max-*", "config set appendonly maybe", "config set slowlog-log-slower-than -2", "config set io-threads 3",
		"config set cluster-announce-hostname a_b", "config set cluster-announce-hostname a.b", "config get cluster-announce-hostname",
		"config set proc-title-template {x}", "config set replica-announce-ip a|b", "config get slave-announce-ip",
		"config set maxclients 0", "config set maxclients 4294967296", "config set bind 1.2.3.4", "config get bind",
		"config set active-expire-effort 11", "config set unixsocketperm 700", "config set enable-debug-command yes",
		"config set repl-backlog-size 0", "config set tracking-table-max-keys -1", "config set lfu-log-factor 5", "config get lfu-*",
		"config set requirepass secret", "config get requirepass", "config set requirepass ", "config get requirepass masteruser",
	} {
		words := strings.Split(line, " ")
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "|", " ")
		}
		want, got := stock.Must(t, words...), subject.Must(t, words...)
		if string(want.Raw) != string(got.Raw) && !sameSettings(want, got) {
			t.Errorf("%q:\n%q\nstock:\n%q", words, got.Raw, want.Raw)
		}
	}
}

// sameSettings compares replies of CONFIG GET, whose order means nothing.
func sameSettings(a, b testutil.Reply) bool {
	pa, pb := pairs2(a), pairs2(b)
	return pa != nil && slices.Equal(pa, pb)
}

func pairs2(r testutil.Reply) []string {
	if r.Kind != '*' || len(r.Elem)%2 != 0 || len(r.Elem) == 0 {
		return nil
	}
	var all []string
	for kv := range slices.Chunk(r.Elem, 2) {
		all = append(all, kv[0].Text+"="+kv[1].Text)
	}
	slices.Sort(all)
	return all
}

// Both servers rewrite a file to the same lines: comments stay, directives are
// changed where they are. The lines of users are left out: Redis writes its
// default user, which here has no line.
func TestConfigRewriteAgainstStock(t *testing.T) {
	const text = "# mine\nPORT 0\nmaxmemory 10485760\n\n\nsave 900 1\nSAVE 300 10\nsave 5 5\n# end\nslave-priority 7\n" +
		"rename-command DEBUG \"\"\nhz 50\ninclude more*.conf\nclient-output-buffer-limit pubsub 1mb 2mb 3\nloglevel notice\n" +
		"replicaof 127.0.0.1 1\nmasterauth \"x \\\" y\"\nbind 127.0.0.1\n"
	dir := t.TempDir()
	rewritten := func(bin string) []string {
		if err := os.WriteFile(filepath.Join(dir, "more.conf"), []byte("timeout 5\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(dir, filepath.Base(bin)+".conf")
		sock := filepath.Join(dir, "s")
		if err := os.WriteFile(name, []byte(text+"unixsocket "+sock+"\ndir "+dir+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(bin, name)
		cmd.Dir = dir
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		defer cmd.Wait()
		defer cmd.Process.Signal(syscall.SIGTERM)
		for _, command := range []string{"PING", `CONFIG SET hz 10 save "7 8" replica-announce-ip "x y" repl-timeout 99 masterauth q`,
			`CONFIG SET maxmemory 1gb notify-keyspace-events KEA oom-score-adj-values "0 1 2"`, "ACL SETUSER bob on >x ~a %R~b &c +get (+@read ~d)", "CONFIG REWRITE"} {
			if line := askUnix(t, sock, command); line[0] != '+' {
				t.Errorf("%s: %s: %q", bin, command, line)
			}
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return comparable(string(b))
	}
	want := rewritten(testutil.Need(t, "redis-server", "Debian package redis-server"))
	if got := rewritten(testutil.Binary(t)); !slices.Equal(got, want) {
		t.Errorf("rewritten as\n%s\nstock:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// comparable is a file's lines in their order down to the marker, and those
// below it, whose order is Redis's hash table's, sorted.
func comparable(text string) []string {
	var lines []string
	below := 0
	for line := range strings.SplitSeq(text, "\n") {
		if line == "" {
			continue
		}
		lines = append(lines, line)
		if line == "# Generated by CONFIG REWRITE" {
			below = len(lines)
		}
	}
	slices.Sort(lines[below:])
	return lines
}

func TestConfigSetTakesEffect(t *testing.T) {
	s := testutil.Subject(t)
	c := s.Dial(t)
	c.Must(t, "CONFIG", "SET", "requirepass", "secret")
	if got := s.Dial(t).Must(t, "GET", "x"); got.Text != "NOAUTH Authentication required." {
		t.Errorf("without the password: %q", got.Raw)
	}
	c.Must(t, "CONFIG", "SET", "requirepass", "")
	if got := s.Dial(t).Must(t, "GET", "x"); !got.Null {
		t.Errorf("with none needed: %q", got.Raw)
	}
}

// A file that Redis rewrote holds the default user with the hash of requirepass.
func TestDefaultUserLine(t *testing.T) {
	s := testutil.Subject(t, "--requirepass", "secret", "--user", "default", "on", "sanitize-payload",
		"#2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b", "~*", "&*", "+@all")
	c := s.Dial(t)
	if got := c.Must(t, "AUTH", "secret"); got.Text != "OK" {
		t.Errorf("AUTH: %q", got.Raw)
	}
}

// CONFIG SET moves the listeners, and back if it cannot; connections stay.
func TestListenersMove(t *testing.T) {
	s, other := testutil.Subject(t), testutil.Subject(t)
	c := s.Dial(t)
	host, old, _ := net.SplitHostPort(s.Addr)
	_, taken, _ := net.SplitHostPort(other.Addr)
	answers := func(port string) bool {
		c, err := testutil.Dial(net.JoinHostPort(host, port))
		if err != nil {
			return false
		}
		defer c.Close()
		r, err := c.Do("CONFIG", "GET", "dir")
		return err == nil && r.Elem[1].Text == s.Dir
	}
	if got := c.Must(t, "CONFIG", "SET", "port", taken); got.Kind != '-' || !answers(old) {
		t.Errorf("a port in use: %q, the old one answers: %v", got.Raw, answers(old))
	}
	if got := c.Must(t, "CONFIG", "SET", "bind", "1.2.3.4"); got.Kind != '-' || !answers(old) {
		t.Errorf("a foreign address: %q, the old one answers: %v", got.Raw, answers(old))
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(free.Addr().String())
	free.Close()
	for range 3 { // there and back, while descriptors change hands
		for _, p := range []string{port, old} {
			if got := c.Must(t, "CONFIG", "SET", "port", p); got.Text != "OK" || !answers(p) {
				t.Fatalf("port %s: %q, answers: %v", p, got.Raw, answers(p))
			}
		}
	}
	if answers(port) {
		t.Error("the port that was left still answers")
	}
	if got := c.Must(t, "CONFIG", "SET", "port", "0"); got.Text != "OK" || answers(old) {
		t.Errorf("port 0: %q, the old one answers: %v", got.Raw, answers(old))
	}
	if got := c.Must(t, "PING"); got.Text != "PONG" {
		t.Errorf("the connection from before: %q", got.Raw)
	}
}
