package value

import (
	"bytes"
	"slices"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// A ZBuilder makes a sorted set of members that come in any order: they are
// sorted once, at the end, and the tree is filled from left to right. The
// members are in an arena from the beginning, as those of a rooted set, so that a
// large set is not built twice.
type ZBuilder struct {
	root    zroot
	refs    []arena.Ref
	longest int  // member
	indexed bool // the table has the elements
	wave    zWave
}

// NewZBuilder begins a set of about n members in an arena: that of the Cell it will be stored in.
func NewZBuilder(a *arena.Arena, n int) *ZBuilder {
	return &ZBuilder{root: newZRoot(a), refs: make([]arena.Ref, 0, n)}
}

// Len is the number of members so far.
func (b *ZBuilder) Len() int { return len(b.refs) + b.root.tree.Len() }

// Add adds a member that is not in the set.
func (b *ZBuilder) Add(member []byte, score float64) {
	b.refs = append(b.refs, b.root.make(member, score))
	b.longest = max(b.longest, len(member))
}

// zWaveSize is how many members are looked up together, so that their misses overlap.
const zWaveSize = 16

// zWave is a number of members with scores, with room for the digits of those that are numbers.
type zWave struct {
	n       int
	members [zWaveSize][]byte
	scores  [zWaveSize]float64
	hashes  [zWaveSize]uint64
	digits  [zWaveSize][20]byte
}

func (w *zWave) full() bool { return w.n == zWaveSize }

// put adds a member, which is copied if it is short and told to be volatile.
func (w *zWave) put(member []byte, score float64, volatile bool) {
	i := w.n
	if volatile && len(member) <= len(w.digits[i]) {
		member = w.digits[i][:copy(w.digits[i][:], member)]
	}
	w.members[i], w.scores[i] = member, score
	w.n++
}

// prefetch asks for what a look-up of the members in t needs.
func (w *zWave) prefetch(t *table.Root) {
	for i := range w.n {
		w.hashes[i] = hashOf(w.members[i])
		t.Prefetch(w.hashes[i])
	}
	for i := range w.n {
		if ref := t.Candidate(w.hashes[i]); ref != 0 {
			arena.PrefetchAddr(t.Arena().Ptr(ref))
		}
	}
}

// merge adds the members of the wave; combine gives the score of one that is there already.
func (b *ZBuilder) merge(w *zWave, combine func(old, score float64) float64) {
	b.indexed = true
	w.prefetch(&b.root.table)
	for i, member := range w.members[:w.n] {
		ref, _ := b.root.find(w.hashes[i], member)
		if ref != 0 {
			setZScore(b.root.arena.Bytes(ref, scoreSize), combine(zScore(b.root.arena, ref), w.scores[i]))
			continue
		}
		b.Add(member, w.scores[i])
		b.root.table.Insert(w.hashes[i], b.refs[len(b.refs)-1])
	}
	w.n = 0
}

// zkeyed is an element with its key: what is sorted.
type zkeyed struct {
	key uint64
	ref arena.Ref
}

// Sort puts the members in order, when all have been added.
func (b *ZBuilder) Sort() {
	items := make([]zkeyed, len(b.refs))
	for i, ref := range b.refs {
		items[i] = zkeyed{scoreKey(zScore(b.root.arena, ref)), ref}
	}
	b.refs = nil
	items = sortByKey(items)
	b.sortTies(items)
	for _, it := range items {
		b.root.tree.AppendKey(it.key, it.ref)
	}
}

// sortTies orders elements with equal keys by their members.
func (b *ZBuilder) sortTies(items []zkeyed) {
	for i := 0; i < len(items); {
		j := i + 1
		for j < len(items) && items[j].key == items[i].key {
			j++
		}
		if j-i > 1 {
			slices.SortFunc(items[i:j], func(x, y zkeyed) int {
				return bytes.Compare(zMember(b.root.arena, x.ref), zMember(b.root.arena, y.ref))
			})
		}
		i = j
	}
}

// sortByKey sorts by key; the result may be in other memory.
func sortByKey(items []zkeyed) []zkeyed {
	less := func(x, y zkeyed) int {
		switch {
		case x.key < y.key:
			return -1
		case x.key > y.key:
			return 1
		}
		return 0
	}
	const few = 1 << 12
	if slices.IsSortedFunc(items, less) {
		return items
	}
	if len(items) < few {
		slices.SortFunc(items, less)
		return items
	}
	return radixSort(items)
}

// radixSort sorts by one digit of 11 bits after the other, from the lowest;
// digits that are all the same cost only the counting.
func radixSort(items []zkeyed) []zkeyed {
	const bits = 11
	other := make([]zkeyed, len(items))
	for shift := 0; shift < 64; shift += bits {
		var at [1 << bits]int
		for _, it := range items {
			at[it.key>>shift&(1<<bits-1)]++
		}
		if at[items[0].key>>shift&(1<<bits-1)] == len(items) {
			continue
		}
		sum := 0
		for d, n := range at {
			at[d] = sum
			sum += n
		}
		for _, it := range items {
			d := it.key >> shift & (1<<bits - 1)
			other[at[d]] = it
			at[d]++
		}
		items, other = other, items
	}
	return items
}

// Walk walks n members from a rank on, after Sort.
func (b *ZBuilder) Walk(rank, n int) ZIter {
	return ZIter{arena: b.root.arena, left: n, tree: b.root.tree.At(rank)}
}

// Store makes the set, after Sort, the content of a new Cell in the same
// arena. The ZBuilder is used up.
func (b *ZBuilder) Store(c *Cell) {
	l, n := c.Limits(), b.root.tree.Len()
	if int64(n) > l.ZSetEntries.Load() || int64(b.longest) > l.ZSetValue.Load() {
		b.index()
		b.root.check()
		c.SetRoot(b.root.ref)
		return
	}
	lp := listpack.AppendEmpty(nil)
	var text scoreText
	it := b.Walk(0, n)
	for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
		lp = listpack.AppendTo(lp, listpack.Of(member))
		lp = listpack.AppendTo(lp, text.entry(score))
	}
	copy(c.Resize(object.Packed, len(lp)), lp)
	b.Free()
}

// index puts the elements into the table, in waves.
func (b *ZBuilder) index() {
	if b.indexed {
		return
	}
	var refs [zWaveSize]arena.Ref
	var hashes [zWaveSize]uint64
	for it := b.root.tree.At(0); it.Ref() != 0; {
		n := 0
		for ; n < zWaveSize && it.Ref() != 0; it.Next() {
			refs[n] = it.Ref()
			hashes[n] = zHash(b.root.arena, refs[n])
			b.root.table.Prefetch(hashes[n])
			n++
		}
		for i := range n {
			b.root.table.Insert(hashes[i], refs[i])
		}
	}
}

// Free frees the set, if it was not stored.
func (b *ZBuilder) Free() {
	r := &b.root
	for _, ref := range b.refs {
		r.free(ref)
	}
	for r.tree.Dismantle(r.free) {
	}
	r.table.FreeRoot(r.ref, zRootSize)
}
