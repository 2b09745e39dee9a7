package stream

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// Bytes is what the log's blocks take.
func (l Log) Bytes() int64 { return l.h.bytes }

// Clone makes a copy in an arena, which may be the same.
func (l Log) Clone(to *arena.Arena) Log {
	c := New(to)
	bytes := c.h.bytes
	*c.h = *l.h
	c.h.bytes, c.h.groups, c.h.tail, c.h.producers = bytes, names{}, 0, 0
	from, into := l.blocks(), c.blocks()
	from.copyTo(&into, func(v unsafe.Pointer) {
		ref := (*arena.Ref)(v)
		b := l.block(*ref)
		*ref = c.alloc(int(b.size))
		copy(to.Bytes(*ref, int(b.used)), b.bytes())
	})
	if last := into.cursor(); last.last() {
		c.h.tail = refAt(last.value())
	}
	for i := range l.Groups() {
		l.GroupAt(i).copyTo(c)
	}
	l.copyProducers(c)
	c.checkIfEnabled()
	return c
}

// copyTo makes a copy of the group in another log, which has none of that name.
func (g Group) copyTo(to Log) {
	ref := to.newNamed(groupSize, g.Name())
	c := to.openGroup(ref)
	*c.g = *g.g
	c.g.consumers = names{}
	owners := map[arena.Ref]arena.Ref{0: 0}
	for i := range g.Consumers() {
		from := g.ConsumerAt(i)
		at := to.newNamed(consumerSize, from.Name())
		owners[from.ref] = at
		into := to.openConsumer(at)
		into.c.seen, into.c.active = from.c.seen, from.c.active
		own, copied := from.own(), into.own()
		own.copyTo(&copied, nil)
		to.addName(&c.g.consumers, i, at)
	}
	pending, copied := g.pending(), c.pending()
	pending.copyTo(&copied, func(v unsafe.Pointer) {
		d := (*delivery)(v)
		d.owner = owners[d.owner]
	})
	times, copied := g.times(), c.times()
	times.copyTo(&copied, nil)
	to.addName(&to.h.groups, to.Groups(), ref)
}

// Reclaim frees about budget blocks of a log that nothing names any more, at
// last its root, and says whether any are left.
func (l Log) Reclaim(budget int) (more bool) {
	blocks := l.blocks()
	drop := func(v unsafe.Pointer) {
		ref := refAt(v)
		l.free(ref, int(l.block(ref).size))
		budget--
	}
	for budget > 0 && blocks.dropLeaf(drop) {
		budget--
	}
	for budget > 0 && l.Groups() > 0 {
		last := l.Groups() - 1
		if g := l.GroupAt(last); !g.drop(&budget) {
			l.dropName(&l.h.groups, last)
		}
	}
	for budget > 0 && l.h.producers != 0 && l.dropProducer(&budget) {
	}
	if budget <= 0 {
		return true
	}
	if l.h.producers != 0 {
		l.free(l.h.producers, producersSize)
	}
	l.a.Free(l.root, headerSize, arena.Element)
	return false
}

// drop frees up to budget blocks of a group and says whether any are left. The
// directory still has the group.
func (g Group) drop(budget *int) (more bool) {
	trees := [2]index{g.pending(), g.times()}
	for i := range trees {
		for ; *budget > 0 && trees[i].dropLeaf(nil); *budget-- {
		}
	}
	for *budget > 0 && g.Consumers() > 0 {
		last := g.Consumers() - 1
		c := g.ConsumerAt(last)
		own := c.own()
		if own.dropLeaf(nil) {
			*budget--
			continue
		}
		g.l.dropName(&g.g.consumers, last)
		g.l.freeNamed(c.ref)
		*budget--
	}
	if *budget <= 0 {
		return true
	}
	g.l.freeNamed(g.ref)
	return false
}
