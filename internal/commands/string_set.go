package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var setSpec = cmdspec.Spec{
	Name: "set", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Sets the string at a key, whatever the key held.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys: []cmdspec.KeySpec{{Flags: cmdspec.RW | cmdspec.Access | cmdspec.Update | cmdspec.VariableFlags, Index: 1, Step: 1,
		Notes: "RW and ACCESS because of GET"}},
	Args: "key value [NX | XX | IFEQ ifeq-value{8.4.0} | IFNE ifne-value{8.4.0} | IFDEQ ifdeq-digest{8.4.0} | " +
		"IFDNE ifdne-digest{8.4.0}]{condition 2.6.12} [GET]{6.2.0} [EX seconds{2.6.12} | PX milliseconds{2.6.12} | " +
		"EXAT unix-time-seconds{6.2.0} | PXAT unix-time-milliseconds{6.2.0} | KEEPTTL{6.0.0}]{expiration}",
	History: [][2]string{
		{"2.6.12", "The options `EX`, `PX`, `NX` and `XX`."},
		{"6.0.0", "The option `KEEPTTL`."},
		{"6.2.0", "The options `GET`, `EXAT` and `PXAT`."},
		{"7.0.0", "`NX` and `GET` go together."},
		{"8.4.0", "The options `IFEQ`, `IFNE`, `IFDEQ` and `IFDNE`."},
	},
	Narrow: setKeyFlags,
	Run:    runSet,
}

// setKeyFlags says what SET does to its key: GET and comparisons read it.
func setKeyFlags(words [][]byte) cmdspec.KeyFlags {
	for _, w := range words[min(3, len(words)):] {
		reads := cmdspec.EqualFold(w, "GET")
		for when := ifEqual; when <= ifDigestDiffers; when++ {
			reads = reads || cmdspec.EqualFold(w, conditionWords[when])
		}
		if reads {
			return cmdspec.RW | cmdspec.Access | cmdspec.Update
		}
	}
	return cmdspec.OW | cmdspec.Update
}

// setOptions are the options of SET.
type setOptions struct {
	when    condition
	operand []byte
	get     bool
	exp     expiration
}

func runSet(c *cmdspec.Ctx) error {
	if len(c.Argv) == 3 {
		c.Tx.SetString(c.Keys[0], c.Argv[2], keyspace.NoTTL)
		c.Tx.Notify(keyspace.ClassString, "set", c.Keys[0])
		c.Reply.OK()
		return nil
	}
	return runSetOptions(c)
}

func runSetOptions(c *cmdspec.Ctx) error {
	o, err := parseSet(c)
	if err != nil {
		return err
	}
	at, err := o.exp.at(c)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	set := true
	switch {
	case o.get || o.when.compares():
		set, err = o.compareAndGet(c, k)
	case o.when != always:
		_, found := c.Tx.Write(k)
		set = found == (o.when == ifExists)
	}
	if err != nil {
		return err
	}
	if set {
		v := c.Argv[2]
		setAt(c, k, v, at)
		if at <= 0 && (o.get || o.when.compares()) {
			o.journal(c, k, v, at)
		}
	}
	switch {
	case o.get:
	case set:
		c.Reply.OK()
	default:
		c.Reply.Null()
	}
	return nil
}

// compareAndGet looks at the string that SET may replace: it says whether the
// condition holds, and replies with the string if the command asks for it.
func (o *setOptions) compareAndGet(c *cmdspec.Ctx, k keyspace.Key) (set bool, err error) {
	e, found, err := c.Tx.ReadString(k)
	if err != nil {
		return false, err
	}
	set, err = o.when.holds(e, found, o.operand)
	if err != nil || !o.get {
		return set, err
	}
	if found {
		writeString(c, e)
	} else {
		c.Reply.Null()
	}
	return set, nil
}

// journal names the command without what makes it a read or a comparison.
func (o *setOptions) journal(c *cmdspec.Ctx, k keyspace.Key, v []byte, at keyspace.TTL) {
	words := [][]byte{wordSet, k.Name, v}
	if o.when == ifMissing || o.when == ifExists {
		words = append(words, []byte(conditionWords[o.when]))
	}
	if at == keyspace.KeepTTL {
		words = append(words, wordKeepTTL)
	}
	c.Tx.Effect(words...)
}

func parseSet(c *cmdspec.Ctx) (o setOptions, err error) {
	a := c.ArgsFrom(3)
	for a.More() {
		switch {
		case a.Match("GET"):
			o.get = true
		case o.exp.match(&a), o.exp.matchFlag(&a, expireKeep), o.matchCondition(&a):
		default:
			return o, cmdspec.ErrSyntax
		}
	}
	return o, a.Done()
}

