package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// SortedSets are the commands on sorted sets.
func SortedSets(*Deps) []*cmdspec.Spec {
	specs := []cmdspec.Spec{
		zaddSpec, zincrbySpec, zremSpec, zremRangeByRankSpec, zremRangeByScoreSpec, zremRangeByLexSpec,
		zcardSpec, zscoreSpec, zmscoreSpec, zrankSpec, zrevrankSpec, zcountSpec, zlexcountSpec,
		zrangeSpec, zrangestoreSpec, zrevrangeSpec, zrangebyscoreSpec, zrevrangebyscoreSpec, zrangebylexSpec, zrevrangebylexSpec,
		zpopminSpec, zpopmaxSpec, zmpopSpec, bzpopminSpec, bzpopmaxSpec, bzmpopSpec,
		zrandmemberSpec, zscanSpec,
		zunionSpec, zinterSpec, zdiffSpec, zunionstoreSpec, zinterstoreSpec, zdiffstoreSpec, zintercardSpec,
	}
	list := make([]*cmdspec.Spec, len(specs))
	for i := range specs {
		list[i] = &specs[i]
	}
	return list
}

const (
	errZAddNXAndXX = cmdspec.Error("ERR XX and NX options at the same time are not compatible")
	errZAddGTLTNX  = cmdspec.Error("ERR GT, LT, and/or NX options at the same time are not compatible")
	errZAddIncr    = cmdspec.Error("ERR INCR option supports a single increment-element pair")
	errScoreNaN    = cmdspec.Error("ERR resulting score is not a number (NaN)")
	errScoreRange  = cmdspec.Error("ERR min or max is not a float")
	errLexRange    = cmdspec.Error("ERR min or max not valid string range item")
	errRangeCInt64 = cmdspec.Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
)

// readZSet is the sorted set of a key, to read.
func readZSet(c *cmdspec.Ctx, k keyspace.Key) (value.ZSet, bool, error) {
	cell, found, err := c.Tx.ReadCell(k, keyspace.TypeZSet)
	return value.ZSet{Cell: cell}, found, err
}

// writeZSet is the sorted set of a key, to change.
func writeZSet(c *cmdspec.Ctx, k keyspace.Key) (value.ZSet, bool, error) {
	cell, found, err := c.Tx.WriteCell(k, keyspace.TypeZSet)
	return value.ZSet{Cell: cell}, found, err
}

var zaddSpec = cmdspec.Spec{
	Name: "zadd", Arity: -4, Since: "1.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Adds members to a sorted set, or changes their scores.",
	Complexity: "O(log(N)) for each member, where N is the size of the sorted set.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Element:    3,
	Args: "key [NX | XX]{condition 3.0.2} [GT | LT]{comparison 6.2.0} [CH]{change 3.0.2} [INCR]{increment 3.0.2} " +
		"score member [score member ...]",
	History: [][2]string{
		{"2.4.0", "More than one member."},
		{"3.0.2", "The options `XX`, `NX`, `CH` and `INCR`."},
		{"6.2.0", "The options `GT` and `LT`."},
	},
	Run: runZAdd,
}

func runZAdd(c *cmdspec.Ctx) error { return zadd(c, false) }

var zincrbySpec = cmdspec.Spec{
	Name: "zincrby", Arity: 4, Since: "1.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Adds a number to the score of a member of a sorted set; a missing member counts as 0.",
	Complexity: "O(log(N)) where N is the size of the sorted set.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Element:    3,
	Args:       "key increment member",
	Run:        runZIncrBy,
}

func runZIncrBy(c *cmdspec.Ctx) error { return zadd(c, true) }

// zaddOptions are the options of ZADD, and what it has done so far.
type zaddOptions struct {
	nx, xx, gt, lt, ch, incr bool

	added, updated, processed int
	score                     float64 // of the last member processed
}

// parse takes the options from word 2 on, and returns the pairs that follow.
func (o *zaddOptions) parse(c *cmdspec.Ctx) (pairs [][]byte, err error) {
	a := c.ArgsFrom(2)
	for {
		switch {
		case a.Match("NX"):
			o.nx = true
		case a.Match("XX"):
			o.xx = true
		case a.Match("CH"):
			o.ch = true
		case a.Match("INCR"):
			o.incr = true
		case a.Match("GT"):
			o.gt = true
		case a.Match("LT"):
			o.lt = true
		default:
			pairs = c.Argv[len(c.Argv)-a.Left():]
			return pairs, o.check(pairs)
		}
	}
}

func (o *zaddOptions) check(pairs [][]byte) error {
	switch {
	case len(pairs) == 0 || len(pairs)%2 != 0:
		return cmdspec.ErrSyntax
	case o.nx && o.xx:
		return errZAddNXAndXX
	case o.gt && o.nx, o.lt && o.nx, o.gt && o.lt:
		return errZAddGTLTNX
	case o.incr && len(pairs) > 2:
		return errZAddIncr
	}
	return nil
}

func zadd(c *cmdspec.Ctx, incr bool) error {
	o := zaddOptions{incr: incr}
	pairs, err := o.parse(c)
	if err != nil {
		return err
	}
	var room [8]float64
	scores := room[:0]
	for i := 0; i < len(pairs); i += 2 {
		score, ok := cmdspec.ParseFloat(pairs[i])
		if !ok {
			return cmdspec.ErrNotFloat
		}
		scores = append(scores, score)
	}
	k := c.Keys[0]
	z, found, err := writeZSet(c, k)
	if err != nil {
		return err
	}
	if !found && o.xx {
		o.reply(c)
		return nil
	}
	if !found {
		n := value.NewZSetSize(pairs[1], scores[0])
		z = value.NewZSet(c.Tx.NewCell(k, keyspace.TypeZSet, object.Packed, n, keyspace.NoTTL), pairs[1])
	}
	err = o.addAll(&z, pairs, scores)
	if o.added+o.updated > 0 {
		c.Tx.Notify(keyspace.ClassZSet, o.event(), k)
	}
	if err == nil {
		o.reply(c)
	}
	return err
}

func (o *zaddOptions) event() string {
	if o.incr {
		return "zincr"
	}
	return "zadd"
}

func (o *zaddOptions) addAll(z *value.ZSet, pairs [][]byte, scores []float64) error {
	if len(scores) > 1 {
		for i := range scores {
			z.Prefetch(pairs[2*i+1])
		}
	}
	for i, score := range scores {
		if err := o.add(z, pairs[2*i+1], score); err != nil {
			return err
		}
	}
	return nil
}

// add adds one member, or changes its score, as the options have it.
func (o *zaddOptions) add(z *value.ZSet, member []byte, score float64) error {
	p := z.Find(member)
	if !p.Found {
		if o.xx {
			return nil
		}
		z.Add(&p, member, score)
		o.added++
		o.done(score)
		return nil
	}
	if o.nx {
		return nil
	}
	if o.incr {
		if score += p.Score; math.IsNaN(score) {
			return errScoreNaN
		}
	}
	if o.lt && score >= p.Score || o.gt && score <= p.Score {
		return nil
	}
	if score != p.Score {
		z.Move(&p, member, score)
		o.updated++
	}
	o.done(score)
	return nil
}

func (o *zaddOptions) done(score float64) {
	o.processed++
	o.score = score
}

func (o *zaddOptions) reply(c *cmdspec.Ctx) {
	switch {
	case o.incr && o.processed > 0:
		c.Reply.Double(o.score)
	case o.incr:
		c.Reply.Null()
	case o.ch:
		c.Reply.Int(int64(o.added + o.updated))
	default:
		c.Reply.Int(int64(o.added))
	}
}
