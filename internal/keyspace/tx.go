package keyspace

import (
	"errors"
	"math/bits"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// ErrWrongType: the key holds a value of another type than the command works on.
var ErrWrongType = errors.New("wrong type")

// A Key is a key's name with its hash, which is computed once, when the
// command is parsed, and decides the shard, the segment, the bucket and the
// fingerprint.
type Key struct {
	Name []byte
	Hash uint64
}

// TTL says what a write does to a key's expiry. One that is greater than zero
// is an absolute time in Unix milliseconds.
type TTL int64

// The other TTLs.
const (
	NoTTL   TTL = 0  // the key will not expire
	KeepTTL TTL = -1 // the key keeps the expiry it has, if any
)

// Class is the class of a keyspace event, as the letters of
// notify-keyspace-events.
type Class uint16

// The classes.
const (
	ClassGeneric     Class = 1 << iota // g
	ClassString                        // $
	ClassList                          // l
	ClassSet                           // s
	ClassHash                          // h
	ClassZSet                          // z
	ClassStream                        // t
	ClassExpired                       // x
	ClassEvicted                       // e
	ClassNew                           // n
	ClassMiss                          // m: a key was looked for in vain
	ClassOverwritten                   // o: a value was replaced as a whole
	ClassTypeChanged                   // c: ... by one of another type
)

// A Tx is a locked part of the keyspace, in one database unless told
// otherwise, for the time of one command (or of one transaction): the only
// way to reach data. Whoever began it holds the locks; a Tx never takes more.
// It is reused: one per loop.
type Tx struct {
	User any // who works with it, for subscribers; nil: the server for itself

	ks      *Keyspace
	db      int
	startDB int
	now     int64
	noTouch bool
	locked  uint64 // a bit per shard
	held    uint64 // what stays locked from one Begin to the next: see EndHolding
	dirty   int
	earlier int  // dirty of the commands before this one
	removed bool // a key expired or was evicted
	passing bool // what subscribers hear of is that: no change of the command
	hidden  bool // an expired key was left in place because of a pause
	moving  bool // a key gets the value of another
	silent  bool // the command itself is not journalled
	found   finding
	wants   Interest     // of the subscribers, as of when the locks were taken
	changes []change     // kept for subscribers and the invariants build
	effects [][][]byte   // kept for subscribers
	grouped bool         // several commands are one unit of the journal, see Group
	apart   bool         // what was met on the way is none, but several
	aside   bool         // readers of the keys see no change
	unit    []journalled // what will be journalled, see subscribe.go
	expired []arena.Ref  // what a scan met; empty between its buckets

	ready    []*waitQueue // whose key changed
	serving  bool         // the first of them ...
	nextLink *waitLink    // ... from here on
}

// finding is the last search, so that a handler that reads and then writes a
// key searches once, and so do commands in a row between which the lock is held. Any insertion or
// removal makes it invalid; that the record moved shows in the slot.
type finding struct {
	hash uint64
	db   int
	d    *database
	slot table.Slot
	ref  arena.Ref
}

// change is a key that the Tx changed.
type change struct {
	db       int
	hash     uint64
	notified bool
}

// Begin locks what keys need and makes tx work on database db at time now
// (Unix milliseconds). End unlocks.
func (ks *Keyspace) Begin(tx *Tx, db int, now int64, keys []Key) {
	set := uint64(0)
	for i := range keys {
		set |= 1 << (keys[i].Hash & ks.mask)
	}
	ks.begin(tx, db, now, set)
	if ks.wide.Load() > 0 {
		ks.widen(tx, keys)
	}
	if len(keys) > 0 {
		ks.shardOf(keys[0].Hash).stats.uses++
	}
}

// BeginAll is Begin with every shard locked.
func (ks *Keyspace) BeginAll(tx *Tx, db int, now int64) {
	ks.begin(tx, db, now, 1<<len(ks.shards)-1)
	ks.shards[0].stats.uses++
}

// BeginNone is Begin with nothing locked: only DB and Now may be used.
func (ks *Keyspace) BeginNone(tx *Tx, db int, now int64) { ks.begin(tx, db, now, 0) }

func (ks *Keyspace) begin(tx *Tx, db int, now int64, set uint64) {
	if invariants.Enabled {
		invariants.Check(tx.locked == 0, "keyspace: a Tx begins that has not ended")
	}
	tx.ks, tx.db, tx.startDB, tx.now, tx.dirty, tx.earlier, tx.removed, tx.hidden, tx.locked = ks, db, db, now, 0, 0, false, false, set
	tx.silent, tx.apart, tx.aside = false, false, false
	if tx.held != set || set == 0 {
		tx.Release()
		tx.found.ref = 0
		ks.lock(set)
	}
	tx.held = 0
	tx.wants = Interest(ks.wants.Load())
}

func (ks *Keyspace) lock(set uint64) {
	for ; set != 0; set &= set - 1 { // in ascending order: that is the lock order
		ks.shards[bits.TrailingZeros64(set)].lock()
	}
}

func (ks *Keyspace) unlock(set uint64) {
	for ; set != 0; set &= set - 1 {
		ks.shards[bits.TrailingZeros64(set)].mu.Unlock()
	}
}

// End hands the effects to the subscribers, unlocks, and forgets. argv is the
// command as it came, journalled if it changed something and named no other
// effect.
func (tx *Tx) End(argv [][]byte) {
	if tx.finish(argv) {
		tx.ks.report(tx.locked)
	}
	tx.ks.unlock(tx.locked)
	tx.locked = 0
}

// finish is End without what ends the locks. It says whether anything changed.
func (tx *Tx) finish(argv [][]byte) (changed bool) {
	if tx.dirty > 0 || len(tx.effects) > 0 || len(tx.unit) > 0 {
		tx.publish(argv)
	}
	if len(tx.ready) > 0 {
		tx.wakeReady()
		tx.endUnit(false)
	}
	changes := tx.earlier + tx.dirty
	if changes == 0 {
		return tx.removed
	}
	if tx.locked != 0 { // counted with the first shard
		tx.ks.shards[bits.TrailingZeros64(tx.locked)].stats.changes += int64(changes)
	}
	return true
}

// report adds what the arenas of shards changed to the total.
func (ks *Keyspace) report(set uint64) {
	for ; set != 0; set &= set - 1 {
		ks.reportOf(&ks.shards[bits.TrailingZeros64(set)])
	}
}

func (ks *Keyspace) reportOf(s *shard) {
	if n := s.arena.TotalUsed(); n != s.reported {
		ks.used.Add(n - s.reported)
		s.reported = n
	}
}

func (tx *Tx) publish(argv [][]byte) {
	if invariants.Enabled {
		for _, c := range tx.changes {
			invariants.Check(c.notified, "keyspace: %q changed a key and reported no event", argv)
		}
	}
	tx.changes = tx.changes[:0]
	if !tx.want(WantJournal) {
		return
	}
	if len(tx.effects) == 0 && argv != nil && tx.dirty > 0 && !tx.silent {
		tx.effects = append(tx.effects, argv)
	}
	for _, args := range tx.effects {
		tx.journal(tx.startDB, args)
	}
	tx.effects = tx.effects[:0]
	if !tx.grouped {
		tx.endUnit(argv != nil && !tx.apart)
	}
}

// SetNoTouch makes reads through tx leave access clocks alone (CLIENT
// NO-TOUCH). It lasts until called again.
func (tx *Tx) SetNoTouch(on bool) { tx.noTouch = on }

// DB is the index of the database that the Tx works on.
func (tx *Tx) DB() int { return tx.db }

// SetDB turns to another database; the locks cover all databases.
func (tx *Tx) SetDB(db int) { tx.db = db }

// Databases is the number of databases.
func (tx *Tx) Databases() int { return tx.ks.databases }

// Now is the time of the command, in Unix milliseconds. It does not advance
// during a command.
func (tx *Tx) Now() int64 { return tx.now }

// Dirty is the number of changes made through the Tx.
func (tx *Tx) Dirty() int { return tx.dirty }

// Key hashes a name that was not among the command's keys. Its shard must be
// locked.
func (tx *Tx) Key(name []byte) Key { return Key{name, tx.ks.Hash(name)} }

// Notify reports an effect on a key that this Tx changed: the keyspace event
// Redis has for it. Every change is followed by at least one Notify for its
// key; the invariants build checks it.
func (tx *Tx) Notify(class Class, event string, k Key) {
	if invariants.Enabled {
		for i, c := range tx.changes {
			if c.db == tx.db && c.hash == k.Hash {
				tx.changes[i].notified = true
			}
		}
	}
	if tx.want(WantAfter) {
		tx.after(k, class, event)
	}
}

// Effect replaces what is journalled for this command: by default the command
// as it came, if it changed anything. Each call adds one deterministic
// command, which is journalled even if nothing changed.
func (tx *Tx) Effect(args ...[]byte) {
	if !tx.want(WantJournal) {
		return
	}
	own := make([][]byte, len(args))
	for i, a := range args {
		own[i] = append([]byte(nil), a...)
	}
	tx.effects = append(tx.effects, own)
}

// Unjournalled says that the command as it came is not what happened: what it
// changed is journalled only as far as Effect says.
func (tx *Tx) Unjournalled() { tx.silent = true }

// Journalled says whether anybody listens to Effect: a handler may save the
// work of making one up.
func (tx *Tx) Journalled() bool { return tx.want(WantJournal) }

// changing is called by every mutation before it touches k, other than of a
// collection that stays the key's value.
func (tx *Tx) changing(k Key, d *database, ref arena.Ref) {
	tx.Signal(k)
	tx.changingInside(k, d, ref)
}

func (tx *Tx) changingInside(k Key, d *database, ref arena.Ref) {
	tx.dirty++
	if !invariants.Enabled && !tx.want(WantBefore) {
		return
	}
	for _, c := range tx.changes {
		if c.db == tx.db && c.hash == k.Hash {
			return
		}
	}
	tx.changes = append(tx.changes, change{db: tx.db, hash: k.Hash})
	if tx.want(WantBefore) {
		tx.before(k, Entry{tx, d, ref}, ref != 0)
	}
}

// shard returns the shard of a hash, which must be locked.
func (tx *Tx) shard(hash uint64) *shard {
	if invariants.Enabled {
		invariants.Check(tx.locked>>(hash&tx.ks.mask)&1 == 1, "keyspace: shard %d is not locked by this Tx", hash&tx.ks.mask)
	}
	return tx.ks.shardOf(hash)
}

// find searches a key that has not expired; ref is 0 if there is none. The
// database is nil if it has no part in the key's shard.
func (tx *Tx) find(k Key) (d *database, slot table.Slot, ref arena.Ref) {
	if f := &tx.found; f.ref != 0 && f.hash == k.Hash && f.db == tx.db && !f.moved() && f.names(k.Name) {
		return f.d, f.slot, f.ref
	}
	s := tx.shard(k.Hash)
	d = s.dbs[tx.db].Load()
	if d == nil {
		return nil, slot, 0
	}
	var p table.Probe
	d.table.Start(&p, k.Hash)
	if ref = d.next(&p, k); ref == 0 {
		return d, slot, 0
	}
	if r := object.At(d.arena, ref); r.HasTimer() && r.ExpireAt() < tx.now {
		if tx.ks.paused(tx.now) {
			tx.hidden = true
		} else {
			tx.expire(s, d, &p, k)
		}
		return d, slot, 0
	}
	slot = p.Slot()
	tx.found = finding{k.Hash, tx.db, d, slot, ref}
	return d, slot, ref
}

// moved says whether the record is somewhere else by now.
func (f *finding) moved() bool { return f.slot.Ref() != f.ref }

func (f *finding) names(name []byte) bool {
	return string(object.At(f.d.arena, f.ref).Key()) == string(name)
}

// removeHidden makes way for a new value of k, which find has not found: an
// expired one may be there still.
func (tx *Tx) removeHidden(k Key) {
	s := tx.shard(k.Hash)
	d := s.dbs[tx.db].Load()
	if d == nil {
		return
	}
	if p, ok := d.probe(k); ok {
		tx.expire(s, d, &p, k)
	}
}

// probe returns a Probe that stands on the record of k, if there is one.
func (d *database) probe(k Key) (p table.Probe, ok bool) {
	d.table.Start(&p, k.Hash)
	return p, d.next(&p, k) != 0
}

// next moves p to the record of k.
func (d *database) next(p *table.Probe, k Key) arena.Ref {
	for ref := p.Next(); ref != 0; ref = p.Next() {
		if string(object.At(d.arena, ref).Key()) == string(k.Name) {
			return ref
		}
	}
	return 0
}

// expire removes the key that p stands on because its time has passed.
func (tx *Tx) expire(s *shard, d *database, p *table.Probe, k Key) {
	s.stats.expired++
	tx.removeAs(s, d, p, k, ClassExpired, "expired")
}

// removeAs removes a key for the server's own reasons: it is journalled as a deletion of its own and
// is no change of the command that happened to meet it.
func (tx *Tx) removeAs(s *shard, d *database, p *table.Probe, k Key, class Class, event string) {
	if tx.want(WantChanges) {
		k.Name = append([]byte(nil), k.Name...) // it may be the record's own
		tx.beforePassing(k, Entry{tx, d, p.Slot().Ref()})
	}
	tx.Signal(k)
	tx.unlinkRecord(s, d, p)
	if tx.want(WantChanges) {
		tx.after(k, class, event)
		tx.journal(tx.db, [][]byte{[]byte("DEL"), k.Name})
	}
	tx.removed = true
}

// unlinkRecord takes the record that p stands on out of table and wheel and frees it.
func (tx *Tx) unlinkRecord(s *shard, d *database, p *table.Probe) {
	tx.found = finding{}
	ref := p.Slot().Ref()
	d.table.Remove(p)
	r := object.At(d.arena, ref)
	if r.HasTimer() {
		d.wheel.Remove(ref)
	}
	tx.ks.dropFieldTimer(d, r)
	tx.ks.dropValue(s, d.arena, r)
	d.arena.Free(ref, r.Size(), arena.Record)
}

// Peek finds a key without touching or counting anything: DEBUG, MEMORY, and
// writes that only look whether the key is there.
func (tx *Tx) Peek(k Key) (Entry, bool) {
	d, _, ref := tx.find(k)
	return Entry{tx, d, ref}, ref != 0
}

// Expired says whether k is there although its time has passed.
func (tx *Tx) Expired(k Key) bool {
	_, expired := tx.ks.holds(tx.db, k, tx.now)
	return expired
}

// Holds says whether k is in a database, and whether its time has passed. The
// caller is a Subscriber, in a call under the lock of the key's shard.
func (ks *Keyspace) Holds(db int, k Key) (there, expired bool) {
	return ks.holds(db, k, ks.Clock.UnixMilli())
}

func (ks *Keyspace) holds(db int, k Key, now int64) (there, expired bool) {
	d := ks.shardOf(k.Hash).dbs[db].Load()
	if d == nil {
		return false, false
	}
	p, there := d.probe(k)
	if !there {
		return false, false
	}
	r := object.At(d.arena, p.Slot().Ref())
	return true, r.HasTimer() && r.ExpireAt() < now
}

// Write finds a key for a command that will change it: touches the access
// clock, counts nothing.
func (tx *Tx) Write(k Key) (Entry, bool) {
	d, _, ref := tx.find(k)
	if ref == 0 {
		return Entry{}, false
	}
	tx.touch(object.At(d.arena, ref))
	return Entry{tx, d, ref}, true
}

// Read finds a key for a command that reads its value: counts a hit or miss
// and touches the access clock (unless the client asked for no-touch). An
// expired key is not found.
func (tx *Tx) Read(k Key) (Entry, bool) {
	d, _, ref := tx.find(k)
	if ref == 0 {
		tx.miss(k)
		return Entry{}, false
	}
	tx.shard(k.Hash).stats.hits++
	tx.touch(object.At(d.arena, ref))
	return Entry{tx, d, ref}, true
}

// Look is Read that leaves the access clock alone: for commands that ask about
// a key, not for its value.
func (tx *Tx) Look(k Key) (Entry, bool) {
	e, ok := tx.Peek(k)
	if ok {
		tx.shard(k.Hash).stats.hits++
	} else {
		tx.miss(k)
	}
	return e, ok
}

func (tx *Tx) miss(k Key) {
	tx.shard(k.Hash).stats.misses++
	if tx.want(WantMisses) {
		tx.missed(k)
	}
}

// Touch updates the access clock of a key as a read does, and says whether it
// is there. It ignores no-touch: TOUCH is how such a client touches.
func (tx *Tx) Touch(k Key) bool {
	noTouch := tx.noTouch
	tx.noTouch = false
	_, ok := tx.Read(k)
	tx.noTouch = noTouch
	return ok
}

func (tx *Tx) touch(r object.Record) {
	if !tx.noTouch {
		tx.ks.touch(r, tx.now)
	}
}

func (ks *Keyspace) touch(r object.Record, now int64) {
	st := &ks.Settings
	old := r.Clock()
	if c := touched(old, now, Policy(st.Policy.Load()), st); c != old {
		r.SetClock(c)
	}
}

// ReadString is Read that fails with ErrWrongType unless the value is a string.
func (tx *Tx) ReadString(k Key) (Entry, bool, error) {
	e, ok := tx.Read(k)
	if ok && e.Type() != TypeString {
		return Entry{}, false, ErrWrongType
	}
	return e, ok, nil
}

// WriteString is Write that fails with ErrWrongType unless the value is a string.
func (tx *Tx) WriteString(k Key) (Entry, bool, error) {
	e, ok := tx.Write(k)
	if ok && e.Type() != TypeString {
		return Entry{}, false, ErrWrongType
	}
	return e, ok, nil
}
