package value

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/object"
)

// zpair is a member in the model: a sorted slice.
type zpair struct {
	member string
	score  float64
}

func compareZPairs(x, y zpair) int {
	return cmp.Or(cmp.Compare(x.score, y.score), cmp.Compare(x.member, y.member))
}

// zmodel is a set beside its model. The set is a draft, so that no keyspace is needed.
type zmodel struct {
	t     testing.TB
	a     *arena.Arena
	z     ZSet
	pairs []zpair
}

func newZModel(t testing.TB, maxEntries int64) *zmodel {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	limits := new(Limits)
	limits.Reset()
	limits.ZSetEntries.Store(maxEntries)
	m := &zmodel{t: t, a: a}
	m.z = NewZSet(NewDraft(a, limits, object.TypeZSet, object.Packed, NewZSetSize([]byte("m"), 1)), []byte("m"))
	return m
}

func (m *zmodel) index(member string) int {
	return slices.IndexFunc(m.pairs, func(p zpair) bool { return p.member == member })
}

func (m *zmodel) set(member string, score float64) {
	p := m.z.Find([]byte(member))
	i := m.index(member)
	if p.Found != (i >= 0) {
		m.t.Fatalf("%q: found %v, index %d", member, p.Found, i)
	}
	if p.Found {
		if p.Score != m.pairs[i].score {
			m.t.Fatalf("%q has score %v, want %v", member, p.Score, m.pairs[i].score)
		}
		m.z.Move(&p, []byte(member), score)
		m.pairs = slices.Delete(m.pairs, i, i+1)
	} else {
		m.z.Add(&p, []byte(member), score)
	}
	i, _ = slices.BinarySearchFunc(m.pairs, zpair{member, score}, compareZPairs)
	m.pairs = slices.Insert(m.pairs, i, zpair{member, score})
}

func (m *zmodel) remove(member string) {
	p := m.z.Find([]byte(member))
	if i := m.index(member); i >= 0 {
		if rank := m.z.Rank(&p); rank != i {
			m.t.Fatalf("%q has rank %d, want %d", member, rank, i)
		}
		m.z.Remove(&p)
		m.pairs = slices.Delete(m.pairs, i, i+1)
	} else if p.Found {
		m.t.Fatalf("%q is found", member)
	}
}

func (m *zmodel) check() {
	m.t.Helper()
	if err := m.z.CheckInvariants(); err != nil {
		m.t.Fatal(err)
	}
	if m.z.Len() != len(m.pairs) {
		m.t.Fatalf("%d members, want %d", m.z.Len(), len(m.pairs))
	}
	for _, back := range []bool{false, true} {
		rank := 0
		if back {
			rank = len(m.pairs) - 1
		}
		it := m.z.Walk(rank, len(m.pairs), back)
		for i := range m.pairs {
			want := m.pairs[i]
			if back {
				want = m.pairs[len(m.pairs)-1-i]
			}
			member, score, ok := it.Next()
			if !ok || string(member) != want.member || score != want.score {
				m.t.Fatalf("member %d is %q with %v, want %v", i, member, score, want)
			}
		}
	}
}

func (m *zmodel) checkRanges(r *rand.Rand) {
	s := ScoreRange{randomScore(r), randomScore(r), r.IntN(2) == 0, r.IntN(2) == 0}
	first, n := 0, 0
	for _, p := range m.pairs {
		switch {
		case n == 0 && !s.above(p.score):
			first++
		case s.above(p.score) && s.below(p.score):
			n++
		}
	}
	if rank, got := m.z.ByScore(s); got != n || n > 0 && rank != first {
		m.t.Fatalf("%+v: %d from %d on, want %d from %d on", s, got, rank, n, first)
	}
}

func randomScore(r *rand.Rand) float64 {
	switch r.IntN(6) {
	case 0:
		return []float64{math.Inf(1), math.Inf(-1), 0, 1e300, -5e-324}[r.IntN(5)]
	case 1:
		return r.NormFloat64()
	case 2:
		return 1.7e12 + float64(r.IntN(1000))
	}
	return float64(r.IntN(20) - 5)
}

