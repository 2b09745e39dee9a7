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

// PackSize is the size of the listpack of a list that has one chunk.
func (l List) PackSize() int { return l.packSize(l.head().first) }

// CopyPack writes that listpack to b, which must be long enough.
func (l List) CopyPack(b []byte) {
	c := l.head().first
	if w := l.width(c); w != 0 {
		writePack(b, l.texts(c), w)
		return
	}
	copy(b, l.pack(c)[:l.used(c)])
}

// PushBack puts e, which may not be part of the list, behind the last entry.
func (l List) PushBack(e listpack.Entry, lim Limit) {
	l.append(l.ready(l.head().last, e, back, lim), e)
	l.head().entries++
	l.check()
}

// PushFront puts e, which may not be part of the list, before the first entry.
func (l List) PushFront(e listpack.Entry, lim Limit) {
	l.prepend(l.ready(l.head().first, e, front, lim), e)
	l.head().entries++
	l.check()
}

// append puts an entry that suits a chunk behind the others, where there is room.
func (l List) append(c arena.Ref, e listpack.Entry) {
	h, b := l.chunk(c), l.pack(c)
	if h.width == 0 {
		listpack.Append(b, e)
		return
	}
	text, _ := e.Text()
	copy(b[int(h.n)*int(h.width):], text)
	h.n++
}

// prepend puts an entry that suits a chunk before the others, where there is room.
func (l List) prepend(c arena.Ref, e listpack.Entry) {
	h, b := l.chunk(c), l.block(c)
	if h.width == 0 {
		h.at = uint32(listpack.PushFront(b, int(h.at), e))
		return
	}
	text, _ := e.Text()
	h.at -= uint32(h.width)
	copy(b[h.at:], text)
	h.n++
}

// ready returns a chunk that e suits, with room for it: c, which is the end of the
// list on that side (0: there is none), what becomes of that, or a new one.
func (l List) ready(c arena.Ref, e listpack.Entry, s end, lim Limit) arena.Ref {
	switch {
	case c == 0:
		return l.grow(0, e, s, lim)
	case l.suits(c, e):
	case lim.part(1, 2).allows(l.count(c)+1, l.packSize(c)+e.Size()):
		c = l.unlevel(Cursor{chunk: c}).chunk
	default:
		return l.grow(c, e, s, lim)
	}
	to := l.pushable(c, e, s, lim)
	if to == 0 && l.level(c, s) && l.suits(c, e) {
		to = l.pushable(c, e, s, lim)
	}
	if to == 0 {
		to = l.grow(c, e, s, lim)
	}
	return to
}

// pushable returns the chunk c, which e suits, or what became of it, with room for e, or 0.
func (l List) pushable(c arena.Ref, e listpack.Entry, s end, lim Limit) arena.Ref {
	n := l.sizeIn(c, e)
	if !lim.allows(l.count(c)+1, l.used(c)+n) {
		return 0
	}
	return l.room(c, n, s, lim, false)
}

// sizeIn is the number of bytes that an entry takes in a chunk that it suits.
func (l List) sizeIn(c arena.Ref, e listpack.Entry) int {
	if w := l.width(c); w != 0 {
		return w
	}
	return e.Size()
}

// grow makes an empty chunk with room for e beyond c, which is the end of the
// list on that side (0: there is none). It is even if c is, and e suits that.
func (l List) grow(c arena.Ref, e listpack.Entry, s end, lim Limit) arena.Ref {
	size, width := chunkSize+listpack.EmptySize+e.Size(), 0
	if c != 0 {
		c = l.fit(c, 8)
		size = max(size, min(int(l.chunk(c).size), lim.Bytes))
		if l.suits(c, e) {
			width = l.width(c)
		}
	}
	to := l.newChunk(size)
	h := l.chunk(to)
	if width != 0 {
		h.at, h.width = uint32(s.place(int(h.size), 0)), uint8(width)
	} else {
		h.at = uint32(s.place(int(h.size), listpack.EmptySize))
		listpack.Init(l.pack(to))
	}
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
	c := l.head().first
	return l.Get(Cursor{c, l.first(c)})
}

// Back is the last entry of a list that is not empty.
func (l List) Back() listpack.Entry {
	c := l.head().last
	return l.Get(Cursor{c, l.last(c)})
}

// DropFront removes the first entry of a list that is not empty.
func (l List) DropFront() {
	l.cutFront(l.head().first, 1)
	l.dropped(l.head().first)
}

// DropBack removes the last entry of a list that is not empty.
func (l List) DropBack() {
	c := l.head().last
	if h := l.chunk(c); h.width != 0 {
		h.n--
	} else {
		b := l.pack(c)
		listpack.DeleteBack(b, listpack.End(b), 1)
	}
	l.took(c, 1)
	l.dropped(l.head().last)
}

// cutFront removes the first n entries of a chunk.
func (l List) cutFront(c arena.Ref, n int) {
	if h := l.chunk(c); h.width != 0 {
		l.deleteEven(c, 0, n)
	} else {
		h.at = uint32(listpack.CutFront(l.block(c), int(h.at), n))
	}
	l.took(c, n)
}

// took notes that n entries of a chunk are gone, and drops the chunk if they were
// the last.
func (l List) took(c arena.Ref, n int) {
	l.head().entries -= int64(n)
	if l.count(c) == 0 {
		l.unlink(c)
	}
}

// shrinkAbove is the size of a block below which nothing is to be gained.
const shrinkAbove = 256

// dropped gives back most of the only chunk when it has become nearly empty:
// many queues that were long once would cost a chunk each.
func (l List) dropped(c arena.Ref) {
	if l.head().chunks == 1 && l.chunk(c).size > shrinkAbove {
		if used := l.used(c); (chunkSize+used)*4 < int(l.chunk(c).size) {
			l.resize(c, (chunkSize+used)*2, back)
		}
	}
	l.check()
}

// Clone makes a copy in an arena, which may be the same.
func (l List) Clone(to *arena.Arena) List {
	n := New(to)
	for c := l.head().first; c != 0; c = l.chunk(c).next {
		b := l.pack(c)[:l.used(c)]
		d := n.newChunk(chunkSize + len(b))
		copy(n.pack(d), b)
		n.chunk(d).n, n.chunk(d).width = l.chunk(c).n, l.chunk(c).width
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
		r.entries -= int64(l.count(r.first))
		l.unlink(r.first)
	}
	l.a.Free(l.root, rootSize, arena.Element)
	return false
}
