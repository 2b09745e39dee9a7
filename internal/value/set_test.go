package value

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/intset"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// setModel is a set beside a Go map of its members.
type setModel struct {
	t      testing.TB
	a      *arena.Arena
	limits *Limits
	set    Set
	want   map[string]bool
}

func newSetModel(t testing.TB, intSet, entries, value int64) *setModel {
	a, err := arena.New(1 << 32)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	m := &setModel{t: t, a: a, limits: new(Limits), want: map[string]bool{}}
	m.limits.SetIntSet.Store(intSet)
	m.limits.SetEntries.Store(entries)
	m.limits.SetValue.Store(value)
	return m
}

func (m *setModel) add(member string) {
	if len(m.want) == 0 {
		m.make(member)
		return
	}
	if got := m.set.Add([]byte(member)); got == m.want[member] {
		m.t.Fatalf("Add(%q): %v", member, got)
	}
	m.want[member] = true
}

func (m *setModel) make(first string) {
	enc, n := NewSetBody(m.limits, []byte(first), 1)
	m.set = Set{NewDraft(m.a, m.limits, object.TypeSet, enc, n)}
	m.set.Start([]byte(first))
	m.want[first] = true
}

func (m *setModel) remove(member string) {
	if len(m.want) == 0 {
		return
	}
	if got := m.set.Remove([]byte(member)); got != m.want[member] {
		m.t.Fatalf("Remove(%q): %v", member, got)
	}
	m.forget(member)
}

// forget takes a member that was removed from the model, and drops the set with its last one.
func (m *setModel) forget(member string) {
	if delete(m.want, member); len(m.want) == 0 {
		m.drop()
	}
}

func (m *setModel) drop() {
	if rest, ok := Bury(m.set.Record()); ok {
		for rest.Reclaim(m.a, 10) {
		}
	}
	m.set.DropRecord()
	clear(m.want)
	if used := m.a.TotalUsed(); used != 0 {
		m.t.Fatalf("%d bytes are left of the set", used)
	}
}

func (m *setModel) check() {
	m.t.Helper()
	if len(m.want) == 0 {
		return
	}
	if m.set.Len() != len(m.want) {
		m.t.Fatalf("%d members, want %d", m.set.Len(), len(m.want))
	}
	for member := range m.want {
		if !m.set.Has([]byte(member)) {
			m.t.Fatalf("%q is missing", member)
		}
	}
	checkMembers(m.t, &m.set, m.want)
	if got, used := Bytes(m.a, m.set.Record()), m.a.Used(arena.Element); got != used {
		m.t.Fatalf("Bytes is %d, the arena says %d", got, used)
	}
	m.checkEncoding()
}

func (m *setModel) checkEncoding() {
	m.t.Helper()
	body := m.set.Body()
	switch m.set.Encoding() {
	case object.IntSet:
		if !intset.Validate(body, true) || int64(len(m.want)) > m.limits.SetIntSet.Load() {
			m.t.Fatalf("an intset of %d: % x", len(m.want), body)
		}
	case object.Packed:
		if !listpack.Validate(body, true) || int64(len(m.want)) > m.limits.SetEntries.Load() {
			m.t.Fatalf("a listpack of %d: % x", len(m.want), body)
		}
	default:
		var t table.Root
		m.set.open(&t)
		if err := t.CheckInvariants(); err != nil {
			m.t.Fatal(err)
		}
	}
}

func checkMembers(t testing.TB, s *Set, want map[string]bool) {
	t.Helper()
	seen := map[string]bool{}
	s.Each(func(b []byte) bool {
		if seen[string(b)] || !want[string(b)] {
			t.Fatalf("Each: %q", b)
		}
		seen[string(b)] = true
		return true
	})
	if len(seen) != len(want) {
		t.Fatalf("Each saw %d of %d", len(seen), len(want))
	}
	for cursor, first := uint64(0), true; cursor != 0 || first; first = false {
		cursor = s.Scan(cursor, 10, func(b []byte) { delete(seen, string(b)) })
	}
	if len(seen) != 0 {
		t.Fatalf("Scan left out %d of %d", len(seen), len(want))
	}
}

