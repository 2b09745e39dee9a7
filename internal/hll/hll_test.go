package hll

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

// registersOf decodes a HyperLogLog one register at a time.
func registersOf(t testing.TB, b []byte) (m Max) {
	t.Helper()
	if Dense(b) {
		for i := range m {
			bit := i * 6
			for j := range 6 {
				m[i] |= b[HeaderSize+(bit+j)/8] >> ((bit + j) % 8) & 1 << j
			}
		}
		return m
	}
	i := 0
	for at := HeaderSize; at < len(b); at++ {
		c := int(b[at])
		switch {
		case c < 0x40:
			i += c + 1
		case c < 0x80:
			at++
			i += (c&0x3f)<<8 + int(b[at]) + 1
		default:
			for range c&3 + 1 {
				m[i] = byte(c>>2&31 + 1)
				i++
			}
		}
	}
	if i != Registers {
		t.Fatalf("%d registers", i)
	}
	return m
}

// A model is what an Editor should hold.
type model struct {
	t       testing.TB
	e       Editor
	want    Max
	scratch []byte
}

func newModel(t testing.TB, limit int) *model {
	m := &model{t: t}
	m.e = Edit(AppendEmpty(nil), limit, &m.scratch)
	return m
}

func (m *model) raise(index int, rank byte) {
	m.t.Helper()
	raised, err := m.e.Raise(index, rank)
	if err != nil || raised != (rank > m.want[index]) {
		m.t.Fatalf("register %d from %d to %d: %v %v", index, m.want[index], rank, raised, err)
	}
	m.want[index] = max(m.want[index], rank)
}

func (m *model) check() {
	m.t.Helper()
	b := m.e.Bytes()
	if !Valid(b) {
		m.t.Fatal("not valid any more")
	}
	if got := registersOf(m.t, b); got != m.want {
		m.t.Fatal("registers differ")
	}
	var union Max
	if err := union.Add(b); err != nil || union != m.want {
		m.t.Fatalf("the union with nothing differs: %v", err)
	}
	packed := make([]byte, DenseSize)
	union.Pack(packed)
	if got := registersOf(m.t, packed); got != m.want {
		m.t.Fatal("packed registers differ")
	}
	n, err := Count(b)
	dense, _ := Count(packed)
	if err != nil || n != dense || n != union.Count() {
		m.t.Fatalf("estimates differ: %d %d %d %v", n, dense, union.Count(), err)
	}
}

func TestRandomRegisters(t *testing.T) {
	for seed := range uint64(6) {
		r := rand.New(rand.NewPCG(seed, 5))
		m := newModel(t, []int{0, 50, 300, 3000, 20000, 100000}[seed%6])
		span, ranks := []int{Registers, 200}[seed%2], []int{3, 10, 32, 51}[seed%4]
		for i := range 3000 {
			index := r.IntN(span)
			if r.IntN(4) == 0 {
				index = Registers - 1 - index
			}
			m.raise(index, byte(1+r.IntN(ranks)))
			if i%500 == 0 {
				m.check()
			}
		}
		m.check()
	}
}

// Ascending registers take the way along the cursor, and must leave the same
// bytes as a new search for each.
func TestAscendingAsSearching(t *testing.T) {
	for seed := range uint64(4) {
		r := rand.New(rand.NewPCG(seed, 6))
		base := newModel(t, 100000)
		for range 500 {
			base.raise(r.IntN(2000), byte(1+r.IntN(3)))
		}
		start := bytes.Clone(base.e.Bytes())
		one := Edit(start, 100000, new([]byte))
		each := bytes.Clone(start)
		for index := 0; index < 2100; index += 1 + r.IntN(4) {
			rank := byte(1 + r.IntN(4))
			if _, err := one.Raise(index, rank); err != nil {
				t.Fatal(err)
			}
			other := Edit(each, 100000, new([]byte))
			if _, err := other.Raise(index, rank); err != nil {
				t.Fatal(err)
			}
			each = other.Bytes()
			if !bytes.Equal(one.Bytes(), each) {
				t.Fatalf("register %d: bytes differ", index)
			}
		}
	}
}

