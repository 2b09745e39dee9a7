package bptree

import "github.com/redstart-db/redstart/internal/arena"

// buffer holds the entries of some leaves while they are spread again.
type buffer struct {
	n     int
	shift uint8
	keys  [spreadMax * leafCap]uint64 // with the lowest shift bits cleared
	refs  [spreadMax * leafCap]arena.Ref
}

// gather appends the entries of a leaf. Its prefixes tell the keys but for their
// lowest shift bits.
func (b *buffer) gather(l *leaf) {
	if l.shift > b.shift {
		b.shift = l.shift
		for i := range b.keys[:b.n] {
			b.keys[i] &^= 1<<b.shift - 1
		}
	}
	keys, mask := b.keys[b.n:][:l.n], uint64(1)<<b.shift-1
	for i, prefix := range l.prefixes[:l.n] {
		keys[i] = (l.base + uint64(prefix)<<(l.shift&63)) &^ mask
	}
	copy(b.refs[b.n:], l.refs[:l.n])
	b.n += int(l.n)
}

// fill makes entries from i to j of the buffer the content of a leaf.
func (t Tree) fill(l *leaf, b *buffer, i, j int) {
	keys, shift := b.keys[i:j], b.shift
	lo, hi := keys[0], keys[len(keys)-1]+1<<shift-1
	if fits := shiftFor(hi - lo); int(shift) >= int(fits)+tooCoarse {
		t.loadKeys(keys, b.refs[i:j])
		lo, hi = keys[0], keys[len(keys)-1]
		shift = shiftFor(hi - lo)
	}
	l.base, l.shift = frameFor(lo, hi, shift)
	l.n = uint16(j - i)
	copy(l.refs[:], b.refs[i:j])
	base, prefixes := l.base, l.prefixes[:len(keys)]
	for k, key := range keys {
		prefixes[k] = uint32((key - base) >> (l.shift & 63))
	}
}

// loadKeys asks elements for their keys.
func (t Tree) loadKeys(keys []uint64, refs []arena.Ref) {
	for _, ref := range refs {
		arena.PrefetchAddr(t.a.Ptr(ref))
	}
	for i, ref := range refs {
		keys[i] = t.ord.Key(t.a, ref)
	}
}

// relieve makes room in the full leaf at the end of p and around it.
func (t Tree) relieve(p *path, l *leaf) {
	d := p.n - 1
	if d < 0 || p.node[d].n == 1 {
		t.split(p, l)
		return
	}
	nd, i := p.node[d], p.idx[d]
	if left := emptierPair(nd, i); t.share(nd, left, left+1) {
		return
	}
	left := max(min(i-1, int(nd.n)-spreadMax), 0)
	right := min(left+spreadMax, int(nd.n)) - 1
	if t.share(nd, left, right) {
		return
	}
	at, _ := t.newLeaf()
	t.link(nd.children[right], at)
	t.spread(nd, left, right, at)
	p.idx[d] = right
	t.addChild(p, d, nd.counts[right], t.childOf(at))
}

// share spreads the entries of the leaves left to right of nd if they have enough room together.
func (t Tree) share(nd *inner, left, right int) bool {
	total := 0
	for _, n := range nd.counts[left : right+1] {
		total += int(n)
	}
	if total > (right-left+1)*(leafCap-roomEnough) {
		return false
	}
	t.spread(nd, left, right, 0)
	return true
}

// split moves half of a leaf that has no neighbours to a new one.
func (t Tree) split(p *path, l *leaf) {
	at, fresh := t.newLeaf()
	t.link(p.leaf, at)
	var b buffer
	b.gather(l)
	t.fill(l, &b, 0, b.n/2)
	t.fill(fresh, &b, b.n/2, b.n)
	t.addChild(p, p.n-1, uint32(l.n), t.childOf(at))
}

// spread distributes the entries of the leaves left to right of nd evenly over
// them, and over one more behind them if that is not nil.
func (t Tree) spread(nd *inner, left, right int, more arena.Ref) {
	var b buffer
	for i := left; i <= right; i++ {
		b.gather(t.leafAt(nd.children[i]))
	}
	parts, from := right-left+1, 0
	if more != 0 {
		parts++
	}
	for i := left; i <= right; i++ {
		end := b.n * (i - left + 1) / parts
		t.fill(t.leafAt(nd.children[i]), &b, from, end)
		nd.counts[i] = uint32(end - from)
		if i > left {
			nd.set(i, t.childOf(nd.children[i]))
		}
		from = end
	}
	if more != 0 {
		t.fill(t.leafAt(more), &b, from, b.n)
	}
}

