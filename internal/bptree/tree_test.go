package bptree

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
)

// plain is an Order of elements made of a key of 8 bytes, a length of 1 byte, and the tie.
type plain struct{}

func (plain) Key(a *arena.Arena, ref arena.Ref) uint64 {
	return binary.LittleEndian.Uint64(a.Bytes(ref, 8))
}

func (plain) Tie(a *arena.Arena, ref arena.Ref) []byte {
	n := a.Bytes(ref, 9)[8]
	return a.Bytes(ref, 9+int(n))[9:]
}

func newElement(a *arena.Arena, key uint64, tie []byte) arena.Ref {
	ref := a.Alloc(9+len(tie), arena.Element)
	b := a.Bytes(ref, 9+len(tie))
	binary.LittleEndian.PutUint64(b, key)
	b[8] = byte(len(tie))
	copy(b[9:], tie)
	return ref
}

func freeElement(a *arena.Arena, ref arena.Ref) {
	a.Free(ref, 9+len(plain{}.Tie(a, ref)), arena.Element)
}

// item is an element in the model, a sorted slice.
type item struct {
	key uint64
	tie string
	ref arena.Ref
}

func compareItems(x, y item) int {
	return cmp.Or(cmp.Compare(x.key, y.key), cmp.Compare(x.tie, y.tie))
}

type model struct {
	t     testing.TB
	a     *arena.Arena
	tree  Tree
	items []item
}

func newModel(t testing.TB) *model {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	m := &model{t: t, a: a}
	root := a.Alloc(RootSize, arena.Record)
	clear(a.Bytes(root, RootSize))
	m.tree = Open(a, root, plain{})
	return m
}

func (m *model) search(key uint64, tie string) (int, bool) {
	return slices.BinarySearchFunc(m.items, item{key: key, tie: tie}, compareItems)
}

func (m *model) insert(key uint64, tie string) {
	i, found := m.search(key, tie)
	if found {
		return
	}
	ref := newElement(m.a, key, []byte(tie))
	m.tree.Insert(ref)
	m.items = slices.Insert(m.items, i, item{key, tie, ref})
}

func (m *model) delete(i int) {
	ref := m.items[i].ref
	if !m.tree.Delete(ref) {
		m.t.Fatalf("element %d of %d is not found", i, len(m.items))
	}
	if m.tree.Delete(ref) {
		m.t.Fatalf("element %d is deleted twice", i)
	}
	freeElement(m.a, ref)
	m.items = slices.Delete(m.items, i, i+1)
}

func (m *model) deleteRange(i, n int) {
	at := i
	m.tree.DeleteRange(i, n, func(ref arena.Ref) {
		if ref != m.items[at].ref {
			m.t.Fatalf("deleting %d, want %d", ref, m.items[at].ref)
		}
		at++
		freeElement(m.a, ref)
	})
	if at != i+n {
		m.t.Fatalf("%d elements dropped, not %d", at-i, n)
	}
	m.items = slices.Delete(m.items, i, i+n)
}

// rekey gives an element another key; it may take another's place not.
func (m *model) rekey(i int, key uint64) {
	it := m.items[i]
	if _, taken := m.search(key, it.tie); taken {
		return
	}
	kept := m.tree.Rekey(it.ref, key)
	binary.LittleEndian.PutUint64(m.a.Bytes(it.ref, 8), key)
	if !kept {
		m.tree.Insert(it.ref)
	}
	m.items = slices.Delete(m.items, i, i+1)
	it.key = key
	j, _ := m.search(key, it.tie)
	m.items = slices.Insert(m.items, j, it)
}

// move gives an element another block.
func (m *model) move(i int) {
	it := &m.items[i]
	to := newElement(m.a, it.key, []byte(it.tie))
	m.tree.Replace(it.ref, to)
	freeElement(m.a, it.ref)
	it.ref = to
}

// rebuild makes the tree anew from what it has in order.
func (m *model) rebuild() {
	for m.tree.Dismantle(func(arena.Ref) {}) {
	}
	for _, it := range m.items {
		m.tree.Append(it.ref)
	}
}

func (m *model) look(key uint64, tie string) {
	i, _ := m.search(key, tie)
	if got := m.tree.Rank(key, []byte(tie)); got != i {
		m.t.Fatalf("%x %q has rank %d, want %d", key, tie, got, i)
	}
	if i < len(m.items) {
		if got := m.tree.RankOf(m.items[i].ref); got != i {
			m.t.Fatalf("element %d has rank %d", i, got)
		}
	}
	it := m.tree.At(i)
	for j := i; j <= min(i+100, len(m.items)); j++ {
		m.expect(&it, j)
		if j < len(m.items) {
			it.Next()
		}
	}
	it = m.tree.At(i - 1)
	for j := i - 1; j >= max(i-100, -1); j-- {
		m.expect(&it, j)
		if j >= 0 {
			it.Prev()
		}
	}
}

