package compat

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// The cases are checked themselves by comparing stock with stock: what differs
// then is not determined by the commands and must not be compared.
var subjectIs = flag.String("subject", "ours", "what to compare with the stock server: ours or stock")

func TestMain(m *testing.M) { testutil.Main(m) }

// A pair is the two servers, with a connection to each for every name.
type pair struct {
	t     testing.TB
	sides [2]*side // stock, subject
	resp  int
}

type side struct {
	server *testutil.Server
	conns  map[string]*testutil.Conn
	name   string // of the current connection
	ids    map[*testutil.Conn]string
}

func newPair(t testing.TB, resp int, args ...string) *pair {
	t.Helper()
	start := testutil.Subject
	if *subjectIs == "stock" {
		start = testutil.Stock
	}
	p := &pair{t: t, resp: resp}
	for i, start := range []func(testing.TB, ...string) *testutil.Server{testutil.Stock, start} {
		if i == 1 && *subjectIs != "stock" {
			args = append([]string{"--set-max-listpack-entries", "0"}, args...) // 7.0 has no packed sets
		}
		p.sides[i] = &side{server: start(t, args...), conns: map[string]*testutil.Conn{}, ids: map[*testutil.Conn]string{}}
		if err := p.use(p.sides[i], "main"); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

// configure sets names and values, as many as there are, on both sides.
func (p *pair) configure(settings string) {
	if settings == "" {
		return
	}
	for _, s := range p.sides {
		s.conn().Must(p.t, append([]string{"CONFIG", "SET"}, strings.Fields(settings)...)...)
	}
}

// use makes a named connection the current one of a side.
func (p *pair) use(s *side, name string) error {
	s.name = name
	if s.conns[name] != nil {
		return nil
	}
	c, err := testutil.Dial(s.server.Addr)
	if err != nil {
		return err
	}
	p.t.Cleanup(func() { c.Close() })
	s.conns[name] = c
	if p.resp == 3 {
		_, err = c.Do("HELLO", "3")
	}
	return err
}

func (s *side) conn() *testutil.Conn { return s.conns[s.name] }

// close ends the current connection; the next step opens it again.
func (s *side) close() {
	if c := s.conn(); c != nil {
		c.Close()
	}
	delete(s.conns, s.name)
}

// An answer is what a step brought from one side.
type answer struct {
	replies []testutil.Reply
	rest    []byte // until the connection was closed
	err     error
}

// run does a step on both sides; problem is empty if the answers are equal.
// With an error there was none from at least one side, and the connections
// are of no further use.
func (p *pair) run(st step) (problem string, err error) {
	var a [2]answer
	now := time.Now()
	for i, s := range p.sides {
		a[i] = p.runSide(s, st, now)
		if a[i].err != nil {
			err = errors.Join(err, fmt.Errorf("%s: %w", s.server.Name, a[i].err))
		}
	}
	if err != nil {
		return "", err
	}
	return st.mode.judge(a[0], a[1]), nil
}

func (m mode) judge(want, got answer) string {
	problem := ""
	for i := range want.replies {
		if !m.same(want.replies[i], got.replies[i]) {
			problem += m.explain(want.replies[i], got.replies[i])
		}
	}
	if string(want.rest) != string(got.rest) && m.compare != "ignore" {
		problem += fmt.Sprintf(" want before closing %s\n  got %s\n", quote(want.rest), quote(got.rest))
	}
	if m.differs != "" {
		if problem == "" && *subjectIs == "ours" {
			return "these are noted as different, but are equal: " + m.differs
		}
		return ""
	}
	return problem
}

func (m mode) explain(want, got testutil.Reply) string {
	if m.compare == "fields" && want.Kind == got.Kind {
		return fmt.Sprintf(" lacks %s\n", strings.Join(m.missingFields(want, got), " "))
	}
	return fmt.Sprintf(" want %s\n  got %s\n", quote(want.Raw), quote(got.Raw))
}

func (p *pair) runSide(s *side, st step, now time.Time) answer {
	if st.action == "settle" {
		return answer{err: settle(s.conns["main"], len(s.conns))}
	}
	if st.action == "blocked" {
		return answer{err: awaitBlocked(s.conns["main"], st.args[0])}
	}
	if st.action == "conn" {
		return answer{err: p.use(s, st.args[0])}
	}
	if err := p.use(s, s.name); err != nil {
		return answer{err: err}
	}
	if st.action == "close" {
		s.close()
		return answer{}
	}
	words, err := s.expandAll(st.args, now)
	switch {
	case err != nil:
		return answer{err: err}
	case st.action == "raw":
		err = s.conn().SendRaw([]byte(words[1]))
	case st.mode.scan:
		return s.scan(words)
	default:
		err = s.conn().Send(words...)
	}
	if err != nil {
		return answer{err: err}
	}
	a := s.receive(st.mode)
	if st.mode.exits && a.err == nil {
		a.rest = fmt.Appendf(a.rest, "exit: %v", s.server.AwaitExit())
	}
	return a
}

func (s *side) receive(m mode) (a answer) {
	for range m.replies {
		r, err := s.conn().Receive()
		if err != nil {
			a.err = fmt.Errorf("%w after %q", err, r.Raw)
			return a
		}
		a.replies = append(a.replies, r)
	}
	if m.eof {
		if a.rest, a.err = s.conn().ReadToEOF(); a.err == nil {
			s.close()
		}
	}
	return a
}

// scan walks a whole iteration; {{cursor}} stands in words where the cursor goes.
func (s *side) scan(words []string) answer {
	cursor, set := "0", map[string]bool{}
	for {
		call := append([]string(nil), words...)
		for i := range call {
			if call[i] == "CURSOR" {
				call[i] = cursor
			}
		}
		r, err := s.conn().Do(call...)
		if err != nil || len(r.Elem) != 2 {
			return answer{replies: []testutil.Reply{r}, err: err}
		}
		for _, e := range r.Elem[1].Elem {
			set[e.Text] = true
		}
		if cursor = r.Elem[0].Text; cursor == "0" {
			return answer{replies: []testutil.Reply{{Raw: []byte(sorted(set))}}}
		}
	}
}

// settle waits until the server knows of no connections but n, asking over c, one of them.
func settle(c *testutil.Conn, n int) error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		r, err := c.Do("CLIENT", "LIST")
		if err != nil {
			return err
		}
		if strings.Count(strings.TrimSpace(r.Text), "\n")+1 == n {
			return nil
		}
		time.Sleep(time.Millisecond) // the server does not announce that it has noticed
	}
	return errors.New("closed connections stay in CLIENT LIST")
}

