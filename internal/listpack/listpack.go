package listpack

import (
	"bytes"
	"encoding/binary"
)

const (
	headerSize = 6

	// EmptySize is the size of a listpack without entries.
	EmptySize = headerSize + 1

	uncounted = 1<<16 - 1 // in the header: too many for its field
)

// Size is the number of bytes in use.
func Size(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }

// End is the position after the last entry, to insert at.
func End(b []byte) int { return Size(b) - 1 }

// Len is the number of entries. It counts them if there are 65535 or more.
func Len(b []byte) int {
	if n := int(binary.LittleEndian.Uint16(b[4:])); n != uncounted {
		return n
	}
	n := 0
	for pos := First(b); pos != 0; pos = Next(b, pos) {
		n++
	}
	return n
}

// First is the position of the first entry, or 0.
func First(b []byte) int {
	if b[headerSize] == end {
		return 0
	}
	return headerSize
}

// Last is the position of the last entry, or 0.
func Last(b []byte) int { return Prev(b, End(b)) }

// Next is the position of the entry after the one at pos, or 0.
func Next(b []byte, pos int) int {
	pos += sizeAt(b, pos)
	if b[pos] == end {
		return 0
	}
	return pos
}

// After is the position behind the entry at pos: that of the next, or End.
func After(b []byte, pos int) int { return pos + sizeAt(b, pos) }

// Prev is the position of the entry before pos, which may be End, or 0.
func Prev(b []byte, pos int) int {
	if pos == headerSize {
		return 0
	}
	n := backLen(b, pos)
	return pos - n - backSize(n)
}

// backLen reads the length that ends before pos.
func backLen(b []byte, pos int) int {
	n, shift := 0, 0
	for {
		pos--
		c := b[pos]
		n |= int(c&0x7f) << shift
		if c < 0x80 {
			return n
		}
		shift += 7
	}
}

// Seek is the position of an entry by index, from the end if that is negative
// (-1 is the last), or 0.
func Seek(b []byte, index int) int {
	if n := int(binary.LittleEndian.Uint16(b[4:])); n != uncounted {
		if index >= n || index < -n {
			return 0
		}
		if index > n/2 {
			index -= n
		} else if index < -n/2-1 {
			index += n
		}
	}
	if index < 0 {
		return seekBack(b, -index)
	}
	pos := First(b)
	for ; index > 0 && pos != 0; index-- {
		pos = Next(b, pos)
	}
	return pos
}

// seekBack is the position of the n-th entry from the end.
func seekBack(b []byte, n int) int {
	pos := End(b)
	for ; n > 0; n-- {
		if pos = Prev(b, pos); pos == 0 {
			return 0
		}
	}
	return pos
}

// Get reads the entry at pos. Text is in b.
func Get(b []byte, pos int) Entry {
	e, _ := decode(b, pos)
	return e
}

// Read reads the entry at pos and returns the position of the next, or 0.
func Read(b []byte, pos int) (e Entry, next int) {
	e, n := decode(b, pos)
	next = pos + n + backSize(n)
	if b[next] == end {
		next = 0
	}
	return e, next
}

// Text reads the string at pos, as Entry.Bytes returns it, and returns the position
// of the next, or 0: Read for who only copies, which is twice as fast.
func Text(b []byte, pos int, scratch []byte) (text []byte, next int) {
	if head := b[pos]; head >= text6 && head < int13 {
		start := pos + 1
		stop := start + int(head&0x3f)
		text, next = b[start:stop], stop+1
		if b[next] == end {
			next = 0
		}
		return text, next
	}
	e, next := Read(b, pos)
	return e.Bytes(scratch), next
}

// decode reads the entry at pos and returns the size of its head and data.
func decode(b []byte, pos int) (Entry, int) {
	b = b[pos:]
	head := b[0]
	switch {
	case head < text6:
		return OfInt(int64(head)), 1
	case head < int13:
		n := 1 + int(head&0x3f)
		return Entry{text: b[1:n:n]}, n
	case head < text12:
		v := int64(int16(binary.BigEndian.Uint16(b)<<3)) >> 3
		return OfInt(v), 2
	case head < text32:
		n := 2 + int(binary.BigEndian.Uint16(b)&0xfff)
		return Entry{text: b[2:n:n]}, n
	case head == text32:
		n := 5 + int(binary.LittleEndian.Uint32(b[1:]))
		return Entry{text: b[5:n:n]}, n
	}
	return decodeInt(b)
}

