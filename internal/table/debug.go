package table

import (
	"fmt"

	"github.com/redstart-db/redstart/internal/arena"
)

// CheckInvariants verifies every slot, overflow count and directory entry.
func (t *core) CheckInvariants() error {
	d := t.dir
	count, slots := 0, 0
	bytes := int64(0)
	if d.ref != 0 {
		bytes = int64(arena.UsableSize(len(d.segments) * 8))
	}
	for i := uint64(0); i < uint64(len(d.segments)); {
		seg := d.segments[i]
		if seg == 0 {
			if len(d.segments) != 1 {
				return fmt.Errorf("entry %d of %d is empty", i, len(d.segments))
			}
			break
		}
		width := d.width(seg)
		for j := i; j < i+width; j++ {
			if i%width != 0 || d.segments[j] != seg {
				return fmt.Errorf("entries %d and %d differ, but the segment has depth %d of %d", i, j, seg.depth(), 64-d.shift)
			}
		}
		n, err := t.checkSegment(d, seg, i)
		if err != nil {
			return fmt.Errorf("segment at entry %d: %w", i, err)
		}
		count += n
		slots += seg.buckets() * slotsPerBucket
		bytes += int64(arena.UsableSize(seg.buckets() * bucketSize))
		i += width
	}
	if count != t.Len() || slots != t.Slots() {
		return fmt.Errorf("%d records in %d slots, counted %d in %d", count, slots, t.Len(), t.Slots())
	}
	if t.tally.bytes < bytes || t.root == nil && t.tally.bytes != bytes {
		return fmt.Errorf("blocks take %d bytes, counted %d", bytes, t.tally.bytes)
	}
	return nil
}

func (t *core) checkSegment(d directory, seg segment, i uint64) (count int, err error) {
	n := seg.buckets()
	var passed [maxBuckets]uint8
	t.eachRef(seg, func(ref arena.Ref, home, displacement int, fp uint8) bool {
		count++
		h := t.hash(t.arena, ref)
		f := fractionOf(h, seg.depth())
		switch want := int(f * uint(n) >> fractionBits); {
		case h>>d.shift>>(64-d.shift-seg.depth()) != i>>(64-d.shift-seg.depth()):
			err = fmt.Errorf("record %d with hash %x does not belong here", ref, h)
		case want != home || uint8(f) != fp:
			err = fmt.Errorf("record %d: home %d and fingerprint %d, stored as %d and %d", ref, want, uint8(f), home, fp)
		case n >= localBuckets && fractionFrom(home, n, fp) != f:
			err = fmt.Errorf("record %d: fraction %d, its slot says %d", ref, f, fractionFrom(home, n, fp))
		}
		for j := range displacement {
			passed[wrap(home+j, n)]++
		}
		return err == nil
	})
	for j := 0; err == nil && j < n; j++ {
		if b := bucketAt(t.arena, seg.ref(), j); b.overflow != passed[j] {
			err = fmt.Errorf("bucket %d: overflow %d, but %d passed over it", j, b.overflow, passed[j])
		}
	}
	return count, err
}
