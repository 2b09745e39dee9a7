package harden

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// patience is the guard of every wait. Nothing is judged by how long it takes;
// what takes this long hangs.
const patience = time.Minute

func TestMain(m *testing.M) { testutil.Main(m) }

// A victim is a server that is attacked.
type victim struct {
	t       *testing.T
	server  *testutil.Server
	socket  string // which many connections in a short time are cheap on
	metrics string
	keeper  *keeper
	before  map[string]int64
}

func newVictim(t *testing.T, args ...string) *victim {
	t.Helper()
	dir, err := os.MkdirTemp("", "harden-") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("GOTRACEBACK", "crash") // of running goroutines, too
	v := &victim{t: t, socket: filepath.Join(dir, "s"), metrics: freeAddr(t)}
	_, metricsPort, _ := net.SplitHostPort(v.metrics)
	v.server = testutil.Subject(t, append([]string{
		"--unixsocket", v.socket, "--metrics-port", metricsPort, "--metrics-pprof", "yes", "--loglevel", "warning", "--rename-command", "SHUTDOWN", "",
		"--enable-debug-command", "local", "--proto-max-bulk-len", "1mb", "--client-query-buffer-limit", "4mb",
		"--client-output-buffer-limit", "normal", "16mb", "0", "0", "--maxmemory", "512mb", "--maxmemory-policy", "allkeys-random",
	}, args...)...)
	c := v.server.Dial(t)
	c.Must(t, "ACL", "SETUSER", keeperName, "on", ">"+keeperName, "allkeys", "allchannels", "allcommands")
	c.Close()
	v.keeper = &keeper{v: v}
	t.Cleanup(v.keeper.close)
	return v
}

// freeAddr is where nobody listens.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// dial connects. A socket whose queue is full refuses; that is no failure.
func (v *victim) dial() (net.Conn, error) {
	for end := time.Now().Add(patience); ; {
		c, err := net.Dial("unix", v.socket)
		if err == nil || !errors.Is(err, syscall.EAGAIN) || time.Now().After(end) {
			return c, err
		}
		time.Sleep(time.Millisecond) // there is no event for room in the queue
	}
}

// stacks ends the server, which hangs, and fails the test with what all its threads were at.
func (v *victim) stacks(why string) {
	v.t.Helper()
	if !v.server.Alive() {
		v.t.Errorf("%s: the server has ended", why)
		return
	}
	v.server.ExpectExit()
	syscall.Kill(v.server.PID(), syscall.SIGQUIT)
	v.server.AwaitExit()
	v.t.Errorf("%s; what the server was at:\n%s", why, ours(v.server.Log()))
}

// ours are the stacks with code of ours that does not wait for a channel.
func ours(log string) string {
	var b strings.Builder
	for stack := range strings.SplitSeq(log, "\n\n") {
		if strings.Contains(stack, "redstart/internal/") && !strings.Contains(stack, " [select") && !strings.Contains(stack, "[chan receive") {
			fmt.Fprintf(&b, "%s\n\n", stack)
		}
	}
	return b.String()
}

// keeperName is the user that keepers are, and its password. What becomes of the others does not matter.
const keeperName = "keeper"

// A keeper is a client that is served all the time. It may lose its connection
// (an input may well be CLIENT KILL), and comes back.
type keeper struct {
	v    *victim
	conn net.Conn
	r    *bufio.Reader
	seq  int
}

// do sends a command until it is answered.
func (k *keeper) do(words ...string) (testutil.Reply, error) {
	var lost error
	for end := time.Now().Add(patience); time.Now().Before(end); {
		r, err := k.try(words)
		var timeout net.Error
		if err == nil || errors.As(err, &timeout) && timeout.Timeout() || !k.v.server.Alive() {
			return r, err
		}
		lost = err
		k.close()
	}
	return testutil.Reply{}, fmt.Errorf("%q is not answered: %w", words, lost)
}

func (k *keeper) try(words []string) (r testutil.Reply, err error) {
	if k.conn == nil {
		if k.conn, err = k.v.dial(); err != nil {
			k.conn = nil
			return r, err
		}
		k.r = bufio.NewReader(k.conn)
		if r, err = k.exchange("AUTH", keeperName, keeperName); err != nil || r.Text != "OK" { // or there are too many clients
			return r, errors.Join(err, fmt.Errorf("AUTH: %s", r.Text))
		}
	}
	return k.exchange(words...)
}

func (k *keeper) exchange(words ...string) (r testutil.Reply, err error) {
	k.conn.SetDeadline(time.Now().Add(patience))
	if _, err = k.conn.Write(testutil.AppendCommand(nil, words...)); err != nil {
		return r, err
	}
	return testutil.ReadReply(k.r)
}

func (k *keeper) close() {
	if k.conn != nil {
		k.conn.Close()
		k.conn = nil
	}
}

