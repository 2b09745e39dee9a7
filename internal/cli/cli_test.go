package cli

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// replies are what the server of these tests answers CASE n with.
var replies = []string{
	"+OK\r\n", "-ERR bad thing\r\n", ":42\r\n", "$5\r\nhel\x00o\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n",
	"*3\r\n:1\r\n$1\r\na\r\n$-1\r\n", "*2\r\n*2\r\n:1\r\n*1\r\n+x\r\n$3\r\n\"q\"\r\n",
	"%2\r\n+a\r\n:1\r\n+b\r\n*2\r\n:1\r\n:2\r\n", "%0\r\n", "~2\r\n:1\r\n:2\r\n", "~0\r\n", ",3.14\r\n", ",inf\r\n",
	"#t\r\n", "#f\r\n", "_\r\n", "=9\r\ntxt:a\nb\"c\r\n", "*11\r\n" + strings.Repeat(":7\r\n", 11),
	"*2\r\n-ERR inner\r\n%1\r\n:1\r\n%1\r\n+x\r\n~1\r\n:9\r\n", "*1\r\n*0\r\n", "$6\r\n\xc3\xa9\xff\n\t\r\r\n",
	"%2\r\n:1\r\n$1\r\na\r\n*1\r\n:2\r\n_\r\n", "*2\r\n=5\r\ntxt:x\r\n#t\r\n", "$0\r\n\r\n", ",1e100\r\n",
	"%1\r\n+k\r\n%2\r\n+a\r\n+b\r\n+c\r\n*2\r\n:1\r\n:2\r\n", "%1\r\n+k\r\n*1\r\n*2\r\n:1\r\n:2\r\n", ":-1\r\n", "$9\r\n\a\b\f\v\\\"/\x7f\x1b\r\n",
	"*2\r\n*-1\r\n%1\r\n$-1\r\n~0\r\n", "?what\r\n", ":notanumber\r\n", "*1\r\n", "$10\r\nshort", "",
	">2\r\n$10\r\ninvalidate\r\n*2\r\n$1\r\nk\r\n$1\r\nl\r\n:7\r\n", ">2\r\n$10\r\ninvalidate\r\n_\r\n:7\r\n", ">1\r\n+other\r\n:7\r\n",
}

