package value

import (
	"errors"
	"fmt"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/bptree"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/table"
)

// The root of a sorted set is a block with the root of a table, which finds
// elements by member, and that of a tree, which has them in order. The table's
// count of bytes covers the root and the elements.

const (
	zTreeAt   = table.RootSize
	zRootSize = table.RootSize + bptree.RootSize
)

// zroot is an opened root. It is a value, good while nobody else changes the set.
type zroot struct {
	arena *arena.Arena
	ref   arena.Ref
	table table.Root
	tree  bptree.Tree
}

func newZRoot(a *arena.Arena) zroot {
	ref, t := table.NewRoot(a, zRootSize, zHash)
	return zroot{a, ref, t, openZTree(a, ref)}
}

// open makes r the root at ref.
func (r *zroot) open(a *arena.Arena, ref arena.Ref) {
	r.arena, r.ref = a, ref
	r.table.Open(a, ref, zHash)
	r.tree = openZTree(a, ref)
}

func openZTree(a *arena.Arena, ref arena.Ref) bptree.Tree {
	return bptree.Open(a, ref+arena.Ref(zTreeAt/8), zOrder{})
}

func (r *zroot) bytes() int64 { return r.table.Bytes() + r.tree.Bytes() }

// find returns the element of a member, 0 if there is none, and a Probe that stands on it.
func (r *zroot) find(hash uint64, member []byte) (arena.Ref, table.Probe) {
	var p table.Probe
	r.table.Start(&p, hash)
	for ref := p.Next(); ref != 0; ref = p.Next() {
		if string(zMember(r.arena, ref)) == string(member) {
			return ref, p
		}
	}
	return 0, p
}

// make makes an element that is neither in the table nor in the tree.
func (r *zroot) make(member []byte, score float64) arena.Ref {
	r.table.Account(int64(arena.UsableSize(zElementSize(len(member)))))
	return newZElement(r.arena, member, score)
}

// free frees an element that is neither in the table nor in the tree.
func (r *zroot) free(ref arena.Ref) {
	n := zElementSize(len(zMember(r.arena, ref)))
	r.table.Account(-int64(arena.UsableSize(n)))
	r.arena.Free(ref, n, arena.Element)
}

func (r *zroot) add(hash uint64, member []byte, score float64) {
	ref := r.make(member, score)
	r.table.Insert(hash, ref)
	r.tree.Insert(ref)
	r.check()
}

// move gives an element another score.
func (r *zroot) move(ref arena.Ref, score float64) {
	kept := r.tree.Rekey(ref, scoreKey(score))
	setZScore(r.arena.Bytes(ref, scoreSize), score)
	if !kept {
		r.tree.Insert(ref)
	}
	r.check()
}

// remove removes the element that p stands on.
func (r *zroot) remove(ref arena.Ref, p *table.Probe) {
	r.tree.Delete(ref)
	r.table.Remove(p)
	r.free(ref)
	r.check()
}

// removeRange removes n elements from a rank on.
func (r *zroot) removeRange(rank, n int) {
	r.tree.DeleteRange(rank, n, func(ref arena.Ref) {
		var p table.Probe
		r.table.Start(&p, zHash(r.arena, ref))
		for p.Next() != ref {
		}
		r.table.Remove(&p)
		r.free(ref)
	})
	r.check()
}

// check panics in the invariants build if root is not sound. Large sets are
// not looked at each time.
func (r *zroot) check() {
	const small = 60
	if invariants.Enabled && (r.tree.Len() < small || r.tree.Len()%1000 == 0) {
		err := r.checkInvariants()
		invariants.Check(err == nil, "value: sorted set: %v", err)
	}
}

func (r *zroot) checkInvariants() error {
	if err := errors.Join(r.tree.CheckInvariants(), r.table.CheckInvariants()); err != nil {
		return err
	}
	if r.table.Len() != r.tree.Len() {
		return fmt.Errorf("%d elements in the table, %d in the tree", r.table.Len(), r.tree.Len())
	}
	bytes := int64(0)
	for it := r.tree.At(0); it.Ref() != 0; it.Next() {
		member := zMember(r.arena, it.Ref())
		bytes += int64(arena.UsableSize(zElementSize(len(member))))
		if ref, _ := r.find(hashOf(member), member); ref != it.Ref() {
			return fmt.Errorf("the table has element %d for %q, not %d", ref, member, it.Ref())
		}
	}
	if own := r.table.Bytes() - bytes; own < 0 || own > int64(64+zRootSize)+16*int64(r.table.Slots()) {
		return fmt.Errorf("%d bytes, of which %d of elements", r.table.Bytes(), bytes)
	}
	return nil
}

// What is done with any root: see kind.

func zRootBytes(a *arena.Arena, ref arena.Ref) int64 {
	return table.RootBytes(a, ref) + openZTree(a, ref).Bytes()
}

func zRootClone(a *arena.Arena, ref arena.Ref, to *arena.Arena) arena.Ref {
	from, b := openZTree(a, ref), ZBuilder{root: newZRoot(to)}
	for it := from.At(0); it.Ref() != 0; it.Next() {
		member, score := zMember(a, it.Ref()), zScore(a, it.Ref())
		b.root.tree.AppendKey(scoreKey(score), b.root.make(member, score))
	}
	b.index()
	return b.root.ref
}

func zRootReclaim(a *arena.Arena, ref arena.Ref, budget int) (more bool) {
	var r zroot
	r.open(a, ref)
	freed := 0
	for freed < budget && r.tree.Dismantle(func(ref arena.Ref) { r.free(ref); freed++ }) {
	}
	for freed < budget && r.tree.Len() == 0 {
		if freed++; !r.table.TakeSegment(func(arena.Ref) {}) {
			r.table.FreeRoot(ref, zRootSize)
			return false
		}
	}
	return true
}
