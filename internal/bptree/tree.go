package bptree

import (
	"bytes"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
)

// An Order tells by what elements are ordered. Implementations are values
// without fields, so that nothing is allocated.
type Order interface {
	// Key is what elements are compared by first.
	Key(a *arena.Arena, ref arena.Ref) uint64
	// Tie decides between equal keys, as bytes.Compare does. It lies in the arena.
	Tie(a *arena.Arena, ref arena.Ref) []byte
}

// root is the head of a tree, in the arena. It holds no Go pointer.
type root struct {
	top            arena.Ref
	count          uint32
	leaves, inners uint32
	height         uint32 // levels; 0 for an empty tree
}

// RootSize is how many bytes a root takes in its owner's block. All zero, they
// are an empty tree.
const RootSize = 24

// A Tree is a handle on a root. It is a value; nothing is allocated for it.
type Tree struct {
	a   *arena.Arena
	r   *root
	ord Order
}

// Open returns the tree whose root is at ref, in a block that its owner made.
func Open(a *arena.Arena, ref arena.Ref, ord Order) Tree { return Tree{a, (*root)(a.Ptr(ref)), ord} }

// Len is the number of elements.
func (t Tree) Len() int { return int(t.r.count) }

// Bytes is what the tree takes beyond its root and the elements, as the arena rounds it.
func (t Tree) Bytes() int64 {
	return int64(t.r.leaves)*int64(arena.UsableSize(leafSize)) + int64(t.r.inners)*int64(arena.UsableSize(innerSize))
}

// maxHeight is more than any tree reaches: a level is added when 50 children
// are full, and nodes with fewer than half are joined.
const maxHeight = 12

// A path is the way from the top to a leaf.
type path struct {
	n    int // inner nodes
	node [maxHeight]*inner
	idx  [maxHeight]int
	leaf arena.Ref
}

// add changes the counts along the path.
func (p *path) add(delta int) {
	for d := range p.n {
		p.node[d].counts[p.idx[d]] += uint32(delta)
	}
}

// compare compares an element with a key and a tie.
func (t Tree) compare(ref arena.Ref, k uint64, key uint64, tie []byte) int {
	if k != key {
		if k < key {
			return -1
		}
		return 1
	}
	return bytes.Compare(t.ord.Tie(t.a, ref), tie)
}

