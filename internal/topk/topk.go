// Package topk finds the heaviest keys of a stream of weighted keys in little
// memory: Space-Saving (Metwally, Agrawal, El Abbadi 2005).
//
// A Sketch has a fixed number of counters. A key that has none takes the
// smallest one over, with its count: the count of a key is at most too high, by
// what it took over, its error. Whatever has more than 1/n of the whole weight has one of the n
// counters. What is reported is the count without the error, which is at most too low, so that
// a key that came last is not taken for a heavy one.
//
// Rejected: count-min with a heap needs a hash per row and update, and its
// error never shows; keys that decay (HeavyKeeper) need a random number per collision.
package topk

import "slices"

// Sketch counts keys. The zero Sketch is not ready; see New.
type Sketch struct {
	size int
	of   map[string]*counter
	heap []*counter // the smallest count first
}

type counter struct {
	key          string
	count, error int64
	at           int // in the heap
}

// Item is a key and its weight.
type Item struct {
	Key    string
	Weight int64
}

// New makes a sketch of size counters.
func New(size int) *Sketch {
	return &Sketch{size: size, of: make(map[string]*counter, size), heap: make([]*counter, 0, size)}
}

// Add counts weight for a key, which is copied if need be.
func (s *Sketch) Add(key []byte, weight int64) {
	if weight <= 0 {
		return
	}
	c := s.of[string(key)]
	switch {
	case c != nil:
	case len(s.heap) < s.size:
		c = &counter{key: string(key), at: len(s.heap)}
		s.of[c.key] = c
		s.heap = append(s.heap, c)
		s.up(c) // its count is 0
	default:
		c = s.heap[0]
		delete(s.of, c.key)
		c.key, c.error = string(key), c.count
		s.of[c.key] = c
	}
	c.count += weight
	s.down(c)
}

// AddTo adds what the sketch surely knows to sums.
func (s *Sketch) AddTo(sums map[string]int64) {
	for _, c := range s.heap {
		if n := c.count - c.error; n > 0 {
			sums[c.key] += n
		}
	}
}

// Top returns the n heaviest of sums, the heaviest first.
func Top(sums map[string]int64, n int) []Item {
	items := make([]Item, 0, len(sums))
	for key, weight := range sums {
		items = append(items, Item{key, weight})
	}
	slices.SortFunc(items, func(a, b Item) int {
		switch {
		case a.Weight != b.Weight:
			return int(min(max(b.Weight-a.Weight, -1), 1))
		case a.Key < b.Key:
			return -1
		}
		return 1
	})
	return items[:min(n, len(items))]
}

// up moves a counter towards the top of the heap until it is in order.
func (s *Sketch) up(c *counter) {
	for c.at > 0 {
		parent := s.heap[(c.at-1)/2]
		if parent.count <= c.count {
			return
		}
		s.swap(c, parent)
	}
}

// down moves a counter towards the leaves.
func (s *Sketch) down(c *counter) {
	for {
		i := 2*c.at + 1
		if i >= len(s.heap) {
			return
		}
		child := s.heap[i]
		if i+1 < len(s.heap) && s.heap[i+1].count < child.count {
			child = s.heap[i+1]
		}
		if c.count <= child.count {
			return
		}
		s.swap(c, child)
	}
}

func (s *Sketch) swap(a, b *counter) {
	a.at, b.at = b.at, a.at
	s.heap[a.at], s.heap[b.at] = a, b
}
