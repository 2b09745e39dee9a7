//go:build linux

package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/benchmark"
)

// A target bounds a figure of ours: absolutely, or as a multiple of stock's.
// The zero target is none.
type target struct {
	bound    float64
	relative bool
	atLeast  bool // otherwise at most
}

func timesAtLeast(x float64) target { return target{x, true, true} }
func timesAtMost(x float64) target  { return target{x, true, false} }
func noMoreThan(x float64) target   { return target{x, false, false} }

func (t target) text(u unit) string {
	sign := "<="
	if t.atLeast {
		sign = ">="
	}
	switch {
	case t == target{}:
		return ""
	case t.relative:
		return sign + " x" + strconv.FormatFloat(t.bound, 'f', -1, 64)
	}
	return sign + " " + u.Text(t.bound)
}

// verdict judges the ratio as it is printed, so that "x1.00" meets "x1".
func (t target) verdict(ours, ratio float64) string {
	v := ours
	if t.relative {
		v = math.Round(ratio*100) / 100
	}
	switch {
	case t == target{}:
		return ""
	case t.atLeast && v >= t.bound, !t.atLeast && v <= t.bound:
		return "yes"
	}
	return "no"
}

// A unit says how a figure is written.
type unit = benchmark.Unit

var (
	perSecond = unit{Decimals: 0, Suffix: ""}
	count     = unit{Decimals: 0, Suffix: ""}
	nanos     = unit{Decimals: 0, Suffix: " ns"}
	micros    = unit{Decimals: 0, Suffix: " us"}
	millis    = unit{Decimals: 1, Suffix: " ms"}
	precise   = unit{Decimals: 3, Suffix: " ms"}
	bytesUnit = unit{Decimals: 1, Suffix: " B"}
	megabytes = unit{Decimals: 1, Suffix: " MB"}
	percent   = unit{Decimals: 2, Suffix: " %"}
)

// A result is what the pairs of one work have shown.
type result struct {
	work  *work
	pairs []pair
	err   error
}

type pair = benchmark.Pair

func (r *result) cells(w row) []string {
	stocks, all := benchmark.Columns(r.pairs, w.figure)
	stock, ours := benchmark.Median(stocks), benchmark.Median(all)
	ratios := benchmark.Ratios(r.pairs, w.figure)
	return []string{w.title, w.target.text(w.unit), w.unit.Text(stock), w.unit.Text(ours),
		benchmark.RatioText(ratios), w.target.verdict(ours, benchmark.Median(ratios))}
}

var headings = []string{"work", "target", "stock", "Redstart", "ratio (range)", "met?"}

func table(results []*result) [][]string {
	rows := [][]string{headings}
	for _, r := range results {
		if r.err != nil {
			reason, _, _ := strings.Cut(r.err.Error(), "\n")
			rows = append(rows, []string{r.work.name, "", "", "", "failed: " + reason, "no"})
			continue
		}
		for _, w := range r.work.rows {
			rows = append(rows, r.cells(w))
		}
	}
	return rows
}

const preamble = `# Benchmarks

Redstart against a stock redis-server on the same machine in the same run; written by
` + "`make bench`" + ` (the program is in test/bench; do not edit by hand).

Figures are medians; a ratio is Redstart to stock inside one pair of alternating runs,
given as the median over the pairs and its range. "met?" compares with the project's
target; figures without a target are shown to be watched. CPU per request is user and
system time of all threads of the server. Latency is that of a whole pipeline.

How to run: ` + "`make bench`" + `, or, after ` + "`make build`" + `, a part of it:

    go run ./test/bench -run set16,get16    # these works only, printed, not kept
    go run ./test/bench -pairs 19           # more pairs
    go run ./test/bench -quick              # 2 pairs, short: is anything broken?
    go run ./test/bench -client             # our load generator against redis-benchmark
    go run ./test/bench -help

`

func writeReport(w io.Writer, o *options, results []*result) {
	fmt.Fprint(w, preamble)
	fmt.Fprintf(w, "## Machine\n\n%s\n## Results\n\n", machine(o, results))
	benchmark.WriteTable(w, table(results))
	fmt.Fprint(w, "\n## What is done\n\n")
	for _, r := range results {
		fmt.Fprintf(w, "- **%s**: %s.\n", r.work.name, r.work.about)
	}
	fmt.Fprint(w, "\n<details>\n<summary>Every pair</summary>\n\n")
	for _, r := range results {
		writePairs(w, r)
	}
	fmt.Fprintln(w, "</details>")
}

func machine(o *options, results []*result) string {
	cpu, err := procField("/proc/cpuinfo", "model name")
	if err != nil {
		cpu = runtime.GOARCH
	}
	return fmt.Sprintf("- CPU: %s, %d cores\n- kernel: Linux %s\n- Go: %s\n- stock: %s\n- date: %s\n- pairs: %d, %v per run under load\n- taken by other programs during the loads: %s of the CPU time (median)\n",
		cpu, runtime.NumCPU(), kernelRelease(), runtime.Version(), o.stockVersion,
		time.Now().UTC().Format(time.DateOnly), o.pairs, o.duration, percent.Text(benchmark.Median(others(results))))
}

// others is what disturbed each run under load.
func others(results []*result) []float64 {
	var values []float64
	for _, r := range results {
		for _, p := range r.pairs {
			for _, f := range []figures{p.Base, p.Other} {
				if share, loaded := f["others"]; loaded {
					values = append(values, share)
				}
			}
		}
	}
	return values
}

func kernelRelease() string {
	b, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "unknown"
	}
	return strings.TrimSpace(string(b))
}

func writePairs(w io.Writer, r *result) {
	if len(r.pairs) == 0 {
		return
	}
	rows := [][]string{{r.work.name, "server"}}
	for i := range r.pairs {
		rows[0] = append(rows[0], strconv.Itoa(i+1))
	}
	for _, row := range r.work.rows {
		stock, ours := benchmark.Columns(r.pairs, row.figure)
		rows = append(rows, pairCells(row, "stock", stock), pairCells(row, "Redstart", ours))
	}
	benchmark.WriteTable(w, rows)
	fmt.Fprintln(w)
}

func pairCells(w row, name string, values []float64) []string {
	cells := []string{w.title, name}
	for _, v := range values {
		cells = append(cells, w.unit.Text(v))
	}
	return cells
}
