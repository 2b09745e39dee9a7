package keyspace

import (
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/latency"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// Eviction. As in Redis, keys are sampled and the best candidates of all
// samples so far are kept in a small pool; the best one goes. A candidate is known
// by its hash, so the pool holds no memory of the keys; before it goes its score is
// computed again, and if it was used meanwhile it is spared.

// poolSize is how many candidates are kept.
const poolSize = 16

type evictor struct {
	micros atomic.Int64 // time spent
	full   atomic.Bool  // a shard is near the end of its address space
	since  atomic.Int64 // since when eviction cannot keep up with the limit, Unix milliseconds; 0: it can
	behind atomic.Int64 // milliseconds that it could not before
	mu     struct {
		sync.Mutex
		pool [poolSize]candidate // by ascending score
		n    int
		tx   Tx
	}
}

type candidate struct {
	score int64 // the higher, the sooner it goes
	hash  uint64
	db    int
}

// Unlimited says whether there is nothing for MakeRoom to do or to refuse, whatever is in memory.
func (ks *Keyspace) Unlimited() bool {
	return ks.Settings.MaxMemory.Load() == 0 && !ks.evict.full.Load()
}

// Roomy says whether there is nothing for it now.
func (ks *Keyspace) Roomy() bool {
	limit := ks.Settings.MaxMemory.Load()
	return (limit == 0 || ks.overLimit(limit) <= 0) && !ks.evict.full.Load()
}

// MakeRoom evicts until memory is below the limit, within the time the
// tenacity allows. It says whether memory is below the limit or on its way
// there (false: OOM for commands that add). It is called before every command,
// without a Tx, by the User of what follows. With no limit it costs two loads.
func (ks *Keyspace) MakeRoom(now int64, by any) bool {
	if ks.evict.full.Load() {
		return false
	}
	limit := ks.Settings.MaxMemory.Load()
	if limit == 0 || ks.overLimit(limit) <= 0 || ks.paused(now) {
		return true
	}
	if Policy(ks.Settings.Policy.Load()) == NoEviction {
		ks.evict.fallBehind(now)
		return false
	}
	start := time.Now()
	defer func() {
		took := time.Since(start)
		ks.evict.micros.Add(took.Microseconds())
		ks.Latency.Add(latency.EvictionCycle, took)
	}()
	budget := ks.tenacityTime()
	ks.evict.mu.Lock()
	defer ks.evict.mu.Unlock()
	ks.evict.mu.tx.User = by
	for i := 1; ks.overLimit(limit) > 0; i++ {
		if !ks.evictOne(now) {
			ks.evict.fallBehind(now)
			return ks.overLimit(limit) <= 0
		}
		if i%16 == 0 && time.Since(start) > budget {
			ks.evict.fallBehind(now)
			return true // it goes on with the next command
		}
	}
	ks.evict.catchUp(now)
	return true
}

// fallBehind notes that memory stays over the limit.
func (e *evictor) fallBehind(now int64) {
	if e.since.Load() == 0 {
		e.since.CompareAndSwap(0, now)
	}
}

// catchUp notes that it is below.
func (e *evictor) catchUp(now int64) {
	if since := e.since.Load(); since != 0 && e.since.CompareAndSwap(since, 0) {
		e.behind.Add(max(now-since, 0))
	}
}

// exceeded is for how many milliseconds memory was over the limit, in all and
// since it last rose over it. Keys
// that were deleted may have ended it since.
func (e *evictor) exceeded(ks *Keyspace, now int64) (total, current int64) {
	if limit := ks.Settings.MaxMemory.Load(); limit == 0 || ks.overLimit(limit) <= 0 {
		e.catchUp(now)
	}
	if since := e.since.Load(); since != 0 {
		current = max(now-since, 0)
	}
	return e.behind.Load() + current, current
}

// NoteExceeded notices the end of a time over the limit; it is called now and then.
func (ks *Keyspace) NoteExceeded(now int64) { ks.evict.exceeded(ks, now) }

// overLimit is by how many bytes memory exceeds the limit. What waits for the
// reclaimer is as good as free.
func (ks *Keyspace) overLimit(limit int64) int64 {
	return ks.used.Load() - ks.reclaim.bytes.Load() + ks.Settings.Overhead.Load() - limit
}

// tenacityTime is how long one command may evict: up to 500 us for a tenacity up to
// 10, then 15 % more per step, without bound at 100, as in Redis.
func (ks *Keyspace) tenacityTime() time.Duration {
	t := ks.Settings.Tenacity.Load()
	switch {
	case t >= 100:
		return time.Hour
	case t <= 10:
		return time.Duration(t) * 50 * time.Microsecond
	}
	d := 500 * time.Microsecond
	for ; t > 10; t-- {
		d += d * 15 / 100
	}
	return min(d, 2*time.Minute)
}

// evictOne removes one key. It says whether it found one.
func (ks *Keyspace) evictOne(now int64) bool {
	policy := Policy(ks.Settings.Policy.Load())
	e := &ks.evict.mu
	for tries := 0; tries < 1000; tries++ {
		ks.sample(policy, now)
		for e.n > 0 {
			e.n--
			if ks.evictCandidate(e.pool[e.n], policy, now) {
				return true
			}
		}
		if tries > 10 && !ks.anyCandidate(policy) {
			return false
		}
	}
	return false
}

// sample puts some random keys of a random shard into the pool.
func (ks *Keyspace) sample(policy Policy, now int64) {
	tx := &ks.evict.mu.tx
	i := rand.IntN(len(ks.shards))
	ks.begin(tx, 0, now, 1<<i)
	s := &ks.shards[i]
	for db := range s.dbs {
		d := s.dbs[db].Load()
		if d == nil || d.table.Len() == 0 {
			continue
		}
		want := int(ks.Settings.Samples.Load())
		if policy == AllKeysRandom || policy == VolatileRandom {
			want = 1
		}
		for got, tries := 0, 0; got < want && tries < 10*want; tries++ {
			if ref := d.sample(policy); ref != 0 {
				r := object.At(d.arena, ref)
				ks.evict.offer(candidate{tx.score(r, policy), ks.Hash(r.Key()), db})
				got++
			}
		}
	}
	tx.End(nil)
}

func (d *database) sample(policy Policy) arena.Ref {
	if policy.volatile() {
		return d.wheel.Sample(rand.Uint64())
	}
	return d.table.Sample(rand.Uint64())
}

// score says how good a candidate a record is.
func (tx *Tx) score(r object.Record, policy Policy) int64 {
	switch policy {
	case VolatileLRU, AllKeysLRU:
		return idleSeconds(r.Clock(), tx.now)
	case VolatileLFU, AllKeysLFU:
		return 255 - int64(lfuDecayed(r.Clock(), tx.now, &tx.ks.Settings))
	case VolatileTTL:
		return -r.ExpireAt()
	}
	return rand.Int64()
}

// offer keeps a candidate if it is among the best, and not there already.
func (e *evictor) offer(c candidate) {
	p := &e.mu
	for i := range p.n {
		if p.pool[i].hash == c.hash && p.pool[i].db == c.db {
			return
		}
	}
	if p.n == poolSize {
		if c.score <= p.pool[0].score {
			return
		}
		copy(p.pool[:], p.pool[1:])
		p.n--
	}
	i := p.n
	for ; i > 0 && p.pool[i-1].score > c.score; i-- {
		p.pool[i] = p.pool[i-1]
	}
	p.pool[i] = c
	p.n++
}

// evictCandidate removes a candidate if it is still there and no worse than
// when it was sampled.
func (ks *Keyspace) evictCandidate(c candidate, policy Policy, now int64) bool {
	tx := &ks.evict.mu.tx
	ks.begin(tx, c.db, now, 1<<(c.hash&ks.mask))
	defer tx.End(nil)
	defer ks.endSlice(latency.EvictionDel, ks.beginSlice())
	s := ks.shardOf(c.hash)
	d := s.dbs[c.db].Load()
	if d == nil {
		return false
	}
	var p table.Probe
	d.table.Start(&p, c.hash)
	for ref := p.Next(); ref != 0; ref = p.Next() {
		r := object.At(d.arena, ref)
		if ks.Hash(r.Key()) != c.hash {
			continue
		}
		if policy.volatile() && !r.HasTimer() || !random(policy) && tx.score(r, policy) < c.score {
			return false
		}
		s.stats.evicted++
		tx.removeAs(s, d, &p, Key{r.Key(), c.hash}, ClassEvicted, "evicted")
		return true
	}
	return false
}

func random(p Policy) bool { return p == AllKeysRandom || p == VolatileRandom }

// anyCandidate says whether any key may be evicted under the policy.
func (ks *Keyspace) anyCandidate(policy Policy) bool {
	for i := range ks.shards {
		s := &ks.shards[i]
		s.mu.Lock()
		found := false
		for db := range s.dbs {
			if d := s.dbs[db].Load(); d != nil {
				found = found || !policy.volatile() && d.table.Len() > 0 || d.wheel.Len() > 0
			}
		}
		s.mu.Unlock()
		if found {
			return true
		}
	}
	return false
}
