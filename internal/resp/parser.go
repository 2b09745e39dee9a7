package resp

import (
	"bytes"
	"math"
	"unsafe"
)

// maxLine is the longest inline command, and the longest line that may hold a
// count or a length.
const maxLine = 64 << 10

// What a client that has not authenticated may send: enough for AUTH and
// HELLO, too little to fill memory with.
const (
	unauthMaxWords = 10
	unauthMaxBulk  = 16 << 10
)

// Limits bound what a Parser accepts.
type Limits struct {
	MaxBulk int64 // proto-max-bulk-len
	Unauth  bool  // the client must authenticate first
}

// ProtocolError is the text for a client that does not speak the protocol;
// nothing that follows in its input means anything.
type ProtocolError string

func (e ProtocolError) Error() string { return "Protocol error: " + string(e) }

// A Parser splits the input of one client into commands. It copies nothing:
// words are slices of the input. The zero value is ready.
//
// While a command is incomplete the parser remembers how far it came, as
// offsets from the command's first byte, so the input may move in memory
// between calls as long as it starts with the same command. A word that
// arrives in many pieces is never looked at before it is whole.
type Parser struct {
	pos    int    // where to go on; 0: nothing of the command is known
	left   int    // words still to come
	inWord bool   // the length of the next word is known and pos is its first byte ...
	size   int    // ... and this is it
	words  []span // words found before the input ran out
}

type span struct{ start, end int }

// Reset forgets a command that was begun.
func (p *Parser) Reset() { *p = Parser{} }

// Size is how many bytes it takes to know where the words of a command are
// that was begun.
func (p *Parser) Size() int64 { return int64(cap(p.words)) * int64(unsafe.Sizeof(span{})) }

// Parsed is how many bytes of the input are understood: words of a command
// that is not complete, and their lengths.
func (p *Parser) Parsed() int { return p.pos }

// Need is how long the input must be at least before Next can get any
// further; 0 if that is not known.
func (p *Parser) Need() int {
	if p.inWord {
		return p.pos + p.size + 2
	}
	return 0
}

// Next takes one command from the start of in. It appends its words to argv
// and returns how many bytes they took; 0 means that the command is not
// complete. A command of no words (an empty line) takes bytes, too.
func (p *Parser) Next(in []byte, argv [][]byte, lim *Limits) (words [][]byte, n int, err error) {
	if len(in) == 0 {
		return argv, 0, nil
	}
	if p.pos == 0 {
		if in[0] != '*' {
			return nextInline(in, argv)
		}
		if !lim.Unauth {
			if words, n := nextShort(in, argv); n > 0 {
				return words, n, nil
			}
		}
	}
	return p.nextMultibulk(in, argv, lim)
}

// nextShort is the fast path for a complete command whose counts and lengths
// have at most five digits, which no limit forbids. It gives up (n = 0) on
// everything else and leaves it to nextMultibulk.
func nextShort(in []byte, argv [][]byte) (words [][]byte, n int) {
	count, pos := shortNumber(in, 1)
	for ; count > 0; count-- {
		if pos >= len(in) || in[pos] != '$' {
			return argv, 0
		}
		size, start := shortNumber(in, pos+1)
		end := start + size
		if start == 0 || end+2 > len(in) {
			return argv, 0
		}
		argv = append(argv, in[start:end:end])
		pos = end + 2
	}
	return argv, pos
}

// shortNumber reads a number of up to five digits, without leading zero, that
// starts at pos and ends a line. next is the start of the next line; 0 if
// there is no such number.
func shortNumber(in []byte, pos int) (n, next int) {
	for i := pos; i < len(in)-1 && i < pos+6; i++ {
		c := in[i] - '0'
		if c > 9 {
			if in[i] != '\r' || i == pos {
				return 0, 0
			}
			return n, i + 2
		}
		if n == 0 && i > pos {
			return 0, 0
		}
		n = n*10 + int(c)
	}
	return 0, 0
}

// nextMultibulk goes on with a command of counted words.
func (p *Parser) nextMultibulk(in []byte, argv [][]byte, lim *Limits) ([][]byte, int, error) {
	if p.pos == 0 {
		if n, err := p.count(in, lim); err != nil || p.left == 0 {
			return argv, n, err
		}
	}
	for p.left > 0 {
		if !p.inWord {
			if more, err := p.length(in, lim); !more {
				return argv, 0, err
			}
		}
		end := p.pos + p.size
		if end+2 > len(in) {
			return argv, 0, nil
		}
		p.words = append(p.words, span{p.pos, end})
		p.pos, p.inWord = end+2, false
		p.left--
	}
	for _, w := range p.words {
		argv = append(argv, in[w.start:w.end:w.end])
	}
	n := p.pos
	p.Reset()
	return argv, n, nil
}

// count reads the line with the number of words. If there are none, it
// returns the length of that line.
func (p *Parser) count(in []byte, lim *Limits) (consumed int, err error) {
	line, next, err := header(in, 0, "too big mbulk count string")
	if next == 0 {
		return 0, err
	}
	n, ok := parseLength(line)
	switch {
	case !ok || n > math.MaxInt32:
		return 0, ProtocolError("invalid multibulk length")
	case n > unauthMaxWords && lim.Unauth:
		return 0, ProtocolError("unauthenticated multibulk length")
	case n <= 0:
		return next, nil
	}
	p.pos, p.left = next, int(n)
	return 0, nil
}

// length reads the line with the length of a word; more is false if it is
// not complete.
func (p *Parser) length(in []byte, lim *Limits) (more bool, err error) {
	line, next, err := header(in, p.pos, "too big bulk count string")
	if next == 0 {
		return false, err
	}
	if in[p.pos] != '$' {
		return false, ProtocolError("expected '$', got '" + string(in[p.pos:p.pos+1]) + "'")
	}
	n, ok := parseLength(line)
	switch {
	case !ok || n < 0 || n > lim.MaxBulk:
		return false, ProtocolError("invalid bulk length")
	case n > unauthMaxBulk && lim.Unauth:
		return false, ProtocolError("unauthenticated bulk length")
	}
	p.pos, p.size, p.inWord = next, int(n), true
	return true, nil
}

// header returns what follows the first byte of the line at pos, and where
// the next line starts; 0 if the line is not complete. As in Redis a CR ends
// a line and the byte after it is not looked at.
func header(in []byte, pos int, tooBig ProtocolError) (line []byte, next int, err error) {
	rest := in[pos:]
	i := bytes.IndexByte(rest, '\r')
	if i < 0 {
		if len(rest) > maxLine {
			return nil, 0, tooBig
		}
		return nil, 0, nil
	}
	if i+2 > len(rest) {
		return nil, 0, nil
	}
	if i == 0 { // not even a first byte: let the caller complain about it
		return nil, pos + 2, nil
	}
	return rest[1:i], pos + i + 2, nil
}

// parseLength reads a canonical decimal integer; numbers too long for any
// limit are not ok.
func parseLength(b []byte) (n int64, ok bool) {
	digits := b
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 18 || digits[0] == '0' && len(b) > 1 {
		return 0, false
	}
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if neg {
		n = -n
	}
	return n, true
}
