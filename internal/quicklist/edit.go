package quicklist

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
)

// Entries given to these functions may not be part of the list.

// InsertBefore puts e before the entry at cur.
func (l List) InsertBefore(cur Cursor, e listpack.Entry, lim Limit) {
	l.insert(cur, e, lim)
	l.check()
}

// InsertAfter puts e behind the entry at cur.
func (l List) InsertAfter(cur Cursor, e listpack.Entry, lim Limit) {
	if l.width(cur.chunk) != 0 {
		cur.pos++
	} else {
		cur.pos = listpack.After(l.pack(cur.chunk), cur.pos)
	}
	l.insert(cur, e, lim)
	l.check()
}

// insert puts e before cur, which may be the end of a chunk.
func (l List) insert(cur Cursor, e listpack.Entry, lim Limit) {
	c := cur.chunk
	switch {
	case l.takes(c, e, lim):
		cur = l.open(cur, e, back, lim)
		if l.width(cur.chunk) != 0 {
			l.insertEven(cur, e)
		} else {
			listpack.Insert(l.pack(cur.chunk), cur.pos, e)
		}
		l.head().entries++
	case cur.pos == l.end(c):
		l.insertBetween(c, l.chunk(c).next, e, lim)
	case cur.pos == l.first(c):
		l.insertBetween(l.chunk(c).prev, c, e, lim)
	default:
		before := l.chunk(c).prev
		next := l.split(c, cur.pos)
		l.insertBetween(l.chunk(next).prev, next, e, lim)
		l.tidy(l.orFirst(before), 4, lim)
	}
}

// takes says whether a chunk may take another entry, if need be as one that is not even any more.
func (l List) takes(c arena.Ref, e listpack.Entry, lim Limit) bool {
	if l.suits(c, e) {
		return lim.allows(l.count(c)+1, l.used(c)+l.sizeIn(c, e))
	}
	return lim.allows(l.count(c)+1, l.packSize(c)+e.Size())
}

// open makes a chunk that takes an entry one that it suits, with room on a side, and
// returns what becomes of a cursor in it.
func (l List) open(cur Cursor, e listpack.Entry, s end, lim Limit) Cursor {
	if !l.suits(cur.chunk, e) {
		cur = l.unlevel(cur)
	}
	cur.chunk = l.room(cur.chunk, l.sizeIn(cur.chunk, e), s, lim, true)
	return cur
}

// insertBetween puts e between two adjacent chunks, of which one may be 0: into
// one of them, if it has room, or into a chunk of its own.
func (l List) insertBetween(prev, next arena.Ref, e listpack.Entry, lim Limit) {
	l.head().entries++
	switch {
	case prev != 0 && l.takes(prev, e, lim):
		l.append(l.open(Cursor{chunk: prev}, e, back, lim).chunk, e)
	case next != 0 && l.takes(next, e, lim):
		l.prepend(l.open(Cursor{chunk: next}, e, front, lim).chunk, e)
	default:
		c := l.newChunk(chunkSize + listpack.EmptySize + e.Size())
		listpack.Init(l.pack(c))
		listpack.Append(l.pack(c), e)
		l.link(c, prev, next)
	}
}

// split moves the entries of a chunk from pos on to a chunk of their own, and
// returns that. Both get a block as large as they need.
func (l List) split(c arena.Ref, pos int) arena.Ref {
	next := arena.Ref(0)
	if h, b := l.chunk(c), l.pack(c); h.width != 0 {
		tail := l.texts(c)[(pos-1)*int(h.width):]
		next = l.newChunk(chunkSize + len(tail))
		copy(l.pack(next), tail)
		t := l.chunk(next)
		t.n, t.width = h.n-uint16(pos-1), h.width
		h.n -= t.n
	} else {
		next = l.newChunk(chunkSize + listpack.EmptySize + listpack.End(b) - pos)
		listpack.CopyTail(l.pack(next), b, pos)
		listpack.Delete(b, pos, listpack.Len(b))
	}
	l.link(next, c, l.chunk(c).next)
	l.fit(c, 8)
	return next
}

// tidy merges chunks where that pays, beginning with c and the one behind it,
// in so many steps.
func (l List) tidy(c arena.Ref, steps int, lim Limit) {
	for ; steps > 0; steps-- {
		next := l.chunk(c).next
		if next == 0 {
			return
		}
		if to := l.merge(c, next, lim); to != 0 {
			c = to
		} else {
			c = next
		}
	}
}

