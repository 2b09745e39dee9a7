package keyspace

import (
	"math/bits"
	"runtime"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/object"
)

// Waiters. A command that finds nothing to do may wait for keys: it leaves a
// Waiter under the locks of its Tx, so that no change of the keys is missed.
// Each shard has a queue per key that is waited for, first come first served.
//
// A key that gets another value, or none, makes its queue ready, and so does a
// command that says it has changed the value so that others may go on (Signal). Before the Tx
// that changed it ends, whoever runs it asks for the ready Waiters one by one
// (Ready), runs their commands under the same locks, each as a command of its
// own (Then), and says of each whether it is served (Served, Release). What
// they do may make more queues ready, which come after. So a waiter gets what
// it waits for before anybody else sees it.
//
// To serve a waiter takes the shard of the ready key, and those of the other
// keys of its command (More), which for most there are none of. So that
// they are locked, too, Begin extends its locks if waiters with such needs
// wait for one of its keys.
//
// A waiter in queues of several shards may be found by several threads, and
// its client may time out meanwhile. One of them claims it. A claim is
// held for one run of a command at most, while no lock is waited for, so who
// finds a waiter claimed can wait for the outcome.
//
// Who does not serve (the background work that removes expired keys) leaves
// it to the waiters: End wakes them, and they look again themselves.
//
// Rejected: serving after the locks are dropped, under a Tx of the waiter's
// own. Another client could take the element in between, so that the order of
// arrival would no longer decide.

// A Waiter is a command that waits. The fields are set before Tx.Wait.
type Waiter struct {
	DB       int
	Type     Type  // of the values that it can use
	Existing bool  // it is to be run again when a key is gone or of another type, too
	Keys     []Key // what it waits for; the names are its own
	More     []Key // what serving it needs besides the key that is ready
	User     any

	// Wake makes it look again on its own, soon. It is called under locks.
	Wake func()

	state atomic.Int32
	links []waitLink // one per key
	needs uint64     // the shards of More
}

// The states of a Waiter.
const (
	waiting int32 = iota
	claimed
	served // or given up: it must not be run any more
)

// Claim makes the caller the one who decides about the waiter. It fails if
// that has been decided. Who claimed either keeps it, or says Release.
func (w *Waiter) Claim() bool {
	for {
		if w.state.CompareAndSwap(waiting, claimed) {
			return true
		}
		if w.state.Load() == served {
			return false
		}
		runtime.Gosched()
	}
}

// Release undoes Claim.
func (w *Waiter) Release() { w.state.Store(waiting) }

// GiveUp ends the wait, unless that was done already; it says whether it did.
func (w *Waiter) GiveUp() bool {
	if !w.Claim() {
		return false
	}
	w.state.Store(served)
	return true
}

// waitLink is a waiter's place in a queue.
type waitLink struct {
	w          *Waiter
	q          *waitQueue // nil: in none
	prev, next *waitLink
}

type waitKey struct {
	db   int
	name string
}

// waitQueue is the waiters of one key, in the order they came.
type waitQueue struct {
	waitKey
	key         Key
	first, last *waitLink
	existing    int    // waiters that ask to be run when the key is gone
	ofType      [8]int // waiters by type
	ready       bool   // in the ready list of a Tx
}

// waits is what a shard knows of waiters.
type waits struct {
	n      int // in all queues
	queues map[waitKey]*waitQueue
	wide   map[uint64]*wideKey // by hash of the key
}

// wideKey says which shards it takes to serve the waiters of a key, if that
// may be more than the key's own.
type wideKey struct {
	shards  uint64
	waiters int
}

// Wait puts w into the queues of its keys, which are locked.
func (tx *Tx) Wait(w *Waiter) {
	for i := range w.More {
		w.needs |= 1 << (w.More[i].Hash & tx.ks.mask)
	}
	w.links = make([]waitLink, len(w.Keys))
	for i, k := range w.Keys {
		s := tx.shard(k.Hash)
		q := s.waits.queue(waitKey{w.DB, string(k.Name)}, k.Hash)
		if q.last != nil && q.last.w == w { // the command names a key twice
			continue
		}
		q.add(&w.links[i], w)
		s.waits.n++
		if w.needs != 0 {
			s.waits.addWide(k.Hash, w.needs)
			tx.ks.wide.Add(1)
		}
	}
}

