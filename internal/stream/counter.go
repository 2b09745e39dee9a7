package stream

// How far a group is, counted in entries. The log knows how many entries it
// ever had; from that follows the number of an entry as long as nothing was
// deleted between it and the end, or between the beginning and it.

// HasGaps says whether an entry was deleted from an ID on.
func (l Log) HasGaps(from ID) bool {
	gap := l.h.maxDeleted
	if l.h.length == 0 || gap.IsZero() || gap.Less(l.FirstID()) {
		return false
	}
	return !gap.Less(from)
}

// CountTo is how many entries were ever added up to an ID, or NotCounted.
func (l Log) CountTo(id ID) int64 {
	h := l.h
	switch {
	case h.added == 0:
		return 0
	case h.length == 0 && !h.last.Less(id), id == h.last:
		return int64(h.added)
	case h.last.Less(id):
		return NotCounted
	}
	first := l.FirstID()
	if h.maxDeleted.IsZero() || h.maxDeleted.Less(first) {
		if id.Less(first) {
			return int64(h.added - h.length)
		}
		if id == first {
			return int64(h.added - h.length + 1)
		}
	}
	return NotCounted
}

// Lag is how many entries the group has not read yet; ok is false if that is not known.
func (g Group) Lag() (n int64, ok bool) {
	if g.l.h.added == 0 {
		return 0, true
	}
	read := g.g.read
	if read == NotCounted || g.l.HasGaps(g.g.last) {
		read = g.l.CountTo(g.g.last)
	}
	return int64(g.l.h.added) - read, read != NotCounted
}

// Advance notes that the group was delivered the entry id, if that is new to it.
func (g Group) Advance(id ID) (isNew bool) {
	if !g.g.last.Less(id) {
		return false
	}
	if g.g.read != NotCounted && !g.l.HasGaps(id) {
		g.g.read++
	} else if g.l.h.added > 0 {
		g.g.read = g.l.CountTo(id)
	}
	g.g.last = id
	return true
}
