package listpack

import "encoding/binary"

// Validate says whether all of b is a listpack that the functions of this package may
// be given, whatever b is. Without deep it looks at header and end only:
// for bytes whose checksum was right.
func Validate(b []byte, deep bool) bool {
	if len(b) < EmptySize || Size(b) != len(b) || b[len(b)-1] != end {
		return false
	}
	return !deep || validEntries(b)
}

func validEntries(b []byte) bool {
	n, last := 0, len(b)-1
	for pos := headerSize; pos != last; n++ {
		size, ok := validAt(b[:last], pos)
		if !ok {
			return false
		}
		pos += size
	}
	count := int(binary.LittleEndian.Uint16(b[4:]))
	return count == uncounted || count == n
}

// validAt returns the size of the entry at pos and whether b has all of it, and it can be
// passed from both sides.
func validAt(b []byte, pos int) (size int, ok bool) {
	if !validHead(b[pos:]) {
		return 0, false
	}
	n := contentAt(b, pos)
	size = n + backSize(n)
	if size > len(b)-pos {
		return 0, false
	}
	var want [5]byte
	k := putBack(want[:], n)
	return size, string(b[pos+n:pos+size]) == string(want[:k])
}

// validHead says whether b begins with a head that is known and not cut off.
func validHead(b []byte) bool {
	switch head := b[0]; {
	case head < text12:
		return true
	case head < text32:
		return len(b) >= 2
	case head == text32:
		return len(b) >= 5
	default:
		return head <= int64_
	}
}
