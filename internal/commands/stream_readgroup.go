package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/stream"
	"github.com/redstart-db/redstart/internal/value"
)

// editGroups is Edit for what changes consumer groups, and no entry.
func editGroups(c *cmdspec.Ctx, s *value.Stream) stream.Log {
	c.Tx.Aside()
	return s.Edit()
}

// consumerOf opens a consumer, a new one if there is none, which is an event.
func consumerOf(c *cmdspec.Ctx, k keyspace.Key, s *value.Stream, g stream.Group, name []byte) (_ stream.Consumer, isNew bool) {
	if consumer, found := seenConsumer(c, g, name); found {
		return consumer, false
	}
	editGroups(c, s)
	consumer := g.NewConsumer(name, c.Tx.Now())
	c.Tx.Notify(keyspace.ClassStream, "xgroup-createconsumer", k)
	return consumer, true
}

// seenConsumer finds a consumer and notes that it was seen. That is no part of
// the value: nobody is told.
func seenConsumer(c *cmdspec.Ctx, g stream.Group, name []byte) (consumer stream.Consumer, found bool) {
	if consumer, found = g.Consumer(name); found {
		consumer.SetSeen(c.Tx.Now())
	}
	return consumer, found
}

// A groupRead is what XREADGROUP does with one stream.
type groupRead struct {
	*streamRead
	k        keyspace.Key
	s        *value.Stream
	g        stream.Group
	consumer stream.Consumer
}

// serveGroup is serve for XREADGROUP.
func (r *streamRead) serveGroup(k keyspace.Key, f readFrom) bool {
	s, _, _ := readStream(r.c, k)
	g, _ := s.Log().Group(r.group)
	gr := groupRead{streamRead: r, k: k, s: &s, g: g}
	defer r.c.Tx.Unannounced(k)
	if f.kind == readAfter {
		gr.open()
		return r.list(k, true, func() { gr.history(f.after) })
	}
	idle := gr.idle()
	if len(idle) == 0 && !g.Last().Less(s.Log().TopID()) {
		seenConsumer(r.c, g, r.consumer)
		return false
	}
	gr.open()
	return r.list(k, false, func() { gr.deliver(idle) })
}

// open makes the consumer known to the group.
func (r *groupRead) open() {
	isNew := false
	r.consumer, isNew = consumerOf(r.c, r.k, r.s, r.g, r.streamRead.consumer)
	if isNew && r.noAck && r.c.Tx.Journalled() {
		r.c.Tx.Effect(wordXGroup, wordCreateConsumer, r.k.Name, r.group, r.streamRead.consumer)
	}
}

// history writes what the consumer has pending behind an ID, and counts it as
// delivered once more.
func (r *groupRead) history(after stream.ID) {
	from, ok := after.Next()
	if !ok {
		from = after
	}
	l, now := r.s.Log(), r.c.Tx.Now()
	it := r.g.OwnFrom(r.consumer, from)
	for n := int64(0); r.count == 0 || n < r.count; n++ {
		d, ok := it.Next()
		if !ok {
			return
		}
		at := r.mark()
		there := writeEntryAt(r.c.Reply, l, d.ID)
		if !there {
			r.c.Reply.Array(2)
			writeID(r.c.Reply, d.ID)
			r.c.Reply.NullArray()
		}
		if !r.take(at) {
			return
		}
		if there {
			editGroups(r.c, r.s)
			r.g.Touch(d.ID, now)
		}
		if r.full {
			return
		}
	}
}

// idle are the pending entries that are to be claimed, in the order in which
// they wait. Those that are gone from the stream are acknowledged.
func (r *groupRead) idle() (ids []stream.ID) {
	if !r.claims {
		return nil
	}
	l, now := r.s.Log(), r.c.Tx.Now()
	var gone []stream.ID
	it := r.g.Oldest()
	for r.count == 0 || int64(len(ids)) < r.count {
		d, ok := it.Next()
		if !ok || d.Idle(now) < r.minIdle {
			break
		}
		if l.Has(d.ID) {
			ids = append(ids, d.ID)
		} else {
			gone = append(gone, d.ID)
		}
	}
	for _, id := range gone {
		editGroups(r.c, r.s)
		journalAck(r.c, r.k, r.g, id)
		r.g.Ack(id)
	}
	return ids
}

