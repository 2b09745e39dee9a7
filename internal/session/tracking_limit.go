package session

import (
	"math/rand/v2"

	"github.com/redstart-db/redstart/internal/keyspace"
)

// The limit of the table of readers: tracking-table-max-keys. A key too many is
// taken out at random, and its readers are told as if it had changed: the
// server will not tell them when it does.

// trimBatch is how many keys are taken out of a shard at once, and trimTurn in one
// turn of a loop.
const (
	trimBatch = 16
	trimTurn  = 1024
)

// over is by how many keys the table is too large.
func (t *tracker) over() int64 {
	limit := t.hub.settings.TrackingMaxKeys.Load()
	if limit == 0 {
		return 0
	}
	return t.keys.Load() - limit
}

// trim takes out what is too much, or a good part of it and the rest soon. One at a time trims;
// w runs no command now.
func (t *tracker) trim(w *Worker) {
	if !t.trimming.TryLock() {
		return
	}
	defer t.trimming.Unlock()
	for turn := 0; t.over() > 0 && turn < trimTurn; {
		first := rand.IntN(len(t.shards))
		for i := range t.shards {
			if n := t.trimShard(w, (first+i)%len(t.shards)); n > 0 {
				turn += n
				break
			}
		}
	}
	if t.over() > 0 && w.loop != nil {
		w.loop.Post(func() { t.trim(w) })
	}
}

// trimShard takes some keys out of a shard, from a random one on, and returns how many.
func (t *tracker) trimShard(w *Worker, shard int) (n int) {
	t.lock(w, shard)
	defer w.tx.End(nil)
	for name, r := range t.shards[shard] {
		if n == trimBatch || t.over() <= 0 {
			return n
		}
		t.forget(shard, name, r)
		t.invalidate(r, []byte(name), nil, nil, true)
		n++
	}
	return n
}

// lock makes w's Tx one that has locked a shard.
func (t *tracker) lock(w *Worker, shard int) {
	t.hub.ks.Begin(&w.tx, 0, w.now, []keyspace.Key{{Hash: uint64(shard)}})
}

// drop empties the table, if still nobody tracks. w runs no command now.
func (t *tracker) drop(w *Worker) {
	for i := range t.shards {
		t.lock(w, i)
		if t.clients.Load() == 0 { // who tracks from now on enters what he reads after this
			for name, r := range t.shards[i] {
				t.forget(i, name, r)
			}
			t.shards[i] = nil
		}
		w.tx.End(nil)
	}
}

// TrimTracking makes the table fit a limit that has changed.
func (h *Hub) TrimTracking() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range h.workers {
		if w.loop != nil {
			w.loop.Post(func() { h.tracker.trim(w) })
			return
		}
	}
}
