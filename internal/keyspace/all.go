package keyspace

import (
	"math/bits"
	"math/rand/v2"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

// What works on a whole database. All of it needs every shard locked.

// DBSize is the number of keys in the database (expired ones that are not yet
// gone count).
func (tx *Tx) DBSize() (n int) {
	for i := range tx.ks.shards {
		if d := tx.part(i); d != nil {
			n += d.table.Len()
		}
	}
	return n
}

// part returns the database's part in shard i, or nil.
func (tx *Tx) part(i int) *database { return tx.ks.shards[i].dbs[tx.db].Load() }

func (tx *Tx) alive(d *database, ref arena.Ref) bool {
	r := object.At(d.arena, ref)
	return !r.HasTimer() || r.ExpireAt() >= tx.now
}

// Each calls f for every live key of the database until f returns false. f
// must not change the keyspace.
func (tx *Tx) Each(f func(Entry) bool) {
	goOn := true
	for i := range tx.ks.shards {
		if d := tx.part(i); d != nil && goOn {
			d.table.Each(func(ref arena.Ref) bool {
				goOn = !tx.alive(d, ref) || f(Entry{tx, d, ref})
				return goOn
			})
		}
	}
}

// Scan calls f for each live key of some buckets from cursor on, until about
// count were seen, and returns the cursor to go on from; 0 when all were
// seen. Every key that is there from the first call to the last is seen at
// least once. Expired keys on the way are removed. f must not change the
// keyspace.
func (tx *Tx) Scan(cursor uint64, count int, f func(Entry)) uint64 {
	shardBits := bits.Len64(tx.ks.mask)
	i, at := int(cursor&tx.ks.mask), cursor>>shardBits
	seen, buckets := 0, 10*count // an empty table must not make one call long
	tx.apart = true
	for ; i < len(tx.ks.shards); i++ {
		d := tx.part(i)
		for d != nil {
			at = d.table.Scan(at, func(ref arena.Ref) {
				seen++
				if tx.alive(d, ref) {
					f(Entry{tx, d, ref})
				} else {
					tx.expired = append(tx.expired, ref)
				}
			})
			tx.expireFound(i, d)
			buckets--
			if at == 0 {
				break
			}
			if seen >= count || buckets <= 0 {
				return at<<shardBits | uint64(i)
			}
		}
		at = 0
		if (seen >= count || buckets <= 0) && i+1 < len(tx.ks.shards) {
			return uint64(i + 1)
		}
	}
	return 0
}

// expireFound removes the expired keys that a scan met in its last bucket.
func (tx *Tx) expireFound(i int, d *database) {
	for _, ref := range tx.expired {
		if !tx.ks.paused(tx.now) {
			k := tx.Key(object.At(d.arena, ref).Key())
			p, _ := d.probe(k)
			tx.expire(&tx.ks.shards[i], d, &p, k)
		}
	}
	tx.expired = tx.expired[:0]
}

// Random returns a random live key of the database.
func (tx *Tx) Random() (Entry, bool) {
	tx.apart = true
	for tries := 0; tries < 1000; tries++ {
		n := tx.DBSize()
		if n == 0 {
			return Entry{}, false
		}
		s, d := tx.shardOfKey(rand.IntN(n))
		ref := d.table.Sample(rand.Uint64())
		if ref == 0 {
			continue
		}
		if tx.alive(d, ref) {
			return Entry{tx, d, ref}, true
		}
		if !tx.ks.paused(tx.now) {
			k := tx.Key(object.At(d.arena, ref).Key())
			p, _ := d.probe(k)
			tx.expire(s, d, &p, k)
		}
	}
	// A few keys in many slots: take any.
	var e Entry
	tx.Each(func(any Entry) bool { e = any; return false })
	return e, e.ref != 0
}

// shardOfKey returns where the i-th key of the database is, counted through
// all shards.
func (tx *Tx) shardOfKey(i int) (*shard, *database) {
	for j := range tx.ks.shards {
		d := tx.part(j)
		if d == nil {
			continue
		}
		if i < d.table.Len() {
			return &tx.ks.shards[j], d
		}
		i -= d.table.Len()
	}
	panic("keyspace: fewer keys than DBSize")
}

// flushInline is how many keys of a shard are freed at once by a flush; more
// are handed to the reclaimer.
const flushInline = 256

// FlushDB removes every key of the database; what they held is reclaimed in
// the background. It returns the number of keys.
func (tx *Tx) FlushDB() int {
	n := tx.DBSize()
	tx.flushed(tx.db)
	for i := range tx.ks.shards {
		if d := tx.part(i); d != nil {
			tx.ks.dropDatabase(&tx.ks.shards[i], tx.db, d)
		}
	}
	tx.dirty += n
	return n
}

// FlushAll removes every key of all databases, like FlushDB. Shards with many keys get a new arena.
func (tx *Tx) FlushAll() (n int) {
	tx.flushed(-1)
	ks := tx.ks
	var fresh [maxShards]*arena.Arena
	many := ks.manyKeys()
	if ks.anyShared() && many != 0 {
		many = 1<<len(ks.shards) - 1 // values are in others' arenas: all go, or none
	}
	ok := ks.freshArenas(&fresh, many)
	for i := range ks.shards {
		n += ks.shards[i].keys()
		if ok && fresh[i] != nil {
			ks.replaceArena(&ks.shards[i], fresh[i])
		} else {
			ks.dropDatabases(&ks.shards[i])
		}
	}
	tx.dirty += n
	return n
}

// manyKeys returns a bit for each shard that should not be emptied key by key.
func (ks *Keyspace) manyKeys() (set uint64) {
	for i := range ks.shards {
		if ks.shards[i].keys() > flushInline {
			set |= 1 << i
		}
	}
	return set
}

// anyShared says whether there may be values in the arenas of other shards.
func (ks *Keyspace) anyShared() bool {
	for i := range ks.shards {
		if ks.shards[i].arena.Shared() {
			return true
		}
	}
	return false
}

// freshArenas makes an arena for each shard of the set, or for none.
func (ks *Keyspace) freshArenas(fresh *[maxShards]*arena.Arena, set uint64) bool {
	for ; set != 0; set &= set - 1 {
		i := bits.TrailingZeros64(set)
		if fresh[i] = ks.freshArena(); fresh[i] == nil {
			for j := range i {
				if fresh[j] != nil {
					ks.keepSpare(fresh[j])
				}
			}
			return false
		}
	}
	return true
}

// keys is the number of keys of a shard, in all databases.
func (s *shard) keys() (n int) {
	for db := range s.dbs {
		if d := s.dbs[db].Load(); d != nil {
			n += d.table.Len()
		}
	}
	return n
}

func (ks *Keyspace) dropDatabases(s *shard) {
	for db := range s.dbs {
		if d := s.dbs[db].Load(); d != nil {
			ks.dropDatabase(s, db, d)
		}
	}
}

func (tx *Tx) flushed(db int) {
	tx.found = finding{}
	tx.signalDB(db, false)
	tx.ks.flusher = tx
	for _, s := range tx.ks.subs {
		s.Flush(db)
	}
	tx.ks.flusher = nil
}

// dropDatabase empties a shard's part of a database.
func (ks *Keyspace) dropDatabase(s *shard, db int, d *database) {
	s.dbs[db].Store(nil)
	d.wheel.Drop()
	d.fields.Drop()
	if d.table.Len() > flushInline {
		ks.reclaim.add(job{s: s, d: d, objects: int64(d.table.Len())})
		return
	}
	for ks.takeSegment(s, d) {
	}
}

// takeSegment frees the records of one segment of a dropped database.
func (ks *Keyspace) takeSegment(s *shard, d *database) (more bool) {
	return d.table.TakeSegment(func(ref arena.Ref) {
		r := object.At(d.arena, ref)
		if timer := ks.fieldTimer(d, r); timer != 0 {
			freeFieldTimer(d.arena, timer)
		}
		ks.dropValue(s, d.arena, r)
		d.arena.Free(ref, r.Size(), arena.Record)
	})
}

// SwapDB exchanges two databases.
func (tx *Tx) SwapDB(a, b int) {
	tx.found = finding{}
	for i := range tx.ks.shards {
		s := &tx.ks.shards[i]
		da, db := s.dbs[a].Load(), s.dbs[b].Load()
		s.dbs[a].Store(db)
		s.dbs[b].Store(da)
	}
	tx.signalDB(a, true)
	tx.signalDB(b, true)
	tx.ks.flusher = tx
	for _, s := range tx.ks.subs {
		s.Swap(a, b)
	}
	tx.ks.flusher = nil
	tx.dirty++
}
