package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var incrSpec = cmdspec.Spec{
	Name: "incr", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Adds one to the integer at a key; a missing key counts as 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args:       "key",
	Run:        runIncr,
}

func runIncr(c *cmdspec.Ctx) error { return incrBy(c, 1) }

var decrSpec = cmdspec.Spec{
	Name: "decr", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Subtracts one from the integer at a key; a missing key counts as 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args:       "key",
	Run:        runDecr,
}

func runDecr(c *cmdspec.Ctx) error { return incrBy(c, -1) }

var incrBySpec = cmdspec.Spec{
	Name: "incrby", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Adds a number to the integer at a key; a missing key counts as 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args:       "key increment",
	Run:        runIncrBy,
}

func runIncrBy(c *cmdspec.Ctx) error {
	n, ok := cmdspec.ParseInt(c.Argv[2])
	if !ok {
		return cmdspec.ErrNotInteger
	}
	return incrBy(c, n)
}

var decrBySpec = cmdspec.Spec{
	Name: "decrby", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Subtracts a number from the integer at a key; a missing key counts as 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args:       "key decrement",
	Run:        runDecrBy,
}

func runDecrBy(c *cmdspec.Ctx) error {
	n, ok := cmdspec.ParseInt(c.Argv[2])
	if !ok {
		return cmdspec.ErrNotInteger
	}
	if n == math.MinInt64 { // it has no positive counterpart
		return errDecrOverflow
	}
	return incrBy(c, -n)
}

const errDecrOverflow = cmdspec.Error("ERR decrement would overflow")

func incrBy(c *cmdspec.Ctx, delta int64) error {
	k := c.Keys[0]
	e, found, err := c.Tx.WriteString(k)
	if err != nil {
		return err
	}
	old := int64(0)
	if found {
		if old, err = stringInt(e); err != nil {
			return err
		}
	}
	sum, ok := addInts(old, delta)
	if !ok {
		return cmdspec.ErrOverflow
	}
	c.Tx.SetInt(k, sum, keyspace.KeepTTL)
	c.Tx.Notify(keyspace.ClassString, "incrby", k)
	c.Reply.Int(sum)
	return nil
}

// addInts is a+b, if that fits in 64 bits.
func addInts(a, b int64) (sum int64, ok bool) {
	sum = a + b
	return sum, (sum > a) == (b > 0)
}

// stringInt is the integer that a string holds, in whatever encoding.
func stringInt(e keyspace.Entry) (int64, error) {
	if n, ok := e.Int(); ok {
		return n, nil
	}
	n, ok := cmdspec.ParseInt(e.Bytes(nil))
	if !ok {
		return 0, cmdspec.ErrNotInteger
	}
	return n, nil
}

var incrByFloatSpec = cmdspec.Spec{
	Name: "incrbyfloat", Arity: 3, Since: "2.6.0", Group: cmdspec.GroupString,
	Summary:    "Adds a number to the floating-point number at a key; a missing key counts as 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args:       "key increment{double}",
	Run:        runIncrByFloat,
}

func runIncrByFloat(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	e, found, err := c.Tx.WriteString(k)
	if err != nil {
		return err
	}
	old, err := stringFloat(e, found)
	if err != nil {
		return err
	}
	delta, ok := parseLongDouble(c.Argv[2])
	if !ok {
		return cmdspec.ErrNotFloat
	}
	sum := old.add(delta)
	if !sum.finite() {
		return cmdspec.ErrNaNOrInf
	}
	digits := sum.appendText(nil)
	c.Tx.SetText(k, digits, keyspace.KeepTTL)
	c.Tx.Effect(wordSet, k.Name, digits, wordKeepTTL)
	c.Tx.Notify(keyspace.ClassString, "incrbyfloat", k)
	c.Reply.Bulk(digits)
	return nil
}

// stringFloat is the number that a string holds; 0 for a missing key.
func stringFloat(e keyspace.Entry, found bool) (longDouble, error) {
	if !found {
		return longDouble{}, nil
	}
	var scratch [20]byte
	f, ok := parseLongDouble(e.Bytes(scratch[:0]))
	if !ok {
		return f, cmdspec.ErrNotFloat
	}
	return f, nil
}
