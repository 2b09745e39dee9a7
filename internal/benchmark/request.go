package benchmark

import (
	"strings"

	"github.com/redstart-db/redstart/internal/client"
)

// A Request is a command as it is sent, with slots for numbers. Building it once and
// patching digits keeps the cost of a request at a few nanoseconds.
type Request struct {
	Text  string
	Slots []Slot
	Class int // what it is counted as
}

// A Slot is where a number with leading zeros goes, from Offset on.
type Slot struct {
	Offset, Width int
	Source        Source
}

// A Source says which number goes into a slot.
type Source byte

// The sources.
const (
	Index Source = iota // the key's index: the same in all such slots of a request
	Noise               // a number below noises: the same, too
	Fresh               // an index of its own for each slot
)

// NewRequest is a command without slots.
func NewRequest(args ...string) Request {
	words := make([][]byte, len(args))
	for i := range args {
		words[i] = []byte(args[i])
	}
	return Request{Text: string(client.AppendCommand(nil, words...))}
}

// Mark makes slots of the places where a mark stands.
func (r *Request) Mark(mark string, source Source) {
	for at := 0; ; {
		i := strings.Index(r.Text[at:], mark)
		if i < 0 {
			return
		}
		r.Slots = append(r.Slots, Slot{at + i, len(mark), source})
		at += i + len(mark)
	}
}

// Put writes a number into a slot of the request that starts at b[0].
func (s *Slot) Put(b []byte, n uint64) {
	for i := s.Offset + s.Width - 1; i >= s.Offset; i-- {
		b[i] = '0' + byte(n%10)
		n /= 10
	}
}

// A scanner counts replies in a stream that may be cut anywhere: those of both
// versions of the protocol, nested to any depth, without pushes.
type scanner struct {
	kind   byte // first byte of the line being read, 0 between lines
	null   bool // the length being read is negative
	length int  // length read so far
	skip   int  // bytes left of the bulk string and its line end
	left   int  // elements to come of the reply being read, those of aggregates in it included
	push   bool // what is being read is no reply
	broken bool // a line began with what is no kind: this is not a Redis server

	replies int
	nulls   int
	failure []byte // first error reply
	failed  bool
}

func (s *scanner) scan(b []byte) {
	for i := 0; i < len(b); {
		if s.skip > 0 {
			n := min(s.skip, len(b)-i)
			i += n
			if s.skip -= n; s.skip == 0 {
				s.element()
			}
			continue
		}
		s.lineByte(b[i])
		i++
	}
}

func (s *scanner) lineByte(c byte) {
	switch {
	case s.kind == 0:
		s.kind, s.null, s.length = c, false, 0
	case c == '\n':
		s.endLine()
	case s.kind <= '*' || s.kind > ':': // lengths, which only these have, and words that do not matter
		s.lengthByte(c)
	case s.kind == '-' && !s.failed && s.left == 0 && c != '\r':
		s.failure = append(s.failure, c)
	}
}

// maxLength bounds what a length may claim: it is a counter, nothing is allocated.
const maxLength = 1 << 40

func (s *scanner) lengthByte(c byte) {
	switch {
	case c == '-':
		s.null = true
	case c >= '0' && c <= '9' && s.length < maxLength:
		s.length = s.length*10 + int(c-'0')
	}
}

func (s *scanner) endLine() {
	kind := s.kind
	s.kind = 0
	switch kind {
	case '$', '=', '!':
		s.endBulk(kind)
	case '*', '~', '>':
		s.endAggregate(kind, s.length)
	case '%':
		s.endAggregate(kind, 2*s.length)
	case '|': // an attribute is in front of an element, and none itself
		s.left = max(s.left, 1) + 2*s.length
	case '-':
		s.failed = s.failed || s.left == 0
		s.element()
	case '_':
		s.nulls++
		s.element()
	case '+', ':', ',', '#', '(':
		s.element()
	default:
		s.broken = true
	}
}

func (s *scanner) endBulk(kind byte) {
	if s.null {
		s.nulls++
		s.element()
		return
	}
	if kind == '!' && s.left == 0 && !s.failed {
		s.failed, s.failure = true, []byte("an error")
	}
	s.skip = s.length + 2
}

func (s *scanner) endAggregate(kind byte, n int) {
	switch {
	case s.null:
		s.nulls++
		s.element()
	case n == 0:
		s.element()
	default:
		s.push = s.push || kind == '>' && s.left == 0
		s.left = max(s.left, 1) - 1 + n // the aggregate is itself an element of the one it is in
	}
}

// element counts something that is complete: a reply, if it is the last of one.
func (s *scanner) element() {
	if s.left > 1 {
		s.left--
		return
	}
	s.left = 0
	if !s.push {
		s.replies++
	}
	s.push = false
}
