package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var zremSpec = cmdspec.Spec{
	Name: "zrem", Arity: -3, Since: "1.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Removes members from a sorted set.",
	Complexity: "O(M*log(N)) where N is the size of the sorted set and M the number of members.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Element:    2,
	Args:       "key member [member ...]",
	History:    [][2]string{{"2.4.0", "More than one member."}},
	Run:        runZRem,
}

func runZRem(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	z, found, err := writeZSet(c, k)
	if err != nil {
		return err
	}
	removed := 0
	if found {
		for _, member := range c.Argv[2:] {
			if p := z.Find(member); p.Found {
				z.Remove(&p)
				removed++
			}
		}
	}
	if removed > 0 {
		c.Tx.Notify(keyspace.ClassZSet, "zrem", k)
		if z.Len() == 0 {
			removeEmpty(c, k)
		}
	}
	c.Reply.Int(int64(removed))
	return nil
}

var zremRangeByRankSpec = cmdspec.Spec{
	Name: "zremrangebyrank", Arity: 4, Since: "2.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Removes the members of a sorted set in a range of indexes.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members removed.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args:       "key start stop",
	Run:        runZRemRangeByRank,
}

func runZRemRangeByRank(c *cmdspec.Ctx) error { return zremRange(c, zrangeByRank, "zremrangebyrank") }

var zremRangeByScoreSpec = cmdspec.Spec{
	Name: "zremrangebyscore", Arity: 4, Since: "1.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Removes the members of a sorted set whose scores are in a range.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members removed.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args:       "key min{double} max{double}",
	Run:        runZRemRangeByScore,
}

func runZRemRangeByScore(c *cmdspec.Ctx) error {
	return zremRange(c, zrangeByScore, "zremrangebyscore")
}

var zremRangeByLexSpec = cmdspec.Spec{
	Name: "zremrangebylex", Arity: 4, Since: "2.8.9", Group: cmdspec.GroupSortedSet,
	Summary:    "Removes the members of a sorted set that are in a range in alphabetical order.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members removed.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args:       "key min max",
	Run:        runZRemRangeByLex,
}

func runZRemRangeByLex(c *cmdspec.Ctx) error { return zremRange(c, zrangeByLex, "zremrangebylex") }

func zremRange(c *cmdspec.Ctx, by zrangeBy, event string) error {
	var r zrange
	if err := r.parse(by, c.Argv[2], c.Argv[3]); err != nil {
		return err
	}
	k := c.Keys[0]
	z, found, err := writeZSet(c, k)
	if err != nil {
		return err
	}
	rank, n := 0, 0
	if found {
		rank, n = r.ranks(&z)
	}
	switch {
	case n == 0:
	case n == z.Len():
		z.Change()
		c.Tx.Notify(keyspace.ClassZSet, event, k)
		removeEmpty(c, k)
	default:
		z.RemoveRange(rank, n)
		c.Tx.Notify(keyspace.ClassZSet, event, k)
	}
	c.Reply.Int(int64(n))
	return nil
}
