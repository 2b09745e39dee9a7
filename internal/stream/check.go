package stream

import (
	"bytes"
	"fmt"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
)

// checkIfEnabled checks the log after a change; the larger, the more seldom.
func (l Log) checkIfEnabled() {
	if invariants.Enabled && timeToCheck(l.h.length) {
		l.check()
	}
}

func (x *index) checkIfEnabled() {
	if invariants.Enabled && timeToCheck(x.t.n) {
		x.check()
	}
}

func timeToCheck(n uint64) bool { return n < 100 || invariants.Sometimes(int(5000/n)) }

// check panics if the log is not in order.
func (l Log) check() {
	total := int64(arena.UsableSize(headerSize)) + l.checkBlocks()
	for i := range l.Groups() {
		g := l.GroupAt(i)
		invariants.Check(i == 0 || bytes.Compare(l.GroupAt(i-1).Name(), g.Name()) < 0, "stream: groups not in order")
		total += g.checkGroup()
	}
	total += dirBytes(&l.h.groups) + l.checkProducers()
	invariants.Check(total == l.h.bytes, "stream: %d bytes counted, %d there", l.h.bytes, total)
}

func dirBytes(d *names) int64 {
	if d.ref == 0 {
		return 0
	}
	return int64(arena.UsableSize(int(d.cap) * 4))
}

func (l Log) namedBytes(ref arena.Ref) int64 {
	n := l.named(ref)
	return int64(arena.UsableSize(int(n.size + n.length)))
}

func (l Log) checkBlocks() (total int64) {
	x := l.blocks()
	total = x.check()
	c := x.cursor()
	length, top, tail := uint64(0), ID{}, arena.Ref(0)
	for ok := c.first(); ok; ok = c.next() {
		b := l.block(refAt(c.value()))
		invariants.Check(b.base == c.key().id(), "stream: block %v under %v", b.base, c.key().id())
		invariants.Check(b.live > 0 && b.used <= b.size, "stream: block %+v", *b)
		top = b.check(top)
		invariants.Check(!l.h.last.Less(top), "stream: %v after the last, %v", top, l.h.last)
		length += uint64(b.live)
		total += int64(arena.UsableSize(int(b.size)))
		tail = refAt(c.value())
	}
	invariants.Check(length == l.h.length && tail == l.h.tail, "stream: %d entries and tail %d, not %d and %d",
		length, tail, l.h.length, l.h.tail)
	return total
}

// check walks the entries both ways. All are above the ID before; it returns the last.
func (b *block) check(before ID) ID {
	live, count := uint32(0), uint32(0)
	at := uint32(blockHeader)
	for range b.names {
		_, at = stringAt(b.bytes(), at)
	}
	for at < b.used {
		e := b.entry(at)
		back := b.entryBefore(e.end)
		invariants.Check(e == back, "stream: entry %+v is %+v backwards", e, back)
		invariants.Check(before.Less(e.id), "stream: entry %v after %v", e.id, before)
		invariants.Check(e.deleted() || e.at >= b.start, "stream: entry %v before the first", e.id)
		invariants.Check(e.at != b.start || !e.deleted(), "stream: the first is deleted")
		if !e.deleted() {
			live++
		}
		count++
		before, at = e.id, e.end
	}
	invariants.Check(live == b.live && count <= b.count && at == b.used && before == b.last,
		"stream: %d of %d entries up to %v, not %d of %d up to %v", live, count, before, b.live, b.count, b.last)
	return before
}

func (g Group) checkGroup() (total int64) {
	pending, times := g.pending(), g.times()
	total = pending.check() + times.check() + dirBytes(&g.g.consumers) + g.l.namedBytes(g.ref)
	invariants.Check(g.g.pending.n == g.g.times.n, "stream: %d pending, %d by time", g.g.pending.n, g.g.times.n)
	released, owned := uint64(0), uint64(0)
	c := pending.cursor()
	for ok := c.first(); ok; ok = c.next() {
		d := (*delivery)(c.value())
		id := c.key().id()
		invariants.Check(times.find(timeKey(d.time, id)) != nil, "stream: %v is not found by time", id)
		if d.owner == 0 {
			released++
			continue
		}
		own := g.l.openConsumer(d.owner).own()
		invariants.Check(own.find(c.key()) != nil, "stream: %v is not with its consumer", id)
	}
	invariants.Check(released == g.g.released, "stream: %d released, not %d", released, g.g.released)
	for i := range g.Consumers() {
		own := g.ConsumerAt(i)
		x := own.own()
		total += x.check() + g.l.namedBytes(own.ref)
		owned += own.c.pending.n
	}
	invariants.Check(owned+released == g.g.pending.n, "stream: %d owned, %d released of %d", owned, released, g.g.pending.n)
	return total
}

func (l Log) checkProducers() (total int64) {
	if l.h.producers == 0 {
		return 0
	}
	all, n := l.producers(), int64(0)
	total = int64(arena.UsableSize(producersSize)) + dirBytes(&all.dir)
	for _, ref := range l.refs(&all.dir) {
		p := l.producer(ref)
		x := l.byHash(p)
		total += l.namedBytes(ref) + x.check()
		queued := int64(0)
		for at := p.first; at != 0; at = l.message(at).next {
			invariants.Check(l.findMessage(p, l.message(at).name()) == l.message(at), "stream: a name is not found")
			total += l.namedBytes(at)
			queued++
		}
		invariants.Check(queued == p.n && p.byHash.n == uint64(p.n), "stream: %d names, not %d", queued, p.n)
		n += queued
	}
	invariants.Check(n == all.names, "stream: %d names, not %d", n, all.names)
	return total
}

// check panics if the tree is not in order and returns what its blocks take.
func (x *index) check() (total int64) {
	if x.t.root == 0 {
		invariants.Check(x.t.n == 0 && x.t.depth == 0, "stream: an empty tree of %d keys", x.t.n)
		return 0
	}
	n, total := x.checkNode(x.t.root, int(x.t.depth), nil, nil)
	invariants.Check(n == x.t.n, "stream: a tree of %d keys has %d", x.t.n, n)
	return total
}

func (x *index) checkNode(ref arena.Ref, depth int, from, to *key) (n uint64, total int64) {
	nd := x.node(ref)
	total = int64(arena.UsableSize(x.nodeSize(nd.inner, int(nd.cap))))
	invariants.Check(nd.inner == (depth > 0) && nd.n > 0 && nd.n <= nd.cap && int(nd.cap) <= x.maxCap(nd.inner),
		"stream: node %+v at depth %d", *nd, depth)
	for i := range int(nd.n) {
		k := x.key(nd, i)
		if !nd.inner || i > 0 {
			prev := from
			if i > 1 || i == 1 && !nd.inner {
				p := x.key(nd, i-1)
				invariants.Check(p.less(&k), "stream: keys %v, %v", p, k)
			}
			invariants.Check(prev == nil || !k.less(prev), "stream: key %v below %v", k, prev)
			invariants.Check(to == nil || k.less(to), "stream: key %v not below %v", k, to)
		}
		if !nd.inner {
			n++
			continue
		}
		low, high := from, to
		if i > 0 {
			low = &k
		}
		if i+1 < int(nd.n) {
			next := x.key(nd, i+1)
			high = &next
		}
		m, size := x.checkNode(x.child(nd, i), depth-1, low, high)
		n += m
		total += size
	}
	return n, total
}

// String is for the reader of a failed test.
func (l Log) String() string {
	return fmt.Sprintf("%d entries in %d blocks, %d groups, up to %v", l.Len(), l.Blocks(), l.Groups(), l.LastID())
}
