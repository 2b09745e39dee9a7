package bptree

import (
	"bytes"
	"fmt"

	"github.com/redstart-db/redstart/internal/arena"
)

// CheckInvariants verifies counts, links, order, separators, frames, and that
// no element is there twice.
func (t Tree) CheckInvariants() error {
	c := checker{t: t}
	if t.r.height > 0 {
		if _, err := c.node(t.r.top, int(t.r.height)); err != nil {
			return err
		}
		if l := t.leafAt(c.lastLeaf); l.next != 0 {
			return fmt.Errorf("the last leaf is followed by %d", l.next)
		}
	}
	if c.count != t.r.count || c.leaves != t.r.leaves || c.inners != t.r.inners {
		return fmt.Errorf("%d elements, %d leaves, %d inner nodes, counted %d, %d, %d",
			c.count, c.leaves, c.inners, t.r.count, t.r.leaves, t.r.inners)
	}
	return nil
}

type checker struct {
	t                     Tree
	last, lastLeaf        arena.Ref
	count, leaves, inners uint32
}

// node checks what is below a node of a height and returns its first element.
func (c *checker) node(ref arena.Ref, height int) (first arena.Ref, err error) {
	if height == 1 {
		return c.leaf(ref)
	}
	c.inners++
	nd := c.t.innerAt(ref)
	if nd.n == 0 || nd.n > innerCap || ref == c.t.r.top && nd.n == 1 {
		return 0, fmt.Errorf("inner node with %d children", nd.n)
	}
	for i := range int(nd.n) {
		before := c.count
		f, err := c.node(nd.children[i], height-1)
		switch {
		case err != nil:
			return 0, err
		case i == 0:
			first = f
		case nd.refs[i] != f || nd.keys[i] != c.t.ord.Key(c.t.a, f):
			return 0, fmt.Errorf("the separator is element %d, the first one %d", nd.refs[i], f)
		}
		if c.count-before != nd.counts[i] {
			return 0, fmt.Errorf("%d elements below a child, counted %d", c.count-before, nd.counts[i])
		}
	}
	return first, nil
}

func (c *checker) leaf(ref arena.Ref) (first arena.Ref, err error) {
	c.leaves++
	l := c.t.leafAt(ref)
	if l.n == 0 || l.n > leafCap {
		return 0, fmt.Errorf("leaf with %d elements", l.n)
	}
	if l.prev != c.lastLeaf || l.prev != 0 && c.t.leafAt(l.prev).next != ref {
		return 0, fmt.Errorf("leaf %d follows %d, linked with %d", ref, c.lastLeaf, l.prev)
	}
	c.lastLeaf = ref
	for i, e := range l.refs[:l.n] {
		key := c.t.ord.Key(c.t.a, e)
		if p, side := l.prefixOf(key); p != l.prefixes[i] || side != 0 {
			return 0, fmt.Errorf("key %x in frame %x, %d has prefix %x, stored as %x", key, l.base, l.shift, p, l.prefixes[i])
		}
		if l.base&(1<<l.shift-1) != 0 {
			return 0, fmt.Errorf("base %x is not aligned to %d bits", l.base, l.shift)
		}
		if c.last != 0 && !c.less(c.last, e) {
			return 0, fmt.Errorf("element %d comes before %d", c.last, e)
		}
		c.last = e
	}
	c.count += uint32(l.n)
	return l.refs[0], nil
}

func (c *checker) less(x, y arena.Ref) bool {
	a, o := c.t.a, c.t.ord
	if kx, ky := o.Key(a, x), o.Key(a, y); kx != ky {
		return kx < ky
	}
	return bytes.Compare(o.Tie(a, x), o.Tie(a, y)) < 0
}
