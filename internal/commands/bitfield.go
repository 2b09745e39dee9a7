package commands

import (
	"github.com/redstart-db/redstart/internal/bitops"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var bitFieldSpec = cmdspec.Spec{
	Name: "bitfield", Arity: -2, Since: "3.2.0", Group: cmdspec.GroupBitmap,
	Summary:    "Reads, sets and increments integers of any width at any bit of the string at a key.",
	Complexity: "O(1) for each operation.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys: []cmdspec.KeySpec{{Flags: cmdspec.RW | cmdspec.Access | cmdspec.Update | cmdspec.VariableFlags, Index: 1, Step: 1,
		Notes: "Operations may read or change the key"}},
	Args: "key [<<GET encoding offset> | <[OVERFLOW <WRAP | SAT | FAIL>] <<SET encoding offset value{integer}> | " +
		"<INCRBY encoding offset increment>>{write_operation}>{write}>{operation} [<<GET encoding offset> | " +
		"<[OVERFLOW <WRAP | SAT | FAIL>] <<SET encoding offset value> | <INCRBY encoding offset increment>>>> ...]]",
	Narrow: bitFieldKeyFlags,
}

var bitFieldROSpec = cmdspec.Spec{
	Name: "bitfield_ro", Arity: -2, Since: "6.0.0", Group: cmdspec.GroupBitmap,
	Summary:    "Reads integers of any width at any bit of the string at a key.",
	Complexity: "O(1) for each operation.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key [GET encoding offset [GET encoding offset ...]]",
}

// bitFieldKeyFlags says what BITFIELD does to its key: with nothing but GET it
// reads it.
func bitFieldKeyFlags(words [][]byte) cmdspec.KeyFlags {
	for i := 2; i < len(words); i++ {
		switch w := words[i]; {
		case i+2 < len(words) && cmdspec.EqualFold(w, "GET"):
			i += 2
		case i+3 < len(words) && (cmdspec.EqualFold(w, "SET") || cmdspec.EqualFold(w, "INCRBY")):
			return cmdspec.RW | cmdspec.Access | cmdspec.Update
		case i+1 < len(words) && cmdspec.EqualFold(w, "OVERFLOW"):
			i++
		default: // an error
			return cmdspec.RW | cmdspec.Access | cmdspec.Update
		}
	}
	return cmdspec.RO | cmdspec.Access
}

const (
	errFieldType = cmdspec.Error("ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.")
	errOverflow  = cmdspec.Error("ERR Invalid OVERFLOW type specified")
	errFieldRO   = cmdspec.Error("ERR BITFIELD_RO only supports the GET subcommand")
)

// fieldOp is one operation of BITFIELD.
type fieldOp struct {
	kind  byte // 'g', 's' or 'i'
	over  bitops.Overflow
	typ   bitops.FieldType
	at    int64
	value int64
}

// end is how many bytes a string must have for the operation to write.
func (o *fieldOp) end() int { return int((o.at+int64(o.typ.Bits)-1)>>3) + 1 }

// fieldType takes a type such as i16 or u8.
func fieldType(w []byte) (bitops.FieldType, error) {
	t := bitops.FieldType{Signed: len(w) > 0 && w[0] == 'i'}
	if !t.Signed && (len(w) == 0 || w[0] != 'u') {
		return t, errFieldType
	}
	n, ok := cmdspec.ParseInt(w[1:])
	if !ok || n < 1 || n > 64 || n == 64 && !t.Signed {
		return t, errFieldType
	}
	t.Bits = int(n)
	return t, nil
}

// parseFieldOps takes the operations; size is what a string must have for
// those that write.
func (d *Deps) parseFieldOps(c *cmdspec.Ctx, ops []fieldOp) (parsed []fieldOp, size int, err error) {
	over := bitops.Wrap
	for words := c.Argv[2:]; len(words) > 0; {
		o := fieldOp{over: over}
		n := 3
		switch w := words[0]; {
		case len(words) > 2 && cmdspec.EqualFold(w, "GET"):
			o.kind = 'g'
		case len(words) > 3 && cmdspec.EqualFold(w, "SET"):
			o.kind, n = 's', 4
		case len(words) > 3 && cmdspec.EqualFold(w, "INCRBY"):
			o.kind, n = 'i', 4
		case len(words) > 1 && cmdspec.EqualFold(w, "OVERFLOW"):
			if over, err = fieldOverflow(words[1]); err != nil {
				return nil, 0, err
			}
			words = words[2:]
			continue
		default:
			return nil, 0, cmdspec.ErrSyntax
		}
		if err = d.parseFieldOp(&o, words[1:n]); err != nil {
			return nil, 0, err
		}
		if o.kind != 'g' {
			size = max(size, o.end())
		}
		ops = append(ops, o)
		words = words[n:]
	}
	return ops, size, nil
}

