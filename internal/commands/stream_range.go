package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/stream"
)

var xlenSpec = cmdspec.Spec{
	Name: "xlen", Arity: 2, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Returns the number of entries in a stream.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Args:       "key",
	Run:        runXLen,
}

func runXLen(c *cmdspec.Ctx) error {
	s, found, err := readStream(c, c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		n = s.Log().Len()
	}
	c.Reply.Int(int64(n))
	return nil
}

var xrangeSpec = cmdspec.Spec{
	Name: "xrange", Arity: -4, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Returns the entries of a stream from one ID to another.",
	Complexity: "O(log N + M) where N is the number of entries in the stream and M that of entries returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key start{string} end{string} [COUNT count]",
	History:    [][2]string{{"6.2.0", "Open intervals."}},
	Run:        func(c *cmdspec.Ctx) error { return streamRange(c, false) },
}

var xrevrangeSpec = cmdspec.Spec{
	Name: "xrevrange", Arity: -4, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Returns the entries of a stream from one ID back to another, the greatest first.",
	Complexity: "O(log N + M) where N is the number of entries in the stream and M that of entries returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key end{string} start{string} [COUNT count]",
	History:    [][2]string{{"6.2.0", "Open intervals."}},
	Run:        func(c *cmdspec.Ctx) error { return streamRange(c, true) },
}

func streamRange(c *cmdspec.Ctx, back bool) error {
	from, to := c.Argv[2], c.Argv[3]
	if back {
		from, to = to, from
	}
	first, last, err := parseInterval(from, to)
	if err != nil {
		return err
	}
	count := int64(-1)
	for a := c.ArgsFrom(4); a.More(); {
		if !a.MatchValue("COUNT") {
			return cmdspec.ErrSyntax
		}
		count = max(0, a.Int())
		if err := a.Err(); err != nil {
			return err
		}
	}
	s, found, err := readStream(c, c.Keys[0])
	switch {
	case err != nil:
		return err
	case !found:
		c.Reply.Array(0)
		return nil
	case count == 0:
		c.Reply.NullArray()
		return nil
	}
	writeEntries(c.Reply, rangeOf(s.Log(), first, last, back), max(0, count))
	return nil
}

func rangeOf(l stream.Log, first, last stream.ID, back bool) stream.Iter {
	if back {
		return l.RangeBack(first, last)
	}
	return l.Range(first, last)
}
