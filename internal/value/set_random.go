package value

import (
	"math/rand/v2"
	"slices"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/intset"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// A memberRef names a member of a set that does not change: an index in an intset, a
// position in a listpack, an element.
type memberRef uint32

// member is the member at ref; integers are written to scratch[:0].
func (s *Set) member(ref memberRef, scratch []byte) []byte {
	switch s.Encoding() {
	case object.IntSet:
		return listpack.OfInt(intset.At(s.Body(), int(ref))).Bytes(scratch)
	case object.Packed:
		return listpack.Get(s.Body(), int(ref)).Bytes(scratch)
	}
	return elementAt(s.Arena(), arena.Ref(ref))
}

// pick returns a random member; each is equally likely. The set is not empty.
func (s *Set) pick() memberRef {
	switch s.Encoding() {
	case object.IntSet:
		return memberRef(rand.IntN(intset.Len(s.Body())))
	case object.Packed:
		body := s.Body()
		return memberRef(listpack.Seek(body, rand.IntN(listpack.Len(body))))
	}
	var t table.Root
	s.open(&t)
	return memberRef(pickElement(&t))
}

// pickElement tries slots at random; if the table is very sparse it counts to a random element.
func pickElement(t *table.Root) arena.Ref {
	for range 200 {
		if ref := t.Pick(rand.Uint64()); ref != 0 {
			return ref
		}
	}
	nth := rand.IntN(t.Len())
	var room [table.MinBatch]arena.Ref
	for it := t.Iter(); ; {
		batch := it.Next(room[:])
		if nth < len(batch) {
			return batch[nth]
		}
		nth -= len(batch)
	}
}

// Random returns a random member; integers are written to scratch[:0].
func (s *Set) Random(scratch []byte) []byte { return s.member(s.pick(), scratch) }

// EachRandom calls f for n random members, the same one again perhaps, until it returns false.
func (s *Set) EachRandom(n int, f func(member []byte) bool) {
	var digits [20]byte
	if s.Encoding() == object.Packed {
		all := s.all() // finding one by index would be a walk each time
		for range n {
			if !f(s.member(all[rand.IntN(len(all))], digits[:])) {
				return
			}
		}
		return
	}
	for range n {
		if !f(s.Random(digits[:])) {
			return
		}
	}
}

// EachSample calls f for n different random members. n is less than Len.
func (s *Set) EachSample(n int, f func(member []byte)) {
	var digits [20]byte
	for _, ref := range s.sample(n) {
		f(s.member(ref, digits[:]))
	}
}

// sample returns n different members.
func (s *Set) sample(n int) []memberRef {
	if s.Encoding() == object.Rooted && n < s.Len()/8 {
		return s.samplePicking(n)
	}
	all := s.all()
	for i := range n {
		j := i + rand.IntN(len(all)-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:n]
}

// samplePicking is for few of many: it hardly ever picks one again.
func (s *Set) samplePicking(n int) []memberRef {
	picked := make([]memberRef, 0, n)
	seen := make(map[memberRef]struct{}, n)
	for len(picked) < n {
		ref := s.pick()
		if _, again := seen[ref]; !again {
			seen[ref] = struct{}{}
			picked = append(picked, ref)
		}
	}
	return picked
}

// all returns all members.
func (s *Set) all() []memberRef {
	all := make([]memberRef, 0, s.Len())
	switch s.Encoding() {
	case object.IntSet:
		for i := range s.Len() {
			all = append(all, memberRef(i))
		}
	case object.Packed:
		body := s.Body()
		for pos := listpack.First(body); pos != 0; pos = listpack.Next(body, pos) {
			all = append(all, memberRef(pos))
		}
	default:
		var t table.Root
		s.open(&t)
		it := t.Iter()
		var room [setWave]arena.Ref
		for batch := it.Next(room[:]); len(batch) > 0; batch = it.Next(room[:]) {
			for _, ref := range batch {
				all = append(all, memberRef(ref))
			}
		}
	}
	return all
}

// Pop removes a random member and appends it to dst.
func (s *Set) Pop(dst []byte) []byte {
	var digits [20]byte
	ref := s.pick()
	dst = append(dst, s.member(ref, digits[:])...)
	s.remove(ref)
	return dst
}

// PopMany removes n random members, fewer than Len, each after f has seen it.
func (s *Set) PopMany(n int, f func(member []byte)) {
	refs := s.sample(n)
	if s.Encoding() == object.Rooted {
		s.popElements(refs, f)
		return
	}
	slices.SortFunc(refs, func(a, b memberRef) int { return int(b) - int(a) })
	var digits [20]byte
	for _, ref := range refs { // from the last on: those before keep their places
		f(s.member(ref, digits[:]))
		s.remove(ref)
	}
}

// popElements removes elements in waves.
func (s *Set) popElements(refs []memberRef, f func(member []byte)) {
	s.Change()
	var t table.Root
	s.open(&t)
	var w Wave
	for len(refs) > 0 {
		batch := refs[:min(len(refs), setWave)]
		refs = refs[len(batch):]
		for _, ref := range batch {
			arena.PrefetchAddr(t.Arena().Ptr(arena.Ref(ref)))
		}
		w.clear()
		for _, ref := range batch {
			w.add(elementAt(t.Arena(), arena.Ref(ref)))
		}
		w.needHashes()
		w.prefetch(&t)
		for i, ref := range batch {
			f(w.Member(i))
			removeElement(&t, w.hash[i], arena.Ref(ref))
		}
	}
}

func removeElement(t *table.Root, hash uint64, ref arena.Ref) {
	var p table.Probe
	t.Start(&p, hash)
	for p.Next() != ref {
	}
	removeFound(t, &p)
}

func (s *Set) remove(ref memberRef) {
	switch s.Encoding() {
	case object.IntSet:
		s.removeInt(int(ref))
	case object.Packed:
		s.removeAt(int(ref))
	default:
		s.Change()
		var t table.Root
		s.open(&t)
		removeElement(&t, hashElement(t.Arena(), arena.Ref(ref)), arena.Ref(ref))
	}
}
