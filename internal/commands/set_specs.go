package commands

import "github.com/redstart-db/redstart/internal/cmdspec"

// The commands of set_algebra.go.

var (
	readKeys  = []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 1, cmdspec.RO|cmdspec.Access)}
	countKeys = []cmdspec.KeySpec{cmdspec.KeyCount(1, cmdspec.RO|cmdspec.Access)}
)

// storeKeys is a destination, written as dst says, and sources.
func storeKeys(dst cmdspec.KeyFlags) []cmdspec.KeySpec {
	return []cmdspec.KeySpec{cmdspec.Key(1, dst|cmdspec.Update), cmdspec.KeyRange(2, -1, 1, cmdspec.RO|cmdspec.Access)}
}

const (
	interCost = "O(N*M) at worst, where N is the number of members of the smallest set and M the number of sets."
	unionCost = "O(N) where N is the number of members of all sets together."
	diffCost  = "O(N*M) at worst, where N is the number of members of the first set and M the number of sets."
)

var sInterSpec = cmdspec.Spec{
	Name: "sinter", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Returns the members that several sets have in common.",
	Complexity: interCost,
	Flags:      cmdspec.ReadOnly,
	Keys:       readKeys,
	Args:       "key [key ...]",
	Tips:       []string{"nondeterministic_output_order"},
	Run:        runSetOperation(opInter),
}

var sInterStoreSpec = cmdspec.Spec{
	Name: "sinterstore", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Stores the members that several sets have in common.",
	Complexity: interCost,
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       storeKeys(cmdspec.RW),
	Args:       "destination key [key ...]",
	Run:        runSetStore(opInter, "sinterstore"),
}

var sInterCardSpec = cmdspec.Spec{
	Name: "sintercard", Arity: -3, Since: "7.0.0", Group: cmdspec.GroupSet,
	Summary:    "Returns how many members several sets have in common.",
	Complexity: interCost,
	Flags:      cmdspec.ReadOnly | cmdspec.MovableKeys,
	Keys:       countKeys,
	Args:       "numkeys key [key ...] [LIMIT limit]",
	Run:        runSetCard(opInter),
}

var sUnionSpec = cmdspec.Spec{
	Name: "sunion", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Returns the members of any of several sets.",
	Complexity: unionCost,
	Flags:      cmdspec.ReadOnly,
	Keys:       readKeys,
	Args:       "key [key ...]",
	Tips:       []string{"nondeterministic_output_order"},
	Run:        runSetOperation(opUnion),
}

var sUnionStoreSpec = cmdspec.Spec{
	Name: "sunionstore", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Stores the members of any of several sets.",
	Complexity: unionCost,
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       storeKeys(cmdspec.OW),
	Args:       "destination key [key ...]",
	Run:        runSetStore(opUnion, "sunionstore"),
}

var sUnionCardSpec = cmdspec.Spec{
	Name: "sunioncard", Arity: -3, Since: "8.10.0", Group: cmdspec.GroupSet,
	Summary:    "Returns how many members several sets have together.",
	Complexity: unionCost,
	Flags:      cmdspec.ReadOnly | cmdspec.MovableKeys,
	Keys:       countKeys,
	Args:       "numkeys key [key ...] [APPROX] [LIMIT limit]",
	Run:        runSetCard(opUnion),
}

var sDiffSpec = cmdspec.Spec{
	Name: "sdiff", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Returns the members of a set that are in none of the others.",
	Complexity: diffCost,
	Flags:      cmdspec.ReadOnly,
	Keys:       readKeys,
	Args:       "key [key ...]",
	Tips:       []string{"nondeterministic_output_order"},
	Run:        runSetOperation(opDiff),
}

var sDiffStoreSpec = cmdspec.Spec{
	Name: "sdiffstore", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Stores the members of a set that are in none of the others.",
	Complexity: diffCost,
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       storeKeys(cmdspec.OW),
	Args:       "destination key [key ...]",
	Run:        runSetStore(opDiff, "sdiffstore"),
}

var sDiffCardSpec = cmdspec.Spec{
	Name: "sdiffcard", Arity: -3, Since: "8.10.0", Group: cmdspec.GroupSet,
	Summary:    "Returns how many members of a set are in none of the others.",
	Complexity: diffCost,
	Flags:      cmdspec.ReadOnly | cmdspec.MovableKeys,
	Keys:       countKeys,
	Args:       "numkeys key [key ...] [LIMIT limit]",
	Run:        runSetCard(opDiff),
}
