package arena

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/redstart-db/redstart/internal/invariants"
)

// A Ref is the place of a block: its offset in units of 8 bytes. Zero is nil.
type Ref uint32

// unit is what a Ref counts in; it bounds an arena to 32 GiB.
const unit = 8

// MaxReserve is the largest arena that a Ref can address.
const MaxReserve = unit << 32

// A Purpose is what memory is used for; bytes are counted by it.
type Purpose uint8

// The purposes.
const (
	Record  Purpose = iota // keys with their small values
	Blob                   // values too large for the record
	Index                  // segments of the key tables
	Expiry                 // timer chunks
	Element                // elements and nodes of large collections
	NumPurposes
)

// An Arena is a range of memory and its allocator. It is not safe for
// concurrent use, unless it is shared: then allocating, freeing and counting are.
type Arena struct {
	ID uint16 // for whoever keeps several; not used here

	mu     sync.Mutex // held by all that follows if shared
	shared bool

	base    unsafe.Pointer
	pageMap unsafe.Pointer // one uint32 per page: the run it is in
	pages   uint32         // pages reserved
	top     uint32         // pages ever handed out; above is untouched
	ready   uint32         // pages made accessible; top <= ready

	runs     []run
	spare    uint32             // head of the list of unused elements of runs
	partial  [numClasses]uint32 // spans of the class with a block to give
	freeRuns [maxBin + 1]uint32 // free runs by length; the last bin holds the longer ones
	used     [NumPurposes]int64 // bytes handed out, rounding included
	total    int64              // the sum of used
	spanned  int64              // bytes in used runs
	idle     int64              // bytes in free runs that were not released to the system
}

// A run describes adjacent pages. Element 0 of Arena.runs is not used, so
// that 0 can mean none.
type run struct {
	start, pages uint32
	next, prev   uint32 // in partial or freeRuns
	free         Ref    // free blocks that were handed out before
	fresh        uint16 // blocks never handed out
	used         uint16 // blocks handed out
	class        uint8  // 0: one block, or a free run
	state        runState
	released     bool // a free run whose pages were given back
}

type runState uint8

const (
	runUnused runState = iota
	runFree
	runSpan
	runLarge
)

// New reserves an arena of up to reserve bytes, less if the system does not
// allow it. It takes no memory yet.
func New(reserve int64) (*Arena, error) {
	reserve = min(max(reserve, 1<<20), MaxReserve)
	for {
		a, err := newArena(reserve)
		if err == nil || reserve < 64<<20 {
			return a, err
		}
		reserve /= 2
	}
}

func newArena(reserve int64) (*Arena, error) {
	mem, err := sysReserve(reserve)
	if err != nil {
		return nil, fmt.Errorf("reserving %d bytes of address space: %w", reserve, err)
	}
	pages := reserve >> pageShift
	pm, err := sysMap(pages * 4)
	if err != nil {
		sysUnmap(mem, reserve)
		return nil, fmt.Errorf("mapping the page map: %w", err)
	}
	a := &Arena{base: mem, pageMap: pm, pages: uint32(pages)}
	a.reset()
	return a, nil
}

func (a *Arena) reset() {
	a.top = 1 // page 0 is never handed out: Ref 0 is nil
	a.runs = append(a.runs[:0], run{})
	a.spare = 0
	a.partial = [numClasses]uint32{}
	a.freeRuns = [maxBin + 1]uint32{}
	a.used, a.total = [NumPurposes]int64{}, 0
	a.spanned, a.idle = 0, 0
	a.shared = false
}

// Close gives the address space back. Nothing may refer to it any more.
func (a *Arena) Close() {
	sysUnmap(a.base, int64(a.pages)<<pageShift)
	sysUnmap(a.pageMap, int64(a.pages)*4)
	a.base, a.pageMap = nil, nil
}

// ReleaseSlice gives up to n bytes from off on back to the system, for an
// arena that nobody uses any more, and says whether more are left. A large
// arena is emptied in slices so that no single call takes long.
func (a *Arena) ReleaseSlice(off, n int64) (more bool) {
	end := int64(a.top) << pageShift
	n = min(n, end-off)
	if n > 0 {
		sysRelease(unsafe.Add(a.base, off), n)
	}
	return off+n < end
}

// Reset makes an arena empty whose memory was given back with ReleaseSlice.
func (a *Arena) Reset() {
	sysRelease(a.pageMap, int64(a.top)*4)
	a.reset()
}

// Share makes the arena safe for concurrent use from now on, at the price of a
// lock. Who calls it first must see to it that all who use the arena learn of
// it; to call it again is no change that anybody could miss.
func (a *Arena) Share() {
	if !a.shared {
		a.shared = true
	}
}

// Shared says whether Share was called.
func (a *Arena) Shared() bool { return a.shared }

// lock locks a shared arena; the result unlocks it.
func (a *Arena) lock() (unlock func()) {
	if !a.shared {
		return func() {}
	}
	a.mu.Lock()
	return a.mu.Unlock
}

// Alloc returns a block of at least size bytes with undefined content.
// It panics if the arena is exhausted: see NearlyFull.
func (a *Arena) Alloc(size int, p Purpose) Ref {
	if a.shared {
		a.mu.Lock()
		defer a.mu.Unlock()
	}
	return a.alloc(size, p)
}

