package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

var sRandMemberSpec = cmdspec.Spec{
	Name: "srandmember", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Returns random members of a set.",
	Complexity: "O(N) where N is the absolute value of the count.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key [count{2.6.0}]",
	History:    [][2]string{{"2.6.0", "The argument `count`."}},
	Tips:       []string{"nondeterministic_output"},
	Run:        runSRandMember,
}

// maxRepeats bounds a count for which members may be returned again and
// again: such a reply is as long as the client says, however small the set.
const maxRepeats = 1 << 27

const errCountRange = cmdspec.Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")

func runSRandMember(c *cmdspec.Ctx) error {
	if len(c.Argv) > 3 {
		return cmdspec.ErrSyntax
	}
	if len(c.Argv) == 3 {
		return runSRandMemberCount(c)
	}
	s, found, err := readSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	var digits [20]byte
	c.Reply.Bulk(s.Random(digits[:]))
	return nil
}

func runSRandMemberCount(c *cmdspec.Ctx) error {
	count, ok := cmdspec.ParseInt(c.Argv[2])
	switch {
	case !ok:
		return cmdspec.ErrNotInteger
	case count == math.MinInt64:
		return errCountRange
	case count < -maxRepeats:
		return cmdspec.ErrOutOfRange
	}
	s, found, err := readSet(c, c.Keys[0])
	switch {
	case err != nil:
		return err
	case !found || count == 0:
		c.Reply.Array(0)
	case count < 0:
		c.Reply.Array(int(-count))
		c.Reply.Lost = false
		s.EachRandom(int(-count), func(m []byte) bool {
			c.Reply.Bulk(m)
			return !c.Reply.Lost
		})
	case count >= int64(s.Len()):
		c.Reply.Array(s.Len())
		s.Each(func(m []byte) bool {
			c.Reply.Bulk(m)
			return true
		})
	default:
		c.Reply.Array(int(count))
		s.EachSample(int(count), func(m []byte) { c.Reply.Bulk(m) })
	}
	return nil
}

var sPopSpec = cmdspec.Spec{
	Name: "spop", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Removes random members from a set and returns them.",
	Complexity: "O(1) without a count, otherwise O(N) where N is the count.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [count{3.2.0}]",
	History:    [][2]string{{"3.2.0", "The argument `count`."}},
	Tips:       []string{"nondeterministic_output"},
	Run:        runSPop,
}

func runSPop(c *cmdspec.Ctx) error {
	if len(c.Argv) > 3 {
		return cmdspec.ErrSyntax
	}
	if len(c.Argv) == 3 {
		return runSPopCount(c)
	}
	k := c.Keys[0]
	s, found, err := writeSet(c, k)
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	var room [64]byte
	member := s.Pop(room[:0])
	c.Tx.Notify(keyspace.ClassSet, "spop", k)
	if c.Tx.Journalled() {
		c.Tx.Effect(wordSRem, k.Name, append([]byte(nil), member...))
	}
	if s.Len() == 0 {
		removeEmpty(c, k)
	}
	c.Reply.Bulk(member)
	return nil
}

var wordSRem = []byte("SREM")

func runSPopCount(c *cmdspec.Ctx) error {
	count, ok := cmdspec.ParseInt(c.Argv[2])
	if !ok || count < 0 {
		return cmdspec.ErrPositive
	}
	k := c.Keys[0]
	s, found, err := writeSet(c, k)
	switch {
	case err != nil:
		return err
	case !found || count == 0:
		c.Reply.Set(0)
	case count >= int64(s.Len()):
		popAll(c, &s, k)
	default:
		popSome(c, &s, k, int(count))
	}
	return nil
}

func popAll(c *cmdspec.Ctx, s *value.Set, k keyspace.Key) {
	s.Change()
	c.Tx.Notify(keyspace.ClassSet, "spop", k)
	writeMembers(c, s)
	removeEmpty(c, k)
	c.Tx.Effect(wordDel, k.Name)
}

// popBatch is how many members one SREM of the journal names.
const popBatch = 1024

func popSome(c *cmdspec.Ctx, s *value.Set, k keyspace.Key, count int) {
	var words [][]byte
	flush := func() {
		if len(words) > 2 {
			c.Tx.Effect(words...)
		}
		words = append(words[:0], wordSRem, k.Name)
	}
	journalled := c.Tx.Journalled()
	flush()
	c.Reply.Set(count)
	s.PopMany(count, func(m []byte) {
		c.Reply.Bulk(m)
		if !journalled {
			return
		}
		if words = append(words, append([]byte(nil), m...)); len(words) == popBatch+2 {
			flush()
		}
	})
	c.Tx.Notify(keyspace.ClassSet, "spop", k)
	flush()
}
