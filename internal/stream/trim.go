package stream

// Refs says what happens to the groups' pending entries when entries are taken
// out of the log, or which entries may be.
type Refs uint8

// The policies.
const (
	KeepRefs   Refs = iota // they stay
	DeleteRefs             // they go, too
	OnlyAcked              // an entry goes only if every group has read it and nobody has it pending
)

// A Trim says which entries go: those that are too many, or those before MinID.
type Trim struct {
	ByID   bool
	MaxLen uint64
	MinID  ID
	Approx bool   // only whole blocks
	Limit  uint64 // for Approx: at most that many; 0: any number
	Refs   Refs
}

// Trim takes entries out at the start of the log and says how many.
func (l Log) Trim(t Trim) (deleted int) {
	if t.Refs != KeepRefs && l.Groups() > 0 {
		deleted = l.trimChecked(t)
	} else {
		deleted = l.trimPlain(t)
	}
	l.checkIfEnabled()
	return deleted
}

// done says whether nothing more is to go, if e.id is first.
func (l Log) done(t *Trim, first ID) bool {
	if t.ByID {
		return !first.Less(t.MinID)
	}
	return l.h.length <= t.MaxLen
}

// wholeBlock says whether all of a block may go.
func (l Log) wholeBlock(t *Trim, b *block) bool {
	if t.ByID {
		return b.last.Less(t.MinID)
	}
	return l.h.length-uint64(b.live) >= t.MaxLen
}

func (l Log) trimPlain(t Trim) (deleted int) {
	x := l.blocks()
	for c := x.cursor(); c.first() && (t.ByID || l.h.length > t.MaxLen); {
		b := l.block(refAt(c.value()))
		if t.Limit > 0 && uint64(deleted)+uint64(b.live) > t.Limit {
			break
		}
		if l.wholeBlock(&t, b) {
			deleted += int(b.live)
			l.h.length -= uint64(b.live)
			l.dropBlock(b)
			continue
		}
		if !t.Approx {
			deleted += l.trimBlock(&t, b)
		}
		break
	}
	return deleted
}

// trimBlock takes out entries at the start of a block of which some stay.
func (l Log) trimBlock(t *Trim, b *block) (deleted int) {
	for left := b.live; left > 0; left-- {
		e := b.entry(b.start)
		if l.done(t, e.id) {
			break
		}
		l.remove(b, e)
		deleted++
	}
	return deleted
}

// trimChecked is for the policies that look at every entry.
func (l Log) trimChecked(t Trim) (deleted int) {
	gone := ID{} // up to here all was looked at
	for {
		it := l.Range(gone, MaxID)
		if !it.Next() || l.done(&t, it.ID()) {
			return deleted
		}
		b := it.b
		if t.Approx && (!l.wholeBlock(&t, b) || t.Limit > 0 && uint64(deleted)+uint64(b.live) > t.Limit) {
			return deleted
		}
		last := b.last
		n, all := l.trimEntries(&t, &it)
		deleted += n
		var ok bool
		if gone, ok = last.Next(); !ok || all {
			return deleted
		}
	}
}

// trimEntries takes out what may go of the block that it stands on the first
// entry of. all says that the trim is done.
func (l Log) trimEntries(t *Trim, it *Iter) (deleted int, all bool) {
	b := it.b
	for e := it.e; ; e = b.entry(e.end) {
		if l.done(t, e.id) {
			return deleted, true
		}
		end, live := e.end, b.live
		if !e.deleted() && l.release(e.id, t.Refs) {
			if l.FirstID() != e.id && l.h.maxDeleted.Less(e.id) {
				l.h.maxDeleted = e.id // it leaves a gap
			}
			l.remove(b, e)
			deleted++
			if live == 1 {
				return deleted, false
			}
		}
		if end >= b.used {
			return deleted, false
		}
	}
}

// release says whether the groups let an entry go, and takes it from their
// pending ones if it does and the policy is that.
func (l Log) release(id ID, refs Refs) bool {
	switch refs {
	case DeleteRefs:
		l.dropRefs(id)
	case OnlyAcked:
		return l.acked(id)
	}
	return true
}

// DeleteWith is Delete under a policy. found says whether there is such an
// entry; it is deleted unless the policy is OnlyAcked and forbids it.
func (l Log) DeleteWith(id ID, refs Refs) (found, deleted bool) {
	if !l.Has(id) {
		if refs == DeleteRefs {
			l.dropRefs(id)
		}
		return false, false
	}
	if !l.release(id, refs) {
		return true, false
	}
	return true, l.Delete(id)
}

// dropRefs acknowledges an entry in every group.
func (l Log) dropRefs(id ID) {
	for i := range l.Groups() {
		l.GroupAt(i).Ack(id)
	}
}

// acked says whether every group has read an entry, and none has it pending.
func (l Log) acked(id ID) bool {
	for i := range l.Groups() {
		g := l.GroupAt(i)
		if g.Last().Less(id) || g.isPending(id) {
			return false
		}
	}
	return true
}
