package value

import (
	"math"
	"slices"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// An Aggregate makes one score of those that a member has in several sets.
type Aggregate uint8

// The aggregates.
const (
	AggregateSum Aggregate = iota
	AggregateMin
	AggregateMax
	AggregateCount // the sum of the weights
)

// apply combines two scores. A sum that would be NaN is 0.
func (g Aggregate) apply(a, b float64) float64 {
	switch g {
	case AggregateMin:
		if b < a {
			return b
		}
		return a
	case AggregateMax:
		if b > a {
			return b
		}
		return a
	}
	return orZero(a + b)
}

func orZero(f float64) float64 {
	if math.IsNaN(f) {
		return 0
	}
	return f
}

// weighted is what a score counts in a set of a weight.
func (g Aggregate) weighted(score, weight float64) float64 {
	if g == AggregateCount {
		return weight
	}
	return weight * score
}

// A ZSource is an operand of ZUnion, ZInter and ZDiff: a sorted set, or a set,
// whose members have the score 1, or, if both are nil, nothing.
type ZSource struct {
	Name   string // of the key: equal names are the same set
	Weight float64
	ZSet   *ZSet
	Set    *Set
	n      int
}

// Len is the number of members.
func (s *ZSource) Len() int {
	switch {
	case s.ZSet != nil:
		return s.ZSet.Len()
	case s.Set != nil:
		return s.Set.Len()
	}
	return 0
}

func (s *ZSource) score(member []byte) (float64, bool) {
	switch {
	case s.ZSet != nil:
		return s.ZSet.Score(member)
	case s.Set != nil:
		return 1, s.Set.Has(member)
	}
	return 0, false
}

// prefetch asks for what looking the members up needs.
func (s *ZSource) prefetch(w *zWave) {
	switch {
	case s.ZSet != nil && s.ZSet.rooted():
		var r zroot
		s.ZSet.open(&r)
		w.prefetch(&r.table)
	case s.Set != nil && s.Set.Encoding() == object.Rooted:
		var t table.Root
		s.Set.open(&t)
		w.prefetch(&t)
	}
}

// waves calls f for all members, some at a time; f sets w.n to 0, and says
// whether to go on.
func (s *ZSource) waves(w *zWave, f func() bool) {
	w.n = 0
	switch {
	case s.ZSet != nil && !s.zsetWaves(w, f), s.Set != nil && !s.setWaves(w, f):
	case w.n > 0:
		f()
	}
}

func (s *ZSource) zsetWaves(w *zWave, f func() bool) bool {
	it := s.ZSet.Walk(0, s.ZSet.Len(), false)
	for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
		w.put(member, score, it.body != nil)
		if w.full() && !f() {
			return false
		}
	}
	return true
}

func (s *ZSource) setWaves(w *zWave, f func() bool) bool {
	var wave Wave
	walk := s.Set.Walk()
	for walk.Next(&wave) {
		for i := range wave.Len() {
			w.put(wave.Member(i), 1, true)
			if w.full() && !f() {
				return false
			}
		}
	}
	return true
}

// bySize sorts sources, small ones first: so scores are summed in Redis's order.
func bySize(sources []ZSource) {
	for i := range sources {
		sources[i].n = sources[i].Len()
	}
	slices.SortStableFunc(sources, func(x, y ZSource) int { return x.n - y.n })
}

// ZUnion builds, in an arena, the union of sets.
func ZUnion(a *arena.Arena, sources []ZSource, g Aggregate) *ZBuilder {
	bySize(sources)
	b := NewZBuilder(a, sources[len(sources)-1].n)
	for i := range sources {
		s := &sources[i]
		s.waves(&b.wave, func() bool {
			for j := range b.wave.n {
				b.wave.scores[j] = orZero(g.weighted(b.wave.scores[j], s.Weight))
			}
			b.merge(&b.wave, g.apply)
			return true
		})
	}
	b.Sort()
	return b
}

// ZInter builds the intersection of sets.
func ZInter(a *arena.Arena, sources []ZSource, g Aggregate) *ZBuilder {
	b := NewZBuilder(a, 0)
	eachCommon(sources, &b.wave, func(member []byte, scores []float64) bool {
		total := orZero(g.weighted(scores[0], sources[0].Weight))
		for i, score := range scores[1:] {
			total = g.apply(total, g.weighted(score, sources[i+1].Weight))
		}
		b.Add(member, total)
		return true
	})
	b.Sort()
	return b
}

// ZInterCard is the number of members of the intersection, at most limit if that is not 0.
func ZInterCard(sources []ZSource, limit int) (n int) {
	eachCommon(sources, new(zWave), func([]byte, []float64) bool {
		n++
		return n != limit
	})
	return n
}

// eachCommon sorts sources by size and calls f for each member that all of them
// have, with the scores in them.
func eachCommon(sources []ZSource, w *zWave, f func(member []byte, scores []float64) bool) {
	bySize(sources)
	scores := make([]float64, len(sources))
	common := func(i int) bool {
		scores[0] = w.scores[i]
		for j := range sources[1:] {
			s := &sources[j+1]
			if s.Name == sources[0].Name {
				scores[j+1] = scores[0]
				continue
			}
			var found bool
			if scores[j+1], found = s.score(w.members[i]); !found {
				return false
			}
		}
		return true
	}
	sources[0].waves(w, func() bool {
		if len(sources) > 1 {
			sources[1].prefetch(w)
		}
		for i := range w.n {
			if common(i) && !f(w.members[i], scores) {
				return false
			}
		}
		w.n = 0
		return true
	})
}

// ZDiff builds the set of the members of the first source that no other has.
func ZDiff(a *arena.Arena, sources []ZSource) *ZBuilder {
	b := NewZBuilder(a, 0)
	w := &b.wave
	sources[0].waves(w, func() bool {
		for i := range sources[1:] {
			s := &sources[i+1]
			s.prefetch(w)
			kept := 0
			for j := range w.n {
				if _, found := s.score(w.members[j]); !found {
					w.keep(kept, j)
					kept++
				}
			}
			w.n = kept
		}
		for i := range w.n {
			b.Add(w.members[i], w.scores[i])
		}
		w.n = 0
		return true
	})
	b.Sort()
	return b
}

// keep moves member j to an earlier place i, which may be its own.
func (w *zWave) keep(i, j int) {
	member := w.members[j]
	if i != j && len(member) <= len(w.digits[i]) {
		member = w.digits[i][:copy(w.digits[i][:], member)]
	}
	w.members[i], w.scores[i] = member, w.scores[j]
}
