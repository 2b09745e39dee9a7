package table

import "github.com/redstart-db/redstart/internal/arena"

// ScanBits is how many of the hash's first bits a cursor holds.
const ScanBits = 48

// Scan calls f for the records of the bucket at cursor and returns the cursor
// of the next one; 0 after the last. Cursors are the first ScanBits bits of a
// hash. f must not change the table.
func (t *Table) Scan(cursor uint64, f func(arena.Ref)) (next uint64) {
	d := t.dir.Load()
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

// eachAtHome calls f for the records whose home is bucket home of seg.
func (t *Table) eachAtHome(seg segment, home int, f func(arena.Ref)) {
	for d := 0; d <= maxDisplacement && d < seg.buckets(); d++ {
		b := t.bucketAt(seg.ref(), wrap(home+d, seg.buckets()))
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
func (t *Table) Each(f func(arena.Ref) bool) {
	d := t.dir.Load()
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
		i += uint64(1) << (64 - d.shift - seg.depth())
	}
}

// Sample returns a record at a place that the random number r chooses, or 0
// if that place is empty. Records are about equally likely.
func (t *Table) Sample(r uint64) arena.Ref {
	seg, _ := t.dir.Load().find(r)
	if seg == 0 {
		return 0
	}
	slot := uint(r&0xffff) * uint(seg.buckets()) * slotsPerBucket >> 16
	return t.bucketAt(seg.ref(), int(slot/slotsPerBucket)).refs[slot%slotsPerBucket]
}

// TakeSegment removes the records of one segment from the table, calls f for each, and
// says whether the table still holds any: for emptying a large table in steps.
// Nothing but TakeSegment may be called on the table from the first call on.
func (t *Table) TakeSegment(f func(arena.Ref)) (more bool) {
	d := t.dir.Load()
	for t.sweep = min(t.sweep, uint64(len(d.segments))); t.sweep < uint64(len(d.segments)); {
		seg := d.segments[t.sweep]
		if seg == 0 {
			t.sweep++
			continue
		}
		t.prefetchRecords(seg)
		t.eachRef(seg, func(ref arena.Ref, _, _ int, _ uint8) bool {
			f(ref)
			return true
		})
		t.count -= t.countSegment(seg)
		first := t.sweep &^ (uint64(1)<<(64-d.shift-seg.depth()) - 1)
		t.sweep = first + uint64(1)<<(64-d.shift-seg.depth())
		t.freeSegment(seg)
		return true
	}
	return false
}
