package commands

import (
	"math/big"
	"math/bits"
	"strconv"
)

// places is how many decimal places are shown at most.
const places = 17

const tenToPlaces = 100_000_000_000_000_000

// appendText appends the number with at most 17 decimal places, never an
// exponent.
func (x longDouble) appendText(b []byte) []byte {
	whole, fraction := x.decimal()
	if x.neg && (whole != 0 || fraction != 0) {
		b = append(b, '-')
	}
	if x.exp > 0 && x.mant != 0 {
		n := new(big.Int).SetUint64(x.mant)
		return n.Lsh(n, uint(x.exp)).Append(b, 10)
	}
	b = strconv.AppendUint(b, whole, 10)
	if fraction == 0 {
		return b
	}
	// A one before the digits keeps their leading zeros; the point takes its place.
	start := len(b)
	b = strconv.AppendUint(b, tenToPlaces+fraction, 10)
	b[start] = '.'
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	return b
}

// decimal is the number without its sign as a whole and 10^-17ths, rounded,
// halves to even. For a number of more than 64 bits it says only that it is
// not 0.
func (x longDouble) decimal() (whole, fraction uint64) {
	shift := -x.exp
	switch {
	case shift <= 0:
		return x.mant, 0
	case shift < 64:
		whole = x.mant >> shift
		fraction = scaled(x.mant<<(64-shift), 64)
	default:
		fraction = scaled(x.mant, shift)
	}
	if fraction == tenToPlaces {
		return whole + 1, 0
	}
	return whole, fraction
}

// scaled is m * 10^17 / 2^shift, rounded, for a shift of at least 64.
func scaled(m uint64, shift int) uint64 {
	hi, lo := bits.Mul64(m, tenToPlaces)
	shift -= 64
	if shift >= 64 {
		return 0 // below 2^-64
	}
	if shift > 0 {
		hi, lo = hi>>shift, sticky(lo>>shift|hi<<(64-shift), lo<<(64-shift) != 0)
	}
	const half = 1 << 63
	if lo > half || lo == half && hi&1 == 1 {
		hi++
	}
	return hi
}
