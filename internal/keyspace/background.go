package keyspace

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/latency"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

const (
	expireEvery    = 5 * time.Millisecond
	housekeepEvery = 100 * time.Millisecond
	housekeepRest  = time.Second // after quietRounds in which memory was as before
	quietRounds    = 32

	// expireBatch is how many keys are removed under one lock: some 20 us.
	expireBatch = 64

	// expireThreads is how many threads remove keys when many are due and
	// nobody uses the keyspace, and inUseFor how long a use counts.
	expireThreads = 2
	inUseFor      = 100 * time.Millisecond

	// Every 20 ms it is judged whether more than 2 commands come per
	// millisecond.
	judgeEvery   = 20
	manyPerMilli = 2

	// restAfter batches, some 50 us, a thread that expires while the keyspace
	// is in use rests. Longer bursts showed in the latency of requests where
	// all processors are busy.
	restAfter = 4

	scavengeStep = 1 << 20
	idleKept     = 64 << 10 // free bytes a shard keeps for what comes next
	shrinkStep   = 16       // segments of an index looked at under one lock
)

// expireLoop removes keys whose time has passed. It sleeps while no key has
// an expiry: an idle server should not wake a hundred times a second.
func (ks *Keyspace) expireLoop() {
	tick := time.NewTicker(expireEvery)
	defer tick.Stop()
	var x expirer
	for {
		if !x.timers {
			select {
			case <-ks.stop:
				return
			case <-ks.firstTimer:
			}
		}
		tick.Reset(expireEvery)
		select {
		case <-ks.stop:
			return
		case <-tick.C:
		}
		start := time.Now()
		x.run(ks)
		ks.expireMicros.Add(time.Since(start).Microseconds())
	}
}

// addTimer puts a record into its wheel, and wakes the background expiry if it may be
// the only one.
func (ks *Keyspace) addTimer(d *database, ref arena.Ref) {
	d.wheel.Add(ref)
	if d.wheel.Len() == 1 {
		ks.wakeExpiry()
	}
}

func (ks *Keyspace) wakeExpiry() {
	select {
	case ks.firstTimer <- struct{}{}:
	default:
	}
}

// expirer is the memory of one background expiry.
type expirer struct {
	tx     Tx
	timers bool             // at the last look there were keys that expire
	now    int64            // of this turn, Unix milliseconds
	used   int64            // when commands were seen last
	seen   [maxShards]int64 // uses of the shards at the last look

	recent, since int64 // commands seen since then
	manyCome      bool  // as judged last
	due           [expireBatch]arena.Ref
	hash          [expireBatch]uint64
	name          []byte // of the hash whose timer is due
}

// run removes what is due, in one of three ways: while nobody uses the
// keyspace, several threads share the shards; while commands come now and
// then, one does it all; while many come, one works a fraction of the time, so that
// a request waits neither for a lock nor for a processor.
func (x *expirer) run(ks *Keyspace) {
	x.timers = false
	for more := x.turn(ks, 0, 1); more; {
		switch {
		case x.manyCome:
			more = x.gently(ks)
		case x.inUse():
			more = x.turn(ks, 0, 1)
		default:
			more = x.together(ks)
		}
	}
}

// gently is a turn with rests.
func (x *expirer) gently(ks *Keyspace) (more bool) {
	x.readClock(ks)
	for i := range ks.shards {
		if i%restAfter == 0 {
			rest()
		}
		if x.shard(ks, i, x.now) {
			more = true
		}
	}
	return more
}

// together removes what is due with all threads until nothing is, or until
// somebody uses the keyspace; then there is more.
func (x *expirer) together(ks *Keyspace) (more bool) {
	n := min(runtime.GOMAXPROCS(0), expireThreads)
	var others sync.WaitGroup
	var left atomic.Bool
	for i := 1; i < n; i++ {
		y := &expirer{seen: x.seen}
		others.Go(func() {
			if y.alone(ks, i, n) {
				left.Store(true)
			}
		})
	}
	more = x.alone(ks, 0, n)
	others.Wait()
	return more || left.Load()
}

