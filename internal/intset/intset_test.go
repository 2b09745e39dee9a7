package intset

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// model is a set beside a sorted slice of its members.
type model struct {
	t    testing.TB
	b    []byte
	want []int64
}

func newModel(t testing.TB) *model {
	m := &model{t: t, b: make([]byte, EmptySize)}
	Init(m.b)
	return m
}

func (m *model) add(v int64) {
	i, found := Find(m.b, v)
	at, exists := slices.BinarySearch(m.want, v)
	if i != at || found != exists || Has(m.b, v) != exists {
		m.t.Fatalf("Find(%d): %d %v, want %d %v", v, i, found, at, exists)
	}
	if found {
		return
	}
	size := SizeAfterInsert(m.b, v)
	m.b = append(m.b, make([]byte, size-len(m.b))...)
	if got := Insert(m.b, i, v); got != size {
		m.t.Fatalf("Insert(%d): size %d, want %d", v, got, size)
	}
	m.want = slices.Insert(m.want, at, v)
}

func (m *model) remove(v int64) {
	i, found := Find(m.b, v)
	at, exists := slices.BinarySearch(m.want, v)
	if found != exists {
		m.t.Fatalf("Find(%d): %v, want %v", v, found, exists)
	}
	if found {
		m.b = m.b[:Delete(m.b, i)]
		m.want = slices.Delete(m.want, at, at+1)
	}
}

func (m *model) check() {
	m.t.Helper()
	if !Validate(m.b, true) {
		m.t.Fatalf("% x is not valid", m.b)
	}
	if Len(m.b) != len(m.want) || Size(m.b) != len(m.b) {
		m.t.Fatalf("%d members in %d bytes, want %d in %d", Len(m.b), Size(m.b), len(m.want), len(m.b))
	}
	for i, v := range m.want {
		if At(m.b, i) != v {
			m.t.Fatalf("member %d is %d, want %d", i, At(m.b, i), v)
		}
	}
}

var edges = []int64{0, 1, -1, math.MaxInt16, math.MinInt16, math.MaxInt16 + 1, math.MinInt16 - 1,
	math.MaxInt32, math.MinInt32, math.MaxInt32 + 1, math.MinInt32 - 1, math.MaxInt64, math.MinInt64}

// The bytes are those that Redis writes; here is what DUMP of a stock server holds for three sets.
func TestFormat(t *testing.T) {
	for _, c := range []struct {
		members []int64
		bytes   string
	}{
		{[]int64{1, 2, -3}, "\x02\x00\x00\x00\x03\x00\x00\x00\xfd\xff\x01\x00\x02\x00"},
		{[]int64{70000, 2}, "\x04\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x70\x11\x01\x00"},
		{[]int64{1 << 40}, "\x08\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00"},
	} {
		m := newModel(t)
		for _, v := range c.members {
			m.add(v)
		}
		if string(m.b) != c.bytes {
			t.Errorf("%d: % x, want % x", c.members, m.b, c.bytes)
		}
	}
}

func TestRandom(t *testing.T) {
	for seed := range uint64(200) {
		rng := rand.New(rand.NewPCG(seed, 1))
		m := newModel(t)
		bits := rng.IntN(63) + 1
		for range 300 {
			v := int64(rng.Uint64()) >> bits
			switch rng.IntN(5) {
			case 0:
				v = edges[rng.IntN(len(edges))]
			case 1:
				if len(m.want) > 0 {
					v = m.want[rng.IntN(len(m.want))]
				}
			}
			if rng.IntN(3) == 0 {
				m.remove(v)
			} else {
				m.add(v)
			}
			m.check()
		}
	}
}

func TestValidate(t *testing.T) {
	m := newModel(t)
	for _, v := range []int64{3, 1, 2} {
		m.add(v)
	}
	for n := range m.b {
		if Validate(m.b[:n], true) {
			t.Errorf("the first %d bytes pass", n)
		}
	}
	if Validate(append(bytes.Clone(m.b), 0), false) {
		t.Error("a byte too much passes")
	}
	for _, width := range []byte{0, 1, 3, 16} {
		b := bytes.Clone(m.b)
		b[0] = width
		if Validate(b, false) {
			t.Errorf("width %d passes", width)
		}
	}
	equal := bytes.Clone(m.b)
	put(equal[headerSize:], 2, 1, 1)
	if Validate(equal, true) || !Validate(equal, false) {
		t.Error("equal members are for the deep look to find")
	}
	huge := []byte{8, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}
	if Validate(huge, true) {
		t.Error("2^32 members in no bytes pass")
	}
}

func FuzzIntset(f *testing.F) {
	f.Add([]byte("\x00\x01\x00\x00\x00\x00\x00\x00\x00\x81\x01\x00\x00\x00\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := newModel(t)
		for ; len(data) >= 9; data = data[9:] {
			v := int64(binary.LittleEndian.Uint64(data[1:])) >> (data[0] & 63)
			if data[0] >= 192 {
				m.remove(v)
			} else {
				m.add(v)
			}
		}
		m.check()
	})
}

// Whatever Validate lets through can be read and edited.
func FuzzValidate(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x00\x01\x00\x00\x00\x05\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if !Validate(b, true) {
			return
		}
		m := &model{t: t, b: bytes.Clone(b)}
		for i := range Len(b) {
			m.want = append(m.want, At(b, i))
		}
		for _, v := range edges {
			m.add(v)
		}
		for _, v := range slices.Clone(m.want) {
			m.remove(v)
		}
		m.check()
	})
}

func BenchmarkHas512(b *testing.B) {
	m := newModel(b)
	for i := range int64(512) {
		m.add(i * 3)
	}
	for i := int64(0); b.Loop(); i++ {
		Has(m.b, i&1023)
	}
}

func BenchmarkInsertDelete512(b *testing.B) {
	m := newModel(b)
	for i := range int64(511) {
		m.add(i * 3)
	}
	room := append(m.b, 0, 0)
	for b.Loop() {
		i, _ := Find(room, 700)
		Insert(room, i, 700)
		Delete(room, i)
	}
}
