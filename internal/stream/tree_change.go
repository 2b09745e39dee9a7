package stream

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
)

// A grown subtree is what an insertion left of one: it may have moved, and
// may have been split.
type grown struct {
	ref   arena.Ref
	right arena.Ref // the new neighbour, or 0
	bound key       // below it are the keys of ref, the others in right
}

// insert returns the value of k, for which it makes room if k is new: then the
// value is not set.
func (x *index) insert(k key) (value unsafe.Pointer, isNew bool) {
	t := x.t
	if t.root == 0 {
		t.root = x.newNode(false, firstCap)
	}
	g, value, isNew := x.insertIn(t.root, &k, true)
	t.root = g.ref
	if g.right != 0 {
		x.addRoot(g)
	}
	if isNew {
		t.n++
	}
	x.checkIfEnabled()
	return value, isNew
}

func (x *index) addRoot(g grown) {
	ref := x.newNode(true, firstCap)
	nd := x.node(ref)
	nd.n = 2
	x.setKey(nd, 0, key{})
	x.setChild(nd, 0, g.ref)
	x.setKey(nd, 1, g.bound)
	x.setChild(nd, 1, g.right)
	x.t.root = ref
	x.t.depth++
	if invariants.Enabled {
		invariants.Check(x.t.depth < maxDepth, "stream: a tree of %d levels", x.t.depth)
	}
}

// insertIn inserts k below a node; edge says that nothing is to the right of it.
func (x *index) insertIn(ref arena.Ref, k *key, edge bool) (g grown, value unsafe.Pointer, isNew bool) {
	nd := x.node(ref)
	if !nd.inner {
		i := x.lowerBound(nd, k)
		if i < int(nd.n) && x.key(nd, i) == *k {
			return grown{ref: ref}, x.valuePtr(nd, i), false
		}
		g, nd, i = x.place(ref, i, *k, edge)
		return g, x.valuePtr(nd, i), true
	}
	i := x.childFor(nd, k)
	child := x.child(nd, i)
	g, value, isNew = x.insertIn(child, k, edge && i == int(nd.n)-1)
	if g.ref != child {
		x.setChild(nd, i, g.ref)
	}
	if g.right == 0 {
		return grown{ref: ref}, value, isNew
	}
	right := g.right
	g, nd, i = x.place(ref, i+1, g.bound, edge)
	x.setChild(nd, i, right)
	return g, value, isNew
}

// place makes room for k at place i of a node, and says where it is then.
func (x *index) place(ref arena.Ref, i int, k key, edge bool) (g grown, nd *node, at int) {
	nd = x.node(ref)
	g.ref = ref
	switch most := x.maxCap(nd.inner); {
	case int(nd.n) == most && edge && i == most:
		g.right, g.bound = x.newNode(nd.inner, firstCap), k
		nd, i = x.node(g.right), 0
	case int(nd.n) == most:
		right := x.split(nd, &g)
		if cut := int(nd.n); i > cut {
			nd, i = right, i-cut
		}
	case nd.n == nd.cap:
		g.ref = x.resize(ref, min(2*int(nd.cap), most))
		nd = x.node(g.ref)
	}
	x.move(nd, i+1, nd, i, int(nd.n)-i)
	nd.n++
	x.setKey(nd, i, k)
	return g, nd, i
}

// split moves the upper half of a full node to a new one.
func (x *index) split(nd *node, g *grown) *node {
	g.right = x.newNode(nd.inner, int(nd.cap))
	right, cut := x.node(g.right), int(nd.n)/2
	right.n = nd.n - uint16(cut)
	x.move(right, 0, nd, cut, int(right.n))
	nd.n = uint16(cut)
	g.bound = x.key(right, 0)
	return right
}

// resize gives a node another capacity.
func (x *index) resize(ref arena.Ref, capacity int) arena.Ref {
	old := x.node(ref)
	to := x.newNode(old.inner, capacity)
	nd := x.node(to)
	nd.n = old.n
	x.move(nd, 0, old, 0, int(old.n))
	x.freeNode(ref)
	return to
}

// remove takes k out and says whether it was there.
func (x *index) remove(k key) bool {
	t := x.t
	if t.root == 0 {
		return false
	}
	root, found := x.removeIn(t.root, &k)
	if !found {
		return false
	}
	t.root = root
	t.n--
	for t.root != 0 && x.node(t.root).inner && x.node(t.root).n == 1 {
		only := x.child(x.node(t.root), 0)
		x.freeNode(t.root)
		t.root = only
		t.depth--
	}
	if t.root == 0 {
		t.depth = 0
	}
	x.checkIfEnabled()
	return true
}

