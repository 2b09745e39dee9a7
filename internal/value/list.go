package value

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/quicklist"
)

// A List is a list of strings. Packed, it is a listpack; rooted, a quicklist. Strings
// that are put into a list may not be part of it.
type List struct{ Cell }

// A ListEnd is an end of a list.
type ListEnd bool

// The ends.
const (
	Left  ListEnd = true
	Right ListEnd = false
)

// packedListMax bounds a list in its record: a record is moved, and what is
// behind the place of a change is, too. Chunks of their own are made for more.
const packedListMax = 1024

func (l *Limits) list() quicklist.Limit { return quicklist.LimitOf(l.ListSize.Load()) }

// ListElementMax bounds an element: the sizes in listpacks have 32 bits.
const ListElementMax = 1<<32 - 1<<16

// packable says whether a list of n entries whose listpack has size bytes is kept
// in its record.
func packable(lim quicklist.Limit, n, size int) bool {
	return n <= lim.Entries && size <= min(packedListMax, lim.Bytes)
}

// NewListSize is the size of the body of a new list that will begin with elems.
func NewListSize(l *Limits, elems [][]byte) int {
	size := listpack.EmptySize + entriesSize(elems)
	if !packable(l.list(), len(elems), size) {
		return listpack.EmptySize
	}
	return size
}

func entriesSize(elems [][]byte) (n int) {
	for _, e := range elems {
		n += listpack.Of(e).Size()
	}
	return n
}

// OpenList is the list in a cell; a new one, whose body NewListSize measured, is made empty.
func OpenList(c Cell) List {
	l := List{c}
	if l.IsNew() {
		listpack.Init(l.Body())
	}
	return l
}

func (l *List) rooted() bool { return l.Encoding() == object.Rooted }

func (l *List) quick() quicklist.List { return quicklist.Open(l.Arena(), l.Root()) }

// Len is the number of elements.
func (l *List) Len() int {
	if l.rooted() {
		return l.quick().Len()
	}
	return listpack.Len(l.Body())
}

// Push puts elements at an end, one after the other.
func (l *List) Push(elems [][]byte, s ListEnd) {
	l.Change()
	size := 0
	if !l.rooted() {
		size = entriesSize(elems)
	}
	if l.makeRoom(len(elems), size) {
		b := l.Body()
		for _, e := range elems {
			pushPacked(b, listpack.Of(e), s)
		}
		return
	}
	q, lim := l.quick(), l.Limits().list()
	for _, e := range elems {
		pushQuick(q, listpack.Of(e), s, lim)
	}
}

// PushEntry puts one element at an end.
func (l *List) PushEntry(e listpack.Entry, s ListEnd) {
	l.Change()
	if l.makeRoom(1, e.Size()) {
		pushPacked(l.Body(), e, s)
		return
	}
	pushQuick(l.quick(), e, s, l.Limits().list())
}

func pushPacked(b []byte, e listpack.Entry, s ListEnd) {
	if s == Left {
		listpack.Prepend(b, e)
	} else {
		listpack.Append(b, e)
	}
}

func pushQuick(q quicklist.List, e listpack.Entry, s ListEnd, lim quicklist.Limit) {
	if s == Left {
		q.PushFront(e, lim)
	} else {
		q.PushBack(e, lim)
	}
}

// makeRoom makes the body of a packed list large enough for n more elements that
// take size bytes in it. If it would be too large, the list is rooted then. It
// says whether the list is packed.
func (l *List) makeRoom(n, size int) bool {
	if l.rooted() {
		return false
	}
	b := l.Body()
	size += listpack.Size(b)
	if !packable(l.Limits().list(), listpack.Len(b)+n, size) {
		l.unpack()
		return false
	}
	if len(b) != size {
		l.Resize(object.Packed, size)
	}
	return true
}

// unpack makes a packed list a rooted one.
func (l *List) unpack() {
	l.SetRoot(quicklist.FromPack(l.Arena(), l.Body()).Root())
}

// repack makes a rooted list a packed one if it has become small: half of what
// is packed at most, so that a list about the limit does not change back and
// forth.
func (l *List) repack() {
	q := l.quick()
	if q.Chunks() != 1 {
		return
	}
	n := q.PackSize()
	if !packable(l.Limits().list(), 2*q.Len(), 2*n) {
		return
	}
	var own [packedListMax / 2]byte
	q.CopyPack(own[:])
	q.Reclaim(2)
	copy(l.Resize(object.Packed, n), own[:n])
}

// At returns an element at an end of a list that is not empty. It is good
// until the list changes.
func (l *List) At(s ListEnd) listpack.Entry {
	switch {
	case !l.rooted() && s == Left:
		return listpack.Get(l.Body(), listpack.First(l.Body()))
	case !l.rooted():
		return listpack.Get(l.Body(), listpack.Last(l.Body()))
	case s == Left:
		return l.quick().Front()
	}
	return l.quick().Back()
}

