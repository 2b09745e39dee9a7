package keyspace

import (
	"slices"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// Fields of hashes that expire. A hash with such fields has one timer: a record
// without a value that has the name of the key, in a wheel of its own, armed
// for the first of its fields or earlier. The hash knows the ref of its timer. What moves or
// removes a hash sees to its timer: a timer without hash does not exist.
//
// Whoever opens a hash removes some fields that have expired; those that are
// left, because they are many or because of a pause, are not there for package value.

// fieldBatch is how many fields are removed at once: some 20 us.
const fieldBatch = 64

// timerBatch is how many timers that are due are taken out of the wheel at once.
const timerBatch = 16

// ReadHash is ReadCell of a hash. One whose fields have all expired is not found.
func (tx *Tx) ReadHash(k Key) (h value.Hash, found bool, err error) {
	e, ok := tx.Read(k)
	found, err = tx.openHash(k, e, ok, &h)
	if found && tx.due(&h) {
		found = h.Len() > 0
	}
	return h, found, err
}

// WriteHash is WriteCell of a hash. It may hold nothing but fields that have expired.
func (tx *Tx) WriteHash(k Key) (h value.Hash, found bool, err error) {
	e, ok := tx.Write(k)
	found, err = tx.openHash(k, e, ok, &h)
	return h, found, err
}

// due says whether a hash has fields that have expired.
func (tx *Tx) due(h *value.Hash) bool {
	first := h.Earliest()
	return first != 0 && first < tx.now
}

// openHash makes h the hash in an entry, if there is one, and removes some fields that have expired.
func (tx *Tx) openHash(k Key, e Entry, ok bool, h *value.Hash) (found bool, err error) {
	if !ok {
		return false, nil
	}
	if e.Type() != TypeHash {
		return false, ErrWrongType
	}
	tx.placeAt(h.OpenAt(tx.now), k, e.d, e.ref)
	if !tx.due(h) || tx.ks.paused(tx.now) {
		return true, nil
	}
	if tx.expireFields(k, fieldBatch) {
		return false, nil
	}
	*h, _ = tx.peekHash(k)
	return true, nil
}

// expireFields removes up to limit fields of the hash at k that have expired,
// and the hash if none is left. Like the removal of a key that expired, it is
// no change of the command that happened to meet it.
func (tx *Tx) expireFields(k Key, limit int) (gone bool) {
	d, _, ref := tx.find(k)
	tx.beforePassing(k, Entry{tx, d, ref})
	h := value.OpenHash(value.OpenNew(tx.place(k, d, ref)), tx.now)
	var words [][]byte
	n := h.Expire(limit, func(field []byte) {
		if tx.want(WantChanges | WantFields) {
			words = append(words, slices.Clone(field))
		}
	})
	tx.shard(k.Hash).stats.expiredFields += int64(n)
	tx.removed = true
	if gone = h.Stored() == 0; gone {
		p, _ := d.probe(k)
		tx.unlinkRecord(tx.shard(k.Hash), d, &p)
	}
	tx.reportFields(k, words, gone)
	return gone
}

// reportFields tells the subscribers that fields of k expired, and that it is gone with the last one.
func (tx *Tx) reportFields(k Key, fields [][]byte, gone bool) {
	if !tx.want(WantChanges) {
		return
	}
	tx.after(k, ClassHash, "hexpired")
	tx.tellFields(ClassHash, "hexpired", k, fields)
	if gone {
		tx.after(k, ClassGeneric, "del")
	}
	tx.journal(tx.db, append([][]byte{[]byte("HDEL"), slices.Clone(k.Name)}, fields...))
}

// ArmFields sees to it that fields of the hash at k, which is h, are removed
// when they expire. It is called after a field was given an expiry.
func (tx *Tx) ArmFields(k Key, h *value.Hash) {
	first := h.Earliest()
	if first == 0 {
		return
	}
	d := tx.shard(k.Hash).dbs[tx.db].Load()
	timer := h.Timer()
	if timer != 0 {
		if object.At(d.arena, timer).ExpireAt() <= first {
			return
		}
		d.disarm(timer)
	} else {
		timer = newFieldTimer(d.arena, k.Name)
		h.SetTimer(timer)
	}
	tx.ks.addFieldTimer(d, timer, first)
}

func newFieldTimer(a *arena.Arena, name []byte) arena.Ref {
	ref := a.Alloc(object.CollectionSize(len(name), true, 0), arena.Expiry)
	object.At(a, ref).FillCollection(name, true, 0, TypeHash, object.Packed, 0)
	return ref
}

// addFieldTimer arms a timer and wakes the background expiry if that is asleep.
func (ks *Keyspace) addFieldTimer(d *database, timer arena.Ref, at int64) {
	object.At(d.arena, timer).SetExpireAt(at)
	d.fields.Add(timer)
	if d.fields.Len() == 1 {
		ks.wakeExpiry()
	}
}

// hashesExpiring is how many hashes have fields that expire.
func (d *database) hashesExpiring() int64 { return int64(d.fields.Len() + len(d.due)) }

// disarm takes a timer out of the wheel, or from those that are due.
func (d *database) disarm(timer arena.Ref) {
	d.fields.Remove(timer)
	if i := slices.Index(d.due, timer); i >= 0 {
		d.due = slices.Delete(d.due, i, i+1)
	}
}

// armMoved arms the timer of the collection that k was given, if it is a hash that needs one.
func (tx *Tx) armMoved(k Key) {
	d, _, ref := tx.find(k)
	r := object.At(d.arena, ref)
	if r.Type() != TypeHash {
		return
	}
	value.SetFieldTimer(tx.ks.blocksOf(d.arena, r), r, 0) // it is the other key's
	h := value.OpenHash(value.Open(tx.place(k, d, ref)), tx.now)
	tx.ArmFields(k, &h)
}

// fieldTimer is the timer of the value in r.
func (ks *Keyspace) fieldTimer(d *database, r object.Record) arena.Ref {
	if r.Type() != TypeHash || r.Encoding() == object.Packed {
		return 0
	}
	return value.FieldTimer(ks.blocksOf(d.arena, r), r)
}

// dropFieldTimer removes the timer of the value in r, which goes.
func (ks *Keyspace) dropFieldTimer(d *database, r object.Record) {
	if timer := ks.fieldTimer(d, r); timer != 0 {
		d.disarm(timer)
		freeFieldTimer(d.arena, timer)
		value.SetFieldTimer(ks.blocksOf(d.arena, r), r, 0)
	}
}

func freeFieldTimer(a *arena.Arena, timer arena.Ref) {
	a.Free(timer, object.At(a, timer).Size(), arena.Expiry)
}

// moveFieldTimer moves the timer of the value in r to another database of its shard.
func (ks *Keyspace) moveFieldTimer(from, to *database, r object.Record) {
	if timer := ks.fieldTimer(from, r); timer != 0 {
		from.disarm(timer)
		ks.addFieldTimer(to, timer, object.At(to.arena, timer).ExpireAt())
	}
}

func (d *database) hasFieldTimers() bool { return d.fields.Len() > 0 || len(d.due) > 0 }

// fields removes what is due of hashes in one database, up to fieldBatch
// fields, and says whether more are due.
func (x *expirer) fields(d *database, now int64) (more bool) {
	if len(d.due) == 0 {
		var room [timerBatch]arena.Ref
		var due []arena.Ref
		due, more = d.fields.Due(now, room[:0])
		d.due = append(d.due, due...)
	}
	for budget := fieldBatch; len(d.due) > 0; {
		if budget <= 0 {
			return true
		}
		budget -= x.expireHash(d, d.due[len(d.due)-1], budget)
	}
	return more
}

// expireHash removes up to limit fields of the hash whose timer is due, the last of
// those that are, and arms it again when that was all. It returns about how many it removed.
func (x *expirer) expireHash(d *database, timer arena.Ref, limit int) (n int) {
	tx := &x.tx
	x.name = append(x.name[:0], object.At(d.arena, timer).Key()...) // the timer may go
	k := tx.Key(x.name)
	h, found := tx.peekHash(k)
	if !found {
		return 1 // the key has just expired, and its timer went with it
	}
	n = h.Stored()
	if tx.due(&h) {
		if tx.expireFields(k, limit) {
			return n
		}
		h, _ = tx.peekHash(k)
	}
	if tx.due(&h) {
		return limit
	}
	d.due = d.due[:len(d.due)-1]
	first := h.Earliest()
	if first == 0 {
		h.SetTimer(0)
		freeFieldTimer(d.arena, timer)
	} else {
		tx.ks.addFieldTimer(d, timer, first)
	}
	return n - h.Stored() + 1
}

// peekHash opens the hash at k, to read, and removes nothing of it.
func (tx *Tx) peekHash(k Key) (h value.Hash, found bool) {
	d, _, ref := tx.find(k)
	if ref == 0 {
		return h, false
	}
	return value.OpenHash(value.Open(tx.place(k, d, ref)), tx.now), true
}
