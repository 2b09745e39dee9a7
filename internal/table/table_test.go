package table

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
)

// anyTable is what Table and Root have in common.
type anyTable interface {
	Start(p *Probe, hash uint64)
	Insert(hash uint64, ref arena.Ref)
	Remove(p *Probe)
	Replace(hash uint64, from, to arena.Ref)
	Each(f func(arena.Ref) bool)
	Iter() Iter
	Scan(cursor uint64, f func(arena.Ref)) uint64
	Sample(r uint64) arena.Ref
	Pick(r uint64) arena.Ref
	Shrink(limit int) int
	TakeSegment(f func(arena.Ref)) bool
	Len() int
	Slots() int
	Bytes() int64
	Prefetch(hash uint64)
	Candidate(hash uint64) arena.Ref
	CheckInvariants() error
}

// model is a table of 8-byte keys beside a Go map of the same.
type model struct {
	t     testing.TB
	a     *arena.Arena
	table anyTable
	root  arena.Ref // of a Root
	keys  map[uint64]arena.Ref
	mask  uint64 // which bits of the hash survive: few make collisions
}

// newModels returns a model of each holder.
func newModels(t testing.TB, mask uint64) []*model {
	return []*model{newModel(t, mask, false), newModel(t, mask, true)}
}

func newModel(t testing.TB, mask uint64, asRoot bool) *model {
	a, err := arena.New(1 << 32)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	m := &model{t: t, a: a, keys: map[uint64]arena.Ref{}, mask: mask}
	if asRoot {
		m.root, _ = NewRoot(a, RootSize, m.hashRecord)
		m.open()
		return m
	}
	table := new(Table)
	table.Init(a, m.hashRecord)
	m.table = table
	return m
}

// open opens a Root as commands do, anew for each operation.
func (m *model) open() {
	if m.root != 0 {
		var r Root
		r.Open(m.a, m.root, m.hashRecord)
		m.table = &r
	}
}

// used is what the blocks of the table take in the arena.
func (m *model) used() int64 {
	if m.root != 0 {
		return m.a.Used(arena.Element)
	}
	return m.a.Used(arena.Index)
}

func (m *model) hashRecord(a *arena.Arena, r arena.Ref) uint64 {
	return m.hash(binary.LittleEndian.Uint64(a.Bytes(r, 8)))
}

func (m *model) key(r arena.Ref) uint64 { return binary.LittleEndian.Uint64(m.a.Bytes(r, 8)) }

func (m *model) hash(k uint64) uint64 {
	k *= 0x9E3779B97F4A7C15
	k ^= k >> 32
	k *= 0xD6E8FEB86659FD93
	return (k ^ k>>32) * 0xff51afd7ed558ccd & m.mask
}

func (m *model) find(k uint64) (Probe, bool) {
	var p Probe
	m.table.Start(&p, m.hash(k))
	for r := p.Next(); r != 0; r = p.Next() {
		if m.key(r) == k {
			return p, true
		}
	}
	return p, false
}

func (m *model) insert(k uint64) {
	if _, ok := m.keys[k]; ok {
		return
	}
	m.open()
	r := m.a.Alloc(8, arena.Record)
	binary.LittleEndian.PutUint64(m.a.Bytes(r, 8), k)
	m.keys[k] = r
	m.table.Insert(m.hash(k), r)
}

func (m *model) remove(k uint64) {
	m.open()
	p, ok := m.find(k)
	ref, want := m.keys[k]
	if ok != want {
		m.t.Fatalf("key %d: found %v, want %v", k, ok, want)
	}
	if !ok {
		return
	}
	if p.Slot().Ref() != ref {
		m.t.Fatalf("key %d: found record %d, want %d", k, p.Slot().Ref(), ref)
	}
	m.table.Remove(&p)
	m.a.Free(ref, 8, arena.Record)
	delete(m.keys, k)
}

func (m *model) check() {
	m.t.Helper()
	if err := m.table.CheckInvariants(); err != nil {
		m.t.Fatal(err)
	}
	if m.table.Len() != len(m.keys) {
		m.t.Fatalf("%d keys, want %d", m.table.Len(), len(m.keys))
	}
	for k := range m.keys {
		if _, ok := m.find(k); !ok {
			m.t.Fatalf("key %d is lost", k)
		}
	}
	seen := map[arena.Ref]bool{}
	m.table.Each(func(r arena.Ref) bool { seen[r] = true; return true })
	if len(seen) != len(m.keys) {
		m.t.Fatalf("Each saw %d of %d", len(seen), len(m.keys))
	}
	m.checkIter()
	if m.table.Bytes() != m.used() {
		m.t.Fatalf("%d bytes, the arena says %d", m.table.Bytes(), m.used())
	}
}

