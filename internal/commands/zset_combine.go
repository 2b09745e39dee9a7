package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// zcombining is what a command does with several sets.
type zcombining uint8

const (
	zunion zcombining = iota
	zinter
	zdiff
)

var zunionSpec = cmdspec.Spec{
	Name: "zunion", Arity: -3, Since: "6.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the union of sorted sets.",
	Complexity: "O(N)+O(M*log(M)) where N is the number of members of all sorted sets and M that of the result.",
	Flags:      cmdspec.ReadOnly | cmdspec.MovableKeys,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyCount(1, cmdspec.RO|cmdspec.Access)},
	Args: "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT{8.8.0}>{aggregate}] " +
		"[WITHSCORES]",
	History: [][2]string{{"8.8.0", "The aggregate `COUNT`."}},
	Run:     runZUnion,
}

func runZUnion(c *cmdspec.Ctx) error { return zcombineReply(c, zunion) }

var zinterSpec = cmdspec.Spec{
	Name: "zinter", Arity: -3, Since: "6.2.0", Group: cmdspec.GroupSortedSet,
	Summary: "Returns the intersection of sorted sets.",
	Complexity: "O(N*K)+O(M*log(M)) where N is the size of the smallest sorted set, K the number of sorted sets and " +
		"M the size of the result.",
	Flags: cmdspec.ReadOnly | cmdspec.MovableKeys,
	Keys:  []cmdspec.KeySpec{cmdspec.KeyCount(1, cmdspec.RO|cmdspec.Access)},
	Args: "numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT{8.8.0}>{aggregate}] " +
		"[WITHSCORES]",
	History: [][2]string{{"8.8.0", "The aggregate `COUNT`."}},
	Run:     runZInter,
}

func runZInter(c *cmdspec.Ctx) error { return zcombineReply(c, zinter) }

var zdiffSpec = cmdspec.Spec{
	Name: "zdiff", Arity: -3, Since: "6.2.0", Group: cmdspec.GroupSortedSet,
	Summary: "Returns the members of the first sorted set that are in no other.",
	Complexity: "O(L + (N-K)log(N)) where L is the number of members of all sorted sets, N the size of the first and " +
		"K the size of the result.",
	Flags: cmdspec.ReadOnly | cmdspec.MovableKeys,
	Keys:  []cmdspec.KeySpec{cmdspec.KeyCount(1, cmdspec.RO|cmdspec.Access)},
	Args:  "numkeys key [key ...] [WITHSCORES]",
	Run:   runZDiff,
}

func runZDiff(c *cmdspec.Ctx) error { return zcombineReply(c, zdiff) }

var zunionstoreSpec = cmdspec.Spec{
	Name: "zunionstore", Arity: -4, Since: "2.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Stores the union of sorted sets in a key.",
	Complexity: "O(N)+O(M log(M)) where N is the number of members of all sorted sets and M that of the result.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.MovableKeys,
	Keys:       zstoreKeys,
	Args:       "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT{8.8.0}>{aggregate}]",
	History:    [][2]string{{"8.8.0", "The aggregate `COUNT`."}},
	Run:        runZUnionStore,
}

var zstoreKeys = []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.OW|cmdspec.Update), cmdspec.KeyCount(2, cmdspec.RO|cmdspec.Access)}

func runZUnionStore(c *cmdspec.Ctx) error { return zcombineStore(c, zunion, "zunionstore") }

var zinterstoreSpec = cmdspec.Spec{
	Name: "zinterstore", Arity: -4, Since: "2.0.0", Group: cmdspec.GroupSortedSet,
	Summary: "Stores the intersection of sorted sets in a key.",
	Complexity: "O(N*K)+O(M*log(M)) where N is the size of the smallest sorted set, K the number of sorted sets and " +
		"M the size of the result.",
	Flags:   cmdspec.Write | cmdspec.DenyOOM | cmdspec.MovableKeys,
	Keys:    zstoreKeys,
	Args:    "destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX | COUNT{8.8.0}>{aggregate}]",
	History: [][2]string{{"8.8.0", "The aggregate `COUNT`."}},
	Run:     runZInterStore,
}

func runZInterStore(c *cmdspec.Ctx) error { return zcombineStore(c, zinter, "zinterstore") }

var zdiffstoreSpec = cmdspec.Spec{
	Name: "zdiffstore", Arity: -4, Since: "6.2.0", Group: cmdspec.GroupSortedSet,
	Summary: "Stores the members of the first sorted set that are in no other in a key.",
	Complexity: "O(L + (N-K)log(N)) where L is the number of members of all sorted sets, N the size of the first and " +
		"K the size of the result.",
	Flags: cmdspec.Write | cmdspec.DenyOOM | cmdspec.MovableKeys,
	Keys:  zstoreKeys,
	Args:  "destination numkeys key [key ...]",
	Run:   runZDiffStore,
}

func runZDiffStore(c *cmdspec.Ctx) error { return zcombineStore(c, zdiff, "zdiffstore") }

var zintercardSpec = cmdspec.Spec{
	Name: "zintercard", Arity: -3, Since: "7.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the number of members of the intersection of sorted sets.",
	Complexity: "O(N*K) where N is the size of the smallest sorted set and K the number of sorted sets.",
	Flags:      cmdspec.ReadOnly | cmdspec.MovableKeys,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyCount(1, cmdspec.RO|cmdspec.Access)},
	Args:       "numkeys key [key ...] [LIMIT limit]",
	Run:        runZInterCard,
}

