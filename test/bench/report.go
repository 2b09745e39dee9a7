//go:build linux

package main

import (
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
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
	return sign + " " + u.text(t.bound)
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
type unit struct {
	decimals int
	suffix   string
}

var (
	perSecond = unit{0, ""}
	count     = unit{0, ""}
	nanos     = unit{0, " ns"}
	micros    = unit{0, " us"}
	millis    = unit{1, " ms"}
	precise   = unit{3, " ms"}
	bytesUnit = unit{1, " B"}
	megabytes = unit{1, " MB"}
	percent   = unit{2, " %"}
)

func (u unit) text(v float64) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', u.decimals, 64), ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if u.decimals > 0 {
		whole += "." + fraction
	}
	return whole + u.suffix
}

// A result is what the pairs of one work have shown.
type result struct {
	work  *work
	pairs []pair
	err   error
}

type pair struct{ stock, ours figures }

func (r *result) column(figure string, of func(pair) figures) []float64 {
	var values []float64
	for _, p := range r.pairs {
		values = append(values, of(p)[figure])
	}
	return values
}

func stockOf(p pair) figures { return p.stock }
func oursOf(p pair) figures  { return p.ours }

func (r *result) ratios(figure string) []float64 {
	var ratios []float64
	for _, p := range r.pairs {
		ratios = append(ratios, p.ours[figure]/p.stock[figure])
	}
	return ratios
}

// median of nothing is 0.
func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

func (r *result) cells(w row) []string {
	stock := median(r.column(w.figure, stockOf))
	ours := median(r.column(w.figure, oursOf))
	ratios := r.ratios(w.figure)
	ratio := median(ratios)
	return []string{w.title, w.target.text(w.unit), w.unit.text(stock), w.unit.text(ours),
		fmt.Sprintf("x%.2f (%.2f-%.2f)", ratio, slices.Min(ratios), slices.Max(ratios)),
		w.target.verdict(ours, ratio)}
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

// writeTable writes a Markdown table whose columns line up, so that it can be
// read as text too.
func writeTable(w io.Writer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for n, row := range rows {
		for i, cell := range row {
			fmt.Fprintf(w, "| %-*s ", widths[i], cell)
		}
		fmt.Fprintln(w, "|")
		if n == 0 {
			for _, width := range widths {
				fmt.Fprintf(w, "|%s", strings.Repeat("-", width+2))
			}
			fmt.Fprintln(w, "|")
		}
	}
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
	writeTable(w, table(results))
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
		time.Now().UTC().Format(time.DateOnly), o.pairs, o.duration, percent.text(median(others(results))))
}

// others is what disturbed each run under load.
func others(results []*result) []float64 {
	var values []float64
	for _, r := range results {
		for _, p := range r.pairs {
			for _, f := range []figures{p.stock, p.ours} {
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
		rows = append(rows, pairCells(r, row, "stock", stockOf), pairCells(r, row, "Redstart", oursOf))
	}
	writeTable(w, rows)
	fmt.Fprintln(w)
}

func pairCells(r *result, w row, name string, of func(pair) figures) []string {
	cells := []string{w.title, name}
	for _, v := range r.column(w.figure, of) {
		cells = append(cells, w.unit.text(v))
	}
	return cells
}
