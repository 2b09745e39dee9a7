package client

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"strconv"
)

// Kind is the type of a reply: the first byte of its wire form.
type Kind byte

// The kinds.
const (
	Simple    Kind = '+'
	Error     Kind = '-'
	Int       Kind = ':'
	Bulk      Kind = '$'
	Array     Kind = '*'
	Null      Kind = '_' // also the nulls of RESP2, $-1 and *-1
	Double    Kind = ','
	Bool      Kind = '#'
	BulkError Kind = '!'
	Verbatim  Kind = '='
	BigNumber Kind = '('
	Set       Kind = '~'
	Map       Kind = '%'
	Push      Kind = '>'
	attribute Kind = '|'
)

// A Reply is one reply, or a part of one.
type Reply struct {
	Kind   Kind
	Text   []byte // of all but aggregates: as it came, without length and format
	Format string // of a verbatim string: three letters
	N      int64  // of an Int; 1 for a true Bool
	Items  []Reply
	Attrs  []Reply // keys and values of the attribute in front of it
}

// IsError says whether the reply is an error.
func (r *Reply) IsError() bool { return r.Kind == Error || r.Kind == BulkError }

// IsAggregate says whether the reply has items. Those of a Map are keys and values in turn.
func (r *Reply) IsAggregate() bool {
	return r.Kind == Array || r.Kind == Set || r.Kind == Map || r.Kind == Push
}

// ProtocolError says that what was read is not a reply.
type ProtocolError string

func (e ProtocolError) Error() string { return string(e) }

const (
	maxDepth  = 128
	maxLength = math.MaxInt32
	firstRead = 64 << 10 // of a long string: more when it has come
)

// A Reader reads replies.
type Reader struct{ b *bufio.Reader }

// NewReader reads from r.
func NewReader(r io.Reader) Reader { return Reader{bufio.NewReaderSize(r, 64<<10)} }

// Buffered is how many bytes have come that are not read.
func (r Reader) Buffered() int { return r.b.Buffered() }

// Read reads the next reply. The error is a ProtocolError, or one of the reader's.
func (r Reader) Read() (Reply, error) { return r.read(0) }

func (r Reader) read(depth int) (reply Reply, err error) {
	if depth > maxDepth {
		return reply, ProtocolError("Too deeply nested reply")
	}
	line, err := r.line()
	if err != nil {
		return reply, err
	}
	if len(line) == 0 {
		return reply, ProtocolError("Empty line")
	}
	reply.Kind = Kind(line[0])
	line = line[1:]
	switch reply.Kind {
	case Simple, Error, BigNumber:
		reply.Text = bytes.Clone(line)
	case Null:
	case Int:
		reply.Text = bytes.Clone(line)
		if reply.N, err = strconv.ParseInt(string(line), 10, 64); err != nil {
			return reply, ProtocolError("Bad integer value")
		}
	case Double:
		return reply.asDouble(line)
	case Bool:
		if len(line) != 1 || line[0] != 't' && line[0] != 'f' {
			return reply, ProtocolError("Bad bool value")
		}
		if line[0] == 't' {
			reply.N = 1
		}
	case Bulk, BulkError, Verbatim:
		return r.bulk(reply, line)
	case Array, Set, Map, Push:
		return r.items(reply, line, depth)
	case attribute:
		attrs, err := r.items(reply, line, depth)
		if err != nil {
			return reply, err
		}
		reply, err = r.read(depth)
		reply.Attrs = attrs.Items
		return reply, err
	default:
		return reply, ProtocolError(fmt.Sprintf("Protocol error, got %s as reply type byte", strconv.Quote(string(rune(reply.Kind)))))
	}
	return reply, nil
}

// line reads up to the end of the line.
func (r Reader) line() ([]byte, error) {
	line, err := r.b.ReadSlice('\n')
	if err == bufio.ErrBufferFull {
		long := bytes.Clone(line)
		for err == bufio.ErrBufferFull && len(long) < maxLength {
			line, err = r.b.ReadSlice('\n')
			long = append(long, line...)
		}
		line = long
	}
	if err != nil {
		return nil, err
	}
	line = line[:len(line)-1]
	return bytes.TrimSuffix(line, []byte{'\r'}), nil
}

func (r Reply) asDouble(line []byte) (Reply, error) {
	r.Text = bytes.Clone(line)
	if _, err := strconv.ParseFloat(string(line), 64); err != nil && !bytes.Equal(line, []byte("-nan")) {
		return r, ProtocolError("Bad double value")
	}
	return r, nil
}

// length reads a length; -1 is null.
func length(line []byte) (n int, err error) {
	n, err = strconv.Atoi(string(line))
	if err != nil || n < -1 || n > maxLength {
		return 0, ProtocolError("Bad length")
	}
	return n, nil
}

func (r Reader) bulk(reply Reply, line []byte) (Reply, error) {
	n, err := length(line)
	if err != nil {
		return reply, err
	}
	if n < 0 {
		return Reply{Kind: Null}, nil
	}
	if reply.Text, err = r.bytes(n); err != nil {
		return reply, err
	}
	var end [2]byte
	if _, err := io.ReadFull(r.b, end[:]); err != nil {
		return reply, err
	}
	if end != [2]byte{'\r', '\n'} {
		return reply, ProtocolError("Bad end of a string")
	}
	if reply.Kind == Verbatim {
		if n < 4 || reply.Text[3] != ':' {
			return reply, ProtocolError("Bad verbatim string")
		}
		reply.Format, reply.Text = string(reply.Text[:3]), reply.Text[4:]
	}
	return reply, nil
}

func (r Reader) bytes(n int) (b []byte, err error) {
	b = make([]byte, min(n, firstRead))
	for got := 0; ; {
		k, err := io.ReadFull(r.b, b[got:])
		if got += k; err != nil || got == n {
			return b, err
		}
		b = append(b, make([]byte, min(got, n-got))...)
	}
}

func (r Reader) items(reply Reply, line []byte, depth int) (Reply, error) {
	n, err := length(line)
	if err != nil {
		return reply, err
	}
	if n < 0 {
		return Reply{Kind: Null}, nil
	}
	if reply.Kind == Map || reply.Kind == attribute {
		n *= 2
	}
	reply.Items = make([]Reply, 0, min(n, 1024))
	for range n {
		item, err := r.read(depth + 1)
		if err != nil {
			return reply, err
		}
		reply.Items = append(reply.Items, item)
	}
	return reply, nil
}
