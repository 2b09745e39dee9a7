package table

import (
	"sync/atomic"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
)

const (
	fractionBits = 13
	maxBuckets   = 64
	// localBuckets is the size from which a slot alone tells a key's
	// fraction: 1<<fractionBits / localBuckets <= 256.
	localBuckets = 32
	maxDepth     = 32
)

// sizes are the numbers of buckets a segment may have.
var sizes = [...]uint8{1, 2, 4, 8, 16, 24, 32, 40, 48, 56, 64}

// Hash returns the hash of a record's key. Tables of records in an arena use
// a plain function, so that opening one allocates nothing.
type Hash func(a *arena.Arena, ref arena.Ref) uint64

// core is a table whatever holds its state: a Table or a Root. It is not
// safe for concurrent use.
type core struct {
	arena   *arena.Arena
	hash    Hash
	purpose arena.Purpose
	dir     directory
	tally   *tally

	// Where the directory is kept: one of them is nil.
	published *atomic.Pointer[directory]
	root      *root
}

// tally is what a table counts. It may be in an arena.
type tally struct {
	bytes int64  // of all blocks, as the arena rounds them
	sweep uint64 // where Shrink goes on: a directory entry
	count uint32
	slots uint32 // in all segments: count/slots is the load
}

// directory maps the first depth bits of a hash to a segment. It is replaced
// when it doubles; its entries change in place.
type directory struct {
	shift    uint // 64 - depth
	segments []segment
	ref      arena.Ref // the block of segments, if they are in one of their own
}

// segment packs where a segment is and its geometry:
// bits 0-31 ref, 32-39 number of buckets, 40-47 depth. Zero: none.
type segment uint64

func makeSegment(ref arena.Ref, buckets, depth int) segment {
	return segment(ref) | segment(buckets)<<32 | segment(depth)<<40
}

func (s segment) ref() arena.Ref { return arena.Ref(s) }
func (s segment) buckets() int   { return int(s >> 32 & 0xff) }
func (s segment) depth() uint    { return uint(s >> 40 & 0xff) }

func fractionOf(hash uint64, depth uint) uint {
	return uint(hash << depth >> (64 - fractionBits))
}

// A Table is a table that Go memory holds: its segments are in the arena, its
// directory is not, so that Prefetch may look at it without a lock.
type Table struct {
	core
	counts tally
	shared atomic.Pointer[directory]
}

// Init makes t an empty table whose segments live in a. hash is called for
// records of segments that are split or joined. t must not be copied afterwards.
func (t *Table) Init(a *arena.Arena, hash Hash) {
	t.counts = tally{}
	t.core = core{arena: a, hash: hash, purpose: arena.Index, tally: &t.counts, published: &t.shared}
	t.useDirectory(directory{shift: 64, segments: make([]segment, 1)})
}

// Prefetch asks for the bucket that a search for hash looks at first. It may
// be called without the lock.
func (t *Table) Prefetch(hash uint64) { prefetchIn(t.arena, t.shared.Load(), hash) }

// Candidate returns the record that a search for hash would look at first, or 0.
// It may be called without the lock; then the answer is a guess, good for nothing but a prefetch.
func (t *Table) Candidate(hash uint64) arena.Ref { return candidateIn(t.arena, t.shared.Load(), hash) }

// Arena is where the records are.
func (t *core) Arena() *arena.Arena { return t.arena }

// Len is the number of keys.
func (t *core) Len() int { return int(t.tally.count) }

// Slots is the room for keys.
func (t *core) Slots() int { return int(t.tally.slots) }

// Bytes is what the table's blocks take, as the arena rounds them, and what was added with Account.
func (t *core) Bytes() int64 { return t.tally.bytes }

// Account adds to Bytes: what the records take, if the owner wants it counted here.
func (t *core) Account(delta int64) { t.tally.bytes += delta }

// find returns the segment of a hash and the index of its directory entry.
func (d directory) find(hash uint64) (segment, uint64) {
	i := hash >> d.shift // a shift by 64 gives 0
	return d.segments[i], i
}

