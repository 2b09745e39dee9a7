package bptree

import (
	"bytes"

	"github.com/redstart-db/redstart/internal/arena"
)

// seek finds the element of a rank, which exists.
func (t Tree) seek(p *path, rank int) (*leaf, int) {
	ref := t.r.top
	p.n = int(t.r.height) - 1
	for d := range p.n {
		nd := t.innerAt(ref)
		i := 0
		for rank >= int(nd.counts[i]) {
			rank -= int(nd.counts[i])
			i++
		}
		p.node[d], p.idx[d] = nd, i
		ref = nd.children[i]
	}
	p.leaf = ref
	return t.leafAt(ref), rank
}

// Rank is the number of elements that are less than the given one.
func (t Tree) Rank(key uint64, tie []byte) int {
	if t.r.height == 0 {
		return 0
	}
	var p path
	l := t.descend(&p, key, tie)
	return p.before() + t.search(l, key, tie)
}

// before is the number of elements before the leaf.
func (p *path) before() (n int) {
	for d := range p.n {
		n += int(p.node[d].sum(p.idx[d]))
	}
	return n
}

// RankOf is the rank of an element, -1 if it is not there.
func (t Tree) RankOf(ref arena.Ref) int {
	if t.r.height == 0 {
		return -1
	}
	var p path
	l, i := t.find(&p, ref)
	if l == nil {
		return -1
	}
	return p.before() + i
}

// RankByTie is the number of elements whose tie is less than the given one,
// or equal to it if orEqual: for trees whose elements have all the same key.
func (t Tree) RankByTie(tie []byte, orEqual bool) (rank int) {
	if t.r.height == 0 {
		return 0
	}
	limit := 0
	if orEqual {
		limit = 1
	}
	ref := t.r.top
	for range t.r.height - 1 {
		nd := t.innerAt(ref)
		i := t.countBelow(nd.refs[1:nd.n], tie, limit)
		rank += int(nd.sum(i))
		ref = nd.children[i]
	}
	l := t.leafAt(ref)
	return rank + t.countBelow(l.refs[:l.n], tie, limit)
}

// countBelow is how many of the refs, which are in order, have ties that
// compare with the given one to less than limit.
func (t Tree) countBelow(refs []arena.Ref, tie []byte, limit int) int {
	lo, hi := 0, len(refs)
	for lo < hi {
		mid := (lo + hi) >> 1
		if bytes.Compare(t.ord.Tie(t.a, refs[mid]), tie) < limit {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// An Iter walks the elements, until the tree changes.
type Iter struct {
	t Tree
	l *leaf // nil behind the last and before the first
	i int
}

// ahead is how many elements before their turn blocks are asked for.
const ahead = 6

// At returns an Iter that stands on the element of a rank; on none if there
// is no such element.
func (t Tree) At(rank int) Iter {
	if rank < 0 || rank >= t.Len() {
		return Iter{t: t}
	}
	var p path
	l, i := t.seek(&p, rank)
	return Iter{t, l, i}
}

// Ref is the element that the Iter stands on; 0 if it stands on none.
func (it *Iter) Ref() arena.Ref {
	if it.l == nil {
		return 0
	}
	return it.l.refs[it.i]
}

// Next goes to the next element.
func (it *Iter) Next() {
	if it.i++; it.i < int(it.l.n) {
		if j := it.i + ahead; j < int(it.l.n) {
			arena.PrefetchAddr(it.t.a.Ptr(it.l.refs[j]))
		}
		return
	}
	it.i = 0
	if it.l.next == 0 {
		it.l = nil
		return
	}
	it.enter(it.l.next)
	for _, ref := range it.l.refs[:min(ahead, int(it.l.n))] {
		arena.PrefetchAddr(it.t.a.Ptr(ref))
	}
}

// Prev goes to the element before.
func (it *Iter) Prev() {
	if it.i--; it.i >= 0 {
		if j := it.i - ahead; j >= 0 {
			arena.PrefetchAddr(it.t.a.Ptr(it.l.refs[j]))
		}
		return
	}
	if it.l.prev == 0 {
		it.l = nil
		return
	}
	it.enter(it.l.prev)
	it.i = int(it.l.n) - 1
	for _, ref := range it.l.refs[max(int(it.l.n)-ahead, 0):it.l.n] {
		arena.PrefetchAddr(it.t.a.Ptr(ref))
	}
}

func (it *Iter) enter(ref arena.Ref) { it.l = it.t.leafAt(ref) }
