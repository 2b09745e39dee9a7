package benchmark_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// A tool is a program that is called redis-benchmark.
type tool struct{ name, path string }

// both are the original and ours.
func both(t *testing.T) (stock, ours tool) {
	t.Helper()
	if testutil.RaceEnabled {
		t.Skip("programs are compared, in which the race detector sees nothing here; the load has tests of its own")
	}
	stock = tool{"stock", testutil.Need(t, "redis-benchmark", "Debian package redis-tools")}
	ours = tool{"ours", filepath.Join(t.TempDir(), "redis-benchmark")}
	if err := os.Symlink(testutil.Binary(t), ours.path); err != nil {
		t.Fatal(err)
	}
	return stock, ours
}

// A result is what a run of a tool left.
type result struct {
	out, err string
	status   int
}

func (b tool) run(t *testing.T, stdin string, args ...string) result {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), b.path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	timer := time.AfterFunc(time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return result{out.String(), errs.String(), cmd.ProcessState.ExitCode()}
}

// A recorder is a server that answers every command alike and keeps them by connection.
type recorder struct {
	net.Listener
	mu    sync.Mutex
	conns []*strings.Builder
}

func record(t *testing.T) *recorder {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &recorder{Listener: l}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			said := &strings.Builder{}
			r.mu.Lock()
			r.conns = append(r.conns, said)
			r.mu.Unlock()
			go r.serve(c, said)
		}
	}()
	return r
}

func (r *recorder) serve(c net.Conn, said *strings.Builder) {
	defer c.Close()
	// PING as a line is no reply; a kind in front of it makes it one.
	in := client.NewReader(&inlinePings{r: c})
	for {
		command, err := in.Read()
		if err != nil {
			return
		}
		answer := "+OK\r\n"
		r.mu.Lock()
		if command.Kind == client.Simple {
			fmt.Fprintf(said, "inline %q\n", command.Text)
		} else {
			for _, word := range command.Items {
				fmt.Fprintf(said, "%q ", word.Text)
			}
			said.WriteByte('\n')
			if len(command.Items) == 3 && string(command.Items[0].Text) == "CONFIG" {
				answer = "*2\r\n$1\r\nx\r\n$5\r\nvalue\r\n"
			}
		}
		r.mu.Unlock()
		io.WriteString(c, answer)
	}
}

type inlinePings struct {
	r    io.Reader
	left []byte
}

func (p *inlinePings) Read(b []byte) (int, error) {
	if len(p.left) == 0 {
		buf := make([]byte, 64<<10)
		n, err := p.r.Read(buf)
		if err != nil {
			return 0, err
		}
		p.left = buf[:n]
		if bytes.HasPrefix(p.left, []byte("PING\r\n")) {
			p.left = bytes.ReplaceAll(p.left, []byte("PING\r\n"), []byte("+PING\r\n"))
		}
	}
	n := copy(b, p.left)
	p.left = p.left[n:]
	return n, nil
}

// recorded is what a run of a tool said. The original asks a millisecond after it began, and every 250 ms,
// whether all clients are gone before as many replies as requests have come, and then gives up; where the
// requests are no multiple of the pipeline more replies come, which it takes for the same.
func recorded(t *testing.T, b tool, args func(port string) []string) *recorder {
	t.Helper()
	for tries := 1; ; tries++ {
		r := record(t)
		_, port, _ := net.SplitHostPort(r.Addr().String())
		got := b.run(t, "from stdin\n", args(port)...)
		if got.status == 0 {
			return r
		}
		if b.name != "stock" || tries == 10 || !strings.Contains(got.out+got.err, "All clients disconnected") {
			t.Fatalf("%s: status %d: %s%s", b.name, got.status, got.out, got.err)
		}
	}
}

var (
	randomDigits = regexp.MustCompile(`\d{12}`)
	manyDigits   = regexp.MustCompile(`\d+`)
)

// heard is how many connections said what, with the random numbers masked.
func (r *recorder) heard() map[string]int {
	r.mu.Lock()
	defer r.mu.Unlock()
	said := map[string]int{}
	for _, c := range r.conns {
		said[randomDigits.ReplaceAllString(c.String(), "<random>")]++
	}
	return said
}

