package evloop

import (
	"testing"
	"time"
)

// A loop ticks at once again when something happens during its rest.
func TestRest(t *testing.T) {
	g := &Group{look: make(chan struct{}, 1)}
	g.options.NewHandler = func(l *Loop) Handler { return &echo{loop: l} }
	l, err := newLoop(g, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.poller.close()
	l.clock = 0
	l.armTick(tickEvery)
	for _, step := range []struct {
		at    time.Duration
		mail  bool          // something happens
		next  time.Duration // when it ticks next
		looks bool          // whether the controller is woken
	}{
		{at: 50 * time.Millisecond, mail: true, next: tickEvery},
		{at: tickEvery, next: 2 * tickEvery, looks: true},
		{at: 2 * tickEvery, next: 2*tickEvery + restEvery, looks: true}, // it was busy until a moment ago
		{at: 2*tickEvery + restEvery, next: 2*tickEvery + 2*restEvery},
		{at: 5*tickEvery + restEvery, mail: true, next: 6*tickEvery + restEvery, looks: true}, // overdue: at once
		{at: 6*tickEvery + restEvery, next: 6*tickEvery + 2*restEvery, looks: true},
	} {
		l.clock = step.at
		if step.mail {
			l.Post(func() {})
		}
		l.turn()
		looks := len(g.look) > 0
		if looks {
			<-g.look
		}
		if l.timers[0].at != step.next || looks != step.looks {
			t.Errorf("at %v: it ticks next at %v, want %v; the controller looks: %v", step.at, l.timers[0].at, step.next, looks)
		}
	}
}
