package benchmark

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// progressEvery is how often it is shown.
const progressEvery = 250 * time.Millisecond

// A reporter prints what comes of the tests, in the form of redis-benchmark or in ours.
type reporter struct {
	*app
	last int // characters of the line of progress that is to be covered
	rows [][]string
}

func newReporter(a *app) *reporter { return &reporter{app: a} }

func (r *reporter) begin() {
	if r.output == outputCSV {
		fmt.Fprintln(r.out, `"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"`)
	}
}

// end is after a round of tests. A command has no empty line after it.
func (r *reporter) end() {
	switch r.output {
	case outputTable:
		WriteTable(r.out, append([][]string{tableHeadings}, r.rows...))
		r.rows = nil
	case outputReport, outputQuiet:
		if len(r.args) == 0 {
			fmt.Fprintln(r.out)
		}
	}
}

// follow shows the progress until stop is called.
func (r *reporter) follow(p *plan, g *Generator) (stop func()) {
	if r.output != outputReport && r.output != outputQuiet || r.versus != "" {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(progressEvery)
		defer ticker.Stop()
		began, at := time.Now(), time.Now()
		requests, latency := 0, time.Duration(0)
		for {
			select {
			case <-quit:
				return
			case now := <-ticker.C:
				n, l := g.Progress()
				r.showProgress(p.title, float64(n-requests)/now.Sub(at).Seconds(), float64(n)/now.Sub(began).Seconds(),
					meanMillis(l-latency, n-requests), meanMillis(l, n))
				requests, latency, at = n, l, now
			}
		}
	}()
	return func() {
		close(quit)
		<-done
	}
}

func meanMillis(sum time.Duration, n int) float64 { return float64(sum) / 1e6 / float64(max(n, 1)) }

func (r *reporter) showProgress(title string, now, overall, latency, latencyOverall float64) {
	fmt.Fprintf(r.out, "%*s\r", r.last, " ")
	r.last, _ = fmt.Fprintf(r.out, "%s: rps=%.1f (overall: %.1f) avg_msec=%.3f (overall: %.3f)\r", title, now, overall, latency, latencyOverall)
}

// tell prints an outcome.
func (r *reporter) tell(o *outcome) {
	switch r.output {
	case outputReport:
		fmt.Fprintf(r.out, "%*s\r", r.last, " ")
		r.tellReport(o)
	case outputQuiet:
		fmt.Fprintf(r.out, "%*s\r", r.last, " ")
		for i, part := range o.parts() {
			fmt.Fprintf(r.out, "%s%s: %.2f requests per second, p50=%.3f msec\n", indent(i), part.title, part.rate, millis(part.latency.Quantile(0.5)))
		}
	case outputCSV:
		for _, part := range o.parts() {
			l := part.latency
			fmt.Fprintf(r.out, "\"%s\",\"%.2f\",\"%.3f\",\"%.3f\",\"%.3f\",\"%.3f\",\"%.3f\",\"%.3f\"\n", part.title, part.rate,
				l.Mean()/1e6, millis(l.Min()), millis(l.Quantile(0.5)), millis(l.Quantile(0.95)), millis(l.Quantile(0.99)), millis(l.Max()))
		}
	case outputJSON:
		r.tellJSON(o)
	case outputTable:
		r.rows = append(r.rows, o.rows()...)
	}
	r.last = 0
}

func indent(i int) string {
	if i > 0 {
		return "  "
	}
	return ""
}

func millis(ns int64) float64 { return float64(ns) / 1e6 }

// A part of an outcome is all of it, or what one command of a mix had.
type part struct {
	title   string
	rate    float64
	latency *Histogram
}

// parts are the whole and then, of a mix, its commands.
func (o *outcome) parts() []part {
	parts := []part{{o.title, o.PerSecond(), o.Latency}}
	for i, title := range o.classes {
		h := o.ByClass[i]
		parts = append(parts, part{title, float64(h.Total()) / max(o.Elapsed.Seconds(), 1e-9), h})
	}
	return parts
}

func (r *reporter) tellReport(o *outcome) {
	w := r.out
	fmt.Fprintf(w, "====== %s ======\n", o.title)
	fmt.Fprintf(w, "  %d requests completed in %.2f seconds\n", o.Requests, o.Elapsed.Seconds())
	fmt.Fprintf(w, "  %d parallel clients\n", r.conns)
	fmt.Fprintf(w, "  %s bytes payload\n", r.payloadText(o.plan))
	fmt.Fprintf(w, "  keep alive: %d\n", oneIf(r.keepalive))
	if s := o.target.settings; s != nil {
		for i, name := range settingNames {
			fmt.Fprintf(w, "  host configuration \"%s\": %s\n", name, s[i])
		}
	}
	if r.threads > 0 {
		fmt.Fprintf(w, "  multi-thread: yes\n  threads: %d\n", r.threads)
	} else {
		fmt.Fprintln(w, "  multi-thread: no")
	}
	if r.rate > 0 {
		fmt.Fprintf(w, "  open loop: %s requests per second; latency counts from when a request was due\n", strconv.FormatFloat(r.rate, 'f', -1, 64))
	}
	if r.zipf > 0 {
		fmt.Fprintf(w, "  keys: %d, by Zipf's law with exponent %s\n", r.keys, strconv.FormatFloat(r.zipf, 'f', -1, 64))
	}
	fmt.Fprintln(w, "\nLatency by percentile distribution:")
	r.tellLevels(o.Latency.Percentiles())
	fmt.Fprintln(w, "\nCumulative distribution of latencies:")
	r.tellLevels(o.Latency.Cumulative())
	fmt.Fprintln(w, "\nSummary:")
	fmt.Fprintf(w, "  throughput summary: %.2f requests per second\n", o.PerSecond())
	fmt.Fprintln(w, "  latency summary (msec):")
	fmt.Fprintf(w, "    %9s %9s %9s %9s %9s %9s\n", "avg", "min", "p50", "p95", "p99", "max")
	l := o.Latency
	fmt.Fprintf(w, "    %9.3f %9.3f %9.3f %9.3f %9.3f %9.3f\n", l.Mean()/1e6, millis(l.Min()),
		millis(l.Quantile(0.5)), millis(l.Quantile(0.95)), millis(l.Quantile(0.99)), millis(l.Max()))
	if o.classes != nil {
		fmt.Fprintln(w, "\nBy command (msec):")
		WriteTable(w, append([][]string{tableHeadings}, o.rows()[1:]...))
	}
}