func randomMember(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return fmt.Sprint(r.IntN(100))
	case 1:
		return string(bytes.Repeat([]byte("x"), r.IntN(150)))
	}
	return fmt.Sprint("member", r.IntN(300))
}

func playZSet(t testing.TB, r *rand.Rand, steps int) {
	m := newZModel(t, []int64{0, 10, 128}[r.IntN(3)])
	for step := range steps {
		switch op := r.IntN(20); {
		case op < 12:
			m.set(randomMember(r), randomScore(r))
		case op < 17:
			m.remove(randomMember(r))
		case op < 18 && len(m.pairs) > 0 && r.IntN(5) == 0:
			i := r.IntN(len(m.pairs))
			n := r.IntN(len(m.pairs)-i) + 1
			m.z.RemoveRange(i, n)
			m.pairs = slices.Delete(m.pairs, i, i+n)
		default:
			m.checkRanges(r)
		}
		if step%37 == 0 {
			m.check()
		}
	}
	m.check()
	if m.z.rooted() {
		m.checkRoot()
	}
	m.z.DropRecord()
	if n := m.a.TotalUsed(); n != 0 {
		t.Fatalf("%d bytes are left", n)
	}
}

// checkRoot copies the set to another arena, and gives it back.
func (m *zmodel) checkRoot() {
	root := m.z.Root()
	if got, want := zRootBytes(m.a, root), m.a.Used(arena.Element); got != want {
		m.t.Fatalf("%d bytes, the arena says %d", got, want)
	}
	to, err := arena.New(1 << 30)
	if err != nil {
		m.t.Fatal(err)
	}
	defer to.Close()
	copied := zRootClone(m.a, root, to)
	var r zroot
	r.open(to, copied)
	if err := r.checkInvariants(); err != nil {
		m.t.Fatal(err)
	}
	if r.tree.Len() != len(m.pairs) || zRootBytes(to, copied) != to.TotalUsed() {
		m.t.Fatalf("the copy has %d members in %d bytes, used %d", r.tree.Len(), zRootBytes(to, copied), to.TotalUsed())
	}
	for zRootReclaim(to, copied, 10) {
		if zRootBytes(to, copied) != to.TotalUsed() {
			m.t.Fatalf("%d bytes while it is reclaimed, the arena says %d", zRootBytes(to, copied), to.TotalUsed())
		}
	}
	if to.TotalUsed() != 0 {
		m.t.Fatalf("%d bytes of the copy are left", to.TotalUsed())
	}
	for zRootReclaim(m.a, root, 10) {
	}
}

func TestZSetRandomOperations(t *testing.T) {
	for seed := range uint64(12) {
		playZSet(t, rand.New(rand.NewPCG(seed, 5)), 3000)
	}
}

func FuzzZSet(f *testing.F) {
	f.Add(uint64(1), uint16(1000))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint16) {
		playZSet(t, rand.New(rand.NewPCG(seed, 6)), int(steps%3000))
	})
}

// Unions, intersections and differences, large and small, against maps.
func TestZCombine(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 7))
	for _, size := range []int{5, 100, 6000} {
		for _, limit := range []int64{0, 128} {
			x, y := newZModel(t, limit), newZModel(t, limit)
			in := [2]map[string]float64{{}, {}}
			for i, m := range []*zmodel{x, y} {
				for range size {
					member, score := fmt.Sprint(r.IntN(2*size)), float64(r.IntN(1000))
					p := m.z.Find([]byte(member))
					if !p.Found {
						m.z.Add(&p, []byte(member), score)
						in[i][member] = score
					}
				}
			}
			sources := func() []ZSource {
				return []ZSource{{Name: "x", Weight: 1, ZSet: &x.z}, {Name: "y", Weight: 2, ZSet: &y.z}}
			}
			union, inter, diff := map[string]float64{}, map[string]float64{}, map[string]float64{}
			for member, score := range in[0] {
				other, both := in[1][member]
				union[member] = score + 2*other
				if both {
					inter[member] = score + 2*other
				} else {
					diff[member] = score
				}
			}
			for member, score := range in[1] {
				if _, both := in[0][member]; !both {
					union[member] = 2 * score
				}
			}
			sameZSet(t, "union", x, ZUnion(x.a, sources(), AggregateSum), union)
			sameZSet(t, "intersection", x, ZInter(x.a, sources(), AggregateSum), inter)
			sameZSet(t, "difference", x, ZDiff(x.a, sources()), diff)
			if n := ZInterCard(sources(), 0); n != len(inter) {
				t.Fatalf("%d in both, want %d", n, len(inter))
			}
		}
	}
}

