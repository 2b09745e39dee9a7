//go:build linux

package main

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/benchmark"
)

// A work is one thing to measure on both servers.
type work struct {
	name    string              // what -run selects
	about   string              // what is done, for the report
	prepare func(*server) error // if set, one server of each kind serves all pairs, after this; if not, each run gets a fresh one
	run     func(*trial) (figures, error)
	pairs   int // if set, the most it takes
	rows    []row
}

// A trial is one run of a work on one server.
type trial struct {
	*server
	ours     bool
	duration time.Duration // of a load
	accesses int           // of an eviction run
	pair     int           // both runs of a pair see the same number
}

// figures are what a run measured, by name.
type figures = benchmark.Figures

// A row is one figure in the report.
type row struct {
	figure string
	title  string
	unit   unit
	target target
}

// Keys and values of the loads. 17-byte keys are those of the memory targets;
// the others have the form that redis-benchmark gives them.
const (
	million    = 1_000_000
	loadKey    = "key:000000######"
	counterKey = "counter:000000######"
	memoryKey  = "key:0000000######"
)

var (
	value64 = strings.Repeat("x", 64)
	set     = newRequest("SET", loadKey, value64)
	get     = newRequest("GET", loadKey)
	incr    = newRequest("INCR", counterKey)
)

var works = slices.Concat(stringWorks, typeWorks, tlsWorks, []*work{inProcess})

var stringWorks = []*work{
	{
		name: "set16", prepare: fillStrings, run: drive(load{Requests: []request{set}, Conns: 50, Depth: 16}),
		about: "SET of 64 B values to 1 M random keys, 50 clients, pipelines of 16",
		rows:  pipelined("SET, P=16"),
	}, {
		name: "get16", prepare: fillStrings, run: drive(load{Requests: []request{get}, Conns: 50, Depth: 16}),
		about: "GET of the same keys, all present, 50 clients, pipelines of 16",
		rows:  pipelined("GET, P=16"),
	}, {
		name: "incr16", prepare: fillCounters, run: drive(load{Requests: []request{incr}, Conns: 50, Depth: 16}),
		about: "INCR of 1 M random counters, all present, 50 clients, pipelines of 16",
		rows:  pipelined("INCR, P=16"),
	}, {
		name: "set1", prepare: fillStrings, run: drive(load{Requests: []request{set}, Conns: 50, Depth: 1}),
		about: "SET as above, 50 clients, one request at a time",
		rows:  unpipelined("SET, P=1"),
	}, {
		name: "get1", prepare: fillStrings, run: drive(load{Requests: []request{get}, Conns: 50, Depth: 1}),
		about: "GET as above, 50 clients, one request at a time",
		rows:  unpipelined("GET, P=1"),
	}, {
		name: "mixed1", prepare: fillStrings, run: drive(load{Requests: []request{set, get}, Conns: 50, Depth: 1}),
		about: "SET or GET at random, half and half, 50 clients, one request at a time",
		rows:  unpipelined("SET and GET mixed, P=1"),
	}, {
		name: "loops1", prepare: fillStrings, run: driveLoops(1),
		about: "GET, one request at a time, 1 client; loops active: io_threads_active of INFO in the middle of the run, and one; a thread is busy if it used over 5 % of a core",
		rows:  loops("GET, P=1, 1 client"),
	}, {
		name: "loops50", prepare: fillStrings, run: driveLoops(50),
		about: "the same with 50 clients",
		rows:  loops("GET, P=1, 50 clients"),
	}, {
		name: "loops1000", prepare: fillStrings, run: driveLoops(1000),
		about: "the same with 1,000 clients",
		rows:  loops("GET, P=1, 1,000 clients"),
	}, {
		name: "rss", pairs: 5, run: memoryPerKey("v#######"),
		about: "(RSS with 1 M keys of 17 B and values of 8 B, 3 s after the last SET - RSS of the empty server) / 1 M; values are text",
		rows:  []row{{"perkey", "RSS per key, text values", bytesUnit, noMoreThan(45)}},
	}, {
		name: "rssnum", pairs: 5, run: memoryPerKey("1#######"),
		about: "the same with values that are integers",
		rows:  []row{{"perkey", "RSS per key, integer values", bytesUnit, noMoreThan(45)}},
	}, {
		name: "start", pairs: 10, run: runStart,
		about: "from exec of the program to its first reply to PING, no data; size of the executable file",
		rows: []row{
			{"start", "start to first PONG", millis, noMoreThan(50)},
			{"rss", "RSS of the empty server", megabytes, target{}},
			{"size", "size of the binary", megabytes, noMoreThan(30)},
		},
	}, {
		name: "expire", pairs: 3, run: runExpire,
		about: "1 M keys expire in the same second while 20,000 GETs/s go to other keys, from 0.3 s before it for 3 s; a GET's latency counts from when it was due; before: the same GETs before there are such keys; gone: from that second until DBSIZE has only the other keys; idle: the same without GETs, first asked after 95 ms",
		rows: []row{
			{"p999", "1 M keys expire at once, GET p99.9", millis, noMoreThan(5)},
			{"max", "1 M keys expire at once, GET max", millis, target{}},
			{"calmP999", "1 M keys expire at once, GET p99.9 before", millis, target{}},
			{"calmMax", "1 M keys expire at once, GET max before", millis, target{}},
			{"gone", "1 M keys expire at once, gone after", millis, target{}},
			{"idle", "1 M keys expire at once on an idle server, gone after", millis, noMoreThan(100)},
		},
	}, {
		name: "idle", pairs: 5, run: runIdle,
		about: "(RSS with 10,000 connections that have sent one PING - RSS of the empty server), settled 5 s",
		rows:  []row{{"idle", "RSS of 10,000 idle connections", megabytes, noMoreThan(100)}},
	}, {
		name: "fanout", pairs: 5, run: runFanout,
		about: fanoutAbout,
		rows:  fanoutRows(),
	}, {
		name: "lru", pairs: 1, run: runEvict("allkeys-lru"),
		about: evictAbout,
		rows:  evictRows("allkeys-lru"),
	}, {
		name: "lfu", pairs: 1, run: runEvict("allkeys-lfu"),
		about: "the same with allkeys-lfu",
		rows:  evictRows("allkeys-lfu"),
	},
}