func bucketAt(a *arena.Arena, ref arena.Ref, i int) *bucket {
	return (*bucket)(a.Ptr(ref + arena.Ref(i*bucketSize/8)))
}

// A Slot is the place of a record in the table, valid until the next Insert,
// Remove or Shrink.
type Slot struct {
	b   *bucket
	idx int
}

// Ref is the record in the slot.
func (s Slot) Ref() arena.Ref { return s.b.refs[s.idx] }

// Set replaces the record in the slot by another with the same key.
func (s Slot) Set(ref arena.Ref) { s.b.refs[s.idx] = ref }

// A Probe walks the records whose hash may be the one searched for.
type Probe struct {
	arena       *arena.Arena
	seg         segment
	b           *bucket
	matches     uint32
	fingerprint uint8
	home, displ int
	slot        int
}

// Start starts a search with p, which is new. The caller compares the keys of what Next returns. A Probe is
// not returned, because a copy of what has just been written in smaller pieces makes the processor wait.
func (t *core) Start(p *Probe, hash uint64) {
	seg, _ := t.dir.find(hash)
	if seg == 0 {
		return
	}
	f := fractionOf(hash, seg.depth())
	p.arena, p.seg, p.fingerprint = t.arena, seg, uint8(f)
	p.home = int(f * uint(seg.buckets()) >> fractionBits)
	p.b = bucketAt(t.arena, seg.ref(), p.home)
	p.matches = p.b.match(p.fingerprint)
}

// Next returns the next candidate, or 0 when there is none left.
func (p *Probe) Next() arena.Ref {
	for p.b != nil {
		for p.matches != 0 {
			p.slot = lowestBit(p.matches)
			p.matches &= p.matches - 1
			if ref := p.b.refs[p.slot]; ref != 0 && p.b.displacement(p.slot) == p.displ {
				return ref
			}
		}
		p.advance()
	}
	return 0
}

// advance goes to the next bucket that may hold the key, if there is one.
func (p *Probe) advance() {
	if p.b.overflow == 0 || p.displ == maxDisplacement || p.displ+1 >= p.seg.buckets() {
		p.b = nil
		return
	}
	p.displ++
	p.b = bucketAt(p.arena, p.seg.ref(), wrap(p.home+p.displ, p.seg.buckets()))
	p.matches = p.b.match(p.fingerprint)
}

func wrap(i, n int) int {
	if i >= n {
		return i - n
	}
	return i
}

// Slot is the place of the candidate that Next returned last.
func (p *Probe) Slot() Slot { return Slot{p.b, p.slot} }

// Insert adds a record whose key is not in the table.
func (t *core) Insert(hash uint64, ref arena.Ref) {
	for {
		seg, i := t.dir.find(hash)
		if seg != 0 && t.place(seg, fractionOf(hash, seg.depth()), ref) {
			break
		}
		t.grow(seg, i)
	}
	t.tally.count++
}

// place puts a record into a segment, if there is room near its home or some
// can be made.
func (t *core) place(seg segment, fraction uint, ref arena.Ref) bool {
	home := int(fraction * uint(seg.buckets()) >> fractionBits)
	if t.placeFrom(seg, home, 0, uint8(fraction), ref) {
		return true
	}
	return t.makeRoom(seg, home) && t.placeFrom(seg, home, 0, uint8(fraction), ref)
}

// placeFrom puts a record into the first bucket with an empty slot that is at
// least d and at most maxDisplacement after its home.
func (t *core) placeFrom(seg segment, home, d int, fingerprint uint8, ref arena.Ref) bool {
	n := seg.buckets()
	for ; d <= maxDisplacement && d < n; d++ {
		b := bucketAt(t.arena, seg.ref(), wrap(home+d, n))
		slot := b.emptySlot()
		if slot < 0 {
			continue
		}
		b.put(slot, ref, fingerprint, d)
		t.addOverflow(seg, home, d, 1)
		return true
	}
	return false
}

