package listpack

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"strconv"
)

// The heads of entries.
const (
	text6  = 0x80 // 2 bits, then the length
	int13  = 0xc0 // 3 bits, then the number
	text12 = 0xe0 // 4 bits, then the length
	text32 = 0xf0
	int16_ = 0xf1
	int24  = 0xf2
	int32_ = 0xf3
	int64_ = 0xf4
	end    = 0xff
)

// maxDigits is the length of the longest integer.
const maxDigits = 20

// An Entry is a string, or an integer that stands for its decimal form.
type Entry struct {
	text []byte // nil for an integer that was never text
	n    int64
	num  bool
}

// Of is the entry for b, which must not change while the entry is used: an
// integer if b is the canonical form of one.
func Of(b []byte) Entry {
	n, ok := parseInt(b)
	return Entry{text: b, n: n, num: ok}
}

// OfInt is the entry for n.
func OfInt(n int64) Entry { return Entry{n: n, num: true} }

// OfText is the entry for b, which is known not to be the canonical form of an
// integer, or was read from a listpack that has it as text.
func OfText(b []byte) Entry { return Entry{text: b} }

// Int returns the integer, if it is one.
func (e Entry) Int() (n int64, ok bool) { return e.n, e.num }

// Text returns the string, if it is not an integer.
func (e Entry) Text() (text []byte, ok bool) { return e.text, !e.num }

// Bytes returns the string: in the listpack, or, for an integer, its digits
// appended to scratch[:0].
func (e Entry) Bytes(scratch []byte) []byte {
	if e.num && e.text == nil {
		return strconv.AppendInt(scratch[:0], e.n, 10)
	}
	return e.text
}

// Append appends the string to b.
func (e Entry) Append(b []byte) []byte {
	if e.num && e.text == nil {
		return strconv.AppendInt(b, e.n, 10)
	}
	return append(b, e.text...)
}

// Len returns the length of the string.
func (e Entry) Len() int {
	if e.num && e.text == nil {
		return digits(e.n)
	}
	return len(e.text)
}

// Equal says whether the two are the same string.
func (e Entry) Equal(o Entry) bool {
	if e.num || o.num {
		return e.num && o.num && e.n == o.n
	}
	return bytes.Equal(e.text, o.text)
}

// Size is the number of bytes that e takes in a listpack.
func (e Entry) Size() int {
	n := e.headSize()
	if !e.num {
		n += len(e.text)
	}
	return n + backSize(n)
}

// headSize is the size of the head, which has all of an integer.
func (e Entry) headSize() int {
	if e.num {
		return intSize(e.n)
	}
	switch n := len(e.text); {
	case n < 1<<6:
		return 1
	case n < 1<<12:
		return 2
	}
	return 5
}

func intSize(n int64) int {
	switch u := uint64(n); {
	case u < 1<<7:
		return 1
	case u+1<<12 < 1<<13:
		return 2
	case u+1<<15 < 1<<16:
		return 3
	case u+1<<23 < 1<<24:
		return 4
	case u+1<<31 < 1<<32:
		return 5
	}
	return 9
}

// put writes the entry to the front of b and returns its size.
func (e Entry) put(b []byte) int {
	var n int
	if e.num {
		n = putInt(b, e.n)
	} else {
		n = putText(b, e.text)
	}
	return n + putBack(b[n:], n)
}

func putInt(b []byte, v int64) int {
	n := intSize(v)
	switch n {
	case 1:
		b[0] = byte(v)
	case 2:
		binary.BigEndian.PutUint16(b, int13<<8|uint16(v)&(1<<13-1))
	case 3:
		b[0] = int16_
		binary.LittleEndian.PutUint16(b[1:], uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(b, uint32(v)<<8|int24)
	case 5:
		b[0] = int32_
		binary.LittleEndian.PutUint32(b[1:], uint32(v))
	default:
		b[0] = int64_
		binary.LittleEndian.PutUint64(b[1:], uint64(v))
	}
	return n
}

func putText(b, text []byte) int {
	n, head := len(text), 1
	switch {
	case n < 1<<6:
		b[0] = text6 | byte(n)
	case n < 1<<12:
		binary.BigEndian.PutUint16(b, text12<<8|uint16(n))
		head = 2
	default:
		b[0] = text32
		binary.LittleEndian.PutUint32(b[1:], uint32(n))
		head = 5
	}
	return head + copy(b[head:], text)
}

// backSize is the size of the length n at the end of an entry. The values that
// just fit take a byte more than they need: so Redis writes them.
func backSize(n int) int {
	switch {
	case n <= 1<<7-1:
		return 1
	case n < 1<<14-1:
		return 2
	case n < 1<<21-1:
		return 3
	case n < 1<<28-1:
		return 4
	}
	return 5
}

func putBack(b []byte, n int) int {
	size := backSize(n)
	for i := size - 1; i > 0; i-- {
		b[i] = byte(n) | 0x80
		n >>= 7
	}
	b[0] = byte(n)
	return size
}

// parseInt reads the canonical decimal form of a 64-bit integer.
func parseInt(b []byte) (int64, bool) {
	if len(b) == 0 || len(b) > maxDigits {
		return 0, false
	}
	neg := b[0] == '-'
	if neg {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 19 || b[0] == '0' && (neg || len(b) > 1) {
		return 0, false
	}
	var u uint64
	for _, c := range b {
		c -= '0'
		if c > 9 {
			return 0, false
		}
		u = u*10 + uint64(c) // 19 digits fit in 64 bits
	}
	if neg {
		return -int64(u), u <= 1<<63
	}
	return int64(u), u <= math.MaxInt64
}

// digits is the length of the decimal form of n.
func digits(n int64) int {
	sign, u := 0, uint64(n)
	if n < 0 {
		sign, u = 1, -u
	}
	guess := (bits.Len64(u|1)*1233)>>12 + 1 // 1233/4096 is a little over log10(2)
	if guess > 1 && u < pow10[guess-1] {
		guess--
	}
	return sign + guess
}

var pow10 = func() (t [20]uint64) {
	t[0] = 1
	for i := 1; i < len(t); i++ {
		t[i] = t[i-1] * 10
	}
	return t
}()
