package cli

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/client"
)

// latencies are what --latency samples. Figures are whole milliseconds, as
// ever, unless there are percentiles.
type latencies struct {
	min, max, sum time.Duration
	count         int64
	percentiles   []string
	samples       *histogram // of microseconds; nil: no percentiles
}

// latencyBits are three digits.
const latencyBits = 11

func newLatencies(percentiles []string) *latencies {
	l := &latencies{percentiles: percentiles}
	if len(percentiles) > 0 {
		l.samples = newHistogram(latencyBits)
	}
	return l
}

func (l *latencies) add(d time.Duration) {
	if l.samples == nil {
		d = d.Truncate(time.Millisecond)
	} else {
		l.samples.add(d.Microseconds())
	}
	if l.count == 0 || d < l.min {
		l.min = d
	}
	l.max = max(l.max, d)
	l.sum += d
	l.count++
}

// figures are min, max, avg and the percentiles, in milliseconds.
func (l *latencies) figures() (least, most, average string, percentiles []string) {
	ms := func(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
	mean := ms(l.sum) / float64(max(l.count, 1))
	if l.samples == nil {
		return fmt.Sprint(l.min.Milliseconds()), fmt.Sprint(l.max.Milliseconds()), fmt.Sprintf("%.2f", mean), nil
	}
	for _, p := range l.percentiles {
		f, _ := strconv.ParseFloat(p, 64) // was checked
		percentiles = append(percentiles, fmt.Sprintf("%.3f", float64(l.samples.percentile(f))/1000))
	}
	return fmt.Sprintf("%.3f", ms(l.min)), fmt.Sprintf("%.3f", ms(l.max)), fmt.Sprintf("%.3f", mean), percentiles
}

// format is the figures as the output has them; for a person there is no line end.
func (l *latencies) format(o output) string {
	least, most, average, percentiles := l.figures()
	named := make([]string, len(percentiles))
	switch o {
	case outputTTY:
		for i, p := range percentiles {
			named[i] = fmt.Sprintf(", p%s: %s", l.percentiles[i], p)
		}
		return fmt.Sprintf("min: %s, max: %s, avg: %s (%d samples)%s", least, most, average, l.count, strings.Join(named, ""))
	case outputJSON:
		for i, p := range percentiles {
			named[i] = fmt.Sprintf("%q: %s", l.percentiles[i], p)
		}
		more := ""
		if len(named) > 0 {
			more = `, "percentiles": {` + strings.Join(named, ", ") + "}"
		}
		return fmt.Sprintf(`{"min": %s, "max": %s, "avg": %s, "count": %d%s}`+"\n", least, most, average, l.count, more)
	case outputQuotedJSON: // Redis prints nothing
		return ""
	}
	separator := " "
	if o == outputCSV {
		separator = ","
	}
	return strings.Join(append([]string{least, most, average, fmt.Sprint(l.count)}, percentiles...), separator) + "\n"
}

// setPercentiles takes a list of numbers from 0 to 100, with commas between them.
func setPercentiles(c *config, v string) error {
	for p := range strings.SplitSeq(v, ",") {
		f, err := strconv.ParseFloat(p, 64)
		if err != nil || !(f >= 0 && f <= 100) {
			return fmt.Errorf("Invalid percentile for --latency-percentiles: '%s'", p)
		}
		c.percentiles = append(c.percentiles, p)
	}
	return nil
}

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
	if stretch == 0 && history {
		stretch = historyEvery
	} else if stretch == 0 {
		stretch = latencyOneShot
	}
	l := newLatencies(a.percentiles)
	for began := time.Now(); ; time.Sleep(pingEvery) { // the rate of the samples
		took, err := a.ping()
		if err != nil {
			return err
		}
		l.add(took)
		over := time.Since(began) > stretch
		switch {
		case a.output == outputTTY:
			fmt.Fprint(a.out, "\x1b[0G\x1b[2K"+l.format(a.output))
		case history || over:
			fmt.Fprint(a.out, l.format(a.output))
		}
		switch {
		case over && history:
			fmt.Fprintf(a.out, " -- %.2f seconds range\n", time.Since(began).Seconds())
			l, began = newLatencies(a.percentiles), time.Now()
		case over && a.output != outputTTY:
			return nil
		}
	}
}

// ping is how long a PING takes. What the server says to it does not matter.
func (a *app) ping() (time.Duration, error) {
	sent := time.Now()
	_, err := a.insist("PING")
	return time.Since(sent), err
}

const reconnectEvery = time.Second

// insist runs a command; when the connection is gone, it waits for another for as long as it takes.
func (a *app) insist(args ...string) (r client.Reply, err error) {
	tries := 0
	for {
		if a.session.conn != nil {
			r, err = a.session.conn.Do(args...)
			var network net.Error
			if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.As(err, &network) {
				return r, errors.New("Error: " + readError(err))
			}
		}
		if a.session.conn != nil && err == nil {
			if tries > 0 {
				fmt.Fprint(a.out, "\r\x1b[0K")
			}
			return r, nil
		}
		tries++
		fmt.Fprintf(a.out, "\r\x1b[0KReconnecting... %d\r", tries)
		_ = a.session.connect()
		time.Sleep(reconnectEvery) // the server may need it to come up
	}
}

// runIntrinsic measures how long the system keeps a program that only counts from running.
func runIntrinsic(a *app) int {
	const work = 64 // turns of a small loop between two looks at the clock
	a.catchInterrupt()
	progress := a.newBar(int64(a.intrinsic/time.Second), "seconds")
	var worst, runs, shown int64
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
		passed := now.Sub(began)
		if done := int64(passed / time.Second); progress != nil && done > shown { // not the work's time
			progress.show(done)
			shown, last = done, time.Now()
		}
		if passed >= a.intrinsic || a.stopped() {
			progress.clear()
			each := passed.Seconds() * 1e6 / float64(runs)
			fmt.Fprintf(a.out, "\n%d total runs (avg latency: %.4f microseconds / %.2f nanoseconds per run).\n", runs, each, each*1e3)
			fmt.Fprintf(a.out, "Worst run took %.0fx longer than the average latency.\n", math.Floor(float64(worst)/each))
			return 0
		}
		_ = sink
	}
}
