package harden

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

var (
	seedFlag  = flag.Uint64("harden.seed", 0, "seed of inputs; 0: a new one")
	firstFlag = flag.Uint64("harden.first", 0, "number of the first input")
	countFlag = flag.Uint64("harden.inputs", 0, "number of inputs; 0: HARDEN_INPUTS, or a few")
)

const (
	fewInputs = 20_000
	round     = 500 // inputs after which settings are set back
	attackers = 16
)

func seed(t *testing.T) uint64 {
	s := *seedFlag
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("-harden.seed=%d", s)
	return s
}

func inputCount(t *testing.T) uint64 {
	if *countFlag > 0 {
		return *countFlag
	}
	if s := os.Getenv("HARDEN_INPUTS"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if testutil.RaceEnabled {
		return fewInputs / 4
	}
	return fewInputs
}

// Whatever is sent, the server lives, serves others, ends what was begun, and
// keeps nothing of it.
func TestMutatedInputs(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // inputs are garbage at once, and there are many
	s, n := seed(t), inputCount(t)
	v := newVictim(t)
	c, err := newCorpus(v.keeper)
	if err != nil {
		t.Fatal(err)
	}
	v.note()
	stop := make(chan struct{})
	var standing sync.WaitGroup
	standing.Go(func() {
		k := &keeper{v: v}
		defer k.close()
		if asked, err := k.stand(stop); err != nil {
			v.stacks(fmt.Sprintf("after %d requests of another client: %v", asked, err))
		}
	})
	a := &attack{victim: v, corpus: c, seed: s}
	for from := *firstFlag; from < *firstFlag+n && !t.Failed() && v.server.Alive(); from += round {
		a.round(from, min(from+round, *firstFlag+n))
		if err := v.keeper.restore(c.settings); err != nil {
			a.failed(fmt.Sprintf("after the inputs %d to %d: %v", from, from+round-1, err))
		}
	}
	close(stop)
	standing.Wait()
	t.Logf("%d inputs, %d bytes; %d mutated; %d replies, %d of them errors", a.sent.Load(), a.bytes.Load(), a.mutated.Load(), a.replies.Load(), a.errors.Load())
	v.settled()
}

// An attack is what sends inputs.
type attack struct {
	victim *victim
	corpus *corpus
	seed   uint64

	sent, bytes, mutated, replies, errors atomic.Int64

	once sync.Once
}

// round sends the inputs from one number up to another, many at a time.
func (a *attack) round(from, to uint64) {
	var next atomic.Uint64
	next.Store(from)
	var flying [attackers]atomic.Pointer[flight]
	var all sync.WaitGroup
	for i := range attackers {
		all.Go(func() {
			for n := next.Add(1) - 1; n < to && !a.victim.t.Failed(); n = next.Add(1) - 1 {
				f := a.launch(n)
				flying[i].Store(f)
				if err := a.send(f); err != nil {
					a.failed(fmt.Sprintf("input %d: %v\n%s", n, err, inTheAir(&flying)))
				}
			}
		})
	}
	all.Wait()
}

// A flight is one input.
type flight struct {
	n     uint64
	r     *rand.Rand
	input []byte
}

func (a *attack) launch(n uint64) *flight {
	f := &flight{n: n, r: rand.New(rand.NewPCG(a.seed, n))}
	var mutated bool
	f.input, mutated = a.corpus.input(f.r)
	if mutated {
		a.mutated.Add(1)
	}
	a.sent.Add(1)
	a.bytes.Add(int64(len(f.input)))
	return f
}

// failed reports once: what follows has the same reason.
func (a *attack) failed(why string) {
	a.once.Do(func() { a.victim.stacks(fmt.Sprintf("-harden.seed=%d %s", a.seed, why)) })
}

// inTheAir lists what was under way.
func inTheAir(flying *[attackers]atomic.Pointer[flight]) string {
	var b strings.Builder
	for i := range flying {
		if f := flying[i].Load(); f != nil {
			fmt.Fprintf(&b, "  %d: %.1500q\n", f.n, f.input)
		}
	}
	return b.String()
}

// send sends an input and, most of the time, reads until the server has
// closed. A refused write is the server's closing early, which it may.
func (a *attack) send(f *flight) error {
	c, err := a.victim.dial()
	if err != nil {
		return err
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	writing := make(chan struct{})
	go func() { // it may be more than is read before somebody reads the replies
		defer close(writing)
		for rest := f.input; len(rest) > 0; {
			n := len(rest)
			if f.r.IntN(3) == 0 {
				n = 1 + f.r.IntN(n)
			}
			if _, err := c.Write(rest[:n]); err != nil {
				return
			}
			rest = rest[n:]
		}
		c.(*net.UnixConn).CloseWrite()
	}()
	if f.n%16 == 0 { // does not wait for anything
		<-writing
		return nil
	}
	err = a.read(c)
	c.Close()
	<-writing
	return err
}

// read reads until the connection is closed, perhaps in the middle of a reply.
func (a *attack) read(c net.Conn) error {
	r := bufio.NewReader(c)
	for {
		kind, err := skim(r)
		var network net.Error
		switch {
		case err == nil:
			a.replies.Add(1)
			if kind == '-' {
				a.errors.Add(1)
			}
		case errors.As(err, &network) && network.Timeout():
			return errors.New("it is neither answered nor closed")
		case errors.Is(err, io.EOF), errors.As(err, &network):
			return nil
		default:
			return fmt.Errorf("it is answered by what is no reply: %w", err)
		}
	}
}

// skim reads one value and keeps nothing of it.
func skim(r *bufio.Reader) (kind byte, err error) {
	line, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull): // a long line: an error that repeats what was sent
		kind = line[0]
		if kind != '-' && kind != '+' {
			return kind, fmt.Errorf("header %.100q", line)
		}
		_, err = r.ReadBytes('\n')
		return kind, err
	case err != nil:
		return 0, err
	case len(line) < 3 || line[len(line)-2] != '\r':
		return 0, fmt.Errorf("line %.100q", line)
	}
	kind = line[0]
	switch kind {
	case '+', '-', ':', ',', '#', '(', '_':
		return kind, nil
	}
	n, err := strconv.Atoi(string(line[1 : len(line)-2]))
	if err != nil || n < -1 || n > 1<<30 {
		return kind, fmt.Errorf("header %.100q", line)
	}
	switch kind {
	case '$', '=', '!':
		return kind, skimBulk(r, n)
	case '%', '|':
		n *= 2
	case '*', '~', '>':
	default:
		return kind, fmt.Errorf("line %.100q", line)
	}
	for range n {
		if _, err := skim(r); err != nil {
			return kind, err
		}
	}
	return kind, nil
}