// childFor is the child of nd that has, or would have, an element.
func (t Tree) childFor(nd *inner, key uint64, tie []byte) int {
	lo, hi := 1, int(nd.n) // the first separator that is greater is in [lo, hi]
	for lo < hi {
		mid := (lo + hi) >> 1
		k := nd.keys[mid]
		if k < key || k == key && bytes.Compare(t.ord.Tie(t.a, nd.refs[mid]), tie) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

// descend finds the leaf that has, or would have, an element.
func (t Tree) descend(p *path, key uint64, tie []byte) *leaf {
	ref := t.r.top
	p.n = int(t.r.height) - 1
	for d := range p.n {
		nd := t.innerAt(ref)
		i := t.childFor(nd, key, tie)
		p.node[d], p.idx[d] = nd, i
		ref = nd.children[i]
		if d == p.n-1 {
			t.prefetchLeaf(ref)
		}
	}
	p.leaf = ref
	return t.leafAt(ref)
}

// search returns the index of the first element of l that is not less than
// the given one.
func (t Tree) search(l *leaf, key uint64, tie []byte) int {
	n := int(l.n)
	prefix, side := l.prefixOf(key)
	switch {
	case side < 0:
		return 0
	case side > 0:
		return n
	}
	lo := lowerBound(l.prefixes[:n], prefix)
	if lo == n || l.prefixes[lo] != prefix {
		return lo
	}
	// Elements with the same prefix are looked at.
	hi := n
	if prefix != 1<<32-1 {
		hi = lo + lowerBound(l.prefixes[lo:n], prefix+1)
	}
	for lo < hi {
		mid := (lo + hi) >> 1
		ref := l.refs[mid]
		if t.compare(ref, t.ord.Key(t.a, ref), key, tie) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// lowerBound is the index of the first number that is not less than x.
func lowerBound(s []uint32, x uint32) int {
	lo, hi := 0, len(s)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Insert adds an element, which is not in the tree.
func (t Tree) Insert(ref arena.Ref) {
	t.r.count++
	key := t.ord.Key(t.a, ref)
	if t.r.height == 0 {
		t.plant(key, ref)
		return
	}
	tie := t.ord.Tie(t.a, ref)
	var p path
	l := t.descend(&p, key, tie)
	i := t.search(l, key, tie)
	if l.n == leafCap {
		if t.extend(&p, l, i, key, ref) {
			return
		}
		t.relieve(&p, l)
		l = t.descend(&p, key, tie)
		i = t.search(l, key, tie)
	}
	t.put(l, i, key, ref)
	p.add(1)
}

// Append adds an element that is greater than all in the tree, and leaves
// leaves some room: for many elements that are sorted already.
func (t Tree) Append(ref arena.Ref) {
	t.AppendKey(t.ord.Key(t.a, ref), ref)
}

// AppendKey is Append of an element whose key is known: it is not looked at.
func (t Tree) AppendKey(key uint64, ref arena.Ref) {
	t.r.count++
	if t.r.height == 0 {
		t.plant(key, ref)
		return
	}
	var p path
	l := t.rightmost(&p)
	if l.n >= bulkFill {
		t.extend(&p, l, int(l.n), key, ref)
		return
	}
	t.put(l, int(l.n), key, ref)
	p.add(1)
}

func (t Tree) rightmost(p *path) *leaf {
	ref := t.r.top
	p.n = int(t.r.height) - 1
	for d := range p.n {
		nd := t.innerAt(ref)
		i := int(nd.n) - 1
		p.node[d], p.idx[d] = nd, i
		ref = nd.children[i]
	}
	p.leaf = ref
	return t.leafAt(ref)
}

// plant makes the first leaf.
func (t Tree) plant(key uint64, ref arena.Ref) {
	top, l := t.newLeaf()
	t.r.top, t.r.height = top, 1
	l.begin(key, firstShift, ref)
}

// begin makes ref the only element of an empty leaf.
func (l *leaf) begin(key uint64, shift uint8, ref arena.Ref) {
	l.base, l.shift = frameFor(key, key, shift)
	prefix, _ := l.prefixOf(key)
	l.n = 0
	l.insert(0, prefix, ref)
}

// put inserts an element at i of a leaf with room.
func (t Tree) put(l *leaf, i int, key uint64, ref arena.Ref) {
	prefix, side := l.prefixOf(key)
	if side != 0 {
		t.widen(l, key)
		prefix, _ = l.prefixOf(key)
	}
	l.insert(i, prefix, ref)
}

// widen chooses a frame for l that key fits in too.
func (t Tree) widen(l *leaf, key uint64) {
	var b buffer
	b.gather(l)
	lo, hi := b.keys[0], b.keys[b.n-1]
	l.base, l.shift = frameFor(min(lo, key), max(hi, key), b.shift)
	for i, k := range b.keys[:b.n] {
		l.prefixes[i], _ = l.prefixOf(k)
	}
}

// extend begins a new leaf if the full leaf l is the last and i is behind its
// end, or if it is the first and i its beginning.
func (t Tree) extend(p *path, l *leaf, i int, key uint64, ref arena.Ref) bool {
	atEnd := l.next == 0 && i == int(l.n)
	if !atEnd && (l.prev != 0 || i != 0) {
		return false
	}
	at, fresh := t.newLeaf()
	t.link(p.leaf, at)
	for d := range p.n - 1 {
		p.node[d].counts[p.idx[d]]++
	}
	if atEnd {
		fresh.begin(key, l.shift, ref)
		t.addChild(p, p.n-1, uint32(l.n), child{key, ref, at, 1})
		return true
	}
	fresh.base, fresh.shift, fresh.n, fresh.prefixes, fresh.refs = l.base, l.shift, l.n, l.prefixes, l.refs
	l.begin(key, fresh.shift, ref)
	t.addChild(p, p.n-1, 1, t.childOf(at))
	return true
}

// childOf describes a leaf for its parent.
func (t Tree) childOf(ref arena.Ref) child {
	l := t.leafAt(ref)
	return child{t.ord.Key(t.a, l.refs[0]), l.refs[0], ref, uint32(l.n)}
}

// Delete removes an element and says whether it was there.
func (t Tree) Delete(ref arena.Ref) bool {
	if t.r.height == 0 {
		return false
	}
	var p path
	l, i := t.find(&p, ref)
	if l == nil {
		return false
	}
	t.cut(&p, l, i, 1)
	return true
}

// find returns the leaf of an element, nil if there is none, and the index in it.
func (t Tree) find(p *path, ref arena.Ref) (*leaf, int) {
	key, tie := t.ord.Key(t.a, ref), t.ord.Tie(t.a, ref)
	l := t.descend(p, key, tie)
	i := t.search(l, key, tie)
	if i == int(l.n) || l.refs[i] != ref {
		return nil, 0
	}
	return l, i
}

// DeleteRange removes n elements from a rank on. It calls drop for each, which
// may free it.
func (t Tree) DeleteRange(rank, n int, drop func(arena.Ref)) {
	for n > 0 {
		var p path
		l, i := t.seek(&p, rank)
		m := min(n, int(l.n)-i)
		for _, ref := range l.refs[i : i+m] {
			drop(ref)
		}
		t.cut(&p, l, i, m)
		n -= m
	}
}

// Rekey prepares for the key of an element to become another one. It returns
// true if the element keeps its place: then the caller changes it. Else the
// element has been taken out: the caller changes it and inserts it again.
func (t Tree) Rekey(ref arena.Ref, key uint64) (kept bool) {
	var p path
	l, i := t.find(&p, ref)
	if invariants.Enabled {
		invariants.Check(l != nil, "bptree: element %d is not there", ref)
	}
	prefix, side := l.prefixOf(key)
	if side == 0 && i > 0 && i < int(l.n)-1 && l.prefixes[i-1] < prefix && prefix < l.prefixes[i+1] {
		l.prefixes[i] = prefix
		return true
	}
	t.cut(&p, l, i, 1)
	return false
}

// Replace puts another element with the same key and tie in the place of one
// that is in the tree: the block of an element has moved.
func (t Tree) Replace(from, to arena.Ref) {
	var p path
	l, i := t.find(&p, from)
	l.refs[i] = to
	if i == 0 {
		t.setFirst(&p, p.n, t.ord.Key(t.a, to), to)
	}
}

// Dismantle frees one leaf after it called free for its elements, at last the inner
// nodes too, and says whether any are left. Nothing else may be called on the
// tree from the first call on but Bytes.
func (t Tree) Dismantle(free func(arena.Ref)) (more bool) {
	if t.r.height == 0 {
		return false
	}
	var p path
	l := t.rightmost(&p)
	for _, ref := range l.refs[:l.n] {
		free(ref)
	}
	t.r.count -= uint32(l.n)
	ref := p.leaf
	t.freeLeaf(ref)
	for d := p.n - 1; d >= 0; d-- {
		nd := p.node[d]
		if nd.n--; nd.n > 0 {
			return true
		}
		ref = t.r.top
		if d > 0 {
			ref = p.node[d-1].children[p.idx[d-1]]
		}
		t.freeInner(ref)
	}
	t.r.height, t.r.top = 0, 0
	return false
}