// ask asks for something that nobody else could be answered with.
func (k *keeper) ask() error {
	k.seq++
	token := fmt.Sprintf("token:%p:%d", k, k.seq)
	r, err := k.do("ECHO", token)
	if err == nil && r.Text != token {
		err = fmt.Errorf("ECHO %s is answered with %.300q", token, r.Raw)
	}
	return err
}

// stand asks until stop is closed.
func (k *keeper) stand(stop chan struct{}) (asked int, err error) {
	for {
		select {
		case <-stop:
			return asked, nil
		default:
		}
		if err := k.ask(); err != nil {
			return asked, err
		}
		asked++
	}
}

func (k *keeper) settings() (map[string]string, error) {
	r, err := k.do("CONFIG", "GET", "*")
	if err != nil || r.Kind != '*' {
		return nil, fmt.Errorf("CONFIG GET *: %.200q, %v", r.Raw, err)
	}
	all := map[string]string{}
	for i := 0; i+1 < len(r.Elem); i += 2 {
		all[r.Elem[i].Text] = r.Elem[i+1].Text
	}
	return all, nil
}

// restore sets back what inputs have changed of users and settings: what CONFIG GET says, CONFIG SET takes.
func (k *keeper) restore(to map[string]string) error {
	users, err := k.do("ACL", "USERS")
	for _, u := range users.Elem {
		words := []string{"ACL", "SETUSER", "default", "reset", "on", "nopass", "allkeys", "allchannels", "allcommands"}
		if u.Text != "default" {
			words = []string{"ACL", "DELUSER", u.Text}
		}
		if u.Text != keeperName && err == nil {
			_, err = k.do(words...)
		}
	}
	if err != nil {
		return err
	}
	now, err := k.settings()
	if err != nil {
		return err
	}
	for name, value := range to {
		if now[name] == value {
			continue
		}
		if r, err := k.do("CONFIG", "SET", name, value); err != nil || r.Text != "OK" {
			return fmt.Errorf("CONFIG SET %s %q (it is %q): %q, %v", name, value, now[name], r.Raw, err)
		}
	}
	return nil
}

// gauges are the fields of INFO that show what is there now, not what has been.
var gauges = regexp.MustCompile(`(?m)^(connected_clients|blocked_clients|tracking_clients|pubsub_clients|watching_clients|clients_in_timeout_table|` +
	`total_watched_keys|total_blocking_keys|total_blocking_keys_on_nokey|allocator_allocated|mem_clients_normal|lazyfree_pending_objects|` +
	`pubsub_channels|pubsub_patterns|pubsubshard_channels|tracking_total_keys|tracking_total_items|tracking_total_prefixes|db\d+):(\S*)`)

// figures are what there is of everything that may leak.
func (v *victim) figures() (map[string]int64, error) {
	r, err := v.keeper.do("INFO", "everything")
	if err != nil {
		return nil, err
	}
	f := map[string]int64{}
	for _, m := range gauges.FindAllStringSubmatch(strings.ReplaceAll(r.Text, "\r", ""), -1) {
		f[m[1]], _ = strconv.ParseInt(m[2], 10, 64)
	}
	if files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", v.server.PID())); err == nil {
		f["open files"] = int64(len(files))
	}
	f["goroutines"], err = v.goroutines()
	return f, err
}

var profileTotal = regexp.MustCompile(`goroutine profile: total (\d+)`)

func (v *victim) goroutines() (int64, error) {
	c, err := net.DialTimeout("tcp", v.metrics, patience)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	fmt.Fprint(c, "GET /debug/pprof/goroutine?debug=1 HTTP/1.0\r\n\r\n")
	text, err := io.ReadAll(c)
	m := profileTotal.FindSubmatch(text)
	if m == nil {
		return 0, fmt.Errorf("no profile of goroutines: %.200q, %v", text, err)
	}
	return strconv.ParseInt(string(m[1]), 10, 64)
}

// note remembers the figures before the attack.
func (v *victim) note() {
	v.t.Helper()
	f, err := v.figures()
	if err != nil {
		v.t.Fatal(err)
	}
	v.before = f
}

// settled waits until the figures are again what they were: clients are gone,
// memory is given back. A loop that was started when there was much to do is not ended.
func (v *victim) settled() {
	v.t.Helper()
	if !v.server.Alive() {
		return // which the test's end reports
	}
	for _, words := range [][]string{{"FLUSHALL"}, {"SLOWLOG", "RESET"}, {"ACL", "LOG", "RESET"}, {"LATENCY", "RESET"}} {
		if _, err := v.keeper.do(words...); err != nil {
			v.t.Error(err)
		}
	}
	var f map[string]int64
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) { // there is no event to wait for
		if f, err = v.figures(); err == nil && v.same(f) {
			return
		}
	}
	v.t.Errorf("what is left does not go away: %v; it was %v; %v", f, v.before, err)
}

func (v *victim) same(f map[string]int64) bool {
	f = maps.Clone(f)
	if was := v.before["goroutines"]; f["goroutines"] <= was+int64(runtime.NumCPU()) {
		f["goroutines"] = was
	}
	return maps.Equal(f, v.before)
}
