package quicklist

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
)

// A Cursor names an entry, until the list changes.
type Cursor struct {
	chunk arena.Ref
	pos   int // in the listpack
}

// Seek is the entry of an index; ok is false if there is none.
func (l List) Seek(index int) (cur Cursor, ok bool) {
	c, i := l.seek(index)
	if c == 0 {
		return cur, false
	}
	return Cursor{c, listpack.Seek(l.pack(c), i)}, true
}

// seek returns the chunk of an index, or 0, and the index in that.
func (l List) seek(index int) (arena.Ref, int) {
	n := l.Len()
	if index < 0 {
		index += n
	}
	if index < 0 || index >= n {
		return 0, 0
	}
	if index >= n/2 {
		return l.seekBack(n - index)
	}
	c := l.head().first
	for {
		have := listpack.Len(l.pack(c))
		if index < have {
			return c, index
		}
		index -= have
		c = l.chunk(c).next
	}
}

// seekBack returns the chunk of the n-th entry from the end and its index there.
func (l List) seekBack(n int) (arena.Ref, int) {
	c := l.head().last
	for {
		have := listpack.Len(l.pack(c))
		if n <= have {
			return c, have - n
		}
		n -= have
		c = l.chunk(c).prev
	}
}

// Get reads an entry; a text is in the arena.
func (l List) Get(cur Cursor) listpack.Entry { return listpack.Get(l.pack(cur.chunk), cur.pos) }

// An Iter walks over entries in either direction. The list must not change.
type Iter struct {
	l    List
	c    arena.Ref
	pack []byte
	pos  int // of the next entry, or 0
}

// From walks from an entry on, which comes first.
func (l List) From(cur Cursor) Iter {
	return Iter{l, cur.chunk, l.pack(cur.chunk), cur.pos}
}

// Over walks over a lone listpack, from pos on.
func Over(pack []byte, pos int) Iter { return Iter{pack: pack, pos: pos} }

// More says whether an entry is left.
func (it *Iter) More() bool { return it.pos != 0 }

// Next returns the entry and steps forwards; there is one.
func (it *Iter) Next() (e listpack.Entry) {
	e, it.pos = listpack.Read(it.pack, it.pos)
	if it.pos == 0 && it.c != 0 {
		it.enter(it.l.chunk(it.c).next, front)
	}
	return e
}

// NextText is Next for who only copies the string; scratch is for the digits of an
// integer, as in listpack.Text.
func (it *Iter) NextText(scratch []byte) (text []byte) {
	text, it.pos = listpack.Text(it.pack, it.pos, scratch)
	if it.pos == 0 && it.c != 0 {
		it.enter(it.l.chunk(it.c).next, front)
	}
	return text
}

// Prev returns the entry and steps backwards; there is one.
func (it *Iter) Prev() listpack.Entry {
	e := listpack.Get(it.pack, it.pos)
	it.pos = listpack.Prev(it.pack, it.pos)
	if it.pos == 0 && it.c != 0 {
		it.enter(it.l.chunk(it.c).prev, back)
	}
	return e
}

// enter goes to a side of a chunk, if there is one.
func (it *Iter) enter(c arena.Ref, s end) {
	if c == 0 {
		return
	}
	it.c, it.pack = c, it.l.pack(c)
	if s == front {
		it.pos = listpack.First(it.pack)
	} else {
		it.pos = listpack.Last(it.pack)
	}
}

// Find returns the first entry that equals e, and whether there is one.
func (l List) Find(e listpack.Entry) (cur Cursor, ok bool) {
	for c := l.head().first; c != 0; c = l.chunk(c).next {
		b := l.pack(c)
		if pos := listpack.Find(b, listpack.First(b), e, 0); pos != 0 {
			return Cursor{c, pos}, true
		}
	}
	return cur, false
}
