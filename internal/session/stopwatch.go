package session

import (
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// stopwatch measures how long commands take, in runs of equal ones: the clock
// is read when the command changes, not for each.
type stopwatch struct {
	base  time.Time
	began time.Duration
	spec  *cmdspec.Spec // nil: stopped
	calls int64

	client *Client  // of the first call ...
	argv   [][]byte // ... and its words

	wary   int   // runs that are still to be measured command by command
	weight int64 // how many commands of a Local the one that is measured stands for; 0: itself
}

// A Local runs commands one at a time, in less time than it takes to read the clock
// twice. Where a single one takes little, it measures the first few, and then one in
// sampleEvery, which stands for the others.
const sampleEvery = 32

// sampled is how many calls the nth stands for, if it is one of those that are measured; else 0.
func sampled(n int64) int64 {
	switch {
	case n < sampleEvery:
		return 1
	case n%sampleEvery == 0:
		return sampleEvery
	}
	return 0
}

// skip counts a command that another stands for.
func (t *stopwatch) skip(w *Worker, spec *cmdspec.Spec) bool {
	calls := &w.stats.commands[spec.ID].calls
	t.weight = 1
	if w.noting != 0 || spec.Slow || t.wary > 0 {
		return false
	}
	if weight := sampled(calls.Load()); weight > 0 {
		t.weight = weight
		return false
	}
	calls.Add(1)
	w.stats.executed.Add(1)
	return true
}

// start notes that a command runs now.
func (t *stopwatch) start(w *Worker, c *Client, spec *cmdspec.Spec, argv [][]byte) {
	if t.spec == spec && w.noting == 0 {
		t.calls++
		return
	}
	if w.loop == nil && t.skip(w, spec) {
		return
	}
	now := time.Since(t.base)
	t.end(w, now)
	t.spec, t.calls, t.began, t.client, t.argv = spec, 1, now, c, argv
	if t.wary > 0 {
		t.wary--
		w.noting |= gateEach
	}
}

// stop ends the run. The time between runs belongs to no command.
func (t *stopwatch) stop(w *Worker) {
	if t.spec != nil {
		t.end(w, time.Since(t.base))
		t.spec, t.client, t.argv = nil, nil, nil
	}
}

// lap ends the run and returns how long it took, for whoever notes its last command.
func (t *stopwatch) lap(w *Worker) time.Duration {
	if t.spec == nil {
		return 0
	}
	now := time.Since(t.base)
	t.count(w, now)
	t.spec, t.client, t.argv = nil, nil, nil
	return now - t.began
}

// end counts the run. If it took long and was a single command, that is noted;
// if it was several, nobody knows which of them it was, but the next will be known.
func (t *stopwatch) end(w *Worker, now time.Duration) {
	if t.spec == nil {
		return
	}
	t.count(w, now)
	switch took := now - t.began; {
	case took <= tooLong:
	case t.calls == 1:
		w.hub.log(t.client, t.spec, t.argv, took)
	default:
		t.wary = wary
	}
}

func (t *stopwatch) count(w *Worker, now time.Duration) {
	took := now - t.began
	counters := &w.stats.commands[t.spec.ID]
	counters.calls.Add(t.calls)
	counters.measured(w.hub, took, t.calls, max(t.weight, 1))
	w.stats.executed.Add(t.calls)
	if took > tooLong {
		w.now = w.hub.now()
	}
}

// measured notes how long calls took, and stands for weight times as many: each of a run counts with the average.
func (c *commandCounters) measured(h *Hub, took time.Duration, calls, weight int64) {
	c.nanos.Add(int64(took) * weight)
	if h.settings.LatencyTracking.Load() {
		c.latency()[bucketOf(int64(took)/calls)].Add(calls * weight)
	}
}
