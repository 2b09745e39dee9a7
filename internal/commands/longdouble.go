package commands

import (
	"cmp"
	"math/big"
	"math/bits"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// A longDouble is a number in the x87 extended format, C's long double on
// amd64, in which Redis adds floats: 64 bits of mantissa, exponents to 16384.
// Doubles would give other digits: 0.1 + 0.2 is 0.3 here. The zero value is 0.
//
// The value is mant * 2^exp; the top bit of mant is set unless it is 0.
// Subnormals keep more bits than the processor's would, far behind the 17
// places that are ever shown.
type longDouble struct {
	mant     uint64
	exp      int
	neg, inf bool
}

const (
	longDoubleMaxExp = 16384  // values are below 2^16384
	longDoubleMinExp = -16445 // and, if not 0, not below 2^-16445, the least subnormal

	longDoubleText = 5 * 1024 // a text that long or longer is not read
)

// parseLongDouble reads what C's strtold reads, without NaN, spaces or
// anything behind. Infinity is a value; a number too large or too small is not.
func parseLongDouble(b []byte) (longDouble, bool) {
	if x, ok := parsePlain(b); ok {
		return x, true
	}
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
	x, ok := parseExact(n.Text)
	return x, ok && x.finite() && x.exp+64 > longDoubleMinExp
}

// parseExact reads any number by way of a fraction.
func parseExact(text string) (longDouble, bool) {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return longDouble{}, false
	}
	f := new(big.Float).SetPrec(64).SetRat(r)
	x := longDouble{neg: f.Signbit()}
	f.Abs(f)
	x.exp = f.MantExp(f) - 64
	x.mant, _ = f.SetMantExp(f, 64).Uint64()
	return x, true
}

// maxFives is the highest power of five that fits in 64 bits.
const maxFives = 27

var fives = func() (p [maxFives + 1]uint64) {
	p[0] = 1
	for i := range maxFives {
		p[i+1] = 5 * p[i]
	}
	return p
}()

// parsePlain reads what most numbers are: a sign, digits, a point; at most 38
// digits, which fit in 128 bits.
func parsePlain(b []byte) (longDouble, bool) {
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		b = b[1:]
	}
	var hi, lo uint64
	digits, places, point := 0, 0, false
	for _, c := range b {
		switch {
		case c == '.' && !point:
			point = true
			continue
		case c < '0' || c > '9' || digits == 38:
			return longDouble{}, false
		}
		carry, low := bits.Mul64(lo, 10)
		low, more := bits.Add64(low, uint64(c-'0'), 0)
		hi, lo = hi*10+carry+more, low
		digits++
		if point {
			places++
		}
	}
	if digits == 0 || places > maxFives {
		return longDouble{}, false
	}
	return quotient(hi, lo, places, neg), true
}

// quotient is hi:lo / 10^places, rounded: it is divided by 5^places to 128
// bits, the rest is a shift.
func quotient(hi, lo uint64, places int, neg bool) longDouble {
	if hi|lo == 0 {
		return longDouble{}
	}
	hi, lo, zeros := normalized(hi, lo)
	d := fives[places]
	zd := bits.LeadingZeros64(d)
	d <<= zd
	qhi, rest := bits.Div64(hi>>1, hi<<63|lo>>1, d)
	qlo, rest := bits.Div64(rest, lo<<63, d)
	return rounded(qhi, sticky(qlo, rest != 0), zd-zeros-63-places, neg)
}

// normalized is hi:lo shifted left until its top bit is set.
func normalized(hi, lo uint64) (uint64, uint64, int) {
	zeros := 0
	if hi == 0 {
		hi, lo, zeros = lo, 0, 64
	}
	z := bits.LeadingZeros64(hi)
	return hi<<z | lo>>(64-z), lo << z, zeros + z
}

// sticky is the lower half of a number of which something behind it was lost.
func sticky(lo uint64, lost bool) uint64 {
	if lost {
		lo |= 1
	}
	return lo
}

// rounded is hi:lo * 2^exp in 64 bits, halves to even.
func rounded(hi, lo uint64, exp int, neg bool) longDouble {
	if hi|lo == 0 {
		return longDouble{}
	}
	hi, lo, zeros := normalized(hi, lo)
	exp += 64 - zeros
	const half = 1 << 63
	if lo > half || lo == half && hi&1 == 1 {
		if hi++; hi == 0 {
			hi, exp = half, exp+1
		}
	}
	return longDouble{mant: hi, exp: exp, neg: neg}
}

func (x longDouble) finite() bool { return !x.inf && x.exp+64 <= longDoubleMaxExp }

func (x longDouble) add(y longDouble) longDouble {
	if x.inf || y.inf {
		return longDouble{inf: true} // or NaN: neither is finite
	}
	if x.abs().cmp(y.abs()) < 0 {
		x, y = y, x
	}
	if y.mant == 0 {
		return x
	}
	hi, lo, lost := shiftedRight(y.mant, x.exp-y.exp)
	if x.neg != y.neg {
		return subtracted(x, hi, lo, lost)
	}
	sum, carry := bits.Add64(x.mant, hi, 0)
	if carry == 0 {
		return rounded(sum, sticky(lo, lost), x.exp-64, x.neg)
	}
	lost = lost || lo&1 == 1
	return rounded(sum>>1|1<<63, sticky(lo>>1|sum<<63, lost), x.exp-63, x.neg)
}

// subtracted is x less hi:lo, and a little more if something was lost of it.
func subtracted(x longDouble, hi, lo uint64, lost bool) longDouble {
	borrow := uint64(0)
	if lost {
		borrow = 1
	}
	dlo, borrow := bits.Sub64(0, lo, borrow)
	dhi, _ := bits.Sub64(x.mant, hi, borrow)
	return rounded(dhi, sticky(dlo, lost), x.exp-64, x.neg)
}

// shiftedRight is m:0 shifted right by n bits, and whether bits fell off.
func shiftedRight(m uint64, n int) (hi, lo uint64, lost bool) {
	switch {
	case n < 64:
		return m >> n, m << (64 - n), false
	case n < 128:
		return 0, m >> (n - 64), m<<(128-n) != 0
	}
	return 0, 0, m != 0
}

func (x longDouble) sub(y longDouble) longDouble { return x.add(y.negated()) }

func (x longDouble) negated() longDouble {
	x.neg = !x.neg
	return x
}

func (x longDouble) abs() longDouble {
	x.neg = false
	return x
}

func (x longDouble) cmp(y longDouble) int {
	if d := cmp.Compare(x.sign(), y.sign()); d != 0 || x.mant == 0 {
		return d
	}
	order := x.sign()
	switch {
	case x.exp < y.exp, x.exp == y.exp && x.mant < y.mant:
		return -order
	case x.exp == y.exp && x.mant == y.mant:
		return 0
	}
	return order
}

func (x longDouble) sign() int {
	switch {
	case x.mant == 0:
		return 0
	case x.neg:
		return -1
	}
	return 1
}

// maxLongDouble is the largest finite value.
func maxLongDouble() longDouble { return longDouble{mant: 1<<64 - 1, exp: longDoubleMaxExp - 64} }