func (m *model) expect(it *Iter, i int) {
	want := arena.Ref(0)
	if i >= 0 && i < len(m.items) {
		want = m.items[i].ref
	}
	if got := it.Ref(); got != want {
		m.t.Fatalf("element %d is %d, want %d", i, got, want)
	}
}

func (m *model) check() {
	m.t.Helper()
	if err := m.tree.CheckInvariants(); err != nil {
		m.t.Fatal(err)
	}
	if m.tree.Len() != len(m.items) {
		m.t.Fatalf("%d elements, want %d", m.tree.Len(), len(m.items))
	}
	elements := int64(0)
	for _, it := range m.items {
		elements += int64(arena.UsableSize(9 + len(it.tie)))
	}
	if used := m.a.Used(arena.Element); used != elements+m.tree.Bytes() {
		m.t.Fatalf("%d bytes used, counted %d and %d of elements", used, m.tree.Bytes(), elements)
	}
}

// A shape makes keys in some manner.
var shapes = []func(r *rand.Rand, step int) (uint64, string){
	func(r *rand.Rand, _ int) (uint64, string) { return r.Uint64(), "" },
	func(r *rand.Rand, _ int) (uint64, string) { return math.Float64bits(r.Float64()), "" },
	func(r *rand.Rand, _ int) (uint64, string) { return uint64(r.IntN(5)), string(randomTie(r)) },
	func(r *rand.Rand, _ int) (uint64, string) { return 7, string(randomTie(r)) },
	func(_ *rand.Rand, step int) (uint64, string) { return uint64(step), "" },
	func(_ *rand.Rand, step int) (uint64, string) { return uint64(1e9 - step), "x" },
	func(r *rand.Rand, step int) (uint64, string) {
		return math.Float64bits(1.7e12 + float64(step*20+r.IntN(1000))), "t"
	},
	func(r *rand.Rand, _ int) (uint64, string) { return 1 << r.IntN(64), string(randomTie(r)) },
	func(r *rand.Rand, _ int) (uint64, string) {
		return []uint64{0, math.MaxUint64, math.MaxUint64 - 1, 1, 1 << 63}[r.IntN(5)], string(randomTie(r))
	},
}

func randomTie(r *rand.Rand) []byte {
	b := make([]byte, r.IntN(4))
	for i := range b {
		b[i] = byte('a' + r.IntN(20))
	}
	return b
}

// play grows and shrinks a tree by turns.
func play(t testing.TB, r *rand.Rand, steps, checkEvery int) {
	m := newModel(t)
	shape := shapes[r.IntN(len(shapes))]
	growing := true
	for step := range steps {
		if r.IntN(steps/8+1) == 0 {
			growing = !growing
		}
		if r.IntN(steps/4+1) == 0 {
			shape = shapes[r.IntN(len(shapes))]
		}
		key, tie := shape(r, step)
		switch op := r.IntN(100); {
		case len(m.items) == 0 || op < 60 && growing || op < 20:
			m.insert(key, tie)
		case op < 80:
			m.delete(r.IntN(len(m.items)))
		case op < 90:
			m.rekey(r.IntN(len(m.items)), key)
		case op < 92:
			m.move(r.IntN(len(m.items)))
		case op < 93 && r.IntN(20) == 0:
			i := r.IntN(len(m.items))
			m.deleteRange(i, r.IntN(min(len(m.items)-i, 400))+1)
		case op < 94 && r.IntN(100) == 0:
			m.rebuild()
		default:
			m.look(key, tie)
		}
		if step%checkEvery == 0 {
			m.check()
		}
	}
	m.check()
	for m.tree.Dismantle(func(ref arena.Ref) { freeElement(m.a, ref) }) {
	}
	if n := m.a.Used(arena.Element); n != 0 || m.tree.Bytes() != 0 || m.tree.Len() != 0 {
		t.Fatalf("%d bytes are left", n)
	}
}

func TestRandomOperations(t *testing.T) {
	for seed := range uint64(20) {
		play(t, rand.New(rand.NewPCG(seed, 2)), 30_000, 997)
	}
}