// sameZSet stores what was built and compares it with a map.
func sameZSet(t *testing.T, what string, in *zmodel, b *ZBuilder, want map[string]float64) {
	t.Helper()
	if b.Len() != len(want) {
		t.Fatalf("%s: %d members, want %d", what, b.Len(), len(want))
	}
	m := &zmodel{t: t, a: in.a}
	cell := NewDraft(in.a, in.z.Limits(), object.TypeZSet, object.Packed, 0)
	b.Store(&cell)
	m.z = ZSet{cell}
	for member, score := range want {
		m.pairs = append(m.pairs, zpair{member, score})
	}
	slices.SortFunc(m.pairs, compareZPairs)
	m.check()
	for _, p := range m.pairs {
		if score, found := m.z.Score([]byte(p.member)); !found || score != p.score {
			t.Fatalf("%s: %q has score %v, %v, want %v", what, p.member, score, found, p.score)
		}
	}
}

func TestRadixSort(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 8))
	for range 20 {
		items := make([]zkeyed, 5000+r.IntN(5000))
		mask := uint64(1)<<r.IntN(64) - 1
		for i := range items {
			items[i] = zkeyed{r.Uint64() & mask, arena.Ref(i)}
		}
		want := slices.Clone(items)
		slices.SortStableFunc(want, func(x, y zkeyed) int { return cmp.Compare(x.key, y.key) })
		if got := radixSort(items); !slices.Equal(got, want) {
			t.Fatal("not sorted, or not stable")
		}
	}
}

// An element of a large set takes no more than it should, all included.
func TestZSetMemory(t *testing.T) {
	if invariants.Enabled {
		t.Skip("what is measured is the same with the checks, which take most of the time")
	}
	m := newZModel(t, 0)
	r := rand.New(rand.NewPCG(1, 9))
	const n = 200_000
	for i := range n {
		member := fmt.Appendf(nil, "m%010d", i)
		p := m.z.Find(member)
		m.z.Add(&p, member, r.Float64())
	}
	const limit = 41.5
	if per := float64(m.a.TotalUsed()) / n; per > limit {
		t.Fatalf("%.2f bytes per element, want %v", per, limit)
	} else {
		t.Logf("%.2f bytes per element", per)
	}
}

func BenchmarkZSetAddRandom(b *testing.B) {
	m := newZModel(b, 0)
	r := rand.New(rand.NewPCG(1, 9))
	members := make([][]byte, 1<<20)
	for i := range members {
		members[i] = fmt.Appendf(nil, "m%010d", i)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		member := members[r.IntN(len(members))]
		score := r.Float64()
		if p := m.z.Find(member); p.Found {
			m.z.Move(&p, member, score)
		} else {
			m.z.Add(&p, member, score)
		}
		i++
	}
}

func BenchmarkZUnionOfMillions(b *testing.B) {
	x, y := newZModel(b, 0), newZModel(b, 0)
	r := rand.New(rand.NewPCG(1, 10))
	for range 500_000 {
		for _, m := range []*zmodel{x, y} {
			member := fmt.Appendf(nil, "m%010d", r.IntN(1_000_000))
			if p := m.z.Find(member); !p.Found {
				m.z.Add(&p, member, r.Float64())
			}
		}
	}
	b.ResetTimer()
	for range b.N {
		u := ZUnion(x.a, []ZSource{{Name: "x", Weight: 1, ZSet: &x.z}, {Name: "y", Weight: 1, ZSet: &y.z}}, AggregateSum)
		u.Free()
	}
}