// step does what the next few bytes say.
func (m *setModel) step(op byte, arg uint16) {
	switch op % 8 {
	case 0, 1:
		m.add(strconv.Itoa(int(arg) - 1000))
	case 2:
		m.add("m" + strconv.Itoa(int(arg)))
	case 3:
		m.add(strings.Repeat("x", int(arg%200)))
	case 4:
		m.add(strconv.Itoa(math.MaxInt64 - int(arg)))
	case 5:
		m.remove(strconv.Itoa(int(arg) - 1000))
	case 6:
		for member := range m.want { // some member that is there
			m.remove(member)
			break
		}
	case 7:
		m.pop(int(arg % 50))
	}
}

func (m *setModel) pop(n int) {
	for ; n > 40 && len(m.want) > 0; n-- {
		m.forget(string(m.set.Pop(nil)))
	}
	if n >= len(m.want) {
		return
	}
	popped := map[string]bool{}
	m.set.PopMany(n, func(b []byte) { popped[string(b)] = true })
	if len(popped) != n {
		m.t.Fatalf("PopMany(%d) popped %d", n, len(popped))
	}
	for member := range popped {
		if !m.want[member] {
			m.t.Fatalf("popped %q, which was no member", member)
		}
		m.forget(member)
	}
}

func TestSetModel(t *testing.T) {
	for seed := range uint64(60) {
		rng := rand.New(rand.NewPCG(seed, 5))
		m := newSetModel(t, int64(rng.IntN(3)*20), int64(rng.IntN(3)*20), 64)
		ops := [...]byte{0, 1, 2, 3, 4, 5, 6, 7}
		if seed%3 == 0 {
			copy(ops[:], []byte{0, 1, 0, 1, 5, 5, 6, 7}) // integers only
		}
		for i := range 2000 {
			m.step(ops[rng.IntN(len(ops))], uint16(rng.IntN(1000)))
			if i%50 == 0 {
				m.check()
			}
		}
		m.check()
	}
}

func FuzzSet(f *testing.F) {
	f.Add([]byte("\x10\x10\x00\x00\x01\x02\x00\x01\x05\x00\x01\x07\x00\x29"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) < 2 {
			return
		}
		m := newSetModel(t, int64(data[0]), int64(data[1]), 64)
		for data = data[2:]; len(data) >= 3; data = data[3:] {
			m.step(data[0], uint16(data[1])<<8|uint16(data[2]))
		}
		m.check()
	})
}

func TestSetClone(t *testing.T) {
	for _, n := range []int{1, 100, 5000} {
		m, other := newSetModel(t, 512, 128, 64), newSetModel(t, 512, 128, 64)
		for i := range n {
			m.add("member:" + strconv.Itoa(i))
		}
		r := m.set.Record()
		other.set = Set{NewDraft(other.a, other.limits, object.TypeSet, r.Encoding(), len(r.Body()))}
		CloneBody(m.a, r, other.a, other.set.Body())
		other.want = maps.Clone(m.want)
		other.check()
		other.add("one more")
		other.remove("member:0")
		other.check()
		m.check()
		if len(other.want) > 0 {
			other.drop()
		}
	}
}

// The waves of a filter give what a look at each member gives.
func TestSetFilter(t *testing.T) {
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 9))
		limit := int64(rng.IntN(2) * 512)
		a, b := newSetModel(t, limit, limit, 64), newSetModel(t, limit, limit, 64)
		for range 1 + rng.IntN(600) {
			a.addEither(rng)
			b.addEither(rng)
		}
		for _, in := range []bool{true, false} {
			want := map[string]bool{}
			for member := range a.want {
				if b.want[member] == in {
					want[member] = true
				}
			}
			got := map[string]bool{}
			var w Wave
			for walk := a.set.Walk(); walk.Next(&w); {
				b.set.Filter(&w, in)
				for i := range w.Len() {
					got[string(w.Member(i))] = true
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("seed %d, in %v: %d members, want %d", seed, in, len(got), len(want))
			}
		}
	}
}

func (m *setModel) addEither(rng *rand.Rand) {
	member := strconv.Itoa(rng.IntN(900))
	if rng.IntN(2) == 0 && m.limits.SetIntSet.Load() == 0 {
		member = "m" + member
	}
	if !m.want[member] {
		m.add(member)
	}
}

