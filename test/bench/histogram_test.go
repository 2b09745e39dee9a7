//go:build linux

package main

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func TestHistogramCellsAreGapless(t *testing.T) {
	for i := 0; i < 40<<cellBits; i++ {
		end := cellEnd(i)
		if cellOf(end) != i || cellOf(end+1) != i+1 {
			t.Fatalf("cell %d ends at %d, but %d is in cell %d and %d in cell %d",
				i, end, end, cellOf(end), end+1, cellOf(end+1))
		}
	}
}

func TestHistogramQuantile(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var h histogram
	values := make([]int64, 100_000)
	for i := range values {
		values[i] = rnd.Int64N(1 << rnd.Int64N(34))
		h.record(values[i])
	}
	slices.Sort(values)
	for _, q := range []float64{0, 0.5, 0.99, 0.999} {
		want, got := values[int(q*float64(len(values)))], h.quantile(q)
		if got < want || float64(got) > float64(want)*(1+1.0/(1<<cellBits))+1 {
			t.Errorf("quantile(%v) = %d, sorted values say %d", q, got, want)
		}
	}
	if h.quantile(1) != values[len(values)-1] {
		t.Errorf("quantile(1) = %d, maximum is %d", h.quantile(1), values[len(values)-1])
	}
}
