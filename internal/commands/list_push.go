package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

var lpushSpec = cmdspec.Spec{
	Name: "lpush", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Puts elements at the left end of a list, one after the other; a missing list is made.",
	Complexity: "O(N) where N is the number of elements given.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Args:       "key element [element ...]",
	History:    [][2]string{{"2.4.0", "Takes several elements."}},
	Run:        func(c *cmdspec.Ctx) error { return push(c, value.Left) },
}

var rpushSpec = cmdspec.Spec{
	Name: "rpush", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Puts elements at the right end of a list, one after the other; a missing list is made.",
	Complexity: "O(N) where N is the number of elements given.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Args:       "key element [element ...]",
	History:    [][2]string{{"2.4.0", "Takes several elements."}},
	Run:        func(c *cmdspec.Ctx) error { return push(c, value.Right) },
}

func push(c *cmdspec.Ctx, s value.ListEnd) error {
	k, elems := c.Keys[0], c.Argv[2:]
	if err := checkElements(elems); err != nil {
		return err
	}
	var l value.List
	found, err := c.Tx.OpenCell(&l.Cell, k, keyspace.TypeList)
	if err != nil {
		return err
	}
	if !found {
		l = newList(c, k, elems)
	}
	l.Push(elems, s)
	c.Tx.Notify(keyspace.ClassList, pushEvent(s), k)
	c.Reply.Int(int64(l.Len()))
	return nil
}

var lpushxSpec = cmdspec.Spec{
	Name: "lpushx", Arity: -3, Since: "2.2.0", Group: cmdspec.GroupList,
	Summary:    "Puts elements at the left end of a list, if there is one.",
	Complexity: "O(N) where N is the number of elements given.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Args:       "key element [element ...]",
	History:    [][2]string{{"4.0.0", "Takes several elements."}},
	Run:        func(c *cmdspec.Ctx) error { return pushExisting(c, value.Left) },
}

var rpushxSpec = cmdspec.Spec{
	Name: "rpushx", Arity: -3, Since: "2.2.0", Group: cmdspec.GroupList,
	Summary:    "Puts elements at the right end of a list, if there is one.",
	Complexity: "O(N) where N is the number of elements given.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Args:       "key element [element ...]",
	History:    [][2]string{{"4.0.0", "Takes several elements."}},
	Run:        func(c *cmdspec.Ctx) error { return pushExisting(c, value.Right) },
}

func pushExisting(c *cmdspec.Ctx, s value.ListEnd) error {
	if err := checkElements(c.Argv[2:]); err != nil {
		return err
	}
	k := c.Keys[0]
	l, found, err := writeList(c, k)
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Int(0)
		return nil
	}
	l.Push(c.Argv[2:], s)
	c.Tx.Notify(keyspace.ClassList, pushEvent(s), k)
	c.Reply.Int(int64(l.Len()))
	return nil
}
