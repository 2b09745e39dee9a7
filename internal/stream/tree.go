package stream

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// A tree is an ordered map in arena memory, a B+ tree: it lies in the block of
// its owner. Keys are two or three words, values of a fixed size.
type tree struct {
	root  arena.Ref // 0: empty
	depth uint32    // levels above the leaves
	n     uint64    // keys
}

// A shape is what the trees of one kind have in common.
type shape struct {
	words int // per key
	value int // bytes per value, in leaves; inner nodes have refs
}

var (
	blockShape  = shape{2, int(unsafe.Sizeof(arena.Ref(0)))} // ID -> ref of a block
	groupShape  = shape{2, int(unsafe.Sizeof(delivery{}))}   // ID -> delivery
	ownShape    = shape{2, 0}                                // the IDs of a consumer
	timeShape   = shape{3, 0}                                // time and ID
	recentShape = shape{2, int(unsafe.Sizeof(arena.Ref(0)))} // hash and order -> ref of an iid
)

// A key is as many words as the tree's shape says; the others are 0.
type key [3]uint64

func idKey(id ID) key { return key{id.MS, id.Seq} }

func (k key) id() ID { return ID{k[0], k[1]} }

func (k *key) less(o *key) bool {
	if k[0] != o[0] {
		return k[0] < o[0]
	}
	if k[1] != o[1] {
		return k[1] < o[1]
	}
	return k[2] < o[2]
}

const (
	nodeHeader = 8
	nodeBytes  = 2048 // the size of a full node, at most
	firstCap   = 4    // of a new node
	maxDepth   = 10
)

// node is the head of a block of keys, followed by as many values: in a leaf
// those of the tree, in an inner node refs of its children, whose keys are not
// below the one that stands with the ref. The first key of an inner node is not looked at.
type node struct {
	n, cap uint16
	inner  bool
}

// An index is a tree with what is needed to work on it.
type index struct {
	l  Log
	t  *tree
	sh shape
}

func (x *index) node(ref arena.Ref) *node { return (*node)(x.l.a.Ptr(ref)) }

func (x *index) valueSize(inner bool) int {
	if inner {
		return 4
	}
	return x.sh.value
}

func (x *index) nodeSize(inner bool, capacity int) int {
	return nodeHeader + capacity*(x.sh.words*8+x.valueSize(inner))
}

// maxCap is how many keys a node has at most.
func (x *index) maxCap(inner bool) int {
	return (nodeBytes - nodeHeader) / (x.sh.words*8 + x.valueSize(inner))
}

func (x *index) keyPtr(nd *node, i int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(nd), nodeHeader+i*x.sh.words*8)
}

func (x *index) key(nd *node, i int) (k key) {
	p := x.keyPtr(nd, i)
	k[0] = *(*uint64)(p)
	k[1] = *(*uint64)(unsafe.Add(p, 8))
	if x.sh.words == 3 {
		k[2] = *(*uint64)(unsafe.Add(p, 16))
	}
	return k
}

func (x *index) setKey(nd *node, i int, k key) {
	copy(unsafe.Slice((*uint64)(x.keyPtr(nd, i)), x.sh.words), k[:])
}

func (x *index) valuePtr(nd *node, i int) unsafe.Pointer {
	return unsafe.Add(unsafe.Pointer(nd), nodeHeader+int(nd.cap)*x.sh.words*8+i*x.valueSize(nd.inner))
}

func (x *index) child(nd *node, i int) arena.Ref { return *(*arena.Ref)(x.valuePtr(nd, i)) }

func (x *index) setChild(nd *node, i int, ref arena.Ref) { *(*arena.Ref)(x.valuePtr(nd, i)) = ref }

func (x *index) newNode(inner bool, capacity int) arena.Ref {
	ref := x.l.alloc(x.nodeSize(inner, capacity))
	*x.node(ref) = node{cap: uint16(capacity), inner: inner}
	return ref
}

func (x *index) freeNode(ref arena.Ref) {
	nd := x.node(ref)
	x.l.free(ref, x.nodeSize(nd.inner, int(nd.cap)))
}

// move copies n keys with their values to place j of another node, which may be nd itself.
func (x *index) move(to *node, j int, nd *node, i, n int) {
	w, v := x.sh.words*8, x.valueSize(nd.inner)
	copy(unsafe.Slice((*byte)(x.keyPtr(to, j)), n*w), unsafe.Slice((*byte)(x.keyPtr(nd, i)), n*w))
	copy(unsafe.Slice((*byte)(x.valuePtr(to, j)), n*v), unsafe.Slice((*byte)(x.valuePtr(nd, i)), n*v))
}

// lowerBound is the place of the first key of the node that is not below k.
// Most keys come in growing order, and go in that order: the ends come first.
func (x *index) lowerBound(nd *node, k *key) int {
	lo, hi := 0, int(nd.n)
	if hi == 0 || x.below(nd, hi-1, k) {
		return hi
	}
	if !x.below(nd, 0, k) {
		return 0
	}
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if x.below(nd, mid, k) {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// below says whether key i of the node is less than k.
func (x *index) below(nd *node, i int, k *key) bool {
	at := x.key(nd, i)
	return at.less(k)
}

// above says whether key i of the node is greater than k.
func (x *index) above(nd *node, i int, k *key) bool {
	at := x.key(nd, i)
	return k.less(&at)
}

// childFor is the place of the child in which k is or belongs.
func (x *index) childFor(nd *node, k *key) int {
	lo, hi := 1, int(nd.n)
	if hi == 1 || x.above(nd, 1, k) {
		return 0
	}
	if !x.above(nd, hi-1, k) {
		return hi - 1
	}
	for lo < hi {
		mid := int(uint(lo+hi) / 2)
		if x.above(nd, mid, k) {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo - 1
}

// find returns the value of k, nil if k is not in the tree.
func (x *index) find(k key) unsafe.Pointer {
	ref := x.t.root
	if ref == 0 {
		return nil
	}
	nd := x.node(ref)
	for nd.inner {
		nd = x.node(x.child(nd, x.childFor(nd, &k)))
	}
	if i := x.lowerBound(nd, &k); i < int(nd.n) && x.key(nd, i) == k {
		return x.valuePtr(nd, i)
	}
	return nil
}
