package commands

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"
)

func TestGeoAsStock(t *testing.T) {
	compare(t, lines(`
		GEOADD s 13.361389 38.115556 Palermo 15.087269 37.502669 Catania
		GEOADD s 13.361389 38.115556 Palermo
		GEOADD s CH 13.361389 38.115557 Palermo 1 1 new
		GEOADD s NX 2 2 new 3 3 newer
		GEOADD s xx ch 4 4 newer 5 5 newest
		GEOADD s XX 4 4 newest
		GEOADD none XX 4 4 newest
		GEOADD s NX XX 1 1 x
		GEOADD s NX XX 1 1
		GEOADD s FOO 1 1 x
		GEOADD s 1 1
		GEOADD s 1 1 a 2
		GEOADD s CH 1 1 a 2
		GEOADD s GT 1 1 a
		GEOADD s 200 38 x
		GEOADD s 13 -86 x
		GEOADD s 13 85.05112878 edge 180 -85.05112878 corner -180 0 west
		GEOADD s 13 nan x
		GEOADD s x 1 x
		GEOADD s 1 1 a 200 1 b
		GEOADD s 0x10 1e1 hex
		GEOADD s 0 0 zero -0.0 -0.0 minus
		GEOPOS s Palermo Catania x zero minus edge corner west hex
		GEOPOS s
		GEOPOS nokey a b
		GEOHASH s Palermo Catania x zero minus edge corner west hex
		GEOHASH s
		GEOHASH nokey a
		GEODIST s Palermo Catania
		GEODIST s Palermo Catania m
		GEODIST s Palermo Catania KM
		GEODIST s Palermo Catania mi
		GEODIST s Palermo Catania ft
		GEODIST s Palermo Palermo
		GEODIST s Palermo Catania foo
		GEODIST s Palermo x
		GEODIST s x Palermo
		GEODIST nokey a b
		GEODIST nokey a b foo
		GEODIST s Palermo Catania m m
		GEODIST s corner west
		GEORADIUS s 15 37 200 km
		GEORADIUS s 15 37 200 km WITHDIST
		GEORADIUS s 15 37 200 km WITHDIST WITHHASH WITHCOORD ASC
		GEORADIUS s 15 37 200 km WITHCOORD DESC
		GEORADIUS s 15 37 200 km COUNT 1
		GEORADIUS s 15 37 200 km COUNT 1 DESC
		GEORADIUS s 15 37 200 km COUNT 1 ANY
		GEORADIUS s 15 37 200 km COUNT 0
		GEORADIUS s 15 37 200 km COUNT -1
		GEORADIUS s 15 37 200 km COUNT x
		GEORADIUS s 15 37 200 km COUNT
		GEORADIUS s 15 37 200 km ANY
		GEORADIUS s 15 37 200 km foo
		GEORADIUS s 15 37 200 lightyears
		GEORADIUS s 15 37 -1 km
		GEORADIUS s 15 37 x km
		GEORADIUS s 15 37 inf km
		GEORADIUS s 15 370 10 km
		GEORADIUS s x 37 10 km
		GEORADIUS s 15 37 0 km
		GEORADIUS nokey 15 37 200 km
		GEORADIUS nokey 15 370 200 km
		GEORADIUS nokey 15 37 200 km COUNT 0
		GEORADIUS nokey 15 37 200 km STORE d
		GEORADIUS s 15 37 200 km STORE d
		ZRANGE d 0 -1 WITHSCORES
		GEORADIUS s 15 37 200 km STOREDIST d
		GEORADIUS s 15 37 200 km STOREDIST d COUNT 1
		GEORADIUS s 15 37 200 km STORE d STOREDIST e
		ZRANGE e 0 -1 WITHSCORES
		GEORADIUS s 15 37 200 km STORE d WITHDIST
		GEORADIUS s 15 37 200 km STORE
		GEORADIUS s 170 -80 1 km STORE d
		GEORADIUS s 170 -80 1 km STORE d
		EXISTS d
		GEORADIUS_RO s 15 37 200 km ASC
		GEORADIUS_RO s 15 37 200 km STORE d
		GEORADIUSBYMEMBER s Palermo 200 km
		GEORADIUSBYMEMBER s Palermo 200 km WITHDIST WITHCOORD WITHHASH DESC
		GEORADIUSBYMEMBER s nobody 200 km
		GEORADIUSBYMEMBER s Palermo 200 foo
		GEORADIUSBYMEMBER nokey Palermo 200 foo
		GEORADIUSBYMEMBER nokey Palermo -200 km foo
		GEORADIUSBYMEMBER s Palermo 200 km STORE d
		GEORADIUSBYMEMBER s Palermo 200 km STOREDIST s2
		GEORADIUSBYMEMBER_RO s Palermo 200 km
		GEORADIUSBYMEMBER_RO s Palermo 200 km STOREDIST d
		GEOSEARCH s FROMLONLAT 15 37 BYBOX 400 400 km ASC
		GEOSEARCH s FROMLONLAT 15 37 BYBOX 400 100 km ASC WITHDIST
		GEOSEARCH s BYRADIUS 200 km FROMMEMBER Catania WITHHASH
		GEOSEARCH s frommember Catania byradius 200 KM withcoord
		GEOSEARCH s FROMMEMBER Catania FROMLONLAT 15 37 BYRADIUS 200 km
		GEOSEARCH s FROMLONLAT 15 37 FROMMEMBER Catania BYRADIUS 200 km
		GEOSEARCH s FROMLONLAT 1 3 FROMLONLAT 15 37 BYRADIUS 200 km ASC
		GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 200 km BYBOX 400 400 km
		GEOSEARCH s FROMLONLAT 15 37 BYBOX 400 400 km BYRADIUS 200 km
		GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 2 km BYRADIUS 200 km DESC
		GEOSEARCH s FROMLONLAT 15 37 WITHDIST ASC
		GEOSEARCH s BYRADIUS 1 km ASC WITHDIST WITHCOORD
		gEoSearch s BYRADIUS 1 km ASC WITHDIST WITHCOORD
		GEOSEARCH nokey FROMMEMBER x BYRADIUS 1 km
		GEOSEARCH nokey FROMMEMBER x BYRADIUS 1 foo
		GEOSEARCH nokey ASC ASC ASC ASC ASC
		GEOSEARCH s FROMMEMBER x BYRADIUS 1 km
		GEOSEARCH s FROMLONLAT 15 37 BYBOX x 400 km
		GEOSEARCH s FROMLONLAT 15 37 BYBOX 400 x km
		GEOSEARCH s FROMLONLAT 15 37 BYBOX 400 -1 km
		GEOSEARCH s FROMLONLAT 15 37 BYBOX 400 400 foo
		GEOSEARCH s FROMLONLAT 15 37 BYBOX 400 400
		GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 400 km STOREDIST
		GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 400 km STORE d
		GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 400 km ANY
		GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 400 km ANY COUNT 1
		GEOSEARCH s FROMLONLAT 15 37 BYRADIUS 400 km COUNT 0
		GEOSEARCHSTORE d s FROMLONLAT 15 37 BYBOX 400 400 km
		ZRANGE d 0 -1 WITHSCORES
		GEOSEARCHSTORE d s FROMLONLAT 15 37 BYBOX 400 400 km STOREDIST
		ZRANGE d 0 -1 WITHSCORES
		GEOSEARCHSTORE d s FROMLONLAT 15 37 BYBOX 400 400 mi STOREDIST COUNT 1 DESC
		GEOSEARCHSTORE d s FROMLONLAT 15 37 BYBOX 400 400 km WITHDIST
		GEOSEARCHSTORE d s FROMLONLAT 15 37 BYBOX 400 400 km foo
		GEOSEARCHSTORE d nokey FROMLONLAT 15 37 BYBOX 400 400 km
		GEOSEARCHSTORE d nokey FROMLONLAT 15 37 BYBOX 400 400 km
		GEOSEARCHSTORE s s FROMLONLAT 15 37 BYBOX 400 400 km
		ZRANGE s 0 -1 WITHSCORES
		SET str x
		GEOADD str 1 1 a
		GEODIST str a b
		GEOPOS str a
		GEOHASH str a
		GEORADIUS str 15 370 200 km
		GEOSEARCH str FROMLONLAT 15 37 BYRADIUS 400 km
		GEOSEARCHSTORE str s FROMLONLAT 15 37 BYRADIUS 400 km
		TYPE str
		ZADD odd -5 a 1e300 b 0.5 c inf d 4503599627370496 e
		GEOHASH odd c e
		COMMAND GETKEYSANDFLAGS GEORADIUS s 15 37 200 km STORE d
		COMMAND GETKEYSANDFLAGS GEORADIUS s 15 37 200 km STORE d STOREDIST e
		COMMAND GETKEYSANDFLAGS GEOSEARCHSTORE d s FROMLONLAT 15 37 BYRADIUS 400 km
	`))
}

