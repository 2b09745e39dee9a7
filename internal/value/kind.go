package value

import (
	"hash/maphash"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

// seed is for the hashes of elements.
var seed = maphash.MakeSeed()

// hashOf is the hash of an element of a set, a field of a hash, a member of a sorted set.
func hashOf(b []byte) uint64 { return maphash.Bytes(seed, b) }

// A kind is what is done with the roots of a type whatever they hold.
type kind struct {
	rooted, packed string // what OBJECT ENCODING answers

	// bytes is what the root and all it owns take.
	bytes func(a *arena.Arena, root arena.Ref) int64

	// clone makes a copy in an arena, which may be the same.
	clone func(a *arena.Arena, root arena.Ref, to *arena.Arena) arena.Ref

	// reclaim frees about budget blocks of a root that nothing names any more,
	// at last the root itself, and says whether any are left.
	reclaim func(a *arena.Arena, root arena.Ref, budget int) (more bool)
}

var kinds = [...]kind{
	object.TypeString: {},
	object.TypeList:   {"quicklist", "quicklist", listBytes, cloneList, reclaimList},
	object.TypeSet:    {"hashtable", "listpack", setBytes, cloneSet, reclaimSet},
	object.TypeZSet:   {rooted: "skiplist", packed: "listpack", bytes: zRootBytes, clone: zRootClone, reclaim: zRootReclaim},
	object.TypeHash:   {rooted: "hashtable", packed: "listpack", bytes: hBytes, clone: hClone, reclaim: hReclaim},
	object.TypeStream: {"stream", "stream", streamBytes, cloneStream, reclaimStream},
}

// EncodingName returns what OBJECT ENCODING answers for the collection in a record.
func EncodingName(r object.Record) string {
	switch r.Encoding() {
	case object.IntSet:
		return "intset"
	case object.Timed:
		return "listpackex"
	case object.Rooted:
		return kinds[r.Type()].rooted
	}
	return kinds[r.Type()].packed
}

// Bytes is what a collection takes outside its record; a is the arena of its blocks.
func Bytes(a *arena.Arena, r object.Record) int64 {
	if r.Encoding() != object.Rooted {
		return 0
	}
	return kinds[r.Type()].bytes(a, rootOf(r.Body()))
}

// CloneBody writes the body of a copy of the collection in r, whose blocks are
// in a, to a body of the same length in a record in arena to.
func CloneBody(a *arena.Arena, r object.Record, to *arena.Arena, body []byte) {
	copy(body, r.Body())
	if r.Encoding() == object.Rooted {
		putRoot(body, kinds[r.Type()].clone(a, rootOf(body), to), 0)
	}
}

// SetArena notes in the body of a rooted collection that its blocks are in another arena than its record.
func SetArena(body []byte, id uint16) { putRoot(body, rootOf(body), id) }

// Remains are the blocks of a collection that no record names any more.
type Remains struct {
	typ  object.Type
	root arena.Ref
}

// Bury takes from a record what is left to be reclaimed when it is gone; ok is
// false if that is nothing.
func Bury(r object.Record) (rest Remains, ok bool) {
	if r.Encoding() != object.Rooted {
		return rest, false
	}
	return Remains{r.Type(), rootOf(r.Body())}, true
}

// Bytes is what is left to be reclaimed; a is the arena of the blocks.
func (m Remains) Bytes(a *arena.Arena) int64 { return kinds[m.typ].bytes(a, m.root) }

// Reclaim frees about budget blocks and says whether any are left.
func (m Remains) Reclaim(a *arena.Arena, budget int) (more bool) {
	return kinds[m.typ].reclaim(a, m.root, budget)
}
