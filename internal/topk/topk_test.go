package topk

import (
	"math/rand/v2"
	"strconv"
	"testing"
)

// check compares a sketch with the truth: no counter is too low, none is too
// high by more than its error, and the heap is in order.
func (s *Sketch) check(t *testing.T, truth map[string]int64) {
	t.Helper()
	for i, c := range s.heap {
		if c.at != i || s.of[c.key] != c {
			t.Fatalf("counter %d of %q is lost", i, c.key)
		}
		if n := truth[c.key]; c.count < n || c.count-c.error > n {
			t.Fatalf("%q counts %d, of them %d not its own, and came %d times", c.key, c.count, c.error, n)
		}
		if i > 0 && s.heap[(i-1)/2].count > c.count {
			t.Fatalf("the heap is out of order at %d", i)
		}
	}
	if len(s.heap) != len(s.of) || len(s.heap) > s.size {
		t.Fatalf("%d counters, %d keys", len(s.heap), len(s.of))
	}
}

func TestSketchAgainstMap(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	s, truth, total := New(64), map[string]int64{}, int64(0)
	for i := range 50000 {
		key := strconv.Itoa(int(random.ExpFloat64() * 5))
		if random.IntN(2) == 0 {
			key = "rare" + strconv.Itoa(random.IntN(100000))
		}
		weight := random.Int64N(10)
		s.Add([]byte(key), weight)
		truth[key] += weight
		total += weight
		if i%1000 == 0 {
			s.check(t, truth)
		}
	}
	s.check(t, truth)
	for key, n := range truth {
		if n > total/int64(s.size) && s.of[key] == nil {
			t.Errorf("%q has %d of %d and no counter", key, n, total)
		}
	}
	sums := map[string]int64{}
	s.AddTo(sums)
	heaviest := Top(truth, 1)[0]
	if top := Top(sums, 5); len(top) != 5 || top[0].Key != heaviest.Key {
		t.Errorf("the heaviest is %v, found %v", heaviest, top)
	}
}

func TestTopIsSorted(t *testing.T) {
	top := Top(map[string]int64{"b": 2, "a": 2, "c": 1, "d": 1 << 40, "e": 0}, 4)
	want := []Item{{"d", 1 << 40}, {"a", 2}, {"b", 2}, {"c", 1}}
	for i := range want {
		if top[i] != want[i] {
			t.Fatalf("got %v, want %v", top, want)
		}
	}
}

func TestAddAllocatesNothingForKnownKeys(t *testing.T) {
	s, key := New(4), []byte("key")
	s.Add(key, 1)
	if n := testing.AllocsPerRun(100, func() { s.Add(key, 1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
