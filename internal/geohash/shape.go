package geohash

import "math"

const earthRadius = 6372797.560856 // metres

// radian is a degree: as the quotient of floats, which is not quite that of the numbers.
const radian = 0.017453292519943295

// latDistance is the distance of two latitudes, in metres.
func latDistance(a, b float64) float64 {
	return earthRadius * math.Abs(b*radian-a*radian)
}

// Distance returns the distance of two points on a sphere, in metres.
func Distance(a, b Point) float64 {
	v := sin((b.Lon*radian - a.Lon*radian) / 2)
	if v == 0 {
		return latDistance(a.Lat, b.Lat)
	}
	lat1, lat2 := a.Lat*radian, b.Lat*radian
	u := sin((lat2 - lat1) / 2)
	h := float64(u*u) + float64(cos(lat1)*cos(lat2)*v*v)
	return 2.0 * earthRadius * asin(math.Sqrt(h))
}

// Kind is the kind of a Shape.
type Kind uint8

// The kinds.
const (
	Circle  Kind = iota + 1 // of Radius around Center
	Box                     // of Width and Height, with Center in the middle
	Polygon                 // with Corners; crossing edges make holes
)

// A Shape is what is searched. Lengths are in units of Unit metres.
type Shape struct {
	Kind          Kind
	Center        Point // for a polygon, that of its corners: distances are from there
	Unit          float64
	Radius        float64
	Width, Height float64
	Corners       []Point
}

// NewPolygon returns the polygon with the given corners, three or more.
func NewPolygon(corners []Point) Shape {
	return Shape{Kind: Polygon, Center: middle(corners), Unit: 1, Corners: corners}
}

// middle is where the mean of points, as vectors from the middle of the earth, points to.
func middle(points []Point) Point {
	var x, y, z float64
	for _, p := range points {
		lat, lon := p.Lat*radian, p.Lon*radian
		x += math.Cos(lat) * math.Cos(lon)
		y += math.Cos(lat) * math.Sin(lon)
		z += math.Sin(lat)
	}
	return Point{math.Atan2(y, x) / radian, math.Atan2(z, math.Hypot(x, y)) / radian}
}

// Contains says whether a point is in the shape, and how far it is from its
// centre, in metres.
func (s *Shape) Contains(p Point) (distance float64, in bool) {
	switch s.Kind {
	case Box:
		if latDistance(p.Lat, s.Center.Lat) > s.Height*s.Unit/2 {
			return 0, false
		}
		if Distance(p, Point{s.Center.Lon, p.Lat}) > s.Width*s.Unit/2 {
			return 0, false
		}
	case Polygon:
		if !s.surrounds(p) {
			return 0, false
		}
	}
	distance = Distance(s.Center, p)
	return distance, s.Kind != Circle || distance <= s.Radius*s.Unit
}

// surrounds says whether a ray from a point crosses an odd number of edges.
func (s *Shape) surrounds(p Point) (odd bool) {
	a := s.Corners[len(s.Corners)-1]
	for _, b := range s.Corners {
		if (a.Lat > p.Lat) != (b.Lat > p.Lat) && p.Lon < (b.Lon-a.Lon)*(p.Lat-a.Lat)/(b.Lat-a.Lat)+a.Lon {
			odd = !odd
		}
		a = b
	}
	return odd
}

// bounds returns a range of longitudes and latitudes around the shape. It may
// be beyond the edges of the map.
func (s *Shape) bounds() box {
	if s.Kind == Polygon {
		return boundsOf(s.Corners)
	}
	width, height := s.Unit*s.Radius, s.Unit*s.Radius
	if s.Kind == Box {
		width, height = s.Unit*(s.Width/2), s.Unit*(s.Height/2)
	}
	lat := height / earthRadius / radian
	edge := s.Center.Lat + lat // that which is farther from the equator, where degrees are shorter
	if s.Center.Lat < 0 {
		edge = s.Center.Lat - lat
	}
	lon := width / earthRadius / math.Cos(edge*radian) / radian
	c := s.Center
	return box{Point{c.Lon - lon, c.Lat - lat}, Point{c.Lon + lon, c.Lat + lat}}
}

func boundsOf(points []Point) box {
	b := box{points[0], points[0]}
	for _, p := range points[1:] {
		b.min = Point{min(b.min.Lon, p.Lon), min(b.min.Lat, p.Lat)}
		b.max = Point{max(b.max.Lon, p.Lon), max(b.max.Lat, p.Lat)}
	}
	return b
}

// reach is how far the shape goes from its centre, in metres.
func (s *Shape) reach() float64 {
	switch s.Kind {
	case Circle:
		return s.Radius * s.Unit
	case Box:
		return math.Sqrt(float64((s.Width/2)*(s.Width/2))+float64((s.Height/2)*(s.Height/2))) * s.Unit
	}
	far := 0.0
	for _, p := range s.Corners {
		far = max(far, Distance(s.Center, p))
	}
	return far
}
