package keyspace

import (
	"math/bits"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/value"
)

// Sizes is how many values of each type there are by their size: bytes of a
// string, elements of a collection. Slot 0 is of size 0, slot i of those from
// 1<<(i-1) up to, but not, 1<<i. Streams are left out, as in Redis.
//
// It is counted when somebody asks: a counter would have to be moved with
// each change of a collection, which costs every write something.
type Sizes [TypeStream][65]int64

// sizesStep is how many keys are looked at while their shard is locked.
const sizesStep = 256

// Sizes walks through all keys of the databases, those that have expired left
// out; keys that come and go meanwhile may be missing or counted twice. The
// Tx has locked all shards, or none: then each is locked for some keys at a time.
func (tx *Tx) Sizes() []Sizes {
	all := make([]Sizes, tx.ks.databases)
	home := tx.db
	for i := range tx.ks.shards {
		for tx.db = range all {
			for cursor, more := uint64(0), true; more; more = cursor != 0 {
				cursor = tx.countSizes(&tx.ks.shards[i], cursor, &all[tx.db])
			}
		}
	}
	tx.db = home
	return all
}

// countSizes goes on from cursor in a shard's part of the current database.
func (tx *Tx) countSizes(s *shard, cursor uint64, sizes *Sizes) (next uint64) {
	if tx.locked == 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
	}
	d := s.dbs[tx.db].Load()
	if d == nil {
		return 0
	}
	return d.table.ScanSome(cursor, sizesStep, func(ref arena.Ref) {
		if e := (Entry{tx, d, ref}); tx.alive(d, ref) && e.Type() < TypeStream {
			sizes[e.Type()][bits.Len64(uint64(e.size()))]++
		}
	})
}

// size is the length of a string, or the number of elements.
func (e Entry) size() int {
	switch e.Type() {
	case TypeString:
		return e.Len()
	case TypeList:
		l := value.List{Cell: e.Cell()}
		return l.Len()
	case TypeSet:
		s := value.Set{Cell: e.Cell()}
		return s.Len()
	case TypeZSet:
		z := value.ZSet{Cell: e.Cell()}
		return z.Len()
	}
	h := value.OpenHash(e.Cell(), e.tx.now)
	return h.Len()
}
