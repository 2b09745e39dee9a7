package benchmark

import (
	"math"
	"math/bits"
)

// A random is a generator of numbers: xorshift64*. It must not be 0.
type random uint64

// newRandom is the generator of a thread: seeds that are near each other must not begin alike.
func newRandom(seed uint64, thread int) random {
	x := seed + uint64(thread+1)*0x9E3779B97F4A7C15
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return random(max(x^x>>31, 1))
}

func (r *random) next() uint64 {
	x := uint64(*r)
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	*r = random(x)
	return x * 0x2545F4914F6CDD1D
}

// below returns a number below n: the high half of a product instead of a division.
func (r *random) below(n uint64) uint64 {
	high, _ := bits.Mul64(r.next(), n)
	return high
}

// unit returns a number in [0, 1).
func (r *random) unit() float64 { return float64(r.next()>>11) / (1 << 53) }

// A zipf draws ranks below n, rank k with a frequency of 1/(k+1)^theta, for any
// theta above 0: by rejection from the integral of that curve, which is inverted
// (Hörmann and Derflinger, 1996). Rejected: math/rand's, which wants theta above 1,
// and tables, which take memory by the number of keys.
type zipf struct {
	theta      float64
	low, high  float64 // of the integral
	immediate  float64 // as near as this to a rank no test is needed
	oneMinus   float64
	reciprocal float64
}

func newZipf(theta float64, n int) *zipf {
	z := &zipf{theta: theta, oneMinus: 1 - theta}
	if math.Abs(z.oneMinus) > 1e-9 {
		z.reciprocal = 1 / z.oneMinus
	}
	z.low = z.integral(1.5) - 1
	z.high = z.integral(float64(n) + 0.5)
	z.immediate = 2 - z.inverse(z.integral(2.5)-math.Pow(2, -theta))
	return z
}

// integral is that of x^-theta; the constant does not matter.
func (z *zipf) integral(x float64) float64 {
	if z.reciprocal == 0 {
		return math.Log(x)
	}
	return math.Pow(x, z.oneMinus) * z.reciprocal
}

func (z *zipf) inverse(y float64) float64 {
	if z.reciprocal == 0 {
		return math.Exp(y)
	}
	return math.Pow(y*z.oneMinus, z.reciprocal)
}

func (z *zipf) draw(r *random) uint64 {
	for {
		y := z.low + r.unit()*(z.high-z.low)
		x := z.inverse(y)
		k := max(math.Floor(x+0.5), 1)
		if k-x <= z.immediate || y >= z.integral(k+0.5)-math.Pow(k, -z.theta) {
			return uint64(k) - 1
		}
	}
}
