package table

import (
	"github.com/redstart-db/redstart/internal/arena"
)

// grow makes room in the segment of directory entry i: the next size, or two
// segments.
func (t *core) grow(seg segment, i uint64) {
	if seg == 0 {
		t.replace(i, t.newSegment(int(sizes[0]), 0), 0)
		return
	}
	for _, n := range sizes {
		if int(n) > seg.buckets() && t.resize(seg, i, int(n)) {
			return
		}
	}
	t.split(seg, i)
}

// resize moves a segment's keys to a new one of n buckets. It says whether they fit.
func (t *core) resize(seg segment, i uint64, n int) bool {
	to := t.newSegment(n, int(seg.depth()))
	ok := true
	t.eachFraction(seg, func(fraction uint, ref arena.Ref) bool {
		t.checkSlot(seg, fraction, ref)
		ok = t.place(to, fraction, ref)
		return ok
	})
	if !ok {
		t.freeSegment(to)
		return false
	}
	t.replace(i, to, seg)
	return true
}

// split divides a segment of maximal size by its next hash bit.
func (t *core) split(seg segment, i uint64) {
	d := t.dir
	depth := seg.depth() + 1
	if depth > maxDepth {
		// 2^32 segments hold more keys than Refs can address: only a hash
		// function that gives equal hashes gets here.
		panic("table: too many keys with equal hashes")
	}
	if 64-d.shift < depth {
		d = t.double(d)
		i *= 2
	}
	t.prefetchRecords(seg)
	var refs [maxBuckets * slotsPerBucket]arena.Ref // on the stack: splits are frequent while a table grows
	var hashes [maxBuckets * slotsPerBucket]uint64
	n := 0
	t.eachRef(seg, func(ref arena.Ref, _, _ int, _ uint8) bool {
		refs[n], hashes[n] = ref, t.hash(t.arena, ref)
		n++
		return true
	})
	half := uint64(1) << (64 - d.shift - depth)
	first := i &^ (2*half - 1)
	for side := uint64(0); side < 2; side++ {
		part := t.build(refs[:n], hashes[:n], depth, side)
		d.set(first+side*half, part)
	}
	t.freeSegment(seg)
}

// build makes a segment of the keys whose bit number depth (from 1) of the
// hash is side, as small as they fit.
func (t *core) build(refs []arena.Ref, hashes []uint64, depth uint, side uint64) segment {
	count := 0
	for _, h := range hashes {
		if h>>(64-depth)&1 == side {
			count++
		}
	}
	for _, n := range sizes {
		if int(n)*slotsPerBucket*4/5 < count && n < maxBuckets {
			continue // above 0.8 it would have to grow at once
		}
		seg := t.newSegment(int(n), int(depth))
		if t.placeAll(seg, refs, hashes, side) {
			return seg
		}
		t.freeSegment(seg)
	}
	// All of them fitted into one segment of this size with a coarser fraction;
	// a finer one that does not fit means equal hashes in the hundreds.
	panic("table: too many keys with equal hashes")
}

func (t *core) placeAll(seg segment, refs []arena.Ref, hashes []uint64, side uint64) bool {
	for j, h := range hashes {
		if h>>(64-seg.depth())&1 == side && !t.place(seg, fractionOf(h, seg.depth()), refs[j]) {
			return false
		}
	}
	return true
}

func (t *core) double(d directory) directory {
	bigger := t.newDirectory(d.shift - 1)
	for j, seg := range d.segments {
		bigger.segments[2*j], bigger.segments[2*j+1] = seg, seg
	}
	t.useDirectory(bigger)
	return bigger
}

// replace puts a segment with the same prefix in the place of old.
func (t *core) replace(i uint64, seg, old segment) {
	t.dir.set(i, seg)
	if old != 0 {
		t.freeSegment(old)
	}
}

func (t *core) newSegment(n, depth int) segment {
	ref := t.alloc(n * bucketSize)
	clear(t.arena.Bytes(ref, n*bucketSize))
	t.tally.slots += uint32(n * slotsPerBucket)
	return makeSegment(ref, n, depth)
}

func (t *core) freeSegment(seg segment) {
	t.tally.slots -= uint32(seg.buckets() * slotsPerBucket)
	t.free(seg.ref(), seg.buckets()*bucketSize)
}

// eachRef calls f for every record of a segment with its home, its
// displacement and its fingerprint, until f returns false.
func (t *core) eachRef(seg segment, f func(ref arena.Ref, home, displacement int, fp uint8) bool) {
	n := seg.buckets()
	for i := range n {
		b := bucketAt(t.arena, seg.ref(), i)
		for slot, ref := range b.refs {
			if ref == 0 {
				continue
			}
			d := b.displacement(slot)
			if !f(ref, wrap(i-d+n, n), d, b.fingerprints[slot]) {
				return
			}
		}
	}
}

