package commands

import (
	"bytes"
	"math"
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// zrangeBy says what the ends of a range are.
type zrangeBy uint8

const (
	zrangeByAny zrangeBy = iota // the options will tell; else by rank
	zrangeByRank
	zrangeByScore
	zrangeByLex
)

// A zrange is a range of members.
type zrange struct {
	by          zrangeBy
	start, stop int64
	score       value.ScoreRange
	lex         value.LexRange
}

// parse reads the ends of a range, the lower one first.
func (r *zrange) parse(by zrangeBy, low, high []byte) error {
	r.by = by
	ok1, ok2 := false, false
	switch by {
	case zrangeByScore:
		r.score.Min, r.score.MinOpen, ok1 = parseScoreBound(low)
		r.score.Max, r.score.MaxOpen, ok2 = parseScoreBound(high)
		if !ok1 || !ok2 {
			return errScoreRange
		}
	case zrangeByLex:
		r.lex.Min, ok1 = parseLexBound(low)
		r.lex.Max, ok2 = parseLexBound(high)
		if !ok1 || !ok2 {
			return errLexRange
		}
	default:
		r.start, ok1 = cmdspec.ParseInt(low)
		r.stop, ok2 = cmdspec.ParseInt(high)
		if !ok1 || !ok2 {
			return cmdspec.ErrNotInteger
		}
	}
	return nil
}

// ranks is where the range begins and how many members are in it.
func (r *zrange) ranks(z *value.ZSet) (rank, n int) {
	switch r.by {
	case zrangeByScore:
		return z.ByScore(r.score)
	case zrangeByLex:
		return z.ByLex(r.lex)
	}
	return indexRange(r.start, r.stop, z.Len())
}

// indexRange is where a range of indexes, of which negative ones count from
// the end, begins in n things, and how many there are in it.
func indexRange(start, stop int64, n int) (first, count int) {
	if start < 0 {
		start = max(start+int64(n), 0)
	}
	if stop < 0 {
		stop += int64(n)
	}
	stop = min(stop, int64(n)-1)
	if start > stop {
		return 0, 0
	}
	return int(start), int(stop - start + 1)
}

// parseScoreBound reads an end of a range of scores as C's strtod does, which
// forgives leading space, and an empty word is 0; a parenthesis excludes it.
func parseScoreBound(b []byte) (score float64, open, ok bool) {
	if f, ok := cmdspec.ParseFloat(b); ok {
		return f, false, true
	}
	if len(b) > 0 && b[0] == '(' {
		open, b = true, b[1:]
	}
	if end := bytes.IndexByte(b, 0); end >= 0 {
		b = b[:end]
	}
	if len(b) == 0 {
		return 0, open, true
	}
	n, ok := cmdspec.ScanFloat(bytes.TrimLeft(b, " \t\n\v\f\r"))
	switch {
	case !ok || n.NaN:
		return 0, open, false
	case n.Inf && n.Neg:
		return math.Inf(-1), open, true
	case n.Inf:
		return math.Inf(1), open, true
	}
	score, _ = strconv.ParseFloat(n.Text, 64) // too large is infinite
	return score, open, true
}

// parseLexBound reads an end of a range of members.
func parseLexBound(b []byte) (value.LexBound, bool) {
	switch {
	case len(b) == 0:
	case b[0] == '[':
		return value.LexBound{Member: b[1:]}, true
	case b[0] == '(':
		return value.LexBound{Member: b[1:], Open: true}, true
	case string(b) == "-":
		return value.LexBound{Inf: -1}, true
	case string(b) == "+":
		return value.LexBound{Inf: 1}, true
	}
	return value.LexBound{}, false
}

const (
	errZRangeLimit  = cmdspec.Error("ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX")
	errZRangeScores = cmdspec.Error("ERR syntax error, WITHSCORES not supported in combination with BYLEX")
)

// zrangeOptions are what the commands of the ZRANGE family are told. What a
// command's name says already cannot be said by an option.
type zrangeOptions struct {
	zrange
	by            zrangeBy
	anyDirection  bool // REV may be given
	back          bool
	store         bool // ZRANGESTORE
	withScores    bool
	offset, limit int64 // limit -1: all
}

// parse reads the ends of the range from word at on, and options.
func (o *zrangeOptions) parse(c *cmdspec.Ctx, at int) error {
	o.limit = -1
	a := c.ArgsFrom(at + 2)
	for a.More() {
		switch {
		case !o.store && a.Match("WITHSCORES"):
			o.withScores = true
		case a.Left() > 2 && a.Match("LIMIT"):
			o.offset, o.limit = a.Int(), a.Int()
		case o.anyDirection && a.Match("REV"):
			o.back, o.anyDirection = true, false
		case o.by == zrangeByAny && a.Match("BYLEX"):
			o.by = zrangeByLex
		case o.by == zrangeByAny && a.Match("BYSCORE"):
			o.by = zrangeByScore
		default:
			a.Fail(cmdspec.ErrSyntax)
		}
	}
	if err := a.Done(); err != nil {
		return err
	}
	byRank := o.by == zrangeByAny || o.by == zrangeByRank
	switch {
	case byRank && o.limit != -1:
		return errZRangeLimit
	case o.by == zrangeByLex && o.withScores:
		return errZRangeScores
	case !byRank && o.back: // the higher end comes first
		return o.zrange.parse(o.by, c.Argv[at+1], c.Argv[at])
	}
	return o.zrange.parse(o.by, c.Argv[at], c.Argv[at+1])
}

// walk goes over the members of z that are asked for.
func (o *zrangeOptions) walk(z *value.ZSet) (it value.ZIter, n int) {
	var rank int
	if o.back && (o.by == zrangeByAny || o.by == zrangeByRank) {
		rank, n = indexRange(o.start, o.stop, z.Len())
		rank = z.Len() - rank - n
	} else {
		rank, n = o.ranks(z)
	}
	skip := int(min(uint64(o.offset), uint64(n))) // a negative offset skips all
	n -= skip
	if o.back {
		rank += n - 1
	} else {
		rank += skip
	}
	if o.limit >= 0 && n > 0 {
		n = int(min(int64(n), o.limit))
	}
	return z.Walk(rank, n, o.back), n
}

// writeZMembers replies with n members, and with their scores if told so: in
// RESP3 as pairs.
func writeZMembers(c *cmdspec.Ctx, it *value.ZIter, n int, withScores bool) {
	pairs := withScores && c.Reply.Proto == 3
	if withScores && !pairs {
		c.Reply.Array(2 * n)
	} else {
		c.Reply.Array(n)
	}
	for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
		if pairs {
			c.Reply.Array(2)
		}
		c.Reply.Bulk(member)
		if withScores {
			c.Reply.Double(score)
		}
	}
}