// makeRoom empties a slot in one of the buckets that a key of the given home
// may be in, by moving a record there further from its own home. It lets
// segments fill to about 0.9 before they grow; without it, to 0.8.
func (t *core) makeRoom(seg segment, home int) bool {
	n := seg.buckets()
	for d := 0; d <= maxDisplacement && d < n; d++ {
		at := wrap(home+d, n)
		b := bucketAt(t.arena, seg.ref(), at)
		for slot, ref := range b.refs {
			own := b.displacement(slot)
			from := wrap(at-own+n, n)
			if own < maxDisplacement && t.placeFrom(seg, from, own+1, b.fingerprints[slot], ref) {
				b.put(slot, 0, 0, 0)
				t.addOverflow(seg, from, own, -1)
				return true
			}
		}
	}
	return false
}

// addOverflow counts a key (or, with delta -1, discounts it) in the buckets it passed over.
func (t *core) addOverflow(seg segment, home, displacement, delta int) {
	for i := 0; i < displacement; i++ {
		b := bucketAt(t.arena, seg.ref(), wrap(home+i, seg.buckets()))
		b.overflow += uint8(delta)
	}
}

// Remove takes the record that p found last out of the table.
func (t *core) Remove(p *Probe) {
	p.b.put(p.slot, 0, 0, 0)
	t.addOverflow(p.seg, p.home, p.displ, -1)
	t.tally.count--
}

// Replace puts another record with the same key in the place of one that is in the table.
func (t *core) Replace(hash uint64, from, to arena.Ref) {
	var p Probe
	t.Start(&p, hash)
	for ref := p.Next(); ref != from; ref = p.Next() {
		if ref == 0 {
			panic("table: the record to replace is not there")
		}
	}
	p.Slot().Set(to)
}

func prefetchIn(a *arena.Arena, d *directory, hash uint64) {
	if seg := d.load(hash); seg != 0 {
		arena.PrefetchAddr(unsafe.Pointer(homeBucket(a, seg, hash)))
	}
}

func candidateIn(a *arena.Arena, d *directory, hash uint64) arena.Ref {
	seg := d.load(hash)
	if seg == 0 {
		return 0
	}
	b := homeBucket(a, seg, hash)
	for m := b.match(uint8(fractionOf(hash, seg.depth()))); m != 0; m &= m - 1 {
		if ref := b.refs[lowestBit(m)]; ref != 0 {
			return ref
		}
	}
	return 0
}

// load is find for callers without the lock.
func (d *directory) load(hash uint64) segment {
	return segment(atomic.LoadUint64((*uint64)(&d.segments[hash>>d.shift])))
}

func homeBucket(a *arena.Arena, seg segment, hash uint64) *bucket {
	f := fractionOf(hash, seg.depth())
	return bucketAt(a, seg.ref(), int(f*uint(seg.buckets())>>fractionBits))
}

// width is the number of entries that name a segment. (There is one entry if there is none.)
func (d *directory) width(seg segment) uint64 { return uint64(1) << (64 - d.shift - seg.depth()) }

// set stores a segment in all directory entries that share its prefix, i
// being one of them.
func (d directory) set(i uint64, seg segment) {
	width := d.width(seg)
	first := i &^ (width - 1)
	for j := first; j < first+width; j++ {
		atomic.StoreUint64((*uint64)(&d.segments[j]), uint64(seg))
	}
}

// forget empties entries of the directory, from first on.
func (d directory) forget(first, n uint64) {
	for j := first; j < first+n; j++ {
		atomic.StoreUint64((*uint64)(&d.segments[j]), 0)
	}
}

// checkSlot is called in the invariants build for records that moved.
func (t *core) checkSlot(seg segment, fraction uint, ref arena.Ref) {
	if invariants.Enabled {
		want := fractionOf(t.hash(t.arena, ref), seg.depth())
		invariants.Check(want == fraction, "table: record %d has fraction %d, its slot says %d", ref, want, fraction)
	}
}
