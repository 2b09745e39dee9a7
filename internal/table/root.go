package table

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// root is all the state of a collection's table. It is in the arena.
type root struct {
	tally
	first segment   // the directory, while it has one entry
	dir   arena.Ref // the block of the directory, when it has more
	depth uint32    // of the directory
}

// RootSize is how many bytes a root takes at the start of the block it is in.
const RootSize = int(unsafe.Sizeof(root{}))

// A Root is a table whose state is in arena memory: nothing of it is left in
// Go when its Root, a small value, is forgotten. Only one Root of a table may be
// in use at a time. It shrinks by itself.
type Root struct{ core }

// NewRoot makes an empty table for records that hash knows. Its root is at the start of a block of size
// bytes, at least RootSize: the rest is the owner's, and zero. Bytes counts the block.
func NewRoot(a *arena.Arena, size int, hash Hash) (ref arena.Ref, t Root) {
	ref = a.Alloc(size, arena.Element)
	clear(a.Bytes(ref, size))
	t.Open(a, ref, hash)
	t.Account(int64(arena.UsableSize(size)))
	return ref, t
}

// Open makes t the table whose root is at ref. hash must be what the table was made with. It is filled
// in place, field by field: processors stumble when a struct is copied right after it was made.
func (t *Root) Open(a *arena.Arena, ref arena.Ref, hash Hash) {
	r := (*root)(a.Ptr(ref))
	t.arena, t.hash, t.purpose, t.tally, t.root = a, hash, arena.Element, &r.tally, r
	if r.dir == 0 {
		t.dir.shift, t.dir.segments, t.dir.ref = 64, unsafe.Slice(&r.first, 1), 0
		return
	}
	t.dir.shift, t.dir.ref = 64-uint(r.depth), r.dir
	t.dir.segments = unsafe.Slice((*segment)(a.Ptr(r.dir)), 1<<r.depth)
}

// RootBytes is Bytes of the table whose root is at ref.
func RootBytes(a *arena.Arena, ref arena.Ref) int64 { return (*root)(a.Ptr(ref)).bytes }

// FreeRoot frees the block of a table without records, made by NewRoot with the same size.
func (t *Root) FreeRoot(ref arena.Ref, size int) {
	for t.TakeSegment(func(arena.Ref) {}) {
	}
	t.arena.Free(ref, size, arena.Element)
}

// Remove takes the record that p found last out of the table, and now and then gives memory back.
func (t *Root) Remove(p *Probe) {
	t.core.Remove(p)
	if t.tally.count*4 < t.tally.slots {
		t.Shrink(1)
	}
}

// Prefetch asks for the bucket that a search for hash looks at first.
func (t *Root) Prefetch(hash uint64) { prefetchIn(t.arena, &t.dir, hash) }

// Candidate returns the record that a search for hash looks at first, or 0.
func (t *Root) Candidate(hash uint64) arena.Ref { return candidateIn(t.arena, &t.dir, hash) }

// CopyTo makes an empty table, in any arena, a copy of t. copied returns a record's copy there.
func (t *Root) CopyTo(to *Root, copied func(arena.Ref) arena.Ref) {
	to.dropDirectory()
	to.useDirectory(to.newDirectory(t.dir.shift))
	for i := uint64(0); i < uint64(len(t.dir.segments)); i += t.dir.width(t.dir.segments[i]) {
		if seg := t.dir.segments[i]; seg != 0 {
			to.dir.set(i, t.copySegment(seg, to, copied))
		}
	}
	to.tally.count = t.tally.count
}

func (t *Root) copySegment(seg segment, to *Root, copied func(arena.Ref) arena.Ref) segment {
	t.prefetchRecords(seg)
	made := to.newSegment(seg.buckets(), int(seg.depth()))
	for i := range seg.buckets() {
		b := bucketAt(to.arena, made.ref(), i)
		*b = *bucketAt(t.arena, seg.ref(), i)
		for slot, ref := range b.refs {
			if ref != 0 {
				b.refs[slot] = copied(ref)
			}
		}
	}
	return made
}

// newDirectory returns room for a directory that is not yet in use.
func (t *core) newDirectory(shift uint) directory {
	n := 1 << (64 - shift)
	switch {
	case t.root == nil:
		return directory{shift: shift, segments: make([]segment, n)}
	case n == 1:
		return directory{shift: shift, segments: unsafe.Slice(&t.root.first, 1)}
	}
	ref := t.alloc(n * 8)
	return directory{shift: shift, segments: unsafe.Slice((*segment)(t.arena.Ptr(ref)), n), ref: ref}
}

// useDirectory replaces the directory.
func (t *core) useDirectory(d directory) {
	old := t.dir
	t.dir = d
	if t.root == nil {
		shared := d
		t.published.Store(&shared)
		return
	}
	if old.ref != 0 {
		t.free(old.ref, len(old.segments)*8)
	}
	t.root.dir, t.root.depth = d.ref, uint32(64-d.shift)
}

// dropDirectory makes the directory that of an empty table.
func (t *core) dropDirectory() {
	d := t.newDirectory(64)
	d.segments[0] = 0 // before others can see it
	t.useDirectory(d)
	t.tally.sweep = 0
}

func (t *core) alloc(size int) arena.Ref {
	t.tally.bytes += int64(arena.UsableSize(size))
	return t.arena.Alloc(size, t.purpose)
}

func (t *core) free(ref arena.Ref, size int) {
	t.tally.bytes -= int64(arena.UsableSize(size))
	t.arena.Free(ref, size, t.purpose)
}
