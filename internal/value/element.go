package value

import (
	"encoding/binary"

	"github.com/redstart-db/redstart/internal/arena"
)

// An element is a block that holds a string and its length, as an unsigned
// varint before it: a member of a large set.

func elementSize(n int) int { return varintSize(n) + n }

func varintSize(n int) int {
	size := 1
	for ; n >= 0x80; n >>= 7 {
		size++
	}
	return size
}

func newElement(a *arena.Arena, b []byte) arena.Ref {
	n := elementSize(len(b))
	ref := a.Alloc(n, arena.Element)
	block := a.Bytes(ref, n)
	copy(block[binary.PutUvarint(block, uint64(len(b))):], b)
	return ref
}

// elementAt is the string of an element, in the arena.
func elementAt(a *arena.Arena, ref arena.Ref) []byte {
	if n := int(*(*byte)(a.Ptr(ref))); n < 0x80 {
		return a.Bytes(ref, n+1)[1:]
	}
	n, size := binary.Uvarint(a.Bytes(ref, binary.MaxVarintLen32))
	return a.Bytes(ref, size+int(n))[size:]
}

// freeElement frees the block and returns how large it was.
func freeElement(a *arena.Arena, ref arena.Ref) int {
	n := elementSize(len(elementAt(a, ref)))
	a.Free(ref, n, arena.Element)
	return n
}

func hashElement(a *arena.Arena, ref arena.Ref) uint64 { return hashOf(elementAt(a, ref)) }
