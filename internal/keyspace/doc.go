// Package keyspace is the engine: databases of keys, cut into shards with a
// lock each, reached only through a Tx, or for one string through a Glance.
//
// # Terms
//
// A shard holds the keys whose hash ends in its number, for all databases:
// one mutex, one arena, and per database an index and a timer wheel. A Tx is
// some locked shards for the time of one command or transaction. An effect is
// what a Tx did, as its subscribers hear it.
//
// # Locks
//
// Begin locks the shards of the given keys in ascending order, End unlocks
// them: strict two-phase locking, so commands and transactions are strictly
// serializable. A Tx never takes another shard, and handlers no lock at all. The
// ranks are in docs/locking.md: the evictor's lock comes before shard locks,
// the reclaimer's queue and the locks of shared arenas after them.
//
// Commands that wait for a key are queued in its shard; who changes the key runs
// them before its Tx ends. See wait.go.
//
// # Events
//
// Before a Tx changes a key for the first time, subscribers get its old
// value (Before); after each effect the keyspace event Redis has for it
// (After); at its end the commands that reproduce what it did (Journal), all
// under the shard locks. A snapshot, WATCH, tracking, notifications and the
// journal need nothing else, and no command knows of them.
//
// # Time
//
// A Tx has one time, given at Begin. A key whose expiry lies before it does
// not exist: who finds it removes it. The wheels remove the others in the
// background, in slices that hold a shard for some tens of microseconds. Fields of
// hashes that expire go the same way; see fields.go.
//
// # Memory
//
// used is what all arenas handed out; End adds what the Tx changed, so that
// the limit is checked against a single number. Values above reclaimSize,
// flushed databases and arenas are handed to the reclaimer, which gives them
// back in slices. A value's blocks are in the arena of its key's shard, but for
// large values that were renamed from another: a record says which arena it is.
//
// # Rejected
//
// A goroutine per shard that owns it (no locks, messages instead) doubles the
// wake-ups of every request and needs a protocol for multi-key atomicity;
// an uncontended lock costs 10 ns. One lock for all loses the second core.
package keyspace
