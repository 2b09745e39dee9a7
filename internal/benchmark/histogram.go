package benchmark

import "math/bits"

// A Histogram counts durations in nanoseconds in log-linear cells, as HdrHistogram
// does: every power of two is cut into equal cells, at least 10^digits of them, so
// that a value is known to so many decimal digits, and recording is a shift and an
// add. The library for Go records at the same cost; redis-benchmark's two
// distributions would have to be made from its iterators, and that is most of this.
type Histogram struct {
	cells []uint64
	bits  int // log2 of the cells of a power of two
	total uint64
	sum   float64
	min   int64
	max   int64
}

// longest is what a histogram tells apart: more than an hour counts as that.
const longest = 1<<42 - 1

// NewHistogram has a precision of 1 to 4 decimal digits.
func NewHistogram(digits int) *Histogram {
	b := [...]int{4, 4, 7, 10, 14}[min(max(digits, 1), 4)]
	h := &Histogram{bits: b, min: longest}
	h.cells = make([]uint64, h.cellOf(longest)+1)
	return h
}

// Record counts n values of v.
func (h *Histogram) Record(v int64, n int) {
	v = min(max(v, 0), longest)
	h.cells[h.cellOf(v)] += uint64(n)
	h.total += uint64(n)
	h.sum += float64(v) * float64(n)
	h.min, h.max = min(h.min, v), max(h.max, v)
}

// Add counts the values of another histogram of the same precision.
func (h *Histogram) Add(o *Histogram) {
	for i, n := range o.cells {
		h.cells[i] += n
	}
	h.total += o.total
	h.sum += o.sum
	h.min, h.max = min(h.min, o.min), max(h.max, o.max)
}

// Reset forgets all values.
func (h *Histogram) Reset() {
	clear(h.cells)
	h.total, h.sum, h.min, h.max = 0, 0, longest, 0
}

// Total is how many values were recorded.
func (h *Histogram) Total() int { return int(h.total) }

// Max is the largest value, 0 if there is none.
func (h *Histogram) Max() int64 { return h.max }

// Min is the smallest value, 0 if there is none.
func (h *Histogram) Min() int64 {
	if h.total == 0 {
		return 0
	}
	return h.min
}

// Mean is 0 if there are no values.
func (h *Histogram) Mean() float64 { return h.sum / max(float64(h.total), 1) }

// Quantile returns the lowest value that at least the share q of the recorded
// values do not exceed, rounded up to the end of its cell.
func (h *Histogram) Quantile(q float64) int64 {
	v, _ := h.quantile(q)
	return v
}

// quantile also returns how many values are at most that.
func (h *Histogram) quantile(q float64) (v int64, count uint64) {
	rank := uint64(q * float64(h.total))
	for i, n := range h.cells {
		count += n
		if count > rank || count == h.total && n > 0 {
			return min(h.cellEnd(i), h.max), count
		}
	}
	return h.max, count
}

// cellOf numbers the cells. Values below 2^bits have a cell each; above, the
// number is the magnitude followed by the bits after the leading one.
func (h *Histogram) cellOf(v int64) int {
	u := uint64(v)
	if u < 1<<h.bits {
		return int(u)
	}
	shift := bits.Len64(u) - 1 - h.bits
	return (shift+1)<<h.bits + int(u>>shift) - 1<<h.bits
}

// cellEnd is the largest value of a cell.
func (h *Histogram) cellEnd(i int) int64 {
	if i < 1<<h.bits {
		return int64(i)
	}
	shift := i>>h.bits - 1
	return int64(i&(1<<h.bits-1)+1<<h.bits+1)<<shift - 1
}

// A Level is a point of a distribution.
type Level struct {
	Percent float64
	Value   int64 // no more than this
	Count   uint64
}

// Percentiles are the levels 0, 50, 75, 87.5 and so on, each halving what is
// left, as far as they differ, and then 100.
func (h *Histogram) Percentiles() []Level {
	var levels []Level
	for percent, left, last := 0.0, 100.0, uint64(0); ; percent, left = 100-left/2, left/2 {
		v, count := h.quantile(percent / 100)
		if count != last || len(levels) == 0 {
			levels = append(levels, Level{percent, v, count})
		}
		if last = count; count == h.total {
			return append(levels, Level{100, v, count})
		}
	}
}

// Cumulative is the distribution at every 0.1 ms up to 2 ms, and at every
// millisecond above, as far as the counts differ.
func (h *Histogram) Cumulative() []Level {
	const fine, coarse, change = 100_000, 1_000_000, 2_000_000
	var levels []Level
	count, cell, last := uint64(0), 0, uint64(0)
	for at := int64(fine); ; {
		for cell < len(h.cells) && (h.cellEnd(cell) <= at || cell == h.cellOf(at)) {
			count += h.cells[cell]
			cell++
		}
		if count != last || len(levels) == 0 {
			levels = append(levels, Level{float64(count) / max(float64(h.total), 1) * 100, at, count})
		}
		if last = count; count == h.total {
			return levels
		}
		if at > change {
			at += coarse
		} else {
			at += fine
		}
	}
}
