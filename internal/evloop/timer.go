package evloop

import "time"

// Timer calls a function on its loop's thread at a time.
type Timer struct {
	at   time.Duration // on the loop's clock
	run  func()
	loop *Loop
	pos  int // in the heap; -1: not in it
}

// After calls f on the loop's thread when d has passed. Loop's thread only.
func (l *Loop) After(d time.Duration, f func()) *Timer {
	t := &Timer{at: l.clock + d, run: f, loop: l}
	l.timers.push(t)
	return t
}

// Stop prevents the call, if it has not happened yet. Thread of the timer's loop only.
func (t *Timer) Stop() {
	if t.pos >= 0 {
		t.loop.timers.remove(t.pos)
	}
}

// fireTimers calls what is due.
func (l *Loop) fireTimers() {
	for len(l.timers) > 0 && l.timers[0].at <= l.clock {
		t := l.timers[0]
		l.timers.remove(0)
		t.run()
	}
}

// timerHeap is a binary heap; the next timer is the first.
type timerHeap []*Timer

func (h *timerHeap) push(t *Timer) {
	t.pos = len(*h)
	*h = append(*h, t)
	h.up(t.pos)
}

func (h *timerHeap) remove(i int) {
	old := *h
	last := len(old) - 1
	old[i].pos = -1
	if i != last {
		old[i] = old[last]
		old[i].pos = i
	}
	old[last] = nil
	*h = old[:last]
	if i != last {
		h.down(i)
		h.up(i)
	}
}

func (h timerHeap) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if h[parent].at <= h[i].at {
			return
		}
		h.swap(i, parent)
		i = parent
	}
}

func (h timerHeap) down(i int) {
	for {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && h[child+1].at < h[child].at {
			child++
		}
		if h[i].at <= h[child].at {
			return
		}
		h.swap(i, child)
		i = child
	}
}

func (h timerHeap) swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].pos, h[j].pos = i, j
}
