package pubsub

import (
	"sync"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/glob"
)

// Kind is what a topic is.
type Kind uint8

// The kinds. Patterns are matched with the names of channels, not with those of shard channels.
const (
	Channel Kind = iota
	Pattern
	Shard
	Kinds
)

// Registry is all topics, and who has subscribed to them.
type Registry[T any] struct {
	active [Kinds]atomic.Int64 // topics, to look without the lock
	people atomic.Int64        // subscribers of anything

	mu       sync.RWMutex // guards what follows, and the subscriptions of all subscribers
	topics   [Kinds]map[string]*topic[T]
	patterns []*topic[T] // those of Pattern
	left     uint64      // departures so far
}

// topic is a channel, a pattern or a shard channel with its subscribers.
type topic[T any] struct {
	kind    Kind
	name    string
	pattern []byte           // name, of a pattern
	at      int              // its place among the patterns
	to      []T              // what the subscribers are to the caller
	members []*membership[T] // one for each of to
}

// A Match is a topic that a message goes to.
type Match[T any] struct {
	Kind  Kind
	Name  string
	To    []T    // what the subscribers are to the caller, who must not keep it
	Stamp uint64 // for Wants
}

// A membership is a subscriber's place in a topic.
type membership[T any] struct {
	topic *topic[T]
	who   *Subscriber[T]
	at    int
	since uint64 // departures before it began
}

// A Subscriber is one who may subscribe. Nothing of it is for two threads at
// once, but for Each.
type Subscriber[T any] struct {
	to     T
	topics [Kinds]map[string]*membership[T]
	n      int
	left   uint64 // the number of his last departure
}

// New makes a registry without topics.
func New[T any]() *Registry[T] {
	r := &Registry[T]{}
	for kind := range r.topics {
		r.topics[kind] = map[string]*topic[T]{}
	}
	return r
}

// NewSubscriber makes a subscriber who is to to the caller.
func NewSubscriber[T any](to T) *Subscriber[T] { return &Subscriber[T]{to: to} }

// Subscribe adds a subscription. It says whether it is new.
func (r *Registry[T]) Subscribe(s *Subscriber[T], kind Kind, name []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.topics[kind][string(name)] != nil {
		return false
	}
	t := r.topics[kind][string(name)]
	if t == nil {
		t = r.open(kind, string(name))
	}
	m := &membership[T]{topic: t, who: s, at: len(t.to), since: r.left}
	t.to, t.members = append(t.to, s.to), append(t.members, m)
	if s.topics[kind] == nil {
		s.topics[kind] = map[string]*membership[T]{}
	}
	s.topics[kind][t.name] = m
	if s.n++; s.n == 1 {
		r.people.Add(1)
	}
	return true
}

func (r *Registry[T]) open(kind Kind, name string) *topic[T] {
	t := &topic[T]{kind: kind, name: name}
	r.topics[kind][name] = t
	if kind == Pattern {
		t.pattern = []byte(name)
		t.at = len(r.patterns)
		r.patterns = append(r.patterns, t)
	}
	r.active[kind].Add(1)
	return t
}

// Unsubscribe ends a subscription. It says whether there was one.
func (r *Registry[T]) Unsubscribe(s *Subscriber[T], kind Kind, name []byte) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := s.topics[kind][string(name)]
	if m == nil {
		return false
	}
	r.leave(m)
	return true
}

// Leave ends all subscriptions of a kind, and calls f after each; f must not call the registry.
func (r *Registry[T]) Leave(s *Subscriber[T], kind Kind, f func(name string)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for name, m := range s.topics[kind] {
		r.leave(m)
		f(name)
	}
}

func (r *Registry[T]) leave(m *membership[T]) {
	s, t := m.who, m.topic
	last := len(t.to) - 1
	t.to[m.at], t.members[m.at] = t.to[last], t.members[last]
	t.members[m.at].at = m.at
	clear(t.to[last:])
	t.members[last] = nil
	t.to, t.members = t.to[:last], t.members[:last]
	if last == 0 {
		r.close(t)
	} else if cap(t.to) > 64 && last < cap(t.to)/4 {
		t.to, t.members = append([]T(nil), t.to...), append([]*membership[T](nil), t.members...)
	}
	delete(s.topics[t.kind], t.name)
	if s.n--; s.n == 0 {
		r.people.Add(-1)
	}
	r.left++
	s.left = r.left
}

func (r *Registry[T]) close(t *topic[T]) {
	delete(r.topics[t.kind], t.name)
	if t.kind == Pattern {
		last := len(r.patterns) - 1
		r.patterns[t.at] = r.patterns[last]
		r.patterns[t.at].at = t.at
		r.patterns[last] = nil
		r.patterns = r.patterns[:last]
	}
	r.active[t.kind].Add(-1)
}

// Publish calls deliver for each topic that a message goes to: the channel (Channel or
// Shard), and for a Channel the patterns that it matches. It returns how many
// subscribers they have. deliver must not call the registry.
func (r *Registry[T]) Publish(kind Kind, channel []byte, deliver func(Match[T])) (n int) {
	if r.Silent(kind) {
		return 0
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	if t := r.topics[kind][string(channel)]; t != nil {
		n += len(t.to)
		deliver(Match[T]{kind, t.name, t.to, r.left})
	}
	if kind != Channel {
		return n
	}
	for _, t := range r.patterns {
		if glob.Match(t.pattern, channel) {
			n += len(t.to)
			deliver(Match[T]{Pattern, t.name, t.to, r.left})
		}
	}
	return n
}

// Silent says whether messages to channels of a kind go to nobody now.
func (r *Registry[T]) Silent(kind Kind) bool {
	return r.active[kind].Load() == 0 && (kind != Channel || r.active[Pattern].Load() == 0)
}

// Wants says whether a message with a stamp, which went to a topic, is to be given
// to a subscriber of it: not if he has left it since.
func (r *Registry[T]) Wants(s *Subscriber[T], stamp uint64, kind Kind, name []byte) bool {
	if stamp >= s.left {
		return true
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	m := s.topics[kind][string(name)]
	return m != nil && m.since <= stamp
}

// Count is how many subscriptions of a kind a subscriber has.
func (s *Subscriber[T]) Count(kind Kind) int { return len(s.topics[kind]) }

// Place is the subscriber's place among those of a topic, if it is one of them. Own thread.
func (s *Subscriber[T]) Place(kind Kind, name string) (at int, ok bool) {
	m := s.topics[kind][name]
	if m == nil {
		return 0, false
	}
	return m.at, true
}

// Each calls f for each subscription of a subscriber. Any thread; f must not call the registry.
func (r *Registry[T]) Each(s *Subscriber[T], f func(kind Kind, name string)) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for kind, topics := range s.topics {
		for name := range topics {
			f(Kind(kind), name)
		}
	}
}

// Topics is how many topics of a kind there are.
func (r *Registry[T]) Topics(kind Kind) int { return int(r.active[kind].Load()) }

// Subscribers is how many have subscribed to anything.
func (r *Registry[T]) Subscribers() int { return int(r.people.Load()) }

// Names returns the names of the topics of a kind that match a pattern; nil: all.
func (r *Registry[T]) Names(kind Kind, pattern []byte) (names []string) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for name := range r.topics[kind] {
		if pattern == nil || glob.Match(pattern, []byte(name)) {
			names = append(names, name)
		}
	}
	return names
}

// Members is how many have subscribed to a topic.
func (r *Registry[T]) Members(kind Kind, name []byte) int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	if t := r.topics[kind][string(name)]; t != nil {
		return len(t.to)
	}
	return 0
}
