package session

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Stats are counters since start or ResetStats, and gauges of now.
type Stats struct {
	// INFO clients
	Clients, Blocked    int64
	WithTimeout         int64 // blocked clients that will time out
	Paused, InMulti     int64 // clients that wait for the end of a pause, that queue commands, ...
	Watching, Monitors  int64 // ... that watch keys, that see all commands, ...
	NoEvict             int64 // ... that are not evicted
	Classes             [classCount]ClassStats
	MaxInput, MaxOutput int64 // the largest input and output buffers of the last seconds
	// INFO stats
	Connections, Rejected int64 // total_connections_received, rejected_connections
	Commands              int64
	NetIn, NetOut         int64
	Reads, Writes         int64 // total_reads_processed, total_writes_processed
	OpsPerSec             int64
	InKbps, OutKbps       float64
	ErrorReplies          int64
	Slow                  LogTotals // slowlog_commands_*, microseconds
	Evicted               int64     // evicted_clients
	OutputKills           int64     // client_output_buffer_limit_disconnections
	QueryKills            int64     // client_query_buffer_limit_disconnections
	PauseKind             string    // "none", "write", "all"
	PauseLeft             int64     // milliseconds
	// INFO commandstats and errorstats
	ByCommand []CommandStats // those that were called or rejected
	ByError   []ErrorStats   // by code
}

// CommandStats are the counters of one command.
type CommandStats struct {
	Name             string // full name
	Calls, Micros    int64
	Rejected, Failed int64
}

// ErrorStats count the error replies of one code.
type ErrorStats struct {
	Code  string
	Count int64
}

// stats are the counters of one worker. Its thread alone adds to them, but for what a Glance of its Local took.
type stats struct {
	executed, netIn, netOut, reads, writes atomic.Int64
	commands                               []commandCounters // by Spec.ID
}

type commandCounters struct {
	calls, nanos, rejected, failed atomic.Int64
	nanosBy                        atomic.Pointer[histogram] // nil until the command was measured
}

// maxErrorCodes is how many codes are counted, each on its own. A script can make
// up as many as it likes: all others count as tooManyCodes.
const (
	maxErrorCodes = 128
	tooManyCodes  = "ERRORSTATS_OVERFLOW"
)

// errorCounts counts error replies by code. Errors are rare enough for a lock.
type errorCounts struct {
	mu    sync.Mutex
	codes map[string]int64
	total int64
}

func (e *errorCounts) count(text string) {
	code, _, _ := strings.Cut(text, " ")
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.codes == nil {
		e.codes = map[string]int64{}
	}
	if _, known := e.codes[code]; !known {
		if len(e.codes) >= maxErrorCodes {
			code = tooManyCodes
		}
		code = strings.Clone(code)
	}
	e.codes[code]++
	e.total++
}

func (e *errorCounts) list() (codes []ErrorStats, total int64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for code, n := range e.codes {
		codes = append(codes, ErrorStats{code, n})
	}
	slices.SortFunc(codes, func(a, b ErrorStats) int { return strings.Compare(a.Code, b.Code) })
	return codes, e.total
}

func (e *errorCounts) reset() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.codes, e.total = nil, 0
}

// retire forgets a worker, but not what it counted.
func (h *Hub) retire(w *Worker) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.workers = slices.DeleteFunc(h.workers, func(other *Worker) bool { return other == w })
	if h.retired == nil {
		h.retired = &Worker{hub: h}
		h.retired.stats.commands = make([]commandCounters, len(w.stats.commands))
		h.workers = append(h.workers, h.retired)
	}
	h.retired.stats.add(&w.stats)
}

// counters are all counters except those of commands.
func (s *stats) counters() [5]*atomic.Int64 {
	return [...]*atomic.Int64{&s.executed, &s.netIn, &s.netOut, &s.reads, &s.writes}
}

func (c *commandCounters) counters() [4]*atomic.Int64 {
	return [...]*atomic.Int64{&c.calls, &c.nanos, &c.rejected, &c.failed}
}