// fakeServer answers CASE n with replies[n], HELLO with a map, AUTH secret and other commands with OK.
func fakeServer(t *testing.T) (port string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go answer(c)
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

func answer(c net.Conn) {
	defer c.Close()
	in := bufio.NewReader(c)
	for {
		argv := readCommand(in)
		if argv == nil {
			return
		}
		reply := "+OK\r\n"
		switch name := strings.ToUpper(argv[0]); {
		case name == "HELLO":
			reply = "%1\r\n+proto\r\n:3\r\n"
		case name == "CASE" && len(argv) == 2:
			n := 0
			fmt.Sscan(argv[1], &n)
			reply = replies[n]
			if end := strings.HasSuffix(reply, "\r\n"); !end || reply == "*1\r\n" { // it is cut short
				io.WriteString(c, reply)
				return
			}
		case name == "ECHO" && len(argv) == 2:
			w := resp.Writer{}
			w.BulkString(argv[1])
			reply = string(w.Buf)
		case name == "AUTH" && argv[len(argv)-1] != "secret":
			reply = "-WRONGPASS no\r\n"
		case name == "SELECT" && argv[1] != "3":
			reply = "-ERR DB index is out of range\r\n"
		}
		io.WriteString(c, reply)
	}
}

func readCommand(in *bufio.Reader) (argv []string) {
	n := 0
	if _, err := fmt.Fscanf(in, "*%d\r\n", &n); err != nil {
		return nil
	}
	for range n {
		size := 0
		fmt.Fscanf(in, "$%d\r\n", &size)
		word := make([]byte, size+2)
		if _, err := io.ReadFull(in, word); err != nil {
			return nil
		}
		argv = append(argv, string(word[:size]))
	}
	return argv
}

// ours is this program under the name redis-cli.
func ours(t *testing.T) string {
	path := filepath.Join(t.TempDir(), "redis-cli")
	if err := os.Symlink(testutil.Binary(t), path); err != nil {
		t.Fatal(err)
	}
	return path
}

// stock is the original.
func stock(t *testing.T) string {
	path, err := exec.LookPath("redis-cli")
	if err != nil {
		testutil.Missing(t, "redis-cli")
	}
	return path
}

// result is all that a run of a program shows.
func result(t *testing.T, stdin, program string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Run()
	return fmt.Sprintf("out %q\nerr %q\nstatus %d", out.String(), errs.String(), cmd.ProcessState.ExitCode())
}

// Each reply in each format is as with the original.
func TestFormatsAsStock(t *testing.T) {
	port, ours, stock := fakeServer(t), ours(t), stock(t)
	for i := range replies {
		for _, format := range []string{"--no-raw", "--raw", "--csv", "--json", "--quoted-json"} {
			for _, more := range [][]string{{"-2"}, {"-3"}, {"-3", "--show-pushes", "yes"}} {
				args := append([]string{"-p", port, format}, more...)
				args = append(args, "case", fmt.Sprint(i))
				if got, want := result(t, "", ours, args...), result(t, "", stock, args...); got != want {
					t.Errorf("%q as %v\n%s\nwant\n%s", replies[i], args, got, want)
				}
			}
		}
	}
}

// Options, standard input and exit status are as with the original.
func TestOptionsAsStock(t *testing.T) {
	port, ours, stock := fakeServer(t), ours(t), stock(t)
	for _, c := range []struct{ stdin, args string }{
		{"", "-p PORT case 0"}, {"", "-p PORT -x case"}, {"2", "-p PORT -x case"}, {"2\n", "-p PORT -x echo"}, {"2", "-p PORT -X tag case tag"},
		{"2", "-p PORT -X tug case tag"}, {"", "-x -X a ping"}, {"", "- ping"}, {"", "--nosuch"}, {"", "-p"}, {"", "-a"}, {"", "-p 1 ping"},
		{"", "-p 1"}, {"ping\n", "-p 1"}, {"", "-h nosuch.invalid ping"}, {"", "-s /nosuch ping"}, {"", "-s /nosuch"}, {"", "-p PORT -n 3 case 2"}, {"", "-p PORT -n 9 case 2"}, {"", "-p PORT -n x case 2"},
		{"", "-p PORT -r 3 case 2"}, {"", "-p PORT -r 0 case 2"}, {"", "-p PORT -r 2 -i 0.01 case 2"}, {"", "-p PORT -r 2 -i x case 1"},
		{"", "-p PORT -e case 1"}, {"", "-p PORT -e case 0"}, {"", "-p PORT -e -r 3 case 1"}, {"", "-p PORT -e --no-raw case 1"}, {"", "-p PORT -e case 20"},
		{"", "-p PORT -a secret case 0"}, {"", "-p PORT -a wrong case 0"}, {"", "-p PORT --pass secret --no-auth-warning case 0"}, {"", "-p PORT --user u --pass secret --no-auth-warning case 0"},
		{"", "-p PORT --user u case 0"}, {"", "-u redis://127.0.0.1:PORT/3 case 2"}, {"", "-u redis://127.0.0.1:PORT case 2"}, {"", "-u redis://u:secret@127.0.0.1:PORT/3 case 2"},
		{"", "-u redis://wrong@127.0.0.1:PORT case 2"}, {"", "-u http://x ping"}, {"", "-u 127.0.0.1 ping"}, {"", "-p PORT --quoted-input echo \"a\\x00b\""},
		{"", "-p PORT --quoted-input echo \"a"}, {"", "-p PORT --quoted-input echo 'a'b"}, {"", "-p PORT --quoted-input echo a"},
		{"", "-p PORT -d ; -D ! --raw case 7"}, {"", "-p PORT -d ; --raw -r 2 case 9"}, {"", "-p PORT -2 --json case 9"}, {"", "-p PORT --json info"}, {"", "-p PORT --no-raw info"},
		{"", "-p PORT --csv client list"}, {"", "-p PORT cluster nodes"}, {"", "-p PORT memory doctor"}, {"", "-p PORT --show-pushes no -3 case 37"},
		{"case 0\ncase 1\n\n  \ncase 2\ncase \"2\"\nfoo \"unbalanced\n3 case 0\n0 case 0\n-1 case 2\n# x\nselect 3\n", "-p PORT"},
		{"case 0\r\ncase 2\r\nquit\r\ncase 3\r\n", "-p PORT"}, {"case 0\nexit\ncase 0", "-p PORT"}, {"case 0\ncase 2", "-p PORT --no-raw"}, {"case 1\ncase 0\n", "-p PORT -e"},
		{"case 35\ncase 0\n", "-p PORT"}, {"case 36\ncase 0\n", "-p PORT"}, {"case 32\ncase 0\n", "-p PORT"}, {"connect 127.0.0.1 PORT\ncase 0\n", "-p PORT"}, {"connect 127.0.0.1 1\n", "-p PORT"},
	} {
		args := strings.Fields(strings.ReplaceAll(c.args, "PORT", port))
		stdin := strings.ReplaceAll(c.stdin, "PORT", port)
		if got, want := result(t, stdin, ours, args...), result(t, stdin, stock, args...); got != want {
			t.Errorf("%s, given %q\n%s\nwant\n%s", c.args, c.stdin, got, want)
		}
	}
}

// What walks over a server's keys shows the same, in any order.
func TestModesAsStock(t *testing.T) {
	ours, stock := ours(t), stock(t)
	s := testutil.Stock(t)
	c := s.Dial(t)
	for _, line := range strings.Split(`MSET a 1 b 22 k"q x
RPUSH l 1 2 3
SADD s a b
SADD s2 a
HSET h a 1
ZADD z 1 a
XADD st * a b
CONFIG SET maxmemory-policy allkeys-lfu`, "\n") {
		c.Must(t, strings.Fields(line)...)
	}
	for range 500 {
		c.Must(t, "GET", "a")
	}
	for _, args := range []string{
		"--scan", "--scan --pattern k*", "--scan --quoted-pattern \"k\\x22*\"", "--scan --quoted-pattern \"k", "--scan --pattern nokey*", "--scan --no-raw",
		"--bigkeys", "--bigkeys --pattern s*", "--memkeys", "--memkeys --memkeys-samples 0", "--hotkeys", "--pipe", "--eval /nosuch a , b",
		"--intrinsic-latency",
	} {
		args := append([]string{"-p", port(s)}, strings.Fields(args)...)
		stdin := "*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nFOO\r\n$1\r\nx\r\nSET a 5"
		got, want := unordered(result(t, stdin, ours, args...)), unordered(result(t, stdin, stock, args...))
		if got != want {
			t.Errorf("%v\n%s\nwant\n%s", args, got, want)
		}
	}
	script := filepath.Join(t.TempDir(), "x.lua")
	if err := os.WriteFile(script, []byte("return {KEYS[1],ARGV[1],#KEYS}"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range []string{"k , a", "k1 k2 ,", ", a", "k"} {
		args := append([]string{"-p", port(s), "--eval", script}, strings.Fields(args)...)
		if got, want := result(t, "", ours, args...), result(t, "", stock, args...); got != want {
			t.Errorf("%v\n%s\nwant\n%s", args, got, want)
		}
	}
}

// unordered sorts the lines of a result, without those that say how far a scan came: keys come in another order each time.
func unordered(result string) string {
	lines := strings.Split(result, `\n`)
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.Contains(l, "found so far") })
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A program that asks for latency gets one line, and --stat two columns of figures a line.
func TestMeasurements(t *testing.T) {
	ours, s := ours(t), testutil.Stock(t)
	for args, want := range map[string]string{
		"--latency -i 0.1":       `out "\d+ \d+ \d+\.\d\d \d+\\n"`,
		"--latency --csv -i 0.1": `out "\d+,\d+,\d+\.\d\d,\d+\\n"`,
		"--stat -i 0.01 -r 2":    `connections +\\n(\d+ +[\d.]+[KM] +\d+ +\d+ +\d+ \(\+\d+\) +\d+ +\\n){2}"`,
		"--intrinsic-latency 1":  `so far: \d+ microseconds\.\\n.*\d+ total runs \(avg latency: .* microseconds / .* nanoseconds per run\)\.\\nWorst run took \d+x`,
	} {
		got := result(t, "", ours, append([]string{"-p", port(s)}, strings.Fields(args)...)...)
		if !regexp.MustCompile(want).MatchString(got) {
			t.Errorf("%s: %s", args, got)
		}
	}
}

func port(s *testutil.Server) string {
	_, port, _ := net.SplitHostPort(s.Addr)
	return port
}