func FuzzTree(f *testing.F) {
	f.Add(uint64(1), uint16(300))
	f.Add(uint64(2), uint16(5000))
	f.Fuzz(func(t *testing.T, seed uint64, steps uint16) {
		play(t, rand.New(rand.NewPCG(seed, 3)), int(steps), 50)
	})
}

func TestRankByTie(t *testing.T) {
	m := newModel(t)
	r := rand.New(rand.NewPCG(1, 1))
	for range 5000 {
		m.insert(42, string(randomTie(r)))
	}
	for range 1000 {
		tie := randomTie(r)
		i, found := m.search(42, string(tie))
		if got := m.tree.RankByTie(tie, false); got != i {
			t.Fatalf("%q: rank %d, want %d", tie, got, i)
		}
		if found {
			i++
		}
		if got := m.tree.RankByTie(tie, true); got != i {
			t.Fatalf("behind %q: rank %d, want %d", tie, got, i)
		}
	}
}

// Leaves are well filled whatever the order of insertion.
func TestFill(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for _, c := range []struct {
		name string
		key  func(i int) uint64
		max  float64 // bytes per element
	}{
		{"random", func(int) uint64 { return math.Float64bits(r.Float64()) }, 10.5},
		{"ascending", func(i int) uint64 { return uint64(i) }, 9.2},
		{"descending", func(i int) uint64 { return uint64(1e9 - i) }, 9.2},
		{"times", func(i int) uint64 { return math.Float64bits(1.7e12 + float64(i*7+r.IntN(5000))) }, 11.1},
		{"one key", func(int) uint64 { return 5 }, 10.7},
	} {
		m := newModel(t)
		const n = 100_000
		for i := range n {
			var tie [8]byte
			binary.BigEndian.PutUint64(tie[:], r.Uint64())
			m.tree.Insert(newElement(m.a, c.key(i), tie[:]))
		}
		if err := m.tree.CheckInvariants(); err != nil {
			t.Error(c.name, err)
		}
		if per := float64(m.tree.Bytes()) / n; per > c.max {
			t.Errorf("%s: %.2f bytes per element, not %.2f", c.name, per, c.max)
		} else {
			t.Logf("%s: %.2f bytes per element", c.name, per)
		}
	}
}

func TestTieOrder(t *testing.T) {
	m := newModel(t)
	for _, tie := range []string{"b", "", "a", "\xff", "ab"} {
		m.insert(1, tie)
	}
	var got [][]byte
	for it := m.tree.At(0); it.Ref() != 0; it.Next() {
		got = append(got, plain{}.Tie(m.a, it.Ref()))
	}
	if want := [][]byte{{}, []byte("a"), []byte("ab"), []byte("b"), []byte("\xff")}; !slices.EqualFunc(got, want, bytes.Equal) {
		t.Fatalf("%q", got)
	}
}

func benchmarkInsert(b *testing.B, key func(r *rand.Rand, i int) uint64) {
	m := newModel(b)
	r := rand.New(rand.NewPCG(1, 1))
	var tie [8]byte
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		binary.BigEndian.PutUint64(tie[:], r.Uint64())
		m.tree.Insert(newElement(m.a, key(r, i), tie[:]))
		i++
	}
	b.ReportMetric(float64(m.tree.Bytes())/float64(max(i, 1)), "B/element")
}

func BenchmarkInsertRandom(b *testing.B) {
	benchmarkInsert(b, func(r *rand.Rand, _ int) uint64 { return math.Float64bits(r.Float64()) })
}

func BenchmarkInsertTimes(b *testing.B) {
	benchmarkInsert(b, func(r *rand.Rand, _ int) uint64 { return math.Float64bits(1.7e12 + float64(r.IntN(1e9))) })
}

func BenchmarkInsertAscending(b *testing.B) {
	benchmarkInsert(b, func(_ *rand.Rand, i int) uint64 { return uint64(i) })
}

func BenchmarkInsertOneKey(b *testing.B) {
	benchmarkInsert(b, func(*rand.Rand, int) uint64 { return 1 })
}

func BenchmarkRankOfMillion(b *testing.B) {
	m := newModel(b)
	r := rand.New(rand.NewPCG(1, 1))
	refs := make([]arena.Ref, 1_000_000)
	for i := range refs {
		refs[i] = newElement(m.a, math.Float64bits(r.Float64()), nil)
		m.tree.Insert(refs[i])
	}
	for b.Loop() {
		m.tree.RankOf(refs[r.IntN(len(refs))])
	}
}
