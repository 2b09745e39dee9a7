package keyspace

import "github.com/redstart-db/redstart/internal/object"

// EndHolding is End, but what was locked stays so for a next Begin that takes the same: for a pipeline of
// commands on one key, which else would lock and search it each time, and wait each time for other threads
// that do likewise. Until then nothing may be locked that comes before a shard, and nothing waited for.
// Release unlocks if there is no such Begin.
func (tx *Tx) EndHolding(argv [][]byte) {
	tx.finish(argv)
	tx.held, tx.locked = tx.locked, 0
	if f := &tx.found; f.ref != 0 && (f.moved() || object.At(f.d.arena, f.ref).HasTimer()) { // it may have expired by then
		f.ref = 0
	}
}

// Release unlocks what is held, if anything.
func (tx *Tx) Release() {
	if tx.held != 0 {
		tx.ks.report(tx.held)
		tx.ks.unlock(tx.held)
		tx.held = 0
	}
}

// hold locks what the next Begin takes.
func (tx *Tx) hold(ks *Keyspace, set uint64) {
	if tx.held != set {
		tx.Release()
		tx.found.ref = 0
		tx.ks = ks
		ks.lock(set)
		tx.held = set
	}
}

// OneShard says whether what is locked for keys a can be held for keys b.
func (ks *Keyspace) OneShard(a, b []Key) bool {
	return len(a) == 1 && len(b) == 1 && (a[0].Hash^b[0].Hash)&ks.mask == 0
}
