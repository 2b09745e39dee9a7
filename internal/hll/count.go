package hll

import "math"

// histogram counts registers by value. Registers that are neighbours go to
// different tables: most have one of a few values, and an increment waits for
// the one before it if that was in the same place.
type histogram [4][registerMask + 1]uint32

// addBytes counts 8 registers, a byte each.
func (h *histogram) addBytes(w uint64) {
	const mask = registerMask
	h[0][w&mask]++
	h[1][w>>8&mask]++
	h[2][w>>16&mask]++
	h[3][w>>24&mask]++
	h[0][w>>32&mask]++
	h[1][w>>40&mask]++
	h[2][w>>48&mask]++
	h[3][w>>56&mask]++
}

// addGroup counts 8 registers of 6 bits.
func (h *histogram) addGroup(g uint64) {
	const mask = registerMask
	h[0][g&mask]++
	h[1][g>>6&mask]++
	h[2][g>>12&mask]++
	h[3][g>>18&mask]++
	h[0][g>>24&mask]++
	h[1][g>>30&mask]++
	h[2][g>>36&mask]++
	h[3][g>>42&mask]++
}

// Count returns the estimate of how many elements a HyperLogLog has met.
func Count(b []byte) (uint64, error) {
	var h histogram
	if !Dense(b) {
		if err := h.addSparse(b); err != nil {
			return 0, err
		}
		return h.estimate(), nil
	}
	d := (*[DenseSize]byte)(b)
	for i := 0; i < Registers/(4*group); i++ {
		g := unpack((*[24]byte)(d[HeaderSize+24*i:]))
		h.addGroup(g[0])
		h.addGroup(g[1])
		h.addGroup(g[2])
		h.addGroup(g[3])
	}
	return h.estimate(), nil
}

func (h *histogram) addSparse(b []byte) error {
	index := 0
	for at := HeaderSize; at < len(b); {
		r := runAt(b, at)
		h[0][r.value] += uint32(r.n)
		index += r.n
		at += r.size
	}
	if index != Registers {
		return ErrCorrupt
	}
	return nil
}

// bias is the constant of the estimator for infinitely many registers: 1/(2 ln 2).
const bias = 0.721347520444481703680

// estimate is Ertl's improved estimator. Its sums are rounded at every step, as
// Redis's are: conversions keep the compiler from fusing them.
func (h *histogram) estimate() uint64 {
	count := func(rank int) float64 { return float64(h[0][rank] + h[1][rank] + h[2][rank] + h[3][rank]) }
	m := float64(Registers)
	z := m * tau((m-count(maxRank))/m)
	for rank := rankBits; rank >= 1; rank-- {
		z = (z + count(rank)) * 0.5
	}
	z += float64(m * sigma(count(0)/m))
	e := bias * m * m / z
	if math.IsInf(e, 1) {
		return 1 << 63
	}
	return uint64(int64(math.Round(e)))
}

// sigma corrects for registers that are 0: x is their share.
func sigma(x float64) float64 {
	if x == 1 {
		return math.Inf(1)
	}
	y, z := 1.0, x
	for last := math.NaN(); z != last; {
		x = float64(x * x)
		last = z
		z += float64(x * y)
		y += y
	}
	return z
}

// tau corrects for registers at the highest rank: x is the share of the others.
func tau(x float64) float64 {
	if x == 0 || x == 1 {
		return 0
	}
	y, z := 1.0, 1-x
	for last := math.NaN(); z != last; {
		x = math.Sqrt(x)
		last = z
		y *= 0.5
		d := 1 - x
		z -= float64(float64(d*d) * y)
	}
	return z / 3
}