// Every member is as likely as any other, in each encoding, for each way of
// choosing: the sum is within five standard deviations of what is expected.
func TestSetRandomIsFair(t *testing.T) {
	const n, rounds = 100, 2000
	for _, c := range []struct {
		name            string
		intSet, entries int64
		prefix          string
	}{{"intset", 512, 128, ""}, {"listpack", 0, 128, "m"}, {"table", 0, 0, "m"}} {
		m := newSetModel(t, c.intSet, c.entries, 64)
		for i := range n {
			m.add(c.prefix + strconv.Itoa(i))
		}
		for i := range n - 20 {
			m.remove(c.prefix + strconv.Itoa(i))
		}
		ways := map[string]func(count map[string]float64){
			"Random": func(count map[string]float64) { count[string(m.set.Random(nil))]++ },
			"EachRandom": func(count map[string]float64) {
				m.set.EachRandom(5, func(b []byte) bool { count[string(b)]++; return true })
			},
			"EachSample": func(count map[string]float64) { m.set.EachSample(7, func(b []byte) { count[string(b)]++ }) },
			"few": func(count map[string]float64) {
				for _, ref := range m.set.samplePicking(2) {
					count[string(m.set.member(ref, nil))]++
				}
			},
		}
		for name, way := range ways {
			count := map[string]float64{}
			for range rounds {
				way(count)
			}
			if chi2 := chiSquare(slices.Collect(maps.Values(count))); len(count) != 20 || chi2 > 19+5*math.Sqrt(2*19) {
				t.Errorf("%s of a %s: %d members, chi-square %.0f", name, c.name, len(count), chi2)
			}
		}
	}
}

func chiSquare(counts []float64) (sum float64) {
	mean := 0.0
	for _, c := range counts {
		mean += c / float64(len(counts))
	}
	for _, c := range counts {
		sum += (c - mean) * (c - mean) / mean
	}
	return sum
}

// What a large set takes is the point of its structure.
func TestSetBytesPerMember(t *testing.T) {
	if invariants.Enabled {
		t.Skip("what is measured is the same with the checks, which take most of the time")
	}
	m := newSetModel(t, 0, 0, 64)
	const n = 300_000
	for i := range n {
		m.set.addTo(m, fmt.Sprintf("mem:%07d", i))
	}
	each := float64(m.a.Spanned()) / n
	t.Logf("%.1f bytes per member of 11 bytes", each)
	if each > 26 {
		t.Errorf("%.1f bytes per member of 11 bytes", each)
	}
}

func (s *Set) addTo(m *setModel, member string) {
	if s.place.Home == nil {
		m.make(member)
		return
	}
	s.Add([]byte(member))
}

func benchSet(b *testing.B, n int) *setModel {
	m := newSetModel(b, 512, 128, 64)
	for i := range n {
		m.set.addTo(m, fmt.Sprintf("mem:%07d", i))
	}
	b.ReportAllocs()
	b.ResetTimer()
	return m
}

func BenchmarkSetHas(b *testing.B) {
	for _, n := range []int{100, 1_000_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			m := benchSet(b, n)
			rng := rand.New(rand.NewPCG(1, 1))
			var buf [11]byte
			for b.Loop() {
				m.set.Has(fmt.Appendf(buf[:0], "mem:%07d", rng.IntN(n)))
			}
		})
	}
}

func BenchmarkSetWalkAndFilter1M(b *testing.B) {
	m := benchSet(b, 1_000_000)
	other := newSetModel(b, 0, 0, 64)
	for i := range 500_000 {
		other.set.addTo(other, fmt.Sprintf("mem:%07d", 2*i))
	}
	for b.Loop() {
		var w Wave
		for walk := m.set.Walk(); walk.Next(&w); {
			other.set.Filter(&w, true)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/member")
}

func BenchmarkSetAdd(b *testing.B) {
	m := newSetModel(b, 0, 0, 64)
	var buf [16]byte
	i := 0
	b.ReportAllocs()
	for b.Loop() {
		if i == 0 {
			m.make("mem:x")
		}
		m.set.Add(fmt.Appendf(buf[:0], "mem:%07d", i))
		i++
	}
}
