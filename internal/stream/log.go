package stream

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// header is the root block of a log.
type header struct {
	length     uint64 // entries that are not deleted
	added      uint64 // entries ever added
	last       ID     // of the entry added last, even if that is deleted
	maxDeleted ID     // the greatest ever deleted
	bytes      int64  // of all blocks, as the arena rounds them, this one too
	blocks     tree
	groups     names
	tail       arena.Ref // the last block, or 0
	producers  arena.Ref // see idempotent.go, or 0
}

// A Log is a stream: entries in the order of their IDs, and the groups that
// consume them. It is a handle, to be opened for each use; nothing refers to it.
type Log struct {
	a    *arena.Arena
	root arena.Ref
	h    *header
}

const headerSize = int(unsafe.Sizeof(header{}))

// Open returns the log whose root block is root.
func Open(a *arena.Arena, root arena.Ref) Log {
	return Log{a, root, (*header)(a.Ptr(root))}
}

// New makes an empty log.
func New(a *arena.Arena) Log {
	l := Open(a, a.Alloc(headerSize, arena.Element))
	*l.h = header{bytes: int64(arena.UsableSize(headerSize))}
	return l
}

// Root is the block to open the log by.
func (l Log) Root() arena.Ref { return l.root }

func (l Log) alloc(size int) arena.Ref {
	l.h.bytes += int64(arena.UsableSize(size))
	return l.a.Alloc(size, arena.Element)
}

func (l Log) free(ref arena.Ref, size int) {
	l.h.bytes -= int64(arena.UsableSize(size))
	l.a.Free(ref, size, arena.Element)
}

func (l Log) blocks() index { return index{l, &l.h.blocks, blockShape} }

// Len is the number of entries.
func (l Log) Len() int { return int(l.h.length) }

// Blocks is the number of blocks that entries are in.
func (l Log) Blocks() int { return int(l.h.blocks.n) }

// Added is the number of entries ever added.
func (l Log) Added() int64 { return int64(l.h.added) }

// SetAdded corrects the number of entries ever added.
func (l Log) SetAdded(n int64) { l.h.added = uint64(n) }

// LastID is the ID given last, of an entry that may be gone.
func (l Log) LastID() ID { return l.h.last }

// SetLastID sets what the next ID must be greater than. No entry may have a greater one.
func (l Log) SetLastID(id ID) {
	if l.h.tail != 0 {
		// Deleted entries may have greater IDs than the next one will.
		l.block(l.h.tail).cutDeletedEnd()
	}
	l.h.last = id
	l.checkIfEnabled()
}

// MaxDeleted is the greatest ID that was ever deleted other than by Trim; 0-0 if none was.
func (l Log) MaxDeleted() ID { return l.h.maxDeleted }

// SetMaxDeleted corrects the greatest deleted ID.
func (l Log) SetMaxDeleted(id ID) { l.h.maxDeleted = id }

// FirstID is the ID of the first entry; 0-0 if there is none.
func (l Log) FirstID() ID {
	x := l.blocks()
	c := x.cursor()
	if !c.first() {
		return ID{}
	}
	b := l.block(refAt(c.value()))
	e := b.entry(b.start)
	return e.id
}

// TopID is the ID of the last entry; 0-0 if there is none.
func (l Log) TopID() ID {
	if l.h.tail == 0 {
		return ID{}
	}
	b := l.block(l.h.tail)
	e := b.entryBefore(b.used)
	for e.deleted() {
		e = b.entryBefore(e.at)
	}
	return e.id
}

func refAt(p unsafe.Pointer) arena.Ref { return *(*arena.Ref)(p) }

// NextID is the ID that an entry added now gets. ok is false if there is none left.
func (l Log) NextID(now int64) (id ID, ok bool) {
	if ms := uint64(now); now > 0 && ms > l.h.last.MS {
		return ID{MS: ms}, true
	}
	return l.h.last.Next()
}

// Limits say when a block is full.
type Limits struct {
	Bytes   int // 0: a GiB
	Entries int // 0: any number
}

// maxBlock bounds a block, whatever Limits say.
const maxBlock = 1 << 30

