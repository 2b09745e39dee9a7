package keyspace

import "sync/atomic"

// Interest says which calls a Subscriber wants now. What nobody wants costs a
// command nothing.
type Interest uint32

// The calls of a Subscriber. Flush and Swap are always made.
const (
	WantBefore Interest = 1 << iota
	WantAfter
	WantJournal
	WantMisses // After for keys that were looked for in vain, too: ClassMiss
	WantMade   // ... and for those that are made, or replaced as a whole: ClassNew, ClassOverwritten, ClassTypeChanged
	WantFields // which fields of hashes effects are about; see FieldSubscriber
	WantAside  // Before for what is Aside, too

	WantChanges = WantBefore | WantAfter | WantJournal | WantAside
)

// A Subscription is a Subscriber with what it wants.
type Subscription struct {
	Subscriber
	ks    *Keyspace
	wants atomic.Uint32
}

// Subscribe adds a subscriber, who wants to hear of all changes; before the first command only.
func (ks *Keyspace) Subscribe(s Subscriber) *Subscription {
	sub := &Subscription{Subscriber: s, ks: ks}
	ks.subs = append(ks.subs, sub)
	sub.Want(WantChanges)
	return sub
}

// Want changes what the subscriber wants. A Tx that locks a shard after this
// was called under the shard's lock calls accordingly: who must not miss a change
// of a key calls it in a Tx that has locked the key.
func (s *Subscription) Want(w Interest) {
	s.ks.wantsMu.Lock()
	defer s.ks.wantsMu.Unlock()
	s.wants.Store(uint32(w))
	all := uint32(0)
	for _, sub := range s.ks.subs {
		all |= sub.wants.Load()
	}
	s.ks.wants.Store(all)
}

func (s *Subscription) want(w Interest) bool { return Interest(s.wants.Load())&w != 0 }

// want says whether any subscriber wanted such calls when the Tx got its locks.
func (tx *Tx) want(w Interest) bool { return tx.wants&w != 0 }

func (tx *Tx) before(k Key, e Entry, exists bool) {
	for _, s := range tx.ks.subs {
		if s.want(WantBefore) && (!tx.aside || s.want(WantAside)) {
			s.Before(tx.db, k, e, exists)
		}
	}
}

// Aside says that the running command changes nothing that readers of its keys
// get to see: consumer groups of streams. As in Redis that is none of the
// changes that WATCH and client tracking are about.
func (tx *Tx) Aside() { tx.aside = true }

// Rewritten tells subscribers of a change of k, which was written and is what it was:
// for commands of which Redis does not look whether they change anything.
func (tx *Tx) Rewritten(k Key) {
	if !tx.want(WantBefore) {
		return
	}
	if e, ok := tx.Peek(k); ok {
		tx.before(k, e, true)
	}
}

// beforePassing is before for what expires or is evicted.
func (tx *Tx) beforePassing(k Key, e Entry) {
	aside := tx.aside
	tx.passing, tx.aside = true, false
	tx.before(k, e, true)
	tx.passing, tx.aside = false, aside
}

// Passing says, in a call of Before, whether the key or a part of it goes because
// its time has passed or there was no room: nobody's command changes it.
func (tx *Tx) Passing() bool { return tx.passing }

// Heed makes the Tx tell subscribers what they want by now, not only what they
// wanted when it began.
func (tx *Tx) Heed() { tx.wants = Interest(tx.ks.wants.Load()) }

// TellAgain makes the next change of k call Before although the Tx has changed k
// already: somebody took note of the value in between.
func (tx *Tx) TellAgain(k Key) {
	for i, c := range tx.changes {
		if c.db == tx.db && c.hash == k.Hash {
			tx.changes = append(tx.changes[:i], tx.changes[i+1:]...)
			return
		}
	}
}

// Flusher is the Tx that flushes or swaps databases, in a call of Flush or Swap.
func (ks *Keyspace) Flusher() *Tx { return ks.flusher }

func (tx *Tx) after(k Key, class Class, event string) {
	for _, s := range tx.ks.subs {
		if s.want(WantAfter) {
			s.After(tx.db, k, class, event)
		}
	}
}

// What a command does is one unit of the journal: if it takes several commands
// to reproduce it (it met a key that had expired, or removed random elements),
// they come between MULTI and EXEC. Group makes one unit of several commands.

// A journalled is a command that reproduces an effect, and its database.
type journalled struct {
	db   int
	argv [][]byte
}

// journal keeps a command that reproduces an effect for the end of the unit.
func (tx *Tx) journal(db int, argv [][]byte) {
	if tx.want(WantJournal) {
		tx.unit = append(tx.unit, journalled{db, argv})
	}
}

// Group makes what the commands of this Tx change one unit of the journal, up
// to EndGroup. The words of the commands must stay as they are until then.
func (tx *Tx) Group() { tx.grouped = true }

// EndGroup ends the command that runs, argv, and the group.
func (tx *Tx) EndGroup(argv [][]byte) {
	tx.Then(argv, tx.db)
	tx.grouped = false
	tx.endUnit(true)
}

var unitBegins, unitEnds = [][]byte{[]byte("MULTI")}, [][]byte{[]byte("EXEC")}

// endUnit hands a unit to the subscribers; together says that it is one.
func (tx *Tx) endUnit(together bool) {
	n := len(tx.unit)
	if n == 0 {
		return
	}
	together = together && n > 1
	if together {
		tx.publishJournal(tx.unit[0].db, unitBegins)
	}
	for _, e := range tx.unit {
		tx.publishJournal(e.db, e.argv)
	}
	if together {
		tx.publishJournal(tx.unit[n-1].db, unitEnds)
	}
	clear(tx.unit)
	tx.unit = tx.unit[:0]
}

func (tx *Tx) publishJournal(db int, argv [][]byte) {
	for _, s := range tx.ks.subs {
		if s.want(WantJournal) {
			s.Journal(db, argv)
		}
	}
}

// EachShard calls f with the number of each shard while that is locked: for
// subscribers that keep something per shard. The Tx has locked all shards, or none.
func (tx *Tx) EachShard(f func(i int)) {
	i := 0
	tx.eachShard(func(*shard) {
		f(i)
		i++
	})
}
