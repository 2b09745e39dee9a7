package commands

import (
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

// A zend is an end of a sorted set to pop from.
type zend struct {
	max     bool
	event   string
	command []byte // for the journal
}

var (
	zmin = zend{false, "zpopmin", []byte("ZPOPMIN")}
	zmax = zend{true, "zpopmax", []byte("ZPOPMAX")}
)

// A zpop is some members to be popped, and the shape of the reply.
type zpop struct {
	end    *zend
	count  int64
	nested bool // each member and its score are an array
	named  bool // the key comes first
}

// pop pops members of k and replies. found is false, and nothing written, if there is no such set.
func (p *zpop) pop(c *cmdspec.Ctx, k keyspace.Key) (n int, found bool, err error) {
	z, found, err := writeZSet(c, k)
	if !found || err != nil {
		return 0, false, err
	}
	all := z.Len()
	n = int(min(p.count, int64(all)))
	rank, first := 0, 0
	if p.end.max {
		rank, first = all-n, all-1
	}
	it := z.Walk(first, n, p.end.max)
	p.write(c, k, &it, n)
	if n == 0 {
		return 0, true, nil
	}
	if n < all {
		z.RemoveRange(rank, n)
	} else {
		z.Change()
	}
	c.Tx.Notify(keyspace.ClassZSet, p.end.event, k)
	if n == all {
		removeEmpty(c, k)
	}
	return n, true, nil
}

func (p *zpop) write(c *cmdspec.Ctx, k keyspace.Key, it *value.ZIter, n int) {
	switch {
	case p.named && p.nested:
		c.Reply.Array(2)
		c.Reply.Bulk(k.Name)
		c.Reply.Array(n)
	case p.named:
		c.Reply.Array(2*n + 1)
		c.Reply.Bulk(k.Name)
	case p.nested:
		c.Reply.Array(n)
	default:
		c.Reply.Array(2 * n)
	}
	for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
		if p.nested {
			c.Reply.Array(2)
		}
		c.Reply.Bulk(member)
		c.Reply.Double(score)
	}
}

// popFirst pops from the first of some keys that is there.
func (p *zpop) popFirst(c *cmdspec.Ctx, keys []keyspace.Key) (k keyspace.Key, n int, err error) {
	for _, k := range keys {
		n, found, err := p.pop(c, k)
		if found || err != nil {
			return k, n, err
		}
	}
	return k, 0, nil
}

var zpopminSpec = cmdspec.Spec{
	Name: "zpopmin", Arity: -2, Since: "5.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Removes and returns the members of a sorted set with the lowest scores.",
	Complexity: "O(log(N)*M) where N is the size of the sorted set and M the number of members removed.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [count]",
	Run:        runZPopMin,
}

func runZPopMin(c *cmdspec.Ctx) error { return zpopFrom(c, &zmin) }

var zpopmaxSpec = cmdspec.Spec{
	Name: "zpopmax", Arity: -2, Since: "5.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Removes and returns the members of a sorted set with the highest scores.",
	Complexity: "O(log(N)*M) where N is the size of the sorted set and M the number of members removed.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [count]",
	Run:        runZPopMax,
}

func runZPopMax(c *cmdspec.Ctx) error { return zpopFrom(c, &zmax) }

func zpopFrom(c *cmdspec.Ctx, end *zend) error {
	p := zpop{end: end, count: 1}
	if len(c.Argv) > 3 {
		return cmdspec.ErrSyntax
	}
	if len(c.Argv) == 3 {
		n, ok := cmdspec.ParseInt(c.Argv[2])
		if !ok || n < 0 {
			return cmdspec.ErrPositive
		}
		p.count, p.nested = n, c.Reply.Proto == 3
	}
	_, found, err := p.pop(c, c.Keys[0])
	if err == nil && !found {
		c.Reply.Array(0)
	}
	return err
}