func pipelined(title string) []row { return loaded(title, 2) }

// loaded are the rows of a load, with the target of throughput; that of CPU follows from it.
func loaded(title string, times float64) []row {
	return []row{
		{"rps", title + ": requests/s", perSecond, timesAtLeast(times)},
		{"cpu", title + ": server CPU per request", nanos, timesAtMost(math.Round(100/times) / 100)},
		{"p50", title + ": p50", micros, target{}},
		{"p99", title + ": p99", micros, target{}},
		{"p999", title + ": p99.9", micros, target{}},
	}
}

func unpipelined(title string) []row {
	return []row{
		{"rps", title + ": requests/s", perSecond, timesAtLeast(1)},
		{"cpu", title + ": server CPU per request", nanos, timesAtMost(0.9)},
		{"p50", title + ": p50", micros, target{}},
		{"p99", title + ": p99", micros, target{}},
		{"p999", title + ": p99.9", micros, timesAtMost(1)},
	}
}

func loops(title string) []row {
	return []row{
		{"active", title + ": loops active by INFO", count, target{}},
		{"busy", title + ": busy threads", count, target{}},
		{"rps", title + ": requests/s", perSecond, target{}},
		{"cpu", title + ": server CPU per request", nanos, target{}},
		{"p999", title + ": p99.9", micros, target{}},
	}
}

func fillStrings(s *server) error {
	return fill(s, newRequest("SET", loadKey, value64), million)
}

// fillCounters leaves every counter at a number of six digits, so that a run
// does not change its length.
func fillCounters(s *server) error {
	return fill(s, newRequest("SET", counterKey, "1#####"), million)
}

// fill sends the request once for every index below n.
func fill(s *server, r request, n int) error {
	return fillOver(s, r, n, 20)
}

func fillOver(s *server, r request, n, conns int) error { return fillFrom(s, r, 0, n, conns) }

// fillFrom sends the request once for each of n indexes from first on.
func fillFrom(s *server, r request, first, n, conns int) error {
	g, err := open(s.port, load{Requests: []request{r}, Conns: conns, Depth: 50, Keys: n, First: first, InOrder: true})
	if err != nil {
		return err
	}
	defer g.Close()
	_, err = g.Drive(0)
	return err
}

const warmUp = 200 * time.Millisecond

func drive(l load) func(*trial) (figures, error) {
	return func(t *trial) (figures, error) {
		f, _, err := t.measure(l)
		return f, err
	}
}

// measure drives a load on keys that all exist.
func (t *trial) measure(l load) (figures, *benchmark.Tally, error) {
	l.Keys = million
	g, err := open(t.port, l)
	if err != nil {
		return nil, nil, err
	}
	defer g.Close()
	if _, err := g.Drive(warmUp); err != nil {
		return nil, nil, err
	}
	before, err := t.readClocks()
	if err != nil {
		return nil, nil, err
	}
	done, err := g.Drive(t.duration)
	if err != nil {
		return nil, nil, err
	}
	after, err := t.readClocks()
	if err == nil && done.Nulls > 0 {
		err = fmt.Errorf("%d of %d keys that exist were not found", done.Nulls, done.Requests)
	}
	return loadFigures(done, after.server-before.server, after.machine-before.machine), done, err
}