func (s *waits) queue(k waitKey, hash uint64) *waitQueue {
	if s.queues == nil {
		s.queues = map[waitKey]*waitQueue{}
	}
	q := s.queues[k]
	if q == nil {
		q = &waitQueue{waitKey: k, key: Key{[]byte(k.name), hash}}
		s.queues[k] = q
	}
	return q
}

func (s *waits) addWide(hash, shards uint64) {
	if s.wide == nil {
		s.wide = map[uint64]*wideKey{}
	}
	k := s.wide[hash]
	if k == nil {
		k = &wideKey{}
		s.wide[hash] = k
	}
	k.shards |= shards
	k.waiters++
}

func (q *waitQueue) add(l *waitLink, w *Waiter) {
	*l = waitLink{w: w, q: q, prev: q.last}
	if q.last == nil {
		q.first = l
	} else {
		q.last.next = l
	}
	q.last = l
	q.ofType[w.Type]++
	if w.Existing {
		q.existing++
	}
}

// unlink takes a place out of its queue. The shard is locked.
func (ks *Keyspace) unlink(l *waitLink) {
	q, w := l.q, l.w
	if q == nil {
		return
	}
	l.q = nil
	if l.prev == nil {
		q.first = l.next
	} else {
		l.prev.next = l.next
	}
	if l.next == nil {
		q.last = l.prev
	} else {
		l.next.prev = l.prev
	}
	q.ofType[w.Type]--
	if w.Existing {
		q.existing--
	}
	s := &ks.shardOf(q.key.Hash).waits
	s.n--
	if q.first == nil {
		delete(s.queues, q.waitKey)
	}
	if w.needs != 0 {
		ks.wide.Add(-1)
		if k := s.wide[q.key.Hash]; k.waiters == 1 {
			delete(s.wide, q.key.Hash)
		} else {
			k.waiters--
		}
	}
}

// Forget takes a waiter that is served or has given up out of all queues. The
// caller holds no lock.
func (ks *Keyspace) Forget(w *Waiter) {
	for i := range w.links {
		s := ks.shardOf(w.Keys[i].Hash)
		s.mu.Lock()
		ks.unlink(&w.links[i])
		s.mu.Unlock()
	}
}

// Signal makes those who wait for k look again, before the Tx ends. The
// keyspace does that for keys that get another value or none; commands do it
// for changes inside a value that somebody may wait for: a stream has a new
// entry, or a group less.
func (tx *Tx) Signal(k Key) {
	if s := tx.ks.shardOf(k.Hash); s.waits.n > 0 {
		tx.signal(s, k)
	}
}

func (tx *Tx) signal(s *shard, k Key) {
	if q := s.waits.queues[waitKey{tx.db, string(k.Name)}]; q != nil {
		tx.makeReady(q)
	}
}

// A queue whose waiters are being served is not made ready again: the value
// is looked at for each of them.
func (tx *Tx) makeReady(q *waitQueue) {
	if !q.ready {
		q.ready = true
		tx.ready = append(tx.ready, q)
	}
}

// signalDB makes the queues of a database (-1: of all) ready: all of them, or
// those with waiters that must hear of keys that are gone.
func (tx *Tx) signalDB(db int, all bool) {
	for i := range tx.ks.shards {
		for _, q := range tx.ks.shards[i].waits.queues {
			if (db < 0 || q.db == db) && (all || q.existing > 0) {
				tx.makeReady(q)
			}
		}
	}
}

// existing is the number of keys with waiters that must hear when one is gone.
func (s *waits) existing() (n int64) {
	for _, q := range s.queues {
		if q.existing > 0 {
			n++
		}
	}
	return n
}

