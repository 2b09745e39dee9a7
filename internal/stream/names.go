package stream

import (
	"bytes"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// named is how every block begins that is found by a name: the name is at its end.
type named struct {
	length uint32 // of the name
	size   uint32 // of the block without the name
}

func (n *named) name() []byte {
	return unsafe.Slice((*byte)(unsafe.Add(unsafe.Pointer(n), n.size)), n.length)
}

// names is a directory of named blocks in the order of their names: an array
// of refs in a block of its own. It lies in the block of its owner.
type names struct {
	ref    arena.Ref
	n, cap uint32
}

// newNamed makes a block of size bytes and the name, all bytes before the name zero.
func (l Log) newNamed(size int, name []byte) arena.Ref {
	ref := l.alloc(size + len(name))
	clear(l.a.Bytes(ref, size))
	n := l.named(ref)
	*n = named{length: uint32(len(name)), size: uint32(size)}
	copy(n.name(), name)
	return ref
}

func (l Log) freeNamed(ref arena.Ref) {
	n := l.named(ref)
	l.free(ref, int(n.size)+int(n.length))
}

func (l Log) named(ref arena.Ref) *named { return (*named)(l.a.Ptr(ref)) }

func (l Log) refs(d *names) []arena.Ref {
	if d.ref == 0 {
		return nil
	}
	return unsafe.Slice((*arena.Ref)(l.a.Ptr(d.ref)), d.cap)[:d.n]
}

// lookup finds a name, or where it belongs.
func (l Log) lookup(d *names, name []byte) (i int, found bool) {
	refs := l.refs(d)
	lo, hi := 0, len(refs)
	for lo < hi {
		mid := (lo + hi) / 2
		switch bytes.Compare(l.named(refs[mid]).name(), name) {
		case 0:
			return mid, true
		case -1:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return lo, false
}

// addName puts a block at place i.
func (l Log) addName(d *names, i int, ref arena.Ref) {
	if d.n == d.cap {
		l.resizeNames(d, max(4, 2*d.cap))
	}
	d.n++
	refs := l.refs(d)
	copy(refs[i+1:], refs[i:])
	refs[i] = ref
}

// dropName takes the block at place i out of the directory; it is not freed.
func (l Log) dropName(d *names, i int) {
	refs := l.refs(d)
	copy(refs[i:], refs[i+1:])
	d.n--
	if d.n == 0 {
		l.free(d.ref, int(d.cap)*4)
		*d = names{}
	} else if d.cap > 4 && d.n <= d.cap/4 {
		l.resizeNames(d, d.cap/2)
	}
}

func (l Log) resizeNames(d *names, capacity uint32) {
	old := *d
	d.ref, d.cap = l.alloc(int(capacity)*4), capacity
	if old.ref != 0 {
		copy(l.refs(d), l.refs(&old))
		l.free(old.ref, int(old.cap)*4)
	}
}