func (m *model) checkIter() {
	m.t.Helper()
	seen := map[arena.Ref]bool{}
	it, room := m.table.Iter(), [24]arena.Ref{}
	for batch := it.Next(room[:]); len(batch) > 0; batch = it.Next(room[:]) {
		for _, r := range batch {
			seen[r] = true
		}
	}
	if len(seen) != len(m.keys) {
		m.t.Fatalf("Iter saw %d of %d", len(seen), len(m.keys))
	}
}

func TestGrowAndShrink(t *testing.T) {
	for _, m := range newModels(t, ^uint64(0)) {
		m.growAndShrink(t)
	}
}

// checkEmpty checks that an empty table keeps nothing but its root.
func (m *model) checkEmpty() {
	m.t.Helper()
	want := int64(0)
	if m.root != 0 {
		want = int64(arena.UsableSize(RootSize))
	}
	if m.used() != want || m.table.Bytes() != want {
		m.t.Fatalf("the empty table keeps %d bytes and counts %d, want %d", m.used(), m.table.Bytes(), want)
	}
}

func (m *model) growAndShrink(t *testing.T) {
	const n = 200_000
	for k := range uint64(n) {
		m.insert(k)
		if k < 2000 && k%10 == 0 || k%50_000 == 0 {
			m.check()
		}
	}
	m.check()
	slots := m.table.Slots()
	for k := range uint64(n) {
		if k%50 != 0 {
			m.remove(k)
		}
	}
	m.check()
	for range 20 {
		m.table.Shrink(1 << 20)
	}
	m.check()
	if m.table.Slots() > slots/20 {
		t.Fatalf("%d slots for %d keys after shrinking from %d", m.table.Slots(), m.table.Len(), slots)
	}
	for k := range uint64(n) {
		m.remove(k)
	}
	for range 20 {
		m.table.Shrink(1 << 20)
	}
	m.check()
	m.checkEmpty()
}

// The load is the memory: below 0.75 on average the index would cost more
// than 7 bytes per key.
func TestLoadFactor(t *testing.T) {
	m := newModel(t, ^uint64(0), false)
	sum, n := 0.0, 0
	for k := range uint64(300_000) {
		m.insert(k)
		if k > 10_000 && k%1000 == 0 {
			sum += float64(m.table.Len()) / float64(m.table.Slots())
			n++
		}
	}
	t.Logf("average load %.3f", sum/float64(n))
	if sum/float64(n) < 0.75 {
		t.Fatalf("average load %.3f", sum/float64(n))
	}
}

// A scan meets every key that was there all the time, whatever is inserted,
// removed or shrunk between its calls.
func TestScanMeetsAll(t *testing.T) {
	for seed := uint64(0); seed < 40; seed++ {
		rng := rand.New(rand.NewPCG(seed, 2))
		m := newModel(t, ^uint64(0), seed&2 != 0)
		stay := uint64(rng.IntN(3000))
		for k := range stay {
			m.insert(k)
		}
		others := uint64(rng.IntN(30_000))
		if seed%2 == 0 {
			for k := range others {
				m.insert(1_000_000 + k)
			}
		}
		seen := map[uint64]bool{}
		cursor, calls := uint64(0), 0
		for {
			m.open()
			cursor = m.table.Scan(cursor, func(r arena.Ref) { seen[m.key(r)] = true })
			if calls++; cursor == 0 {
				break
			}
			for range others / 200 {
				if k := 1_000_000 + uint64(rng.IntN(int(others))); seed%2 == 0 {
					m.remove(k)
				} else {
					m.insert(k)
				}
			}
			if rng.IntN(5) == 0 {
				m.table.Shrink(rng.IntN(20))
			}
		}
		for k := range stay {
			if !seen[k] {
				t.Fatalf("seed %d: key %d of %d was never returned", seed, k, stay)
			}
		}
		m.check()
	}
}

func TestScanRepeatsNothingAtRest(t *testing.T) {
	for _, m := range newModels(t, ^uint64(0)) {
		m.scanRepeatsNothingAtRest(t)
	}
}

