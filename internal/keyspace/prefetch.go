package keyspace

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// Prefetch brings the buckets, then the records of the keys into the cache, so
// that the misses of a batch overlap. It takes no lock and changes nothing.
func (ks *Keyspace) Prefetch(db int, keys []Key) {
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

// An Element is a likely element of the collection at a key.
type Element struct {
	DB   int
	Key  Key
	Hash uint64 // of the element: see value.HashOf
}

// PrefetchElements does for elements of large collections what Prefetch does
// for keys, and returns how many are in a large collection. The roots that lead
// to them may only be read under the lock of the key's shard; a shard that is
// locked by another is left out.
func (ks *Keyspace) PrefetchElements(elements []Element) (large int) {
	large = ks.eachRoot(elements, value.Rooted.PrefetchBucket)
	if large > 0 {
		ks.eachRoot(elements, value.Rooted.PrefetchElement)
	}
	return large
}

// eachRoot calls f for those elements whose key has a large collection. What
// comes for one key in a row is done under one lock.
func (ks *Keyspace) eachRoot(elements []Element, f func(r value.Rooted, hash uint64)) (large int) {
	for i := 0; i < len(elements); {
		e := &elements[i]
		n := 1
		for i+n < len(elements) && elements[i+n].Key.Hash == e.Key.Hash && elements[i+n].DB == e.DB {
			n++
		}
		s := ks.shardOf(e.Key.Hash)
		if s.mu.TryLock() {
			if a, r, ok := s.rooted(ks, e); ok {
				root := value.OpenRooted(a, r)
				for j := i; j < i+n; j++ {
					f(root, elements[j].Hash)
				}
				large += n
			}
			s.mu.Unlock()
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
	p := d.table.Probe(e.Key.Hash)
	ref := d.next(&p, e.Key)
	if ref == 0 {
		return nil, r, false
	}
	r = object.At(d.arena, ref)
	return ks.blocksOf(d.arena, r), r, value.HasTable(r)
}