// Add appends an entry. Its ID must be greater than LastID; pairs are its
// fields, each with its value, together below 1 GiB.
func (l Log) Add(id ID, pairs [][]byte, limits Limits) {
	size := 0
	for _, p := range pairs {
		size += len(p)
	}
	b := l.tailFor(id, size, pairs, limits)
	same := b.hasFields(pairs)
	need := b.entrySize(id, pairs, same)
	if int(b.size)-int(b.used) < need {
		b = l.growTail(need)
	}
	b.append(id, pairs, same)
	l.h.length++
	l.h.added++
	l.h.last = id
	l.checkIfEnabled()
}

// tailFor returns the block for an entry with size bytes of fields and values.
func (l Log) tailFor(id ID, size int, pairs [][]byte, limits Limits) *block {
	most := limits.Bytes
	if most <= 0 || most > maxBlock {
		most = maxBlock
	}
	capacity := firstBlock
	if l.h.tail != 0 {
		b := l.block(l.h.tail)
		full := int(b.used)+size >= most || limits.Entries > 0 && int(b.count) >= limits.Entries
		if !full {
			return b
		}
		l.closeTail()
		capacity = int(l.block(l.h.tail).size)
	}
	return l.newTail(id, pairs, min(capacity, most))
}

// newTail makes a block, of some capacity, whose first entry will be id.
func (l Log) newTail(id ID, pairs [][]byte, capacity int) *block {
	need := blockHeader + masterSize(pairs) + 2*entryOverhead
	size := arena.UsableSize(max(capacity, need))
	ref := l.alloc(size)
	b := l.block(ref)
	*b = block{base: id, last: id, size: uint32(size)}
	b.setMaster(pairs)
	x := l.blocks()
	v, _ := x.insert(idKey(id))
	*(*arena.Ref)(v) = ref
	l.h.tail = ref
	return b
}

// growTail gives the last block room for need more bytes, and some in advance.
func (l Log) growTail(need int) *block {
	b := l.block(l.h.tail)
	return l.resizeTail(max(int(b.used)+need, min(2*int(b.size), int(b.size)+maxSlack)))
}

// closeTail gives back what the last block does not need.
func (l Log) closeTail() {
	if b := l.block(l.h.tail); !arena.SameBlock(int(b.used), int(b.size)) {
		l.resizeTail(int(b.used))
	}
}

func (l Log) resizeTail(size int) *block {
	old := l.block(l.h.tail)
	size = arena.UsableSize(size)
	ref := l.alloc(size)
	b := l.block(ref)
	copy(l.a.Bytes(ref, int(old.used)), l.a.Bytes(l.h.tail, int(old.used)))
	b.size = uint32(size)
	x := l.blocks()
	c := x.cursor()
	c.last()
	*(*arena.Ref)(c.value()) = ref
	l.free(l.h.tail, int(old.size))
	l.h.tail = ref
	return b
}

// Delete takes an entry out and says whether it was there.
func (l Log) Delete(id ID) bool {
	b, e, found := l.find(id)
	if !found {
		return false
	}
	l.remove(b, e)
	if l.h.maxDeleted.Less(id) {
		l.h.maxDeleted = id
	}
	l.checkIfEnabled()
	return true
}

// Has says whether there is an entry of that ID.
func (l Log) Has(id ID) bool {
	_, _, found := l.find(id)
	return found
}

func (l Log) find(id ID) (b *block, e entry, found bool) {
	x := l.blocks()
	c := x.cursor()
	if !c.seekBack(idKey(id)) {
		return nil, e, false
	}
	b = l.block(refAt(c.value()))
	if b.last.Less(id) {
		return nil, e, false
	}
	for at := b.start; at < b.used; at = e.end {
		e = b.entry(at)
		if !e.id.Less(id) {
			return b, e, e.id == id && !e.deleted()
		}
	}
	return nil, e, false
}

// remove takes an entry out of its block, and the block away with its last one.
func (l Log) remove(b *block, e entry) {
	l.h.length--
	b.delete(e)
	if b.live == 0 {
		l.dropBlock(b)
	}
}

// dropBlock frees a block.
func (l Log) dropBlock(b *block) {
	x := l.blocks()
	ref := refAt(x.find(idKey(b.base)))
	x.remove(idKey(b.base))
	l.free(ref, int(b.size))
	if ref == l.h.tail {
		l.h.tail = 0
		if c := x.cursor(); c.last() {
			l.h.tail = refAt(c.value())
		}
	}
}
