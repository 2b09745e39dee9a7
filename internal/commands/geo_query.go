package commands

import (
	"bytes"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/geohash"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

// geoForm is which of the searching commands it is.
type geoForm uint8

const (
	geoRadius geoForm = iota
	geoRadiusRO
	geoRadiusByMember
	geoRadiusByMemberRO
	geoSearching
	geoSearchStoring
)

func (f geoForm) isSearch() bool { return f >= geoSearching }

func (f geoForm) mayStore() bool { return f == geoRadius || f == geoRadiusByMember }

// geoQuery is a search as the command describes it.
type geoQuery struct {
	form   geoForm
	source *value.ZSet // nil: there is none, but errors come first
	shape  geohash.Shape

	withDistance, withHash, withPlace bool
	any                               bool
	order                             geoOrder
	count                             int64 // 0: all

	stores, storeDistance bool
	destination           keyspace.Key

	fromMember, fromPoint bool
}

var (
	errGeoMember   = cmdspec.Error("ERR could not decode requested zset member")
	errGeoCount    = cmdspec.Error("ERR COUNT must be > 0")
	errGeoAny      = cmdspec.Error("ERR the ANY argument requires COUNT argument")
	errGeoRadius   = cmdspec.Error("ERR need numeric radius")
	errGeoNegative = cmdspec.Error("ERR radius cannot be negative")
	errGeoWidth    = cmdspec.Error("ERR need numeric width")
	errGeoHeight   = cmdspec.Error("ERR need numeric height")
	errGeoBox      = cmdspec.Error("ERR height or width cannot be negative")
	errGeoVertices = cmdspec.Error("ERR GEOSEARCH BYPOLYGON must have at least 3 vertices")
)

func (q *geoQuery) parse(c *cmdspec.Ctx) error {
	options, err := q.parseFixed(c)
	for err == nil && len(options) > 0 {
		n := 0
		n, err = q.parseOption(c, options)
		options = options[min(n, len(options)):]
	}
	if err != nil {
		return err
	}
	return q.check(c)
}

// parseFixed takes what stands at the same place always, and returns the rest.
func (q *geoQuery) parseFixed(c *cmdspec.Ctx) (options [][]byte, err error) {
	a := c.Argv
	switch q.form {
	case geoRadius, geoRadiusRO:
		if q.shape.Center, err = geoPoint(a[2:4]); err == nil {
			err = q.circle(a[4:6])
		}
		return a[6:], err
	case geoRadiusByMember, geoRadiusByMemberRO:
		if err = q.center(a[2]); err == nil && q.source != nil {
			err = q.circle(a[3:5])
		}
		return a[5:], err
	case geoSearchStoring:
		q.stores, q.destination = true, c.Keys[0]
		return a[3:], nil
	}
	return a[2:], nil
}

// center makes a member the center.
func (q *geoQuery) center(member []byte) error {
	if q.source == nil {
		return nil
	}
	found := false
	if q.shape.Center, found = placeOf(q.source, member); !found {
		return errGeoMember
	}
	return nil
}

// circle takes a radius and its unit.
func (q *geoQuery) circle(words [][]byte) (err error) {
	s, ok := &q.shape, false
	s.Kind = geohash.Circle
	if s.Radius, ok = cmdspec.ParseFloat(words[0]); !ok {
		return errGeoRadius
	}
	if s.Radius < 0 {
		return errGeoNegative
	}
	s.Unit, err = geoUnit(words[1])
	return err
}

// box takes a width and a height and their unit.
func (q *geoQuery) box(words [][]byte) (err error) {
	s, ok := &q.shape, false
	s.Kind = geohash.Box
	if s.Width, ok = cmdspec.ParseFloat(words[0]); !ok {
		return errGeoWidth
	}
	if s.Height, ok = cmdspec.ParseFloat(words[1]); !ok {
		return errGeoHeight
	}
	if s.Width < 0 || s.Height < 0 {
		return errGeoBox
	}
	s.Unit, err = geoUnit(words[2])
	return err
}

// polygon takes a number of vertices, then those, and returns how many words that was.
func (q *geoQuery) polygon(words [][]byte) (taken int, err error) {
	n, ok := cmdspec.ParseInt(words[0])
	if !ok {
		return 0, cmdspec.ErrNotInteger
	}
	if n < 3 || n > int64(len(words)-1)/2 {
		return 0, errGeoVertices
	}
	corners := make([]geohash.Point, n)
	for i := range corners {
		if corners[i], err = geoPoint(words[1+2*i:]); err != nil {
			return 0, err
		}
	}
	q.shape = geohash.NewPolygon(corners)
	return 1 + 2*int(n), nil
}

// parseOption takes an option from the front of words, and returns how many words it has.
func (q *geoQuery) parseOption(c *cmdspec.Ctx, words [][]byte) (n int, err error) {
	switch w := words[0]; {
	case cmdspec.EqualFold(w, "WITHDIST"):
		q.withDistance = true
	case cmdspec.EqualFold(w, "WITHHASH"):
		q.withHash = true
	case cmdspec.EqualFold(w, "WITHCOORD"):
		q.withPlace = true
	case cmdspec.EqualFold(w, "ANY"):
		q.any = true
	case cmdspec.EqualFold(w, "ASC"):
		q.order = geoNearest
	case cmdspec.EqualFold(w, "DESC"):
		q.order = geoFarthest
	case cmdspec.EqualFold(w, "COUNT") && len(words) > 1:
		return 2, q.parseCount(words[1])
	case q.form.isSearch():
		return q.parseShape(words)
	case q.form.mayStore() && len(words) > 1 && (cmdspec.EqualFold(w, "STORE") || cmdspec.EqualFold(w, "STOREDIST")):
		q.stores, q.storeDistance, q.destination = true, len(w) > len("STORE"), keyOf(c, words[1])
		return 2, nil
	default:
		return 0, cmdspec.ErrSyntax
	}
	return 1, nil
}

func (q *geoQuery) parseCount(w []byte) error {
	ok := false
	if q.count, ok = cmdspec.ParseInt(w); !ok {
		return cmdspec.ErrNotInteger
	}
	if q.count <= 0 {
		return errGeoCount
	}
	return nil
}

// keyOf is the key of a name among those of the command; none if it is not one, and a later option is.
func keyOf(c *cmdspec.Ctx, name []byte) (k keyspace.Key) {
	for _, k = range c.Keys[1:] {
		if bytes.Equal(k.Name, name) {
			return k
		}
	}
	return keyspace.Key{}
}

// parseShape takes an option of GEOSEARCH or GEOSEARCHSTORE.
func (q *geoQuery) parseShape(words [][]byte) (n int, err error) {
	w, kind, left := words[0], q.shape.Kind, len(words)-1
	from := q.fromMember || q.fromPoint
	switch {
	case cmdspec.EqualFold(w, "FROMMEMBER") && left >= 1 && !q.fromPoint && kind != geohash.Polygon:
		q.fromMember = true
		return 2, q.center(words[1])
	case cmdspec.EqualFold(w, "FROMLONLAT") && left >= 2 && !q.fromMember && kind != geohash.Polygon:
		q.fromPoint = true
		q.shape.Center, err = geoPoint(words[1:])
		return 3, err
	case cmdspec.EqualFold(w, "BYRADIUS") && left >= 2 && (kind == 0 || kind == geohash.Circle):
		return 3, q.circle(words[1:])
	case cmdspec.EqualFold(w, "BYBOX") && left >= 3 && (kind == 0 || kind == geohash.Box):
		return 4, q.box(words[1:])
	case cmdspec.EqualFold(w, "BYPOLYGON") && left >= 1 && kind == 0 && !from:
		n, err = q.polygon(words[1:])
		return n + 1, err
	case cmdspec.EqualFold(w, "STOREDIST") && q.form == geoSearchStoring:
		q.storeDistance = true
		return 1, nil
	}
	return 0, cmdspec.ErrSyntax
}

// check looks for what does not go together.
func (q *geoQuery) check(c *cmdspec.Ctx) error {
	name := c.Argv[0]
	switch {
	case q.stores && (q.withDistance || q.withHash || q.withPlace):
		what := "STORE option in GEORADIUS"
		if q.form.isSearch() {
			what = "GEOSEARCHSTORE"
		}
		return cmdspec.Errorf("ERR %s is not compatible with WITHDIST, WITHHASH and WITHCOORD options", what)
	case q.form.isSearch() && !q.fromMember && !q.fromPoint && q.shape.Kind != geohash.Polygon:
		return cmdspec.Errorf("ERR exactly one of FROMMEMBER or FROMLONLAT can be specified for %s", name)
	case q.form.isSearch() && q.shape.Kind == 0:
		return cmdspec.Errorf("ERR exactly one of BYRADIUS and BYBOX can be specified for %s", name)
	case q.any && q.count == 0:
		return errGeoAny
	}
	return nil
}
