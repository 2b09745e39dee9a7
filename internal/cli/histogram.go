package cli

import (
	"maps"
	"math"
	"math/bits"
	"slices"
)

// A histogram counts values that are not negative, in as much memory as there
// are values that differ in their first bits. A value is taken for the highest
// that begins like it.
type histogram struct {
	precision    int // bits
	counts       map[int64]int64
	total        int64
	sum, squares float64
}

func newHistogram(precision int) *histogram {
	return &histogram{precision: precision, counts: map[int64]int64{}}
}

func (h *histogram) add(v int64) {
	shift := max(bits.Len64(uint64(v))-h.precision, 0)
	h.counts[(v>>shift+1)<<shift-1]++
	h.total++
	h.sum += float64(v)
	h.squares += float64(v) * float64(v)
}

func (h *histogram) mean() float64 { return h.sum / float64(max(h.total, 1)) }

func (h *histogram) deviation() float64 {
	mean := h.mean()
	return math.Sqrt(max(h.squares/float64(max(h.total, 1))-mean*mean, 0))
}

// percentile is the value that so many of a hundred do not exceed.
func (h *histogram) percentile(p float64) int64 {
	wanted := max(int64(p/100*float64(h.total)+0.5), 1)
	seen := int64(0)
	for _, v := range slices.Sorted(maps.Keys(h.counts)) {
		if seen += h.counts[v]; seen >= wanted {
			return v
		}
	}
	return 0
}

// A distributionRow says that so many values, at least that share of all, are not above one.
type distributionRow struct {
	value   int64
	percent float64
	seen    int64
}

// distribution halves the distance to all values with every row: 0%, 50%, 75%, ... 100%.
func (h *histogram) distribution() (rows []distributionRow) {
	wanted, seen := 0.0, int64(0)
	for _, v := range slices.Sorted(maps.Keys(h.counts)) {
		seen += h.counts[v]
		reached := 100 * float64(seen) / float64(h.total)
		if seen == h.total {
			return append(rows, distributionRow{v, 100, seen})
		}
		if reached < wanted {
			continue
		}
		rows = append(rows, distributionRow{v, wanted, seen})
		for wanted <= reached {
			wanted += (100 - wanted) / 2
		}
	}
	return rows
}
