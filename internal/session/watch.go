package session

import (
	"slices"
	"sync"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// WATCH. Each shard has the watches on its keys, under the shard's lock. Who
// changes a key marks those who watch it, before anybody can see the change; EXEC
// looks at the mark when it holds its locks. As long as nobody watches
// anything the keyspace does not tell of changes.

// A watch is a key that a client watches.
type watch struct {
	client  *Client
	db      int
	key     keyspace.Key // the name is its own
	at      int          // its place among the watches on the key
	expired bool         // it had expired, and was still there, when the client began to watch
}

type watchedKey struct {
	db   int
	name string
}

// watches is the subscriber that keeps all watches.
type watches struct {
	ks     *keyspace.Keyspace
	sub    *keyspace.Subscription
	mu     sync.Mutex // guards n
	n      int        // watches of all clients
	shards []map[watchedKey][]*watch
}

func newWatches(ks *keyspace.Keyspace) *watches {
	s := &watches{ks: ks, shards: make([]map[watchedKey][]*watch, ks.Shards())}
	s.sub = ks.Subscribe(s)
	s.sub.Want(0)
	return s
}

// count counts a watch more or less.
func (s *watches) count(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.n
	s.n += n
	switch {
	case before == 0:
		s.sub.Want(keyspace.WantBefore)
	case s.n == 0:
		s.sub.Want(0)
	}
}

// len is the number of watches.
func (s *watches) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.n
}

// add is called with the key's shard locked.
func (s *watches) add(w *watch) {
	i := s.ks.ShardOf(w.key.Hash)
	if s.shards[i] == nil {
		s.shards[i] = map[watchedKey][]*watch{}
	}
	at := watchedKey{w.db, string(w.key.Name)}
	w.at = len(s.shards[i][at])
	s.shards[i][at] = append(s.shards[i][at], w)
	s.count(1)
}

// remove is called with the key's shard locked.
func (s *watches) remove(w *watch) {
	shard := s.shards[s.ks.ShardOf(w.key.Hash)]
	at := watchedKey{w.db, string(w.key.Name)}
	list := shard[at]
	last := len(list) - 1
	list[w.at] = list[last]
	list[w.at].at = w.at
	list[last] = nil
	if last == 0 {
		delete(shard, at)
	} else {
		shard[at] = list[:last]
	}
	s.count(-1)
}

// has says whether the client watches k in a database. The key's shard is locked.
func (s *watches) has(c *Client, db int, k keyspace.Key) bool {
	others := s.shards[s.ks.ShardOf(k.Hash)][watchedKey{db, string(k.Name)}]
	if len(others) <= len(c.watches) {
		return slices.ContainsFunc(others, func(w *watch) bool { return w.client == c })
	}
	return slices.ContainsFunc(c.watches, func(w *watch) bool { return w.db == db && string(w.key.Name) == string(k.Name) })
}

// keys is the number of keys that are watched by clients whom that may still tell anything new.
func (s *watches) keys(tx *keyspace.Tx) (n int64) {
	if s.len() == 0 {
		return 0
	}
	tx.EachShard(func(i int) {
		for _, list := range s.shards[i] {
			if slices.ContainsFunc(list, func(w *watch) bool { return !w.client.dirty.Load() }) {
				n++
			}
		}
	})
	return n
}

// WatchedKeys is the number of keys that clients watch. The Tx is one for Tx.Stats.
func (h *Hub) WatchedKeys(tx *keyspace.Tx) int64 { return h.watches.keys(tx) }

// watching is how many keys the client watches. One that is enough to make EXEC do nothing ends all the watching.
func (c *Client) watching() int64 {
	if c.dirty.Load() {
		return 0
	}
	return c.pub.watching.Load()
}

// Before marks those who watch k.
func (s *watches) Before(db int, k keyspace.Key, _ keyspace.Entry, _ bool) {
	shard := s.shards[s.ks.ShardOf(k.Hash)]
	if len(shard) == 0 {
		return
	}
	for _, w := range shard[watchedKey{db, string(k.Name)}] {
		w.touch()
	}
}

// touch marks the client. The first change to a key that had expired is that it goes away, which is none.
func (w *watch) touch() {
	if w.expired {
		w.expired = false
		return
	}
	w.client.dirty.Store(true)
}