// Distances are compared to four places here: as scores, with all digits, one
// in a hundred thousand differs in the last, where one of the two does not
// round an arc sine to the nearest float.
func TestRandomGeoAsStock(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	var commands []string
	spread := []float64{180, 180, 10, 1, 0.01}[r.Intn(5)]
	around := func() (lon, lat float64) {
		if spread == 180 {
			return r.Float64()*360 - 180, r.Float64()*170 - 85
		}
		return 170 + spread*(r.Float64()-0.5), -70 + spread*(r.Float64()-0.5)
	}
	for i := range 40 {
		var b strings.Builder
		b.WriteString("GEOADD g")
		for j := range 10 {
			lon, lat := around()
			fmt.Fprintf(&b, " %v %v m%d", lon, lat, i*10+j)
		}
		commands = append(commands, b.String())
	}
	member := func() string { return fmt.Sprintf("m%d", r.Intn(420)) }
	for range 250 {
		lon, lat := around()
		from := fmt.Sprintf("FROMLONLAT %v %v", lon, lat)
		if r.Intn(3) == 0 {
			from = "FROMMEMBER " + fmt.Sprintf("m%d", r.Intn(400))
		}
		size := spread * r.Float64() * 200
		by := fmt.Sprintf("BYRADIUS %v %s", size, []string{"km", "mi", "m"}[r.Intn(3)])
		if r.Intn(2) == 0 {
			by = fmt.Sprintf("BYBOX %v %v km", size, size*r.Float64())
		}
		rest := []string{"", " ASC", " DESC", " COUNT 5", " COUNT 3 ANY", " COUNT 7 DESC"}[r.Intn(6)]
		switch r.Intn(4) {
		case 0:
			commands = append(commands, "GEOSEARCHSTORE d g "+from+" "+by+rest)
		case 1:
			commands = append(commands, "GEODIST g "+member()+" "+member(), "GEOPOS g "+member(), "GEOHASH g "+member())
		default:
			commands = append(commands, "GEOSEARCH g "+from+" "+by+rest+" WITHDIST WITHHASH WITHCOORD")
		}
	}
	compare(t, append(commands, "ZRANGE d 0 -1 WITHSCORES"))
}