func (s *stats) add(other *stats) {
	from := other.counters()
	for i, n := range s.counters() {
		n.Add(from[i].Load())
	}
	for id := range s.commands {
		from := other.commands[id].counters()
		for i, n := range s.commands[id].counters() {
			n.Add(from[i].Load())
		}
		if h := other.commands[id].nanosBy.Load(); h != nil {
			s.commands[id].latency().add(h)
		}
	}
}

// Executed is the number of commands that were run.
func (h *Hub) Executed() int64 {
	n, _, _, _, _ := h.totals()
	return n
}

// LoopWork is what one event loop has done.
type LoopWork struct{ Reads, Writes int64 }

// LoopWork is that of all loops, by their index.
func (h *Hub) LoopWork() map[int]LoopWork {
	h.mu.Lock()
	defer h.mu.Unlock()
	work := map[int]LoopWork{}
	for _, w := range h.workers {
		if w.loop != nil {
			work[w.loop.Index()] = LoopWork{w.stats.reads.Load(), w.stats.writes.Load()}
		}
	}
	return work
}

// totals adds up the counters of all workers.
func (h *Hub) totals() (executed, netIn, netOut, reads, writes int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range h.workers {
		s := &w.stats
		executed += s.executed.Load()
		netIn += s.netIn.Load()
		netOut += s.netOut.Load()
		reads += s.reads.Load()
		writes += s.writes.Load()
	}
	executed += h.ks.Glances()
	return
}

// Stats adds up the counters of all workers and looks at all clients.
func (h *Hub) Stats() Stats {
	s := Stats{
		Connections: h.connections.Load(), Rejected: h.rejected.Load(),
		Evicted: h.eviction.evicted.Load(), OutputKills: h.outputKills.Load(), QueryKills: h.queryKills.Load(),
	}
	s.Commands, s.NetIn, s.NetOut, s.Reads, s.Writes = h.totals()
	s.OpsPerSec, s.InKbps, s.OutKbps = h.rates.now()
	s.ByError, s.ErrorReplies = h.errors.list()
	s.Slow = h.logs[LogSlow].totals()
	s.ByCommand = h.byCommand()
	s.PauseKind, s.PauseLeft = h.pause.state(unixMilli())
	s.MaxInput, s.MaxOutput = h.recentMax()
	for _, c := range h.snapshot() {
		s.addClient(c)
	}
	return s
}

// recentMax is the largest input and output buffers that the workers have seen lately.
func (h *Hub) recentMax() (input, output int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now() / 1000
	for _, w := range h.workers {
		in, out := w.recent.max(now)
		input, output = max(input, in), max(output, out)
	}
	return input, output
}

func (h *Hub) byCommand() (list []CommandStats) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, spec := range h.table.Specs() {
		sum := CommandStats{Name: spec.FullName}
		for _, w := range h.workers {
			n := &w.stats.commands[spec.ID]
			sum.Calls += n.calls.Load()
			sum.Micros += n.nanos.Load()
			sum.Rejected += n.rejected.Load()
			sum.Failed += n.failed.Load()
		}
		if spec == h.get {
			sum.Calls += h.ks.Glances()
		}
		sum.Micros /= 1000
		if sum.Calls+sum.Rejected+sum.Failed > 0 {
			list = append(list, sum)
		}
	}
	return list
}

// ResetStats zeroes what CONFIG RESETSTAT zeroes.
func (h *Hub) ResetStats() {
	h.errors.reset()
	h.logs[LogSlow].resetTotals()
	h.rates.reset()
	for _, n := range []*atomic.Int64{&h.connections, &h.rejected, &h.outputKills, &h.queryKills, &h.eviction.evicted} {
		n.Store(0)
	}
	h.ks.ResetGlances()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range h.workers {
		w.stats.reset()
	}
}

func (s *stats) reset() {
	for _, n := range s.counters() {
		n.Store(0)
	}
	for id := range s.commands {
		for _, n := range s.commands[id].counters() {
			n.Store(0)
		}
		s.commands[id].nanosBy.Store(nil)
	}
}
