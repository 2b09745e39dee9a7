package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
)

var zcardSpec = cmdspec.Spec{
	Name: "zcard", Arity: 2, Since: "1.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the number of members of a sorted set.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Args:       "key",
	Run:        runZCard,
}

func runZCard(c *cmdspec.Ctx) error {
	z, found, err := readZSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		n = z.Len()
	}
	c.Reply.Int(int64(n))
	return nil
}

var zscoreSpec = cmdspec.Spec{
	Name: "zscore", Arity: 3, Since: "1.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the score of a member of a sorted set.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Element:    2,
	Args:       "key member",
	Run:        runZScore,
}

func runZScore(c *cmdspec.Ctx) error { return zscores(c) }

var zmscoreSpec = cmdspec.Spec{
	Name: "zmscore", Arity: -3, Since: "6.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the scores of members of a sorted set.",
	Complexity: "O(N) where N is the number of members asked for.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Element:    2,
	Args:       "key member [member ...]",
	Run:        runZMScore,
}

func runZMScore(c *cmdspec.Ctx) error {
	at := len(c.Reply.Buf)
	c.Reply.Array(len(c.Argv) - 2)
	err := zscores(c)
	if err != nil {
		c.Reply.Buf = c.Reply.Buf[:at]
	}
	return err
}

// zscores replies with the score of each member, or null.
func zscores(c *cmdspec.Ctx) error {
	z, found, err := readZSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	for _, member := range c.Argv[2:] {
		score, ok := 0.0, false
		if found {
			score, ok = z.Score(member)
		}
		if ok {
			c.Reply.Double(score)
		} else {
			c.Reply.Null()
		}
	}
	return nil
}

var zrankSpec = cmdspec.Spec{
	Name: "zrank", Arity: -3, Since: "2.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the index of a member of a sorted set, counted from the lowest score.",
	Complexity: "O(log(N)) where N is the size of the sorted set.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Element:    2,
	Args:       "key member [WITHSCORE]{7.2.0}",
	History:    [][2]string{{"7.2.0", "The option `WITHSCORE`."}},
	Run:        runZRank,
}

func runZRank(c *cmdspec.Ctx) error { return zrank(c, false) }

var zrevrankSpec = cmdspec.Spec{
	Name: "zrevrank", Arity: -3, Since: "2.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the index of a member of a sorted set, counted from the highest score.",
	Complexity: "O(log(N)) where N is the size of the sorted set.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Element:    2,
	Args:       "key member [WITHSCORE]{7.2.0}",
	History:    [][2]string{{"7.2.0", "The option `WITHSCORE`."}},
	Run:        runZRevRank,
}

func runZRevRank(c *cmdspec.Ctx) error { return zrank(c, true) }

func zrank(c *cmdspec.Ctx, back bool) error {
	if len(c.Argv) > 4 {
		return c.Spec.ErrArity()
	}
	withScore := len(c.Argv) == 4
	if withScore && !cmdspec.EqualFold(c.Argv[3], "WITHSCORE") {
		return cmdspec.ErrSyntax
	}
	z, found, err := readZSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	if found {
		if p := z.Find(c.Argv[2]); p.Found {
			rank := z.Rank(&p)
			if back {
				rank = z.Len() - 1 - rank
			}
			if withScore {
				c.Reply.Array(2)
			}
			c.Reply.Int(int64(rank))
			if withScore {
				c.Reply.Double(p.Score)
			}
			return nil
		}
	}
	if withScore {
		c.Reply.NullArray()
	} else {
		c.Reply.Null()
	}
	return nil
}

var zcountSpec = cmdspec.Spec{
	Name: "zcount", Arity: 4, Since: "2.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Counts the members of a sorted set whose scores are in a range.",
	Complexity: "O(log(N)) where N is the size of the sorted set.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key min{double} max{double}",
	Run:        runZCount,
}

func runZCount(c *cmdspec.Ctx) error { return zcount(c, zrangeByScore) }

var zlexcountSpec = cmdspec.Spec{
	Name: "zlexcount", Arity: 4, Since: "2.8.9", Group: cmdspec.GroupSortedSet,
	Summary:    "Counts the members of a sorted set that are in a range in alphabetical order.",
	Complexity: "O(log(N)) where N is the size of the sorted set.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key min max",
	Run:        runZLexCount,
}

func runZLexCount(c *cmdspec.Ctx) error { return zcount(c, zrangeByLex) }

func zcount(c *cmdspec.Ctx, by zrangeBy) error {
	var r zrange
	if err := r.parse(by, c.Argv[2], c.Argv[3]); err != nil {
		return err
	}
	z, found, err := readZSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		_, n = r.ranks(&z)
	}
	c.Reply.Int(int64(n))
	return nil
}