// zrangeReply is ZRANGE and its older forms.
func zrangeReply(c *cmdspec.Ctx, o *zrangeOptions) error {
	if err := o.parse(c, 2); err != nil {
		return err
	}
	z, found, err := readZSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Array(0)
		return nil
	}
	it, n := o.walk(&z)
	writeZMembers(c, &it, n, o.withScores)
	return nil
}

var zrangeSpec = cmdspec.Spec{
	Name: "zrange", Arity: -4, Since: "1.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the members of a sorted set in a range of indexes, scores, or in alphabetical order.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key start{string} stop{string} [BYSCORE | BYLEX]{sortby 6.2.0} [REV]{6.2.0} [LIMIT offset count]{6.2.0} [WITHSCORES]",
	History:    [][2]string{{"6.2.0", "The options `REV`, `BYSCORE`, `BYLEX` and `LIMIT`."}},
	Run:        runZRange,
}

func runZRange(c *cmdspec.Ctx) error { return zrangeReply(c, &zrangeOptions{anyDirection: true}) }

var zrevrangeSpec = cmdspec.Spec{
	Name: "zrevrange", Arity: -4, Since: "1.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the members of a sorted set in a range of indexes, the highest score first.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key start stop [WITHSCORES]",
	Deprecated: "6.2.0|`ZRANGE` with the `REV` argument",
	Run:        runZRevRange,
}

func runZRevRange(c *cmdspec.Ctx) error {
	return zrangeReply(c, &zrangeOptions{by: zrangeByRank, back: true})
}