// Whatever a client sets, nothing panics, and what is no error is consistent.
func FuzzForeign(f *testing.F) {
	f.Add(AppendEmpty(nil)[HeaderSize:], uint16(5), uint8(3))
	f.Add([]byte{0x7f}, uint16(5), uint8(3))
	f.Add([]byte{0x83, 0x7f, 0xfb}, uint16(16383), uint8(33))
	f.Add([]byte{0x80, 0x40, 0x00, 0x7f, 0xfd}, uint16(1), uint8(7))
	f.Fuzz(func(t *testing.T, runs []byte, index uint16, rank uint8) {
		b := append(AppendEmpty(nil)[:HeaderSize], runs...)
		if !Valid(b) {
			t.Fatal("not valid")
		}
		i, r := int(index)%Registers, rank%50+1
		_, countErr := Count(b)
		var union Max
		addErr := union.Add(b)
		e := Edit(b, 3000, new([]byte))
		_, err := e.Raise(i, r)
		AppendRuns(nil, b)
		if addErr == nil && (countErr != nil || err != nil) {
			t.Fatalf("added, but not counted or raised: %v %v", countErr, err)
		}
		if addErr == nil {
			union[i] = max(union[i], r)
			if registersOf(t, e.Bytes()) != union {
				t.Fatal("registers differ")
			}
		}
		d := Edit(b, 3000, new([]byte))
		if err := d.Densify(); (err == nil) != (addErr == nil) {
			t.Fatalf("dense: %v, added: %v", err, addErr)
		}
	})
}

func FuzzUnion(f *testing.F) {
	f.Add(uint64(1), uint8(3), uint16(100))
	f.Fuzz(func(t *testing.T, seed uint64, shape uint8, n uint16) {
		r := rand.New(rand.NewPCG(seed, 7))
		var union, want Max
		for range 3 {
			m := newModel(t, []int{0, 3000}[r.IntN(2)])
			for range int(n) % 2000 {
				m.raise(r.IntN(Registers), byte(1+r.IntN(int(shape)%51+1)))
			}
			m.check()
			if err := union.Add(m.e.Bytes()); err != nil {
				t.Fatal(err)
			}
			for i := range want {
				want[i] = max(want[i], m.want[i])
			}
		}
		if union != want {
			t.Fatal("the union differs")
		}
	})
}

func TestSelfTest(t *testing.T) {
	if err := SelfTest(); err != nil {
		t.Fatal(err)
	}
}

func TestCached(t *testing.T) {
	b := AppendEmpty(nil)
	if n, ok := Cached(b); n != 0 || !ok {
		t.Errorf("empty: %d %v", n, ok)
	}
	SetCached(b, 12345)
	if n, ok := Cached(b); n != 12345 || !ok {
		t.Errorf("cached: %d %v", n, ok)
	}
	Invalidate(b)
	if _, ok := Cached(b); ok {
		t.Error("still cached")
	}
}

func denseOf(n int) []byte {
	e := Edit(AppendEmpty(nil), 0, new([]byte))
	for i := range n {
		index, rank := Place([]byte{byte(i), byte(i >> 8), byte(i >> 16), 1})
		e.Raise(index, rank)
	}
	return e.Bytes()
}

func BenchmarkCountDense(b *testing.B) {
	x := denseOf(100_000)
	for b.Loop() {
		Count(x)
	}
}

func BenchmarkUnionOf3(b *testing.B) {
	x := denseOf(100_000)
	for b.Loop() {
		var m Max
		m.Add(x)
		m.Add(x)
		m.Add(x)
		m.Count()
	}
}

func BenchmarkPack(b *testing.B) {
	x := denseOf(100_000)
	var m Max
	m.Add(x)
	for b.Loop() {
		m.Pack(x)
	}
}

func BenchmarkRaiseSparse(b *testing.B) {
	e := Edit(AppendEmpty(nil), 3000, new([]byte))
	for i := range 1000 {
		index, rank := Place([]byte{byte(i), byte(i >> 8)})
		e.Raise(index, rank)
	}
	i := 0
	for b.Loop() {
		e.Raise(i*7919%Registers, 1)
		i++
	}
}
