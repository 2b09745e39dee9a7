package session

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// Client-side caching. A client that tracks is told when what it may have read is
// not true any more. In the default mode the server remembers for each key who has
// read it: a table, cut like the keyspace, whose parts belong to the lock of their
// shard. A change of the key takes its readers out of the table and tells each of
// them, once; who reads again is remembered again. In broadcasting mode nothing is
// remembered but prefixes, and who wants to hear of all keys that begin with them.
//
// As in Redis keys are known by their name alone, whatever their database, and
// readers by the client's number: a client that goes away leaves its numbers
// behind, which are found to be nobody's when their keys change or get more
// readers, or are dropped with the rest when the last client ends its tracking.
//
// # Order
//
// What a client must never see is an invalidation and then, in a reply, the value
// from before the change. It cannot happen:
//   - A reader is entered, and a change posted to its connection, under the lock of
//     the key's shard. So a value from before a change was read before the
//     invalidation was posted, and a loop sends the replies of a batch before it
//     reads its mail. A reply that another thread makes for a client that waits is
//     mail itself, posted under the same lock.
//   - Mail is read before a batch is executed, too. So who has learned, from whomever,
//     that a write was done, and then asks the server anything, has its
//     invalidation before the answer.
//
// The other way round, the new value and then the invalidation, does happen. It costs a
// cache an entry, and is harmless.
//
// What a client's own command invalidates follows the reply of this command, and that of
// a transaction the reply of EXEC.

// A trackMode is how a client tracks. It does not change; another takes its place.
type trackMode struct {
	redirect                     int64 // who gets the messages; 0: the client itself
	bcast, optin, optout, noloop bool
	prefixes                     []string // with bcast, ascending
}

// published state of tracking, in Client.pub.
type tracking struct {
	mode    atomic.Pointer[trackMode] // nil: the client does not track
	caching atomic.Bool               // CLIENT CACHING was called for the next command
	broken  atomic.Bool               // there was nobody to redirect a message to
}

// A tracker is the subscriber that knows what the clients may have read.
type tracker struct {
	hub    *Hub
	sub    *keyspace.Subscription
	shards []map[string]*readers // each under the lock of its shard

	counting                    sync.Mutex // held to change clients
	clients, keys, items, bytes atomic.Int64
	trimming                    sync.Mutex // only tried, never waited for

	prefixes prefixes
}

// readers are who may have read a key.
type readers struct {
	ids  []int64 // ascending
	room [1]int64
}

// readersSize is what a key with one reader takes beside its name: the readers, the key's
// place in the map, the roundings.
const readersSize = 104

func newTracker(h *Hub) *tracker {
	t := &tracker{hub: h, shards: make([]map[string]*readers, h.ks.Shards())}
	t.sub = h.ks.Subscribe(t)
	t.sub.Want(0)
	return t
}

// count counts a client more or less that tracks.
func (t *tracker) count(n int64) {
	t.counting.Lock()
	defer t.counting.Unlock()
	switch now := t.clients.Add(n); {
	case now == 0:
		t.sub.Want(0)
	case now == n:
		t.sub.Want(keyspace.WantBefore)
	}
}

func (t *tracker) hold(n int64) {
	t.bytes.Add(n)
	t.hub.ks.Settings.Overhead.Add(n)
}

// remember enters a reader of k. The key's shard is locked.
func (t *tracker) remember(id int64, k keyspace.Key) {
	i := t.hub.ks.ShardOf(k.Hash)
	r := t.shards[i][string(k.Name)]
	if r == nil {
		if t.shards[i] == nil {
			t.shards[i] = map[string]*readers{}
		}
		r = &readers{}
		r.room[0] = id
		r.ids = r.room[:]
		t.shards[i][string(k.Name)] = r
		t.keys.Add(1)
		t.items.Add(1)
		t.hold(readersSize + int64(len(k.Name)))
		return
	}
	if at, there := slices.BinarySearch(r.ids, id); !there {
		t.addReader(r, at, id)
	}
}

// addReader adds a reader at its place. When there is no room, those who are gone make some.
func (t *tracker) addReader(r *readers, at int, id int64) {
	before, size := len(r.ids), cap(r.ids)
	if before == size && size > 1 {
		r.ids = t.hub.present(r.ids)
		at, _ = slices.BinarySearch(r.ids, id)
	}
	r.ids = slices.Insert(r.ids, at, id)
	t.items.Add(int64(len(r.ids) - before))
	t.hold(8 * int64(cap(r.ids)-size))
}

// present leaves those numbers whose clients track.
func (h *Hub) present(ids []int64) []int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.DeleteFunc(ids, func(id int64) bool {
		c := h.clients[id]
		return c == nil || c.pub.tracking.mode.Load() == nil
	})
}

// forget removes a key whose readers are r. Its shard is locked.
func (t *tracker) forget(shard int, name string, r *readers) {
	delete(t.shards[shard], name)
	t.keys.Add(-1)
	t.items.Add(-int64(len(r.ids)))
	t.hold(-r.size(name))
}

func (r *readers) size(name string) int64 {
	return readersSize + int64(len(name)) + 8*int64(cap(r.ids)-1)
}

// Before tells those who may have read k.
func (t *tracker) Before(_ int, k keyspace.Key, e keyspace.Entry, _ bool) {
	tx := e.Tx()
	w, _ := tx.User.(*Worker)
	by := w.actor()
	if t.prefixes.any.Load() {
		changer := by
		if tx.Passing() {
			changer = nil
		}
		t.noteChange(w, changer, k.Name)
	}
	i := t.hub.ks.ShardOf(k.Hash)
	if r := t.shards[i][string(k.Name)]; r != nil {
		t.forget(i, string(k.Name), r)
		t.invalidate(r, k.Name, w, by, tx.Passing())
	}
}

