package commands

import (
	"math"
	"math/rand/v2"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/value"
)

var zrandmemberSpec = cmdspec.Spec{
	Name: "zrandmember", Arity: -2, Since: "6.2.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Returns random members of a sorted set.",
	Complexity: "O(N) where N is the number of members returned.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key [count [WITHSCORES]]{options}",
	Tips:       []string{"nondeterministic_output"},
	Run:        runZRandMember,
}

func runZRandMember(c *cmdspec.Ctx) error {
	if len(c.Argv) > 2 {
		return zrandMembers(c)
	}
	z, found, err := readZSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	member, _, _ := zrandom(&z)
	c.Reply.Bulk(member)
	return nil
}

// parseZRandMember reads the count, which is negative if members may come more than once.
func parseZRandMember(c *cmdspec.Ctx) (count int64, withScores bool, err error) {
	count, ok := cmdspec.ParseInt(c.Argv[2])
	switch {
	case !ok:
		return 0, false, cmdspec.ErrNotInteger
	case count == math.MinInt64:
		return 0, false, errRangeCInt64
	case len(c.Argv) > 4, len(c.Argv) == 4 && !cmdspec.EqualFold(c.Argv[3], "WITHSCORES"):
		return 0, false, cmdspec.ErrSyntax
	}
	withScores = len(c.Argv) == 4
	if count < -maxRepeats || withScores && count > math.MaxInt64/2 {
		return 0, false, cmdspec.ErrOutOfRange
	}
	return count, withScores, nil
}

func zrandMembers(c *cmdspec.Ctx) error {
	count, withScores, err := parseZRandMember(c)
	if err != nil {
		return err
	}
	z, found, err := readZSet(c, c.Keys[0])
	switch {
	case err != nil:
		return err
	case !found || count == 0:
		c.Reply.Array(0)
	case count < 0:
		writeRandomZMembers(c, &z, -count, withScores)
	case count >= int64(z.Len()):
		it := z.Walk(z.Len()-1, z.Len(), true) // Redis's order, as good as any
		writeZMembers(c, &it, z.Len(), withScores)
	default:
		writeZSample(c, &z, int(count), withScores)
	}
	return nil
}

// zrandom is any member of a set.
func zrandom(z *value.ZSet) (member []byte, score float64, ok bool) {
	it := z.Walk(rand.IntN(z.Len()), 1, false)
	return it.Next()
}

// openZMembers begins the reply of n members, with scores if told so.
func openZMembers(c *cmdspec.Ctx, n int64, withScores bool) {
	if withScores && c.Reply.Proto != 3 {
		n *= 2
	}
	c.Reply.Array(int(n))
}

func writeZMember(c *cmdspec.Ctx, member []byte, score float64, withScores bool) {
	if withScores && c.Reply.Proto == 3 {
		c.Reply.Array(2)
	}
	c.Reply.Bulk(member)
	if withScores {
		c.Reply.Double(score)
	}
}

// writeRandomZMembers replies with count members, some perhaps more than once.
func writeRandomZMembers(c *cmdspec.Ctx, z *value.ZSet, count int64, withScores bool) {
	openZMembers(c, count, withScores)
	c.Reply.Lost = false
	for i := int64(0); i < count && !c.Reply.Lost; i++ {
		member, score, _ := zrandom(z)
		writeZMember(c, member, score, withScores)
	}
}

// writeZSample replies with count different members, fewer than there are.
func writeZSample(c *cmdspec.Ctx, z *value.ZSet, count int, withScores bool) {
	openZMembers(c, int64(count), withScores)
	n := z.Len()
	if count > n/4 {
		writeZSelection(c, z, count, withScores)
		return
	}
	// Floyd's sample: each rank from n-count on, or a random one before it
	// that was not yet taken.
	taken := make(map[int]bool, count)
	for last := n - count; last < n; last++ {
		rank := rand.IntN(last + 1)
		if taken[rank] {
			rank = last
		}
		taken[rank] = true
		it := z.Walk(rank, 1, false)
		member, score, _ := it.Next()
		writeZMember(c, member, score, withScores)
	}
}

// writeZSelection goes through all members and takes each with the chance that count is reached.
func writeZSelection(c *cmdspec.Ctx, z *value.ZSet, count int, withScores bool) {
	left := z.Len()
	it := z.Walk(0, left, false)
	for member, score, ok := it.Next(); ok && count > 0; member, score, ok = it.Next() {
		if rand.IntN(left) < count {
			writeZMember(c, member, score, withScores)
			count--
		}
		left--
	}
}

var zscanSpec = cmdspec.Spec{
	Name: "zscan", Arity: -3, Since: "2.8.0", Group: cmdspec.GroupSortedSet,
	Summary:    "Goes through the members of a sorted set, with their scores, in small steps.",
	Complexity: "O(1) for a step, O(N) for all steps from the cursor 0 until it is 0 again, where N is the number of members.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key cursor [MATCH pattern] [COUNT count]",
	Tips:       []string{"nondeterministic_output"},
	Run:        runZScan,
}

func runZScan(c *cmdspec.Ctx) error {
	s, found, err := beginScan(c, keyspace.TypeZSet, nil)
	if err != nil || !found {
		return err
	}
	var names nameList
	z := value.ZSet{Cell: s.cell}
	next := z.Scan(s.cursor, s.count, func(member []byte, score float64) {
		if s.matches(member) {
			var digits [40]byte
			names.add(member)
			names.add(resp.AppendDouble(digits[:0], score))
		}
	})
	writeScan(c.Reply, next, &names)
	return nil
}
