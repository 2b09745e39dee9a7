// Package latency remembers when something took long.
//
// Terms. An event is a kind of work that others may have to wait for: a command,
// a slice of background work. A sample is the longest time that an event took
// within one second, if that reached the threshold. Of each event the last 160
// samples are kept, and the longest time ever.
//
// Add is called for everything that might have taken long: below the threshold
// it is one load.
package latency

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// The events.
const (
	Command           = "command"            // one of those whose time depends on data
	FastCommand       = "fast-command"       // one of the others
	CommandUnblocking = "command-unblocking" // a command that waited is run for its client
	ExpireCycle       = "expire-cycle"       // a shard is locked to remove keys whose time has passed
	EvictionCycle     = "eviction-cycle"     // a command waits until others' keys are evicted
	EvictionDel       = "eviction-del"       // one key is evicted
	ReclaimCycle      = "reclaim-cycle"      // a shard is locked to free what was deleted
	HousekeepingCycle = "housekeeping-cycle" // a shard is locked to give back memory
)

// kept is how many samples are kept of an event.
const kept = 160

// Sample is the longest that an event took in one second.
type Sample struct{ Time, Millis int64 } // Unix seconds; milliseconds

// Event is what happened last.
type Event struct {
	Name string
	Last Sample
	Max  int64 // milliseconds, ever
}

// Monitor keeps the samples. The zero Monitor is off.
type Monitor struct {
	threshold atomic.Int64 // nanoseconds; 0: off
	mu        sync.Mutex   // guards what follows
	events    map[string]*series
}

type series struct {
	samples []Sample // the oldest first
	max     int64
}

// SetThreshold sets how many milliseconds are long; 0 turns the monitor off.
func (m *Monitor) SetThreshold(millis int64) {
	m.threshold.Store(min(millis, int64(time.Duration(1<<63-1)/time.Millisecond)) * int64(time.Millisecond))
}

// On says whether the monitor is on.
func (m *Monitor) On() bool { return m.threshold.Load() != 0 }

// Add notes how long an event took. Any thread, under any lock.
func (m *Monitor) Add(event string, took time.Duration) {
	if limit := m.threshold.Load(); limit != 0 && int64(took) >= limit {
		m.add(event, Sample{time.Now().Unix(), took.Milliseconds()})
	}
}

func (m *Monitor) add(event string, s Sample) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.events == nil {
		m.events = map[string]*series{}
	}
	e := m.events[event]
	if e == nil {
		e = &series{}
		m.events[event] = e
	}
	e.max = max(e.max, s.Millis)
	if n := len(e.samples); n > 0 && e.samples[n-1].Time == s.Time {
		e.samples[n-1].Millis = max(e.samples[n-1].Millis, s.Millis)
		return
	}
	if len(e.samples) == kept {
		e.samples = append(e.samples[:0], e.samples[1:]...)
	}
	e.samples = append(e.samples, s)
}

// Latest is what happened last of each event, by name.
func (m *Monitor) Latest() (list []Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for name, e := range m.events {
		list = append(list, Event{name, e.samples[len(e.samples)-1], e.max})
	}
	slices.SortFunc(list, func(a, b Event) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// History is the samples of an event, the oldest first.
func (m *Monitor) History(event string) []Sample {
	m.mu.Lock()
	defer m.mu.Unlock()
	if e := m.events[event]; e != nil {
		return slices.Clone(e.samples)
	}
	return nil
}

// Reset forgets an event and says whether there was anything to forget.
func (m *Monitor) Reset(event string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, there := m.events[event]
	delete(m.events, event)
	return there
}

// ResetAll forgets everything and returns how many events there were.
func (m *Monitor) ResetAll() (n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n = len(m.events)
	clear(m.events)
	return n
}