var zrangebyscoreSpec = cmdspec.Spec{
	Name: "zrangebyscore", Arity: -4, Since: "1.0.5", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the members of a sorted set whose scores are in a range.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key min{double} max{double} [WITHSCORES]{2.0.0} [LIMIT offset count]",
	History:    [][2]string{{"2.0.0", "The option `WITHSCORES`."}},
	Deprecated: "6.2.0|`ZRANGE` with the `BYSCORE` argument",
	Run:        runZRangeByScore,
}

func runZRangeByScore(c *cmdspec.Ctx) error {
	return zrangeReply(c, &zrangeOptions{by: zrangeByScore})
}

var zrevrangebyscoreSpec = cmdspec.Spec{
	Name: "zrevrangebyscore", Arity: -4, Since: "2.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the members of a sorted set whose scores are in a range, the highest score first.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key max{double} min{double} [WITHSCORES] [LIMIT offset count]",
	History:    [][2]string{{"2.1.6", "The ends of the range may be open."}},
	Deprecated: "6.2.0|`ZRANGE` with the `REV` and `BYSCORE` arguments",
	Run:        runZRevRangeByScore,
}

func runZRevRangeByScore(c *cmdspec.Ctx) error {
	return zrangeReply(c, &zrangeOptions{by: zrangeByScore, back: true})
}

var zrangebylexSpec = cmdspec.Spec{
	Name: "zrangebylex", Arity: -4, Since: "2.8.9", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the members of a sorted set that are in a range in alphabetical order.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key min max [LIMIT offset count]",
	Deprecated: "6.2.0|`ZRANGE` with the `BYLEX` argument",
	Run:        runZRangeByLex,
}

func runZRangeByLex(c *cmdspec.Ctx) error { return zrangeReply(c, &zrangeOptions{by: zrangeByLex}) }

var zrevrangebylexSpec = cmdspec.Spec{
	Name: "zrevrangebylex", Arity: -4, Since: "2.8.9", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns the members of a sorted set that are in a range in alphabetical order, the last first.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key max min [LIMIT offset count]",
	Deprecated: "6.2.0|`ZRANGE` with the `REV` and `BYLEX` arguments",
	Run:        runZRevRangeByLex,
}

func runZRevRangeByLex(c *cmdspec.Ctx) error {
	return zrangeReply(c, &zrangeOptions{by: zrangeByLex, back: true})
}

var zrangestoreSpec = cmdspec.Spec{
	Name: "zrangestore", Arity: -5, Since: "6.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Stores a range of a sorted set, as ZRANGE finds it, in another key.",
	Complexity: "O(log(N)+M) where N is the size of the sorted set and M the number of members stored.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys: []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.OW|cmdspec.Update),
		cmdspec.Key(2, cmdspec.RO|cmdspec.Access)},
	Args: "dst src min max [BYSCORE | BYLEX]{sortby} [REV] [LIMIT offset count]",
	Run:  runZRangeStore,
}

func runZRangeStore(c *cmdspec.Ctx) error {
	o := zrangeOptions{anyDirection: true, store: true}
	if err := o.parse(c, 3); err != nil {
		return err
	}
	dst, src := c.Keys[0], c.Keys[1]
	z, found, err := readZSet(c, src)
	if err != nil {
		return err
	}
	draft := c.Tx.DraftCell(dst, keyspace.TypeZSet, object.Packed, 0)
	b := value.NewZBuilder(draft.Arena(), 0)
	if found {
		it, _ := o.walk(&z)
		for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
			b.Add(member, score)
		}
	}
	b.Sort()
	storeZSet(c, dst, &draft, b, "zrangestore")
	return nil
}

// storeZSet makes what was built the value of dst, which is deleted if that is
// empty, and replies with the number of members.
func storeZSet(c *cmdspec.Ctx, dst keyspace.Key, draft *value.Cell, b *value.ZBuilder, event string) {
	n := b.Len()
	switch {
	case n > 0:
		b.Store(draft)
		c.Tx.StoreDraft(dst, draft)
		c.Tx.Notify(keyspace.ClassZSet, event, dst)
	default:
		b.Free()
		c.Tx.DropDraft(dst, draft)
		if c.Tx.Delete(dst) {
			c.Tx.Notify(keyspace.ClassGeneric, "del", dst)
		}
	}
	c.Reply.Int(int64(n))
}
