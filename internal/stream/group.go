package stream

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// group is the block of a consumer group.
type group struct {
	named
	last      ID     // delivered last
	read      int64  // entries ever read; NotCounted if that is not known
	pending   tree   // all deliveries
	times     tree   // all deliveries, by time
	released  uint64 // deliveries without a consumer
	releases  uint64 // deliveries ever released: their order
	consumers names
}

// consumer is the block of a consumer.
type consumer struct {
	named
	seen    int64 // Unix milliseconds of the last command
	active  int64 // of the last that got something; NeverActive before
	pending tree  // what was delivered to it
}

const (
	groupSize    = int(unsafe.Sizeof(group{}))
	consumerSize = int(unsafe.Sizeof(consumer{}))

	// NotCounted is the number of entries read of a group of which it is not known.
	NotCounted = -1
	// NeverActive is the time at which a consumer last got something that never did.
	NeverActive = -1
)

// A Group is a handle of a consumer group.
type Group struct {
	l   Log
	ref arena.Ref
	g   *group
}

// A Consumer is a handle of a consumer.
type Consumer struct {
	l   Log
	ref arena.Ref
	c   *consumer
}

func (l Log) openGroup(ref arena.Ref) Group { return Group{l, ref, (*group)(l.a.Ptr(ref))} }

func (l Log) openConsumer(ref arena.Ref) Consumer {
	return Consumer{l, ref, (*consumer)(l.a.Ptr(ref))}
}

// Groups is the number of groups.
func (l Log) Groups() int { return int(l.h.groups.n) }

// GroupAt is group i in the order of names.
func (l Log) GroupAt(i int) Group { return l.openGroup(l.refs(&l.h.groups)[i]) }

// Group finds a group.
func (l Log) Group(name []byte) (g Group, found bool) {
	i, found := l.lookup(&l.h.groups, name)
	if !found {
		return g, false
	}
	return l.GroupAt(i), true
}

// NewGroup makes a group that has been delivered everything up to last, read
// entries in number. ok is false if there is one of that name.
func (l Log) NewGroup(name []byte, last ID, read int64) (g Group, ok bool) {
	i, found := l.lookup(&l.h.groups, name)
	if found {
		return g, false
	}
	g = l.openGroup(l.newNamed(groupSize, name))
	g.g.last, g.g.read = last, read
	l.addName(&l.h.groups, i, g.ref)
	return g, true
}

// DropGroup deletes a group with its consumers and what they have pending.
func (l Log) DropGroup(g Group) {
	i, _ := l.lookup(&l.h.groups, g.Name())
	l.dropName(&l.h.groups, i)
	for n := 1 << 30; g.drop(&n); {
	}
	l.checkIfEnabled()
}

// Name is the group's name, in the log.
func (g Group) Name() []byte { return g.g.name() }

// Last is the ID that was delivered last.
func (g Group) Last() ID { return g.g.last }

// SetLast sets what was delivered last.
func (g Group) SetLast(id ID) { g.g.last = id }

// Read is how many entries the group has read, or NotCounted.
func (g Group) Read() int64 { return g.g.read }

// SetRead sets how many entries the group has read.
func (g Group) SetRead(n int64) { g.g.read = n }

// Pending is the number of entries delivered and not acknowledged.
func (g Group) Pending() int { return int(g.g.pending.n) }

// Released is how many of them have no consumer.
func (g Group) Released() int { return int(g.g.released) }

// Consumers is the number of consumers.
func (g Group) Consumers() int { return int(g.g.consumers.n) }

// ConsumerAt is consumer i in the order of names.
func (g Group) ConsumerAt(i int) Consumer {
	return g.l.openConsumer(g.l.refs(&g.g.consumers)[i])
}

// Consumer finds a consumer.
func (g Group) Consumer(name []byte) (c Consumer, found bool) {
	i, found := g.l.lookup(&g.g.consumers, name)
	if !found {
		return c, false
	}
	return g.ConsumerAt(i), true
}

// NewConsumer makes a consumer, seen now. There is none of that name.
func (g Group) NewConsumer(name []byte, now int64) Consumer {
	i, _ := g.l.lookup(&g.g.consumers, name)
	c := g.l.openConsumer(g.l.newNamed(consumerSize, name))
	c.c.seen, c.c.active = now, NeverActive
	g.l.addName(&g.g.consumers, i, c.ref)
	return c
}

// DropConsumer deletes a consumer and what it has pending, and says how much that was.
func (g Group) DropConsumer(c Consumer) (pending int) {
	x := c.own()
	for cur := x.cursor(); cur.first(); cur = x.cursor() {
		g.Ack(cur.key().id())
		pending++
	}
	i, _ := g.l.lookup(&g.g.consumers, c.Name())
	g.l.dropName(&g.g.consumers, i)
	g.l.freeNamed(c.ref)
	g.l.checkIfEnabled()
	return pending
}

// Name is the consumer's name, in the log.
func (c Consumer) Name() []byte { return c.c.name() }

// Seen is when the consumer last did anything, in Unix milliseconds.
func (c Consumer) Seen() int64 { return c.c.seen }

// SetSeen sets when the consumer last did anything.
func (c Consumer) SetSeen(at int64) { c.c.seen = at }

// Active is when the consumer last got something, or NeverActive.
func (c Consumer) Active() int64 { return c.c.active }

// SetActive sets when the consumer last got something.
func (c Consumer) SetActive(at int64) { c.c.active = at }

// Pending is the number of entries that the consumer has pending.
func (c Consumer) Pending() int { return int(c.c.pending.n) }

// Same says whether two handles are of the same consumer.
func (c Consumer) Same(o Consumer) bool { return c.ref == o.ref }

func (c Consumer) own() index { return index{c.l, &c.c.pending, ownShape} }
