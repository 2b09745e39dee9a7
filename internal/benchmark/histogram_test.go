package benchmark

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHistogramCellsAreGapless(t *testing.T) {
	for digits := 1; digits <= 4; digits++ {
		h := NewHistogram(digits)
		for i := 0; i < min(len(h.cells)-1, 40<<h.bits, 100_000); i++ {
			end := h.cellEnd(i)
			if h.cellOf(end) != i || h.cellOf(end+1) != i+1 {
				t.Fatalf("%d digits: cell %d ends at %d, but %d is in cell %d and %d in cell %d",
					digits, i, end, end, h.cellOf(end), end+1, h.cellOf(end+1))
			}
		}
	}
}

// What a histogram tells is compared with the sorted values themselves.
func TestHistogramAgainstSortedValues(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for digits := 1; digits <= 4; digits++ {
		halves, values := [2]*Histogram{NewHistogram(digits), NewHistogram(digits)}, []int64(nil)
		sum := 0.0
		for range 20_000 {
			v, n := rnd.Int64N(1<<rnd.Int64N(34)), 1+rnd.IntN(3)
			halves[rnd.IntN(2)].Record(v, n)
			for range n {
				values = append(values, v)
				sum += float64(v)
			}
		}
		h := halves[0]
		h.Add(halves[1])
		slices.Sort(values)
		precision := math.Pow10(-digits)
		for _, q := range []float64{0, 0.5, 0.99, 0.999, 1} {
			want, got := values[min(int(q*float64(len(values))), len(values)-1)], h.Quantile(q)
			if got < want || float64(got) > float64(want)*(1+precision)+1 {
				t.Errorf("%d digits: quantile(%v) = %d, sorted values say %d", digits, q, got, want)
			}
		}
		if h.Total() != len(values) || h.Min() != values[0] || h.Max() != values[len(values)-1] || math.Abs(h.Mean()*float64(len(values))-sum) > sum*1e-9 {
			t.Errorf("%d values from %d to %d, mean %v; want %d from %d to %d", h.Total(), h.Min(), h.Max(), h.Mean(), len(values), values[0], values[len(values)-1])
		}
		for _, l := range slices.Concat(h.Percentiles(), h.Cumulative()) {
			count, _ := slices.BinarySearch(values, l.Value+1)
			slack, _ := slices.BinarySearch(values, int64(float64(l.Value)*(1+precision))+2)
			if int(l.Count) < count || int(l.Count) > slack {
				t.Errorf("%d digits: %d values to %d, sorted values say %d", digits, l.Count, l.Value, count)
			}
		}
	}
}

func TestEmptyHistogram(t *testing.T) {
	h := NewHistogram(3)
	h.Record(5, 1)
	h.Reset()
	if h.Quantile(0.5) != 0 || h.Min() != 0 || h.Max() != 0 || h.Mean() != 0 || len(h.Percentiles()) == 0 || len(h.Cumulative()) == 0 {
		t.Errorf("an empty histogram says %d %d %d %v", h.Quantile(0.5), h.Min(), h.Max(), h.Mean())
	}
}
