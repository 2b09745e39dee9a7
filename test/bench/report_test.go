//go:build linux

package main

import (
	"strings"
	"testing"
)

func TestTargets(t *testing.T) {
	for _, c := range []struct {
		target      target
		ours, ratio float64
		text, want  string
	}{
		{timesAtLeast(2), 9, 1.996, ">= x2", "yes"},
		{timesAtLeast(2), 9, 1.99, ">= x2", "no"},
		{timesAtMost(0.9), 9, 0.904, "<= x0.9", "yes"},
		{timesAtMost(0.9), 9, 0.91, "<= x0.9", "no"},
		{noMoreThan(45), 45, 9, "<= 45.0 B", "yes"},
		{noMoreThan(45), 45.1, 0.1, "<= 45.0 B", "no"},
		{target{}, 1, 1, "", ""},
	} {
		if got := c.target.text(bytesUnit); got != c.text {
			t.Errorf("text %q, want %q", got, c.text)
		}
		if got := c.target.verdict(c.ours, c.ratio); got != c.want {
			t.Errorf("%s, figure %v, ratio %v: %q", c.text, c.ours, c.ratio, got)
		}
	}
}

func TestUnits(t *testing.T) {
	for want, got := range map[string]string{
		"1,234,567": perSecond.Text(1234567.2),
		"999 ns":    nanos.Text(999.4),
		"-1,000 ns": nanos.Text(-1000),
		"-100 ns":   nanos.Text(-100),
		"1,000.5 B": bytesUnit.Text(1000.5),
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestRatioIsTakenInsidePairs(t *testing.T) {
	w := &work{rows: []row{{"rps", "load", perSecond, timesAtLeast(1)}}}
	r := &result{work: w}
	for _, v := range [][2]float64{{100, 200}, {400, 400}, {1000, 3000}} {
		r.pairs = append(r.pairs, pair{Base: figures{"rps": v[0]}, Other: figures{"rps": v[1]}})
	}
	got := strings.Join(r.cells(w.rows[0]), " | ")
	want := "load | >= x1 | 400 | 400 | x2.00 (1.00-3.00) | yes"
	if got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}
