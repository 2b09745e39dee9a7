package geohash

import "math"

// mercatorMax is half the circumference of the earth on the map, in metres.
const mercatorMax = 20037726.37

// stepFor is the step at which a cell and those around it should cover what is
// within a radius (in metres) of a point.
func stepFor(radius, lat float64) int {
	if radius == 0 {
		return MaxStep
	}
	step := 1
	for ; radius < mercatorMax; step++ {
		radius *= 2
	}
	step -= 2
	if lat = math.Abs(lat); lat > 66 { // cells are narrower towards the poles
		step--
		if lat > 80 {
			step--
		}
	}
	return min(max(step, 1), MaxStep)
}

// around9 are the cells that are searched, as steps to the east and north, in
// the order in which they are.
var around9 = [9][2]int{{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}}

// AppendCells appends cells that together contain the shape.
func (s *Shape) AppendCells(dst []Cell) []Cell {
	b := s.bounds()
	middle := s.Center
	if s.Kind == Polygon {
		middle = Point{(b.min.Lon + b.max.Lon) / 2, (b.min.Lat + b.max.Lat) / 2}
	}
	c := cellAt(middle, stepFor(s.reach(), middle.Lat), MaxLat)
	for c.Step > 1 && !covers(c, b) {
		c = cellAt(middle, c.Step-1, MaxLat)
		if s.Kind != Polygon {
			break // one step less is what Redis tries
		}
	}
	first := len(dst)
	for i, d := range around9 {
		if c.Step >= 2 && beside(c.area(), b, d) {
			continue
		}
		// At small steps the way round the earth leads to the same cell again.
		// Redis leaves out only one that is the same as that before it, but for
		// the first; s.repeats keeps to that, for the order of replies.
		n := c.next(d[0], d[1])
		if i > 0 && s.repeats(dst[first:], n) {
			continue
		}
		dst = append(dst, n)
	}
	return dst
}

// covers says whether a cell with those around it covers a range.
func covers(c Cell, b box) bool {
	return c.next(0, 1).area().max.Lat >= b.max.Lat && c.next(0, -1).area().min.Lat <= b.min.Lat &&
		c.next(1, 0).area().max.Lon >= b.max.Lon && c.next(-1, 0).area().min.Lon <= b.min.Lon
}

// beside says whether what is in a direction of a cell is outside of a range.
func beside(a, b box, d [2]int) bool {
	return d[1] < 0 && a.min.Lat < b.min.Lat || d[1] > 0 && a.max.Lat > b.max.Lat ||
		d[0] < 0 && a.min.Lon < b.min.Lon || d[0] > 0 && a.max.Lon > b.max.Lon
}

func (s *Shape) repeats(before []Cell, c Cell) bool {
	if s.Kind == Polygon {
		for _, b := range before {
			if b == c {
				return true
			}
		}
		return false
	}
	return len(before) > 1 && before[len(before)-1] == c
}
