package bptree

import (
	"math/bits"

	"github.com/redstart-db/redstart/internal/arena"
)

const (
	leafSize  = 512
	leafCap   = 61
	innerSize = 1008
	innerCap  = 50

	// joinMax is how many entries two nodes have at most, together, when they
	// are joined: as many may be inserted before the node is split again.
	leafJoinMax  = leafCap * 7 / 8
	innerJoinMax = innerCap * 7 / 8

	// bulkFill is how far Append fills a leaf.
	bulkFill = leafCap * 7 / 8

	// spreadMax is how many full leaves become one more.
	spreadMax = 3

	// roomEnough is how much room leaves must have on average, the full one among
	// them, for their elements to be spread: less is not worth the moving.
	roomEnough = 2

	// firstShift is the frame of a tree's first leaf: it spans as many keys as
	// there are floats between two powers of 2.
	firstShift = 20

	// tooCoarse is how many bits a frame must be wider than the keys need to be
	// made finer, by a look at every element.
	tooCoarse = 12
)

// leaf lives in the arena and holds no Go pointer.
type leaf struct {
	base       uint64
	prev, next arena.Ref
	n          uint16
	shift      uint8
	_          [5]byte
	prefixes   [leafCap]uint32
	refs       [leafCap]arena.Ref
}

// inner lives in the arena and holds no Go pointer.
type inner struct {
	n        uint16
	_        [6]byte
	keys     [innerCap]uint64 // of the first element below the child; [0] is not used
	refs     [innerCap]arena.Ref
	children [innerCap]arena.Ref
	counts   [innerCap]uint32
}

func (t Tree) leafAt(ref arena.Ref) *leaf   { return (*leaf)(t.a.Ptr(ref)) }
func (t Tree) innerAt(ref arena.Ref) *inner { return (*inner)(t.a.Ptr(ref)) }

func (t Tree) newLeaf() (arena.Ref, *leaf) {
	ref := t.a.Alloc(leafSize, arena.Element)
	l := t.leafAt(ref)
	l.n, l.prev, l.next = 0, 0, 0
	t.r.leaves++
	return ref, l
}

func (t Tree) freeLeaf(ref arena.Ref) {
	t.r.leaves--
	t.a.Free(ref, leafSize, arena.Element)
}

func (t Tree) newInner() (arena.Ref, *inner) {
	ref := t.a.Alloc(innerSize, arena.Element)
	nd := t.innerAt(ref)
	nd.n = 0
	t.r.inners++
	return ref, nd
}

func (t Tree) freeInner(ref arena.Ref) {
	t.r.inners--
	t.a.Free(ref, innerSize, arena.Element)
}

// link puts a leaf behind another one.
func (t Tree) link(after, ref arena.Ref) {
	l, a := t.leafAt(ref), t.leafAt(after)
	l.prev, l.next = after, a.next
	if a.next != 0 {
		t.leafAt(a.next).prev = ref
	}
	a.next = ref
}

func (t Tree) unlink(l *leaf) {
	if l.prev != 0 {
		t.leafAt(l.prev).next = l.next
	}
	if l.next != 0 {
		t.leafAt(l.next).prev = l.prev
	}
}

// prefixOf is the prefix of a key in the leaf's frame; side is -1 or 1 for a
// key below or above the frame.
func (l *leaf) prefixOf(key uint64) (prefix uint32, side int) {
	if key < l.base {
		return 0, -1
	}
	p := (key - l.base) >> l.shift
	if p > 1<<32-1 {
		return 1<<32 - 1, 1
	}
	return uint32(p), 0
}

// frameFor chooses a frame for keys from lo to hi, no finer than shift: they
// take its middle third.
func frameFor(lo, hi uint64, shift uint8) (base uint64, s uint8) {
	margin := hi - lo
	s = max(shift, shiftFor(margin))
	if margin == 0 {
		margin = 1 << min(31+s, 63)
	}
	base = lo - min(lo, margin)
	return base &^ (1<<s - 1), s
}

// shiftFor is the finest shift at which three spans fit into a prefix.
func shiftFor(span uint64) uint8 {
	return uint8(max(bits.Len64(span)+2-32, 0))
}

// insert puts an entry at i.
func (l *leaf) insert(i int, prefix uint32, ref arena.Ref) {
	n := int(l.n)
	copy(l.prefixes[i+1:n+1], l.prefixes[i:n])
	copy(l.refs[i+1:n+1], l.refs[i:n])
	l.prefixes[i], l.refs[i] = prefix, ref
	l.n++
}

// cut removes m entries from i on.
func (l *leaf) cut(i, m int) {
	n := int(l.n)
	copy(l.prefixes[i:n], l.prefixes[i+m:n])
	copy(l.refs[i:n], l.refs[i+m:n])
	l.n -= uint16(m)
}

// A child is an entry of an inner node.
type child struct {
	key   uint64
	sep   arena.Ref
	node  arena.Ref
	count uint32
}

func (nd *inner) set(i int, c child) {
	nd.keys[i], nd.refs[i], nd.children[i], nd.counts[i] = c.key, c.sep, c.node, c.count
}

// insert puts a child at i.
func (nd *inner) insert(i int, c child) {
	n := int(nd.n)
	copy(nd.keys[i+1:n+1], nd.keys[i:n])
	copy(nd.refs[i+1:n+1], nd.refs[i:n])
	copy(nd.children[i+1:n+1], nd.children[i:n])
	copy(nd.counts[i+1:n+1], nd.counts[i:n])
	nd.n++
	nd.set(i, c)
}

func (nd *inner) remove(i int) {
	n := int(nd.n)
	copy(nd.keys[i:n], nd.keys[i+1:n])
	copy(nd.refs[i:n], nd.refs[i+1:n])
	copy(nd.children[i:n], nd.children[i+1:n])
	copy(nd.counts[i:n], nd.counts[i+1:n])
	nd.n--
}

// take appends the children of another node from i on.
func (nd *inner) take(from *inner, i int) {
	n, end := int(nd.n), int(from.n)
	copy(nd.keys[n:], from.keys[i:end])
	copy(nd.refs[n:], from.refs[i:end])
	copy(nd.children[n:], from.children[i:end])
	copy(nd.counts[n:], from.counts[i:end])
	nd.n += uint16(end - i)
	from.n = uint16(i)
}

// sum is the number of elements below the first n children.
func (nd *inner) sum(n int) (total uint32) {
	for _, c := range nd.counts[:n] {
		total += c
	}
	return total
}

// prefetchLeaf asks for the part of a leaf that a search looks at first: its
// head and the prefixes.
func (t Tree) prefetchLeaf(ref arena.Ref) {
	const line = 64 / 8 // in units of a Ref
	for i := range arena.Ref(5) {
		arena.PrefetchAddr(t.a.Ptr(ref + i*line))
	}
}
