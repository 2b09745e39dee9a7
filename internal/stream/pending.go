package stream

import (
	"math"

	"github.com/redstart-db/redstart/internal/arena"
)

// delivery is what a group knows of an entry that it has pending.
type delivery struct {
	time  int64 // Unix milliseconds; of a released one: its order among these, from the least integer on
	count int64
	owner arena.Ref // the consumer; 0: released
	_     uint32
}

// A Delivery is an entry that was delivered and not acknowledged.
type Delivery struct {
	ID    ID
	Time  int64 // Unix milliseconds of the last delivery; 0 of a released one
	Count int64 // how often it was delivered
	owner arena.Ref
	l     Log
}

// Owner is the consumer that it was delivered to; ok is false if it was released.
func (d *Delivery) Owner() (c Consumer, ok bool) {
	if d.owner == 0 {
		return c, false
	}
	return d.l.openConsumer(d.owner), true
}

// OwnedBy says whether it was delivered to c.
func (d *Delivery) OwnedBy(c Consumer) bool { return d.owner == c.ref }

// Idle is the time since the last delivery. The one of a released entry is without end.
func (d *Delivery) Idle(now int64) int64 {
	if d.owner == 0 {
		return math.MaxInt64
	}
	return now - d.Time
}

func (g Group) pending() index { return index{g.l, &g.g.pending, groupShape} }

func (g Group) times() index { return index{g.l, &g.g.times, timeShape} }

// timeKey orders deliveries by time: the sign bit is turned, so that words compare as integers.
func timeKey(time int64, id ID) key { return key{uint64(time) ^ 1<<63, id.MS, id.Seq} }

func (g Group) read(id ID, d *delivery) Delivery {
	out := Delivery{ID: id, Time: d.time, Count: d.count, owner: d.owner, l: g.l}
	if d.owner == 0 {
		out.Time = 0
	}
	return out
}

func (g Group) find(id ID) *delivery {
	x := g.pending()
	return (*delivery)(x.find(idKey(id)))
}

func (g Group) isPending(id ID) bool { return g.find(id) != nil }

// Delivery finds what is known of a pending entry.
func (g Group) Delivery(id ID) (d Delivery, found bool) {
	p := g.find(id)
	if p == nil {
		return d, false
	}
	return g.read(id, p), true
}

// Deliver notes that an entry was delivered to c, whoever had it before.
func (g Group) Deliver(id ID, c Consumer, time, count int64) {
	g.set(id, delivery{time: time, count: count, owner: c.ref})
	g.l.checkIfEnabled()
}

// Release takes a pending entry from its consumer, or makes it one that has
// none. It comes after those that were released before.
func (g Group) Release(id ID, count int64) {
	g.set(id, delivery{time: math.MinInt64 + int64(g.g.releases), count: count})
	g.g.releases++
	g.l.checkIfEnabled()
}

// set makes d the delivery of an entry.
func (g Group) set(id ID, d delivery) {
	x := g.pending()
	p, isNew := x.insert(idKey(id))
	at := (*delivery)(p)
	old := delivery{}
	if !isNew {
		old = *at
		if old.owner != d.owner {
			g.leave(id, old.owner)
		}
	}
	*at = d
	t := g.times()
	if !isNew && old.time != d.time {
		t.remove(timeKey(old.time, id))
	}
	if isNew || old.time != d.time {
		t.insert(timeKey(d.time, id))
	}
	if isNew || old.owner != d.owner {
		g.enter(id, d.owner)
	}
}

// enter and leave keep what belongs to a consumer, or to none.

func (g Group) enter(id ID, owner arena.Ref) {
	if owner == 0 {
		g.g.released++
		return
	}
	own := g.l.openConsumer(owner).own()
	own.insert(idKey(id))
}

func (g Group) leave(id ID, owner arena.Ref) {
	if owner == 0 {
		g.g.released--
		return
	}
	own := g.l.openConsumer(owner).own()
	own.remove(idKey(id))
}

// Ack takes an entry from those pending and says whether it was among them.
func (g Group) Ack(id ID) bool {
	p := g.find(id)
	if p == nil {
		return false
	}
	d := *p
	g.leave(id, d.owner)
	x, t := g.pending(), g.times()
	x.remove(idKey(id))
	t.remove(timeKey(d.time, id))
	return true
}

// Touch notes another delivery to the consumer that has the entry.
func (g Group) Touch(id ID, time int64) {
	p := g.find(id)
	t := g.times()
	if p.time != time {
		t.remove(timeKey(p.time, id))
		t.insert(timeKey(time, id))
	}
	p.time = time
	p.count++
	g.l.checkIfEnabled()
}

// A PendingIter goes over pending entries in the order of IDs.
type PendingIter struct {
	g  Group
	c  cursor
	on bool
}

// PendingFrom starts an iteration over what the group has pending, from an ID on.
func (g Group) PendingFrom(from ID) PendingIter {
	x := g.pending()
	it := PendingIter{g: g, c: x.cursor()}
	it.on = it.c.seek(idKey(from))
	return it
}

// OwnFrom is PendingFrom of what c, a consumer of the group, has pending.
func (g Group) OwnFrom(c Consumer, from ID) PendingIter {
	x := c.own()
	it := PendingIter{g: g, c: x.cursor()}
	it.on = it.c.seek(idKey(from))
	return it
}

// Next returns the next one, if there is one. What it returned may be changed
// but not acknowledged before the call after that.
func (it *PendingIter) Next() (d Delivery, ok bool) {
	if !it.on {
		return d, false
	}
	id := it.c.key().id()
	p := (*delivery)(nil)
	if it.c.sh.value > 0 {
		p = (*delivery)(it.c.value())
	} else {
		p = it.g.find(id)
	}
	it.on = it.c.next()
	return it.g.read(id, p), true
}

// Last is the greatest ID that the group has pending; there is one.
func (g Group) LastPending() ID {
	x := g.pending()
	c := x.cursor()
	c.last()
	return c.key().id()
}

// A TimeIter goes over pending entries in the order of time: released ones first,
// in the order in which they were, then who waits longest.
type TimeIter struct {
	g  Group
	c  cursor
	on bool
}

// Oldest starts an iteration over what the group has pending.
func (g Group) Oldest() TimeIter {
	x := g.times()
	it := TimeIter{g: g, c: x.cursor()}
	it.on = it.c.first()
	return it
}

// Next returns the next one, if there is one. The group must not change before the call after that.
func (it *TimeIter) Next() (d Delivery, ok bool) {
	if !it.on {
		return d, false
	}
	k := it.c.key()
	it.on = it.c.next()
	return it.g.Delivery(ID{k[1], k[2]})
}
