package keyspace

import (
	"sync"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/latency"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

const (
	// reclaimSize is from when on a blob is freed in the background: giving
	// its pages back takes longer than a request should wait.
	reclaimSize = 256 << 10
	// buryBytes is from when on a collection is freed in the background, and
	// reclaimBlocks how many of its blocks are freed under one lock: some 20 us.
	buryBytes     = 16 << 10
	reclaimBlocks = 256

	// releaseStep is how much is given back to the system per call.
	releaseStep = 4 << 20
)

// reclaimer frees in the background what would hold up a request.
type reclaimer struct {
	mu struct {
		sync.Mutex
		queue []job
		spare []*arena.Arena // empty
	}
	wake    chan struct{} // holds one token if the queue may not be empty
	pending atomic.Int64  // objects in the queue
	bytes   atomic.Int64  // of their blobs
	done    atomic.Int64  // objects reclaimed
}

// job is a blob, a database part, or an arena to reclaim.
type job struct {
	s       *shard
	a       *arena.Arena
	ref     arena.Ref // a blob of size bytes in a
	size    int
	d       *database     // all records of it
	rest    value.Remains // of a collection in a, which takes size bytes
	objects int64
}

func (r *reclaimer) init() { r.wake = make(chan struct{}, 1) }

// add queues a job; the shard's lock may be held.
func (r *reclaimer) add(j job) {
	r.pending.Add(j.objects)
	r.bytes.Add(int64(j.size))
	r.mu.Lock()
	r.mu.queue = append(r.mu.queue, j)
	r.mu.Unlock()
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// take returns the queue and leaves it empty.
func (r *reclaimer) take() (jobs []job) {
	r.mu.Lock()
	defer r.mu.Unlock()
	jobs, r.mu.queue = r.mu.queue, nil
	return jobs
}

// freeBlob frees a blob, in the background if it is large.
func (ks *Keyspace) freeBlob(s *shard, a *arena.Arena, ref arena.Ref, size int) {
	switch {
	case size == 0: // its block was given away
	case size < reclaimSize:
		a.Free(ref, size, arena.Blob)
	default:
		ks.reclaim.add(job{s: s, a: a, ref: ref, size: size, objects: 1})
	}
}

// dropCollection frees what a rooted collection has outside its record, in
// the background if that is much.
func (ks *Keyspace) dropCollection(s *shard, a *arena.Arena, r object.Record) {
	rest, ok := value.Bury(r)
	if !ok {
		return
	}
	if n := rest.Bytes(a); n >= buryBytes {
		ks.reclaim.add(job{s: s, a: a, rest: rest, size: int(n), objects: 1})
		return
	}
	for rest.Reclaim(a, reclaimBlocks) {
	}
}

// freshArena returns an empty arena, or nil if the system refuses one.
func (ks *Keyspace) freshArena() *arena.Arena {
	if a := ks.reclaim.spareArena(); a != nil {
		return a
	}
	a, err := arena.New(ks.reserve)
	if err != nil {
		return nil
	}
	ks.know(a)
	return a
}

// replaceArena gives a shard an empty arena and empty databases, and the old ones to the reclaimer.
func (ks *Keyspace) replaceArena(s *shard, fresh *arena.Arena) {
	j := job{s: s, a: s.arena}
	for db := range s.dbs {
		if d := s.dbs[db].Load(); d != nil {
			j.objects += int64(d.table.Len())
			s.dbs[db].Store(nil)
		}
	}
	s.arena = fresh
	ks.reclaim.add(j)
}

func (r *reclaimer) spareArena() *arena.Arena {
	r.mu.Lock()
	defer r.mu.Unlock()
	n := len(r.mu.spare)
	if n == 0 {
		return nil
	}
	a := r.mu.spare[n-1]
	r.mu.spare = r.mu.spare[:n-1]
	return a
}

// reclaimLoop does the jobs in their order, except that an arena has to wait for
// one more round: a database before it, of which it holds the values, may have
// put large ones of them behind it.
func (ks *Keyspace) reclaimLoop() {
	for {
		select {
		case <-ks.stop:
			return
		case <-ks.reclaim.wake:
		}
		var arenas []job
		for jobs := ks.reclaim.take(); len(jobs)+len(arenas) > 0; jobs = ks.reclaim.take() {
			late := arenas
			arenas = nil
			for _, j := range jobs {
				if j.isArena() {
					arenas = append(arenas, j)
				} else {
					ks.reclaimJob(j)
				}
			}
			for _, j := range late {
				ks.reclaimJob(j)
			}
		}
	}
}

func (j *job) isArena() bool { return j.ref == 0 && j.d == nil && j.rest == value.Remains{} }

func (ks *Keyspace) reclaimJob(j job) {
	switch {
	case j.ref != 0:
		for off := int64(0); off < int64(j.size); off += releaseStep {
			j.a.Release(j.ref, off, min(releaseStep, int64(j.size)-off))
		}
		j.s.mu.Lock()
		j.a.Free(j.ref, j.size, arena.Blob)
		ks.reclaim.bytes.Add(-int64(j.size))
		ks.reportOf(j.s)
		j.s.mu.Unlock()
	case j.rest != value.Remains{}:
		for left := int64(j.size); left > 0; {
			j.s.mu.Lock()
			began := ks.beginSlice()
			left = ks.reclaimSome(j, left)
			ks.reportOf(j.s)
			j.s.mu.Unlock()
			ks.endSlice(latency.ReclaimCycle, began)
			j.s.giveWay()
		}
	case j.d != nil:
		for more := true; more; {
			j.s.mu.Lock()
			began := ks.beginSlice()
			more = ks.takeSegment(j.s, j.d)
			ks.reportOf(j.s)
			j.s.mu.Unlock()
			ks.endSlice(latency.ReclaimCycle, began)
			j.s.giveWay()
		}
	default:
		for off := int64(0); j.a.ReleaseSlice(off, releaseStep); off += releaseStep {
		}
		j.a.Reset()
		ks.keepSpare(j.a)
	}
	ks.reclaim.pending.Add(-j.objects)
	ks.reclaim.done.Add(j.objects)
}

// reclaimSome frees some blocks of a collection that has so many bytes left,
// and returns how many then are: what is free is in neither count.
func (ks *Keyspace) reclaimSome(j job, had int64) (left int64) {
	if j.rest.Reclaim(j.a, reclaimBlocks) {
		left = j.rest.Bytes(j.a)
	}
	ks.reclaim.bytes.Add(left - had)
	return left
}

// keepSpare keeps an emptied arena. It is not unmapped even if there are many: a prefetch without
// lock may still hold its address.
func (ks *Keyspace) keepSpare(a *arena.Arena) {
	ks.reclaim.mu.Lock()
	defer ks.reclaim.mu.Unlock()
	ks.reclaim.mu.spare = append(ks.reclaim.mu.spare, a)
}
