package value

import (
	"encoding/binary"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/bptree"
	"github.com/redstart-db/redstart/internal/table"
)

// The root of a large hash is a block with the root of a table, which finds
// fields by name, that of a tree, which has those that expire in order, when the
// first of them expires (8 bytes) and the ref of the hash's timer (4 bytes). The
// table's count of bytes covers the root and the fields.

const (
	hTreeAt     = table.RootSize
	hEarliestAt = hTreeAt + bptree.RootSize
	hTimerAt    = hEarliestAt + 8
	hRootSize   = hTimerAt + 4
)

// hroot is an opened root. It is a value, good while nobody else changes the hash.
type hroot struct {
	arena *arena.Arena
	ref   arena.Ref
	table table.Root
}

func newHRoot(a *arena.Arena) hroot {
	ref, t := table.NewRoot(a, hRootSize, hashField)
	return hroot{a, ref, t}
}

// open makes r the root at ref.
func (r *hroot) open(a *arena.Arena, ref arena.Ref) {
	r.arena, r.ref = a, ref
	r.table.Open(a, ref, hashField)
}

func (r *hroot) tree() bptree.Tree { return hTree(r.arena, r.ref) }

func hTree(a *arena.Arena, root arena.Ref) bptree.Tree {
	return bptree.Open(a, root+arena.Ref(hTreeAt/8), fieldOrder{})
}

func hEarliest(a *arena.Arena, root arena.Ref) int64 {
	return int64(binary.LittleEndian.Uint64(a.Bytes(root, hRootSize)[hEarliestAt:]))
}

// noteEarliest keeps when the first field expires; 0 if none does.
func (r *hroot) noteEarliest() {
	first := int64(0)
	it := r.tree().At(0)
	if ref := it.Ref(); ref != 0 {
		f := fieldAt(r.arena, ref)
		first = f.expireAt()
	}
	binary.LittleEndian.PutUint64(r.arena.Bytes(r.ref, hRootSize)[hEarliestAt:], uint64(first))
}

func hTimer(a *arena.Arena, root arena.Ref) []byte { return a.Bytes(root, hRootSize)[hTimerAt:] }

// find returns the block of a field, 0 if there is none, and a Probe that stands on it.
func (r *hroot) find(hash uint64, field []byte) (arena.Ref, table.Probe) {
	var p table.Probe
	r.table.Start(&p, hash)
	for ref := p.Next(); ref != 0; ref = p.Next() {
		f := fieldAt(r.arena, ref)
		if string(f.field()) == string(field) {
			return ref, p
		}
	}
	return 0, p
}

// alloc makes a block for a field.
func (r *hroot) alloc(field, value []byte, at int64) arena.Ref {
	n := fieldSize(len(field), len(value), at != 0)
	ref := r.arena.Alloc(n, arena.Element)
	r.table.Account(int64(arena.UsableSize(n)))
	putField(r.arena, ref, field, value, at)
	return ref
}

func (r *hroot) free(ref arena.Ref) {
	f := fieldAt(r.arena, ref)
	n := f.size()
	r.table.Account(-int64(arena.UsableSize(n)))
	r.arena.Free(ref, n, arena.Element)
}

// add adds a field that is not in the hash.
func (r *hroot) add(hash uint64, field, value []byte, at int64) {
	ref := r.alloc(field, value, at)
	r.table.Insert(hash, ref)
	if at != 0 {
		r.tree().Insert(ref)
		r.noteEarliest()
	}
}

// replace gives the field that p stands on another value and expiry. value may
// be the field's own.
func (r *hroot) replace(p *table.Probe, value []byte, at int64) {
	ref := p.Slot().Ref()
	f := fieldAt(r.arena, ref)
	was := f.expireAt()
	if was == at && r.overwrite(ref, &f, value) {
		return
	}
	if was != 0 {
		r.tree().Delete(ref)
	}
	to := r.alloc(f.field(), value, at)
	p.Slot().Set(to)
	r.free(ref)
	if at != 0 {
		r.tree().Insert(to)
	}
	if at != was {
		r.noteEarliest()
	}
}

// overwrite puts another value into a field's block, if its length leaves the
// head and the size of the block as they are.
func (r *hroot) overwrite(ref arena.Ref, f *fieldBlock, value []byte) bool {
	if len(value) == f.length {
		copy(f.value(), value)
		return true
	}
	n := fieldSize(f.name, len(value), f.timed)
	if varintSize(len(value)) != varintSize(f.length) || !arena.SameBlock(n, f.size()) {
		return false
	}
	b := r.arena.Bytes(ref, n)
	binary.PutUvarint(b[varintSize(f.name<<1):], uint64(len(value)))
	copy(b[f.fieldOffset()+f.name:], value)
	return true
}

// setExpiry changes when a field expires: from a time or never to a time or never.
func (r *hroot) setExpiry(p *table.Probe, at int64) {
	ref := p.Slot().Ref()
	f := fieldAt(r.arena, ref)
	if !f.timed || at == 0 {
		r.replace(p, f.value(), at)
		return
	}
	if r.tree().Rekey(ref, uint64(at)) {
		f.setExpireAt(at)
	} else {
		f.setExpireAt(at)
		r.tree().Insert(ref)
	}
	r.noteEarliest()
}

// remove removes the field that p stands on.
func (r *hroot) remove(p *table.Probe) {
	ref := p.Slot().Ref()
	f := fieldAt(r.arena, ref)
	if f.timed {
		r.tree().Delete(ref)
		r.noteEarliest()
	}
	r.table.Remove(p)
	r.free(ref)
}

func hBytes(a *arena.Arena, root arena.Ref) int64 {
	return table.RootBytes(a, root) + hTree(a, root).Bytes()
}

// hClone copies a hash, but for its timer.
func hClone(a *arena.Arena, root arena.Ref, to *arena.Arena) arena.Ref {
	var from hroot
	from.open(a, root)
	c := newHRoot(to)
	tree := c.tree()
	from.table.CopyTo(&c.table, func(ref arena.Ref) arena.Ref {
		f := fieldAt(a, ref)
		made := c.alloc(f.field(), f.value(), f.expireAt())
		if f.timed {
			tree.Insert(made)
		}
		return made
	})
	c.noteEarliest()
	return c.ref
}

func hReclaim(a *arena.Arena, root arena.Ref, budget int) (more bool) {
	tree := hTree(a, root)
	for ; budget > 0; budget-- {
		if !tree.Dismantle(func(arena.Ref) {}) {
			break
		}
	}
	var r hroot
	r.open(a, root)
	for budget > 0 {
		more := r.table.TakeSegment(func(ref arena.Ref) {
			r.free(ref)
			budget--
		})
		if !more {
			r.table.FreeRoot(root, hRootSize)
			return false
		}
	}
	return true
}
