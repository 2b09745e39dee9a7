package benchmark

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// Two servers are compared in pairs: a run on the one, then the same on the other.
// A machine is faster at noon than at one, so the ratio is taken inside each pair,
// and the median of the ratios is told with their range.

// Figures are what a run measured, by name.
type Figures map[string]float64

// A Pair is the figures of both runs.
type Pair struct{ Base, Other Figures }

// Ratios are those of one figure, of the other to the base; there is none to 0.
func Ratios(pairs []Pair, figure string) []float64 {
	var ratios []float64
	for _, p := range pairs {
		if p.Base[figure] != 0 {
			ratios = append(ratios, p.Other[figure]/p.Base[figure])
		}
	}
	return ratios
}

// Columns are one figure of all pairs, of each server.
func Columns(pairs []Pair, figure string) (base, other []float64) {
	for _, p := range pairs {
		base, other = append(base, p.Base[figure]), append(other, p.Other[figure])
	}
	return base, other
}

// RatioText is the median of some ratios, and their range.
func RatioText(ratios []float64) string {
	if len(ratios) == 0 {
		return "-"
	}
	return fmt.Sprintf("x%.2f (%.2f-%.2f)", Median(ratios), slices.Min(ratios), slices.Max(ratios))
}

// Median of nothing is 0.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(values))
	n := len(s)
	return (s[(n-1)/2] + s[n/2]) / 2
}

// A Unit says how a figure is written.
type Unit struct {
	Decimals int
	Suffix   string
}

// Text writes a figure with commas between thousands.
func (u Unit) Text(v float64) string {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', u.Decimals, 64), ".")
	for i := len(whole) - 3; i > 0 && whole[i-1] != '-'; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if u.Decimals > 0 {
		whole += "." + fraction
	}
	return whole + u.Suffix
}

// WriteTable writes a Markdown table whose columns line up, so that it can be
// read as text too.
func WriteTable(w io.Writer, rows [][]string) {
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
