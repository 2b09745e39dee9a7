package server

import (
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/session"
)

// Metrics are what INFO is made of, in the form that Prometheus scrapes. Nothing
// is counted for them: each scrape reads the counters that there are, so a
// command costs the same whether somebody scrapes or not.

// A metric is a row of the table of metrics.
type metric struct {
	name   string
	kind   prometheus.ValueType
	labels []string
	help   string
	read   func(*scrape, sink) // nil: the histograms of commands
	desc   *prometheus.Desc
}

// A sink takes a value of a metric, with one word for each of its labels.
type sink func(value float64, labels ...string)

const (
	counter = prometheus.CounterValue
	gauge   = prometheus.GaugeValue
)

// plain is a row without labels.
func plain(name string, kind prometheus.ValueType, help string, value func(*scrape) float64) metric {
	return metric{name: name, kind: kind, help: help, read: func(r *scrape, put sink) { put(value(r)) }}
}

// by is a row with one label.
func by(label, name string, kind prometheus.ValueType, help string, read func(*scrape, sink)) metric {
	return metric{name: name, kind: kind, help: help, labels: []string{label}, read: read}
}

// perCommand is a row with a value for each command that was called or rejected.
func perCommand(name, help string, value func(*session.CommandStats) float64) metric {
	return by("cmd", name, counter, help, func(r *scrape, put sink) {
		for i := range r.clients.ByCommand {
			put(value(&r.clients.ByCommand[i]), r.clients.ByCommand[i].Name)
		}
	})
}

// perDatabase is a row with a value for each database that has keys.
func perDatabase(name, help string, value func(keyspace.DBStats) float64) metric {
	return by("db", name, gauge, help, func(r *scrape, put sink) {
		for db, k := range r.keys.Keys {
			if k.Keys > 0 {
				put(value(k), strconv.Itoa(db))
			}
		}
	})
}

// perLoop is a row with a value for each event loop that has been used.
func perLoop(name string, kind prometheus.ValueType, help string, value func(evloop.LoopFigures) float64) metric {
	return by("loop", name, kind, help, func(r *scrape, put sink) {
		for i, f := range r.loops {
			if f.Active || f.Cycles > 0 {
				put(value(f), strconv.Itoa(i))
			}
		}
	})
}

// A scrape has the figures that metrics share.
type scrape struct {
	s       *Server
	now     time.Time
	clients session.Stats
	keys    keyspace.Stats
	memory  keyspace.Memory
	loops   []evloop.LoopFigures
	heap    goFigures
	usage   syscall.Rusage

	tracking session.TrackingStats
	used     int64
}

func (s *Server) newScrape() *scrape {
	r := &scrape{
		s: s, now: time.Now(), clients: s.hub.Stats(), keys: s.ks.Stats(), memory: s.ks.Memory(),
		loops: s.loops.Figures(), heap: goHeap(), used: s.usedMemory(), tracking: s.hub.Tracking(),
	}
	syscall.Getrusage(syscall.RUSAGE_SELF, &r.usage)
	s.notePeak(r.used)
	return r
}

// collector gives the metrics of the table to the library.
type collector struct{ s *Server }

// Describe names the metrics.
func (c collector) Describe(ch chan<- *prometheus.Desc) {
	for i := range metricTable {
		ch <- metricTable[i].desc
	}
}

// Collect reads all figures.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	r := c.s.newScrape()
	for i := range metricTable {
		m := &metricTable[i]
		if m.read == nil {
			collectLatency(c.s, m.desc, ch)
			continue
		}
		m.read(r, func(value float64, labels ...string) {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, value, labels...)
		})
	}
}

// collectLatency turns the histograms of commands into the library's.
func collectLatency(s *Server, desc *prometheus.Desc, ch chan<- prometheus.Metric) {
	for _, c := range s.hub.CommandHistograms() {
		buckets := make(map[float64]uint64, len(c.Below))
		for i, n := range c.Below {
			buckets[session.LatencyBound(i)] = uint64(n)
		}
		ch <- prometheus.MustNewConstHistogram(desc, uint64(c.Calls), c.Seconds, buckets, c.Name)
	}
}

// classNames are the values of the label class, by session.Class.
var classNames = [...]string{session.ClassNormal: "normal", session.ClassReplica: "replica",
	session.ClassPubSub: "pubsub", session.ClassMaster: "master"}

// goVersion is that of the compiler.
var goVersion = runtime.Version()
