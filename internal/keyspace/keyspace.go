package keyspace

import "sync/atomic"

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

// Settings are the live settings of the engine; anyone may store, commands load.
type Settings struct {
	MaxMemory          atomic.Int64 // bytes; 0: no limit
	Policy             atomic.Int32 // a Policy
	Samples            atomic.Int32 // maxmemory-samples
	Tenacity           atomic.Int32 // maxmemory-eviction-tenacity
	LFULogFactor       atomic.Int32
	LFUDecayTime       atomic.Int32 // minutes
	ActiveExpire       atomic.Bool  // DEBUG SET-ACTIVE-EXPIRE
	LazyExpireDisabled atomic.Bool
}

// Options are what is fixed when a keyspace is made.
type Options struct {
	Databases int
	Shards    int // a power of two; 0: chosen from the number of processors
}

// Keyspace is all databases.
type Keyspace struct {
	Settings Settings
}

// New makes an empty keyspace and starts its background work.
func New(o Options) (*Keyspace, error) { panic("stub") }

// Close stops the background work and gives the memory back.
func (ks *Keyspace) Close() { panic("stub") }

// Hash is the hash of a key's name, seeded per process.
func (ks *Keyspace) Hash(name []byte) uint64 { panic("stub") }

// Begin locks what keys need and makes tx work on database db at time now
// (Unix milliseconds). tx is reused: one per loop. End unlocks.
func (ks *Keyspace) Begin(tx *Tx, db int, now int64, keys []Key) { panic("stub") }

// BeginAll is Begin with every shard locked.
func (ks *Keyspace) BeginAll(tx *Tx, db int, now int64) { panic("stub") }

// BeginNone is Begin with nothing locked: only DB and Now may be used.
func (ks *Keyspace) BeginNone(tx *Tx, db int, now int64) { panic("stub") }

// SetNoTouch makes reads through tx leave access clocks alone (CLIENT NO-TOUCH). It lasts until called again.
func (tx *Tx) SetNoTouch(on bool) { panic("stub") }

// End hands the effects to the subscribers, unlocks, and forgets. argv is the command as
// it came, journalled if it changed something and named no other effect.
func (tx *Tx) End(argv [][]byte) { panic("stub") }

// Prefetch brings the buckets, then the records of the keys into the cache. It takes no lock and changes nothing.
func (ks *Keyspace) Prefetch(db int, keys []Key) { panic("stub") }

// MakeRoom evicts until memory is below the limit, within the time the
// tenacity allows. It says whether memory is below the limit or on its way (false: OOM for commands that add).
// It must be called without a Tx. With no limit it costs one load.
func (ks *Keyspace) MakeRoom(now int64) bool { panic("stub") }

// Subscriber hears of every change, under the locks of the key's shard.
type Subscriber interface {
	// Before is called before the first change to a key in a Tx; e is its value, if it had one.
	Before(db int, key []byte, e Entry, exists bool)
	// After is called after each effect, with its keyspace event.
	After(db int, key []byte, class Class, event string)
	// Journal is called at the end of a Tx that changed something, for each command that reproduces its effects.
	Journal(db int, argv [][]byte)
}

// Subscribe adds a subscriber; before the first command only.
func (ks *Keyspace) Subscribe(s Subscriber) { panic("stub") }

// Stats are counters since start or ResetStats.
type Stats struct {
	Hits, Misses, Expired, Evicted int64
	ExpiredTimeCapReached          int64
	ExpireCycleMicros              int64
	Keys                           []DBStats // per database
}

// DBStats describe one database.
type DBStats struct {
	Keys, Expires int64
	AvgTTL        int64 // milliseconds
}

// Stats locks everything for a moment.
func (ks *Keyspace) Stats() Stats { panic("stub") }

// ResetStats zeroes the counters of Stats.
func (ks *Keyspace) ResetStats() { panic("stub") }

// Memory is where the bytes are.
type Memory struct {
	Used                              int64 // allocated to something, size-class rounding included
	Records                           int64 // of that: records with keys and small values
	Blobs                             int64 // large values
	Index                             int64
	Expiry                            int64
	Committed                         int64 // pages taken from the system
	Lazyfree                          int64 // bytes waiting to be reclaimed
	LazyfreePending, LazyfreedObjects int64
}

// Memory returns the accounts; cheap.
func (ks *Keyspace) Memory() Memory { panic("stub") }

// Purge gives all free pages back to the system.
func (ks *Keyspace) Purge() { panic("stub") }