// merge puts the entries of chunk d behind those of c, which is the one before
// it, and returns the chunk, or does nothing and returns 0 if the two fill more than
// three quarters of one.
func (l List) merge(c, d arena.Ref, lim Limit) arena.Ref {
	n, bound := l.count(c)+l.count(d), lim.part(3, 4)
	w := l.width(d)
	if w != 0 && w == l.width(c) {
		if !bound.allows(n, l.used(c)+l.used(d)) {
			return 0
		}
		c = l.room(c, l.used(d), back, lim, true)
		copy(l.pack(c)[l.used(c):], l.texts(d))
		l.chunk(c).n = uint16(n)
	} else {
		more := l.packSize(d) - listpack.EmptySize
		if !bound.allows(n, l.packSize(c)+more) {
			return 0
		}
		c = l.room(l.unlevel(Cursor{chunk: c}).chunk, more, back, lim, true)
		d = l.unlevel(Cursor{chunk: d}).chunk
		listpack.Concat(l.pack(c), l.pack(d))
	}
	l.unlink(d)
	return l.fit(c, 8)
}

// Replace puts e in place of the entry at cur.
func (l List) Replace(cur Cursor, e listpack.Entry, lim Limit) {
	switch w := l.width(cur.chunk); {
	case w == 0:
		l.replace(cur, e, lim)
	case l.suits(cur.chunk, e):
		text, _ := e.Text()
		copy(textAt(l.pack(cur.chunk), cur.pos, w), text)
	case l.count(cur.chunk) == 1 || lim.allows(0, l.packSize(cur.chunk)+e.Size()):
		l.replace(l.unlevel(cur), e, lim)
	default:
		l.deleteEven(cur.chunk, cur.pos-1, 1)
		l.head().entries--
		l.insert(cur, e, lim)
	}
	l.check()
}

// replace puts e in place of an entry of a listpack.
func (l List) replace(cur Cursor, e listpack.Entry, lim Limit) {
	c, b := cur.chunk, l.pack(cur.chunk)
	n, size := listpack.Len(b), listpack.SizeAfterReplace(b, cur.pos, e)
	if more := size - listpack.Size(b); more <= 0 || n == 1 || chunkSize+size <= lim.Bytes {
		c = l.room(c, max(more, 0), back, lim, true)
		listpack.Replace(l.pack(c), cur.pos, e)
		l.fit(c, 2)
		return
	}
	listpack.Delete(b, cur.pos, 1)
	l.head().entries--
	l.insert(cur, e, lim)
}

// DeleteRange removes n entries from an index on, which must be there; the list
// may be empty then.
func (l List) DeleteRange(index, n int, lim Limit) {
	c, i := l.seek(index)
	prev := arena.Ref(0)
	if c != 0 {
		prev = l.chunk(c).prev
	}
	for c != 0 && n > 0 {
		next := l.chunk(c).next
		have := l.count(c) - i
		k := min(n, have)
		l.cut(c, i, k)
		n -= k
		if i > 0 {
			prev = c
		}
		c, i = next, 0
	}
	l.settle(prev, lim)
	l.check()
}

// cut removes n entries of a chunk from the i-th on.
func (l List) cut(c arena.Ref, i, n int) {
	switch {
	case i == 0 && n == l.count(c):
		l.head().entries -= int64(n)
		l.unlink(c)
	case i == 0:
		l.cutFront(c, n)
	case l.width(c) != 0:
		l.deleteEven(c, i, n)
		l.took(c, n)
	default:
		listpack.Delete(l.pack(c), l.posOf(c, i), n)
		l.took(c, n)
	}
}

// settle merges a chunk that lost entries, or that now has a smaller
// neighbour, with that; 0 stands for the place before the first.
func (l List) settle(c arena.Ref, lim Limit) {
	if c = l.orFirst(c); c != 0 {
		c = l.fit(c, 2)
		l.tidy(c, 1, lim)
	}
}

// orFirst is c, or the first chunk for 0.
func (l List) orFirst(c arena.Ref) arena.Ref {
	if c == 0 {
		return l.head().first
	}
	return c
}

// Remove removes n entries that equal e, or as many as there are, from the front
// or, if n is negative, from the back, and returns their number.
func (l List) Remove(e listpack.Entry, n int, lim Limit) (gone int) {
	s, want := front, n
	if n < 0 {
		s, want = back, -n
	}
	for c := l.endOf(s); c != 0 && gone < want; {
		next := l.chunk(c).next
		if s == back {
			next = l.chunk(c).prev
		}
		k := want - gone
		if s == back {
			k = -k
		}
		if l.width(c) != 0 {
			k = l.removeEven(c, e, k)
		} else {
			k = listpack.Remove(l.pack(c), e, k)
		}
		if k > 0 {
			gone += k
			l.took(c, k)
		}
		c = next
	}
	if first := l.head().first; first != 0 && gone > 0 {
		l.tidy(l.fit(first, 2), l.Chunks(), lim)
	}
	l.check()
	return gone
}