var zmpopSpec = cmdspec.Spec{
	Name: "zmpop", Arity: -4, Since: "7.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Removes and returns members with the lowest or highest scores of the first sorted set that is not empty.",
	Complexity: "O(K) + O(M*log(N)) where K is the number of keys, N the size of the sorted set and M the number of members removed.",
	Flags:      cmdspec.Write | cmdspec.MovableKeys,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyCount(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "numkeys key [key ...] <MIN | MAX>{where} [COUNT count]",
	Run:        runZMPop,
}

const (
	errNumKeysPositive = cmdspec.Error("ERR numkeys should be greater than 0")
	errCountPositive   = cmdspec.Error("ERR count should be greater than 0")
)

// parseZMPop reads what follows from the number of keys, word at, on.
func parseZMPop(c *cmdspec.Ctx, at int) (p zpop, err error) {
	p = zpop{count: -1, nested: true, named: true}
	numKeys, ok := cmdspec.ParseInt(c.Argv[at])
	if !ok || numKeys <= 0 {
		return p, errNumKeysPositive
	}
	if numKeys >= int64(len(c.Argv)-at-1) {
		return p, cmdspec.ErrSyntax
	}
	a := c.ArgsFrom(at + 1 + int(numKeys))
	switch {
	case a.Match("MIN"):
		p.end = &zmin
	case a.Match("MAX"):
		p.end = &zmax
	default:
		return p, cmdspec.ErrSyntax
	}
	for a.More() {
		if p.count != -1 || !a.MatchValue("COUNT") {
			return p, cmdspec.ErrSyntax
		}
		if p.count, ok = cmdspec.ParseInt(a.Next()); !ok || p.count <= 0 {
			return p, errCountPositive
		}
	}
	if p.count == -1 {
		p.count = 1
	}
	return p, nil
}

func runZMPop(c *cmdspec.Ctx) error {
	p, err := parseZMPop(c, 1)
	if err != nil {
		return err
	}
	k, n, err := p.popFirst(c, c.Keys)
	if err == nil && n == 0 {
		c.Reply.NullArray()
	}
	if n > 0 {
		p.journal(c, k, n)
	}
	return err
}

// journal names the pop that a command came to.
func (p *zpop) journal(c *cmdspec.Ctx, k keyspace.Key, n int) {
	if !c.Tx.Journalled() {
		return
	}
	if !p.nested {
		c.Tx.Effect(p.end.command, k.Name)
		return
	}
	c.Tx.Effect(p.end.command, k.Name, strconv.AppendInt(nil, int64(n), 10))
}

var bzpopminSpec = cmdspec.Spec{
	Name: "bzpopmin", Arity: -3, Since: "5.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "ZPOPMIN of the first of some keys that is not empty; waits until there is one.",
	Complexity: "O(log(N)) where N is the size of the sorted set.",
	Flags:      cmdspec.Write | cmdspec.NoScript | cmdspec.Blocking | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -2, 1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [key ...] timeout",
	History:    [][2]string{{"6.0.0", "`timeout` may have a fraction."}},
	Run:        runBZPopMin,
}

func runBZPopMin(c *cmdspec.Ctx) error {
	return bzpop(c, &zpop{end: &zmin, count: 1, named: true}, c.Argv[len(c.Argv)-1])
}

var bzpopmaxSpec = cmdspec.Spec{
	Name: "bzpopmax", Arity: -3, Since: "5.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "ZPOPMAX of the first of some keys that is not empty; waits until there is one.",
	Complexity: "O(log(N)) where N is the size of the sorted set.",
	Flags:      cmdspec.Write | cmdspec.NoScript | cmdspec.Blocking | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -2, 1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [key ...] timeout",
	History:    [][2]string{{"6.0.0", "`timeout` may have a fraction."}},
	Run:        runBZPopMax,
}

func runBZPopMax(c *cmdspec.Ctx) error {
	return bzpop(c, &zpop{end: &zmax, count: 1, named: true}, c.Argv[len(c.Argv)-1])
}

var bzmpopSpec = cmdspec.Spec{
	Name: "bzmpop", Arity: -5, Since: "7.0.0", Group: cmdspec.GroupSortedSet,
	Summary:    "ZMPOP that waits until one of the keys holds a sorted set.",
	Complexity: "O(K) + O(M*log(N)) where K is the number of keys, N the size of the sorted set and M the number of members removed.",
	Flags:      cmdspec.Write | cmdspec.Blocking | cmdspec.MovableKeys,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyCount(2, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "timeout numkeys key [key ...] <MIN | MAX>{where} [COUNT count]",
	Run:        runBZMPop,
}

func runBZMPop(c *cmdspec.Ctx) error {
	p, err := parseZMPop(c, 2)
	if err != nil {
		return err
	}
	return bzpop(c, &p, c.Argv[1])
}

func bzpop(c *cmdspec.Ctx, p *zpop, timeout []byte) error {
	deadline, err := parseTimeout(timeout, c.Tx.Now())
	if err != nil {
		return err
	}
	k, n, err := p.popFirst(c, c.Keys)
	switch {
	case err != nil:
		return err
	case n == 0:
		return c.Block(c.Keys, deadline, cmdspec.BlockNullArray)
	}
	p.journal(c, k, n)
	return nil
}
