package commands

import (
	"github.com/redstart-db/redstart/internal/bitops"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var bitOpSpec = cmdspec.Spec{
	Name: "bitop", Arity: -4, Since: "2.6.0", Group: cmdspec.GroupBitmap,
	Summary:    "Combines strings bit by bit and stores the result, which is as long as the longest of them.",
	Complexity: "O(N)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys: []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.OW|cmdspec.Update),
		cmdspec.KeyRange(3, -1, 1, cmdspec.RO|cmdspec.Access)},
	Args:    "operation destkey key [key ...]",
	History: [][2]string{{"8.2.0", "The operations `DIFF`, `DIFF1`, `ANDOR` and `ONE`."}},
	Run:     runBitOp,
}

var bitOpWords = [...]string{
	bitops.And: "AND", bitops.Or: "OR", bitops.Xor: "XOR", bitops.Not: "NOT",
	bitops.Diff: "DIFF", bitops.Diff1: "DIFF1", bitops.AndOr: "ANDOR", bitops.One: "ONE",
}

// bitOperation takes the name of an operation on so many sources.
func bitOperation(w []byte, sources int) (bitops.Op, error) {
	for i, word := range bitOpWords {
		if !cmdspec.EqualFold(w, word) {
			continue
		}
		op := bitops.Op(i)
		switch {
		case op == bitops.Not && sources != 1:
			return 0, cmdspec.Error("ERR BITOP NOT must be called with a single source key.")
		case (op == bitops.Diff || op == bitops.Diff1 || op == bitops.AndOr) && sources < 2:
			return 0, cmdspec.Errorf("ERR BITOP %s must be called with at least two source keys.", word)
		}
		return op, nil
	}
	return 0, cmdspec.ErrSyntax
}

func runBitOp(c *cmdspec.Ctx) error {
	dst, keys := c.Keys[0], c.Keys[1:]
	op, err := bitOperation(c.Argv[1], len(keys))
	if err != nil {
		return err
	}
	src, longest := make([][]byte, len(keys)), 0
	for i, k := range keys {
		e, found, err := c.Tx.ReadString(k)
		if err != nil {
			return err
		}
		if found {
			src[i] = e.Bytes(nil)
			longest = max(longest, len(src[i]))
		}
	}
	switch {
	case longest > 0:
		f := c.Tx.Draft(dst, longest)
		bitops.Combine(f.Bytes, op, src)
		c.Tx.SetDraft(dst, &f)
		c.Tx.Notify(keyspace.ClassString, "set", dst)
	case c.Tx.Delete(dst):
		c.Tx.Notify(keyspace.ClassGeneric, "del", dst)
	}
	c.Reply.Int(int64(longest))
	return nil
}
