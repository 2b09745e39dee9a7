package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/value"
)

var blpopSpec = cmdspec.Spec{
	Name: "blpop", Arity: -3, Since: "2.0.0", Group: cmdspec.GroupList,
	Summary:    "Takes an element from the left end of the first of several lists that is not empty, and waits if all are.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.Write | cmdspec.NoScript | cmdspec.Blocking,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -2, 1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [key ...] timeout",
	History:    [][2]string{{"6.0.0", "The timeout may have a fraction."}},
	Run:        func(c *cmdspec.Ctx) error { return blockingPop(c, value.Left) },
}

var brpopSpec = cmdspec.Spec{
	Name: "brpop", Arity: -3, Since: "2.0.0", Group: cmdspec.GroupList,
	Summary:    "Takes an element from the right end of the first of several lists that is not empty, and waits if all are.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.Write | cmdspec.NoScript | cmdspec.Blocking,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -2, 1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key [key ...] timeout",
	History:    [][2]string{{"6.0.0", "The timeout may have a fraction."}},
	Run:        func(c *cmdspec.Ctx) error { return blockingPop(c, value.Right) },
}

func blockingPop(c *cmdspec.Ctx, s value.ListEnd) error {
	deadline, err := parseTimeout(c.Argv[len(c.Argv)-1], c.Tx.Now())
	if err != nil {
		return err
	}
	for _, k := range c.Keys {
		l, found, err := writeList(c, k)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		c.Reply.Array(2)
		c.Reply.Bulk(k.Name)
		replyPopped(c, k, &l, s)
		c.Tx.Effect(popWord(s), k.Name)
		return nil
	}
	return c.Block(c.Keys, deadline, cmdspec.BlockNullArray)
}

var blmpopSpec = cmdspec.Spec{
	Name: "blmpop", Arity: -5, Since: "7.0.0", Group: cmdspec.GroupList,
	Summary:    "Takes elements from the first of several lists that is not empty, and waits if all are.",
	Complexity: "O(N+M) where N is the number of keys and M that of elements taken.",
	Flags:      cmdspec.Write | cmdspec.Blocking | cmdspec.MovableKeys,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyCount(2, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "timeout numkeys key [key ...] <LEFT | RIGHT>{where} [COUNT count]",
	Run:        runBLMPop,
}

func runBLMPop(c *cmdspec.Ctx) error {
	s, n, err := multiPopArgs(c, 2)
	if err != nil {
		return err
	}
	deadline, err := parseTimeout(c.Argv[1], c.Tx.Now())
	if err != nil {
		return err
	}
	done, err := popFirst(c, s, n)
	if done || err != nil {
		return err
	}
	return c.Block(c.Keys, deadline, cmdspec.BlockNullArray)
}

var blmoveSpec = cmdspec.Spec{
	Name: "blmove", Arity: 6, Since: "6.2.0", Group: cmdspec.GroupList,
	Summary:    "Takes an element from an end of a list, waiting for one, puts it at an end of another, and returns it.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.NoScript | cmdspec.Blocking,
	Keys:       moveKeys,
	Args:       "source destination <LEFT | RIGHT>{wherefrom} <LEFT | RIGHT>{whereto} timeout",
	Run:        runBLMove,
}

func runBLMove(c *cmdspec.Ctx) error {
	from, to, err := moveEnds(c)
	if err != nil {
		return err
	}
	return blockingMove(c, from, to, wordLMove, 5)
}

var brpoplpushSpec = cmdspec.Spec{
	Name: "brpoplpush", Arity: 4, Since: "2.2.0", Group: cmdspec.GroupList,
	Summary:    "Takes an element from the right end of a list, waiting for one, puts it at the left end of another, and returns it.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.NoScript | cmdspec.Blocking,
	Keys:       moveKeys,
	Args:       "source destination timeout",
	Deprecated: "6.2.0|`BLMOVE` with the `RIGHT` and `LEFT` arguments",
	History:    [][2]string{{"6.0.0", "The timeout may have a fraction."}},
	Run:        func(c *cmdspec.Ctx) error { return blockingMove(c, value.Right, value.Left, wordRPopLPush, 3) },
}

var wordLMove, wordLMoveM, wordRPopLPush = []byte("LMOVE"), []byte("LMOVEM"), []byte("RPOPLPUSH")

// blockingMove moves an element or waits for one. The timeout is the word
// given; those before it are journalled behind the name of the command that
// does the same without waiting.
func blockingMove(c *cmdspec.Ctx, from, to value.ListEnd, name []byte, timeout int) error {
	deadline, err := parseTimeout(c.Argv[timeout], c.Tx.Now())
	if err != nil {
		return err
	}
	done, err := move(c, from, to)
	switch {
	case err != nil:
		return err
	case !done:
		return c.Block(c.Keys[:1], deadline, cmdspec.BlockNullBulk)
	}
	journalMove(c, name, timeout)
	return nil
}

// journalMove journals a move under the name of the command that does not wait.
func journalMove(c *cmdspec.Ctx, name []byte, timeout int) {
	if !c.Tx.Journalled() {
		return
	}
	words := append([][]byte{name}, c.Argv[1:timeout]...)
	c.Tx.Effect(append(words, c.Argv[timeout+1:]...)...)
}

var blmovemSpec = cmdspec.Spec{
	Name: "blmovem", Arity: -6, Since: "8.10.0", Group: cmdspec.GroupList,
	Summary:    "Takes several elements from an end of a list, waiting for them, puts them at an end of another, and returns them.",
	Complexity: "O(N) where N is the number of elements moved.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Blocking,
	Keys:       moveKeys,
	Args: `source destination <LEFT | RIGHT>{wherefrom} <LEFT | RIGHT>{whereto} timeout
		[<COUNT count | EXACTLY exactly{integer}>{selector} <OBO | BULK>{ordering}]{how-many}`,
	Run: runBLMoveM,
}

func runBLMoveM(c *cmdspec.Ctx) error {
	m, err := bulkMoveArgs(c, 6)
	if err != nil {
		return err
	}
	deadline, err := parseTimeout(c.Argv[5], c.Tx.Now())
	if err != nil {
		return err
	}
	done, err := m.run(c)
	switch {
	case err != nil:
		return err
	case !done:
		return c.Block(c.Keys[:1], deadline, cmdspec.BlockNullArray)
	}
	journalMove(c, wordLMoveM, 5)
	return nil
}
