package geohash

import (
	"math"
	"math/big"
	"sync"
)

// Sines and cosines of multiples of 1/64, as sums of two floats: the second
// is what the first leaves.
const (
	perUnit   = 64
	gridSize  = 4*perUnit + 2 // somewhat more than pi
	precision = 160           // bits, for the table
)

type twoFloats struct{ hi, lo float64 }

type sinCos struct{ sin, cos twoFloats }

// grid takes milliseconds to make: too long for the start of a server.
var grid = sync.OnceValue(func() *[gridSize]sinCos {
	var t [gridSize]sinCos
	for i := range t {
		x := new(big.Float).SetPrec(precision).Quo(big.NewFloat(float64(i)), big.NewFloat(perUnit))
		t[i] = sinCos{split(series(x, 1)), split(series(x, 0))}
	}
	return &t
})

// series is the sum of the powers of x of the parity of first, with
// alternating signs, over their factorials: the sine if first is 1, the cosine if it is 0.
func series(x *big.Float, first int) *big.Float {
	square := new(big.Float).Mul(x, x)
	term := new(big.Float).SetPrec(precision).SetInt64(1)
	if first == 1 {
		term.Set(x)
	}
	sum := new(big.Float).SetPrec(precision)
	for i := first; i < 60; i += 2 { // 4^60/60! is below 2^-150
		sum.Add(sum, term)
		term.Mul(term, square)
		term.Quo(term, big.NewFloat(-float64((i+1)*(i+2))))
	}
	return sum
}

func split(x *big.Float) twoFloats {
	hi, _ := x.Float64()
	lo, _ := new(big.Float).Sub(x, big.NewFloat(hi)).Float64()
	return twoFloats{hi, lo}
}

// around returns the sine and the cosine of x, which is from 0 to 4, with about 60 bits.
func around(x float64) (s, c twoFloats) {
	i := int(x*perUnit + 0.5)
	g := &grid()[i]
	h := x - float64(i)/perUnit // exact, and up to 1/128
	h2 := h * h
	// sin h is h + sh, cos h is 1 + ch.
	sh := h * h2 * (-1.0/6 + h2*(1.0/120+h2*(-1.0/5040+h2/362880)))
	ch := h2 * (-0.5 + h2*(1.0/24+h2*(-1.0/720+h2/40320)))
	s = sum(g.sin.hi, g.cos.hi*h, g.sin.lo+(g.cos.lo*h+g.cos.hi*sh+g.sin.hi*ch+residue(g.cos.hi, h)))
	c = sum(g.cos.hi, -g.sin.hi*h, g.cos.lo-(g.sin.lo*h+g.sin.hi*sh-g.cos.hi*ch+residue(g.sin.hi, h)))
	return s, c
}

// residue is what a*b loses when it is rounded.
func residue(a, b float64) float64 { return math.FMA(a, b, -(a * b)) }

// sum is a + b + c, where c is much smaller.
func sum(a, b, c float64) twoFloats {
	hi := a + b
	v := hi - a
	lo := (a - (hi - v)) + (b - v) + c
	r := hi + lo
	return twoFloats{r, hi - r + lo}
}

// sin is the sine of an angle of up to 4.
func sin(x float64) float64 {
	s, _ := around(math.Abs(x))
	return math.Copysign(s.hi, x) * signOf(s.hi)
}

// signOf keeps the sign that Copysign takes away.
func signOf(f float64) float64 {
	if f < 0 {
		return -1
	}
	return 1
}

// cos is the cosine of an angle of up to 4.
func cos(x float64) float64 {
	_, c := around(math.Abs(x))
	return c.hi
}

// asin is the arc sine of a number from 0 to 1: that of package math, and one
// step of Newton's method, for which it is near enough.
func asin(y float64) float64 {
	x := math.Asin(y)
	s, c := around(x)
	if c.hi < 1e-6 { // too near to 1 to divide
		return x
	}
	return x + (y-s.hi-s.lo)/c.hi
}
