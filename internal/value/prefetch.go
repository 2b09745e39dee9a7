package value

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// HashOf is the hash of an element, for prefetching.
func HashOf(b []byte) uint64 { return hashOf(b) }

// HasTable says whether the value of a record is a collection with a table of
// its elements: then its root begins with that of the table.
func HasTable(r object.Record) bool {
	if r.Encoding() != object.Rooted {
		return false
	}
	t := r.Type()
	return t == object.TypeSet || t == object.TypeHash || t == object.TypeZSet
}

// Rooted is the table of a large collection, to prefetch from.
type Rooted struct {
	arena *arena.Arena
	table table.Root
}

// Open opens the table of a record that HasTable, with its blocks in a.
func (r *Rooted) Open(a *arena.Arena, record object.Record) {
	r.arena = a
	r.table.Open(a, rootOf(record.Body()), nil)
}

// PrefetchBucket asks for the bucket in which an element is looked for.
func (r *Rooted) PrefetchBucket(hash uint64) { r.table.Prefetch(hash) }

// PrefetchElement asks for the block of an element; its bucket should be there already.
func (r *Rooted) PrefetchElement(hash uint64) {
	if ref := r.table.Candidate(hash); ref != 0 {
		r.arena.Prefetch(ref)
	}
}
