package server

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// A soaker is one of the clients of TestSoak. It sends exchanges, many at
// once, and reads their replies in order.
type soaker struct {
	t     *testing.T
	addr  string
	n     int
	rng   *rand.Rand
	seq   int
	conn  *testutil.Conn
	proto int
	total *soakTotal
}

type soakTotal struct {
	ids                    atomic.Int64 // the highest number of a client seen
	commands, lost, pushes atomic.Int64
	mu                     sync.Mutex
	errors                 map[string]int
}

// An exchange is some commands that belong together, and what checks the replies to them.
type exchange struct {
	commands [][]string
	replies  int
	check    func(replies []testutil.Reply) error
}

func (e *exchange) add(words ...string) { e.commands = append(e.commands, words) }

func (c *soaker) words() (words []string) {
	line := soakCommands[c.rng.IntN(len(soakCommands))]
	if strings.HasPrefix(line, "FLUSH") && c.rng.IntN(20) > 0 { // let them grow
		line = "RENAME K K"
	}
	for _, w := range strings.Fields(line) {
		n := 1
		if w == "VV" || w == "MM" || w == "FV" || w == "SM" {
			n = []int{2, 20, 200, 600}[c.rng.IntN(4)]
		}
		for range n {
			words = c.word(words, w)
		}
	}
	return words
}

func (c *soaker) word(words []string, w string) []string {
	c.seq++
	v := fmt.Sprintf("v:%d:%d%s", c.n, c.seq, strings.Repeat("x", []int{0, 10, 70}[c.rng.IntN(3)]))
	m := fmt.Sprint("m", c.rng.IntN(400))
	switch w {
	case "K":
		return append(words, fmt.Sprint("k", c.rng.IntN(6)))
	case "P":
		return append(words, fmt.Sprint("own:", c.n))
	case "V", "VV":
		return append(words, v)
	case "M", "MM":
		return append(words, m)
	case "FV":
		return append(words, m, v)
	case "SM":
		return append(words, strconv.Itoa(c.rng.IntN(50)), m)
	case "N":
		return append(words, strconv.Itoa(c.rng.IntN(4)))
	case "B":
		return append(words, strconv.Itoa(c.rng.IntN(400_000)))
	case "T":
		return append(words, fmt.Sprint(0.001*float64(1+c.rng.IntN(40))))
	case "C":
		return append(words, fmt.Sprint("c", c.rng.IntN(4)))
	case "I":
		return append(words, fmt.Sprint(c.total.ids.Load()-int64(c.rng.IntN(soakClients))))
	}
	return append(words, w)
}

// token is a word that nobody else sends, and this client once.
func (c *soaker) token() string {
	c.seq++
	return fmt.Sprintf("e:%d:%d", c.n, c.seq)
}

// exchange draws one.
func (c *soaker) exchange() exchange {
	switch c.rng.IntN(40) {
	case 0, 1, 2:
		return c.queued()
	case 3:
		return c.silence()
	case 4, 5:
		return c.subscription()
	}
	e := exchange{replies: 2}
	words, token := c.words(), c.token()
	e.add(words...)
	e.add("ECHO", token)
	e.check = func(r []testutil.Reply) error {
		if err := c.check(words, r[0]); err != nil {
			return err
		}
		return isToken(r[1], token)
	}
	return e
}

func isToken(r testutil.Reply, token string) error {
	if r.Text != token {
		return fmt.Errorf("%w: ECHO %s: %.200q", errSoak, token, r.Raw)
	}
	return nil
}

