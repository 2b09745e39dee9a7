package session

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// Eviction of clients (maxmemory-clients). What all clients take is known at any
// moment without looking at one of them, so it costs little to compare it with
// the limit: before each command, after input that is not a command yet, and at each
// tick. Only if it is too much does somebody look at the clients, and closes those
// that take most. Without a limit gateEvict is not set, and nobody compares.
//
// Redis keeps its clients in buckets by their size, so that the largest is found
// without a look at the others; there each change moves the client. Here changes
// are cheap and the rare eviction looks at all clients, and takes exactly the largest.

// minClientLimit is the lowest limit: with less nobody could use the server.
const minClientLimit = 128 << 10

// eviction is the state of it.
type eviction struct {
	limit atomic.Int64 // bytes; 0: none
	// due is what the clients take together when there is something to do: the limit, or more
	// if a look has shown that some of it belongs to clients that do not count, or cannot be evicted.
	due     atomic.Int64
	evicted atomic.Int64 // clients
	mu      sync.Mutex   // held while one looks
}

// SetClientLimit sets what normal clients and subscribers may take together; 0: no limit.
func (h *Hub) SetClientLimit(n int64) {
	e := &h.eviction
	if n > 0 {
		n = max(n, minClientLimit)
	}
	e.limit.Store(n)
	e.due.Store(n)
	if n == 0 {
		h.gates.And(^gateEvict)
		return
	}
	h.gates.Or(gateEvict)
	h.evictClients()
}

// evictionDue says whether the clients take so much that it is worth a look.
func (w *Worker) evictionDue() bool {
	due := w.hub.eviction.due.Load()
	return due > 0 && w.loop != nil && w.hub.Memory()+w.loop.GroupMemory() >= due
}

// evicted evicts clients if they take too much, and says whether c is one of them.
func (w *Worker) evicted(c *Client) bool {
	if !w.evictionDue() {
		return false
	}
	w.hub.evictClients()
	if !c.pub.gone.Load() {
		return false
	}
	c.close()
	return true
}

// evictClients closes the largest clients until the rest is below the limit.
func (h *Hub) evictClients() {
	e := &h.eviction
	e.mu.Lock()
	defer e.mu.Unlock()
	limit := e.limit.Load()
	if limit == 0 {
		return
	}
	all, counted, list := h.weighClients()
	for _, s := range list {
		if counted < limit {
			break
		}
		counted -= s.size
		h.evict(s.client)
	}
	if counted >= limit {
		h.warnf("Over client maxmemory after evicting all evictable clients")
		e.due.Store(all + 1)
		return
	}
	e.due.Store(all + limit - counted)
}

// sizedClient is a client with what it takes.
type sizedClient struct {
	client *Client
	size   int64
}

// weighClients returns what all clients take, what those take that the limit is
// about, and which of them may be evicted, the largest first. Clients that are
// about to be closed do not count any more.
func (h *Hub) weighClients() (all, counted int64, evictable []sizedClient) {
	for _, c := range h.everyClient() {
		size := c.memory()
		all += size
		if class := c.class(); c.pub.killed.Load() || class != ClassNormal && class != ClassPubSub {
			continue
		}
		counted += size
		if c.conn != nil && !c.pub.noEvict.Load() {
			evictable = append(evictable, sizedClient{c, size})
		}
	}
	slices.SortFunc(evictable, func(a, b sizedClient) int { return cmp.Compare(b.size, a.size) })
	return all, counted, evictable
}

// evict closes a client soon. Nobody sees it any more, and what it takes is as good as
// free: keys are not evicted while its loop gets round to it.
func (h *Hub) evict(c *Client) {
	n := c.memory()
	c.pub.freed.Store(n)
	h.ks.Settings.Overhead.Add(-n)
	h.noticef("Evicting client: %s", c.describe(nil))
	h.eviction.evicted.Add(1)
	c.pub.gone.Store(true)
	c.kill()
}

// lookAgain makes the next comparison one with the limit: what the last look found may be different now.
func (e *eviction) lookAgain() { e.due.Store(e.limit.Load()) }
