package keyspace

import (
	"github.com/redstart-db/redstart/internal/arena"
)

// Stats are counters since start or ResetStats.
type Stats struct {
	Hits, Misses, Expired, Evicted int64
	ExpiredFields                  int64     // of hashes
	Changes                        int64     // made by commands, ever
	EvictedMicros, ExpireMicros    int64     // time spent on eviction and on background expiry
	ExceededTotal, ExceededNow     int64     // milliseconds that memory was, and has been, over the limit
	Waits, WaitsExisting           int64     // keys that commands wait for; those whose waiters must hear when one is gone
	Keys                           []DBStats // per database
}

// DBStats describe one database.
type DBStats struct {
	Keys, Expires  int64
	AvgTTL         int64 // milliseconds
	HashesExpiring int64 // hashes with fields that expire
}

// eachShard calls f with every shard, locked. A Tx that has locked nothing
// locks one after the other, so that f sees none of them at the same time.
func (tx *Tx) eachShard(f func(*shard)) {
	for i := range tx.ks.shards {
		s := &tx.ks.shards[i]
		if tx.locked != 0 {
			f(tx.shard(uint64(i)))
			continue
		}
		s.mu.Lock()
		f(s)
		s.mu.Unlock()
	}
}

// Stats looks at all shards. The Tx has locked all of them, or none.
func (tx *Tx) Stats() Stats {
	ks := tx.ks
	st := Stats{Keys: make([]DBStats, ks.databases), EvictedMicros: ks.evict.micros.Load(), ExpireMicros: ks.expireMicros.Load()}
	now := ks.Clock.UnixMilli()
	ttls := make([]float64, ks.databases)
	tx.eachShard(func(s *shard) {
		st.Hits += s.stats.hits
		st.Misses += s.stats.misses
		st.Expired += s.stats.expired
		st.Evicted += s.stats.evicted
		st.ExpiredFields += s.stats.expiredFields
		st.Changes += s.stats.changes
		st.Waits += int64(len(s.waits.queues))
		st.WaitsExisting += s.waits.existing()
		for db := range s.dbs {
			if d := s.dbs[db].Load(); d != nil {
				st.Keys[db].Keys += int64(d.table.Len())
				st.Keys[db].Expires += int64(d.wheel.Len())
				st.Keys[db].HashesExpiring += d.hashesExpiring()
				ttls[db] += float64(d.wheel.AverageTTL(now)) * float64(d.wheel.Len())
			}
		}
	})
	st.ExceededTotal, st.ExceededNow = ks.evict.exceeded(ks, now)
	for db := range st.Keys {
		if n := st.Keys[db].Expires; n > 0 {
			st.Keys[db].AvgTTL = int64(ttls[db] / float64(n))
		}
	}
	return st
}

// Stats is Tx.Stats for who runs no command and holds no shard.
func (ks *Keyspace) Stats() Stats { return (&Tx{ks: ks}).Stats() }

// Memory is Tx.Memory for who runs no command and holds no shard.
func (ks *Keyspace) Memory() Memory { return (&Tx{ks: ks}).Memory() }

// Used is Memory.Used as of the last change, without a look at the shards.
func (ks *Keyspace) Used() int64 { return ks.used.Load() }

// ResetStats zeroes the counters of Stats. The Tx is one for Stats.
func (tx *Tx) ResetStats() {
	ks := tx.ks
	tx.eachShard(func(s *shard) { s.stats = counters{changes: s.stats.changes, uses: s.stats.uses} })
	ks.evict.micros.Store(0)
	ks.evict.since.Store(0)
	ks.evict.behind.Store(0)
	ks.expireMicros.Store(0)
	ks.reclaim.done.Store(0)
}

// Memory is where the bytes are.
type Memory struct {
	Used             int64 // handed out, size-class rounding included
	Records          int64 // of that: records with keys and small values
	Blobs            int64 // large values
	Index            int64
	Expiry           int64
	Elements         int64 // elements and nodes of large collections
	Committed        int64 // pages in use: the excess over Used is fragmentation
	Idle             int64 // free pages not given back to the system yet
	LazyfreePending  int64 // objects waiting to be reclaimed
	LazyfreedObjects int64
	LazyfreeBytes    int64 // bytes waiting to be reclaimed that Used no longer counts
}

// Memory looks at all shards, which the Tx has locked, or none of them.
func (tx *Tx) Memory() (m Memory) {
	tx.eachShard(func(s *shard) { m.add(s.arena) })
	return m.total(tx.ks)
}

func (m *Memory) add(a *arena.Arena) {
	m.Records += a.Used(arena.Record)
	m.Blobs += a.Used(arena.Blob)
	m.Index += a.Used(arena.Index)
	m.Expiry += a.Used(arena.Expiry)
	m.Elements += a.Used(arena.Element)
	m.Committed += a.Spanned()
	m.Idle += a.Idle()
}

func (m Memory) total(ks *Keyspace) Memory {
	m.Used = m.Records + m.Blobs + m.Index + m.Expiry + m.Elements
	m.LazyfreePending = ks.reclaim.pending.Load()
	m.LazyfreedObjects = ks.reclaim.done.Load()
	m.LazyfreeBytes = ks.reclaim.bytes.Load()
	return m
}

// Purge gives all free pages back to the system. The Tx is one for Memory.
func (tx *Tx) Purge() {
	for given := int64(1); given > 0; {
		given = 0
		tx.eachShard(func(s *shard) { given += s.arena.Scavenge(scavengeStep) })
	}
}
