package commands

import (
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

var lpopSpec = cmdspec.Spec{
	Name: "lpop", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Takes elements from the left end of a list.",
	Complexity: "O(N) where N is the number of elements taken.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [count]{6.2.0}",
	History:    [][2]string{{"6.2.0", "The argument `count`."}},
	Run:        func(c *cmdspec.Ctx) error { return pop(c, value.Left) },
}

var rpopSpec = cmdspec.Spec{
	Name: "rpop", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Takes elements from the right end of a list.",
	Complexity: "O(N) where N is the number of elements taken.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [count]{6.2.0}",
	History:    [][2]string{{"6.2.0", "The argument `count`."}},
	Run:        func(c *cmdspec.Ctx) error { return pop(c, value.Right) },
}

func pop(c *cmdspec.Ctx, s value.ListEnd) error {
	switch len(c.Argv) {
	case 2:
		return popOne(c, s)
	case 3:
		return popMany(c, s)
	}
	return c.Spec.ErrArity()
}

func popOne(c *cmdspec.Ctx, s value.ListEnd) error {
	k := c.Keys[0]
	l, found, err := writeList(c, k)
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	replyPopped(c, k, &l, s)
	return nil
}

// replyPopped takes one element and writes it.
func replyPopped(c *cmdspec.Ctx, k keyspace.Key, l *value.List, s value.ListEnd) {
	bulkEntry(c.Reply, l.At(s))
	l.Drop(s)
	popped(c, k, l, s)
}

func popMany(c *cmdspec.Ctx, s value.ListEnd) error {
	n, ok := cmdspec.ParseInt(c.Argv[2])
	if !ok || n < 0 {
		return cmdspec.ErrPositive
	}
	k := c.Keys[0]
	l, found, err := writeList(c, k)
	switch {
	case err != nil:
		return err
	case !found:
		c.Reply.NullArray()
	case n == 0:
		c.Reply.Array(0)
	default:
		replyPoppedRange(c, k, &l, s, n)
	}
	return nil
}

// replyPoppedRange takes up to n elements, writes them, and returns their number.
func replyPoppedRange(c *cmdspec.Ctx, k keyspace.Key, l *value.List, s value.ListEnd, n int64) int {
	size := l.Len()
	taken := int(min(n, int64(size)))
	c.Reply.Array(taken)
	if s == value.Left {
		it := l.Iter(0)
		for range taken {
			bulkEntry(c.Reply, it.Next())
		}
		l.DeleteRange(0, taken)
	} else {
		it := l.Iter(-1)
		for range taken {
			bulkEntry(c.Reply, it.Prev())
		}
		l.DeleteRange(size-taken, taken)
	}
	popped(c, k, l, s)
	return taken
}

var lmpopSpec = cmdspec.Spec{
	Name: "lmpop", Arity: -4, Since: "7.0.0", Group: cmdspec.GroupList,
	Summary:    "Takes elements from the first of several lists that is not empty.",
	Complexity: "O(N+M) where N is the number of keys and M that of elements taken.",
	Flags:      cmdspec.Write | cmdspec.MovableKeys,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyCount(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "numkeys key [key ...] <LEFT | RIGHT>{where} [COUNT count]",
	Run:        runLMPop,
}

func runLMPop(c *cmdspec.Ctx) error {
	s, n, err := multiPopArgs(c, 1)
	if err != nil {
		return err
	}
	done, err := popFirst(c, s, n)
	if !done && err == nil {
		c.Reply.NullArray()
	}
	return err
}

// multiPopArgs reads the words of LMPOP from the number of keys on.
func multiPopArgs(c *cmdspec.Ctx, from int) (s value.ListEnd, count int64, err error) {
	keys, err := atLeast(c.Argv[from], 1, errNumKeysPositive)
	if err != nil {
		return s, 0, err
	}
	if keys >= int64(len(c.Argv)-from-1) {
		return s, 0, cmdspec.ErrSyntax
	}
	a := c.ArgsFrom(from + 1 + int(keys))
	if s, err = listEnd(a.Next()); err != nil || !a.More() {
		return s, 1, err
	}
	if !a.MatchValue("COUNT") {
		return s, 0, cmdspec.ErrSyntax
	}
	if count, err = atLeast(a.Next(), 1, errCountPositive); err != nil {
		return s, 0, err
	}
	return s, count, a.Done()
}

// popFirst takes up to n elements of the first list there is, writes key and
// elements, and says whether there was one.
func popFirst(c *cmdspec.Ctx, s value.ListEnd, n int64) (done bool, err error) {
	for _, k := range c.Keys {
		l, found, err := writeList(c, k)
		if err != nil {
			return false, err
		}
		if !found {
			continue
		}
		c.Reply.Array(2)
		c.Reply.Bulk(k.Name)
		taken := replyPoppedRange(c, k, &l, s, n)
		var digits [20]byte
		c.Tx.Effect(popWord(s), k.Name, strconv.AppendInt(digits[:0], int64(taken), 10))
		return true, nil
	}
	return false, nil
}