// commands are all that was said by whatever connection, with how often.
func (r *recorder) commands() map[string]int {
	said := map[string]int{}
	for text, n := range r.heard() {
		for line := range strings.Lines(text) {
			said[line] += n
		}
	}
	return said
}

var builtIn = []string{"ping", "ping_inline", "ping_mbulk", "set", "get", "incr", "lpush", "rpush", "lpop", "rpop", "sadd", "hset", "spop", "zadd", "zpopmin",
	"lrange", "lrange_100", "lrange_300", "lrange_500", "lrange_600", "mset"}

// What a server gets is, command by command and connection by connection, what the original sends.
func TestSendsWhatStockSends(t *testing.T) {
	stock, ours := both(t)
	cases := [][]string{
		{"-q", "-P", "3", "-t", "set", "-a", "secret"},
		{"-q", "-P", "3", "-t", "set", "-a", "secret", "--user", "someone", "--dbnum", "7", "--enable-tracking", "-3"},
		{"--csv", "-d", "70", "-t", "set,lpush,mset,hset"},
		{"-q", "-d", "-5", "-t", "set"}, {"-q", "-d", "0", "-t", "set"},
		{"-q", "-r", "0", "-t", "get,zadd"}, {"-q", "-r", "-7", "-t", "zadd"},
		{"-q", "SET", "a b", "__rand_int__"}, {"-q", "-r", "1000", "-t", "get", "SET", "a__rand_int__b__rand_int__", "x"},
		{"-q", "-x", "SET", "key"}, {"-q", "-P", "0", "-t", "SET,Get,nothing"}, {"-q", "-e", "-t", "ping_mbulk"},
		{"-q", "-n", "7", "-P", "3", "get", "x"}, {"-q", "-n", "9", "-P", "4", "get", "x"},
		{"-q", "--threads", "1", "-t", "incr"}, {"-q", "-r", "1000", "-P", "2", "-t", strings.Join(builtIn, ",")}, {"-q", "-u", "", "-t", "get"},
	}
	for _, name := range builtIn {
		cases = append(cases, []string{"-q", "-t", name, "-n", "2"})
	}
	for _, c := range cases {
		t.Run(strings.Join(c, " "), func(t *testing.T) {
			t.Parallel()
			said := map[string]map[string]int{}
			for _, b := range []tool{stock, ours} {
				said[b.name] = recorded(t, b, func(port string) []string {
					args, where := slices.Clone(c), []string{"-p", port}
					if i := slices.Index(args, "-u"); i >= 0 {
						args[i+1] = "redis://someone:p%40ss@127.0.0.1:" + port + "/3"
						where = nil
					}
					return slices.Concat(where, []string{"-c", "1", "-n", "6"}, args)
				}).heard()
			}
			if !maps.Equal(said["stock"], said["ours"]) {
				t.Errorf("stock said\n%vours said\n%v", said["stock"], said["ours"])
			}
		})
	}
}

// With several connections, and a new one for each request, it is the same commands.
func TestSendsAsManyAsStock(t *testing.T) {
	stock, ours := both(t)
	for _, c := range [][]string{{"-c", "5", "-n", "100", "-P", "5", "-t", "set,get"}, {"-c", "3", "-n", "30", "-k", "0", "-t", "set"}} {
		said := map[string]map[string]int{}
		for _, b := range []tool{stock, ours} {
			said[b.name] = recorded(t, b, func(port string) []string {
				return append([]string{"-q", "-p", port}, c...)
			}).commands()
		}
		if !maps.Equal(said["stock"], said["ours"]) {
			t.Errorf("%v: stock said %v\nours said %v", c, said["stock"], said["ours"])
		}
	}
}

// shape masks what differs from run to run: numbers, lines of progress, and how many lines a distribution has.
func shape(out string) string {
	var lines []string
	for line := range strings.SplitSeq(out, "\n") {
		if i := strings.LastIndexByte(line, '\r'); i >= 0 {
			line = line[i+1:]
		}
		if !strings.HasPrefix(line, "===") && !strings.Contains(line, "configuration") {
			line = manyDigits.ReplaceAllString(line, "9")
		}
		if n := len(lines); n == 0 || line == "" || line != lines[n-1] {
			lines = append(lines, line)
		}
	}
	return regexp.MustCompile(` +9`).ReplaceAllString(strings.Join(lines, "\n"), " 9")
}