// AnyReady says whether there may be waiters to serve.
func (tx *Tx) AnyReady() bool { return len(tx.ready) > 0 }

// Ready claims the next waiter that can be served and says which of its keys
// is ready. Nil: there is none left.
func (tx *Tx) Ready() (*Waiter, Key) {
	for len(tx.ready) > 0 {
		q := tx.ready[0]
		if !tx.serving {
			tx.serving, tx.nextLink = true, q.first
		}
		if w := tx.readyIn(q); w != nil {
			return w, q.key
		}
		q.ready, tx.serving, tx.nextLink = false, false, nil
		tx.ready = tx.ready[1:]
	}
	tx.ready = nil
	return nil, Key{}
}

// readyIn claims the next waiter of a queue that can use what its key holds now.
func (tx *Tx) readyIn(q *waitQueue) *Waiter {
	for tx.nextLink != nil {
		t, any := tx.usable(q)
		if !any {
			return nil
		}
		l := tx.nextLink
		tx.nextLink = l.next
		w := l.w
		if w.Type != t && !w.Existing || !w.Claim() {
			continue
		}
		if w.needs&^tx.locked == 0 {
			return w
		}
		w.Release()
		w.Wake()
	}
	return nil
}

// usable is the type of the key's value, and whether a waiter of the queue
// might have a use for it.
func (tx *Tx) usable(q *waitQueue) (t Type, any bool) {
	back := tx.db
	tx.db = q.db
	d, _, ref := tx.find(q.key)
	tx.db = back
	if ref == 0 {
		return typeNone, q.existing > 0
	}
	t = object.At(d.arena, ref).Type()
	return t, q.ofType[t]+q.existing > 0
}

// typeNone is the type of what is not there.
const typeNone = Type(7)

// Served says that a claimed waiter has got its reply.
func (tx *Tx) Served(w *Waiter) {
	w.state.Store(served)
	for i := range w.links {
		if tx.locked>>(w.Keys[i].Hash&tx.ks.mask)&1 == 1 {
			tx.ks.unlink(&w.links[i])
		}
	}
}

// wakeReady is what End does about waiters that nobody served.
func (tx *Tx) wakeReady() {
	for _, q := range tx.ready {
		q.ready = false
		t, any := tx.usable(q)
		for l := q.first; l != nil && any; l = l.next {
			if l.w.Type == t || l.w.Existing {
				l.w.Wake()
			}
		}
	}
	tx.ready, tx.serving, tx.nextLink = nil, false, nil
}

// Then ends one command of the Tx, which is published as argv unless it named
// effects, and begins another one in database db under the same locks.
func (tx *Tx) Then(argv [][]byte, db int) {
	if tx.dirty > 0 || len(tx.effects) > 0 || len(tx.unit) > 0 {
		tx.publish(argv)
	}
	tx.earlier += tx.dirty
	tx.db, tx.startDB, tx.dirty, tx.silent, tx.apart, tx.aside, tx.found = db, db, 0, false, false, false, finding{}
}

// widen locks what serving the waiters of keys takes besides the shards of
// keys. They may feed others that need more again, so it takes all that
// waiters of the shards at hand may need.
func (ks *Keyspace) widen(tx *Tx, keys []Key) {
	for {
		need := tx.reach(keys)
		if need == tx.locked {
			return
		}
		ks.unlock(tx.locked)
		tx.locked = need
		ks.lock(need)
		tx.wants = Interest(ks.wants.Load())
	}
}

func (tx *Tx) reach(keys []Key) uint64 {
	any := false
	for i := range keys {
		any = any || tx.ks.shardOf(keys[i].Hash).waits.wide[keys[i].Hash] != nil
	}
	need := tx.locked
	if !any {
		return need
	}
	for set := tx.locked; set != 0; set &= set - 1 {
		for _, k := range tx.ks.shards[bits.TrailingZeros64(set)].waits.wide {
			need |= k.shards
		}
	}
	return need
}
