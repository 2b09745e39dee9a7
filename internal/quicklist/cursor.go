package quicklist

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
)

// A Cursor names an entry, until the list changes.
type Cursor struct {
	chunk arena.Ref
	pos   int // in the listpack; in an even chunk the index there, from 1
}

// Seek is the entry of an index; ok is false if there is none.
func (l List) Seek(index int) (cur Cursor, ok bool) {
	c, i := l.seek(index)
	if c == 0 {
		return cur, false
	}
	return Cursor{c, l.posOf(c, i)}, true
}

// posOf is the position of the i-th entry of a chunk.
func (l List) posOf(c arena.Ref, i int) int {
	if l.width(c) != 0 {
		return i + 1
	}
	return listpack.Seek(l.pack(c), i)
}

// first is the position of the first entry of a chunk.
func (l List) first(c arena.Ref) int { return l.posOf(c, 0) }

// last is the position of the last entry of a chunk.
func (l List) last(c arena.Ref) int { return l.posOf(c, l.count(c)-1) }

// end is the position behind the last entry of a chunk.
func (l List) end(c arena.Ref) int {
	if h := l.chunk(c); h.width != 0 {
		return int(h.n) + 1
	}
	return listpack.End(l.pack(c))
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
		have := l.count(c)
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
		have := l.count(c)
		if n <= have {
			return c, have - n
		}
		n -= have
		c = l.chunk(c).prev
	}
}

// Get reads an entry; a text is in the arena.
func (l List) Get(cur Cursor) listpack.Entry {
	if w := l.width(cur.chunk); w != 0 {
		return listpack.OfText(textAt(l.pack(cur.chunk), cur.pos, w))
	}
	return listpack.Get(l.pack(cur.chunk), cur.pos)
}

// textAt is the text at a position among texts of w bytes.
func textAt(texts []byte, pos, w int) []byte { return texts[(pos-1)*w : pos*w : pos*w] }

// An Iter walks over entries in either direction. The list must not change.
type Iter struct {
	l     List
	c     arena.Ref
	pack  []byte // or the texts of an even chunk
	width int    // of these, else 0
	pos   int    // of the next entry, or 0
}

// From walks from an entry on, which comes first.
func (l List) From(cur Cursor) Iter {
	it := Iter{l: l}
	it.open(cur.chunk)
	it.pos = cur.pos
	return it
}

func (it *Iter) open(c arena.Ref) {
	it.c, it.width, it.pack = c, it.l.width(c), it.l.pack(c)
	if it.width != 0 {
		it.pack = it.pack[:it.l.used(c)]
	}
}

// Over walks over a lone listpack, from pos on.
func Over(pack []byte, pos int) Iter { return Iter{pack: pack, pos: pos} }

// More says whether an entry is left.
func (it *Iter) More() bool { return it.pos != 0 }

// Next returns the entry and steps forwards; there is one.
func (it *Iter) Next() (e listpack.Entry) {
	if it.width != 0 {
		return listpack.OfText(it.nextEven())
	}
	e, it.pos = listpack.Read(it.pack, it.pos)
	if it.pos == 0 && it.c != 0 {
		it.enter(it.l.chunk(it.c).next, front)
	}
	return e
}

// NextText is Next for who only copies the string; scratch is for the digits of an
// integer, as in listpack.Text.
func (it *Iter) NextText(scratch []byte) (text []byte) {
	if it.width != 0 {
		return it.nextEven()
	}
	text, it.pos = listpack.Text(it.pack, it.pos, scratch)
	if it.pos == 0 && it.c != 0 {
		it.enter(it.l.chunk(it.c).next, front)
	}
	return text
}

func (it *Iter) nextEven() []byte {
	text := textAt(it.pack, it.pos, it.width)
	if it.pos++; it.pos*it.width > len(it.pack) {
		it.pos = 0
		it.enter(it.l.chunk(it.c).next, front)
	}
	return text
}

// Prev returns the entry and steps backwards; there is one.
func (it *Iter) Prev() (e listpack.Entry) {
	if it.width != 0 {
		e = listpack.OfText(textAt(it.pack, it.pos, it.width))
		it.pos--
	} else {
		e = listpack.Get(it.pack, it.pos)
		it.pos = listpack.Prev(it.pack, it.pos)
	}
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
	it.open(c)
	if s == front {
		it.pos = it.l.first(c)
	} else {
		it.pos = it.l.last(c)
	}
}

// Find returns the first entry that equals e, and whether there is one.
func (l List) Find(e listpack.Entry) (cur Cursor, ok bool) {
	var scratch [20]byte // for the digits of an integer, which a file may have as text
	text := e.Bytes(scratch[:])
	for c := l.head().first; c != 0; c = l.chunk(c).next {
		b := l.pack(c)
		if w := l.width(c); w != 0 {
			if i := findEven(l.texts(c), w, text); i >= 0 {
				return Cursor{c, i + 1}, true
			}
			continue
		}
		if pos := listpack.Find(b, listpack.First(b), e, 0); pos != 0 {
			return Cursor{c, pos}, true
		}
	}
	return cur, false
}