// addChild adds a node behind the one that p has at depth d, which keeps left
// elements; d is -1 for a new top. The counts above d include the new node's
// already. The path is good for nothing afterwards.
func (t Tree) addChild(p *path, d int, left uint32, c child) {
	if d < 0 {
		ref, top := t.newInner()
		top.insert(0, child{node: t.r.top, count: left})
		top.insert(1, c)
		t.r.top = ref
		t.r.height++
		if t.r.height > maxHeight {
			// More elements than Refs can name, or our own mistake in joining nodes.
			panic("bptree: too high")
		}
		return
	}
	nd, at := p.node[d], p.idx[d]+1
	nd.counts[at-1] = left
	if nd.n < innerCap {
		nd.insert(at, c)
		return
	}
	ref, right := t.newInner()
	mid := innerCap / 2
	if at == innerCap { // the end of the order, most likely
		mid = innerCap - 1
	}
	right.take(nd, mid)
	if at > mid {
		right.insert(at-mid, c)
	} else {
		nd.insert(at, c)
	}
	t.addChild(p, d-1, nd.sum(int(nd.n)), child{right.keys[0], right.refs[0], ref, right.sum(int(right.n))})
}

// cut removes m entries of a leaf, the last of p, from i on.
func (t Tree) cut(p *path, l *leaf, i, m int) {
	t.r.count -= uint32(m)
	p.add(-m)
	l.cut(i, m)
	switch {
	case l.n == 0:
		t.unlink(l)
		t.freeLeaf(p.leaf)
		t.removeChild(p, p.n-1)
		return
	case i == 0:
		t.setFirst(p, p.n, t.ord.Key(t.a, l.refs[0]), l.refs[0])
	}
	if l.n < leafCap/2 {
		t.joinLeaf(p)
	}
}

// setFirst makes an element the separator before the node that p has at depth d, wherever that is.
func (t Tree) setFirst(p *path, d int, key uint64, ref arena.Ref) {
	for d--; d >= 0; d-- {
		if i := p.idx[d]; i > 0 {
			p.node[d].keys[i], p.node[d].refs[i] = key, ref
			return
		}
	}
}

// joinLeaf joins the last leaf of p with a neighbour if they fit into one.
func (t Tree) joinLeaf(p *path) {
	d := p.n - 1
	if d < 0 {
		return
	}
	nd := p.node[d]
	left := emptierPair(nd, p.idx[d])
	if left < 0 || nd.counts[left]+nd.counts[left+1] > leafJoinMax {
		return
	}
	into, from := t.leafAt(nd.children[left]), t.leafAt(nd.children[left+1])
	var b buffer
	b.gather(into)
	b.gather(from)
	t.fill(into, &b, 0, b.n)
	nd.counts[left] = uint32(b.n)
	t.unlink(from)
	t.freeLeaf(nd.children[left+1])
	p.idx[d] = left + 1
	t.removeChild(p, d)
}

// emptierPair returns the first of two adjacent children, i and the neighbour
// with fewer elements; -1 if i has none.
func emptierPair(nd *inner, i int) (left int) {
	switch last := int(nd.n) - 1; {
	case last == 0:
		return -1
	case i == last || i > 0 && nd.counts[i-1] < nd.counts[i+1]:
		return i - 1
	}
	return i
}

// removeChild removes the child that p has at depth d, whose node is freed.
func (t Tree) removeChild(p *path, d int) {
	if d < 0 {
		t.r.top, t.r.height = 0, 0
		return
	}
	nd, i := p.node[d], p.idx[d]
	nd.remove(i)
	if nd.n == 0 {
		t.freeInner(t.nodeRef(p, d))
		t.removeChild(p, d-1)
		return
	}
	if i == 0 {
		t.setFirst(p, d, nd.keys[0], nd.refs[0])
	}
	if d == 0 {
		t.lower()
		return
	}
	if nd.n < innerCap/2 {
		t.joinInner(p, d)
	}
}

// nodeRef is the ref of the inner node that p has at depth d.
func (t Tree) nodeRef(p *path, d int) arena.Ref {
	if d == 0 {
		return t.r.top
	}
	return p.node[d-1].children[p.idx[d-1]]
}

// lower removes tops with a single child.
func (t Tree) lower() {
	for t.r.height > 1 {
		top := t.r.top
		nd := t.innerAt(top)
		if nd.n > 1 {
			return
		}
		t.r.top = nd.children[0]
		t.r.height--
		t.freeInner(top)
	}
}

// joinInner joins the inner node that p has at depth d, which is not the top,
// with a neighbour if they fit into one.
func (t Tree) joinInner(p *path, d int) {
	up := p.node[d-1]
	left := emptierPair(up, p.idx[d-1])
	if left < 0 {
		return
	}
	into, from := t.innerAt(up.children[left]), t.innerAt(up.children[left+1])
	if into.n+from.n > innerJoinMax {
		return
	}
	from.keys[0], from.refs[0] = up.keys[left+1], up.refs[left+1]
	into.take(from, 0)
	up.counts[left] += up.counts[left+1]
	t.freeInner(up.children[left+1])
	p.idx[d-1] = left + 1
	t.removeChild(p, d-1)
}
