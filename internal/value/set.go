package value

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/intset"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// A Set is a set of strings. It is an intset while all members are integers
// and not too many, else a listpack while members are few and short, else
// a table of elements.
type Set struct{ Cell }

// setPackedMax bounds listpacks whatever the settings say.
const setPackedMax = 1 << 30

// NewSetBody returns the encoding and the number of body bytes for a set that begins
// with first, which Start will put into it, and of which about n members are known.
func NewSetBody(l *Limits, first []byte, n int) (object.Encoding, int) {
	entries := l.SetEntries.Load()
	if entries == 0 {
		n = 1 // as in Redis 7.0, which does not look ahead
	}
	if v, ok := object.ParseInt(first); ok && int64(n) <= l.SetIntSet.Load() {
		return object.IntSet, intset.SizeAfterInsert(emptyIntSet, v)
	}
	if e := listpack.Of(first); int64(n) <= entries && int64(len(first)) <= l.SetValue.Load() {
		return object.Packed, listpack.EmptySize + e.Size()
	}
	return object.Rooted, rootSize
}

var emptyIntSet = func() []byte {
	b := make([]byte, intset.EmptySize)
	intset.Init(b)
	return b
}()

// Start writes the body of a new set, which NewSetBody described, with its first member.
func (s *Set) Start(first []byte) {
	switch b := s.Body(); s.Encoding() {
	case object.IntSet:
		v, _ := object.ParseInt(first)
		intset.Init(b)
		intset.Insert(b, 0, v)
	case object.Packed:
		listpack.Init(b)
		listpack.Append(b, listpack.Of(first))
	default:
		ref, _ := table.NewRoot(s.Arena(), table.RootSize, hashElement)
		s.SetRoot(ref)
		s.Add(first)
	}
}

// Expect converts a set that n more members would make too large for its
// encoding, before they come one by one.
func (s *Set) Expect(n int) {
	l := s.Limits()
	entries := l.SetEntries.Load()
	if entries == 0 {
		return
	}
	switch e := s.Encoding(); {
	case e == object.Packed && int64(n) > entries, e == object.IntSet && int64(n) > l.SetIntSet.Load():
		s.Change()
		s.toTable()
	}
}

// Len is the number of members.
func (s *Set) Len() int {
	switch s.Encoding() {
	case object.IntSet:
		return intset.Len(s.Body())
	case object.Packed:
		return listpack.Len(s.Body())
	}
	var t table.Root
	s.open(&t)
	return t.Len()
}

// open makes t the table of a rooted set.
func (s *Set) open(t *table.Root) { t.Open(s.Arena(), s.Root(), hashElement) }

// Has says whether b is a member.
func (s *Set) Has(b []byte) bool {
	switch s.Encoding() {
	case object.IntSet:
		v, ok := object.ParseInt(b)
		return ok && intset.Has(s.Body(), v)
	case object.Packed:
		body := s.Body()
		return listpack.Find(body, listpack.First(body), listpack.Of(b), 0) != 0
	}
	var t table.Root
	s.open(&t)
	_, found := probeElement(&t, hashOf(b), b)
	return found
}

// probeElement looks for the element b.
func probeElement(t *table.Root, hash uint64, b []byte) (p table.Probe, found bool) {
	t.Start(&p, hash)
	for ref := p.Next(); ref != 0; ref = p.Next() {
		if string(elementAt(t.Arena(), ref)) == string(b) {
			return p, true
		}
	}
	return p, false
}

// Add makes b a member and says whether it was none. b may not be in the set's own bytes.
func (s *Set) Add(b []byte) bool {
	switch s.Encoding() {
	case object.IntSet:
		return s.addToIntSet(b)
	case object.Packed:
		return s.addToPacked(b)
	}
	return s.addHashed(b, hashOf(b))
}

func (s *Set) addHashed(b []byte, hash uint64) bool {
	var t table.Root
	s.open(&t)
	if _, found := probeElement(&t, hash, b); found {
		return false
	}
	s.Change()
	insertElement(&t, hash, b)
	return true
}

func insertElement(t *table.Root, hash uint64, b []byte) {
	t.Account(int64(arena.UsableSize(elementSize(len(b)))))
	t.Insert(hash, newElement(t.Arena(), b))
}

func (s *Set) addToIntSet(b []byte) bool {
	v, ok := object.ParseInt(b)
	if !ok {
		s.Change()
		if s.listpackHolds(b) {
			s.toListpack()
		} else {
			s.toTable()
		}
		return s.Add(b)
	}
	body := s.Body()
	i, found := intset.Find(body, v)
	if found {
		return false
	}
	s.Change()
	intset.Insert(s.Resize(object.IntSet, intset.SizeAfterInsert(body, v)), i, v)
	if int64(intset.Len(s.Body())) > min(s.Limits().SetIntSet.Load(), setPackedMax) {
		s.toTable()
	}
	return true
}

