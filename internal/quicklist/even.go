package quicklist

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
)

const (
	maxWidth = 255 // of an even chunk
	minEven  = 8   // entries that a chunk must have to be made even
)

// texts are the entries of an even chunk.
func (l List) texts(c arena.Ref) []byte { return l.pack(c)[:l.used(c)] }

// width is the length of the texts of an even chunk; 0: it is not even.
func (l List) width(c arena.Ref) int { return int(l.chunk(c).width) }

// suits says whether an entry can be in a chunk as the chunk is.
func (l List) suits(c arena.Ref, e listpack.Entry) bool {
	w := l.width(c)
	if w == 0 {
		return true
	}
	text, ok := e.Text()
	return ok && len(text) == w
}

// level makes a chunk even inside its block, with all room on a side, if its
// entries allow it, and says whether they did.
func (l List) level(c arena.Ref, s end) bool {
	h, pack := l.chunk(c), l.pack(c)
	if h.width != 0 || listpack.Len(pack) < minEven {
		return false
	}
	w := listpack.Width(pack)
	if w == 0 || w > maxWidth {
		return false
	}
	n, b := listpack.Len(pack), l.block(c)
	size, head := listpack.TextSize(w)
	from := int(h.at) + listpack.First(pack) + head
	h.at = uint32(s.place(int(h.size), n*w))
	to := int(h.at)
	if s == back { // a text goes to its place or to a lower one
		for range n {
			copy(b[to:to+w], b[from:from+w])
			from, to = from+size, to+w
		}
	} else {
		for i := n - 1; i >= 0; i-- {
			copy(b[to+i*w:to+i*w+w], b[from+i*size:from+i*size+w])
		}
	}
	h.n, h.width = uint16(n), uint8(w)
	return true
}

// unlevel makes the chunk of a cursor one with a listpack, if it is even, and
// returns the cursor.
func (l List) unlevel(cur Cursor) Cursor {
	c, w := cur.chunk, l.width(cur.chunk)
	if w == 0 {
		return cur
	}
	size := l.packSize(c)
	to := l.newChunk(chunkSize + size)
	writePack(l.pack(to), l.texts(c), w)
	l.swap(c, to)
	entry, _ := listpack.TextSize(w)
	return Cursor{to, listpack.EmptySize - 1 + (cur.pos-1)*entry}
}

// writePack makes the front of b a listpack of texts of w bytes each.
func writePack(b, texts []byte, w int) {
	listpack.Init(b)
	for ; len(texts) > 0; texts = texts[w:] {
		listpack.Append(b, listpack.OfText(texts[:w]))
	}
}

// insertEven puts a text of the right length at a position of an even chunk, which has
// room behind its entries.
func (l List) insertEven(cur Cursor, e listpack.Entry) {
	h, b := l.chunk(cur.chunk), l.pack(cur.chunk)
	w, used := int(h.width), int(h.n)*int(h.width)
	at := (cur.pos - 1) * w
	copy(b[at+w:used+w], b[at:used])
	text, _ := e.Text()
	copy(b[at:], text)
	h.n++
}

// deleteEven removes n entries of an even chunk from the i-th on.
func (l List) deleteEven(c arena.Ref, i, n int) {
	h, b := l.chunk(c), l.texts(c)
	w := int(h.width)
	if i == 0 {
		h.at += uint32(n * w)
	} else {
		copy(b[i*w:], b[(i+n)*w:])
	}
	h.n -= uint16(n)
}

// findEven is the index of a text in texts of w bytes each, or -1.
func findEven(texts []byte, w int, text []byte) int {
	if len(text) != w {
		return -1
	}
	for i := 0; i < len(texts); i += w {
		if string(texts[i:i+w]) == string(text) {
			return i / w
		}
	}
	return -1
}

// removeEven removes up to n entries that equal e from an even chunk, the last ones if
// n is negative, and returns how many there were.
func (l List) removeEven(c arena.Ref, e listpack.Entry, n int) (gone int) {
	var scratch [20]byte // for the digits of an integer, which a file may have as text
	text, w, b := e.Bytes(scratch[:]), l.width(c), l.texts(c)
	if findEven(b, w, text) < 0 {
		return 0
	}
	have := 0
	for i := 0; i < len(b); i += w {
		if string(b[i:i+w]) == string(text) {
			have++
		}
	}
	spare := 0 // so many are left before the first that goes
	if n < 0 {
		n = -n
		spare = max(have-n, 0)
	}
	to := 0
	for i := 0; i < len(b); i += w {
		if gone < n && string(b[i:i+w]) == string(text) {
			if spare--; spare < 0 {
				gone++
				continue
			}
		}
		to += copy(b[to:], b[i:i+w])
	}
	l.chunk(c).n -= uint16(gone)
	return gone
}
