package stream

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// A cursor stands on a key of a leaf, or behind the last: a way down from the
// root. It is good until the tree changes.
type cursor struct {
	index
	ref [maxDepth]arena.Ref
	at  [maxDepth]int16
}

func (x *index) cursor() cursor { return cursor{index: *x} }

// descend goes to the leaf for k, without a place in it.
func (c *cursor) descend(k *key) {
	ref := c.t.root
	for d := range int(c.t.depth) {
		nd := c.node(ref)
		i := c.childFor(nd, k)
		c.ref[d], c.at[d] = ref, int16(i)
		ref = c.child(nd, i)
	}
	c.ref[c.t.depth] = ref
}

func (c *cursor) leaf() (nd *node, i int) {
	return c.node(c.ref[c.t.depth]), int(c.at[c.t.depth])
}

// seek goes to the first key that is not below k and says whether there is one.
func (c *cursor) seek(k key) bool {
	if c.t.root == 0 {
		return false
	}
	c.descend(&k)
	nd, _ := c.leaf()
	c.at[c.t.depth] = int16(c.lowerBound(nd, &k))
	return c.settle()
}

// seekBack goes to the last key that is not above k and says whether there is one.
func (c *cursor) seekBack(k key) bool {
	if !c.seek(k) {
		return c.last()
	}
	if at := c.key(); at == k {
		return true
	}
	return c.prev()
}

// settle goes on to the next leaf if the cursor is behind the end of one.
func (c *cursor) settle() bool {
	nd, i := c.leaf()
	if i < int(nd.n) {
		return true
	}
	for d := int(c.t.depth) - 1; d >= 0; d-- {
		if up := c.node(c.ref[d]); int(c.at[d])+1 < int(up.n) {
			c.at[d]++
			c.edge(d+1, c.child(up, int(c.at[d])), false)
			return true
		}
	}
	return false
}

// edge goes from a node on level d down to its first or last key.
func (c *cursor) edge(d int, ref arena.Ref, last bool) {
	for ; ; d++ {
		nd, i := c.node(ref), 0
		if last {
			i = int(nd.n) - 1
		}
		c.ref[d], c.at[d] = ref, int16(i)
		if d == int(c.t.depth) {
			return
		}
		ref = c.child(nd, i)
	}
}

func (c *cursor) first() bool {
	if c.t.root != 0 {
		c.edge(0, c.t.root, false)
	}
	return c.t.root != 0
}

func (c *cursor) last() bool {
	if c.t.root != 0 {
		c.edge(0, c.t.root, true)
	}
	return c.t.root != 0
}

// next goes to the next key; if there is none, the cursor is behind the last.
func (c *cursor) next() bool {
	c.at[c.t.depth]++
	return c.settle()
}

func (c *cursor) prev() bool {
	for d := int(c.t.depth); d >= 0; d-- {
		if c.at[d] > 0 {
			c.at[d]--
			if d < int(c.t.depth) {
				c.edge(d+1, c.child(c.node(c.ref[d]), int(c.at[d])), true)
			}
			return true
		}
	}
	return false
}

func (c *cursor) key() key {
	nd, i := c.leaf()
	return c.index.key(nd, i)
}

func (c *cursor) value() unsafe.Pointer {
	nd, i := c.leaf()
	return c.valuePtr(nd, i)
}