// removeIn removes k below a node and returns where that node is then: 0 if it became empty.
func (x *index) removeIn(ref arena.Ref, k *key) (now arena.Ref, found bool) {
	nd := x.node(ref)
	if !nd.inner {
		i := x.lowerBound(nd, k)
		if i == int(nd.n) || x.key(nd, i) != *k {
			return ref, false
		}
		return x.cut(ref, i), true
	}
	i := x.childFor(nd, k)
	old := x.child(nd, i)
	child, found := x.removeIn(old, k)
	switch {
	case !found:
		return ref, false
	case child == 0:
		return x.cut(ref, i), true
	case child != old:
		x.setChild(nd, i, child)
	}
	return x.join(ref, i), true
}

// cut takes place i out of a node. Half of a block that is nearly empty is given back.
func (x *index) cut(ref arena.Ref, i int) arena.Ref {
	nd := x.node(ref)
	x.move(nd, i, nd, i+1, int(nd.n)-i-1)
	nd.n--
	switch {
	case nd.n == 0:
		x.freeNode(ref)
		return 0
	case nd.cap > firstCap && nd.n <= nd.cap/4:
		return x.resize(ref, int(nd.cap)/2)
	}
	return ref
}

// join puts child i of a node together with a neighbour if both are sparse.
func (x *index) join(ref arena.Ref, i int) arena.Ref {
	nd := x.node(ref)
	most := x.maxCap(x.node(x.child(nd, i)).inner)
	if int(x.node(x.child(nd, i)).n) > most/4 {
		return ref
	}
	for _, left := range [2]int{i - 1, i} {
		if left < 0 || left+1 >= int(nd.n) {
			continue
		}
		a, b := x.node(x.child(nd, left)), x.node(x.child(nd, left+1))
		if int(a.n)+int(b.n) <= most*3/4 {
			x.merge(nd, left)
			return x.cut(ref, left+1)
		}
	}
	return ref
}

// merge moves what is in child i+1 behind what is in child i and frees it.
func (x *index) merge(nd *node, i int) {
	to, from := x.child(nd, i), x.child(nd, i+1)
	a, b := x.node(to), x.node(from)
	if b.inner {
		x.setKey(b, 0, x.key(nd, i+1)) // it was not looked at, there
	}
	if sum := int(a.n + b.n); sum > int(a.cap) {
		to = x.resize(to, min(sum+sum/2, x.maxCap(a.inner)))
		x.setChild(nd, i, to)
		a = x.node(to)
	}
	x.move(a, int(a.n), b, 0, int(b.n))
	a.n += b.n
	x.freeNode(from)
}

// dropLeaf frees the first leaf, after each of its values was given to drop if
// that is not nil, and says whether there was one. The tree is good for nothing else then.
func (x *index) dropLeaf(drop func(value unsafe.Pointer)) bool {
	if x.t.root == 0 {
		return false
	}
	x.t.root = x.dropIn(x.t.root, drop)
	return true
}

func (x *index) dropIn(ref arena.Ref, drop func(value unsafe.Pointer)) arena.Ref {
	nd := x.node(ref)
	if !nd.inner {
		for i := 0; drop != nil && i < int(nd.n); i++ {
			drop(x.valuePtr(nd, i))
		}
		x.freeNode(ref)
		return 0
	}
	if child := x.dropIn(x.child(nd, 0), drop); child != 0 {
		x.setChild(nd, 0, child)
		return ref
	}
	x.move(nd, 0, nd, 1, int(nd.n)-1)
	if nd.n--; nd.n == 0 {
		x.freeNode(ref)
		return 0
	}
	return ref
}

// copyTo makes the tree to a copy of x's; its blocks are those of another log.
// Each value is the same, and adjust may change the copy.
func (x *index) copyTo(to *index, adjust func(value unsafe.Pointer)) {
	*to.t = *x.t
	if x.t.root != 0 {
		to.t.root = x.copyNode(x.t.root, to, adjust)
	}
}

func (x *index) copyNode(ref arena.Ref, to *index, adjust func(value unsafe.Pointer)) arena.Ref {
	nd := x.node(ref)
	copied := to.newNode(nd.inner, int(nd.cap))
	c := to.node(copied)
	c.n = nd.n
	x.move(c, 0, nd, 0, int(nd.n))
	for i := range int(nd.n) {
		if nd.inner {
			to.setChild(c, i, x.copyNode(x.child(nd, i), to, adjust))
		} else if adjust != nil {
			adjust(to.valuePtr(c, i))
		}
	}
	return copied
}
