//go:build linux

package main

import "math/bits"

// A histogram counts durations in nanoseconds in log-linear cells: every power
// of two is cut into 2^cellBits cells of equal width, so a value is known to
// 1/64 (1.6 %) of itself and recording is a shift and an add.
type histogram struct {
	cells [(64 - cellBits + 1) << cellBits]uint32
	total uint64
	max   int64
}

const cellBits = 6

func (h *histogram) record(v int64) {
	h.cells[cellOf(v)]++
	h.total++
	h.max = max(h.max, v)
}

// quantile returns the lowest value that at least the share q of the recorded
// values do not exceed, rounded up to the end of its cell.
func (h *histogram) quantile(q float64) int64 {
	rank := uint64(q * float64(h.total))
	seen := uint64(0)
	for i, n := range h.cells {
		seen += uint64(n)
		if seen > rank {
			return min(cellEnd(i), h.max)
		}
	}
	return h.max
}

// cellOf numbers the cells. Values below 2^cellBits have a cell each; above,
// the number is the magnitude followed by the cellBits bits after the leading one.
func cellOf(v int64) int {
	u := uint64(max(v, 0))
	if u < 1<<cellBits {
		return int(u)
	}
	shift := bits.Len64(u) - 1 - cellBits
	return (shift+1)<<cellBits + int(u>>shift) - 1<<cellBits
}

// cellEnd is the largest value of a cell.
func cellEnd(i int) int64 {
	if i < 1<<cellBits {
		return int64(i)
	}
	shift := i>>cellBits - 1
	return int64(i&(1<<cellBits-1)+1<<cellBits+1)<<shift - 1
}
