package listpack

import (
	"encoding/binary"
	"math"

	"github.com/redstart-db/redstart/internal/invariants"
)

// MaxSize is the largest listpack: the sizes in it have 32 bits.
const MaxSize = math.MaxUint32

// Init makes the front of b a listpack without entries.
func Init(b []byte) {
	b[headerSize] = end
	setHeader(b, EmptySize, 0)
}

// AppendEmpty appends a listpack without entries to b.
func AppendEmpty(b []byte) []byte {
	return append(b, EmptySize, 0, 0, 0, 0, 0, end)
}

func setHeader(b []byte, size, n int) {
	binary.LittleEndian.PutUint32(b, uint32(size))
	binary.LittleEndian.PutUint16(b[4:], uint16(min(n, uncounted)))
}

// grow changes the header for some bytes and entries more or, if negative, less.
func grow(b []byte, size, n int) {
	size += Size(b)
	count := int(binary.LittleEndian.Uint16(b[4:]))
	switch {
	case size == EmptySize:
		count = 0
	case count != uncounted:
		count += n
	}
	setHeader(b, size, count)
	if invariants.Enabled {
		checkFrame(b)
	}
}

// Insert puts e before the entry at pos, or at End, and returns the new size.
// b must be that long: Size(b)+e.Size().
func Insert(b []byte, pos int, e Entry) (size int) {
	used, n := Size(b), e.Size()
	copy(b[pos+n:used+n], b[pos:used])
	e.put(b[pos:])
	grow(b, n, 1)
	return used + n
}

// Append puts e behind the last entry and returns the new size.
func Append(b []byte, e Entry) (size int) {
	used := Size(b)
	n := e.put(b[used-1:])
	b[used-1+n] = end
	grow(b, n, 1)
	return used + n
}

// Prepend puts e before the first entry and returns the new size.
func Prepend(b []byte, e Entry) (size int) { return Insert(b, headerSize, e) }

// AppendTo appends e to a listpack that is all of b, and grows b as append does.
func AppendTo(b []byte, e Entry) []byte {
	used, n := Size(b), e.Size()
	if cap(b) < used+n {
		b = append(b[:used], make([]byte, n)...)
	}
	b = b[:used+n]
	Append(b, e)
	return b
}

// SizeAfterReplace is what Replace will return.
func SizeAfterReplace(b []byte, pos int, e Entry) int {
	return Size(b) + e.Size() - sizeAt(b, pos)
}

// Replace puts e in place of the entry at pos and returns the new size. b must
// be that long: SizeAfterReplace.
func Replace(b []byte, pos int, e Entry) (size int) {
	used, n, old := Size(b), e.Size(), sizeAt(b, pos)
	if n != old {
		copy(b[pos+n:used+n-old], b[pos+old:used])
	}
	e.put(b[pos:])
	grow(b, n-old, 0)
	return used + n - old
}

// Delete removes n entries, or as many as there are, from pos on, and returns
// the new size. What followed them is then at pos.
func Delete(b []byte, pos, n int) (size int) {
	used, to, gone := Size(b), pos, 0
	for ; gone < n && b[to] != end; gone++ {
		to += sizeAt(b, to)
	}
	copy(b[pos:], b[to:used])
	grow(b, pos-to, -gone)
	return used + pos - to
}

// DeleteBack removes n entries, or as many as there are, before pos, which
// may be End, and returns the new size.
func DeleteBack(b []byte, pos, n int) (size int) {
	from, gone := pos, 0
	for ; gone < n; gone++ {
		prev := Prev(b, from)
		if prev == 0 {
			break
		}
		from = prev
	}
	used := Size(b)
	copy(b[from:], b[pos:used])
	grow(b, from-pos, -gone)
	return used + from - pos
}

// Remove removes up to n entries that equal e, from the back if n is negative,
// and returns how many there were.
func Remove(b []byte, e Entry, n int) (gone int) {
	if n < 0 {
		return removeBackwards(b, e, -n)
	}
	for pos := Find(b, First(b), e, 0); pos != 0 && gone < n; pos = Find(b, pos, e, 0) {
		run, to := 1, pos+sizeAt(b, pos)
		for ; gone+run < n && b[to] != end && equalAt(b[to:], e); run++ {
			to += sizeAt(b, to)
		}
		Delete(b, pos, run)
		gone += run
	}
	return gone
}

func removeBackwards(b []byte, e Entry, n int) (gone int) {
	for pos := Last(b); pos != 0 && gone < n; {
		prev := Prev(b, pos)
		if equalAt(b[pos:], e) {
			Delete(b, pos, 1)
			gone++
		}
		pos = prev
	}
	return gone
}

// Concat puts the entries of other behind those of b and returns the new size.
// b must be that long: Size(b)+Size(other)-EmptySize.
func Concat(b, other []byte) (size int) {
	used := Size(b)
	n := copy(b[used-1:], other[headerSize:Size(other)]) - 1
	count := int(binary.LittleEndian.Uint16(b[4:])) + int(binary.LittleEndian.Uint16(other[4:]))
	setHeader(b, used+n, count)
	if invariants.Enabled {
		checkFrame(b)
	}
	return used + n
}

// CopyTail makes the front of dst, which must be long enough, a listpack of the
// entries of b from pos on.
func CopyTail(dst, b []byte, pos int) {
	n := 0
	for p := pos; b[p] != end; p += sizeAt(b, p) {
		n++
	}
	size := headerSize + copy(dst[headerSize:], b[pos:Size(b)])
	setHeader(dst, size, n)
}

// PushFront puts e before the first entry of the listpack at b[at:], into the free
// bytes before it, at least e.Size(), and returns where the listpack begins
// then. Nothing moves.
func PushFront(b []byte, at int, e Entry) int {
	used, count := Size(b[at:]), int(binary.LittleEndian.Uint16(b[at+4:]))
	n := e.Size()
	at -= n
	e.put(b[at+headerSize:])
	setHeader(b[at:], used+n, count+1)
	if invariants.Enabled {
		checkFrame(b[at:])
	}
	return at
}

// CutFront removes the first n entries, or as many as there are, of the
// listpack at b[at:] and returns where it begins then. Nothing moves.
func CutFront(b []byte, at, n int) int {
	lp := b[at:]
	used, count := Size(lp), int(binary.LittleEndian.Uint16(lp[4:]))
	pos, gone := headerSize, 0
	for ; gone < n && lp[pos] != end; gone++ {
		pos += sizeAt(lp, pos)
	}
	lp = lp[pos-headerSize:]
	if count != uncounted {
		count -= gone
	}
	setHeader(lp, used, count)
	grow(lp, headerSize-pos, 0)
	return at + pos - headerSize
}

// checkFrame panics if header and end do not belong together. That is all that
// can be checked after each step without making every edit O(n).
func checkFrame(b []byte) {
	size := Size(b)
	invariants.Check(size >= EmptySize && size <= len(b) && b[size-1] == end, "listpack: size %d of %d bytes", size, len(b))
	n := int(binary.LittleEndian.Uint16(b[4:]))
	invariants.Check(n == uncounted || 2*n <= size-EmptySize, "listpack: %d entries in %d bytes", n, size)
	invariants.Check((n == 0) == (size == EmptySize), "listpack: %d entries in %d bytes", n, size)
}
