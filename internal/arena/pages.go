package arena

import (
	"math/bits"
	"unsafe"
)

// Free runs are kept by length: a bin per length up to exactBins pages, then
// one bin per doubling.
const (
	exactBins = 64
	maxBin    = exactBins + 24
)

func binOf(pages uint32) int {
	if pages < exactBins {
		return int(pages)
	}
	return min(exactBins+bits.Len32(pages/exactBins)-1, maxBin)
}

// readyStep is how many pages are made accessible at a time.
const readyStep = 16 << 20 >> pageShift

// allocPages returns the number of a run of n pages, in no list.
func (a *Arena) allocPages(n uint32) uint32 {
	id := a.takeFree(n)
	if id == 0 {
		id = a.extend(n)
	}
	a.spanned += int64(n) << pageShift
	return id
}

// takeFree finds a free run of at least n pages and cuts off what is too much.
func (a *Arena) takeFree(n uint32) uint32 {
	for bin := binOf(n); bin <= maxBin; bin++ {
		for id := a.freeRuns[bin]; id != 0; id = a.runs[id].next {
			if a.runs[id].pages < n {
				continue // only in the bins that mix lengths
			}
			a.removeFree(id)
			a.split(id, n)
			a.runs[id].released = false
			return id
		}
	}
	return 0
}

// split shortens a run to n pages and makes the rest a free run.
func (a *Arena) split(id, n uint32) {
	r := a.runs[id]
	if r.pages == n {
		return
	}
	a.runs[id].pages = n
	rest := a.newRun(r.start+n, r.pages-n)
	a.runs[rest].released = r.released
	a.insertFree(rest)
}

// extend takes n pages that were never used.
func (a *Arena) extend(n uint32) uint32 {
	if n > a.pages-a.top {
		panic("arena: address space exhausted")
	}
	if a.top+n > a.ready {
		a.makeReady(a.top + n)
	}
	id := a.newRun(a.top, n)
	a.top += n
	return id
}

func (a *Arena) makeReady(top uint32) {
	want := min((top+readyStep-1)/readyStep*readyStep, a.pages)
	at := unsafe.Add(a.base, uintptr(a.ready)<<pageShift)
	if err := sysReady(at, int64(want-a.ready)<<pageShift); err != nil {
		panic("arena: the system refuses memory: " + err.Error())
	}
	a.ready = want
}

func (a *Arena) newRun(start, pages uint32) uint32 {
	id := a.spare
	if id != 0 {
		a.spare = a.runs[id].next
		a.runs[id] = run{start: start, pages: pages}
		return id
	}
	a.runs = append(a.runs, run{start: start, pages: pages})
	return uint32(len(a.runs) - 1)
}

// freePages makes a run free and merges it with free neighbours.
func (a *Arena) freePages(id uint32) {
	r := &a.runs[id]
	a.spanned -= int64(r.pages) << pageShift
	r.released = false
	a.merge(id, r.start+r.pages)
	if start := a.runs[id].start; start > 1 {
		a.merge(id, start-1)
	}
	a.insertFree(id)
}

// merge joins the free run that page belongs to, if there is one, to run id.
func (a *Arena) merge(id, page uint32) {
	if page >= a.top {
		return
	}
	other := *a.pageEntry(page)
	o := &a.runs[other]
	if o.state != runFree {
		return
	}
	a.removeFree(other)
	r := &a.runs[id]
	r.start = min(r.start, o.start)
	r.pages += o.pages
	*o = run{next: a.spare}
	a.spare = other
}

func (a *Arena) insertFree(id uint32) {
	r := &a.runs[id]
	r.state, r.class, r.used, r.free, r.fresh = runFree, 0, 0, 0, 0
	*a.pageEntry(r.start) = id
	*a.pageEntry(r.start + r.pages - 1) = id
	if !r.released {
		a.idle += int64(r.pages) << pageShift
	}
	a.link(&a.freeRuns[binOf(r.pages)], id)
}

func (a *Arena) removeFree(id uint32) {
	r := &a.runs[id]
	if !r.released {
		a.idle -= int64(r.pages) << pageShift
	}
	a.unlink(&a.freeRuns[binOf(r.pages)], id)
	r.state = runUnused
}

// Scavenge gives free pages back to the system, about limit bytes at most,
// and returns how many it gave. The longest runs go first: they are the least
// likely to be needed piecemeal and the cheapest per byte.
func (a *Arena) Scavenge(limit int64) (given int64) {
	defer a.lock()()
	for bin := maxBin; bin > 0; bin-- {
		for id := a.freeRuns[bin]; id != 0; id = a.runs[id].next {
			r := &a.runs[id]
			if r.released {
				continue
			}
			n := int64(r.pages) << pageShift
			if given > 0 && given+n > limit {
				return given
			}
			sysRelease(unsafe.Add(a.base, uintptr(r.start)<<pageShift), n)
			r.released = true
			a.idle -= n
			given += n
		}
	}
	return given
}

// TryGrow lengthens a large block in place to newSize bytes, if the pages
// after it are free, and says whether it did.
func (a *Arena) TryGrow(ref Ref, newSize int, p Purpose) bool {
	defer a.lock()()
	id := a.runOf(ref)
	r := a.runs[id]
	need := uint32(pagesFor(newSize))
	if r.state != runLarge || need <= r.pages {
		return false
	}
	extra := need - r.pages
	if end := r.start + r.pages; end == a.top {
		if extra > a.pages-a.top {
			return false
		}
		if a.top+extra > a.ready {
			a.makeReady(a.top + extra)
		}
		a.top += extra
	} else {
		next := *a.pageEntry(end)
		if o := a.runs[next]; o.state != runFree || o.pages < extra {
			return false
		}
		a.removeFree(next)
		a.split(next, extra)
		a.runs[next] = run{next: a.spare}
		a.spare = next
	}
	a.runs[id].pages = need
	*a.pageEntry(r.start + need - 1) = id
	a.spanned += int64(extra) << pageShift
	a.count(p, int64(extra)<<pageShift)
	return true
}
