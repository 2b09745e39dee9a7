package session

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/commands"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/testutil"
)

// testServer is a hub behind loops, in this process.
type testServer struct {
	*Hub
	loops *evloop.Group
	addr  string
}

func newTestHub(t testing.TB) *Hub {
	t.Helper()
	ks, err := keyspace.New(keyspace.Options{Databases: 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ks.Close)
	settings := NewSettings()
	var table *cmdspec.Table
	d := &commands.Deps{Keyspace: ks, Databases: 16, Table: func() *cmdspec.Table { return table }, MaxBulkLen: settings.ProtoMaxBulkLen.Load}
	table = cmdspec.NewTable(Commands, commands.Strings(d), commands.Generic(d), commands.Server(d), testLists, testReplies, testSleeps)
	return New(Options{Table: table, Keyspace: ks, Settings: settings, Version: "7.0.15"})
}

func startServer(t testing.TB, loops int) *testServer {
	t.Helper()
	s := &testServer{Hub: newTestHub(t)}
	var err error
	s.loops, err = evloop.New(evloop.Options{Loops: loops, NewHandler: s.Handler, Memory: &s.ks.Settings.Overhead})
	if err != nil {
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

func (s *testServer) dial(t testing.TB) *testutil.Conn {
	t.Helper()
	c, err := testutil.Dial(s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// ask sends a line of words and returns the raw reply.
func ask(t testing.TB, c *testutil.Conn, line string) string {
	t.Helper()
	return string(c.Must(t, strings.Fields(line)...).Raw)
}

func expect(t testing.TB, c *testutil.Conn, line, want string) {
	t.Helper()
	if got := ask(t, c, line); got != want {
		t.Errorf("%s: got %q, want %q", line, got, want)
	}
}

func receive(t testing.TB, c *testutil.Conn, want string) {
	t.Helper()
	r, err := c.Receive()
	if err != nil || string(r.Raw) != want {
		t.Errorf("received %q (%v), want %q", r.Raw, err, want)
	}
}

func TestPipelineSplitAtEveryByte(t *testing.T) {
	s := startServer(t, 1)
	pipeline := "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nv\r\nv2\r\nPING a\r\n\r\n*0\r\n*2\r\n$3\r\nget\r\n$1\r\nk\r\nECHO \"a b\"\n*1\r\n$3\r\nfoo\r\n*1\r\n$4\r\nPING\r\n"
	want := "+OK\r\n$1\r\na\r\n$5\r\nv\r\nv2\r\n$3\r\na b\r\n-ERR unknown command 'foo', with args beginning with: \r\n+PONG\r\n"
	check := func(c *testutil.Conn, where int) {
		got := ""
		for range 6 {
			r, err := c.Receive()
			if err != nil {
				t.Fatalf("split at %d: %v", where, err)
			}
			got += string(r.Raw)
		}
		if got != want {
			t.Fatalf("split at %d: %q", where, got)
		}
	}
	c := s.dial(t)
	for i := range len(pipeline) {
		c.SendRaw([]byte(pipeline[:i]))
		c.SendRaw([]byte(pipeline[i:]))
		check(c, i)
	}
	for i := range len(pipeline) {
		c.SendRaw([]byte(pipeline[i : i+1]))
	}
	check(c, -1)
}

func TestLongPipeline(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	const n = 20000
	go c.SendRaw([]byte(strings.Repeat("INCR n\r\n", n)))
	for i := 1; i <= n; i++ {
		receive(t, c, fmt.Sprintf(":%d\r\n", i))
	}
}

func TestBigValue(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	value := strings.Repeat("0123456789abcdef", 1<<20)
	go c.Send("SET", "big", value)
	receive(t, c, "+OK\r\n")
	if r := c.Must(t, "GET", "big"); r.Text != value {
		t.Errorf("%d bytes came back", len(r.Text))
	}
}

func TestAuth(t *testing.T) {
	s := startServer(t, 1)
	early := s.dial(t)
	expect(t, early, "PING", "+PONG\r\n")
	expect(t, early, "AUTH x", "-"+string(errNoPassword)+"\r\n")
	expect(t, early, "AUTH default x", "+OK\r\n")
	s.Users().SetDefaultPassword("secret")
	expect(t, early, "PING", "+PONG\r\n") // who was in stays in
	c := s.dial(t)
	for _, step := range []struct{ line, want string }{
		{"PING", "-NOAUTH Authentication required.\r\n"},
		{"foo", "-ERR unknown command 'foo', with args beginning with: \r\n"},
		{"GET", "-ERR wrong number of arguments for 'get' command\r\n"},
		{"HELLO", "-" + string(errHelloAuth) + "\r\n"},
		{"HELLO 3", "-" + string(errHelloAuth) + "\r\n"},
		{"AUTH wrong", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"},
		{"AUTH other secret", "-WRONGPASS invalid username-password pair or user is disabled.\r\n"},
		{"AUTH a b c", "-ERR syntax error\r\n"},
		{"PING", "-NOAUTH Authentication required.\r\n"},
		{"AUTH secret", "+OK\r\n"},
		{"PING", "+PONG\r\n"},
		{"RESET", "+RESET\r\n"},
		{"PING", "-NOAUTH Authentication required.\r\n"},
		{"HELLO 2 AUTH default secret SETNAME me", "*14\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$6\r\n7.0.15\r\n$5\r\nproto\r\n:2\r\n" +
			"$2\r\nid\r\n:2\r\n$4\r\nmode\r\n$10\r\nstandalone\r\n$4\r\nrole\r\n$6\r\nmaster\r\n$7\r\nmodules\r\n*0\r\n"},
		{"CLIENT GETNAME", "$2\r\nme\r\n"},
	} {
		expect(t, c, step.line, step.want)
	}
}

// What may not be sent before AUTH may be sent right behind it.
func TestLimitsEndWithAuth(t *testing.T) {
	s := startServer(t, 1)
	s.Users().SetDefaultPassword("secret")
	c := s.dial(t)
	big := strings.Repeat("x", 20000)
	c.SendRaw(append(testutil.AppendCommand(testutil.AppendCommand(nil, "AUTH", "secret"), "ECHO", big), "PING\r\n"...))
	receive(t, c, "+OK\r\n")
	receive(t, c, "$20000\r\n"+big+"\r\n")
	receive(t, c, "+PONG\r\n")
	c = s.dial(t)
	c.SendRaw(testutil.AppendCommand(nil, "ECHO", big))
	if got, _ := c.ReadToEOF(); string(got) != "-ERR Protocol error: unauthenticated bulk length\r\n" {
		t.Errorf("got %.80q", got)
	}
}

func TestReplyModes(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	c.SendRaw([]byte("CLIENT REPLY SKIP\r\nCLIENT REPLY SKIP\r\nECHO a\r\nECHO b\r\nCLIENT REPLY OFF\r\nfoo\r\nGET\r\nECHO c\r\nCLIENT REPLY ON\r\nECHO d\r\n"))
	for _, want := range []string{"$1\r\nb\r\n", "+OK\r\n", "$1\r\nd\r\n"} {
		receive(t, c, want)
	}
}

func TestResp3AndReset(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	if got := ask(t, c, "HELLO 3"); !strings.HasPrefix(got, "%7\r\n") {
		t.Errorf("HELLO 3: %q", got)
	}
	expect(t, c, "GET nokey", "_\r\n")
	expect(t, c, "SELECT 3", "+OK\r\n")
	if got := ask(t, c, "CLIENT INFO"); !strings.HasPrefix(got, "=") || !strings.Contains(got, " db=3 ") || !strings.Contains(got, " resp=3 ") {
		t.Errorf("CLIENT INFO: %q", got)
	}
	expect(t, c, "RESET", "+RESET\r\n")
	expect(t, c, "GET nokey", "$-1\r\n")
	if got := ask(t, c, "CLIENT INFO"); !strings.Contains(got, " db=0 ") {
		t.Errorf("CLIENT INFO: %q", got)
	}
}

func TestQuitAnswersThenCloses(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	c.SendRaw([]byte("PING\r\nQUIT\r\nSET never 1\r\n"))
	if got, _ := c.ReadToEOF(); string(got) != "+PONG\r\n+OK\r\n" {
		t.Errorf("got %q", got)
	}
	expect(t, s.dial(t), "EXISTS never", ":0\r\n")
}

func TestMaxClients(t *testing.T) {
	s := startServer(t, 1)
	s.settings.MaxClients.Store(1)
	c := s.dial(t)
	expect(t, c, "PING", "+PONG\r\n")
	if got, _ := s.dial(t).ReadToEOF(); string(got) != errMaxClients {
		t.Errorf("got %q", got)
	}
	if st := s.Stats(); st.Clients != 1 || st.Rejected != 1 || st.Connections != 1 {
		t.Errorf("%+v", st)
	}
}

func TestIdleTimeout(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	s.settings.Timeout.Store(1)
	if got, err := c.ReadToEOF(); len(got) != 0 || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestOutputLimits(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	c.Must(t, "SET", "k", strings.Repeat("x", 1<<20))
	s.settings.OutputLimits[ClassNormal].set(100<<10, 0, 0)
	c.Send("GET", "k")
	if got, _ := c.ReadToEOF(); len(got) != 0 {
		t.Errorf("%d bytes", len(got))
	}
	s.settings.OutputLimits[ClassNormal].set(0, 100<<10, 0)
	c = s.dial(t)
	go c.SendRaw([]byte(strings.Repeat("GET k\r\n", 100)))
	until(t, func() bool { return s.Stats().OutputKills == 2 })
}

// until waits for what no event announces to the test.
func until(t *testing.T, done func() bool) {
	t.Helper()
	for range 10000 {
		if done() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal("it does not happen")
}

func TestQueryBufferLimit(t *testing.T) {
	s := startServer(t, 1)
	s.settings.QueryBufferLimit.Store(1 << 20)
	c := s.dial(t)
	go c.Send("SET", "k", strings.Repeat("x", 4<<20))
	if got, _ := c.ReadToEOF(); len(got) != 0 {
		t.Errorf("%.80q", got)
	}
	if n := s.Stats().QueryKills; n != 1 {
		t.Errorf("%d disconnections", n)
	}
}

func TestPause(t *testing.T) {
	s := startServer(t, 2)
	admin, writer := s.dial(t), s.dial(t)
	expect(t, writer, "SET k 1", "+OK\r\n")
	expect(t, admin, "CLIENT PAUSE 100000 WRITE", "+OK\r\n")
	writer.SendRaw([]byte("GET k\r\nINCR k\r\nGET k\r\nINCR k\r\n"))
	receive(t, writer, "$1\r\n1\r\n")
	until(t, func() bool { return s.Stats().Blocked == 1 })
	if got := ask(t, admin, "CLIENT LIST"); !strings.Contains(got, "flags=b") {
		t.Errorf("CLIENT LIST: %q", got)
	}
	expect(t, admin, "CLIENT PAUSE 1 WRITE", "+OK\r\n") // shorter: changes nothing
	expect(t, admin, "GET k", "$1\r\n1\r\n")
	expect(t, admin, "CLIENT UNPAUSE", "+OK\r\n")
	for _, want := range []string{":2\r\n", "$1\r\n2\r\n", ":3\r\n"} {
		receive(t, writer, want)
	}
}

// No key goes while the server is paused, for a reader they are gone nevertheless.
func TestPauseKeepsKeys(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	expect(t, c, "SET k v PX 200", "+OK\r\n")
	expect(t, c, "CLIENT PAUSE 100000 WRITE", "+OK\r\n")
	before := s.ks.Stats().Expired
	until(t, func() bool { return ask(t, c, "GET k") == "$-1\r\n" })
	expect(t, c, "EXISTS k", ":0\r\n")
	expect(t, c, "RANDOMKEY", "$-1\r\n")
	if n := s.ks.Stats().Expired; n != before {
		t.Errorf("%d keys expired during the pause", n-before)
	}
	expect(t, c, "CLIENT UNPAUSE", "+OK\r\n")
	until(t, func() bool { return s.ks.Stats().Expired == 1 })
}

func TestPauseEnds(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	expect(t, c, "CLIENT PAUSE 50 ALL", "+OK\r\n")
	expect(t, c, "PING", "+PONG\r\n")
	expect(t, c, "PING", "+PONG\r\n")
	if st := s.Stats(); st.Blocked != 0 || st.PauseKind != "none" {
		t.Errorf("%+v", st)
	}
}

func TestPausedClientGoesAway(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	expect(t, c, "CLIENT PAUSE 100000 ALL", "+OK\r\n")
	c.Send("PING")
	until(t, func() bool { return s.Stats().Blocked == 1 })
	c.Close()
	until(t, func() bool { return s.Stats().Clients == 0 })
}

func TestClientNames(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	for _, step := range []struct{ line, want string }{
		{"CLIENT GETNAME", "$-1\r\n"},
		{"CLIENT SETNAME abc", "+OK\r\n"},
		{"CLIENT GETNAME", "$3\r\nabc\r\n"},
		{"CLIENT SETINFO lib-name redis-x(y)", "+OK\r\n"},
		{"CLIENT SETINFO LIB-VER 1.2", "+OK\r\n"},
		{"CLIENT SETINFO foo 1.2", "-ERR Unrecognized option 'foo'\r\n"},
		{"CLIENT NO-EVICT on", "+OK\r\n"},
		{"CLIENT NO-TOUCH on", "+OK\r\n"},
		{"CLIENT NO-TOUCH x", "-ERR syntax error\r\n"},
		{"CLIENT ID", ":1\r\n"},
	} {
		expect(t, c, step.line, step.want)
	}
	if r := c.Must(t, "CLIENT", "SETNAME", "a b"); r.Text != string(errClientName) {
		t.Errorf("%q", r.Text)
	}
	info := ask(t, c, "CLIENT INFO")
	for _, field := range []string{" name=abc ", " lib-name=redis-x(y) ", " lib-ver=1.2 ", " flags=eT ", " cmd=client|info "} {
		if !strings.Contains(info, field) {
			t.Errorf("no %q in %q", field, info)
		}
	}
}

func TestClientListAndKill(t *testing.T) {
	s := startServer(t, 2)
	c := s.dial(t)
	expect(t, c, "CLIENT SETNAME admin", "+OK\r\n")
	victims := make([]*testutil.Conn, 6)
	for i := range victims {
		victims[i] = s.dial(t)
		expect(t, victims[i], fmt.Sprintf("CLIENT SETNAME v%d", i), "+OK\r\n")
		expect(t, victims[i], fmt.Sprintf("SELECT %d", i), "+OK\r\n")
	}
	listed := func(args string) (names []string) {
		for line := range strings.Lines(c.Must(t, strings.Fields("CLIENT LIST "+args)...).Text) {
			_, rest, _ := strings.Cut(line, " name=")
			name, _, _ := strings.Cut(rest, " ")
			names = append(names, name)
		}
		return names
	}
	for _, tt := range []struct{ args, want string }{
		{"", "[admin v0 v1 v2 v3 v4 v5]"},
		{"ID 1 3 99", "[admin v1]"},
		{"TYPE normal", "[admin v0 v1 v2 v3 v4 v5]"},
		{"TYPE replica", "[]"},
		{"NAME v3", "[v3]"},
		{"DB 4 SKIPME yes", "[v4]"},
		{"NOT-ID 1 2 3 DB 0", "[]"},
		{"NOT-NAME admin ID 1 2", "[v0]"},
		{"ADDR " + victims[2].LocalAddr().String(), "[v2]"},
		{"FLAGS N SKIPME YES", "[v0 v1 v2 v3 v4 v5]"},
		{"IDLE 100", "[]"},
	} {
		if got := fmt.Sprint(listed(tt.args)); got != tt.want {
			t.Errorf("CLIENT LIST %s: %s, want %s", tt.args, got, tt.want)
		}
	}
	for _, step := range []struct{ line, want string }{
		{"CLIENT KILL ID 2", ":1\r\n"},
		{"CLIENT KILL ID 2", ":0\r\n"},
		{"CLIENT KILL " + victims[1].LocalAddr().String(), "+OK\r\n"},
		{"CLIENT KILL 1.2.3.4:5", "-ERR No such client\r\n"},
		{"CLIENT KILL LADDR " + s.addr + " NAME v2", ":1\r\n"},
		{"CLIENT KILL MAXAGE 1000", ":0\r\n"},
		{"CLIENT KILL ID 0", "-ERR client-id should be greater than 0\r\n"},
		{"CLIENT KILL TYPE x", "-ERR Unknown client type 'x'\r\n"},
		{"CLIENT KILL USER x", "-ERR No such user 'x'\r\n"},
		{"CLIENT KILL ID 1 SKIPME", "-ERR syntax error\r\n"},
		{"CLIENT LIST ID", "-ERR syntax error\r\n"},
		{"CLIENT LIST ID x", "-ERR Invalid client ID\r\n"},
		{"CLIENT LIST ID 1 x", "-ERR Invalid client ID\r\n"},
		{"CLIENT LIST TYPE normal x", "-ERR syntax error\r\n"},
		{"CLIENT KILL TYPE normal", ":3\r\n"},
	} {
		expect(t, c, step.line, step.want)
	}
	for i, v := range victims {
		if got, _ := v.ReadToEOF(); len(got) != 0 {
			t.Errorf("victim %d got %q", i, got)
		}
	}
	c.Send("CLIENT", "KILL", "ID", "1", "SKIPME", "no")
	if got, _ := c.ReadToEOF(); string(got) != ":1\r\n" {
		t.Errorf("suicide: %q", got)
	}
}

func TestStats(t *testing.T) {
	s := startServer(t, 1)
	c := s.dial(t)
	for _, line := range []string{"SET k v", "GET k", "GET k", "INCR k", "GET", "foo", "CLIENT ID"} {
		ask(t, c, line)
	}
	st := s.Stats()
	got := ""
	for _, cmd := range st.ByCommand {
		got += fmt.Sprintf("%s:%d,%d,%d ", cmd.Name, cmd.Calls, cmd.Rejected, cmd.Failed)
	}
	if want := "client|id:1,0,0 get:2,1,0 incr:1,0,1 set:1,0,0 "; got != want {
		t.Errorf("commands %q, want %q", got, want)
	}
	if fmt.Sprint(st.ByError) != "[{ERR 3}]" || st.Commands != 5 || st.ErrorReplies != 3 {
		t.Errorf("%+v", st)
	}
	s.ResetStats()
	if st := s.Stats(); st.Commands != 0 || len(st.ByCommand) != 0 || st.ErrorReplies != 0 {
		t.Errorf("after reset: %+v", st)
	}
}

// Many clients, on loops that are made to change, while others look at them
// and close some.
func TestManyClients(t *testing.T) {
	s := startServer(t, 3)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			c := s.dial(t)
			for k := range 200 {
				if i == 0 && k%20 == 0 {
					ask(t, c, "CLIENT LIST")
					ask(t, c, "CLIENT KILL NAME victim")
				}
				expect(t, c, fmt.Sprintf("INCR n%d", i), fmt.Sprintf(":%d\r\n", k+1))
				expect(t, c, fmt.Sprintf("CLIENT SETNAME c%d", k), "+OK\r\n")
			}
		})
	}
	wg.Go(func() {
		for range 30 {
			s.dial(t).Send("CLIENT", "SETNAME", "victim")
			s.Stats()
		}
	})
	wg.Wait()
}

// The same over a connection that goroutines drive.
func TestServeConn(t *testing.T) {
	s := startServer(t, 2)
	ours, theirs := net.Pipe()
	s.loops.ServeConn(theirs)
	c := testutil.Wrap(ours)
	go c.SendRaw([]byte(strings.Repeat("INCR n\r\n", 3000)))
	for i := 1; i <= 3000; i++ {
		receive(t, c, fmt.Sprintf(":%d\r\n", i))
	}
	value := strings.Repeat("x", 3<<20)
	go c.Send("SET", "big", value)
	receive(t, c, "+OK\r\n")
	if r := c.Must(t, "GET", "big"); r.Text != value {
		t.Errorf("%d bytes came back", len(r.Text))
	}
	c.Send("QUIT")
	if got, _ := c.ReadToEOF(); string(got) != "+OK\r\n" {
		t.Errorf("QUIT: %q", got)
	}
	until(t, func() bool { return s.Stats().Clients == 0 })
}

// Stock Redis answers hostile bytes in the same way.
func TestProtocolErrorsAsStock(t *testing.T) {
	stock := testutil.Stock(t)
	s := startServer(t, 1)
	inputs := []string{
		"*x\r\n", "*3x\r\n", "*-0\r\n", "*01\r\n", "*+1\r\n", "* 1\r\n", "*9999999999\r\n", "*2147483648\r\n", "*99999999999999999999\r\n", "*\r\n",
		"*1\r\nfoo\r\n", "*1\r\n\r\n", "*1\r\n:1\r\n", "*2\r\n$4\r\nECHO\r\nx\r\n",
		"*1\r\n$x\r\n", "*1\r\n$-1\r\n", "*1\r\n$\r\n", "*1\r\n$536870913\r\n", "*1\r\n$01\r\n", "*1\r\n$99999999999999999999\r\n",
		"set \"a\r\n", "set 'a\r\n", "set \"a\"b c\r\n", "set 'a'b\r\n",
		strings.Repeat("a", 70000), "*" + strings.Repeat("1", 70000), "*1\r\n$" + strings.Repeat("1", 70000),
		"PING\r\n*1\r\n$4\r\nPING\r\n*x\r\n*1\r\n$4\r\nPING\r\n",
	}
	for _, in := range inputs {
		want := closingReply(t, stock.Addr, in)
		if got := closingReply(t, s.addr, in); got != want {
			t.Errorf("%.40q:\n got %q\nwant %q", in, got, want)
		}
	}
}

// closingReply sends bytes after which the server must close, and returns
// what it said.
func closingReply(t *testing.T, addr, in string) string {
	t.Helper()
	c, err := testutil.Dial(addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.SendRaw([]byte(in))
	got, err := c.ReadToEOF()
	if err != nil {
		t.Errorf("%.40q: %v", in, err)
	}
	return string(got)
}