// Flush marks those who watch a key that exists.
func (s *watches) Flush(db int) {
	for _, shard := range s.shards {
		for at, list := range shard {
			if db >= 0 && at.db != db {
				continue
			}
			for _, w := range list {
				if there, _ := s.ks.Holds(at.db, w.key); there {
					w.touch()
				}
			}
		}
	}
}

// Swap marks those who watch a key that exists in either database, before or after.
func (s *watches) Swap(a, b int) {
	if a == b {
		return
	}
	for _, shard := range s.shards {
		for at, list := range shard {
			switch at.db {
			case a:
				s.swapped(list, b)
			case b:
				s.swapped(list, a)
			}
		}
	}
}

// swapped is about a key whose database has been exchanged with another.
func (s *watches) swapped(list []*watch, other int) {
	for _, w := range list {
		before, _ := s.ks.Holds(other, w.key)
		now, expired := s.ks.Holds(w.db, w.key)
		switch {
		case w.expired && !now:
			w.expired = false
		case w.expired && expired, !before && !now:
		case !before && expired:
			w.expired = true
		default:
			w.client.dirty.Store(true)
		}
	}
}

func (s *watches) After(int, keyspace.Key, keyspace.Class, string) {}
func (s *watches) Journal(int, [][]byte)                           {}

var watchSpec = cmdspec.Spec{
	Name: "watch", Arity: -2, Since: "2.2.0", Group: cmdspec.GroupTransactions,
	Summary: "Monitors changes to keys to determine the execution of a transaction.", Complexity: "O(1) for every key.",
	Flags: transactional | cmdspec.Fast | cmdspec.NotQueued | cmdspec.Stateful,
	Keys:  []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 1, cmdspec.RO)},
	Args:  "key [key ...]",
	Run:   runWatch,
}

func runWatch(c *cmdspec.Ctx) error {
	me := caller(c)
	if me.multi != nil {
		return errWatchInside
	}
	if !me.dirty.Load() { // what is watched from now on cannot matter otherwise
		for _, k := range c.Keys {
			me.watch(c.Tx, k)
		}
	}
	c.Reply.OK()
	return nil
}

func (c *Client) watch(tx *keyspace.Tx, k keyspace.Key) {
	if c.hub.watches.has(c, tx.DB(), k) {
		return
	}
	w := &watch{client: c, db: tx.DB(), key: keyspace.Key{Name: append([]byte(nil), k.Name...), Hash: k.Hash}, expired: tx.Expired(k)}
	c.watches = append(c.watches, w)
	c.hub.watches.add(w)
	c.pub.watching.Store(int64(len(c.watches)))
	c.hold(watchSize + int64(len(k.Name)))
}

const watchSize = 160 // of a watch and its places

// unwatch forgets all watches. Their keys are locked.
func (c *Client) unwatch() {
	for _, w := range c.watches {
		c.hub.watches.remove(w)
		c.hold(-watchSize - int64(len(w.key.Name)))
	}
	c.watches = nil
	c.pub.watching.Store(0)
	c.dirty.Store(false)
}

// watchedKeys are keys, and those that the client watches.
func (c *Client) watchedKeys(keys []keyspace.Key) []keyspace.Key {
	for _, w := range c.watches {
		keys = append(keys, w.key)
	}
	return keys
}

// touched says whether a watched key has changed. All of them are locked.
func (c *Client) touched(tx *keyspace.Tx) bool {
	if c.dirty.Load() {
		return true
	}
	db := tx.DB()
	defer tx.SetDB(db)
	for _, w := range c.watches {
		tx.SetDB(w.db)
		if !w.expired && tx.Expired(w.key) {
			return true
		}
	}
	return false
}

var unwatchSpec = cmdspec.Spec{
	Name: "unwatch", Arity: 1, Since: "2.2.0", Group: cmdspec.GroupTransactions,
	Summary: "Forgets about watched keys of a transaction.", Complexity: "O(1)",
	Flags: transactional | cmdspec.Fast | cmdspec.Stateful,
	Locks: cmdspec.LockWatched,
	Run:   runUnwatch,
}

func runUnwatch(c *cmdspec.Ctx) error {
	caller(c).unwatch()
	c.Reply.OK()
	return nil
}