// nextIdle is when the first pending entry of the groups will be to be claimed;
// 0 if nothing is to be claimed, or pending.
func (r *streamRead) nextIdle() (at int64) {
	for i := 0; r.claims && i < r.n; i++ {
		k, ok := r.key(i)
		if !ok || r.from[i].kind != readNew {
			continue
		}
		s, _, _ := writeStream(r.c, k)
		g, _ := s.Log().Group(r.group)
		oldest := g.Oldest()
		d, ok := oldest.Next()
		if ok && d.Time <= math.MaxInt64-r.minIdle && (at == 0 || d.Time+r.minIdle < at) {
			at = d.Time + r.minIdle
		}
	}
	return at
}

// deliver writes idle entries, then new ones, and notes to whom they went.
func (r *groupRead) deliver(idle []stream.ID) {
	for _, id := range idle {
		if !r.claimIdle(id) || r.full {
			return
		}
	}
	count := r.count
	if count > 0 {
		if count -= int64(len(idle)); count == 0 {
			return
		}
	}
	next, ok := r.g.Last().Next()
	if !ok {
		return
	}
	before, wrote := r.g.Last(), r.write
	if r.claims {
		wrote = r.writeCounted
	}
	wrote(r.s.Log().Range(next, stream.MaxID), count, r.delivered)
	if r.noAck && r.g.Last() != before {
		journalGroup(r.c, r.k, r.g)
	}
}

// delivered notes that a new entry went to the consumer.
func (r *groupRead) delivered(id stream.ID) {
	now := r.c.Tx.Now()
	editGroups(r.c, r.s)
	r.g.Advance(id)
	r.consumer.SetActive(now)
	if !r.noAck {
		r.g.Deliver(id, r.consumer, now, 1)
		journalDelivery(r.c, r.k, r.g, id)
	}
}

// claimIdle writes a pending entry and gives it to the consumer, unless the reply is full.
func (r *groupRead) claimIdle(id stream.ID) bool {
	d, _ := r.g.Delivery(id)
	now, at := r.c.Tx.Now(), r.mark()
	it := r.s.Log().Range(id, id)
	it.Next()
	idle := int64(-1)
	if _, owned := d.Owner(); owned {
		idle = max(0, d.Idle(now))
	}
	r.writeEntryCounted(&it, idle, d.Count)
	if !r.take(at) {
		return false
	}
	editGroups(r.c, r.s)
	r.g.Deliver(id, r.consumer, now, increased(d.Count))
	r.consumer.SetActive(now)
	journalDelivery(r.c, r.k, r.g, id)
	return true
}

// increased is a count of deliveries after another one.
func increased(n int64) int64 {
	if n == math.MaxInt64 {
		return n
	}
	return n + 1
}

// writeCounted is write of entries that nobody got before, in the form of claimed ones.
func (r *groupRead) writeCounted(it stream.Iter, count int64, wrote func(stream.ID)) {
	for n := int64(0); (count == 0 || n < count) && it.Next(); n++ {
		at := r.mark()
		r.writeEntryCounted(&it, 0, 0)
		if !r.take(at) {
			return
		}
		wrote(it.ID())
		if r.full {
			return
		}
	}
}

// writeEntryCounted writes an entry with how long ago and how often it was delivered.
func (r *groupRead) writeEntryCounted(it *stream.Iter, idle, count int64) {
	w := r.c.Reply
	w.Array(4)
	writeID(w, it.ID())
	writeFields(w, it)
	w.Int(idle)
	w.Int(count)
}
