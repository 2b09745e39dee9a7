package table

import (
	"encoding/binary"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
)

// model is a table of 8-byte keys beside a Go map of the same.
type model struct {
	t     testing.TB
	a     *arena.Arena
	table Table
	keys  map[uint64]arena.Ref
	mask  uint64 // which bits of the hash survive: few make collisions
}

func newModel(t testing.TB, mask uint64) *model {
	a, err := arena.New(1 << 32)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	m := &model{t: t, a: a, keys: map[uint64]arena.Ref{}, mask: mask}
	m.table.Init(a, func(r arena.Ref) uint64 { return m.hash(m.key(r)) })
	return m
}

func (m *model) key(r arena.Ref) uint64 { return binary.LittleEndian.Uint64(m.a.Bytes(r, 8)) }

func (m *model) hash(k uint64) uint64 {
	k *= 0x9E3779B97F4A7C15
	k ^= k >> 32
	k *= 0xD6E8FEB86659FD93
	return (k ^ k>>32) * 0xff51afd7ed558ccd & m.mask
}

func (m *model) find(k uint64) (Probe, bool) {
	p := m.table.Probe(m.hash(k))
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
	r := m.a.Alloc(8, arena.Record)
	binary.LittleEndian.PutUint64(m.a.Bytes(r, 8), k)
	m.keys[k] = r
	m.table.Insert(m.hash(k), r)
}

func (m *model) remove(k uint64) {
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
}

func TestGrowAndShrink(t *testing.T) {
	m := newModel(t, ^uint64(0))
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
	if m.a.Used(arena.Index) != 0 {
		t.Fatalf("the empty table keeps %d bytes", m.a.Used(arena.Index))
	}
}

// The load is the memory: below 0.75 on average the index would cost more
// than 7 bytes per key.
func TestLoadFactor(t *testing.T) {
	m := newModel(t, ^uint64(0))
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
	for seed := uint64(0); seed < 20; seed++ {
		rng := rand.New(rand.NewPCG(seed, 2))
		m := newModel(t, ^uint64(0))
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
	m := newModel(t, ^uint64(0))
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
	m := newModel(t, ^uint64(0))
	for k := range uint64(20_000) {
		m.insert(k)
	}
	taken := 0
	for m.table.TakeSegment(func(r arena.Ref) { taken++; m.a.Free(r, 8, arena.Record) }) {
	}
	if taken != 20_000 || m.a.Used(arena.Index) != 0 || m.a.Used(arena.Record) != 0 {
		t.Fatalf("took %d, %d bytes of index and %d of records are left", taken, m.a.Used(arena.Index), m.a.Used(arena.Record))
	}
}

func TestSampleReachesAll(t *testing.T) {
	m := newModel(t, ^uint64(0))
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

func FuzzTable(f *testing.F) {
	f.Add(uint8(0), []byte("\x00\x01\x00\x02\x80\x01\xf0\x00"))
	f.Fuzz(func(t *testing.T, dense uint8, data []byte) {
		// Dropping low hash bits leaves the distribution over segments
		// and buckets as it is, but makes equal hashes.
		m := newModel(t, ^uint64(0)<<(dense%40))
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
				m.table.Shrink(int(k))
			}
		}
		m.check()
	})
}

func benchTable(b *testing.B, n uint64) *model {
	m := newModel(b, ^uint64(0))
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
	m := newModel(b, ^uint64(0))
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
func TestBucketHoldsNoPointers(t *testing.T) {
	typ := reflect.TypeFor[bucket]()
	if typ.Size() != bucketSize {
		t.Errorf("a bucket has %d bytes", typ.Size())
	}
	for i := range typ.NumField() {
		kind := typ.Field(i).Type
		for kind.Kind() == reflect.Array {
			kind = kind.Elem()
		}
		if k := kind.Kind(); k < reflect.Bool || k > reflect.Complex128 {
			t.Errorf("field %s is a %v", typ.Field(i).Name, k)
		}
	}
}
