package session

import (
	"math/bits"
	"sync/atomic"
)

// A histogram counts durations of up to a second by their nanoseconds: exactly
// below 32, then in 32 steps per doubling, so that a figure is at most 3 % too
// high. Longer durations count as a second, as in Redis.
type histogram [(latencyBits - stepBits + 1) << stepBits]atomic.Int64

const (
	stepBits    = 5
	latencyBits = 30 // 2^30 ns is about a second
)

// bucketOf is the index of the counter for a duration.
func bucketOf(nanos int64) int {
	n := uint64(min(max(nanos, 0), 1<<latencyBits-1))
	if n < 1<<stepBits {
		return int(n)
	}
	shift := bits.Len64(n) - stepBits - 1
	return shift<<stepBits + int(n>>shift)
}

// highestOf is the longest duration that counts in bucket i.
func highestOf(i int) int64 {
	if i < 1<<stepBits {
		return int64(i)
	}
	shift := i>>stepBits - 1
	step := int64(i&(1<<stepBits-1) | 1<<stepBits)
	return (step+1)<<shift - 1
}

// latency returns the command's histogram, which is made by the first who needs it: the worker's thread or a Glance.
func (c *commandCounters) latency() *histogram {
	for {
		if h := c.nanosBy.Load(); h != nil {
			return h
		}
		c.nanosBy.CompareAndSwap(nil, new(histogram))
	}
}

func (h *histogram) add(other *histogram) {
	for i := range h {
		h[i].Add(other[i].Load())
	}
}

// CommandLatency is how long a command takes, by percentile.
type CommandLatency struct {
	Name  string
	Nanos []int64 // one for each percentile asked for
}

// Latencies looks at the histograms of all workers.
func (h *Hub) Latencies(percentiles []float64) (list []CommandLatency) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, spec := range h.table.Specs() {
		var sum [len(histogram{})]int64
		var total int64
		for _, w := range h.workers {
			total += w.stats.commands[spec.ID].addTo(&sum)
		}
		if total == 0 {
			continue
		}
		l := CommandLatency{Name: spec.FullName}
		for _, p := range percentiles {
			l.Nanos = append(l.Nanos, percentile(&sum, total, p))
		}
		list = append(list, l)
	}
	return list
}

// addTo adds the command's histogram to sum and returns how many calls it has.
func (c *commandCounters) addTo(sum *[len(histogram{})]int64) (total int64) {
	h := c.nanosBy.Load()
	if h == nil {
		return 0
	}
	for i := range h {
		n := h[i].Load()
		sum[i] += n
		total += n
	}
	return total
}

// percentile is the duration that p percent of the calls do not exceed.
func percentile(sum *[len(histogram{})]int64, total int64, p float64) int64 {
	left := max(int64(p/100*float64(total)+0.5), 1)
	for i, n := range sum {
		if left -= n; left <= 0 {
			return highestOf(i)
		}
	}
	return highestOf(len(sum) - 1)
}
