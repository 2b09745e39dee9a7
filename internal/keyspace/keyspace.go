package keyspace

import (
	"hash/maphash"
	"math/bits"
	"runtime"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/expiry"
	"github.com/redstart-db/redstart/internal/latency"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
	"github.com/redstart-db/redstart/internal/value"
)

// Policy is what to evict when memory is short.
type Policy int32

// The policies of maxmemory-policy.
const (
	NoEviction Policy = iota
	VolatileLRU
	VolatileLFU
	VolatileTTL
	VolatileRandom
	AllKeysLRU
	AllKeysLFU
	AllKeysRandom
)

func (p Policy) lfu() bool      { return p == VolatileLFU || p == AllKeysLFU }
func (p Policy) volatile() bool { return p >= VolatileLRU && p <= VolatileRandom }

// Settings are the live settings of the engine; anyone may store, commands load.
type Settings struct {
	MaxMemory    atomic.Int64 // bytes; 0: no limit
	Policy       atomic.Int32 // a Policy
	Samples      atomic.Int32 // maxmemory-samples
	Tenacity     atomic.Int32 // maxmemory-eviction-tenacity
	LFULogFactor atomic.Int32
	LFUDecayTime atomic.Int32 // minutes
	ActiveExpire atomic.Bool  // DEBUG SET-ACTIVE-EXPIRE
	Overhead     atomic.Int64 // bytes outside the engine that count against MaxMemory
	PausedUntil  atomic.Int64 // Unix milliseconds: no key expires or is evicted before (CLIENT PAUSE)
	Limits       value.Limits // on encodings
}

// paused says whether the server must not remove keys on its own. Expired ones
// are missing all the same.
func (ks *Keyspace) paused(now int64) bool { return now < ks.Settings.PausedUntil.Load() }

// Options are what is fixed when a keyspace is made.
type Options struct {
	Databases int
	Shards    int   // a power of two up to maxShards; 0: chosen from the number of processors
	Reserve   int64 // bytes of address space for each shard, which bound its data; 0: as much as an arena can have
}

// maxShards is how many shards a Tx's set of locks can name.
const maxShards = 64

// MaxString is the longest key or value. A record could describe longer values,
// but a shard's 32 GiB should hold more than a few.
const MaxString = 1<<31 - 1

// Keyspace is all databases.
type Keyspace struct {
	Settings Settings
	Latency  latency.Monitor // of commands, too
	Clock    Clock

	shards    []shard
	arenas    []*arena.Arena // by ID; changed under all shard locks, read under any
	mask      uint64
	databases int
	reserve   int64 // see Options
	seed      maphash.Seed
	subs      []*Subscription
	flusher   *Tx           // see Flusher
	wants     atomic.Uint32 // what any of them wants
	wantsMu   sync.Mutex    // held to change that
	used      atomic.Int64  // bytes handed out by all arenas, as of the last End
	evict     evictor
	reclaim   reclaimer
	wide      atomic.Int64 // waiters that need more shards than that of the key that is ready

	expireMicros atomic.Int64  // time spent on background expiry
	firstTimer   chan struct{} // holds a token when a wheel got its first timer
	stop         chan struct{}
	stopped      sync.WaitGroup
}

// shard is the keys of all databases whose hash ends in its number.
type shard struct {
	// What most commands write is in the first 56 bytes, so that a processor gets it in one cache line with the
	// lock: the collector's header may be before the first shard.
	mu       sync.Mutex
	glances  atomic.Int64 // see CountGlance
	reported int64        // the part of Keyspace.used that is this shard's
	stats    counters

	arena   *arena.Arena
	dbs     []atomic.Pointer[database] // nil: empty. Loaded without the lock by Prefetch.
	waiting atomic.Int32               // threads that wait for mu in a Begin
	closed  bool                       // a Glance sees nothing any more
	waits   waits
	_       [48]byte // a shard is whole cache lines
}

const _ = -(unsafe.Sizeof(shard{}) % 64) // does not compile unless it is 0

// lock locks the shard for a Tx.
func (s *shard) lock() {
	if s.mu.TryLock() {
		return
	}
	s.waiting.Add(1)
	s.mu.Lock()
	s.waiting.Add(-1)
}

// giveWay is called by background work between two times that it holds the
// lock: one who waits would else seldom get it, because he is slower to wake
// than the lock is to be taken again.
func (s *shard) giveWay() {
	if s.waiting.Load() != 0 {
		rest()
	}
}

type counters struct {
	hits, misses     int64
	uses             int64 // commands, roughly: background work looks whether there are any
	changes          int64 // not reset: it counts since the last save
	expired, evicted int64
	expiredFields    int64 // of hashes
}

// database is the part of a database in one shard. It belongs to one arena for good.
type database struct {
	arena *arena.Arena
	table table.Table
	wheel expiry.Wheel

	fields expiry.Wheel // timers of hashes with fields that expire
	due    []arena.Ref  // those of them that have come up; the wheel has them no more
	home   value.Home   // of the Cells
}