func (r *reporter) tellLevels(levels []Level) {
	for _, l := range levels {
		fmt.Fprintf(r.out, "%3.3f%% <= %.3f milliseconds (cumulative count %d)\n", l.Percent, millis(l.Value), l.Count)
	}
}

func (r *reporter) payloadText(p *plan) string {
	if len(r.args) == 0 && r.smallest != r.largest {
		return fmt.Sprintf("%d-%d", r.smallest, r.largest)
	}
	return strconv.Itoa(p.payload)
}

func oneIf(b bool) int {
	if b {
		return 1
	}
	return 0
}

var tableHeadings = []string{"test", "requests/s", "avg ms", "min", "p50", "p90", "p99", "p99.9", "max"}

func (o *outcome) rows() [][]string {
	var rows [][]string
	for i, p := range o.parts() {
		row := []string{indent(i) + p.title, Unit{}.Text(p.rate), fmt.Sprintf("%.3f", p.latency.Mean()/1e6)}
		for _, v := range []int64{p.latency.Min(), p.latency.Quantile(0.5), p.latency.Quantile(0.9),
			p.latency.Quantile(0.99), p.latency.Quantile(0.999), p.latency.Max()} {
			row = append(row, fmt.Sprintf("%.3f", millis(v)))
		}
		rows = append(rows, row)
	}
	return rows
}

// What --json prints, a line for each test. Names of fields stay.
type (
	jsonOutcome struct {
		Test     string     `json:"test"`
		Server   string     `json:"server"`
		Clients  int        `json:"clients"`
		Threads  int        `json:"threads"`
		Pipeline int        `json:"pipeline"`
		Payload  string     `json:"payload_bytes"`
		Keyspace int        `json:"keyspace"`
		Zipf     float64    `json:"zipf,omitempty"`
		Rate     float64    `json:"target_rps,omitempty"`
		Seed     uint64     `json:"seed"`
		Seconds  float64    `json:"seconds"`
		Nulls    int        `json:"nulls"`
		All      jsonPart   `json:"all"`
		Commands []jsonPart `json:"commands,omitempty"`
	}
	jsonPart struct {
		Command      string             `json:"command"`
		Requests     int                `json:"requests"`
		Rate         float64            `json:"rps"`
		Latency      map[string]float64 `json:"latency_ms"`
		Distribution []jsonLevel        `json:"distribution"`
	}
	jsonLevel struct {
		Percent float64 `json:"percent"`
		Value   float64 `json:"ms"`
		Count   uint64  `json:"count"`
	}
)

func (r *reporter) tellJSON(o *outcome) {
	j := jsonOutcome{
		Test: o.title, Server: o.target.name, Clients: r.conns, Threads: max(r.threads, 1), Pipeline: r.depth, Payload: r.payloadText(o.plan),
		Keyspace: r.keys, Zipf: r.zipf, Rate: r.rate, Seed: r.seed, Seconds: round(o.Elapsed.Seconds(), 6), Nulls: o.Nulls,
	}
	parts := o.parts()
	j.All = parts[0].json()
	for _, p := range parts[1:] {
		j.Commands = append(j.Commands, p.json())
	}
	r.encode(j)
}

// encode prints a value in a line. It panics if the value is none that JSON has: a mistake of ours.
func (r *reporter) encode(v any) {
	e := json.NewEncoder(r.out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil && isOurs(err) {
		panic("benchmark: " + err.Error())
	}
}

// isOurs tells what cannot be encoded from what cannot be written.
func isOurs(err error) bool {
	switch err.(type) {
	case *json.UnsupportedValueError, *json.UnsupportedTypeError:
		return true
	}
	return false
}

func (p *part) json() jsonPart {
	l := p.latency
	j := jsonPart{Command: p.title, Requests: l.Total(), Rate: round(p.rate, 2), Latency: map[string]float64{
		"avg": round(l.Mean()/1e6, 6), "min": millis(l.Min()), "max": millis(l.Max()),
	}}
	for name, q := range map[string]float64{"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p99.9": 0.999, "p99.99": 0.9999} {
		j.Latency[name] = millis(l.Quantile(q))
	}
	for _, level := range l.Percentiles() {
		j.Distribution = append(j.Distribution, jsonLevel{round(level.Percent, 6), millis(level.Value), level.Count})
	}
	return j
}

func round(v float64, digits int) float64 {
	unit := math.Pow10(digits)
	return math.Round(v*unit) / unit
}