func (a *Arena) alloc(size int, p Purpose) Ref {
	if size > maxSmall {
		return a.allocLarge(size, p)
	}
	class := classOf(max(size, minBlock))
	info := &classInfo[class]
	a.count(p, int64(info.size))
	id := a.partial[class]
	if id == 0 {
		id = a.newSpan(class)
	}
	r := &a.runs[id]
	r.used++
	ref := r.free
	if ref != 0 {
		r.free = *(*Ref)(a.Ptr(ref))
	} else {
		ref = Ref(r.start<<(pageShift-3) + (info.blocks-uint32(r.fresh))*info.size/unit)
		r.fresh--
	}
	if r.free == 0 && r.fresh == 0 {
		a.unlink(&a.partial[class], id)
	}
	return ref
}

// Free takes back a block that Alloc returned for the same size and purpose.
// It does no system call.
func (a *Arena) Free(ref Ref, size int, p Purpose) {
	if a.shared {
		a.mu.Lock()
		defer a.mu.Unlock()
	}
	a.free(ref, size, p)
}

func (a *Arena) free(ref Ref, size int, p Purpose) {
	if size > maxSmall {
		a.freeLarge(ref, size, p)
		return
	}
	id := a.runOf(ref)
	r := &a.runs[id]
	info := &classInfo[r.class]
	if invariants.Enabled {
		a.checkBlock(ref, max(size, minBlock), r)
		invariants.Mangle(a.Bytes(ref, int(info.size)))
	}
	a.count(p, -int64(info.size))
	if r.free == 0 && r.fresh == 0 {
		a.link(&a.partial[r.class], id)
	}
	*(*Ref)(a.Ptr(ref)) = r.free
	r.free = ref
	r.used--
	if r.used == 0 {
		a.unlink(&a.partial[r.class], id)
		a.freePages(id)
	}
}

func (a *Arena) newSpan(class int) uint32 {
	info := &classInfo[class]
	id := a.allocPages(info.pages)
	r := &a.runs[id]
	r.state, r.class = runSpan, uint8(class)
	r.free, r.used, r.fresh = 0, 0, uint16(info.blocks)
	for p := r.start; p < r.start+r.pages; p++ {
		*a.pageEntry(p) = id
	}
	a.link(&a.partial[class], id)
	return id
}

func (a *Arena) allocLarge(size int, p Purpose) Ref {
	id := a.allocPages(uint32(pagesFor(size)))
	r := &a.runs[id]
	r.state, r.class = runLarge, 0
	*a.pageEntry(r.start) = id
	*a.pageEntry(r.start + r.pages - 1) = id
	a.count(p, int64(r.pages)<<pageShift)
	return Ref(r.start << (pageShift - 3))
}

func (a *Arena) freeLarge(ref Ref, size int, p Purpose) {
	id := a.runOf(ref)
	r := &a.runs[id]
	if invariants.Enabled {
		invariants.Check(r.state == runLarge && r.start<<(pageShift-3) == uint32(ref) && int(r.pages) == pagesFor(size),
			"arena: freeing %d, not a block of %d bytes", ref, size)
	}
	a.count(p, -int64(r.pages)<<pageShift)
	a.freePages(id)
}

// Release gives the pages of a large block back to the system before it is
// freed with Free. It touches nothing but the block, so the owner may call it
// without the arena's lock: giving back many megabytes takes long.
func (a *Arena) Release(ref Ref, off, n int64) {
	sysRelease(unsafe.Add(a.Ptr(ref), off), n)
}

// IsLarge says whether a block of size bytes is a run of its own.
func IsLarge(size int) bool { return size > maxSmall }

// Ptr returns the address of a block.
func (a *Arena) Ptr(ref Ref) unsafe.Pointer {
	return unsafe.Add(a.base, uintptr(ref)*unit)
}

// Bytes returns the first n bytes of a block.
func (a *Arena) Bytes(ref Ref, n int) []byte {
	return unsafe.Slice((*byte)(a.Ptr(ref)), n)
}

// Used returns the bytes handed out for a purpose, rounding included.
func (a *Arena) Used(p Purpose) int64 {
	defer a.lock()()
	return a.used[p]
}

// Spanned returns the bytes of pages in use; the excess over the sum of Used
// is fragmentation.
func (a *Arena) Spanned() int64 {
	defer a.lock()()
	return a.spanned
}

// Idle returns the bytes in free pages that were not given back.
func (a *Arena) Idle() int64 {
	defer a.lock()()
	return a.idle
}

// NearlyFull says whether less than 1/16 of the address space is left.
func (a *Arena) NearlyFull() bool {
	return a.Spanned() > int64(a.pages-a.pages/16)<<pageShift
}

func (a *Arena) runOf(ref Ref) uint32 { return *a.pageEntry(uint32(ref) >> (pageShift - 3)) }

func (a *Arena) pageEntry(page uint32) *uint32 {
	return (*uint32)(unsafe.Add(a.pageMap, uintptr(page)*4))
}

// link puts a run at the head of a list.
func (a *Arena) link(head *uint32, id uint32) {
	r := &a.runs[id]
	r.prev, r.next = 0, *head
	if *head != 0 {
		a.runs[*head].prev = id
	}
	*head = id
}

// unlink takes a run out of its list.
func (a *Arena) unlink(head *uint32, id uint32) {
	r := &a.runs[id]
	if r.prev != 0 {
		a.runs[r.prev].next = r.next
	} else {
		*head = r.next
	}
	if r.next != 0 {
		a.runs[r.next].prev = r.prev
	}
	r.next, r.prev = 0, 0
}

// TotalUsed returns the bytes handed out for all purposes.
func (a *Arena) TotalUsed() int64 {
	if a.shared {
		a.mu.Lock()
		defer a.mu.Unlock()
	}
	return a.total
}

// count notes that n more bytes are handed out.
func (a *Arena) count(p Purpose, n int64) {
	a.used[p] += n
	a.total += n
}