// matchCondition takes a condition; a second one of another kind is a syntax
// error.
func (o *setOptions) matchCondition(a *cmdspec.Args) bool {
	for when := ifMissing; when <= ifDigestDiffers; when++ {
		if when.compares() && a.MatchValue(conditionWords[when]) {
			o.operand = a.Next()
		} else if when.compares() || !a.Match(conditionWords[when]) {
			continue
		}
		if o.when != always && o.when != when {
			a.Fail(cmdspec.ErrSyntax)
		}
		o.when = when
		return true
	}
	return false
}

var setNXSpec = cmdspec.Spec{
	Name: "setnx", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Sets the string at a key if the key does not exist.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.OW|cmdspec.Insert)},
	Args:       "key value",
	Run:        runSetNX,
}

func runSetNX(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	if _, found := c.Tx.Write(k); found {
		c.Reply.Int(0)
		return nil
	}
	setAt(c, k, c.Argv[2], keyspace.NoTTL)
	c.Reply.Int(1)
	return nil
}

var setExSpec = cmdspec.Spec{
	Name: "setex", Arity: 4, Since: "2.0.0", Group: cmdspec.GroupString,
	Summary:    "Sets the string at a key, which expires after some seconds.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.OW|cmdspec.Update)},
	Args:       "key seconds value",
	Run:        runSetEx,
}

func runSetEx(c *cmdspec.Ctx) error { return setExpiring(c, expireEX) }

var pSetExSpec = cmdspec.Spec{
	Name: "psetex", Arity: 4, Since: "2.6.0", Group: cmdspec.GroupString,
	Summary:    "Sets the string at a key, which expires after some milliseconds.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.OW|cmdspec.Update)},
	Args:       "key milliseconds value",
	Run:        runPSetEx,
}

func runPSetEx(c *cmdspec.Ctx) error { return setExpiring(c, expirePX) }

func setExpiring(c *cmdspec.Ctx, unit expireUnit) error {
	exp := expiration{unit: unit, word: c.Argv[2]}
	at, err := exp.at(c)
	if err != nil {
		return err
	}
	setAt(c, c.Keys[0], c.Argv[3], at)
	c.Reply.OK()
	return nil
}

var appendSpec = cmdspec.Spec{
	Name: "append", Arity: 3, Since: "2.0.0", Group: cmdspec.GroupString,
	Summary:    "Appends a value to the string at a key, or makes the key hold it.",
	Complexity: "O(1) amortized.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Args:       "key value",
}

func (d *Deps) runAppend(c *cmdspec.Ctx) error {
	k, v := c.Keys[0], c.Argv[2]
	e, found, err := c.Tx.WriteString(k)
	if err != nil {
		return err
	}
	n := len(v)
	if found {
		if err := d.checkLength(e.Len(), len(v)); err != nil {
			return err
		}
		n = c.Tx.Append(k, v)
	} else {
		c.Tx.SetString(k, v, keyspace.NoTTL)
	}
	c.Tx.Notify(keyspace.ClassString, "append", k)
	c.Reply.Int(int64(n))
	return nil
}

// checkLength says whether a string may grow to offset+n bytes.
func (d *Deps) checkLength(offset, n int) error {
	if int64(offset) > d.maxBulkLen()-int64(n) {
		return cmdspec.ErrTooLong
	}
	return nil
}

var setRangeSpec = cmdspec.Spec{
	Name: "setrange", Arity: 4, Since: "2.2.0", Group: cmdspec.GroupString,
	Summary:    "Overwrites a part of the string at a key, padding it with zero bytes where needed.",
	Complexity: "O(M) where M is the length of the value; the first write beyond the end copies the string.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key offset value",
}

func (d *Deps) runSetRange(c *cmdspec.Ctx) error {
	a := c.ArgsFrom(2)
	offset, v := a.Int(), a.Next()
	if err := a.Done(); err != nil {
		return err
	}
	if offset < 0 {
		return cmdspec.ErrOffset
	}
	k := c.Keys[0]
	e, found, err := c.Tx.WriteString(k)
	if err != nil {
		return err
	}
	if len(v) == 0 { // nothing to write: the key is not even created
		n := 0
		if found {
			n = e.Len()
		}
		c.Reply.Int(int64(n))
		return nil
	}
	if err := d.checkLength(int(offset), len(v)); err != nil {
		return err
	}
	n := c.Tx.SetRange(k, int(offset), v)
	c.Tx.Notify(keyspace.ClassString, "setrange", k)
	c.Reply.Int(int64(n))
	return nil
}