func TestOutputHasTheShapeOfStock(t *testing.T) {
	stock, ours := both(t)
	server := testutil.Stock(t, "--save", "900 1")
	_, port, _ := net.SplitHostPort(server.Addr)
	for _, c := range [][]string{
		{"-t", "ping,set,lrange_100"}, {"-t", "set", "-q"}, {"-t", "set,get", "--csv"}, {"-t", "set", "-q", "--csv"}, {"GET", "some key"}, {"-q", "GET", "some key"},
		{"--csv", "GET", "some key"}, {"-t", "get", "--threads", "2", "-k", "0", "-d", "20"}, {"-t", "get", "-e", "--precision", "1"}, {"-t", "nothing", "-q"},
		{"-t", "nothing"}, {"-t", "get", "PING"}, {"-t", "get", "-k", "0", "-q"},
	} {
		if !slices.Contains(c, "--threads") {
			c = append([]string{"--threads", "0"}, c...) // ours has more by default
		}
		args := append([]string{"-p", port, "-n", "1000", "-c", "10"}, c...)
		want, got := stock.run(t, "", args...), ours.run(t, "", args...)
		if shape(want.out) != shape(got.out) || want.status != got.status {
			t.Errorf("%v: stock prints, with status %d,\n%s\nours, with status %d,\n%s", c, want.status, shape(want.out), got.status, shape(got.out))
		}
		for line := range strings.Lines(want.err) {
			if !strings.Contains(got.err, line) {
				t.Errorf("%v: stock says %sours %s", c, line, got.err)
			}
		}
	}
}

// What ends the original ends ours, with the same words; ours may say more.
func TestErrorsOfStock(t *testing.T) {
	stock, ours := both(t)
	server := testutil.Stock(t)
	locked := testutil.Stock(t, "--requirepass", "secret")
	_, port, _ := net.SplitHostPort(server.Addr)
	_, lockedPort, _ := net.SplitHostPort(locked.Addr)
	if c, err := testutil.Dial(server.Addr); err != nil {
		t.Fatal(err)
	} else {
		for _, args := range [][]string{{"SET", "mylist", "x"}, {"ACL", "SETUSER", "small", "on", ">pw", "~*", "+ping", "+get"}} {
			if _, err := c.Do(args...); err != nil {
				t.Fatal(err)
			}
		}
		c.Close()
	}
	for _, c := range [][]string{
		{"-p", port, "-q", "nothing"}, {"-p", port, "-q", "-t", "lpush"}, {"-p", port, "-a", "wrong", "-q"}, {"-p", lockedPort, "-q", "-t", "get"},
		{"-p", lockedPort, "-a", "wrong", "-q"}, {"-p", lockedPort, "-a", "secret", "-q", "-t", "get"}, {"-p", port, "--dbnum", "99", "-q", "-t", "get"},
		{"-p", port, "--user", "small", "-a", "pw", "-q", "-t", "get"}, {"-p", port, "--user", "small", "-a", "pw", "-q", "-t", "set"},
		{"-u", "http://x"}, {"-u", "redis://%zz@127.0.0.1"}, {"-s", "/nothing/here", "-q"}, {"-c"}, {"-r", "-x"}, {"--nothing"}, {"-h"}, {"-u"},
		{"-p", port, "--threads", "501", "-n", "500", "-q", "-t", "get"}, {"-p", port, "--tls", "--cacert", "/nothing/here", "-q", "-t", "get"},
	} {
		c = append([]string{"-n", "200"}, c...)
		want, got := stock.run(t, "", c...), ours.run(t, "", c...)
		if want.status != got.status {
			t.Errorf("%v: status %d, stock has %d\n%s%s", c, got.status, want.status, got.out, got.err)
		}
		for line := range strings.Lines(want.err) {
			if !strings.Contains(got.err, strings.TrimRight(line, " \n")) {
				t.Errorf("%v: stock says %sours says %s", c, line, got.err)
			}
		}
		if first, _, _ := strings.Cut(want.out, "\n"); strings.HasPrefix(first, "Invalid") && !strings.HasPrefix(got.out, first+"\n\nUsage: redis-benchmark [OPTIONS] [COMMAND ARGS...]\n\nOptions:\n") {
			t.Errorf("%v: stock prints %q, ours %q", c, first, got.out)
		}
	}
}
