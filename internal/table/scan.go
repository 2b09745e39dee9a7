package table

import "github.com/redstart-db/redstart/internal/arena"

// ScanBits is how many of the hash's first bits a cursor holds.
const ScanBits = 48

// Scan calls f for the records of the bucket at cursor and returns the cursor
// of the next one; 0 after the last. Cursors are the first ScanBits bits of a
// hash. f must not change the table.
func (t *core) Scan(cursor uint64, f func(arena.Ref)) (next uint64) {
	d := t.dir
	hash := cursor << (64 - ScanBits)
	seg, i := d.find(hash)
	if seg == 0 {
		return 0
	}
	n, depth := seg.buckets(), seg.depth()
	home := int(fractionOf(hash, depth) * uint(n) >> fractionBits)
	t.eachAtHome(seg, home, f)
	prefix := i >> (64 - d.shift - depth)
	at := prefix<<fractionBits + uint64(bucketStart(home+1, n)) // of the next bucket, in units of 1<<(64-depth-fractionBits)
	return at << (ScanBits - depth - fractionBits) & (1<<ScanBits - 1)
}

// ScanSome is Scan of as many buckets as hold about n records, of no more than
// 10n buckets if they are sparse.
func (t *core) ScanSome(cursor uint64, n int, f func(arena.Ref)) (next uint64) {
	seen := 0
	for buckets := 0; seen < n && buckets/10 < n; buckets++ {
		cursor = t.Scan(cursor, func(ref arena.Ref) {
			seen++
			f(ref)
		})
		if cursor == 0 {
			break
		}
	}
	return cursor
}

// eachAtHome calls f for the records whose home is bucket home of seg.
func (t *core) eachAtHome(seg segment, home int, f func(arena.Ref)) {
	for d := 0; d <= maxDisplacement && d < seg.buckets(); d++ {
		b := bucketAt(t.arena, seg.ref(), wrap(home+d, seg.buckets()))
		for slot, ref := range b.refs {
			if ref != 0 && b.displacement(slot) == d {
				f(ref)
			}
		}
		if b.overflow == 0 {
			return
		}
	}
}

// Each calls f for every record until f returns false. f must not change the table.
func (t *core) Each(f func(arena.Ref) bool) {
	d := t.dir
	for i := uint64(0); i < uint64(len(d.segments)); {
		seg := d.segments[i]
		if seg == 0 {
			return
		}
		goOn := true
		t.eachRef(seg, func(ref arena.Ref, _, _ int, _ uint8) bool {
			goOn = f(ref)
			return goOn
		})
		if !goOn {
			return
		}
		i += d.width(seg)
	}
}

// An Iter goes through all records in batches. The table must not change meanwhile.
type Iter struct {
	arena  *arena.Arena
	dir    directory
	entry  uint64 // of the directory
	bucket int    // of its segment
}

// MinBatch is the smallest capacity of a batch.
const MinBatch = slotsPerBucket

// Iter starts at the first record.
func (t *core) Iter() Iter { return Iter{arena: t.arena, dir: t.dir} }

// Next fills batch, from its start, with the records of whole buckets, asks
// the processor for the start of each record, and returns what it filled; that is
// empty only after the last record. The capacity of batch must be at least MinBatch.
func (it *Iter) Next(batch []arena.Ref) []arena.Ref {
	batch = batch[:0]
	for it.entry < uint64(len(it.dir.segments)) {
		seg := it.dir.segments[it.entry]
		for ; it.bucket < seg.buckets(); it.bucket++ {
			if len(batch)+slotsPerBucket > cap(batch) {
				return batch
			}
			for _, ref := range bucketAt(it.arena, seg.ref(), it.bucket).refs {
				if ref != 0 {
					arena.PrefetchAddr(it.arena.Ptr(ref))
					batch = append(batch, ref)
				}
			}
		}
		it.entry += it.dir.width(seg)
		it.bucket = 0
	}
	return batch
}

// Sample returns a record at a place that the random number r chooses, or 0
// if that place is empty. Records are about equally likely; see Pick.
func (t *core) Sample(r uint64) arena.Ref {
	seg, _ := t.dir.find(r)
	if seg == 0 {
		return 0
	}
	slot := uint(r&0xffff) * uint(seg.buckets()) * slotsPerBucket >> 16
	return bucketAt(t.arena, seg.ref(), int(slot/slotsPerBucket)).refs[slot%slotsPerBucket]
}

// Pick is Sample with exactly equal chances: it misses more often, because it
// takes all segments for equally deep and of equal size.
func (t *core) Pick(r uint64) arena.Ref {
	seg, i := t.dir.find(r)
	if seg == 0 || i&(t.dir.width(seg)-1) != 0 {
		return 0 // a segment counts once, however many entries name it
	}
	n := uint64(maxBuckets)
	if seg.depth() == 0 {
		n = uint64(seg.buckets())
	}
	slot := r & 0xffffffff * n * slotsPerBucket >> 32
	if slot >= uint64(seg.buckets()*slotsPerBucket) {
		return 0
	}
	return bucketAt(t.arena, seg.ref(), int(slot/slotsPerBucket)).refs[slot%slotsPerBucket]
}

// TakeSegment removes the records of one segment from the table, calls f for each, and
// says whether the table still holds any: for emptying a large table in steps.
// Nothing but TakeSegment may be called on the table from the first call on.
func (t *core) TakeSegment(f func(arena.Ref)) (more bool) {
	d := t.dir
	n := uint64(len(d.segments))
	for range n { // from where Shrink was, around the end
		i := t.tally.sweep % n
		seg := d.segments[i]
		if seg == 0 {
			t.tally.sweep = i + 1
			continue
		}
		t.prefetchRecords(seg)
		t.eachRef(seg, func(ref arena.Ref, _, _ int, _ uint8) bool {
			f(ref)
			return true
		})
		t.tally.count -= uint32(t.countSegment(seg))
		first := i &^ (d.width(seg) - 1)
		t.tally.sweep = first + d.width(seg)
		d.forget(first, d.width(seg))
		t.freeSegment(seg)
		return true
	}
	t.dropDirectory()
	return false
}
