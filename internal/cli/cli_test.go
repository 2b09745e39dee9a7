package cli

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

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

// misfits are those of replies that break the protocol.
var misfits = []string{"?what\r\n", ":notanumber\r\n"}

// fakeServer answers CASE n with replies[n], HELLO with a map, AUTH secret and other commands with OK.
func fakeServer(t *testing.T, replies ...string) (port string) {
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
			go answer(c, replies)
		}
	}()
	_, port, _ = net.SplitHostPort(l.Addr().String())
	return port
}

// scanned tells who waits for it of a SCAN.
var scanned = make(chan struct{})

func answer(c net.Conn, replies []string) {
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
			if isCut(reply) {
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
		case name == "SCAN": // without end
			select {
			case scanned <- struct{}{}:
			default:
			}
			reply = "*2\r\n$1\r\n5\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n"
		case name == "DBSIZE":
			reply = ":10000000\r\n"
		case name == "TYPE":
			reply = "+string\r\n"
		case name == "STRLEN", name == "MEMORY", name == "OBJECT":
			reply = ":7\r\n"
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

// patience is for what hangs.
const patience = time.Minute

// elapsed is what both programs say of a reply that took half a second, which any may on a busy machine.
var elapsed = regexp.MustCompile(`(?m)^\((0\.[5-9]|[1-9]\d*\.\d)\ds\)\n`)

// result is all that a run of a program shows, but how long it took.
func result(t *testing.T, stdin, program string, args ...string) string {
	t.Helper()
	out, errs, status := run(t, stdin, program, args...)
	return fmt.Sprintf("out %q\nerr %q\nstatus %d", elapsed.ReplaceAllString(out, ""), errs, status)
}

func run(t *testing.T, stdin, program string, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &errs
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	cmd.Run()
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// What takes half a second is told how long it took, in the format for people.
func TestSlowRepliesAreTimed(t *testing.T) {
	s := testutil.Subject(t)
	for _, program := range []string{ours(t), stock(t)} {
		for format, times := range map[string]int{"--no-raw": 1, "--raw": 0, "--csv": 0} {
			out, errs, _ := run(t, "debug sleep 0.6\n", program, "-p", port(s), format)
			if n := len(elapsed.FindAllString(out, -1)); n != times || errs != "" {
				t.Errorf("%s %s: %q, %q", program, format, out, errs)
			}
		}
	}
}

// isCut says whether the server ends the connection in the middle of a reply.
func isCut(reply string) bool { return !strings.HasSuffix(reply, "\r\n") || reply == "*1\r\n" }

// Each reply in each format is as with the original: those of the list, and random ones.
func TestFormatsAsStock(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(uint64(seed), 0))
	all := slices.Clone(replies)
	for range 200 {
		all = append(all, randomReply(random, 4, false))
	}
	port, ours, stock := fakeServer(t, all...), ours(t), stock(t)
	const separator = "-- next --"
	var lines strings.Builder
	var asked []int
	for i, reply := range all {
		if !isCut(reply) && !slices.Contains(misfits, reply) {
			asked = append(asked, i)
			fmt.Fprintf(&lines, "case %d\necho \"%s\"\n", i, separator)
		}
	}
	for _, format := range []string{"--no-raw", "--raw", "--csv", "--json", "--quoted-json"} {
		for _, more := range [][]string{{"-2"}, {"-3"}, {"-3", "--show-pushes", "yes"}, {"-3", "-d", "<>", "-D", "!\n"}} {
			args := append([]string{"-p", port, format}, more...)
			got := strings.Split(result(t, lines.String(), ours, args...), separator)
			want := strings.Split(result(t, lines.String(), stock, args...), separator)
			shortest := -1
			for i := range min(len(got), len(want), len(asked)) {
				if got[i] != want[i] && (shortest < 0 || len(all[asked[i]]) < len(all[asked[shortest]])) {
					shortest = i
				}
			}
			if i := shortest; i >= 0 {
				t.Errorf("%q as %q\n%s", all[asked[i]], args, difference(got[i], want[i]))
			}
			if len(got) != len(want) {
				t.Errorf("%v: %d replies, want %d", args, len(got), len(want))
			}
		}
	}
}

// difference is where two texts begin to differ.
func difference(got, want string) string {
	i := 0
	for i < len(got) && i < len(want) && got[i] == want[i] {
		i++
	}
	part := func(s string) string { return s[max(i-40, 0):min(i+60, len(s))] }
	return fmt.Sprintf("...%s...\nwant\n...%s...", part(got), part(want))
}

// What is no reply, or not a whole one, is the same error, on the command line and among other commands.
func TestMisfitsAsStock(t *testing.T) {
	port, ours, stock := fakeServer(t, replies...), ours(t), stock(t)
	for i, reply := range replies {
		if !isCut(reply) && !slices.Contains(misfits, reply) {
			continue
		}
		for _, run := range []struct{ stdin, args string }{{"", "--no-raw case N"}, {"", "-e --json case N"}, {"case 0\ncase N\ncase 2\n", "--raw"}} {
			number := strings.NewReplacer("N", fmt.Sprint(i))
			args := append([]string{"-p", port}, strings.Fields(number.Replace(run.args))...)
			stdin := number.Replace(run.stdin)
			if got, want := result(t, stdin, ours, args...), result(t, stdin, stock, args...); got != want {
				t.Errorf("%q as %v\n%s\nwant\n%s", reply, args, got, want)
			}
		}
	}
}

// randomReply is any reply of at most so many levels; inside of another if that is said.
func randomReply(r *rand.Rand, depth int, inside bool) string {
	text := func() string {
		b := make([]byte, r.IntN(12))
		for i := range b {
			b[i] = byte(r.IntN(256))
			if r.IntN(2) == 0 {
				b[i] = ' ' + byte(r.IntN(95))
			}
		}
		return string(b)
	}
	word := func() string { return strings.Map(func(c rune) rune { return max(c%127, ' ') }, text()) }
	items := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(randomReply(r, depth-1, true))
		}
		return b.String()
	}
	kinds := 13
	if depth == 0 {
		kinds = 9
	}
	n := r.IntN(12)
	switch r.IntN(kinds) {
	case 0:
		return "+" + word() + "\r\n"
	case 1:
		return "-" + word() + "\r\n"
	case 2:
		return fmt.Sprintf(":%d\r\n", r.Int64()-r.Int64())
	case 3, 4:
		s := text()
		return fmt.Sprintf("$%d\r\n%s\r\n", len(s), s)
	case 5:
		return []string{"$-1\r\n", "*-1\r\n", "_\r\n"}[r.IntN(3)]
	case 6:
		return []string{",inf\r\n", ",-inf\r\n", ",1.5e300\r\n", ",-0\r\n", fmt.Sprintf(",%v\r\n", r.NormFloat64())}[r.IntN(5)]
	case 7:
		return []string{"#t\r\n", "#f\r\n"}[r.IntN(2)]
	case 8:
		s := "txt:" + text()
		return fmt.Sprintf("=%d\r\n%s\r\n", len(s), s)
	case 9:
		return fmt.Sprintf("~%d\r\n%s", n, items(n))
	case 10:
		return fmt.Sprintf("%%%d\r\n%s", n/2, items(n/2*2))
	case 11:
		if !inside {
			return fmt.Sprintf(">%d\r\n+%s\r\n%s+end\r\n", n+1, word(), items(n))
		}
	}
	return fmt.Sprintf("*%d\r\n%s", n, items(n))
}