// New makes an empty keyspace and starts its background work.
func New(o Options) (*Keyspace, error) {
	n := o.Shards
	if n == 0 {
		n = 4 * runtime.GOMAXPROCS(0)
		n = min(max(1<<bits.Len(uint(n-1)), 16), maxShards)
	}
	ks := &Keyspace{
		shards:    make([]shard, n),
		arenas:    make([]*arena.Arena, 1), // ID 0 says: the record's own
		mask:      uint64(n - 1),
		databases: o.Databases,
		reserve:   o.Reserve,
		seed:      maphash.MakeSeed(),
		stop:      make(chan struct{}),

		firstTimer: make(chan struct{}, 1),
	}
	if ks.reserve == 0 {
		ks.reserve = arena.MaxReserve
	}
	for i := range ks.shards {
		a, err := arena.New(ks.reserve)
		if err != nil {
			ks.closeArenas()
			return nil, err
		}
		ks.shards[i].arena = a
		ks.know(a)
		ks.shards[i].dbs = make([]atomic.Pointer[database], o.Databases)
	}
	ks.Settings.Samples.Store(5)
	ks.Settings.Tenacity.Store(10)
	ks.Settings.LFULogFactor.Store(10)
	ks.Settings.LFUDecayTime.Store(1)
	ks.Settings.ActiveExpire.Store(true)
	ks.Settings.Limits.Reset()
	ks.reclaim.init()
	for _, work := range []func(){ks.expireLoop, ks.reclaimLoop, ks.housekeepLoop} {
		ks.stopped.Go(work)
	}
	return ks, nil
}

// know gives a new arena its ID.
func (ks *Keyspace) know(a *arena.Arena) {
	a.ID = uint16(len(ks.arenas))
	ks.arenas = append(ks.arenas, a)
}

// blocksOf returns the arena of the blocks of a record's value; own is that of the record.
func (ks *Keyspace) blocksOf(own *arena.Arena, r object.Record) *arena.Arena {
	if id := r.Elsewhere(); id != 0 {
		return ks.arenas[id]
	}
	return own
}

// Close stops the background work and gives the memory back. No Tx may be open; a Glance that comes later is Unclear.
func (ks *Keyspace) Close() {
	close(ks.stop)
	ks.stopped.Wait()
	(&Tx{ks: ks}).eachShard(func(s *shard) { s.closed = true })
	ks.closeArenas()
}

// closeArenas closes those of shards, spare ones, and those that were still to be reclaimed.
func (ks *Keyspace) closeArenas() {
	for _, a := range ks.arenas[1:] {
		a.Close()
	}
}

// Databases is the number of databases.
func (ks *Keyspace) Databases() int { return ks.databases }

// Shards is the number of shards.
func (ks *Keyspace) Shards() int { return len(ks.shards) }

// Hash is the hash of a key's name, seeded per process.
func (ks *Keyspace) Hash(name []byte) uint64 { return maphash.Bytes(ks.seed, name) }

// HashString is Hash.
func (ks *Keyspace) HashString(name string) uint64 { return maphash.String(ks.seed, name) }

func (ks *Keyspace) shardOf(hash uint64) *shard { return &ks.shards[hash&ks.mask] }

// ShardOf is the number of the shard of a key with this hash. What belongs to
// keys and is only used in the calls of a Subscriber, or while a Tx has locked
// the key, can be kept per shard without a lock of its own.
func (ks *Keyspace) ShardOf(hash uint64) int { return int(hash & ks.mask) }

// database returns a shard's part of a database, making it if there is none.
func (ks *Keyspace) database(s *shard, db int, now int64) *database {
	if d := s.dbs[db].Load(); d != nil {
		return d
	}
	d := &database{arena: s.arena}
	d.table.Init(s.arena, func(a *arena.Arena, ref arena.Ref) uint64 { return ks.Hash(object.At(a, ref).Key()) })
	d.wheel.Init(s.arena, now)
	d.fields.Init(s.arena, now)
	d.home = value.Home{Arena: s.arena, Table: &d.table, Wheel: &d.wheel, Limits: &ks.Settings.Limits}
	s.dbs[db].Store(d)
	return d
}

// Subscriber hears of every change, under the locks of the key's shard.
type Subscriber interface {
	// Before is called before the first change to a key in a Tx, and after TellAgain; e is its value, if it had one.
	Before(db int, k Key, e Entry, exists bool)
	// After is called after each effect, with its keyspace event.
	After(db int, k Key, class Class, event string)
	// Journal is called at the end of a Tx that changed something, for each command that reproduces its effects.
	Journal(db int, argv [][]byte)
	// Flush is called before all keys of a database are removed (-1: of all), instead of Before for each.
	Flush(db int)
	// Swap is called after two databases were exchanged.
	Swap(a, b int)
}