func (d *Deps) parseFieldOp(o *fieldOp, words [][]byte) (err error) {
	if o.typ, err = fieldType(words[0]); err != nil {
		return err
	}
	if o.at, err = d.bitOffset(words[1], o.typ.Bits); err != nil || o.kind == 'g' {
		return err
	}
	ok := false
	if o.value, ok = cmdspec.ParseInt(words[2]); !ok {
		return cmdspec.ErrNotInteger
	}
	return nil
}

func fieldOverflow(w []byte) (bitops.Overflow, error) {
	switch {
	case cmdspec.EqualFold(w, "WRAP"):
		return bitops.Wrap, nil
	case cmdspec.EqualFold(w, "SAT"):
		return bitops.Sat, nil
	case cmdspec.EqualFold(w, "FAIL"):
		return bitops.Fail, nil
	}
	return 0, errOverflow
}

func (d *Deps) runBitFieldRO(c *cmdspec.Ctx) error { return d.bitField(c, true) }

func (d *Deps) runBitField(c *cmdspec.Ctx) error { return d.bitField(c, false) }

func (d *Deps) bitField(c *cmdspec.Ctx, readOnly bool) error {
	var few [8]fieldOp
	ops, size, err := d.parseFieldOps(c, few[:0])
	if err != nil {
		return err
	}
	if size == 0 {
		return getFields(c, ops)
	}
	if readOnly {
		return errFieldRO
	}
	return changeFields(c, ops, size)
}

// getFields is BITFIELD with nothing but GET.
func getFields(c *cmdspec.Ctx, ops []fieldOp) error {
	e, found, err := c.Tx.ReadString(c.Keys[0])
	if err != nil {
		return err
	}
	var digits [20]byte
	var b []byte
	if found {
		b = e.Bytes(digits[:])
	}
	c.Reply.Array(len(ops))
	for i := range ops {
		c.Reply.Int(ops[i].typ.Get(b, ops[i].at))
	}
	return nil
}

// changeFields is BITFIELD with something that writes: the string grows to
// size first, whether then something is written or not.
func changeFields(c *cmdspec.Ctx, ops []fieldOp, size int) error {
	k := c.Keys[0]
	e, found, err := c.Tx.WriteString(k)
	if err != nil {
		return err
	}
	f := fields{c: c, k: k, wrote: !found || e.Len() < size}
	if f.wrote {
		f.b = c.Tx.Grow(k, size)
	} else {
		f.b = c.Tx.MakeRaw(k)
	}
	f.grown = f.wrote
	c.Reply.Array(len(ops))
	for i := range ops {
		f.run(&ops[i])
	}
	switch {
	case f.changed:
		c.Tx.Notify(keyspace.ClassString, "setbit", k)
	case f.grown:
		c.Tx.Unannounced(k)
	}
	return nil
}

// fields is a string in which BITFIELD works.
type fields struct {
	c       *cmdspec.Ctx
	k       keyspace.Key
	b       []byte
	grown   bool // it was too short
	wrote   bool // b may be written to
	changed bool
}

// run does one operation and replies.
func (f *fields) run(o *fieldOp) {
	old := o.typ.Get(f.b, o.at)
	if o.kind == 'g' {
		f.c.Reply.Int(old)
		return
	}
	value, incr := o.value, int64(0)
	if o.kind == 'i' {
		value, incr = old, o.value
	}
	now, ok := o.typ.Add(value, incr, o.over)
	if !ok {
		f.c.Reply.Null()
		return
	}
	f.set(o, old, now)
	if o.kind == 'i' {
		f.c.Reply.Int(now)
	} else {
		f.c.Reply.Int(old)
	}
}

// set writes a field. What was there already is no change, unless the string grew.
func (f *fields) set(o *fieldOp, old, now int64) {
	if now == old {
		f.changed = f.changed || f.grown
		return
	}
	if !f.wrote {
		f.b, f.wrote = f.c.Tx.Grow(f.k, len(f.b)), true
	}
	o.typ.Set(f.b, o.at, now)
	f.changed = true
}