// alone takes turns until nothing is due any more, or until somebody uses the
// keyspace; then there is more.
func (x *expirer) alone(ks *Keyspace, first, n int) (more bool) {
	for x.turn(ks, first, n) {
		if x.inUse() {
			return true
		}
	}
	return false
}

// turn removes a batch from every n-th shard from the first on, so that none
// is locked for long, and says whether more are due.
func (x *expirer) turn(ks *Keyspace, first, n int) (more bool) {
	x.readClock(ks)
	for i := first; i < len(ks.shards); i += n {
		if x.shard(ks, i, x.now) {
			more = true
		}
	}
	return more
}

// inUse says whether a command came lately.
func (x *expirer) inUse() bool { return x.now-x.used < inUseFor.Milliseconds() }

// readClock begins a turn, and now and then judges how many commands come.
func (x *expirer) readClock(ks *Keyspace) {
	x.now = ks.Clock.UnixMilli()
	if passed := x.now - x.since; passed >= judgeEvery {
		x.manyCome = x.recent > passed*manyPerMilli
		x.recent, x.since = 0, x.now
	}
}

// look counts the commands that came to a shard since the last look.
func (x *expirer) look(i int, s *shard) {
	if n := s.stats.uses - x.seen[i]; n != 0 {
		x.seen[i] = s.stats.uses
		x.used = x.now
		x.recent += n
	}
}

func (x *expirer) shard(ks *Keyspace, i int, now int64) (more bool) {
	ks.begin(&x.tx, 0, now, 1<<i)
	defer ks.endSlice(latency.ExpireCycle, ks.beginSlice())
	s := &ks.shards[i]
	x.look(i, s)
	for db := range s.dbs {
		d := s.dbs[db].Load()
		if d == nil || d.wheel.Len() == 0 && !d.hasFieldTimers() {
			continue
		}
		x.timers = true
		x.tx.db = db
		if ks.Settings.ActiveExpire.Load() && !ks.paused(now) {
			keys, fields := x.batch(s, d, now), x.fields(d, now)
			if more = keys || fields; more {
				break // with the other databases this would be a long time under one lock
			}
		}
	}
	x.tx.End(nil)
	return more
}

// batch removes up to expireBatch keys of one database. The misses of all of
// them overlap: first the buckets are asked for, then the keys removed.
func (x *expirer) batch(s *shard, d *database, now int64) (more bool) {
	due, more := d.wheel.Due(now, x.due[:0])
	for i, ref := range due {
		x.hash[i] = x.tx.ks.Hash(object.At(d.arena, ref).Key())
		d.table.Prefetch(x.hash[i])
	}
	for i, ref := range due {
		var p table.Probe
		d.table.Start(&p, x.hash[i])
		for p.Next() != ref {
		}
		x.tx.expire(s, d, &p, Key{object.At(d.arena, ref).Key(), x.hash[i]})
	}
	return more
}

// housekeepLoop gives back what deletions left behind. It comes round seldom
// while nothing changes.
func (ks *Keyspace) housekeepLoop() {
	next := time.NewTimer(housekeepEvery)
	defer next.Stop()
	quiet, used := 0, int64(0)
	for {
		select {
		case <-ks.stop:
			return
		case <-next.C:
		}
		full, gave := false, false
		for i := range ks.shards {
			f, g := ks.housekeep(&ks.shards[i])
			full, gave = full || f, gave || g
			if g {
				rest() // one shard takes a fraction of a millisecond, all in a row show in latencies
			}
		}
		ks.evict.full.Store(full)
		quiet++
		if now := ks.used.Load(); now != used || gave {
			quiet, used = 0, now
		}
		if quiet > quietRounds {
			next.Reset(housekeepRest)
		} else {
			next.Reset(housekeepEvery)
		}
	}
}

func (ks *Keyspace) housekeep(s *shard) (full, gave bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer ks.endSlice(latency.HousekeepingCycle, ks.beginSlice())
	for db := range s.dbs {
		d := s.dbs[db].Load()
		if d != nil && 2*d.table.Len() < d.table.Slots() {
			d.table.Shrink(shrinkStep)
		}
	}
	if s.arena.Idle() > idleKept {
		gave = s.arena.Scavenge(scavengeStep) > 0
	}
	ks.reportOf(s)
	return s.arena.NearlyFull(), gave
}
