package commands

import "github.com/redstart-db/redstart/internal/cmdspec"

const (
	geoComplexity = "O(N+log(M)) where N is the number of places around the shape and M the size of the sorted set."

	geoCount = "[COUNT count [ANY]{6.2.0}]{count} [ASC | DESC]{order}"
	geoWith  = "[WITHCOORD] [WITHDIST] [WITHHASH]"
	geoUnits = "<M | KM | FT | MI>{unit}"
	geoShape = "<FROMMEMBER member | <FROMLONLAT longitude latitude>>{from} <<BYRADIUS radius " + geoUnits + ">{circle} | " +
		"<BYBOX width height " + geoUnits + ">{box} | <BYPOLYGON num-vertices{integer} <longitude latitude [longitude latitude ...]>>{polygon 9.0.0}>{by} " +
		"[ASC | DESC]{order} [COUNT count [ANY]]{count}"
)

var geoHistory = [][2]string{{"7.0.0", "Units in upper case."}, {"9.0.0", "The option `BYPOLYGON`, as in Valkey."}}

// geoKeys are the keys of GEORADIUS and GEORADIUSBYMEMBER, whose options begin at a word. Of several
// destinations of a kind the last is one.
func geoKeys(options int) []cmdspec.KeySpec {
	destination := func(keyword string) cmdspec.KeySpec {
		find := func(words [][]byte) int { return findGeoStore(words, options, keyword) }
		return cmdspec.KeySpec{Flags: cmdspec.OW | cmdspec.Update, Keyword: keyword, StartFrom: options, Step: 1, Find: find}
	}
	return []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access), destination("STORE"), destination("STOREDIST")}
}

// findGeoStore finds what follows the last keyword that is an option.
func findGeoStore(words [][]byte, options int, keyword string) (at int) {
	for i := options; i+1 < len(words); i++ {
		switch w := words[i]; {
		case cmdspec.EqualFold(w, keyword):
			at = i + 1
			i++
		case cmdspec.EqualFold(w, "COUNT"), cmdspec.EqualFold(w, "STORE"), cmdspec.EqualFold(w, "STOREDIST"):
			i++
		}
	}
	return at
}

var geoRadiusSpec = cmdspec.Spec{
	Name: "georadius", Arity: -6, Since: "3.2.0", Group: cmdspec.GroupGeo,
	Summary:    "Finds the places of a sorted set around a point, and may store them.",
	Complexity: geoComplexity,
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.MovableKeys,
	Keys:       geoKeys(6),
	Args: "key longitude latitude radius " + geoUnits + " " + geoWith + " " + geoCount +
		" [STORE key{#1}] [STOREDIST key{#2}]",
	Deprecated: "6.2.0|`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
	History:    [][2]string{{"6.2.0", "The option `ANY`."}, {"7.0.0", "Units in upper case."}},
	Run:        func(c *cmdspec.Ctx) error { return runGeoQuery(c, geoRadius) },
}

var geoRadiusROSpec = cmdspec.Spec{
	Name: "georadius_ro", Arity: -6, Since: "3.2.10", Group: cmdspec.GroupGeo,
	Summary:    "Finds the places of a sorted set around a point.",
	Complexity: geoComplexity,
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key longitude latitude radius " + geoUnits + " " + geoWith + " " + geoCount,
	Deprecated: "6.2.0|`GEOSEARCH` with the `BYRADIUS` argument",
	History:    [][2]string{{"6.2.0", "The option `ANY`."}},
	Run:        func(c *cmdspec.Ctx) error { return runGeoQuery(c, geoRadiusRO) },
}

var geoRadiusByMemberSpec = cmdspec.Spec{
	Name: "georadiusbymember", Arity: -5, Since: "3.2.0", Group: cmdspec.GroupGeo,
	Summary:    "Finds the places of a sorted set around one of them, and may store them.",
	Complexity: geoComplexity,
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.MovableKeys,
	Keys:       geoKeys(5),
	Args: "key member radius " + geoUnits + " " + geoWith + " [COUNT count [ANY]]{count} [ASC | DESC]{order}" +
		" [STORE key{#1}] [STOREDIST key{#2}]",
	Deprecated: "6.2.0|`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
	History:    [][2]string{{"6.2.0", "The option `ANY`."}, {"7.0.0", "Units in upper case."}},
	Run:        func(c *cmdspec.Ctx) error { return runGeoQuery(c, geoRadiusByMember) },
}

var geoRadiusByMemberROSpec = cmdspec.Spec{
	Name: "georadiusbymember_ro", Arity: -5, Since: "3.2.10", Group: cmdspec.GroupGeo,
	Summary:    "Finds the places of a sorted set around one of them.",
	Complexity: geoComplexity,
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key member radius " + geoUnits + " " + geoWith + " [COUNT count [ANY]]{count} [ASC | DESC]{order}",
	Deprecated: "6.2.0|`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
	Run:        func(c *cmdspec.Ctx) error { return runGeoQuery(c, geoRadiusByMemberRO) },
}

var geoSearchSpec = cmdspec.Spec{
	Name: "geosearch", Arity: -7, Since: "6.2.0", Group: cmdspec.GroupGeo,
	Summary:    "Finds the places of a sorted set in a circle, a box or a polygon.",
	Complexity: geoComplexity,
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key " + geoShape + " " + geoWith,
	History:    geoHistory,
	Run:        func(c *cmdspec.Ctx) error { return runGeoQuery(c, geoSearching) },
}

var geoSearchStoreSpec = cmdspec.Spec{
	Name: "geosearchstore", Arity: -8, Since: "6.2.0", Group: cmdspec.GroupGeo,
	Summary:    "Stores the places of a sorted set that are in a circle, a box or a polygon.",
	Complexity: geoComplexity,
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys: []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.OW|cmdspec.Update),
		cmdspec.Key(2, cmdspec.RO|cmdspec.Access)},
	Args:    "destination source " + geoShape + " [STOREDIST]",
	History: geoHistory,
	Run:     func(c *cmdspec.Ctx) error { return runGeoQuery(c, geoSearchStoring) },
}
