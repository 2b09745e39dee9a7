package geohash

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

func randomPoint(r *rand.Rand) Point {
	return Point{r.Float64()*360 - 180, (r.Float64()*2 - 1) * MaxLat}
}

func TestScoresComeBack(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 10000 {
		p := randomPoint(r)
		score := Score(p)
		if score != math.Trunc(score) || score < 0 || score >= 1<<52 {
			t.Fatalf("%v: score %v", p, score)
		}
		q := Of(score)
		if math.Abs(q.Lon-p.Lon) > 360.0/(1<<26) || math.Abs(q.Lat-p.Lat) > 2*MaxLat/(1<<26) {
			t.Fatalf("%v came back as %v", p, q)
		}
		if Score(q) != score {
			t.Fatalf("%v: score %v, then %v", p, score, Score(q))
		}
	}
}

func FuzzCells(f *testing.F) {
	f.Add(uint32(5), uint32(9), uint8(3))
	f.Fuzz(func(t *testing.T, lat, lon uint32, step uint8) {
		s := int(step)%MaxStep + 1
		lat &= 1<<s - 1
		lon &= 1<<s - 1
		want := uint64(0)
		for i := range 32 {
			want |= uint64(lat>>i&1)<<(2*i) | uint64(lon>>i&1)<<(2*i+1)
		}
		c := Cell{interleave(lat, lon), s}
		if a, b := deinterleave(c.Bits); c.Bits != want || a != lat || b != lon {
			t.Fatalf("%d %d: %x, want %x, back %d %d", lat, lon, c.Bits, want, a, b)
		}
		if n := c.next(1, 1).next(-1, -1); n != c {
			t.Fatalf("there and back: %v from %v", n, c)
		}
		from, to := c.Range()
		a := c.area()
		middle := Point{(a.min.Lon + a.max.Lon) / 2, (a.min.Lat + a.max.Lat) / 2}
		if score := Score(middle); score < from || score >= to {
			t.Fatalf("%v: score %v of %v is not from %v to %v", c, score, middle, from, to)
		}
	})
}

// exactSin is the sine with 150 bits, rounded.
func exactSin(x float64) float64 {
	f, _ := series(new(big.Float).SetPrec(precision).SetFloat64(x), 1).Float64()
	return f
}

func exactCos(x float64) float64 {
	f, _ := series(new(big.Float).SetPrec(precision).SetFloat64(x), 0).Float64()
	return f
}

// Nearly every result is the float nearest to the true one.
func TestTrigonometry(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 2))
	const n = 600
	wrong, wrongAsin := 0, 0
	for range n {
		x := (r.Float64()*2 - 1) * math.Pi
		if r.IntN(2) == 0 {
			x *= math.Pow(2, -r.Float64()*30)
		}
		for _, pair := range [][2]float64{{sin(x), exactSin(x)}, {cos(x), exactCos(x)}} {
			if pair[0] != pair[1] {
				wrong++
				if math.Abs(pair[0]-pair[1]) > math.Abs(pair[1])*2.3e-16 {
					t.Fatalf("at %v: %v, want %v", x, pair[0], pair[1])
				}
			}
		}
		// The sine of the arc sine is off by less than half a unit of the arc.
		y := math.Abs(exactSin(x))
		a := asin(y)
		if below, above := math.Nextafter(a, 0), math.Nextafter(a, 2); y < 0.99 {
			s := func(x float64) *big.Float { return series(new(big.Float).SetPrec(precision).SetFloat64(x), 1) }
			d := func(x float64) float64 {
				f, _ := new(big.Float).Sub(s(x), big.NewFloat(y)).Float64()
				return math.Abs(f)
			}
			if d(below) < d(a) || d(above) < d(a) {
				wrongAsin++
			}
		}
	}
	if wrong > n/100 || wrongAsin > n/50 {
		t.Errorf("%d of %d sines and cosines, %d of %d arc sines are not the nearest", wrong, 2*n, wrongAsin, n)
	}
}

// Whatever is in a shape is in one of its cells. (Circles and boxes that reach
// round a pole or the date line are as incomplete as Redis's.)
func FuzzCover(f *testing.F) {
	f.Add(uint64(1), 15.0, 37.0, 200.0, uint8(0))
	f.Add(uint64(2), -100.0, -60.0, 3000.0, uint8(1))
	f.Add(uint64(3), 0.0, 0.0, 1.0, uint8(2))
	f.Fuzz(func(t *testing.T, seed uint64, lon, lat, km float64, kind uint8) {
		c := Point{lon, lat}
		if !c.Valid() || !(km >= 0 && km < 2000) || math.Abs(lat) > 60 || math.Abs(lon) > 140 {
			return
		}
		r := rand.New(rand.NewPCG(seed, 3))
		s := Shape{Kind: Circle, Center: c, Unit: 1000, Radius: km, Width: km * r.Float64(), Height: km * r.Float64()}
		switch kind % 3 {
		case 1:
			s.Kind = Box
		case 2:
			corners := make([]Point, 3+r.IntN(10))
			for i := range corners {
				corners[i] = Point{lon + (r.Float64()-0.5)*km/50, lat + (r.Float64()-0.5)*km/100}
				if !corners[i].Valid() {
					return
				}
			}
			s = NewPolygon(corners)
		}
		cells := s.AppendCells(nil)
		b := s.bounds()
		for range 200 {
			p := Point{b.min.Lon + r.Float64()*(b.max.Lon-b.min.Lon), b.min.Lat + r.Float64()*(b.max.Lat-b.min.Lat)}
			if !p.Valid() {
				continue
			}
			score := Score(p)
			if _, in := s.Contains(Of(score)); !in {
				continue
			}
			found := 0
			for _, cell := range cells {
				if from, to := cell.Range(); score >= from && score < to {
					found++
				}
			}
			if found == 0 || found > 1 && s.Kind == Polygon {
				t.Fatalf("%+v: %v is in %d of %v", s, p, found, cells)
			}
		}
	})
}

// Distances of documents on Valkey's polygon search, to four places.
func TestPolygonDistance(t *testing.T) {
	s := NewPolygon([]Point{{151.21619137411474, -33.869643764947696}, {151.20408853981647, -33.87845382042545},
		{151.2123775086366, -33.87864711938855}, {151.21046943124387, -33.87588862400425}, {151.21701035939626, -33.874286511854834},
		{151.2239557405701, -33.8735722632175}, {151.22495056246407, -33.87893571656996}, {151.2274447496748, -33.882307713036354},
		{151.23212935868654, -33.88136096120022}, {151.23097291274465, -33.87456240592362}, {151.22475424781445, -33.87099633192101}})
	for _, c := range []struct {
		p    Point
		want float64
		in   bool
	}{
		{Point{151.20932132005692, -33.877723137822436}, 1035.7735, true},
		{Point{151.22852593660355, -33.88116782387797}, 929.4979, true},
		{Point{151.22953444719315, -33.874838625143106}, 858.3013, true},
		{Point{151.2119820713997, -33.87697539508043}, 0, false},
		{Point{151.2224105000496, -33.87544442350019}, 0, false},
	} {
		d, in := s.Contains(Of(Score(c.p)))
		if in != c.in || in && math.Abs(d-c.want) > 0.0001 {
			t.Errorf("%v: %v %.4f, want %v %.4f", c.p, in, d, c.in, c.want)
		}
	}
}

func BenchmarkDistance(b *testing.B) {
	x, y := Point{13.361389, 38.115556}, Point{15.087269, 37.502669}
	for b.Loop() {
		Distance(x, y)
	}
}
