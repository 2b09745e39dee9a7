package quicklist

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
)

// A List is a list in an arena. It is a handle: copy it, drop it.
type List struct {
	a    *arena.Arena
	root arena.Ref
}

// A root is the block that a list begins with.
type root struct {
	first, last arena.Ref
	chunks      int64
	entries     int64
	bytes       int64
}

const rootSize = int(unsafe.Sizeof(root{}))

func (l List) head() *root { return (*root)(l.a.Ptr(l.root)) }

// New makes an empty list.
func New(a *arena.Arena) List {
	l := List{a, a.Alloc(rootSize, arena.Element)}
	*l.head() = root{bytes: int64(arena.UsableSize(rootSize))}
	return l
}

// FromPack makes a list with the entries of a listpack, which are not too
// many for a chunk.
func FromPack(a *arena.Arena, pack []byte) List {
	l := New(a)
	used := listpack.Size(pack)
	if n := listpack.Len(pack); n > 0 {
		c := l.newChunk(chunkSize + used)
		copy(l.pack(c), pack[:used])
		l.link(c, 0, 0)
		l.head().entries = int64(n)
	}
	l.check()
	return l
}

// Open is the list at root.
func Open(a *arena.Arena, root arena.Ref) List { return List{a, root} }

// Root is what Open needs. It does not change.
func (l List) Root() arena.Ref { return l.root }

// Len is the number of entries.
func (l List) Len() int { return int(l.head().entries) }

// Chunks is the number of chunks.
func (l List) Chunks() int { return int(l.head().chunks) }

// Bytes is what all blocks of the list take.
func (l List) Bytes() int64 { return l.head().bytes }

// Pack returns the listpack of a list that has one chunk.
func (l List) Pack() []byte {
	b := l.pack(l.head().first)
	return b[:listpack.Size(b)]
}

// PushBack puts e, which may not be part of the list, behind the last entry.
func (l List) PushBack(e listpack.Entry, lim Limit) {
	r := l.head()
	c := l.pushable(r.last, e, back, lim)
	if c == 0 {
		c = l.grow(r.last, e.Size(), back, lim)
	}
	listpack.Append(l.pack(c), e)
	r.entries++
	l.check()
}

// PushFront puts e, which may not be part of the list, before the first entry.
func (l List) PushFront(e listpack.Entry, lim Limit) {
	r := l.head()
	c := l.pushable(r.first, e, front, lim)
	if c == 0 {
		c = l.grow(r.first, e.Size(), front, lim)
	}
	h := l.chunk(c)
	h.at = uint32(listpack.PushFront(l.block(c), int(h.at), e))
	r.entries++
	l.check()
}

// pushable returns the chunk c, or what became of it, with room for e, or 0.
func (l List) pushable(c arena.Ref, e listpack.Entry, s end, lim Limit) arena.Ref {
	if c == 0 {
		return 0
	}
	if n := e.Size(); l.fits(c, n, lim) {
		return l.room(c, n, s, lim, false)
	}
	return 0
}

// fits says whether a chunk may take another entry, of n bytes.
func (l List) fits(c arena.Ref, n int, lim Limit) bool {
	b := l.pack(c)
	return lim.allows(listpack.Len(b)+1, listpack.Size(b)+n)
}

// grow makes an empty chunk with room for n bytes beyond c, which is the end of
// the list on that side (0: there is none).
func (l List) grow(c arena.Ref, n int, s end, lim Limit) arena.Ref {
	size := chunkSize + listpack.EmptySize + n
	if c != 0 {
		c = l.fit(c, 8)
		size = max(size, min(int(l.chunk(c).size), lim.Bytes))
	}
	to := l.newChunk(size)
	h := l.chunk(to)
	h.at = uint32(s.place(int(h.size), listpack.EmptySize))
	listpack.Init(l.pack(to))
	if s == front {
		l.link(to, 0, c)
	} else {
		l.link(to, c, 0)
	}
	return to
}

func (l List) endOf(s end) arena.Ref {
	if s == front {
		return l.head().first
	}
	return l.head().last
}

// Front is the first entry of a list that is not empty.
func (l List) Front() listpack.Entry {
	b := l.pack(l.head().first)
	return listpack.Get(b, listpack.First(b))
}

// Back is the last entry of a list that is not empty.
func (l List) Back() listpack.Entry {
	b := l.pack(l.head().last)
	return listpack.Get(b, listpack.Last(b))
}

// DropFront removes the first entry of a list that is not empty.
func (l List) DropFront() {
	l.cutFront(l.head().first, 1)
	l.dropped(l.head().first)
}

// DropBack removes the last entry of a list that is not empty.
func (l List) DropBack() {
	c := l.head().last
	b := l.pack(c)
	listpack.DeleteBack(b, listpack.End(b), 1)
	l.took(c, 1)
	l.dropped(l.head().last)
}

// cutFront removes the first n entries of a chunk.
func (l List) cutFront(c arena.Ref, n int) {
	h := l.chunk(c)
	h.at = uint32(listpack.CutFront(l.block(c), int(h.at), n))
	l.took(c, n)
}

// took notes that n entries of a chunk are gone, and drops the chunk if they were
// the last.
func (l List) took(c arena.Ref, n int) {
	l.head().entries -= int64(n)
	if listpack.First(l.pack(c)) == 0 {
		l.unlink(c)
	}
}

// shrinkAbove is the size of a block below which nothing is to be gained.
const shrinkAbove = 256

// dropped gives back most of the only chunk when it has become nearly empty:
// many queues that were long once would cost a chunk each.
func (l List) dropped(c arena.Ref) {
	if l.head().chunks == 1 && l.chunk(c).size > shrinkAbove {
		if used := listpack.Size(l.pack(c)); (chunkSize+used)*4 < int(l.chunk(c).size) {
			l.resize(c, (chunkSize+used)*2, back)
		}
	}
	l.check()
}

// Clone makes a copy in an arena, which may be the same.
func (l List) Clone(to *arena.Arena) List {
	n := New(to)
	for c := l.head().first; c != 0; c = l.chunk(c).next {
		b := l.pack(c)
		b = b[:listpack.Size(b)]
		d := n.newChunk(chunkSize + len(b))
		copy(n.pack(d), b)
		n.link(d, n.head().last, 0)
	}
	n.head().entries = l.head().entries
	n.check()
	return n
}

// Reclaim frees up to budget chunks of a list that is not used any more; once it
// has freed all and the root it says that there are no more.
func (l List) Reclaim(budget int) (more bool) {
	r := l.head()
	for ; r.first != 0; budget-- {
		if budget <= 0 {
			return true
		}
		r.entries -= int64(listpack.Len(l.pack(r.first)))
		l.unlink(r.first)
	}
	l.a.Free(l.root, rootSize, arena.Element)
	return false
}