// eachFraction calls f for every record with its fraction, until f returns
// false. Records of small segments are asked for their hash.
func (t *core) eachFraction(seg segment, f func(fraction uint, ref arena.Ref) bool) {
	n := seg.buckets()
	if n < localBuckets {
		t.eachRef(seg, func(ref arena.Ref, _, _ int, _ uint8) bool {
			return f(fractionOf(t.hash(t.arena, ref), seg.depth()), ref)
		})
		return
	}
	t.eachRef(seg, func(ref arena.Ref, home, _ int, fp uint8) bool {
		return f(fractionFrom(home, n, fp), ref)
	})
}

// fractionFrom returns the one fraction whose home is the given bucket of n
// and whose low 8 bits are fp; n is at least localBuckets.
func fractionFrom(home, n int, fp uint8) uint {
	first := bucketStart(home, n)
	return first + uint(fp-uint8(first))
}

// bucketStart is the first fraction whose home is bucket i of n.
func bucketStart(i, n int) uint {
	return uint(i<<fractionBits+n-1) / uint(n)
}

// prefetchRecords asks for all records of a segment at once, so that their
// misses overlap.
func (t *core) prefetchRecords(seg segment) {
	t.eachRef(seg, func(ref arena.Ref, _, _ int, _ uint8) bool {
		t.arena.Prefetch(ref)
		return true
	})
}

// Shrink looks at some segments, makes sparse ones smaller and joins pairs
// that fit into one, and returns how many it looked at: about limit, fewer if
// the table has fewer. Successive calls go round.
func (t *core) Shrink(limit int) (looked int) {
	for looked < limit {
		d := t.dir
		if t.tally.sweep >= uint64(len(d.segments)) {
			t.tally.sweep = 0
			if looked > 0 || len(d.segments) == 0 {
				return looked
			}
		}
		i := t.tally.sweep
		seg := d.segments[i]
		looked++
		if seg == 0 {
			t.tally.sweep++
			continue
		}
		t.tally.sweep = (i | (d.width(seg) - 1)) + 1
		t.shrinkSegment(d, seg, i)
	}
	return looked
}

func (t *core) shrinkSegment(d directory, seg segment, i uint64) {
	count := t.countSegment(seg)
	if seg.depth() > 0 {
		buddyAt := i ^ d.width(seg)
		buddy := d.segments[buddyAt]
		if buddy.depth() == seg.depth() {
			if both := count + t.countSegment(buddy); both*2 < maxBuckets*slotsPerBucket {
				t.join(seg, buddy, i, both)
				return
			}
		}
	}
	if count*2 >= seg.buckets()*slotsPerBucket {
		return
	}
	if count == 0 && seg.depth() == 0 {
		t.freeSegment(seg)
		d.set(0, 0)
		return
	}
	for _, n := range sizes {
		if int(n) >= seg.buckets() {
			return
		}
		if int(n)*slotsPerBucket*4/5 >= count && t.resize(seg, i, int(n)) {
			return
		}
	}
}

// join makes one segment of two halves and halves the directory if nobody
// needs its last bit any more.
func (t *core) join(seg, buddy segment, i uint64, count int) {
	depth := seg.depth() - 1
	for _, n := range sizes {
		if int(n)*slotsPerBucket*4/5 < count {
			continue
		}
		to := t.newSegment(int(n), int(depth))
		if t.moveAll(seg, to) && t.moveAll(buddy, to) {
			t.replace(i, to, seg)
			t.freeSegment(buddy)
			t.halve()
			return
		}
		t.freeSegment(to)
	}
}

func (t *core) moveAll(from, to segment) (ok bool) {
	t.prefetchRecords(from)
	ok = true
	t.eachRef(from, func(ref arena.Ref, _, _ int, _ uint8) bool {
		ok = t.place(to, fractionOf(t.hash(t.arena, ref), to.depth()), ref)
		return ok
	})
	return ok
}

func (t *core) halve() {
	d := t.dir
	for _, seg := range d.segments {
		if seg.depth() == 64-d.shift {
			return
		}
	}
	smaller := t.newDirectory(d.shift + 1)
	for j := range smaller.segments {
		smaller.segments[j] = d.segments[2*j]
	}
	t.tally.sweep /= 2
	t.useDirectory(smaller)
}

func (t *core) countSegment(seg segment) (n int) {
	for i := range seg.buckets() {
		for _, ref := range bucketAt(t.arena, seg.ref(), i).refs {
			if ref != 0 {
				n++
			}
		}
	}
	return n
}
