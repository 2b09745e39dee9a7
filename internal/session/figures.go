package session

import "sync/atomic"

// What the operator sees of clients and commands: INFO, and the metrics.

// ClassStats describe the clients of one class.
type ClassStats struct {
	Clients, Memory int64
}

// addClient counts a client in the gauges.
func (s *Stats) addClient(c *Client) {
	s.Clients++
	class := &s.Classes[c.class()]
	class.Clients++
	class.Memory += c.memory()
	wait := c.pub.blocked.Load()
	paused := c.pub.paused.Load()
	for _, state := range []struct {
		is    bool
		count *int64
	}{
		{wait != nil || paused, &s.Blocked},
		{wait != nil && wait.deadline > 0, &s.WithTimeout},
		{paused, &s.Paused},
		{c.pub.queued.Load() >= 0, &s.InMulti},
		{c.pub.watching.Load() > 0, &s.Watching},
		{c.pub.monitor.Load(), &s.Monitors},
		{c.pub.noEvict.Load(), &s.NoEvict},
	} {
		if state.is {
			*state.count++
		}
	}
	b := c.buffers()
	s.MaxInput = max(s.MaxInput, b.Input)
	s.MaxOutput = max(s.MaxOutput, b.Output)
}

// recent is the largest buffers that were seen in the last seconds: those that are
// large only for a moment are what makes clients expensive. One slot per second is
// written by the thread of the worker that has it.
type recent [recentSlots]struct {
	second        atomic.Int64
	input, output atomic.Int64
}

const recentSlots = 8

// note keeps the buffers of a client in the slot of now, Unix seconds.
func (r *recent) note(now int64, c *Client) {
	s := &r[now%recentSlots]
	if s.second.Load() != now {
		s.second.Store(now)
		s.input.Store(0)
		s.output.Store(0)
	}
	b := c.buffers()
	if b.Input > s.input.Load() {
		s.input.Store(b.Input)
	}
	if b.Output > s.output.Load() {
		s.output.Store(b.Output)
	}
}

// max is the largest of the last seconds.
func (r *recent) max(now int64) (input, output int64) {
	for i := range r {
		if s := &r[i]; now-s.second.Load() < recentSlots {
			input, output = max(input, s.input.Load()), max(output, s.output.Load())
		}
	}
	return input, output
}

// LatencyBuckets is how many buckets a CommandHistogram has; bucket i counts
// calls that took less than LatencyBound(i).
const LatencyBuckets = latencyBits - firstBound

const firstBound = 10 // 2^10 ns is about a microsecond

// LatencyBound is the upper end of a bucket in seconds: about a microsecond, and twice that of the one before.
func LatencyBound(i int) float64 { return float64(int64(1)<<(firstBound+i)) / 1e9 }

// CommandHistogram is how long the calls of a command took.
type CommandHistogram struct {
	Name    string
	Calls   int64 // that were measured
	Seconds float64
	Below   [LatencyBuckets]int64 // calls that took less than LatencyBound
}

// CommandHistograms looks at the histograms of all workers; commands that were not measured are left out.
func (h *Hub) CommandHistograms() (list []CommandHistogram) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var sum [len(histogram{})]int64
	for _, spec := range h.table.Specs() {
		clear(sum[:])
		c := CommandHistogram{Name: spec.FullName}
		nanos := int64(0)
		for _, w := range h.workers {
			n := &w.stats.commands[spec.ID]
			nanos += n.nanos.Load()
			c.Calls += n.addTo(&sum)
		}
		if c.Calls == 0 {
			continue
		}
		c.Seconds = float64(nanos) / 1e9
		calls, next := int64(0), 0
		for i := range c.Below {
			for end := bucketOf(1 << (firstBound + i)); next < end; next++ {
				calls += sum[next]
			}
			c.Below[i] = calls
		}
		list = append(list, c)
	}
	return list
}