// queued queues commands with an ECHO behind each. EXEC answers all, or is aborted.
func (c *soaker) queued() exchange {
	var e exchange
	var tokens []string
	if c.rng.IntN(2) == 0 {
		e.add(c.word([]string{"WATCH"}, "K")...)
	}
	e.add("MULTI")
	for range c.rng.IntN(5) {
		words := c.words()
		for words[0] == "WATCH" { // which is answered at once, and an error there
			words = c.words()
		}
		e.add(words...)
		tokens = append(tokens, c.token())
		e.add("ECHO", tokens[len(tokens)-1])
	}
	end := "EXEC"
	if c.rng.IntN(8) == 0 {
		end = "DISCARD"
	}
	e.add(end)
	e.replies = len(e.commands)
	e.check = func(r []testutil.Reply) error {
		last, refused := r[len(r)-1], 0
		for _, one := range r[:len(r)-1] {
			if one.Kind == '-' {
				refused++
			} else if one.Text != "OK" && one.Text != "QUEUED" {
				return fmt.Errorf("%w: in MULTI: %.200q", errSoak, one.Raw)
			}
		}
		switch {
		case end == "DISCARD":
			return isToken(last, "OK")
		case strings.HasPrefix(last.Text, "EXECABORT") && (refused > 0 || strings.Contains(last.Text, "OOM")), last.Null:
			return nil
		case refused > 0 || len(last.Elem) != 2*len(tokens):
			return fmt.Errorf("%w: EXEC of %q: %.200q", errSoak, e.commands, last.Raw)
		}
		for i, token := range tokens {
			if err := isToken(last.Elem[2*i+1], token); err != nil {
				return err
			}
		}
		return nil
	}
	return e
}

// silence runs commands without replies.
func (c *soaker) silence() exchange {
	e := exchange{replies: 2}
	token := c.token()
	if c.rng.IntN(2) == 0 {
		e.add("CLIENT", "REPLY", "SKIP")
		e.add("ECHO", "unheard")
		e.add("PING")
	} else {
		e.add("CLIENT", "REPLY", "OFF")
		for range c.rng.IntN(4) {
			e.add("ECHO", "unheard")
			e.add(c.word(c.word([]string{"SET"}, "P"), "P")...)
		}
		e.add("CLIENT", "REPLY", "ON")
	}
	e.add("ECHO", token)
	e.check = func(r []testutil.Reply) error {
		if r[0].Text != "OK" && r[0].Text != "PONG" {
			return fmt.Errorf("%w: after silence: %.200q", errSoak, r[0].Raw)
		}
		return isToken(r[1], token)
	}
	return e
}

// subscription subscribes, asks for something, and ends it. What is
// published meanwhile, and what confirms, is read by the way.
func (c *soaker) subscription() exchange {
	e := exchange{replies: 2}
	start, end := "SUBSCRIBE", "UNSUBSCRIBE"
	topics := c.word(c.word(nil, "C"), "C")
	if c.rng.IntN(3) == 0 {
		start, end, topics = "PSUBSCRIBE", "PUNSUBSCRIBE", []string{"c*", "c[12]"}
	}
	ping, token := c.token(), c.token()
	e.add(append([]string{start}, topics...)...)
	e.add("PING", ping)
	e.add(end)
	e.add("ECHO", token)
	e.check = func(r []testutil.Reply) error {
		got := r[0]
		if len(got.Elem) == 2 && got.Elem[0].Text == "pong" {
			got = got.Elem[1]
		}
		if err := isToken(got, ping); err != nil {
			return err
		}
		return isToken(r[1], token)
	}
	return e
}

// byTheWay says whether a reply is none, but a message or a confirmation.
func (c *soaker) byTheWay(r testutil.Reply) (bool, error) {
	if r.Kind != '>' && (c.proto == 3 || r.Kind != '*') || len(r.Elem) < 2 {
		return false, nil
	}
	switch kind := r.Elem[0].Text; kind {
	case "message", "pmessage", "smessage":
		last := r.Elem[len(r.Elem)-1].Text
		if channel := r.Elem[len(r.Elem)-2].Text; !strings.HasPrefix(channel, "c") || !strings.HasPrefix(last, "v:") {
			return true, fmt.Errorf("%w: message %.200q", errSoak, r.Raw)
		}
	case "subscribe", "unsubscribe", "psubscribe", "punsubscribe", "ssubscribe", "sunsubscribe", "invalidate", "tracking-redir-broken":
	default:
		return false, nil
	}
	c.total.pushes.Add(1)
	return true, nil
}

// receive reads the next reply.
func (c *soaker) receive() (testutil.Reply, error) {
	for {
		r, err := c.conn.Receive()
		if err != nil {
			return r, err
		}
		if skip, err := c.byTheWay(r); !skip || err != nil {
			return r, err
		}
	}
}