func skimBulk(r *bufio.Reader, n int) error {
	if n < 0 {
		return nil
	}
	if _, err := r.Discard(n); err != nil {
		return err
	}
	end, err := r.Peek(2)
	if err == nil && string(end) != "\r\n" {
		err = fmt.Errorf("%q after a string of %d bytes", end, n)
	}
	r.Discard(len(end))
	return err
}

// Commands that are made from the documentation are mostly right: what is
// mutated is not refused at its first word.
func TestCorpusIsValid(t *testing.T) {
	v := newVictim(t)
	c, err := newCorpus(v.keeper)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range c.templates {
		tm := &c.templates[i]
		if tm.right && !v.accepts(c, r, tm) {
			t.Errorf("%q: no command made from its documentation is right", tm.name)
		}
	}
}

// accepts says whether one of many tries is not refused as a mistake of syntax.
func (v *victim) accepts(c *corpus, r *rand.Rand, tm *template) bool {
	var last []byte
	for range 200 {
		words := c.fill(r, tm)
		last = v.once(testutil.AppendCommand(nil, words...))
		if !bytes.Contains(last, []byte("syntax error")) && !bytes.Contains(last, []byte("wrong number of arguments")) &&
			!bytes.HasPrefix(last, []byte("-ERR unknown")) && !bytes.HasPrefix(last, []byte("-ERR Unknown")) {
			return true
		}
	}
	v.t.Logf("%q", last)
	return false
}

// once sends bytes on a connection of their own and returns what comes back.
func (v *victim) once(b []byte) []byte {
	v.t.Helper()
	c, err := v.dial()
	if err != nil {
		v.t.Fatal(err)
	}
	defer c.Close()
	c.SetDeadline(time.Now().Add(patience))
	c.Write(b)
	c.(*net.UnixConn).CloseWrite()
	answer, _ := io.ReadAll(c)
	return answer
}
