package commands

import (
	"math/big"
	"strings"
	"testing"
)

func TestLongDouble(t *testing.T) {
	for _, c := range []struct{ a, b, sum string }{
		{"0.1", "0.2", "0.3"},
		{"3", "1.1", "4.1"},
		{"1.23456789012345678", "-1.23456789012345678", "0"},
		{"-0", "-0.0", "0"},
		{"18446744073709551615", "1", "18446744073709551616"},
		{"36893488147419103232", "1", "36893488147419103232"}, // half of the last bit, to even
		{"36893488147419103236", "2", "36893488147419103240"},
		{"0.00000000000000001", "0", "0.00000000000000001"},
		{"-0.000000000000000004", "0", "0"},
		{"1e30", "-1e30", "0"},
		{"0x1p70", "0x1p-70", "1180591620717411303424"},
		{"0.99999999999999999999", "0", "1"},
	} {
		a, ok1 := parseLongDouble([]byte(c.a))
		b, ok2 := parseLongDouble([]byte(c.b))
		if got := string(a.add(b).appendText(nil)); !ok1 || !ok2 || got != c.sum {
			t.Errorf("%s + %s = %s (%v %v), want %s", c.a, c.b, got, ok1, ok2, c.sum)
		}
	}
}

// reference is the number as a big.Float, of which only the rounding is used.
func reference(x longDouble) *big.Float {
	f := new(big.Float).SetPrec(64).SetUint64(x.mant)
	f.SetMantExp(f, x.exp)
	if x.neg {
		f.Neg(f)
	}
	return f
}

func referenceText(f *big.Float) string {
	s := strings.TrimRight(strings.TrimRight(f.Text('f', 17), "0"), ".")
	if s == "" || s == "-" || s == "-0" {
		return "0"
	}
	return s
}

func FuzzLongDouble(f *testing.F) {
	for _, s := range []string{"1.5", "0x1p-3", "1e4931", "1e-4940", "-inf", "00.100", "9999999999999999999", "-12345.678", "1e-19",
		"1234567890.12345678901234567890123456", "12345678901234567890123456789012345678", "0.000000000000000000000000001"} {
		f.Add([]byte(s), []byte("0.1"))
		f.Add([]byte("-123456789.123456789"), []byte(s))
	}
	f.Fuzz(func(t *testing.T, a, b []byte) {
		x, ok1 := parseLongDouble(a)
		y, ok2 := parseLongDouble(b)
		if !ok1 || !ok2 || x.inf || y.inf {
			return
		}
		if exact, ok := parseExact(string(a)); ok && exact.mant != 0 && exact != x {
			t.Fatalf("%q is %v, not %v", a, x, exact)
		}
		fx, fy := reference(x), reference(y)
		if got, want := string(x.appendText(nil)), fx.Text('f', 17); got != referenceText(fx) && strings.Contains(want, ".") {
			t.Fatalf("%q is written %.60s, not %.60s", a, got, want)
		}
		if got, want := x.cmp(y), fx.Cmp(fy); got != want {
			t.Fatalf("%q compared with %q is %d, not %d", a, b, got, want)
		}
		sum := new(big.Float).SetPrec(64).Add(fx, fy)
		if got := reference(x.add(y)); got.Cmp(sum) != 0 {
			t.Fatalf("%q + %q is %v, not %v", a, b, got, sum)
		}
		diff := new(big.Float).SetPrec(64).Sub(fx, fy)
		if got := reference(x.sub(y)); got.Cmp(diff) != 0 {
			t.Fatalf("%q - %q is %v, not %v", a, b, got, diff)
		}
	})
}
