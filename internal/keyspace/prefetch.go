package keyspace

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
	"github.com/redstart-db/redstart/internal/value"
)

// Prefetch brings the buckets, then the records of the keys into the cache, so
// that the misses of a batch overlap. It takes no lock and changes nothing.
func (ks *Keyspace) Prefetch(db int, keys []Key) {
	if allSame(keys) {
		return // the first command brings it, and there is nothing to overlap with
	}
	for i := range keys {
		if d := ks.shardOf(keys[i].Hash).dbs[db].Load(); d != nil {
			d.table.Prefetch(keys[i].Hash)
		}
	}
	for i := range keys {
		if d := ks.shardOf(keys[i].Hash).dbs[db].Load(); d != nil {
			d.arena.Prefetch(d.table.Candidate(keys[i].Hash))
		}
	}
}

func allSame(keys []Key) bool {
	for i := range keys {
		if keys[i].Hash != keys[0].Hash {
			return false
		}
	}
	return true
}

// An Element is a likely element of the collection at a key.
type Element struct {
	DB   int
	Key  Key
	Hash uint64 // of the element: see value.HashOf
}

// PrefetchElements does for elements of large collections what Prefetch does
// for keys, and returns how many are in a large collection. The roots that lead
// to them may only be read under the lock of the key's shard; a shard that is
// locked by another is left out. If it is one for all, it is waited for, and stays locked
// for the next Begin of tx, as after EndHolding.
func (ks *Keyspace) PrefetchElements(tx *Tx, elements []Element) (large int) {
	if ks.inOneShard(elements) {
		tx.hold(ks, 1<<(elements[0].Key.Hash&ks.mask))
	}
	large = ks.eachRoot(tx, elements, (*value.Rooted).PrefetchBucket)
	if large > 0 {
		ks.eachRoot(tx, elements, (*value.Rooted).PrefetchElement)
	}
	return large
}

func (ks *Keyspace) inOneShard(elements []Element) bool {
	for i := range elements {
		if (elements[i].Key.Hash^elements[0].Key.Hash)&ks.mask != 0 {
			return false
		}
	}
	return true
}

// eachRoot calls f for those elements whose key has a large collection. What
// comes for one key in a row is done under one lock.
func (ks *Keyspace) eachRoot(tx *Tx, elements []Element, f func(r *value.Rooted, hash uint64)) (large int) {
	var root value.Rooted
	for i := 0; i < len(elements); {
		e := &elements[i]
		n := 1
		for i+n < len(elements) && elements[i+n].Key.Hash == e.Key.Hash && elements[i+n].DB == e.DB {
			n++
		}
		s := ks.shardOf(e.Key.Hash)
		held := tx.held>>(e.Key.Hash&ks.mask)&1 == 1
		if held || s.mu.TryLock() {
			if a, r, ok := s.rooted(ks, e); ok {
				root.Open(a, r)
				for j := i; j < i+n; j++ {
					f(&root, elements[j].Hash)
				}
				large += n
			}
			if !held {
				s.mu.Unlock()
			}
		}
		i += n
	}
	return large
}

// rooted returns the record of an element's key, if its collection is a large
// one, and the arena of that.
func (s *shard) rooted(ks *Keyspace, e *Element) (a *arena.Arena, r object.Record, ok bool) {
	d := s.dbs[e.DB].Load()
	if d == nil {
		return nil, r, false
	}
	var p table.Probe
	d.table.Start(&p, e.Key.Hash)
	ref := d.next(&p, e.Key)
	if ref == 0 {
		return nil, r, false
	}
	r = object.At(d.arena, ref)
	return ks.blocksOf(d.arena, r), r, value.HasTable(r)
}
