package pubsub

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"github.com/redstart-db/redstart/internal/glob"
)

// model is who has subscribed to what, as plain maps.
type model map[Kind]map[string]map[int]bool

// receivers are those who get a message, each as often as he gets it.
func (m model) receivers(kind Kind, channel string) (who []int) {
	who = slices.Collect(maps.Keys(m[kind][channel]))
	if kind == Channel {
		for pattern, members := range m[Pattern] {
			if glob.Match([]byte(pattern), []byte(channel)) {
				who = append(who, slices.Collect(maps.Keys(members))...)
			}
		}
	}
	slices.Sort(who)
	return who
}

func (m model) topics(kind Kind) (n int) {
	for _, members := range m[kind] {
		if len(members) > 0 {
			n++
		}
	}
	return n
}

func (m model) subscriptions(who int, kind Kind) (n int) {
	for _, members := range m[kind] {
		if members[who] {
			n++
		}
	}
	return n
}

func TestRegistryIsAsTheModel(t *testing.T) {
	names := []string{"a", "b", "ab", "abc", "*", "a*", "[ab]", "?", "", "x\x00"}
	rng := rand.New(rand.NewPCG(3, 4))
	r, m := New[int](), model{Channel: {}, Pattern: {}, Shard: {}}
	people := make([]*Subscriber[int], 80)
	for i := range people {
		people[i] = NewSubscriber(i)
	}
	for step := range 30_000 {
		i, kind, name := rng.IntN(len(people)), Kind(rng.IntN(int(Kinds))), names[rng.IntN(len(names))]
		s := people[i]
		members := m[kind][name]
		if members == nil {
			members = map[int]bool{}
			m[kind][name] = members
		}
		switch rng.IntN(20) {
		case 0:
			r.Leave(s, kind, func(name string) {
				if !m[kind][name][i] {
					t.Fatalf("step %d: %d leaves %q, which it had not", step, i, name)
				}
				delete(m[kind][name], i)
			})
		case 1, 2, 3, 4, 5, 6, 7:
			if got := r.Unsubscribe(s, kind, []byte(name)); got != members[i] {
				t.Fatalf("step %d: Unsubscribe says %v", step, got)
			}
			delete(members, i)
		default:
			if got := r.Subscribe(s, kind, []byte(name)); got == members[i] {
				t.Fatalf("step %d: Subscribe says %v", step, got)
			}
			members[i] = true
		}
		compareWith(t, r, m, people[i], i, kind, names[rng.IntN(len(names))])
	}
}

// compareWith compares what can be asked about one subscriber, kind and channel.
func compareWith(t *testing.T, r *Registry[int], m model, s *Subscriber[int], who int, kind Kind, name string) {
	t.Helper()
	if got, want := s.Count(kind), m.subscriptions(who, kind); got != want {
		t.Fatalf("%d has %d subscriptions, not %d", who, got, want)
	}
	if got, want := r.Topics(kind), m.topics(kind); got != want || len(r.Names(kind, nil)) != want {
		t.Fatalf("%d topics, not %d", got, want)
	}
	if got, want := r.Members(kind, []byte(name)), len(m[kind][name]); got != want {
		t.Fatalf("%q has %d subscribers, not %d", name, got, want)
	}
	at, ok := s.Place(kind, name)
	if ok != m[kind][name][who] {
		t.Fatalf("%d has a place in %q: %v", who, name, ok)
	}
	if kind == Pattern {
		return
	}
	var got []int
	n := r.Publish(kind, []byte(name), func(to Match[int]) {
		if ok && to.Kind == kind && to.To[at] != who {
			t.Fatalf("the place of %d in %q is that of %d", who, name, to.To[at])
		}
		got = append(got, to.To...)
	})
	slices.Sort(got)
	if want := m.receivers(kind, name); !slices.Equal(got, want) || n != len(want) {
		t.Fatalf("%q goes to %d: %v, not %v", name, n, got, want)
	}
}

func TestWhatWasOnItsWayWhenItsReceiverLeft(t *testing.T) {
	r := New[int]()
	s, other := NewSubscriber(1), NewSubscriber(2)
	stamp := func() (at uint64) {
		r.Publish(Channel, []byte("a"), func(to Match[int]) { at = to.Stamp })
		return at
	}
	wants := func(at uint64) bool { return r.Wants(s, at, Channel, []byte("a")) }
	r.Subscribe(other, Channel, []byte("a"))
	r.Subscribe(s, Channel, []byte("a"))
	r.Subscribe(s, Channel, []byte("b"))
	first := stamp()
	if !wants(first) {
		t.Error("a subscriber does not get a message")
	}
	r.Unsubscribe(s, Channel, []byte("b"))
	if !wants(first) {
		t.Error("who left another topic does not get what was under way")
	}
	r.Unsubscribe(other, Channel, []byte("a"))
	if !wants(first) || !wants(stamp()) {
		t.Error("a message is lost because another has left")
	}
	second := stamp()
	r.Unsubscribe(s, Channel, []byte("a"))
	if wants(first) || wants(second) {
		t.Error("who has left gets what was under way")
	}
	r.Subscribe(s, Channel, []byte("a"))
	if wants(second) {
		t.Error("who came back gets what was under way when he left")
	}
	if !wants(stamp()) {
		t.Error("who came back gets nothing")
	}
}

func TestConcurrentUse(t *testing.T) {
	r := New[int]()
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			s := NewSubscriber(i)
			for j := range 2000 {
				name := fmt.Appendf(nil, "c%d", j%7)
				r.Subscribe(s, Kind(j%3), name)
				r.Publish(Channel, name, func(to Match[int]) {
					for _, who := range to.To {
						if who < 0 || who > 3 {
							t.Error("nobody")
						}
					}
				})
				r.Each(s, func(Kind, string) {})
				if j%5 == 0 {
					r.Leave(s, Kind(j/5%3), func(string) {})
				}
			}
			for kind := range Kinds {
				r.Leave(s, kind, func(string) {})
			}
		})
	}
	all.Wait()
	if r.Subscribers() != 0 || !r.Silent(Channel) || !r.Silent(Shard) {
		t.Error("something is left")
	}
}
