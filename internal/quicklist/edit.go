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
	cur.pos = listpack.After(l.pack(cur.chunk), cur.pos)
	l.insert(cur, e, lim)
	l.check()
}

// insert puts e before cur, which may be the end of a chunk.
func (l List) insert(cur Cursor, e listpack.Entry, lim Limit) {
	c, b := cur.chunk, l.pack(cur.chunk)
	switch {
	case l.fits(c, e.Size(), lim):
		c = l.room(c, e.Size(), back, lim, true)
		listpack.Insert(l.pack(c), cur.pos, e)
		l.head().entries++
	case cur.pos == listpack.End(b):
		l.insertBetween(c, l.chunk(c).next, e, lim)
	case cur.pos == listpack.First(b):
		l.insertBetween(l.chunk(c).prev, c, e, lim)
	default:
		before := l.chunk(c).prev
		next := l.split(c, cur.pos)
		l.insertBetween(l.chunk(next).prev, next, e, lim)
		l.tidy(l.orFirst(before), 4, lim)
	}
}

// insertBetween puts e between two adjacent chunks, of which one may be 0: into
// one of them, if it has room, or into a chunk of its own.
func (l List) insertBetween(prev, next arena.Ref, e listpack.Entry, lim Limit) {
	n := e.Size()
	l.head().entries++
	switch {
	case prev != 0 && l.fits(prev, n, lim):
		prev = l.room(prev, n, back, lim, true)
		listpack.Append(l.pack(prev), e)
	case next != 0 && l.fits(next, n, lim):
		next = l.room(next, n, front, lim, true)
		h := l.chunk(next)
		h.at = uint32(listpack.PushFront(l.block(next), int(h.at), e))
	default:
		c := l.newChunk(chunkSize + listpack.EmptySize + n)
		listpack.Init(l.pack(c))
		listpack.Append(l.pack(c), e)
		l.link(c, prev, next)
	}
}

// split moves the entries of a chunk from pos on to a chunk of their own, and
// returns that. Both get a block as large as they need.
func (l List) split(c arena.Ref, pos int) arena.Ref {
	b := l.pack(c)
	size := listpack.Size(b)
	next := l.newChunk(chunkSize + listpack.EmptySize + size - 1 - pos)
	listpack.CopyTail(l.pack(next), b, pos)
	listpack.Delete(b, pos, listpack.Len(b))
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
	b, other := l.pack(c), l.pack(d)
	n, more := listpack.Len(b)+listpack.Len(other), listpack.Size(other)-listpack.EmptySize
	bound := Limit{lim.Bytes * 3 / 4, lim.Entries * 3 / 4}
	if !bound.allows(n, listpack.Size(b)+more) {
		return 0
	}
	c = l.room(c, more, back, lim, true)
	listpack.Concat(l.pack(c), other)
	l.unlink(d)
	return l.fit(c, 8)
}

// Replace puts e in place of the entry at cur.
func (l List) Replace(cur Cursor, e listpack.Entry, lim Limit) {
	c, b := cur.chunk, l.pack(cur.chunk)
	n, size := listpack.Len(b), listpack.SizeAfterReplace(b, cur.pos, e)
	if more := size - listpack.Size(b); more <= 0 || n == 1 || chunkSize+size <= lim.Bytes {
		c = l.room(c, max(more, 0), back, lim, true)
		listpack.Replace(l.pack(c), cur.pos, e)
		l.fit(c, 2)
	} else {
		listpack.Delete(b, cur.pos, 1)
		l.head().entries--
		l.insert(cur, e, lim)
	}
	l.check()
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
		have := listpack.Len(l.pack(c)) - i
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
	b := l.pack(c)
	switch {
	case i == 0 && n == listpack.Len(b):
		l.head().entries -= int64(n)
		l.unlink(c)
	case i == 0:
		l.cutFront(c, n)
	default:
		listpack.Delete(b, listpack.Seek(b, i), n)
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
		if k = listpack.Remove(l.pack(c), e, k); k > 0 {
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