func (m *model) scanRepeatsNothingAtRest(t *testing.T) {
	for k := range uint64(50_000) {
		m.insert(k)
	}
	seen := map[arena.Ref]int{}
	for cursor := uint64(0); ; {
		cursor = m.table.Scan(cursor, func(r arena.Ref) { seen[r]++ })
		if cursor == 0 {
			break
		}
	}
	for r, n := range seen {
		if n != 1 {
			t.Fatalf("record %d was returned %d times", r, n)
		}
	}
	if len(seen) != 50_000 {
		t.Fatalf("%d records", len(seen))
	}
}

func TestTakeSegments(t *testing.T) {
	for _, m := range newModels(t, ^uint64(0)) {
		m.takeSegments(t)
	}
}

func (m *model) takeSegments(t *testing.T) {
	for k := range uint64(20_000) {
		m.insert(k)
	}
	m.table.Shrink(7) // stops somewhere in the middle: nothing before that may be forgotten
	taken := 0
	for m.table.TakeSegment(func(r arena.Ref) { taken++; m.a.Free(r, 8, arena.Record) }) {
	}
	if taken != 20_000 || m.a.Used(arena.Record) != 0 {
		t.Fatalf("took %d, %d bytes of records are left", taken, m.a.Used(arena.Record))
	}
	m.checkEmpty()
}

func TestSampleReachesAll(t *testing.T) {
	for _, m := range newModels(t, ^uint64(0)) {
		m.sampleReachesAll(t)
	}
}

func (m *model) sampleReachesAll(t *testing.T) {
	for k := range uint64(1000) {
		m.insert(k)
	}
	rng := rand.New(rand.NewPCG(3, 3))
	seen := map[arena.Ref]bool{}
	for range 100_000 {
		if r := m.table.Sample(rng.Uint64()); r != 0 {
			seen[r] = true
		}
	}
	if len(seen) != 1000 {
		t.Fatalf("100,000 samples met %d of 1000", len(seen))
	}
}

// Pick is for the fair choice of members: each has the same chance, also
// while segments differ in size and depth. Five standard deviations are allowed.
func TestPickIsFair(t *testing.T) {
	for _, n := range []uint64{1, 10, 100, 3000} {
		m := newModel(t, ^uint64(0), true)
		for k := range n {
			m.insert(k)
		}
		rng := rand.New(rand.NewPCG(3, n))
		counts := map[arena.Ref]float64{}
		const each = 400
		for picked := uint64(0); picked < n*each; {
			if r := m.table.Pick(rng.Uint64()); r != 0 {
				counts[r]++
				picked++
			}
		}
		chi2 := 0.0
		for _, r := range m.keys {
			chi2 += (counts[r] - each) * (counts[r] - each) / each
		}
		if free := float64(n - 1); chi2 > free+5*math.Sqrt(2*free) {
			t.Errorf("%d keys: chi-square %.0f", n, chi2)
		}
	}
}

// A Root gives memory back without being asked.
func TestRootShrinksByItself(t *testing.T) {
	m := newModel(t, ^uint64(0), true)
	for k := range uint64(50_000) {
		m.insert(k)
	}
	for k := range uint64(50_000) {
		m.remove(k)
		if left := 49_999 - k; k%1000 == 0 && uint64(m.table.Slots()) > 5*left+5000 {
			t.Fatalf("%d slots for %d keys", m.table.Slots(), left)
		}
	}
	m.check()
	if m.table.Slots() > 3*maxBuckets*slotsPerBucket {
		t.Fatalf("%d slots for none", m.table.Slots())
	}
}

func TestCopyTo(t *testing.T) {
	for _, n := range []uint64{0, 5, 700, 20_000} {
		m, other := newModel(t, ^uint64(0), true), newModel(t, ^uint64(0), true)
		for k := range n {
			m.insert(k)
		}
		from, to := m.table.(*Root), other.table.(*Root)
		from.CopyTo(to, func(r arena.Ref) arena.Ref {
			made := other.a.Alloc(8, arena.Record)
			copy(other.a.Bytes(made, 8), m.a.Bytes(r, 8))
			other.keys[m.key(r)] = made
			return made
		})
		m.check()
		other.check()
		for to.TakeSegment(func(r arena.Ref) { other.a.Free(r, 8, arena.Record) }) {
		}
		to.FreeRoot(other.root, RootSize)
		if left := other.a.TotalUsed(); left != 0 {
			t.Errorf("%d keys: %d bytes are left of the copy", n, left)
		}
	}
}