// run sends pipelines until the time is over.
func (c *soaker) run(until time.Time) {
	defer func() {
		if c.conn != nil {
			c.conn.Close()
		}
	}()
	for time.Now().Before(until) {
		if err := c.pipeline(); err != nil {
			c.lost(err)
		}
	}
}

// lost counts a connection that was closed; any other failure is one of the server.
func (c *soaker) lost(err error) {
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() || errors.Is(err, errSoak) {
		c.t.Errorf("client %d: %v", c.n, err)
	}
	c.total.lost.Add(1)
	if c.conn != nil {
		c.conn.Close()
	}
	c.conn = nil
}

var errSoak = errors.New("wrong reply")

func (c *soaker) connect() error {
	conn, err := testutil.Dial(c.addr)
	if err != nil {
		return err
	}
	c.conn, c.proto = conn, 2
	r, err := conn.Do("CLIENT", "ID")
	if err != nil {
		return err
	}
	for id := c.total.ids.Load(); r.Int() > id && !c.total.ids.CompareAndSwap(id, r.Int()); id = c.total.ids.Load() {
	}
	if c.n%2 == 1 {
		return nil
	}
	c.proto = 3
	if _, err = conn.Do("HELLO", "3"); err != nil {
		return err
	}
	if mode := [][]string{nil, nil, {}, {"BCAST"}, {"OPTIN"}, {"NOLOOP"}}[c.rng.IntN(6)]; mode != nil {
		_, err = conn.Do(append([]string{"CLIENT", "TRACKING", "ON"}, mode...)...)
	}
	return err
}

// pipeline sends some exchanges at once, each with something in it that says
// whether the replies are the right ones.
func (c *soaker) pipeline() error {
	if c.conn == nil {
		if err := c.connect(); err != nil {
			return err
		}
	}
	var sent []exchange
	var b []byte
	for range 1 + c.rng.IntN(1+c.rng.IntN(30)) {
		e := c.exchange()
		sent = append(sent, e)
		for _, words := range e.commands {
			b = testutil.AppendCommand(b, words...)
		}
	}
	switch c.rng.IntN(100) {
	case 0:
		return c.vanish(append(b, strings.Repeat("LRANGE k1 0 -1\r\nGET k2\r\nSMEMBERS k3\r\n", 300)...))
	case 1:
		return c.vanish(b[:c.rng.IntN(len(b))])
	case 2:
		return c.vanish(append(b, "MONITOR\r\n"...))
	}
	go c.conn.SendRaw(b) // it may be more than the server reads before somebody reads its replies
	leave := -1
	if c.rng.IntN(50) == 0 {
		leave = c.rng.IntN(len(sent))
	}
	for i, e := range sent {
		if i == leave {
			return c.vanish(nil)
		}
		replies := make([]testutil.Reply, e.replies)
		for k := range replies {
			var err error
			if replies[k], err = c.receive(); err != nil {
				return err
			}
		}
		c.total.commands.Add(int64(len(e.commands)))
		if err := e.check(replies); err != nil {
			return err
		}
	}
	return nil
}

// vanish sends something, and goes without reading; sometimes with a reset.
func (c *soaker) vanish(b []byte) error {
	c.conn.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	c.conn.Write(b)
	if c.rng.IntN(2) == 0 {
		c.conn.Conn.(*net.TCPConn).SetLinger(0)
	}
	c.conn.Close()
	c.conn = nil
	return nil
}

// check looks at the reply to a command alone.
func (c *soaker) check(words []string, r testutil.Reply) error {
	switch {
	case words[0] == "GET" && strings.HasPrefix(words[1], "own:") && !r.Null && r.Text != words[1]:
		return fmt.Errorf("%w: %q: %.200q", errSoak, words, r.Raw)
	case r.Kind == '-':
		first, _, _ := strings.Cut(r.Text, " ")
		c.total.mu.Lock()
		c.total.errors[first]++
		c.total.mu.Unlock()
		if strings.Contains(r.Text, "unknown command") != (words[0] == "NOSUCH") || strings.Contains(r.Text, "syntax error") {
			return fmt.Errorf("%w: %.200q: %s", errSoak, words, r.Text)
		}
	}
	return nil
}
