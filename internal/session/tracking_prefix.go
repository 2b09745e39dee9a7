package session

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Broadcasting mode. A change of a key that begins with somebody's prefix is noted by the
// thread that makes it, and told when the thread has executed its batch, before the replies
// leave: one message for each prefix, with all keys.

// prefixes are who wants to hear of which keys. Every change looks at them, as long as there are any.
type prefixes struct {
	any atomic.Bool

	mu      sync.RWMutex // guards what follows; taken after shard locks
	clients map[string]map[*Client]struct{}
	lengths []prefixLength // ascending
	loose   changes        // by no thread of ours
}

// prefixLength is how many prefixes have a length.
type prefixLength struct{ length, n int }

// changes are keys that changed, by prefix, with the client whose command did it last; nil: none.
type changes map[string]map[string]*Client

// prefixSize is what a prefix of a client takes beside its bytes.
const prefixSize = 128

// join makes c hear of a prefix, and returns what that takes.
func (p *prefixes) join(c *Client, text string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients[text] == nil {
		if p.clients == nil {
			p.clients = map[string]map[*Client]struct{}{}
		}
		p.clients[text] = map[*Client]struct{}{}
		p.countLength(len(text), 1)
	}
	p.clients[text][c] = struct{}{}
	p.any.Store(true)
	return prefixSize + int64(len(text))
}

// leave undoes join.
func (p *prefixes) leave(c *Client, text string) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.clients[text], c)
	if len(p.clients[text]) == 0 {
		delete(p.clients, text)
		p.countLength(len(text), -1)
	}
	p.any.Store(len(p.clients) > 0)
	return prefixSize + int64(len(text))
}

func (p *prefixes) countLength(length, n int) {
	at, there := slices.BinarySearchFunc(p.lengths, length, func(l prefixLength, length int) int { return cmp.Compare(l.length, length) })
	if !there {
		p.lengths = slices.Insert(p.lengths, at, prefixLength{length: length})
	}
	p.lengths[at].n += n
	if p.lengths[at].n == 0 {
		p.lengths = slices.Delete(p.lengths, at, at+1)
	}
}

// len is the number of prefixes.
func (p *prefixes) len() int {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return len(p.clients)
}

// note adds a key to the changes of those prefixes that it begins with. The lock is held.
func (p *prefixes) note(to changes, name []byte, by *Client) {
	for _, l := range p.lengths {
		if l.length > len(name) {
			return
		}
		if p.clients[string(name[:l.length])] == nil {
			continue
		}
		prefix := string(name[:l.length])
		if to[prefix] == nil {
			to[prefix] = map[string]*Client{}
		}
		to[prefix][string(name)] = by
	}
}

// noteChange notes a change that worker w makes, nil: another thread, for a client,
// nil: for none.
func (t *tracker) noteChange(w *Worker, by *Client, name []byte) {
	p := &t.prefixes
	if w == nil {
		t.noteLoose(name)
		return
	}
	p.mu.RLock()
	defer p.mu.RUnlock()
	first := len(w.tracking.changed) == 0
	if w.tracking.changed == nil {
		w.tracking.changed = changes{}
	}
	p.note(w.tracking.changed, name, by)
	if first && w.loop != nil && len(w.tracking.changed) > 0 {
		w.loop.Post(w.tellChanges) // it may be no batch
	}
}

func (t *tracker) noteLoose(name []byte) {
	p := &t.prefixes
	p.mu.Lock()
	defer p.mu.Unlock()
	first := len(p.loose) == 0
	if p.loose == nil {
		p.loose = changes{}
	}
	p.note(p.loose, name, nil)
	if first && len(p.loose) > 0 {
		t.hub.anyLoop(func(*Worker) { t.tellLoose() })
	}
}

func (t *tracker) tellLoose() {
	p := &t.prefixes
	p.mu.Lock()
	list := p.loose
	p.loose = nil
	p.mu.Unlock()
	t.tell(list)
}

// anyLoop calls f on the thread of some loop, soon.
func (h *Hub) anyLoop(f func(*Worker)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range h.workers {
		if w.loop != nil {
			w.loop.Post(func() { f(w) })
			return
		}
	}
}

// tellChanges tells what has been noted of this thread's changes.
func (w *Worker) tellChanges() {
	if len(w.tracking.changed) > 0 {
		list := w.tracking.changed
		w.tracking.changed = nil
		w.hub.tracker.tell(list)
	}
}

// tell tells of changes, prefix by prefix, the keys in order.
func (t *tracker) tell(list changes) {
	for _, prefix := range slices.Sorted(maps.Keys(list)) {
		keys := list[prefix]
		names := slices.Sorted(maps.Keys(keys))
		all := delivery{keys: appendNames(names)}
		for _, c := range t.prefixes.listeners(prefix) {
			mode := c.pub.tracking.mode.Load()
			if mode == nil {
				continue
			}
			if mode.noloop {
				t.tellOthers(c, mode, names, keys)
			} else {
				all.address(c, mode, nil, nil)
			}
		}
		all.send()
	}
}

// tellOthers tells a client of the keys that it has not changed itself.
func (t *tracker) tellOthers(c *Client, mode *trackMode, names []string, by map[string]*Client) {
	var others []string
	for _, name := range names {
		if by[name] != c {
			others = append(others, name)
		}
	}
	if len(others) > 0 {
		d := delivery{keys: appendNames(others)}
		d.address(c, mode, nil, nil)
		d.send()
	}
}

func appendNames(names []string) []byte {
	first, rest := names[0], names[1:]
	b := appendKeys(nil, len(names), []byte(first))
	for _, name := range rest {
		b = appendName(b, name)
	}
	return b
}

// listeners are the clients with a prefix, in the order of their numbers.
func (p *prefixes) listeners(prefix string) []*Client {
	p.mu.RLock()
	defer p.mu.RUnlock()
	list := slices.Collect(maps.Keys(p.clients[prefix]))
	slices.SortFunc(list, func(a, b *Client) int { return cmp.Compare(a.id, b.id) })
	return list
}

// overlap finds two prefixes that are about the same keys: one of those wanted, and one
// that is there already or another of them.
func overlap(wanted, there []string) (a, b, kind string) {
	for i, a := range wanted {
		for _, b := range there {
			if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
				return a, b, "an existing"
			}
		}
		for _, b := range wanted[i+1:] {
			if strings.HasPrefix(a, b) || strings.HasPrefix(b, a) {
				return a, b, "another provided"
			}
		}
	}
	return "", "", ""
}