func TestOpenAllocatesNothing(t *testing.T) {
	m := newModel(t, ^uint64(0), true)
	for k := range uint64(10_000) {
		m.insert(k)
	}
	k := uint64(0)
	n := testing.AllocsPerRun(100, func() {
		var table Root
		table.Open(m.a, m.root, testHash)
		var p Probe
		table.Start(&p, m.hash(k))
		for r := p.Next(); m.key(r) != k; r = p.Next() {
		}
		ref := p.Slot().Ref()
		table.Remove(&p)
		table.Insert(m.hash(k), ref)
		k++
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// testHash is the hash of records of a model with all bits.
func testHash(a *arena.Arena, r arena.Ref) uint64 {
	return (&model{mask: ^uint64(0)}).hash(binary.LittleEndian.Uint64(a.Bytes(r, 8)))
}

func FuzzTable(f *testing.F) {
	f.Add(uint8(0), []byte("\x00\x01\x00\x02\x80\x01\xf0\x00"))
	f.Add(uint8(128), []byte("\x7f\x01\x7f\x02\x7f\x03\x9f\x01\x9f\x02\xf0\x00"))
	f.Fuzz(func(t *testing.T, dense uint8, data []byte) {
		// Dropping low hash bits leaves the distribution over segments
		// and buckets as it is, but makes equal hashes.
		m := newModel(t, ^uint64(0)<<(dense%40), dense >= 128)
		for i := 0; i+1 < len(data); i += 2 {
			op, k := data[i], uint64(data[i+1])
			switch {
			case op < 128:
				for j := range uint64(op) {
					m.insert(k<<4 + j)
				}
			case op < 240:
				for j := range uint64(op & 31) {
					m.remove(k<<4 + j)
				}
			default:
				m.open()
				m.table.Shrink(int(k))
			}
		}
		m.check()
	})
}

func benchTable(b *testing.B, n uint64) *model {
	m := newModel(b, ^uint64(0), false)
	for k := range n {
		m.insert(k)
	}
	b.ReportAllocs()
	return m
}

func BenchmarkFind1M(b *testing.B) {
	m := benchTable(b, 1_000_000)
	rng := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		if _, ok := m.find(rng.Uint64N(1_000_000)); !ok {
			b.Fatal("lost")
		}
	}
}

func BenchmarkFindPrefetched1M(b *testing.B) {
	m := benchTable(b, 1_000_000)
	rng := rand.New(rand.NewPCG(1, 1))
	var ks [16]uint64
	i := 0
	for b.Loop() {
		if i%16 == 0 {
			for j := range ks {
				ks[j] = rng.Uint64N(1_000_000)
				m.table.Prefetch(m.hash(ks[j]))
			}
			for _, k := range ks {
				m.a.Prefetch(m.table.Candidate(m.hash(k)))
			}
		}
		if _, ok := m.find(ks[i%16]); !ok {
			b.Fatal("lost")
		}
		i++
	}
}

func BenchmarkInsert(b *testing.B) {
	m := newModel(b, ^uint64(0), false)
	b.ReportAllocs()
	k := uint64(0)
	for b.Loop() {
		r := m.a.Alloc(8, arena.Record)
		binary.LittleEndian.PutUint64(m.a.Bytes(r, 8), k)
		m.table.Insert(m.hash(k), r)
		k++
	}
}

// What lies in the arena is never scanned by the collector, so it must not hold a Go pointer.
func TestBlocksHoldNoPointers(t *testing.T) {
	if size := reflect.TypeFor[bucket]().Size(); size != bucketSize {
		t.Errorf("a bucket has %d bytes", size)
	}
	checkNoPointers(t, reflect.TypeFor[bucket]())
	checkNoPointers(t, reflect.TypeFor[root]())
}

func checkNoPointers(t *testing.T, typ reflect.Type) {
	for i := range typ.NumField() {
		kind := typ.Field(i).Type
		for kind.Kind() == reflect.Array {
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct {
			checkNoPointers(t, kind)
			continue
		}
		if k := kind.Kind(); k < reflect.Bool || k > reflect.Complex128 {
			t.Errorf("field %s is a %v", typ.Field(i).Name, k)
		}
	}
}
