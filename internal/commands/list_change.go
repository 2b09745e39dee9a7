package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var lsetSpec = cmdspec.Spec{
	Name: "lset", Arity: 4, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Replaces an element of a list by its index.",
	Complexity: "O(N) where N is the distance to the nearer end.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key index element",
	Run:        runLSet,
}

const errIndexRange = cmdspec.Error("ERR index out of range")

func runLSet(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	l, found, err := writeList(c, k)
	if err != nil {
		return err
	}
	if !found {
		return cmdspec.ErrNoSuchKey
	}
	i, err := listIndex(c.Argv[2])
	if err != nil {
		return err
	}
	if err := checkElements(c.Argv[3:]); err != nil {
		return err
	}
	if !l.Set(i, c.Argv[3]) {
		return errIndexRange
	}
	c.Tx.Notify(keyspace.ClassList, "lset", k)
	c.Reply.OK()
	return nil
}

var linsertSpec = cmdspec.Spec{
	Name: "linsert", Arity: 5, Since: "2.2.0", Group: cmdspec.GroupList,
	Summary:    "Puts an element before or after the first one that equals another.",
	Complexity: "O(N) where N is the number of elements up to that.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Args:       "key <BEFORE | AFTER>{where} pivot element",
	Run:        runLInsert,
}

func runLInsert(c *cmdspec.Ctx) error {
	if err := checkElements(c.Argv[4:]); err != nil {
		return err
	}
	after := cmdspec.EqualFold(c.Argv[2], "AFTER")
	if !after && !cmdspec.EqualFold(c.Argv[2], "BEFORE") {
		return cmdspec.ErrSyntax
	}
	k := c.Keys[0]
	l, found, err := writeList(c, k)
	switch {
	case err != nil:
		return err
	case !found:
		c.Reply.Int(0)
	case !l.Insert(c.Argv[3], c.Argv[4], after):
		c.Reply.Int(-1)
	default:
		c.Tx.Notify(keyspace.ClassList, "linsert", k)
		c.Reply.Int(int64(l.Len()))
	}
	return nil
}

var lremSpec = cmdspec.Spec{
	Name: "lrem", Arity: 4, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Removes elements that equal a given one: so many from the left end, from the right end if negative, all if 0.",
	Complexity: "O(N+M) where N is the number of elements and M that of those removed.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args:       "key count element",
	Run:        runLRem,
}

func runLRem(c *cmdspec.Ctx) error {
	n, err := listIndex(c.Argv[2])
	if err != nil {
		return err
	}
	k := c.Keys[0]
	l, found, err := writeList(c, k)
	if err != nil {
		return err
	}
	gone := 0
	if found {
		gone = l.Remove(c.Argv[3], n)
	}
	if gone > 0 {
		c.Tx.Notify(keyspace.ClassList, "lrem", k)
		if l.Len() == 0 {
			removeEmpty(c, k)
		}
	}
	c.Reply.Int(int64(gone))
	return nil
}

var ltrimSpec = cmdspec.Spec{
	Name: "ltrim", Arity: 4, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Removes the elements of a list that are not between two indexes.",
	Complexity: "O(N) where N is the number of elements removed.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args:       "key start stop",
	Run:        runLTrim,
}

func runLTrim(c *cmdspec.Ctx) error {
	start, stop, err := listRange(c)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	l, found, err := writeList(c, k)
	if err != nil {
		return err
	}
	if found {
		size := l.Len()
		first, n := within(start, stop, size)
		if n == 0 {
			first = size
		}
		if n == size {
			c.Tx.Rewritten(k)
		}
		l.DeleteRange(first+n, size-first-n)
		l.DeleteRange(0, first)
		c.Tx.Notify(keyspace.ClassList, "ltrim", k)
		if n == 0 {
			removeEmpty(c, k)
		}
	}
	c.Reply.OK()
	return nil
}