// decodeInt reads an integer of 2 to 8 whole bytes.
func decodeInt(b []byte) (Entry, int) {
	switch b[0] {
	case int16_:
		return OfInt(int64(int16(binary.LittleEndian.Uint16(b[1:])))), 3
	case int24:
		return OfInt(int64(int32(binary.LittleEndian.Uint32(b)) >> 8)), 4
	case int32_:
		return OfInt(int64(int32(binary.LittleEndian.Uint32(b[1:])))), 5
	}
	return OfInt(int64(binary.LittleEndian.Uint64(b[1:]))), 9
}

// shortSizes has the size of an entry by its head, or 0 if that does not tell:
// one look-up instead of a tree of branches, for whoever walks.
var shortSizes = func() (t [256]uint8) {
	for head := range int(text12) {
		t[head] = uint8(contentAt([]byte{byte(head)}, 0)) + 1
	}
	for head := int16_; head <= int64_; head++ {
		t[head] = uint8(contentAt([]byte{byte(head)}, 0)) + 1
	}
	return t
}()

// sizeAt is the size of the entry at pos.
func sizeAt(b []byte, pos int) int {
	if n := shortSizes[b[pos]]; n != 0 {
		return int(n)
	}
	return longSizeAt(b, pos)
}

func longSizeAt(b []byte, pos int) int {
	n := contentAt(b, pos)
	return n + backSize(n)
}

// contentAt is the size of head and data of the entry at pos.
func contentAt(b []byte, pos int) int {
	head := b[pos]
	switch {
	case head < text6:
		return 1
	case head < int13:
		return 1 + int(head&0x3f)
	case head < text12:
		return 2
	case head < text32:
		return 2 + int(head&0xf)<<8 + int(b[pos+1])
	case head == text32:
		return 5 + int(binary.LittleEndian.Uint32(b[pos+1:]))
	case head == int64_:
		return 9
	}
	return int(head-int16_) + 3
}

// TextSize is the size of the entry for a text of some length, and where in it the text begins.
func TextSize(length int) (size, at int) {
	switch {
	case length < 1<<6:
		at = 1
	case length < 1<<12:
		at = 2
	default:
		at = 5
	}
	return at + length + backSize(at+length), at
}

// Width is the length of all texts of a listpack that has nothing but texts of one
// length, or 0.
func Width(b []byte) int {
	first := First(b)
	if first == 0 {
		return 0
	}
	e := Get(b, first)
	size, head := TextSize(len(e.text))
	if e.num || size*Len(b) != End(b)-first {
		return 0
	}
	same := b[first : first+head]
	for pos := first + size; pos < End(b); pos += size {
		if string(b[pos:pos+head]) != string(same) {
			return 0
		}
	}
	return len(e.text)
}

// Find is the position of the first entry from pos on that equals e, or 0; it
// leaves out skip entries after each that it looks at (1 for a listpack of pairs
// looks at keys only). pos may be 0.
func Find(b []byte, pos int, e Entry, skip int) int {
	if pos == 0 {
		return 0
	}
	for left := 0; b[pos] != end; left-- {
		if left == 0 {
			if equalAt(b[pos:], e) {
				return pos
			}
			left = skip + 1
		}
		pos += sizeAt(b, pos)
	}
	return 0
}

// Equal says whether the entry at pos is e.
func Equal(b []byte, pos int, e Entry) bool { return equalAt(b[pos:], e) }

// equalAt says whether the entry that b begins with is e.
func equalAt(b []byte, e Entry) bool {
	head := b[0]
	if head >= text6 && head < int13 && !e.num {
		n := int(head & 0x3f)
		return n == len(e.text) && string(b[1:1+n]) == string(e.text)
	}
	got, _ := decode(b, 0)
	switch {
	case got.num && e.num:
		return got.n == e.n
	case got.num:
		return false
	case e.num:
		// This package writes integers as such, but files may say otherwise.
		n, ok := parseInt(got.text)
		return ok && n == e.n
	}
	return bytes.Equal(got.text, e.text)
}
