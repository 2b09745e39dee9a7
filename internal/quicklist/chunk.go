package quicklist

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
)

// A Limit is how large a chunk may become.
type Limit struct {
	Bytes   int // of its block
	Entries int
}

const (
	countedBytes = 8 << 10   // of chunks whose entries are limited
	maxEntries   = 1<<15 - 1 // of any chunk: listpacks know their length up to 65534
)

// LimitOf reads a setting as list-max-listpack-size: a number of entries or,
// from -1 to -5, 4 to 64 KiB.
func LimitOf(size int64) Limit {
	if size >= 0 {
		return Limit{countedBytes, int(min(max(size, 1), maxEntries))}
	}
	return Limit{4 << 10 << (min(-size, 5) - 1), maxEntries}
}

// allows says whether a chunk may have n entries of size bytes together.
func (lim Limit) allows(n, size int) bool { return n <= lim.Entries && chunkSize+size <= lim.Bytes }

// A chunk is the head of a chunk's block.
type chunk struct {
	prev, next arena.Ref
	at         uint32 // where the entries begin: a listpack or, if the chunk is even, the first text
	size       uint32 // of the block
	n          uint16 // number of entries, if it is even
	width      uint8  // length of each, if it is even, else 0
}

// part is n d-ths of a limit.
func (lim Limit) part(n, d int) Limit { return Limit{lim.Bytes * n / d, lim.Entries * n / d} }

const chunkSize = int(unsafe.Sizeof(chunk{}))

func (l List) chunk(c arena.Ref) *chunk { return (*chunk)(l.a.Ptr(c)) }

func (l List) block(c arena.Ref) []byte { return l.a.Bytes(c, int(l.chunk(c).size)) }

// pack is the block of a chunk from its entries on: its listpack, if it is not even,
// and the room behind it.
func (l List) pack(c arena.Ref) []byte {
	h := l.chunk(c)
	return l.a.Bytes(c, int(h.size))[h.at:]
}

// count is the number of entries of a chunk.
func (l List) count(c arena.Ref) int {
	if h := l.chunk(c); h.width != 0 {
		return int(h.n)
	}
	return listpack.Len(l.pack(c))
}

// used is the number of bytes that the entries of a chunk take.
func (l List) used(c arena.Ref) int {
	if h := l.chunk(c); h.width != 0 {
		return int(h.n) * int(h.width)
	}
	return listpack.Size(l.pack(c))
}

// packSize is the size that the listpack of a chunk has or, if it is even, would have.
func (l List) packSize(c arena.Ref) int {
	if h := l.chunk(c); h.width != 0 {
		size, _ := listpack.TextSize(int(h.width))
		return listpack.EmptySize + int(h.n)*size
	}
	return listpack.Size(l.pack(c))
}

// newChunk makes a chunk with a block of at least size bytes, in no chain; its
// entries are not set.
func (l List) newChunk(size int) arena.Ref {
	size = arena.UsableSize(size)
	c := l.a.Alloc(size, arena.Element)
	*l.chunk(c) = chunk{at: uint32(chunkSize), size: uint32(size)}
	l.head().bytes += int64(size)
	return c
}

func (l List) freeChunk(c arena.Ref) {
	size := int(l.chunk(c).size)
	l.head().bytes -= int64(size)
	l.a.Free(c, size, arena.Element)
}

// link puts a chunk between two adjacent ones, of which either may be 0.
func (l List) link(c, prev, next arena.Ref) {
	h := l.chunk(c)
	h.prev, h.next = prev, next
	l.join(prev, c)
	l.join(c, next)
	l.head().chunks++
}

// unlink takes a chunk out of the chain and frees it.
func (l List) unlink(c arena.Ref) {
	h := l.chunk(c)
	l.join(h.prev, h.next)
	l.head().chunks--
	l.freeChunk(c)
}

// join makes two chunks neighbours; 0 stands for the end of the list.
func (l List) join(prev, next arena.Ref) {
	if prev != 0 {
		l.chunk(prev).next = next
	} else {
		l.head().first = next
	}
	if next != 0 {
		l.chunk(next).prev = prev
	} else {
		l.head().last = prev
	}
}

// An end is a side of a list, or of a chunk.
type end bool

const (
	front end = true
	back  end = false
)

// place puts the entries of a chunk, of used bytes, into a block where they have
// all the room before or behind them, and returns where they begin.
func (s end) place(size, used int) int {
	if s == front {
		return size - used
	}
	return chunkSize
}

// room makes sure that a chunk has n bytes of room on a side and returns the
// chunk, whose block may be another, or 0 if that is not worth it: then a chunk
// of its own serves the entry better. With must it always is.
func (l List) room(c arena.Ref, n int, s end, lim Limit, must bool) arena.Ref {
	h := l.chunk(c)
	size, at, used := int(h.size), int(h.at), l.used(c)
	before, behind := at-chunkSize, size-at-used
	if s == front && before >= n || s == back && behind >= n {
		return c
	}
	if spare := before + behind - n; spare >= 0 && (must || spare*8 >= used) {
		to := chunkSize + spare/2
		if s == front {
			to += n
		}
		l.shift(c, to)
		return c
	}
	want := chunkSize + used + n
	if size >= lim.Bytes && !must {
		return 0
	}
	return l.resize(c, max(want, min(want+want/4, lim.Bytes)), s)
}

// shift moves the entries inside their block.
func (l List) shift(c arena.Ref, to int) {
	h, b := l.chunk(c), l.block(c)
	at := int(h.at)
	copy(b[to:], b[at:at+l.used(c)])
	h.at = uint32(to)
}

// resize gives a chunk another block of size bytes, with all room on one side.
func (l List) resize(c arena.Ref, size int, s end) arena.Ref {
	h, used := l.chunk(c), l.used(c)
	to := l.newChunk(size)
	t := l.chunk(to)
	t.at, t.n, t.width = uint32(s.place(int(t.size), used)), h.n, h.width
	copy(l.pack(to), l.pack(c)[:used])
	l.swap(c, to)
	return to
}

// swap puts a chunk in the place of another one, which it frees.
func (l List) swap(c, to arena.Ref) {
	h := l.chunk(c)
	l.join(h.prev, to)
	l.join(to, h.next)
	l.freeChunk(c)
}

// fit gives a chunk a smaller block, if at least a part of its own is wasted, and
// returns the chunk.
func (l List) fit(c arena.Ref, part int) arena.Ref {
	size, need := int(l.chunk(c).size), chunkSize+l.used(c)
	if size-arena.UsableSize(need) < max(size/part, 1) {
		return c
	}
	return l.resize(c, need, back)
}