func runZInterCard(c *cmdspec.Ctx) error {
	o := zcombineOptions{what: zinter, counting: true}
	if err := o.parse(c, 1, c.Keys); err != nil {
		return err
	}
	c.Reply.Int(int64(value.ZInterCard(o.sources, o.limit)))
	return nil
}

// zcombineOptions are what the commands on several sorted sets are told.
type zcombineOptions struct {
	what       zcombining
	storing    bool
	counting   bool // ZINTERCARD
	sources    []value.ZSource
	aggregate  value.Aggregate
	withScores bool
	limit      int
}

const (
	errWeight        = cmdspec.Error("ERR weight value is not a float")
	errLimitNegative = cmdspec.Error("ERR LIMIT can't be negative")
)

// parse reads the command from the number of keys, word at, on, and opens the
// sources, whose keys are given.
func (o *zcombineOptions) parse(c *cmdspec.Ctx, at int, keys []keyspace.Key) error {
	n, ok := cmdspec.ParseInt(c.Argv[at])
	switch {
	case !ok:
		return cmdspec.ErrNotInteger
	case n < 1:
		return cmdspec.Errorf("ERR at least 1 input key is needed for '%s' command", c.Spec.FullName)
	case n > int64(len(c.Argv)-at-1):
		return cmdspec.ErrSyntax
	}
	if err := o.open(c, keys); err != nil {
		return err
	}
	a := c.ArgsFrom(at + 1 + int(n))
	for a.More() {
		if err := o.option(&a); err != nil {
			return err
		}
	}
	return a.Done()
}

// option takes one option with its values.
func (o *zcombineOptions) option(a *cmdspec.Args) error {
	weighs := o.what != zdiff && !o.counting
	switch {
	case weighs && a.Left() > len(o.sources) && a.Match("WEIGHTS"):
		for i := range o.sources {
			w, ok := cmdspec.ParseFloat(a.Next())
			if !ok {
				return errWeight
			}
			o.sources[i].Weight = w
		}
	case weighs && a.MatchValue("AGGREGATE"):
		return o.matchAggregate(a)
	case !o.storing && !o.counting && a.Match("WITHSCORES"):
		o.withScores = true
	case o.counting && a.MatchValue("LIMIT"):
		n, ok := cmdspec.ParseInt(a.Next())
		if !ok || n < 0 {
			return errLimitNegative
		}
		o.limit = int(n)
	default:
		return cmdspec.ErrSyntax
	}
	return nil
}

func (o *zcombineOptions) matchAggregate(a *cmdspec.Args) error {
	switch {
	case a.Match("SUM"):
		o.aggregate = value.AggregateSum
	case a.Match("MIN"):
		o.aggregate = value.AggregateMin
	case a.Match("MAX"):
		o.aggregate = value.AggregateMax
	case a.Match("COUNT"):
		o.aggregate = value.AggregateCount
	default:
		return cmdspec.ErrSyntax
	}
	return nil
}

// open opens the sources: sorted sets, and sets.
func (o *zcombineOptions) open(c *cmdspec.Ctx, keys []keyspace.Key) error {
	o.sources = make([]value.ZSource, len(keys))
	for i, k := range keys {
		s := &o.sources[i]
		s.Name, s.Weight = string(k.Name), 1
		cell, found, err := c.Tx.ReadCell(k, keyspace.TypeZSet)
		if err != nil {
			if cell, found, err = c.Tx.ReadCell(k, keyspace.TypeSet); err != nil {
				return err
			}
			s.Set = &value.Set{Cell: cell}
		} else if found {
			s.ZSet = &value.ZSet{Cell: cell}
		}
	}
	return nil
}

// combine builds the result where the value of dst would be.
func (o *zcombineOptions) combine(c *cmdspec.Ctx, dst keyspace.Key) (value.Cell, *value.ZBuilder) {
	draft := c.Tx.DraftCell(dst, keyspace.TypeZSet, object.Packed, 0)
	a := draft.Arena()
	switch o.what {
	case zunion:
		return draft, value.ZUnion(a, o.sources, o.aggregate)
	case zinter:
		return draft, value.ZInter(a, o.sources, o.aggregate)
	}
	return draft, value.ZDiff(a, o.sources)
}

func zcombineReply(c *cmdspec.Ctx, what zcombining) error {
	o := zcombineOptions{what: what}
	if err := o.parse(c, 1, c.Keys); err != nil {
		return err
	}
	k := c.Keys[0]
	draft, b := o.combine(c, k)
	it := b.Walk(0, b.Len())
	writeZMembers(c, &it, b.Len(), o.withScores)
	b.Free()
	c.Tx.DropDraft(k, &draft)
	return nil
}

func zcombineStore(c *cmdspec.Ctx, what zcombining, event string) error {
	o := zcombineOptions{what: what, storing: true}
	var sources []keyspace.Key
	if len(c.Keys) > 0 {
		sources = c.Keys[1:]
	}
	if err := o.parse(c, 2, sources); err != nil {
		return err
	}
	dst := c.Keys[0]
	draft, b := o.combine(c, dst)
	storeZSet(c, dst, &draft, b, event)
	return nil
}
