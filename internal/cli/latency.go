package cli

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// latencies are what --latency samples, in milliseconds, rounded down.
type latencies struct {
	min, max, sum, count int64
}

func (l *latencies) add(ms int64) {
	if l.count == 0 || ms < l.min {
		l.min = ms
	}
	l.max = max(l.max, ms)
	l.sum += ms
	l.count++
}

func (l *latencies) average() float64 { return float64(l.sum) / float64(max(l.count, 1)) }

const (
	pingEvery      = 10 * time.Millisecond
	historyEvery   = 15 * time.Second
	latencyOneShot = time.Second // for who is not a person
)

func runLatency(a *app) int        { return a.connected(func() error { return a.latency(false) }) }
func runLatencyHistory(a *app) int { return a.connected(func() error { return a.latency(true) }) }

// latency sends PINGs. A person sees the figures change, for ever or in
// stretches of the interval; a program gets one line.
func (a *app) latency(history bool) error {
	stretch := a.interval
	if a.output != outputTTY {
		if stretch == 0 {
			stretch = latencyOneShot
		}
	} else if history && stretch == 0 {
		stretch = historyEvery
	}
	var l latencies
	for began := time.Now(); ; time.Sleep(pingEvery) { // the rate of the samples
		sent := time.Now()
		if err := a.ping(); err != nil {
			return err
		}
		l.add(time.Since(sent).Milliseconds())
		over := stretch > 0 && time.Since(began) > stretch
		switch {
		case a.output == outputTTY:
			fmt.Fprintf(a.out, "\x1b[0G\x1b[2Kmin: %d, max: %d, avg: %.2f (%d samples)", l.min, l.max, l.average(), l.count)
			if history && over {
				fmt.Fprintf(a.out, " -- %.2f seconds range\n", time.Since(began).Seconds())
				l, began = latencies{}, time.Now()
			}
		case over && a.output == outputCSV:
			fmt.Fprintf(a.out, "%d,%d,%.2f,%d\n", l.min, l.max, l.average(), l.count)
			return nil
		case over:
			fmt.Fprintf(a.out, "%d %d %.2f %d\n", l.min, l.max, l.average(), l.count)
			return nil
		}
	}
}

func (a *app) ping() error {
	r, err := a.session.conn.Do("PING")
	if err != nil {
		return errors.New("Error: " + readError(err))
	}
	if r.IsError() {
		return fmt.Errorf("%s", r.Text)
	}
	return nil
}

// runIntrinsic measures how long the system keeps a program that only counts from running.
func runIntrinsic(a *app) int {
	const work = 64 // turns of a small loop between two looks at the clock
	var worst, runs int64
	began := time.Now()
	last := began
	for sink := 0; ; {
		for i := range work {
			sink += i * i
		}
		now := time.Now()
		gap := now.Sub(last).Microseconds()
		last = now
		runs++
		if gap > worst {
			worst = gap
			fmt.Fprintf(a.out, "Max latency so far: %d microseconds.\n", worst)
		}
		if passed := now.Sub(began); passed >= a.intrinsic {
			each := passed.Seconds() * 1e6 / float64(runs)
			fmt.Fprintf(a.out, "\n%d total runs (avg latency: %.4f microseconds / %.2f nanoseconds per run).\n", runs, each, each*1e3)
			fmt.Fprintf(a.out, "Worst run took %.0fx longer than the average latency.\n", math.Floor(float64(worst)/each))
			return 0
		}
		_ = sink
	}
}