type clocks struct{ server, machine time.Duration }

func (t *trial) readClocks() (c clocks, err error) {
	if c.server, err = processCPU(t.process.Pid); err != nil {
		return c, err
	}
	c.machine, err = machineCPU()
	return c, err
}

func loadFigures(t *benchmark.Tally, server, machine time.Duration) figures {
	available := t.Elapsed * time.Duration(runtime.NumCPU())
	return figures{
		"rps":    t.PerSecond(),
		"cpu":    float64(server) / float64(t.Requests),
		"client": float64(t.ClientCPU) / float64(t.Requests),
		"p50":    float64(t.Latency.Quantile(0.5)) / 1e3,
		"p99":    float64(t.Latency.Quantile(0.99)) / 1e3,
		"p999":   float64(t.Latency.Quantile(0.999)) / 1e3,
		"others": max(0, float64(machine-server-t.ClientCPU)/float64(available)) * 100,
	}
}

// driveLoops also counts the threads that took part: as the server itself says
// in the middle of the load, and as the kernel saw it.
func driveLoops(clients int) func(*trial) (figures, error) {
	return func(t *trial) (figures, error) {
		before, err := threadTimes(t.process.Pid)
		if err != nil {
			return nil, err
		}
		active := t.askActiveLoops(warmUp + t.duration/2)
		f, done, err := t.measure(load{Requests: []request{get}, Conns: clients, Depth: 1})
		told := <-active
		if err = errors.Join(err, told.err); err != nil {
			return nil, err
		}
		after, err := threadTimes(t.process.Pid)
		f["active"], f["busy"] = told.loops, 0
		for thread, cpu := range after {
			if cpu-before[thread] > done.Elapsed/20 {
				f["busy"]++
			}
		}
		return f, err
	}
}

type activeLoops struct {
	loops float64
	err   error
}

// askActiveLoops asks INFO after a while. io_threads_active leaves out the
// thread that is always there.
func (t *trial) askActiveLoops(after time.Duration) <-chan activeLoops {
	answer := make(chan activeLoops, 1)
	time.AfterFunc(after, func() {
		text, err := t.info("server", "io_threads_active")
		n, err2 := strconv.Atoi(text)
		answer <- activeLoops{float64(n + 1), errors.Join(err, err2)}
	})
	return answer
}

// How long a server gets to return memory it no longer needs. Stock takes the
// buffers of idle connections back after 2 s, in rounds of a second.
const (
	settleKeys  = 3 * time.Second
	settleConns = 5 * time.Second
)

// memoryPer measures what each of n requests adds.
func memoryPer(r request, n int) func(*trial) (figures, error) {
	return func(t *trial) (figures, error) {
		grown, err := t.growth(settleKeys, func() error { return fill(t.server, r, n) })
		return figures{"each": grown / float64(n)}, err
	}
}

func memoryPerKey(value string) func(*trial) (figures, error) {
	return func(t *trial) (figures, error) {
		grown, err := t.growth(settleKeys, func() error {
			return fill(t.server, newRequest("SET", memoryKey, value), million)
		})
		return figures{"perkey": grown / million}, err
	}
}

// growth is by how much RSS grows when something is done and has settled.
func (t *trial) growth(settle time.Duration, do func() error) (float64, error) {
	empty, err := residentBytes(t.process.Pid)
	if err != nil {
		return 0, err
	}
	if err := do(); err != nil {
		return 0, err
	}
	time.Sleep(settle) // the figure is defined so
	full, err := residentBytes(t.process.Pid)
	return full - empty, err
}

func runStart(t *trial) (figures, error) {
	rss, err := residentBytes(t.process.Pid)
	return figures{
		"start": t.started.Seconds() * 1e3,
		"rss":   rss / 1e6,
		"size":  float64(t.binarySize) / 1e6,
	}, err
}

func runIdle(t *trial) (figures, error) {
	const n = 10_000
	var g *benchmark.Generator
	grown, err := t.growth(settleConns, func() (err error) {
		g, err = open(t.port, load{Requests: []request{newRequest("PING")}, Conns: n, Depth: 1, Keys: n, InOrder: true})
		if err == nil {
			_, err = g.Drive(0)
		}
		return err
	})
	if g != nil {
		g.Close()
	}
	return figures{"idle": grown / 1e6}, err
}
