package commands

import (
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

var hIncrBySpec = cmdspec.Spec{
	Name: "hincrby", Arity: 4, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Adds a number to the integer in a field of a hash; a missing field counts as 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Element:    2,
	Args:       "key field increment",
	Run:        runHIncrBy,
}

const (
	errHashNotInteger = cmdspec.Error("ERR hash value is not an integer")
	errHashNotFloat   = cmdspec.Error("ERR hash value is not a float")
	errNaNOrInfinity  = cmdspec.Error("ERR value is NaN or Infinity")
)

func runHIncrBy(c *cmdspec.Ctx) error {
	delta, ok := cmdspec.ParseInt(c.Argv[3])
	if !ok {
		return cmdspec.ErrNotInteger
	}
	k, field := c.Keys[0], c.Argv[2]
	h, found, err := c.Tx.WriteHash(k)
	if err != nil {
		return err
	}
	old, err := fieldInt(&h, found, field)
	if err != nil {
		return err
	}
	sum, ok := addInts(old, delta)
	if !ok {
		return cmdspec.ErrOverflow
	}
	var digits [20]byte
	setCounter(c, &h, found, field, strconv.AppendInt(digits[:0], sum, 10))
	c.Tx.NotifyFields(keyspace.ClassHash, "hincrby", k, c.Argv[2:3])
	c.Reply.Int(sum)
	return nil
}

// setCounter gives a field a value and leaves its expiry.
func setCounter(c *cmdspec.Ctx, h *value.Hash, found bool, field, v []byte) {
	if found {
		h.Set(field, v, true)
		return
	}
	enc, size := value.NewHashBody(c.Tx.Limits(), field, v)
	*h = newHash(c, enc, size)
	h.Start(field, v)
}

// fieldInt is the integer in a field; 0 for a missing one.
func fieldInt(h *value.Hash, found bool, field []byte) (int64, error) {
	if !found {
		return 0, nil
	}
	var digits [20]byte
	text, found := h.Get(field, digits[:0])
	if !found {
		return 0, nil
	}
	n, ok := cmdspec.ParseInt(text)
	if !ok {
		return 0, errHashNotInteger
	}
	return n, nil
}

var hIncrByFloatSpec = cmdspec.Spec{
	Name: "hincrbyfloat", Arity: 4, Since: "2.6.0", Group: cmdspec.GroupHash,
	Summary:    "Adds a number to the floating-point number in a field of a hash; a missing field counts as 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Element:    2,
	Args:       "key field increment{double}",
	Run:        runHIncrByFloat,
}

func runHIncrByFloat(c *cmdspec.Ctx) error {
	delta, ok := parseLongDouble(c.Argv[3])
	switch {
	case !ok:
		return cmdspec.ErrNotFloat
	case !delta.finite():
		return errNaNOrInfinity
	}
	k, field := c.Keys[0], c.Argv[2]
	h, found, err := c.Tx.WriteHash(k)
	if err != nil {
		return err
	}
	old, err := fieldFloat(&h, found, field)
	if err != nil {
		return err
	}
	sum := old.add(delta)
	if !sum.finite() {
		return cmdspec.ErrNaNOrInf
	}
	digits := sum.appendText(nil)
	setCounter(c, &h, found, field, digits)
	if at, _ := h.ExpireAt(field); at != 0 {
		c.Tx.Effect(wordHSetEx, k.Name, wordKeepTTL, wordFields, wordOne, field, digits)
	} else {
		c.Tx.Effect(wordHSet, k.Name, field, digits)
	}
	c.Tx.NotifyFields(keyspace.ClassHash, "hincrbyfloat", k, c.Argv[2:3])
	c.Reply.Bulk(digits)
	return nil
}

// fieldFloat is the number in a field; 0 for a missing one.
func fieldFloat(h *value.Hash, found bool, field []byte) (longDouble, error) {
	if !found {
		return longDouble{}, nil
	}
	var digits [20]byte
	text, found := h.Get(field, digits[:0])
	if !found {
		return longDouble{}, nil
	}
	f, ok := parseLongDouble(text)
	if !ok {
		return f, errHashNotFloat
	}
	return f, nil
}