// listpackHolds says whether the integers of a set and b go into a listpack.
func (s *Set) listpackHolds(b []byte) bool {
	body, l := s.Body(), s.Limits()
	n := intset.Len(body)
	longest := len(b)
	if n > 0 {
		longest = max(longest, listpack.OfInt(intset.At(body, 0)).Len(), listpack.OfInt(intset.At(body, n-1)).Len())
	}
	return int64(n) < l.SetEntries.Load() && int64(longest) <= l.SetValue.Load()
}

func (s *Set) addToPacked(b []byte) bool {
	body, e := s.Body(), listpack.Of(b)
	if listpack.Find(body, listpack.First(body), e, 0) != 0 {
		return false
	}
	s.Change()
	l := s.Limits()
	size := listpack.Size(body) + e.Size()
	if int64(listpack.Len(body)) >= l.SetEntries.Load() || int64(len(b)) > l.SetValue.Load() || size > setPackedMax {
		s.toTable()
		return s.Add(b)
	}
	listpack.Append(s.Resize(object.Packed, size), e)
	return true
}

// toListpack makes an intset a listpack.
func (s *Set) toListpack() {
	var room [2048]byte
	old := append(room[:0], s.Body()...)
	n, size := intset.Len(old), listpack.EmptySize
	for i := range n {
		size += listpack.OfInt(intset.At(old, i)).Size()
	}
	body := s.Resize(object.Packed, size)
	listpack.Init(body)
	for i := range n {
		listpack.Append(body, listpack.OfInt(intset.At(old, i)))
	}
}

// toTable makes a packed set a table.
func (s *Set) toTable() {
	ref, t := table.NewRoot(s.Arena(), table.RootSize, hashElement)
	s.Each(func(member []byte) bool {
		insertElement(&t, hashOf(member), member)
		return true
	})
	s.SetRoot(ref)
}

// Remove makes b no member and says whether it was one.
func (s *Set) Remove(b []byte) bool {
	switch s.Encoding() {
	case object.IntSet:
		v, ok := object.ParseInt(b)
		i, found := intset.Find(s.Body(), v)
		if ok && found {
			s.removeInt(i)
		}
		return ok && found
	case object.Packed:
		body := s.Body()
		pos := listpack.Find(body, listpack.First(body), listpack.Of(b), 0)
		if pos != 0 {
			s.removeAt(pos)
		}
		return pos != 0
	}
	var t table.Root
	s.open(&t)
	p, found := probeElement(&t, hashOf(b), b)
	if found {
		s.Change()
		removeFound(&t, &p)
	}
	return found
}

func (s *Set) removeInt(i int) {
	s.Change()
	s.Resize(object.IntSet, intset.Delete(s.Body(), i))
}

func (s *Set) removeAt(pos int) {
	s.Change()
	s.Resize(object.Packed, listpack.Delete(s.Body(), pos, 1))
}

func removeFound(t *table.Root, p *table.Probe) {
	ref := p.Slot().Ref()
	t.Remove(p)
	t.Account(-int64(arena.UsableSize(freeElement(t.Arena(), ref))))
}

// Each calls f for every member until f returns false. The bytes are good until f
// returns; f must not change the set.
func (s *Set) Each(f func(member []byte) bool) {
	var w Wave
	for walk := s.Walk(); walk.Next(&w); {
		for i := range w.Len() {
			if !f(w.Member(i)) {
				return
			}
		}
	}
}

// Scan calls f for the members at the cursor, about count, and returns the
// next cursor, 0 after the last. A packed set is returned as a whole.
func (s *Set) Scan(cursor uint64, count int, f func(member []byte)) (next uint64) {
	if s.Encoding() == object.Rooted {
		var t table.Root
		s.open(&t)
		return t.ScanSome(cursor, count, func(ref arena.Ref) { f(elementAt(s.Arena(), ref)) })
	}
	s.Each(func(member []byte) bool {
		f(member)
		return true
	})
	return 0
}

// The kind of rooted sets.

func setBytes(a *arena.Arena, root arena.Ref) int64 { return table.RootBytes(a, root) }

func cloneSet(a *arena.Arena, root arena.Ref, to *arena.Arena) arena.Ref {
	var from table.Root
	from.Open(a, root, hashElement)
	ref, t := table.NewRoot(to, table.RootSize, hashElement)
	from.CopyTo(&t, func(ref arena.Ref) arena.Ref {
		b := elementAt(a, ref)
		t.Account(int64(arena.UsableSize(elementSize(len(b)))))
		return newElement(to, b)
	})
	return ref
}

func reclaimSet(a *arena.Arena, root arena.Ref, budget int) (more bool) {
	var t table.Root
	t.Open(a, root, hashElement)
	for freed := 0; freed < budget; {
		before := t.Len()
		if !t.TakeSegment(func(ref arena.Ref) { t.Account(-int64(arena.UsableSize(freeElement(a, ref)))) }) {
			t.FreeRoot(root, table.RootSize)
			return false
		}
		freed += before - t.Len() + 1
	}
	return true
}
