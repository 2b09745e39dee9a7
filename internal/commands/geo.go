package commands

import (
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/geohash"
	"github.com/redstart-db/redstart/internal/value"
)

// Geo are the commands on places, which are members of sorted sets.
func Geo(*Deps) []*cmdspec.Spec {
	return []*cmdspec.Spec{
		&geoAddSpec, &geoDistSpec, &geoHashSpec, &geoPosSpec, &geoRadiusSpec, &geoRadiusByMemberSpec,
		&geoRadiusByMemberROSpec, &geoRadiusROSpec, &geoSearchSpec, &geoSearchStoreSpec,
	}
}

var wordZAdd = []byte("ZADD")

// geoPoint takes two words that must be a longitude and a latitude.
func geoPoint(words [][]byte) (p geohash.Point, err error) {
	var ok1, ok2 bool
	p.Lon, ok1 = cmdspec.ParseFloat(words[0])
	p.Lat, ok2 = cmdspec.ParseFloat(words[1])
	if !ok1 || !ok2 {
		return p, cmdspec.ErrNotFloat
	}
	if !p.Valid() {
		return p, cmdspec.Errorf("ERR invalid longitude,latitude pair %f,%f", p.Lon, p.Lat)
	}
	return p, nil
}

// geoUnit takes the name of a unit, and returns how many metres it has.
func geoUnit(w []byte) (float64, error) {
	switch {
	case cmdspec.EqualFold(w, "M"):
		return 1, nil
	case cmdspec.EqualFold(w, "KM"):
		return 1000, nil
	case cmdspec.EqualFold(w, "FT"):
		return 0.3048, nil
	case cmdspec.EqualFold(w, "MI"):
		return 1609.34, nil
	}
	return 0, cmdspec.Error("ERR unsupported unit provided. please use M, KM, FT, MI")
}

// writeDistance writes a distance with four places.
func writeDistance(c *cmdspec.Ctx, d float64) {
	var digits [40]byte
	c.Reply.Bulk(strconv.AppendFloat(digits[:0], d, 'f', 4, 64))
}

// writePoint writes a pair of coordinates.
func writePoint(c *cmdspec.Ctx, p geohash.Point) {
	var digits [40]byte
	c.Reply.Array(2)
	c.Reply.DoubleText(appendDegrees(digits[:0], p.Lon))
	c.Reply.DoubleText(appendDegrees(digits[:0], p.Lat))
}

// appendDegrees appends a number with up to 17 places.
func appendDegrees(b []byte, f float64) []byte {
	b = strconv.AppendFloat(b, f, 'f', places, 64)
	for b[len(b)-1] == '0' {
		b = b[:len(b)-1]
	}
	if b[len(b)-1] == '.' {
		b = b[:len(b)-1]
	}
	if string(b) == "-0" {
		return b[1:]
	}
	return b
}

var geoAddSpec = cmdspec.Spec{
	Name: "geoadd", Arity: -5, Since: "3.2.0", Group: cmdspec.GroupGeo,
	Summary:    "Adds places to a sorted set, or moves them.",
	Complexity: "O(log(N)) for each place, where N is the size of the sorted set.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key [NX | XX]{condition 6.2.0} [CH]{change 6.2.0} longitude latitude member [longitude latitude member ...]",
	History:    [][2]string{{"6.2.0", "The options `CH`, `NX` and `XX`."}},
	Run:        runGeoAdd,
}

// runGeoAdd runs, and journals, the ZADD that the command amounts to.
func runGeoAdd(c *cmdspec.Ctx) error {
	words, err := geoAddAsZAdd(c)
	if err != nil {
		return err
	}
	c.Argv = words
	changes := c.Tx.Dirty()
	if err := zadd(c, false); err != nil {
		return err
	}
	if c.Tx.Dirty() > changes {
		c.Tx.Effect(words...)
	}
	return nil
}

func geoAddAsZAdd(c *cmdspec.Ctx) ([][]byte, error) {
	a := c.ArgsFrom(2)
	nx, xx := false, false
	for {
		if a.Match("NX") {
			nx = true
		} else if a.Match("XX") {
			xx = true
		} else if !a.Match("CH") {
			break
		}
	}
	n := a.Left()
	if n%3 != 0 || nx && xx {
		return nil, cmdspec.ErrSyntax
	}
	words := append(make([][]byte, 0, len(c.Argv)), wordZAdd)
	words = append(words, c.Argv[1:len(c.Argv)-n]...)
	for places := c.Argv[len(c.Argv)-n:]; len(places) > 0; places = places[3:] {
		p, err := geoPoint(places)
		if err != nil {
			return nil, err
		}
		words = append(words, strconv.AppendInt(nil, int64(geohash.Score(p)), 10), places[2])
	}
	return words, nil
}

var geoDistSpec = cmdspec.Spec{
	Name: "geodist", Arity: -4, Since: "3.2.0", Group: cmdspec.GroupGeo,
	Summary:    "Returns how far two places of a sorted set are apart.",
	Complexity: "O(log(N))",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key member1 member2 [M | KM | FT | MI]{unit}",
	Run:        runGeoDist,
}

func runGeoDist(c *cmdspec.Ctx) error {
	unit, err := 1.0, error(nil)
	if len(c.Argv) == 5 {
		unit, err = geoUnit(c.Argv[4])
	} else if len(c.Argv) > 5 {
		err = cmdspec.ErrSyntax
	}
	if err != nil {
		return err
	}
	z, found, err := readZSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	a, ok1 := placeOf(&z, c.Argv[2])
	b, ok2 := placeOf(&z, c.Argv[3])
	if !ok1 || !ok2 {
		c.Reply.Null()
		return nil
	}
	writeDistance(c, geohash.Distance(a, b)/unit)
	return nil
}

// placeOf is where a member is.
func placeOf(z *value.ZSet, member []byte) (p geohash.Point, found bool) {
	score, found := z.Score(member)
	if found {
		p = geohash.Of(score)
	}
	return p, found
}

var geoHashSpec = cmdspec.Spec{
	Name: "geohash", Arity: -2, Since: "3.2.0", Group: cmdspec.GroupGeo,
	Summary:    "Returns places of a sorted set as geohash text.",
	Complexity: "O(log(N)) for each member, where N is the size of the sorted set.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key member [member ...]",
	Run:        runGeoHash,
}

func runGeoHash(c *cmdspec.Ctx) error {
	return eachPlace(c, func(p geohash.Point, found bool) {
		if !found {
			c.Reply.Null()
			return
		}
		var text [16]byte
		c.Reply.Bulk(geohash.AppendText(text[:0], p))
	})
}

var geoPosSpec = cmdspec.Spec{
	Name: "geopos", Arity: -2, Since: "3.2.0", Group: cmdspec.GroupGeo,
	Summary:    "Returns longitude and latitude of places of a sorted set.",
	Complexity: "O(N) where N is the number of members asked for.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key member [member ...]",
	Run:        runGeoPos,
}

func runGeoPos(c *cmdspec.Ctx) error {
	return eachPlace(c, func(p geohash.Point, found bool) {
		if !found {
			c.Reply.NullArray()
			return
		}
		writePoint(c, p)
	})
}

// eachPlace replies with an array of what f writes for each member named.
func eachPlace(c *cmdspec.Ctx, f func(p geohash.Point, found bool)) error {
	z, found, err := readZSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	members := c.Argv[2:]
	c.Reply.Array(len(members))
	for _, m := range members {
		p, ok := geohash.Point{}, false
		if found {
			p, ok = placeOf(&z, m)
		}
		f(p, ok)
	}
	return nil
}
