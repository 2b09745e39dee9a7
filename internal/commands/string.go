package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// Strings are the commands on strings.
func Strings(d *Deps) []*cmdspec.Spec {
	return []*cmdspec.Spec{
		with(appendSpec, d.runAppend), &decrSpec, &decrBySpec, &delExSpec,
		&digestSpec, &getSpec, &getDelSpec, with(getExSpec, d.runGetEx),
		&getRangeSpec, &getSetSpec, &incrSpec, &incrBySpec,
		&incrByFloatSpec, with(incrExSpec, d.runIncrEx), with(lcsSpec, d.runLCS), &mGetSpec,
		&mSetSpec, &mSetExSpec, &mSetNXSpec, &pSetExSpec,
		&setSpec, &setExSpec, &setNXSpec, with(setRangeSpec, d.runSetRange),
		&strLenSpec, &substrSpec,
	}
}

var getSpec = cmdspec.Spec{
	Name: "get", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Returns the string at a key.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Run:        runGet,
}

func runGet(c *cmdspec.Ctx) error {
	_, err := replyString(c)
	return err
}

// replyString replies with the string at the command's key, or null.
func replyString(c *cmdspec.Ctx) (found bool, err error) {
	e, found, err := c.Tx.ReadString(c.Keys[0])
	if err != nil {
		return false, err
	}
	if !found {
		c.Reply.Null()
		return false, nil
	}
	writeString(c, e)
	return true, nil
}

func writeString(c *cmdspec.Ctx, e keyspace.Entry) {
	if n, ok := e.Int(); ok {
		c.Reply.BulkInt(n)
		return
	}
	c.Reply.Bulk(e.Bytes(nil))
}

var getDelSpec = cmdspec.Spec{
	Name: "getdel", Arity: 2, Since: "6.2.0", Group: cmdspec.GroupString,
	Summary:    "Returns the string at a key and deletes the key.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key",
	Run:        runGetDel,
}

func runGetDel(c *cmdspec.Ctx) error {
	found, err := replyString(c)
	if err != nil || !found {
		return err
	}
	k := c.Keys[0]
	c.Tx.Delete(k)
	c.Tx.Effect(wordDel, k.Name)
	c.Tx.Notify(keyspace.ClassGeneric, "del", k)
	return nil
}

var getExSpec = cmdspec.Spec{
	Name: "getex", Arity: -2, Since: "6.2.0", Group: cmdspec.GroupString,
	Summary:    "Returns the string at a key and changes when the key expires.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{{Flags: cmdspec.RW | cmdspec.Access | cmdspec.Update, Index: 1, Step: 1, Notes: "UPDATE because of the expiry"}},
	Args:       "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]{expiration}",
}

func (d *Deps) runGetEx(c *cmdspec.Ctx) error {
	var exp expiration
	a := c.ArgsFrom(2)
	for a.More() {
		if !exp.match(&a) && !exp.matchFlag(&a, expirePersist) {
			return cmdspec.ErrSyntax
		}
	}
	if err := a.Done(); err != nil {
		return err
	}
	k := c.Keys[0]
	e, found, err := c.Tx.ReadString(k)
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	at, err := exp.at(c)
	if err != nil {
		return err
	}
	hadTTL := e.ExpireAt() != 0
	writeString(c, e)
	switch {
	case exp.absolute() && int64(at) <= c.Tx.Now():
		d.deleteExpired(c, k)
	case exp.timed():
		c.Tx.SetExpire(k, at)
		c.Tx.Effect(wordPExpireAt, k.Name, ttlWord(at))
		c.Tx.Notify(keyspace.ClassGeneric, "expire", k)
	case exp.unit == expirePersist && hadTTL:
		c.Tx.SetExpire(k, keyspace.NoTTL)
		c.Tx.Effect(wordPersist, k.Name)
		c.Tx.Notify(keyspace.ClassGeneric, "persist", k)
	}
	return nil
}

var getSetSpec = cmdspec.Spec{
	Name: "getset", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Sets the string at a key and returns the one before.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args:       "key value",
	Deprecated: "6.2.0|`SET` with the `GET` argument",
	Run:        runGetSet,
}

func runGetSet(c *cmdspec.Ctx) error {
	if _, err := replyString(c); err != nil {
		return err
	}
	k, v := c.Keys[0], c.Argv[2]
	c.Tx.SetString(k, v, keyspace.NoTTL)
	c.Tx.Effect(wordSet, k.Name, v)
	c.Tx.Notify(keyspace.ClassString, "set", k)
	return nil
}

var mGetSpec = cmdspec.Spec{
	Name: "mget", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Returns the strings at several keys.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 1, cmdspec.RO|cmdspec.Access)},
	Args:       "key [key ...]",
	Tips:       []string{"request_policy:multi_shard"},
	Run:        runMGet,
}

func runMGet(c *cmdspec.Ctx) error {
	c.Reply.Array(len(c.Keys))
	for _, k := range c.Keys {
		e, found, err := c.Tx.ReadString(k)
		if err != nil || !found { // a key that is no string counts as missing
			c.Reply.Null()
			continue
		}
		writeString(c, e)
	}
	return nil
}

var strLenSpec = cmdspec.Spec{
	Name: "strlen", Arity: 2, Since: "2.2.0", Group: cmdspec.GroupString,
	Summary:    "Returns the length of the string at a key.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Args:       "key",
	Run:        runStrLen,
}

func runStrLen(c *cmdspec.Ctx) error {
	e, found, err := c.Tx.ReadString(c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		n = e.Len()
	}
	c.Reply.Int(int64(n))
	return nil
}

var getRangeSpec = cmdspec.Spec{
	Name: "getrange", Arity: 4, Since: "2.4.0", Group: cmdspec.GroupString,
	Summary:    "Returns a part of the string at a key.",
	Complexity: "O(N) where N is the length of the part.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key start end",
	Run:        runGetRange,
}

var substrSpec = cmdspec.Spec{
	Name: "substr", Arity: 4, Since: "1.0.0", Group: cmdspec.GroupString,
	Summary:    "Returns a part of the string at a key.",
	Complexity: "O(N) where N is the length of the part.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key start end",
	Deprecated: "2.0.0|`GETRANGE`",
	Run:        runGetRange,
}

func runGetRange(c *cmdspec.Ctx) error {
	a := c.ArgsFrom(2)
	start, end := a.Int(), a.Int()
	if err := a.Done(); err != nil {
		return err
	}
	e, found, err := c.Tx.ReadString(c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.BulkString("")
		return nil
	}
	var scratch [20]byte
	s := e.Bytes(scratch[:0])
	from, to := clampRange(start, end, int64(len(s)))
	c.Reply.Bulk(s[from:to])
	return nil
}

// clampRange makes start and end, inclusive and negative from the end, a
// slice [from:to) of n bytes.
func clampRange(start, end, n int64) (from, to int64) {
	if start < 0 && end < 0 && start > end {
		return 0, 0
	}
	if start < 0 {
		start = max(n+start, 0)
	}
	if end < 0 {
		end = max(n+end, 0)
	}
	end = min(end, n-1)
	if start > end || n == 0 {
		return 0, 0
	}
	return start, end + 1
}
