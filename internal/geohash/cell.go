package geohash

import "math/bits"

// The ranges of scores. GEOHASH's text has the whole range of latitudes.
const (
	MaxLon = 180
	MaxLat = 85.05112878
	// MaxStep is the step of scores.
	MaxStep = 26
)

// A Point is a place on earth, in degrees.
type Point struct{ Lon, Lat float64 }

// Valid says whether the point is in the range that has scores.
func (p Point) Valid() bool {
	return p.Lon >= -MaxLon && p.Lon <= MaxLon && p.Lat >= -MaxLat && p.Lat <= MaxLat
}

// A Cell is a field of the grid of a step.
type Cell struct {
	Bits uint64
	Step int
}

// cellAt returns the cell of a step in which a valid point is.
func cellAt(p Point, step int, maxLat float64) Cell {
	size := float64(uint64(1) << step)
	lat := (p.Lat + maxLat) / (maxLat + maxLat) * size
	lon := (p.Lon + MaxLon) / (MaxLon + MaxLon) * size
	return Cell{interleave(uint32(int64(lat)), uint32(int64(lon))), step}
}

// Score returns the score of a valid point.
func Score(p Point) float64 { return float64(cellAt(p, MaxStep, MaxLat).Bits) }

// Of returns the middle of the cell that a score stands for.
func Of(score float64) Point {
	a := Cell{uint64(score), MaxStep}.area()
	lon, lat := (a.min.Lon+a.max.Lon)/2, (a.min.Lat+a.max.Lat)/2
	return Point{min(max(lon, -MaxLon), MaxLon), min(max(lat, -MaxLat), MaxLat)}
}

// Range returns the scores of the points in the cell: from, and up to but not to.
func (c Cell) Range() (from, to float64) {
	shift := 2 * (MaxStep - c.Step)
	return float64(c.Bits << shift), float64((c.Bits + 1) << shift)
}

// box is a range of longitudes and latitudes.
type box struct{ min, max Point }

// area returns the borders of the cell.
func (c Cell) area() box {
	lat, lon := deinterleave(c.Bits)
	size := float64(uint64(1) << c.Step)
	const width, height = MaxLon + MaxLon, MaxLat + MaxLat
	at := func(lon, lat float64) Point {
		return Point{-MaxLon + float64(lon/size*width), -MaxLat + float64(lat/size*height)}
	}
	return box{at(float64(lon), float64(lat)), at(float64(lon)+1, float64(lat)+1)}
}

// next returns the cell so many cells to the east and north, round the edges of the map.
func (c Cell) next(east, north int) Cell {
	lat, lon := deinterleave(c.Bits)
	mask := uint32(1)<<c.Step - 1
	return Cell{interleave((lat+uint32(north))&mask, (lon+uint32(east))&mask), c.Step}
}

// interleave puts the bits of lat in the even places and those of lon in the odd ones.
func interleave(lat, lon uint32) uint64 { return widen(lat) | widen(lon)<<1 }

func deinterleave(b uint64) (lat, lon uint32) { return narrow(b), narrow(b >> 1) }

// widen puts a zero before each bit.
func widen(v uint32) uint64 {
	w := uint64(v)
	w = (w | w<<16) & 0x0000ffff_0000ffff
	w = (w | w<<8) & 0x00ff00ff_00ff00ff
	w = (w | w<<4) & 0x0f0f0f0f_0f0f0f0f
	w = (w | w<<2) & 0x33333333_33333333
	return (w | w<<1) & 0x55555555_55555555
}

// narrow takes every second bit.
func narrow(w uint64) uint32 {
	w &= 0x55555555_55555555
	w = (w | w>>1) & 0x33333333_33333333
	w = (w | w>>2) & 0x0f0f0f0f_0f0f0f0f
	w = (w | w>>4) & 0x00ff00ff_00ff00ff
	w = (w | w>>8) & 0x0000ffff_0000ffff
	return uint32(w | w>>16)
}

const alphabet = "0123456789bcdefghjkmnpqrstuvwxyz"

// textLen is the length of a geohash as text: 52 bits are 10 letters, and an eleventh is always 0.
const textLen = 11

// AppendText appends the geohash of a point as the rest of the world writes it.
func AppendText(b []byte, p Point) []byte {
	const poles = 90
	hash := bits.RotateLeft64(cellAt(p, MaxStep, poles).Bits, 64-2*MaxStep)
	for range textLen - 1 {
		hash = bits.RotateLeft64(hash, 5)
		b = append(b, alphabet[hash&31])
	}
	return append(b, alphabet[0])
}
