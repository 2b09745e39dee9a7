package stream

import (
	"bytes"
	"hash/maphash"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// Idempotent adding: a producer gives each message a name (an iid), and a
// message whose name is known is not added again. Names are forgotten by age
// and by number, the oldest first, so that they are kept in a queue per
// producer, with a tree by hash to find one.

// producers is the block with what a log knows of its producers.
type producers struct {
	duration int64 // milliseconds that a name is remembered
	most     int64 // names per producer
	names    int64 // remembered
	added    int64 // ever
	repeated int64 // messages ever found to be known
	dir      names
	swept    uint32 // index in dir: all producers come to be looked at
}

// producer is the block of one.
type producer struct {
	named
	byHash      tree      // hash and order -> ref of a message
	first, last arena.Ref // the queue of messages
	n           int64
}

// message is the block of a name.
type message struct {
	named
	id    ID    // what the entry got
	time  int64 // when, in Unix milliseconds
	order uint64
	next  arena.Ref
	_     uint32
}

const (
	producersSize = int(unsafe.Sizeof(producers{}))
	producerSize  = int(unsafe.Sizeof(producer{}))
	messageSize   = int(unsafe.Sizeof(message{}))

	// DefaultDuration is for how many seconds a name is remembered, and
	// DefaultMost how many are per producer, unless Configure said otherwise.
	DefaultDuration = 100
	DefaultMost     = 100
)

var hashSeed = maphash.MakeSeed()

// Idempotence is what a log says of its producers.
type Idempotence struct {
	Duration  int64 // seconds
	Most      int64
	Producers int64
	Tracked   int64 // names remembered
	Added     int64 // names ever
	Repeated  int64 // messages that were known
}

// HasProducers says whether the log ever had messages to recognise, or was configured for it.
func (l Log) HasProducers() bool { return l.h.producers != 0 }

// Idempotence returns settings and counts.
func (l Log) Idempotence() Idempotence {
	if l.h.producers == 0 {
		return Idempotence{Duration: DefaultDuration, Most: DefaultMost}
	}
	p := l.producers()
	return Idempotence{p.duration / 1000, p.most, int64(p.dir.n), p.names, p.added, p.repeated}
}

func (l Log) producers() *producers { return (*producers)(l.a.Ptr(l.h.producers)) }

func (l Log) producer(ref arena.Ref) *producer { return (*producer)(l.a.Ptr(ref)) }

func (l Log) message(ref arena.Ref) *message { return (*message)(l.a.Ptr(ref)) }

func (l Log) byHash(p *producer) index { return index{l, &p.byHash, recentShape} }

// needProducers makes the block of the producers if there is none.
func (l Log) needProducers() *producers {
	if l.h.producers == 0 {
		l.h.producers = l.alloc(producersSize)
		*l.producers() = producers{duration: DefaultDuration * 1000, most: DefaultMost}
	}
	return l.producers()
}

// Configure sets for how many seconds names are remembered and how many per
// producer. A change makes the log forget all of them.
func (l Log) Configure(seconds, most int64) {
	p := l.needProducers()
	if p.duration != seconds*1000 || p.most != most {
		for n := 1 << 30; l.dropProducer(&n); {
		}
	}
	p.duration, p.most = seconds*1000, most
	l.checkIfEnabled()
}

// Known returns the ID of the entry that a producer's message got.
func (l Log) Known(producer, name []byte, now int64) (id ID, known bool) {
	if l.h.producers == 0 {
		return id, false
	}
	all := l.producers()
	i, found := l.lookup(&all.dir, producer)
	if !found {
		return id, false
	}
	m := l.findMessage(l.producer(l.refs(&all.dir)[i]), name)
	if m == nil || m.time+all.duration <= now {
		return id, false
	}
	return m.id, true
}

// CountRepeated counts a message that was Known.
func (l Log) CountRepeated() { l.producers().repeated++ }

// findMessage returns nil if the producer has no message of that name.
func (l Log) findMessage(p *producer, name []byte) *message {
	h := maphash.Bytes(hashSeed, name)
	x := l.byHash(p)
	c := x.cursor()
	for ok := c.seek(key{h}); ok && c.key()[0] == h; ok = c.next() {
		if m := l.message(refAt(c.value())); bytes.Equal(m.name(), name) {
			return m
		}
	}
	return nil
}

// Remember notes that a producer's message, which is not known, got an ID.
func (l Log) Remember(producer, name []byte, id ID, now int64) {
	all := l.needProducers()
	i, found := l.lookup(&all.dir, producer)
	if !found {
		l.addName(&all.dir, i, l.newNamed(producerSize, producer))
	}
	p := l.producer(l.refs(&all.dir)[i])
	for p.n > 0 && (p.n >= all.most || l.expired(p, now)) {
		l.forget(p)
	}
	l.enqueue(p, name, id, now)
	all.names++
	all.added++
	l.sweep(now)
	l.checkIfEnabled()
}

func (l Log) expired(p *producer, now int64) bool {
	return l.message(p.first).time+l.producers().duration <= now
}

func (l Log) enqueue(p *producer, name []byte, id ID, now int64) {
	ref := l.newNamed(messageSize, name)
	m := l.message(ref)
	m.id, m.time = id, now
	if p.last == 0 {
		p.first = ref
	} else {
		last := l.message(p.last)
		last.next, m.order = ref, last.order+1
	}
	p.last = ref
	p.n++
	x := l.byHash(p)
	v, _ := x.insert(key{maphash.Bytes(hashSeed, name), m.order})
	*(*arena.Ref)(v) = ref
}

// forget takes the oldest message out.
func (l Log) forget(p *producer) {
	ref := p.first
	m := l.message(ref)
	x := l.byHash(p)
	x.remove(key{maphash.Bytes(hashSeed, m.name()), m.order})
	p.first = m.next
	if p.first == 0 {
		p.last = 0
	}
	p.n--
	l.producers().names--
	l.freeNamed(ref)
}

// sweep looks at one producer in turn, so that those who are gone are forgotten
// in the end.
func (l Log) sweep(now int64) {
	all := l.producers()
	if all.swept >= all.dir.n {
		all.swept = 0
	}
	ref := l.refs(&all.dir)[all.swept]
	p := l.producer(ref)
	for range 2 {
		if p.n > 0 && l.expired(p, now) {
			l.forget(p)
		}
	}
	if p.n > 0 {
		all.swept++
		return
	}
	l.dropName(&all.dir, int(all.swept))
	l.freeNamed(ref)
}

// dropProducer frees up to budget blocks of the last producer and says whether there was one.
func (l Log) dropProducer(budget *int) bool {
	all := l.producers()
	if all.dir.n == 0 {
		return false
	}
	last := int(all.dir.n) - 1
	ref := l.refs(&all.dir)[last]
	p := l.producer(ref)
	for ; p.n > 0 && *budget > 0; *budget -= 2 {
		l.forget(p)
	}
	if p.n == 0 {
		l.dropName(&all.dir, last)
		l.freeNamed(ref)
		*budget--
	}
	return true
}

// copyProducers makes the names that l remembers known to another log.
func (l Log) copyProducers(to Log) {
	if l.h.producers == 0 {
		return
	}
	all, copied := l.producers(), to.needProducers()
	*copied = *all
	copied.dir, copied.names = names{}, 0
	for _, ref := range l.refs(&all.dir) {
		p := l.producer(ref)
		toRef := to.newNamed(producerSize, p.name())
		to.addName(&copied.dir, int(copied.dir.n), toRef)
		for at := p.first; at != 0; at = l.message(at).next {
			m := l.message(at)
			to.enqueue(to.producer(toRef), m.name(), m.id, m.time)
			copied.names++
		}
	}
}
