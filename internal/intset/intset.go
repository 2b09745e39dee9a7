package intset

import (
	"encoding/binary"
	"math"

	"github.com/redstart-db/redstart/internal/invariants"
)

const headerSize = 8

// EmptySize is the size of a set without members.
const EmptySize = headerSize

// Init makes the front of b a set without members.
func Init(b []byte) { setHeader(b, 2, 0) }

func setHeader(b []byte, width, n int) {
	binary.LittleEndian.PutUint32(b, uint32(width))
	binary.LittleEndian.PutUint32(b[4:], uint32(n))
}

func widthOf(b []byte) int { return int(binary.LittleEndian.Uint32(b)) }

// Len is the number of members.
func Len(b []byte) int { return int(binary.LittleEndian.Uint32(b[4:])) }

// Size is the number of bytes in use.
func Size(b []byte) int { return headerSize + Len(b)*widthOf(b) }

// At is the i-th member, from 0, in ascending order.
func At(b []byte, i int) int64 { return get(b[headerSize:], widthOf(b), i) }

func get(members []byte, width, i int) int64 {
	switch width {
	case 2:
		return int64(int16(binary.LittleEndian.Uint16(members[2*i:])))
	case 4:
		return int64(int32(binary.LittleEndian.Uint32(members[4*i:])))
	}
	return int64(binary.LittleEndian.Uint64(members[8*i:]))
}

func put(members []byte, width, i int, v int64) {
	switch width {
	case 2:
		binary.LittleEndian.PutUint16(members[2*i:], uint16(v))
	case 4:
		binary.LittleEndian.PutUint32(members[4*i:], uint32(v))
	default:
		binary.LittleEndian.PutUint64(members[8*i:], uint64(v))
	}
}

// need is the smallest width for v.
func need(v int64) int {
	switch {
	case v == int64(int16(v)):
		return 2
	case v == int64(int32(v)):
		return 4
	}
	return 8
}

// Find returns where v is or, if it is no member, where it would be.
func Find(b []byte, v int64) (i int, found bool) {
	members, width, n := b[headerSize:], widthOf(b), Len(b)
	if n > 0 && v > get(members, width, n-1) {
		return n, false // the usual case of ascending numbers
	}
	lo, hi := 0, n
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if get(members, width, mid) < v {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < n && get(members, width, lo) == v
}

// Has says whether v is a member.
func Has(b []byte, v int64) bool {
	_, found := Find(b, v)
	return found
}

// SizeAfterInsert is the size of the set with one more member, v.
func SizeAfterInsert(b []byte, v int64) int {
	return headerSize + (Len(b)+1)*max(widthOf(b), need(v))
}

// Insert puts v, no member yet, where Find said and returns the new size. b
// must be that long: SizeAfterInsert.
func Insert(b []byte, i int, v int64) (size int) {
	width, n := max(widthOf(b), need(v)), Len(b)
	if width != widthOf(b) {
		widen(b, width)
	}
	members := b[headerSize : headerSize+(n+1)*width]
	copy(members[(i+1)*width:], members[i*width:n*width])
	put(members, width, i, v)
	setHeader(b, width, n+1)
	if invariants.Enabled {
		checkOrder(b, i)
	}
	return headerSize + len(members)
}

// widen gives the members another width. They move from the last on, since each one's
// new place is behind its old.
func widen(b []byte, width int) {
	members, old, n := b[headerSize:], widthOf(b), Len(b)
	for i := n - 1; i >= 0; i-- {
		put(members, width, i, get(members, old, i))
	}
	setHeader(b, width, n)
}

// Delete removes the i-th member and returns the new size.
func Delete(b []byte, i int) (size int) {
	width, n := widthOf(b), Len(b)
	members := b[headerSize : headerSize+n*width]
	copy(members[i*width:], members[(i+1)*width:])
	setHeader(b, width, n-1)
	if invariants.Enabled {
		checkOrder(b, min(i, n-2))
	}
	return headerSize + len(members) - width
}

// checkOrder panics unless the i-th member is between its neighbours.
func checkOrder(b []byte, i int) {
	if i > 0 {
		invariants.Check(At(b, i-1) < At(b, i), "intset: members %d and %d are not ascending", i-1, i)
	}
	if i >= 0 && i+1 < Len(b) {
		invariants.Check(At(b, i) < At(b, i+1), "intset: members %d and %d are not ascending", i, i+1)
	}
}

// Validate says whether all of b is a set that the functions of this package
// may be given, whatever b is. Without deep it looks at the header only: for
// bytes whose checksum was right.
func Validate(b []byte, deep bool) bool {
	if len(b) < headerSize {
		return false
	}
	width := binary.LittleEndian.Uint32(b)
	if width != 2 && width != 4 && width != 8 {
		return false
	}
	n := uint64(binary.LittleEndian.Uint32(b[4:]))
	if n > math.MaxInt32 || headerSize+n*uint64(width) != uint64(len(b)) {
		return false
	}
	return !deep || ascending(b)
}

func ascending(b []byte) bool {
	for i := 1; i < Len(b); i++ {
		if At(b, i-1) >= At(b, i) {
			return false
		}
	}
	return true
}
