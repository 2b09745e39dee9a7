package latency

import (
	"strings"
	"testing"
	"time"
)

func TestSamplesOfOneSecondAreOne(t *testing.T) {
	var m Monitor
	m.add("x", Sample{10, 5})
	m.add("x", Sample{10, 9})
	m.add("x", Sample{10, 7})
	m.add("x", Sample{11, 1})
	if h := m.History("x"); len(h) != 2 || h[0] != (Sample{10, 9}) || h[1] != (Sample{11, 1}) {
		t.Errorf("history %v", h)
	}
	if l := m.Latest(); len(l) != 1 || l[0] != (Event{"x", Sample{11, 1}, 9}) {
		t.Errorf("latest %v", l)
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var m Monitor
	for i := range int64(1000) {
		m.add("x", Sample{i, 1000 - i})
	}
	h := m.History("x")
	if len(h) != kept || h[0].Time != 1000-kept || h[kept-1].Time != 999 {
		t.Errorf("%d samples from %v to %v", len(h), h[0], h[len(h)-1])
	}
	if m.Latest()[0].Max != 1000 {
		t.Error("the longest time is forgotten with its sample")
	}
}

func TestThreshold(t *testing.T) {
	var m Monitor
	m.Add("x", time.Hour)
	m.SetThreshold(10)
	m.Add("x", 9999*time.Microsecond)
	if m.History("x") != nil {
		t.Error("a short time is a sample, or the monitor was on")
	}
	m.Add("x", 10*time.Millisecond)
	if h := m.History("x"); len(h) != 1 || h[0].Millis != 10 {
		t.Errorf("history %v", h)
	}
	m.SetThreshold(1<<63 - 1)
	m.Add("y", time.Hour)
	if m.Reset("y") || !m.Reset("x") || m.Reset("x") || m.ResetAll() != 0 {
		t.Error("what Reset says is not so")
	}
	if n := testing.AllocsPerRun(100, func() { m.Add("x", time.Second) }); n != 0 {
		t.Errorf("%v allocations below the threshold", n)
	}
}

// The pictures are those of stock Redis for these samples.
func TestGraphAsStock(t *testing.T) {
	three := []Sample{{100, 51}, {101, 52}, {102, 53}}
	want := "command - high 53 ms, low 51 ms (all time high 53 ms)\n" + strings.Repeat("-", 80) + `
  #
 _|
 ||
_||
   
321
sss
`
	if got := draw("command", three, 53, 103); got != want {
		t.Errorf("got\n%s", got)
	}
	flat := "x - high 5 ms, low 5 ms (all time high 7 ms)\n" + strings.Repeat("-", 80) + "\n \n \n \n_\n \n1\n0\nm\n"
	if got := draw("x", []Sample{{0, 5}}, 7, 600); got != flat {
		t.Errorf("got\n%s", got)
	}
	if ages := age(59) + age(60) + age(3599) + age(3600) + age(86399) + age(86400) + age(-1); ages != "59s1m59m1h23h1d0s" {
		t.Error(ages)
	}
}

func TestReport(t *testing.T) {
	var m Monitor
	if r := m.Report(); !strings.Contains(r, "latency-monitor-threshold") {
		t.Error(r)
	}
	m.SetThreshold(20)
	if r := m.Report(); !strings.Contains(r, "20 ms") {
		t.Error(r)
	}
	m.add(EvictionDel, Sample{10, 30})
	m.add(EvictionDel, Sample{14, 50})
	r := m.Report()
	for _, part := range []string{"2 spikes", "40 ms on average", "deviation 10 ms", "one in 4.00 s", "maxmemory", "Longest ever: 50 ms"} {
		if !strings.Contains(r, part) {
			t.Errorf("%q is not in\n%s", part, r)
		}
	}
	if strings.Contains(r, "SLOWLOG") {
		t.Error("advice about what has not happened")
	}
}
