package expiry

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

// model is a wheel beside a map from records to their expiry.
type model struct {
	t      testing.TB
	a      *arena.Arena
	w      Wheel
	now    int64
	timers map[arena.Ref]int64
	order  []arena.Ref // keys of timers, so that a number can choose one
	next   int
}

func newModel(t testing.TB, now int64) *model {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	m := &model{t: t, a: a, now: now, timers: map[arena.Ref]int64{}}
	m.w.Init(a, now)
	return m
}

func (m *model) add(at int64) {
	m.next++
	key := fmt.Appendf(nil, "key:%d", m.next)
	v := object.FromInt(1)
	ref := m.a.Alloc(object.RecordSize(len(key), true, &v), arena.Record)
	r := object.At(m.a, ref)
	r.Fill(key, true, 0, &v)
	r.SetExpireAt(at)
	m.w.Add(ref)
	m.timers[ref] = at
	m.order = append(m.order, ref)
}

func (m *model) forget(ref arena.Ref) {
	delete(m.timers, ref)
	for i, r := range m.order {
		if r == ref {
			m.order[i] = m.order[len(m.order)-1]
			m.order = m.order[:len(m.order)-1]
			break
		}
	}
	m.a.Free(ref, object.At(m.a, ref).Size(), arena.Record)
}

func (m *model) remove(i int) {
	if len(m.order) > 0 {
		ref := m.order[i%len(m.order)]
		m.w.Remove(ref)
		m.forget(ref)
	}
}

func (m *model) run(ms int64) {
	m.now += ms
	var buf [8]arena.Ref
	for {
		due, more := m.w.Due(m.now, buf[:])
		for _, ref := range due {
			at, ok := m.timers[ref]
			if !ok {
				m.t.Fatalf("record %d is due but has no timer", ref)
			}
			if at >= m.now {
				m.t.Fatalf("at %d a timer for %d is due", m.now, at)
			}
			m.forget(ref)
		}
		if !more {
			break
		}
	}
	for _, at := range m.timers {
		if at>>tickShift < m.now>>tickShift {
			m.t.Fatalf("at %d the timer for %d is still there", m.now, at)
		}
	}
	if m.w.Len() != len(m.timers) {
		m.t.Fatalf("%d timers, want %d", m.w.Len(), len(m.timers))
	}
}

func TestTimersAreDueInTime(t *testing.T) {
	for seed := uint64(0); seed < 12; seed++ {
		rng := rand.New(rand.NewPCG(seed, 0))
		m := newModel(t, 1_700_000_000_000+rng.Int64N(1<<40))
		spans := []int64{100, 5_000, 600_000, 1 << 32, 1 << 45}
		for range 3000 {
			switch rng.IntN(10) {
			case 0:
				m.run(rng.Int64N(spans[rng.IntN(4)]))
			case 1, 2, 3:
				m.remove(rng.Int())
			default:
				m.add(m.now + rng.Int64N(spans[rng.IntN(len(spans))]))
			}
		}
		m.run(1 << 46)
		if len(m.timers) != 0 || m.a.Used(arena.Expiry) != 0 {
			t.Fatalf("seed %d: %d timers and %d bytes are left", seed, len(m.timers), m.a.Used(arena.Expiry))
		}
	}
}

func FuzzWheel(f *testing.F) {
	f.Add([]byte("\x00\x10\x00\x80\xff\x01\x40\x01\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := newModel(t, 1_700_000_000_000)
		for ; len(data) >= 3; data = data[3:] {
			n := int64(binary.LittleEndian.Uint16(data[1:]))
			switch data[0] % 4 {
			case 0:
				m.add(m.now + n<<(data[0]/8))
			case 1:
				m.add(m.now + n)
			case 2:
				m.remove(int(n))
			default:
				m.run(n << (data[0] / 16))
			}
		}
		m.run(1 << 50)
	})
}

// A million timers in one slot of a higher level come down in small steps.
func TestCascadeIsBounded(t *testing.T) {
	m := newModel(t, 0)
	for range 5000 {
		m.add(10_000_000)
	}
	m.now = 10_000_000 + 16
	var buf [16]arena.Ref
	calls := 0
	for more := true; more; calls++ {
		var due []arena.Ref
		due, more = m.w.Due(m.now, buf[:])
		if len(due) > len(buf) {
			t.Fatal("more than asked for")
		}
	}
	if calls < 5000/64 {
		t.Fatalf("all were moved and returned in %d calls", calls)
	}
}
