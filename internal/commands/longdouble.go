package commands

import (
	"math/big"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// A longDouble is a number in the x87 extended format, C's long double on
// amd64, in which Redis adds floats: 64 bits of mantissa, exponents to 16384.
// Doubles would give other digits: 0.1 + 0.2 is 0.3 here. The zero value is 0.
//
// Only INCRBYFLOAT and its kin use it, so it is plain big.Float arithmetic,
// which rounds each operation to 64 bits as the processor does; what a
// big.Float does not have, infinity by overflow and underflow to 0, is decided
// by the exponent. Subnormals keep more bits than the processor's would, far
// behind the 17 places that are ever shown.
type longDouble struct {
	f   *big.Float // nil: 0
	inf bool
}

const (
	longDoubleBits   = 64
	longDoubleMaxExp = 16384  // values are below 2^16384
	longDoubleMinExp = -16445 // and, if not 0, not below 2^-16445, the least subnormal

	longDoubleText = 5 * 1024 // a text that long or longer is not read
)

// parseLongDouble reads what C's strtold reads, without NaN, spaces or
// anything behind. Infinity is a value; a number too large or too small is not.
func parseLongDouble(b []byte) (longDouble, bool) {
	if len(b) >= longDoubleText {
		return longDouble{}, false
	}
	n, ok := cmdspec.ScanFloat(b)
	switch {
	case !ok || n.NaN:
		return longDouble{}, false
	case n.Inf:
		return longDouble{inf: true}, true
	case n.Zero:
		return longDouble{}, true
	case n.Exp2 > longDoubleMaxExp+8 || n.Exp2 < longDoubleMinExp-8:
		return longDouble{}, false // hopeless, and expensive to compute
	}
	r, ok := new(big.Rat).SetString(n.Text)
	if !ok {
		return longDouble{}, false
	}
	x := longDouble{f: new(big.Float).SetPrec(longDoubleBits).SetRat(r)}
	return x, x.finite() && x.f.MantExp(nil) > longDoubleMinExp
}

func (x longDouble) finite() bool {
	return !x.inf && (x.f == nil || x.f.MantExp(nil) <= longDoubleMaxExp)
}

func (x longDouble) float() *big.Float {
	if x.f == nil {
		return new(big.Float).SetPrec(longDoubleBits)
	}
	return x.f
}

func (x longDouble) add(y longDouble) longDouble {
	if x.inf || y.inf {
		return longDouble{inf: true} // or NaN: neither is finite
	}
	return longDouble{f: new(big.Float).SetPrec(longDoubleBits).Add(x.float(), y.float())}
}

func (x longDouble) sub(y longDouble) longDouble {
	return longDouble{f: new(big.Float).SetPrec(longDoubleBits).Sub(x.float(), y.float())}
}

func (x longDouble) cmp(y longDouble) int { return x.float().Cmp(y.float()) }

// maxLongDouble is the largest finite value.
func maxLongDouble() longDouble {
	mant := new(big.Float).SetPrec(longDoubleBits).SetInt(new(big.Int).SetUint64(1<<64 - 1))
	return longDouble{f: mant.SetMantExp(mant, longDoubleMaxExp-longDoubleBits)}
}

func (x longDouble) neg() longDouble { return longDouble{f: new(big.Float).Neg(x.float())} }

// appendText appends the number with at most 17 decimal places, never an
// exponent.
func (x longDouble) appendText(b []byte) []byte {
	start := len(b)
	b = x.float().Append(b, 'f', 17)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if string(b[start:]) == "-0" {
		b = append(b[:start], '0')
	}
	return b
}