var optionCases = []struct{ stdin, args string }{
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
	{"2", "-p PORT -x -r 2 case"}, {"2", "-p PORT -X t -r 2 -i 0.01 -e case t"}, {"1", "-p PORT -x -e -r 2 case"}, {"", "-p PORT -x case"}, {"a b\n", "-p PORT -x --quoted-input echo"},
	{"2", "-p PORT -x -X t case t"}, {"x", "-p PORT -X t echo t t"}, {"case 2\n", "-p PORT -r 3 -i 0.01"}, {"case 0\ncase 2\n", "-p PORT --csv -r 2"}, {"", "-p PORT -r -1 -e case 1"},
	{"", "-p PORT -r 1.5 case 2"}, {"", "-p PORT --verbose --mono case 2"}, {"", "-p PORT --eval /nosuch"}, {"", "-p PORT --quoted-json case 9"},
	{"", "-p PORT --pattern"}, {"", "-p PORT --show-pushes maybe -3 case 37"}, {"", "-p PORT -c case 2"}, {"", "-u redis:// --nosuch"},
}

// Options, standard input and exit status are as with the original.
func TestOptionsAsStock(t *testing.T) {
	port, ours, stock := fakeServer(t, replies...), ours(t), stock(t)
	for _, c := range optionCases {
		args := strings.Fields(strings.ReplaceAll(c.args, "PORT", port))
		stdin := strings.ReplaceAll(c.stdin, "PORT", port)
		if got, want := result(t, stdin, ours, args...), result(t, stdin, stock, args...); got != want {
			t.Errorf("%s, given %q\n%s\nwant\n%s", c.args, c.stdin, got, want)
		}
	}
}

// Every option of stock is one of ours, with an argument if it has one there.
func TestOptionsOfStockAreKnown(t *testing.T) {
	help := shown(t, result(t, "", stock(t), "--help"))
	lines := regexp.MustCompile(`(?m)^ {1,2}(-[-a-zA-Z0-9]+)( <)?`).FindAllStringSubmatch(help, -1)
	if len(lines) < 60 {
		t.Fatalf("only %d options in %s", len(lines), help)
	}
	for _, l := range lines {
		if o := find(l[1]); o == nil || (o.arg != "") != (l[2] != "") && l[1] != "-X" { // it has one, which is not shown
			t.Errorf("%s: %+v", l[1], o)
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

// Replies that the redis-cli of 7.0 ends at are shown.
func TestRepliesBeyondStock(t *testing.T) {
	beyond := []string{"(123456789012345678901\r\n", "!6\r\nERR no\r\n", "|1\r\n+k\r\n+v\r\n:7\r\n", "*2\r\n|1\r\n+k\r\n*1\r\n:5\r\n+x\r\n(1\r\n"}
	port, ours := fakeServer(t, beyond...), ours(t)
	lines := "case 0\ncase 1\ncase 2\ncase 3\n"
	for format, want := range map[string]string{
		"--no-raw": "123456789012345678901\n(error) ERR no\n(integer) 7\n1) x\n2) 1\n",
		"--raw":    "123456789012345678901\nERR no\n\n7\nx\n1\n",
		"--csv":    "123456789012345678901\nERROR,\"ERR no\"\n7\n\"x\",1\n",
		"--json":   "123456789012345678901\nerror:\"ERR no\"\n7\n[\"x\",1]\n",
	} {
		if got := result(t, lines, ours, "-p", port, "-3", format); got != fmt.Sprintf("out %q\nerr \"\"\nstatus 0", want) {
			t.Errorf("%s: %s", format, got)
		}
	}
}