// awaitBlocked waits until as many clients as the text says are blocked.
func awaitBlocked(c *testutil.Conn, n string) error {
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		r, err := c.Do("INFO", "clients")
		if err != nil {
			return err
		}
		if strings.Contains(r.Text, "\nblocked_clients:"+n+"\r\n") {
			return nil
		}
		time.Sleep(time.Millisecond) // the server does not announce that it has noticed
	}
	return fmt.Errorf("there are never %s blocked clients", n)
}

var placeholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

func (s *side) expandAll(words []string, now time.Time) ([]string, error) {
	out := make([]string, len(words))
	var failed error
	for i, w := range words {
		out[i] = placeholder.ReplaceAllStringFunc(w, func(m string) string {
			v, err := s.expand(m[2:len(m)-2], now)
			if err != nil {
				failed = fmt.Errorf("%s: %w", m, err)
			}
			return v
		})
	}
	return out, failed
}

func (s *side) expand(expr string, now time.Time) (string, error) {
	if i := strings.LastIndexByte(expr, '*'); i > 0 {
		n, err := strconv.Atoi(expr[i+1:])
		return strings.Repeat(expr[:i], n), err
	}
	if rest, ok := strings.CutPrefix(expr, "nowms"); ok {
		return shiftTime(now.UnixMilli(), rest)
	}
	if rest, ok := strings.CutPrefix(expr, "now"); ok {
		return shiftTime(now.Unix(), rest)
	}
	what, name, named := strings.Cut(expr, ":")
	if !named {
		name = s.name
	}
	c := s.conns[name]
	if c == nil {
		return "", errors.New("no such connection")
	}
	switch what {
	case "id":
		return s.clientID(c)
	case "addr":
		return c.LocalAddr().String(), nil
	case "laddr":
		return c.RemoteAddr().String(), nil
	}
	return "", errors.New("unknown placeholder")
}

// clientID asks once: later the client may be blocked.
func (s *side) clientID(c *testutil.Conn) (string, error) {
	if id := s.ids[c]; id != "" {
		return id, nil
	}
	r, err := c.Do("CLIENT", "ID")
	s.ids[c] = r.Text
	return r.Text, err
}

func shiftTime(base int64, shift string) (string, error) {
	n, err := strconv.ParseInt("0"+strings.TrimLeft(shift, "+-"), 10, 64)
	if strings.HasPrefix(shift, "-") {
		n = -n
	}
	return strconv.FormatInt(base+n, 10), err
}

// quote prints bytes for a message, long ones from both ends.
func quote(b []byte) string {
	if len(b) <= 1500 {
		return strconv.Quote(string(b))
	}
	return fmt.Sprintf("%q ... %q (%d bytes)", b[:1000], b[len(b)-300:], len(b))
}
