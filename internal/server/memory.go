package server

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/commands"
)

// allocatorName is what INFO and --version call the allocator.
const allocatorName = "redstart-arena"

// memoryFigures are what is remembered about memory from one sample to the next.
type memoryFigures struct {
	base    int64 // the Go heap when the server was ready
	startup int64 // used then
	peak    atomic.Int64
}

// sampleInterval is how often the peak is looked at, besides each INFO and
// MEMORY. Ten times a second, as in Redis's cron, was half of what an idle
// server cost.
const sampleInterval = time.Second

// sampleMemory keeps the peak until the returned function is called. The Go heap that
// the server starts with counts against maxmemory as a constant: a limit that moved with
// each collection would refuse commands for garbage. A first collection makes it known.
func (s *Server) sampleMemory() (stop func()) {
	if !s.guest { // whose heap is another's
		runtime.GC()
		s.memory.base = goHeap().live
	}
	s.ks.Settings.Overhead.Add(s.memory.base) // to what clients take
	s.memory.startup = s.usedMemory()
	done := make(chan struct{})
	s.tasks.Go(func() {
		tick := time.NewTicker(sampleInterval)
		defer tick.Stop()
		var t trimmer
		for {
			select {
			case <-tick.C:
				s.notePeak(s.usedMemory())
				s.ks.NoteExceeded(s.ks.Clock.UnixMilli())
				if !s.guest {
					t.look(s.hub.Executed())
				}
			case <-done:
				return
			}
		}
	})
	return func() { close(done) }
}

// trimmer gives what the Go heap does not need back to the system when work
// has come to rest. The runtime would take minutes: it collects by what is
// allocated, and nothing is.
type trimmer struct {
	executed int64 // commands at the last look
	trimmed  int64 // and at the last trim
}

// busyEnough is how many commands leave something to trim.
const busyEnough = 10_000

func (t *trimmer) look(executed int64) {
	rests := executed == t.executed
	t.executed = executed
	if rests && executed-t.trimmed >= busyEnough {
		t.trimmed = executed
		debug.FreeOSMemory()
	}
}

func (s *Server) notePeak(used int64) {
	for {
		peak := s.memory.peak.Load()
		if used <= peak || s.memory.peak.CompareAndSwap(peak, used) {
			return
		}
	}
}

// usedMemory is what INFO calls used_memory, and what maxmemory limits: what is
// allocated in the arenas, what clients take, and the Go heap that the server started with.
func (s *Server) usedMemory() int64 {
	return s.ks.Used() + s.memory.base + s.clientMemory() + s.hub.Tracking().Bytes
}

// clientMemory is what clients take: their structs and their buffers.
func (s *Server) clientMemory() int64 { return s.hub.Memory() + s.loops.Memory() }

// goFigures are bytes of the Go runtime.
type goFigures struct {
	live  int64 // of the objects that the last collection found alive
	total int64 // all that the runtime has mapped and not given back
}

func goHeap() goFigures {
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(samples)
	return goFigures{
		live:  int64(samples[0].Value.Uint64()),
		total: int64(samples[1].Value.Uint64() - samples[2].Value.Uint64()),
	}
}

// process is what MEMORY tells of the process.
func (s *Server) process() commands.Process {
	used := s.usedMemory()
	s.notePeak(used)
	return commands.Process{
		Used: used, Peak: s.memory.peak.Load(), Startup: s.memory.startup, RSS: residentBytes(), Clients: s.clientMemory(),
	}
}

// applyClientLimit hands maxmemory-clients to the sessions; a percentage is one of maxmemory, and no limit without one.
func applyClientLimit(s *Server) error {
	limit := s.num("maxmemory-clients")
	if limit < 0 {
		limit = int64(float64(s.num("maxmemory")) * float64(-limit) / 100)
	}
	s.hub.SetClientLimit(limit)
	return nil
}
