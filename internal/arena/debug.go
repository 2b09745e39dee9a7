package arena

import (
	"fmt"

	"github.com/redstart-db/redstart/internal/invariants"
)

// checkBlock verifies that ref is a block of r that may hold size bytes.
func (a *Arena) checkBlock(ref Ref, size int, r *run) {
	invariants.Check(r.state == runSpan, "arena: freeing %d, which is in no span", ref)
	info := classInfo[r.class]
	off := uint32(ref)*unit - r.start<<pageShift
	invariants.Check(off%info.size == 0 && off/info.size < info.blocks-uint32(r.fresh), "arena: freeing %d inside a block", ref)
	invariants.Check(classOf(size) == int(r.class), "arena: freeing %d with size %d, but its class is of %d bytes", ref, size, info.size)
}

// CheckInvariants walks all runs and returns the first contradiction.
func (a *Arena) CheckInvariants() error {
	defer a.lock()()
	var spanned, idle int64
	previousFree := false
	for page := uint32(1); page < a.top; {
		id := *a.pageEntry(page)
		if id == 0 || int(id) >= len(a.runs) {
			return fmt.Errorf("page %d belongs to run %d of %d", page, id, len(a.runs))
		}
		r := &a.runs[id]
		if r.start != page || r.pages == 0 {
			return fmt.Errorf("page %d belongs to run %d, which starts at %d with %d pages", page, id, r.start, r.pages)
		}
		if err := a.checkRun(id, r); err != nil {
			return fmt.Errorf("run %d at page %d: %w", id, page, err)
		}
		free := r.state == runFree
		switch {
		case free && previousFree:
			return fmt.Errorf("free runs meet at page %d", page)
		case !free:
			spanned += int64(r.pages) << pageShift
		case !r.released:
			idle += int64(r.pages) << pageShift
		}
		previousFree = free
		page += r.pages
	}
	if spanned != a.spanned || idle != a.idle {
		return fmt.Errorf("%d bytes in use and %d idle, counted %d and %d", spanned, idle, a.spanned, a.idle)
	}
	var used int64
	for _, n := range a.used {
		used += n
	}
	if used > spanned || used != a.total {
		return fmt.Errorf("%d bytes handed out of %d, in all %d", used, spanned, a.total)
	}
	return nil
}

func (a *Arena) checkRun(id uint32, r *run) error {
	if last := *a.pageEntry(r.start + r.pages - 1); last != id {
		return fmt.Errorf("its last page belongs to %d", last)
	}
	if r.state != runSpan {
		return nil
	}
	blocks := int(classInfo[r.class].blocks)
	free := 0
	for ref := r.free; ref != 0 && free <= blocks; ref = *(*Ref)(a.Ptr(ref)) {
		free++
	}
	if free+int(r.fresh)+int(r.used) != blocks {
		return fmt.Errorf("%d free, %d fresh and %d used of %d blocks", free, r.fresh, r.used, blocks)
	}
	return nil
}