// Drop removes the element at an end of a list that is not empty; the list may be
// empty then.
func (l *List) Drop(s ListEnd) {
	l.Change()
	if !l.rooted() {
		b := l.Body()
		if s == Left {
			l.Resize(object.Packed, listpack.Delete(b, listpack.First(b), 1))
		} else {
			l.Resize(object.Packed, listpack.DeleteBack(b, listpack.End(b), 1))
		}
		return
	}
	q := l.quick()
	if s == Left {
		q.DropFront()
	} else {
		q.DropBack()
	}
	l.repack()
}

// DeleteRange removes n elements, which are there, from an index on.
func (l *List) DeleteRange(i, n int) {
	if n == 0 {
		return
	}
	l.Change()
	if !l.rooted() {
		b := l.Body()
		l.Resize(object.Packed, listpack.Delete(b, listpack.Seek(b, i), n))
		return
	}
	l.quick().DeleteRange(i, n, l.Limits().list())
	l.repack()
}

// Iter walks from an index on, in either direction; it is at its end if there
// is no such element. The list must not change meanwhile.
func (l *List) Iter(i int) quicklist.Iter {
	if !l.rooted() {
		b := l.Body()
		return quicklist.Over(b, listpack.Seek(b, i))
	}
	q := l.quick()
	cur, ok := q.Seek(i)
	if !ok {
		return quicklist.Iter{}
	}
	return q.From(cur)
}

// Get returns an element by index, from the end if that is negative. It is good
// until the list changes.
func (l *List) Get(i int) (e listpack.Entry, ok bool) {
	it := l.Iter(i)
	if !it.More() {
		return e, false
	}
	return it.Next(), true
}

// Set replaces an element by index, if there is one.
func (l *List) Set(i int, elem []byte) bool {
	e := listpack.Of(elem)
	if l.rooted() {
		return l.setRooted(i, e)
	}
	b := l.Body()
	pos := listpack.Seek(b, i)
	if pos == 0 {
		return false
	}
	l.Change()
	size := listpack.SizeAfterReplace(b, pos, e)
	if !packable(l.Limits().list(), 0, size) {
		l.unpack()
		return l.setRooted(i, e)
	}
	if size > len(b) {
		b = l.Resize(object.Packed, size)
	}
	listpack.Replace(b, pos, e)
	l.Resize(object.Packed, size)
	return true
}

func (l *List) setRooted(i int, e listpack.Entry) bool {
	q := l.quick()
	cur, ok := q.Seek(i)
	if !ok {
		return false
	}
	l.Change()
	q.Replace(cur, e, l.Limits().list())
	return true
}

// Insert puts elem before the first element that equals pivot, or after it, if there is one.
func (l *List) Insert(pivot, elem []byte, after bool) bool {
	p, e := listpack.Of(pivot), listpack.Of(elem)
	if l.rooted() {
		return l.insertRooted(p, e, after)
	}
	b := l.Body()
	pos := listpack.Find(b, listpack.First(b), p, 0)
	if pos == 0 {
		return false
	}
	l.Change()
	if !l.makeRoom(1, e.Size()) {
		return l.insertRooted(p, e, after)
	}
	b = l.Body()
	if after {
		pos = listpack.After(b, pos)
	}
	listpack.Insert(b, pos, e)
	return true
}

func (l *List) insertRooted(pivot, e listpack.Entry, after bool) bool {
	q, lim := l.quick(), l.Limits().list()
	cur, ok := q.Find(pivot)
	if !ok {
		return false
	}
	l.Change()
	if after {
		q.InsertAfter(cur, e, lim)
	} else {
		q.InsertBefore(cur, e, lim)
	}
	return true
}

// Remove removes up to n elements that equal elem, all if n is 0, from the
// left or, if n is negative, from the right, and returns how many there were.
func (l *List) Remove(elem []byte, n int) (gone int) {
	e := listpack.Of(elem)
	if n == 0 {
		n = l.Len()
	}
	if !l.rooted() {
		b := l.Body()
		if listpack.Find(b, listpack.First(b), e, 0) == 0 {
			return 0
		}
		l.Change()
		gone = listpack.Remove(b, e, n)
		l.Resize(object.Packed, listpack.Size(b))
		return gone
	}
	q := l.quick()
	if _, ok := q.Find(e); !ok {
		return 0
	}
	l.Change()
	gone = q.Remove(e, n, l.Limits().list())
	l.repack()
	return gone
}

func listBytes(a *arena.Arena, root arena.Ref) int64 { return quicklist.Open(a, root).Bytes() }

func cloneList(a *arena.Arena, root arena.Ref, to *arena.Arena) arena.Ref {
	return quicklist.Open(a, root).Clone(to).Root()
}

func reclaimList(a *arena.Arena, root arena.Ref, budget int) (more bool) {
	return quicklist.Open(a, root).Reclaim(budget)
}
