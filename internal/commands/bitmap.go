package commands

import (
	"github.com/redstart-db/redstart/internal/bitops"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// Bitmaps are the commands on the bits of strings.
func Bitmaps(d *Deps) []*cmdspec.Spec {
	return []*cmdspec.Spec{
		&bitCountSpec, with(bitFieldSpec, d.runBitField), with(bitFieldROSpec, d.runBitFieldRO), &bitOpSpec, &bitPosSpec,
		with(getBitSpec, d.runGetBit), with(setBitSpec, d.runSetBit),
	}
}

const (
	errBitOffset = cmdspec.Error("ERR bit offset is not an integer or out of range")
	errBitValue  = cmdspec.Error("ERR bit is not an integer or out of range")
	errBitWanted = cmdspec.Error("ERR The bit argument must be 1 or 0.")
)

// bitOffset takes a word that must be the offset of a bit in a string as long
// as strings may be; with width, one that begins with # counts in units of it.
func (d *Deps) bitOffset(w []byte, width int) (int64, error) {
	unit := int64(1)
	if width > 0 && len(w) > 0 && w[0] == '#' {
		w, unit = w[1:], int64(width)
	}
	n, ok := cmdspec.ParseInt(w)
	if n *= unit; !ok || n < 0 || n>>3 >= d.maxBulkLen() {
		return 0, errBitOffset
	}
	return n, nil
}

var getBitSpec = cmdspec.Spec{
	Name: "getbit", Arity: 3, Since: "2.2.0", Group: cmdspec.GroupBitmap,
	Summary:    "Returns a bit of the string at a key; bits behind its end are 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key offset",
}

func (d *Deps) runGetBit(c *cmdspec.Ctx) error {
	at, err := d.bitOffset(c.Argv[2], 0)
	if err != nil {
		return err
	}
	e, found, err := c.Tx.ReadString(c.Keys[0])
	if err != nil {
		return err
	}
	bit := int64(0)
	if found {
		var digits [20]byte
		bit = oneBit.Get(e.Bytes(digits[:]), at)
	}
	c.Reply.Int(bit)
	return nil
}

// oneBit is a field of a single bit.
var oneBit = bitops.FieldType{Bits: 1}

var setBitSpec = cmdspec.Spec{
	Name: "setbit", Arity: 4, Since: "2.2.0", Group: cmdspec.GroupBitmap,
	Summary:    "Sets or clears a bit of the string at a key, which grows as far as needed, and returns what it was.",
	Complexity: "O(1); a string that grows may be copied.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args:       "key offset value{integer}",
}

func (d *Deps) runSetBit(c *cmdspec.Ctx) error {
	at, err := d.bitOffset(c.Argv[2], 0)
	if err != nil {
		return err
	}
	bit, ok := cmdspec.ParseInt(c.Argv[3])
	if !ok || bit < 0 || bit > 1 {
		return errBitValue
	}
	k := c.Keys[0]
	e, found, err := c.Tx.WriteString(k)
	if err != nil {
		return err
	}
	size := int(at>>3) + 1
	old := int64(0)
	if found && e.Len() >= size {
		var digits [20]byte
		if old = oneBit.Get(e.Bytes(digits[:]), at); old == bit {
			c.Tx.MakeRaw(k)
			c.Reply.Int(old)
			return nil
		}
	}
	oneBit.Set(c.Tx.Grow(k, size), at, bit)
	c.Tx.Notify(keyspace.ClassString, "setbit", k)
	c.Reply.Int(old)
	return nil
}

// bitRange is a part of a string, in bits: from first to last, or nothing if
// last is before first.
type bitRange struct{ first, last int64 }

// cut makes a range of what a command says of a string of n bytes: negative
// numbers count from the end. Without inBits start and end are in bytes.
func cut(start, end, n int64, inBits bool) bitRange {
	if inBits {
		n <<= 3
	}
	if start < 0 {
		start = max(n+start, 0)
	}
	if end < 0 {
		end = max(n+end, 0)
	}
	end = min(end, n-1)
	if start > end {
		return bitRange{0, -1}
	}
	if inBits {
		return bitRange{start, end}
	}
	return bitRange{start << 3, end<<3 + 7}
}

// bitUnit takes BYTE or BIT.
func bitUnit(w []byte) (inBits bool, err error) {
	switch {
	case cmdspec.EqualFold(w, "BIT"):
		return true, nil
	case cmdspec.EqualFold(w, "BYTE"):
		return false, nil
	}
	return false, cmdspec.ErrSyntax
}

var bitCountSpec = cmdspec.Spec{
	Name: "bitcount", Arity: -2, Since: "2.6.0", Group: cmdspec.GroupBitmap,
	Summary:    "Counts the bits that are set in the string at a key.",
	Complexity: "O(N)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key [start end [BYTE | BIT]{index_unit 7.0.0}]{index}",
	History:    [][2]string{{"7.0.0", "The options `BYTE` and `BIT`."}},
	Run:        runBitCount,
}

func runBitCount(c *cmdspec.Ctx) error {
	e, found, err := c.Tx.ReadString(c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Int(0)
		return nil
	}
	var digits [20]byte
	b := e.Bytes(digits[:])
	r, err := bitCountRange(c, int64(len(b)))
	if err != nil {
		return err
	}
	n := int64(0)
	if r.first <= r.last {
		n = bitops.CountBits(b, r.first, r.last)
	}
	c.Reply.Int(n)
	return nil
}

func bitCountRange(c *cmdspec.Ctx, n int64) (r bitRange, err error) {
	switch len(c.Argv) {
	case 2:
		return cut(0, -1, n, false), nil
	case 4, 5:
	default:
		return r, cmdspec.ErrSyntax
	}
	a := c.ArgsFrom(2)
	start, end := a.Int(), a.Int()
	if a.Err() != nil {
		return r, a.Err()
	}
	inBits := false
	if start < 0 && end < 0 && start > end {
		return bitRange{0, -1}, nil
	}
	if a.More() {
		inBits, err = bitUnit(a.Next())
	}
	return cut(start, end, n, inBits), err
}

var bitPosSpec = cmdspec.Spec{
	Name: "bitpos", Arity: -3, Since: "2.8.7", Group: cmdspec.GroupBitmap,
	Summary:    "Finds the first bit that is set, or clear, in the string at a key.",
	Complexity: "O(N)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key bit [start [end [BYTE | BIT]{index_unit 7.0.0}]{end_index}]{index}",
	History:    [][2]string{{"7.0.0", "The options `BYTE` and `BIT`."}},
	Run:        runBitPos,
}

func runBitPos(c *cmdspec.Ctx) error {
	bit, ok := cmdspec.ParseInt(c.Argv[2])
	if !ok {
		return cmdspec.ErrNotInteger
	}
	if bit != 0 && bit != 1 {
		return errBitWanted
	}
	e, found, err := c.Tx.ReadString(c.Keys[0])
	if err != nil {
		return err
	}
	if !found { // nothing but zeros
		c.Reply.Int(-bit)
		return nil
	}
	var digits [20]byte
	b := e.Bytes(digits[:])
	r, endGiven, err := bitPosRange(c, int64(len(b)))
	if err != nil {
		return err
	}
	at := int64(-1)
	if r.first <= r.last {
		at = bitops.Find(b, bit == 1, r.first, r.last)
		if at < 0 && bit == 0 && !endGiven {
			at = r.last + 1 // zeros follow the string
		}
	}
	c.Reply.Int(at)
	return nil
}

func bitPosRange(c *cmdspec.Ctx, n int64) (r bitRange, endGiven bool, err error) {
	if len(c.Argv) > 6 {
		return r, false, cmdspec.ErrSyntax
	}
	if len(c.Argv) == 3 {
		return cut(0, -1, n, false), false, nil
	}
	a := c.ArgsFrom(3)
	start, end := a.Int(), int64(-1)
	if a.Err() != nil {
		return r, false, a.Err()
	}
	inBits := false
	if len(c.Argv) == 6 {
		if inBits, err = bitUnit(c.Argv[5]); err != nil {
			return r, false, err
		}
	}
	if a.More() {
		end, endGiven = a.Int(), true
	}
	return cut(start, end, n, inBits), endGiven, a.Err()
}