// invalidate tells readers that a key has changed: by a command of by, whom w runs, unless it is passing.
func (t *tracker) invalidate(r *readers, name []byte, w *Worker, by *Client, passing bool) {
	var d delivery
	d.keys = appendKeys(nil, 1, name)
	for _, c := range t.hub.byIDs(r.ids) {
		mode := c.pub.tracking.mode.Load()
		if mode == nil || mode.bcast || mode.noloop && c == by && !passing {
			continue
		}
		d.address(c, mode, w, by)
	}
	d.send()
}

// byIDs are the clients with these numbers, as far as they are there.
func (h *Hub) byIDs(ids []int64) (list []*Client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, id := range ids {
		if c := h.clients[id]; c != nil {
			list = append(list, c)
		}
	}
	return list
}

// Flush tells all clients that track that nothing they have read is true. All shards are locked.
func (t *tracker) Flush(int) {
	if t.clients.Load() == 0 {
		return
	}
	w, _ := t.hub.ks.Flusher().User.(*Worker)
	var d delivery
	for _, c := range t.hub.everyClient() {
		if mode := c.pub.tracking.mode.Load(); mode != nil {
			d.address(c, mode, w, w.actor())
		}
	}
	d.send()
	for i := range t.shards {
		t.shards[i] = nil
	}
	t.keys.Store(0)
	t.items.Store(0)
	t.hold(-t.bytes.Load())
}

// Swap: as in Redis, who tracks is not told that databases change places.
func (t *tracker) Swap(int, int) {}

func (t *tracker) After(int, keyspace.Key, keyspace.Class, string) {}
func (t *tracker) Journal(int, [][]byte)                           {}

// track remembers the keys that the running command has read for its client. They are locked.
func (w *Worker) track(c *Client, spec *cmdspec.Spec) {
	if spec.Flags&cmdspec.ReadOnly != 0 && spec.Flags&cmdspec.PubSub == 0 && spec.Locks <= cmdspec.LockAll {
		w.trackKeys(c, w.ctx.Keys)
	}
}

// trackKeys remembers keys that c has read in the Tx of w, unless its mode says no. They are locked.
func (w *Worker) trackKeys(c *Client, keys []keyspace.Key) {
	mode := c.pub.tracking.mode.Load()
	if mode == nil || mode.bcast || (mode.optin || mode.optout) && mode.optin != c.pub.tracking.caching.Load() {
		return
	}
	for _, k := range keys {
		w.hub.tracker.remember(c.id, k)
		w.tx.TellAgain(k)
	}
}

// afterTracked is called after each command of a client that tracks; spec is nil if there is none.
func (w *Worker) afterTracked(c *Client, spec *cmdspec.Spec) {
	w.pushOwn(c)
	if c.multi == nil && c.blocked == nil && (spec == nil || !isClient(spec)) {
		c.pub.tracking.caching.Store(false)
	}
	if t := w.hub.tracker; t.over() > 0 {
		t.trim(w)
	}
}

// runServed runs the command of a waiting client again, which is c's doing, not that of the
// client that w runs.
func (w *Worker) runServed(b *blocked, ctx *cmdspec.Ctx) error {
	c, before, first := b.client, w.tracking.served, len(w.tracking.own)
	w.tracking.served = c
	err := b.spec.Run(ctx)
	w.tracking.served = before
	if c.pub.tracking.mode.Load() == nil {
		return err
	}
	if err != cmdspec.ErrBlocked && b.spec.Flags&cmdspec.ReadOnly != 0 {
		w.trackKeys(c, ctx.Keys)
	}
	if own := w.takeOwn(first); err != cmdspec.ErrBlocked {
		b.own = own
	} else {
		for _, n := range own {
			c.post(n)
		}
	}
	return err
}

// afterWait is afterTracked for a command that has waited.
func (c *Client) afterWait(b *blocked) {
	if c.gates&gateTracking == 0 {
		return
	}
	for _, n := range b.own {
		c.receive(n)
	}
	c.pub.tracking.caching.Store(false)
}

func isClient(spec *cmdspec.Spec) bool {
	return spec.Name == "client" || spec.Parent != nil && spec.Parent.Name == "client"
}

// trackingOn makes the client track in a mode.
func (c *Client) trackingOn(tx *keyspace.Tx, mode *trackMode) {
	t, before := c.hub.tracker, c.pub.tracking.mode.Load()
	c.gates |= gateTracking
	c.pub.tracking.broken.Store(false)
	if before == nil {
		t.count(1)
		before = &trackMode{}
	}
	tx.Heed() // it may be a transaction, and change something later
	for _, p := range mode.prefixes {
		if !slices.Contains(before.prefixes, p) {
			c.hold(t.prefixes.join(c, p))
		}
	}
	c.pub.tracking.mode.Store(mode)
}

// trackingOff ends the tracking of a client that goes away or is reset.
func (c *Client) trackingOff() {
	mode := c.pub.tracking.mode.Load()
	if mode == nil {
		return
	}
	t := c.hub.tracker
	c.postOwn()
	c.pub.tracking.mode.Store(nil)
	c.pub.tracking.caching.Store(false)
	c.pub.tracking.broken.Store(false)
	c.gates &^= gateTracking
	for _, p := range mode.prefixes {
		c.hold(-t.prefixes.leave(c, p))
	}
	t.count(-1)
	if l := c.worker.loop; l != nil && t.clients.Load() == 0 && t.keys.Load() > 0 {
		l.Post(func() { t.drop(l.Handler().(*Worker)) })
	}
}
