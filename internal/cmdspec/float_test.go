package cmdspec

import (
	"math"
	"strconv"
	"strings"
	"testing"
)

func TestParseFloat(t *testing.T) {
	for _, c := range []struct {
		text string
		want float64
		ok   bool
	}{
		{"1", 1, true}, {"+1.5", 1.5, true}, {".5", .5, true}, {"5.", 5, true}, {"1e3", 1000, true}, {"-1E-2", -.01, true},
		{"0x10", 16, true}, {"0x1p3", 8, true}, {"0X1.8P1", 3, true}, {"inf", math.Inf(1), true}, {"-Infinity", math.Inf(-1), true},
		{"0e999999999", 0, true}, {"1e-320", 1e-320, true},
		{"", 0, false}, {".", 0, false}, {"-", 0, false}, {"1e", 0, false}, {"1e+", 0, false}, {"0x", 0, false}, {"0xp1", 0, false},
		{" 1", 0, false}, {"1 ", 0, false}, {"1_000", 0, false}, {"0b1", 0, false}, {"nan", 0, false}, {"1e400", 0, false},
		{"1e-400", 0, false}, {"infinit", 0, false}, {"1p3", 0, false}, {"1..2", 0, false}, {"1/2", 0, false},
		{strings.Repeat("1", 400), 0, false},
	} {
		got, ok := ParseFloat([]byte(c.text))
		if got != c.want || ok != c.ok {
			t.Errorf("ParseFloat(%q) = %v, %v", c.text, got, ok)
		}
	}
}

func FuzzParseFloat(f *testing.F) {
	for _, s := range []string{"1.5e3", "0x1.8p-2", "-inf", "0010.100"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := ParseFloat(b)
		want, err := strconv.ParseFloat(string(b), 64)
		if ok && err == nil && got != want {
			t.Fatalf("%q is %v, not %v", b, got, want)
		}
		if n, ok := ScanFloat(b); ok && got != 0 && !n.Inf && len(b) < 256 {
			if e := math.Log2(math.Abs(got)); math.Abs(e-float64(n.Exp2)) > 5 {
				t.Fatalf("%q is about 2^%.1f, not 2^%d", b, e, n.Exp2)
			}
		}
	})
}