// What Valkey 9.0 added.
func TestGeoPolygon(t *testing.T) {
	b := newBench(t)
	b.do(split("GEOADD p 1 1 in 2.9 0.5 right 1.5 2.5 top 5 5 far 0.1 2.9 left")...)
	const triangle = "BYPOLYGON 3 0 0 3 0 1.5 3"
	for _, step := range [][2]string{
		{"GEOSEARCH p " + triangle + " ASC", "*2 $2 in $3 top"},
		{"GEOSEARCH p " + triangle + " DESC COUNT 1", "*1 $3 top"},
		{"GEOSEARCH p " + triangle + " COUNT 1 ANY WITHHASH", "*1 *2 $2 in :3377822707026402"},
		{"GEOSEARCH p bypolygon 4 0 0 3 0 3 3 0 3 ASC", "*4 $2 in $3 top $5 right $4 left"},
		{"GEOSEARCH p BYPOLYGON 3 50 50 51 50 50 51", "*0"},
		{"GEOSEARCH nokey " + triangle, "*0"},
		{"GEOSEARCHSTORE d p " + triangle, ":2"},
		{"ZCARD d", ":2"},
		{"GEOSEARCHSTORE d p " + triangle + " STOREDIST", ":2"},
		{"GEOSEARCHSTORE d p " + triangle + " WITHDIST", "-ERR GEOSEARCHSTORE is not compatible with WITHDIST, WITHHASH and WITHCOORD options"},
		{"GEOSEARCH p BYPOLYGON 2 0 0 3 0", "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices"},
		{"GEOSEARCH p BYPOLYGON 3 0 0 3 0 1", "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices"},
		{"GEOSEARCH p BYPOLYGON x 0 0 3 0 1 1", "-ERR value is not an integer or out of range"},
		{"GEOSEARCH p BYPOLYGON 3 0 0 3 0 1 100", "-ERR invalid longitude,latitude pair 1.000000,100.000000"},
		{"GEOSEARCH p BYPOLYGON 3 0 0 3 0 x 1", "-ERR value is not a valid float"},
		{"GEOSEARCH p BYPOLYGON 9223372036854775807 0 0 3 0 1 1", "-ERR GEOSEARCH BYPOLYGON must have at least 3 vertices"},
		{"GEOSEARCH p " + triangle + " FROMMEMBER in", "-ERR syntax error"},
		{"GEOSEARCH p FROMLONLAT 1 1 " + triangle, "-ERR syntax error"},
		{"GEOSEARCH p " + triangle + " BYBOX 1 1 km", "-ERR syntax error"},
		{"GEOSEARCH p BYRADIUS 1 km " + triangle, "-ERR syntax error"},
		{"GEOSEARCH p " + triangle + " " + triangle, "-ERR syntax error"},
		{"GEORADIUS p 1 1 1 km " + triangle, "-ERR syntax error"},
		{"GEOSEARCH p " + triangle + " ANY", "-ERR the ANY argument requires COUNT argument"},
	} {
		b.want(step[0], step[1])
	}
}

// Of two destinations the last is one, and the one that is locked.
func TestGeoTwoDestinations(t *testing.T) {
	b := newBench(t)
	b.do(split("GEOADD s 1 1 a")...)
	b.want("GEORADIUS s 1 1 1 km STORE x STORE y", ":1")
	b.want("EXISTS x y", ":1")
	b.want("GEORADIUS s 1 1 1 km STORE x STORE x", ":1")
}
