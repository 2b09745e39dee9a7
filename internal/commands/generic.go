package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// Generic are the commands on keys, whatever they hold.
func Generic(d *Deps) []*cmdspec.Spec {
	object := objectSpec
	object.Sub = []*cmdspec.Spec{
		&objectEncodingSpec, with(objectFreqSpec, d.runObjectFreq),
		with(objectIdleTimeSpec, d.runObjectIdleTime), with(objectRefCountSpec, d.runObjectRefCount), &objectHelpSpec,
	}
	return []*cmdspec.Spec{
		with(copySpec, d.runCopy), &delSpec, &existsSpec, with(expireSpec, d.runExpire),
		with(expireAtSpec, d.runExpireAt), &expireTimeSpec, &keysSpec, with(moveSpec, d.runMove),
		&object, &persistSpec, with(pExpireSpec, d.runPExpire), with(pExpireAtSpec, d.runPExpireAt),
		&pExpireTimeSpec, &pTTLSpec, &randomKeySpec,
		&renameSpec, &renameNXSpec, &scanSpec, &sortSpec, &sortROSpec, &touchSpec,
		&ttlSpec, &typeSpec, &unlinkSpec,
	}
}

var delSpec = cmdspec.Spec{
	Name: "del", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Deletes keys.",
	Complexity: "O(N) where N is the number of keys; what large values hold is reclaimed in the background.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 1, cmdspec.RM|cmdspec.Delete)},
	Args:       "key [key ...]",
	Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
	Run:        runDel,
}

var unlinkSpec = cmdspec.Spec{
	Name: "unlink", Arity: -2, Since: "4.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Deletes keys; their memory is reclaimed in the background.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 1, cmdspec.RM|cmdspec.Delete)},
	Args:       "key [key ...]",
	Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
	Run:        runDel,
}

// runDel is DEL and UNLINK: what large values hold is reclaimed in the
// background either way.
func runDel(c *cmdspec.Ctx) error {
	n := 0
	for _, k := range c.Keys {
		if c.Tx.Delete(k) {
			c.Tx.Notify(keyspace.ClassGeneric, "del", k)
			n++
		}
	}
	c.Reply.Int(int64(n))
	return nil
}

var existsSpec = cmdspec.Spec{
	Name: "exists", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Counts those of the keys that exist.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 1, cmdspec.RO)},
	Args:       "key [key ...]",
	Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
	History:    [][2]string{{"3.0.3", "Several keys."}},
	Run:        runExists,
}

func runExists(c *cmdspec.Ctx) error {
	n := 0
	for _, k := range c.Keys {
		if _, found := c.Tx.Look(k); found {
			n++
		}
	}
	c.Reply.Int(int64(n))
	return nil
}

var touchSpec = cmdspec.Spec{
	Name: "touch", Arity: -2, Since: "3.2.1", Group: cmdspec.GroupGeneric,
	Summary:    "Counts those of the keys that exist, and marks them as just used.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 1, cmdspec.RO)},
	Args:       "key [key ...]",
	Tips:       []string{"request_policy:multi_shard", "response_policy:agg_sum"},
	Run:        runTouch,
}

func runTouch(c *cmdspec.Ctx) error {
	n := 0
	for _, k := range c.Keys {
		if c.Tx.Touch(k) {
			n++
		}
	}
	c.Reply.Int(int64(n))
	return nil
}

var typeSpec = cmdspec.Spec{
	Name: "type", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Returns the type of the value at a key.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Args:       "key",
	Run:        runType,
}

func runType(c *cmdspec.Ctx) error {
	e, found := c.Tx.Look(c.Keys[0])
	if !found {
		c.Reply.Simple("none")
		return nil
	}
	c.Reply.Simple(e.Type().String())
	return nil
}

var renameSpec = cmdspec.Spec{
	Name: "rename", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Gives a key another name, replacing what had it.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete), cmdspec.Key(2, cmdspec.OW|cmdspec.Update)},
	Args:       "key newkey",
	Run:        runRename,
}

func runRename(c *cmdspec.Ctx) error {
	renamed, err := rename(c, false)
	if err == nil && renamed {
		c.Reply.OK()
	}
	return err
}

var renameNXSpec = cmdspec.Spec{
	Name: "renamenx", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Gives a key another name if nothing has it.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete), cmdspec.Key(2, cmdspec.OW|cmdspec.Insert)},
	Args:       "key newkey",
	History:    [][2]string{{"3.2.0", "Equal names are no longer an error."}},
	Run:        runRenameNX,
}

func runRenameNX(c *cmdspec.Ctx) error {
	renamed, err := rename(c, true)
	switch {
	case err != nil:
	case renamed && string(c.Argv[1]) != string(c.Argv[2]):
		c.Reply.Int(1)
	default:
		c.Reply.Int(0)
	}
	return err
}

// rename does the work of both; giving a key the name it has does nothing.
func rename(c *cmdspec.Ctx, onlyNew bool) (renamed bool, err error) {
	src, dst := c.Keys[0], c.Keys[1]
	if _, found := c.Tx.Write(src); !found {
		return false, cmdspec.ErrNoSuchKey
	}
	if string(src.Name) == string(dst.Name) {
		return true, nil
	}
	old, replaces := c.Tx.Write(dst)
	if replaces && onlyNew {
		return false, nil
	}
	var was keyspace.Type
	if replaces {
		was = old.Type()
	}
	c.Tx.Rename(src, dst)
	c.Tx.Notify(keyspace.ClassGeneric, "rename_from", src)
	c.Tx.Notify(keyspace.ClassGeneric, "rename_to", dst)
	if replaces {
		notifyReplaced(c, c.Tx.DB(), dst, was)
	}
	return true, nil
}

var copySpec = cmdspec.Spec{
	Name: "copy", Arity: -3, Since: "6.2.0", Group: cmdspec.GroupGeneric,
	Summary:    "Copies the value of a key to another key, also in another database.",
	Complexity: "O(N) where N is the size of the value.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access), cmdspec.Key(2, cmdspec.OW|cmdspec.Update)},
	Args:       "source destination [DB destination-db] [REPLACE]",
}

func (d *Deps) runCopy(c *cmdspec.Ctx) error {
	replace, db := false, c.Tx.DB()
	a := c.ArgsFrom(3)
	for a.More() {
		switch {
		case a.Match("REPLACE"):
			replace = true
		case a.MatchValue("DB"):
			var err error
			if db, err = d.database(a.Next()); err != nil {
				return err
			}
		default:
			return cmdspec.ErrSyntax
		}
	}
	src, dst := c.Keys[0], c.Keys[1]
	if db == c.Tx.DB() && string(src.Name) == string(dst.Name) {
		return cmdspec.ErrSameObject
	}
	if _, found := c.Tx.Read(src); !found {
		c.Reply.Int(0)
		return nil
	}
	was, replaces := typeIn(c, dst, db)
	if replaces && !replace {
		c.Reply.Int(0)
		return nil
	}
	c.Tx.CopyTo(src, dst, db)
	notifyIn(c, db, "copy_to", dst)
	if replaces {
		notifyReplaced(c, db, dst, was)
	}
	c.Reply.Int(1)
	return nil
}

// typeIn is the type of a key's value in a database, if it has the key.
func typeIn(c *cmdspec.Ctx, k keyspace.Key, db int) (t keyspace.Type, found bool) {
	own := c.Tx.DB()
	c.Tx.SetDB(db)
	e, found := c.Tx.Write(k)
	if found {
		t = e.Type()
	}
	c.Tx.SetDB(own)
	return t, found
}

// existsIn says whether a database has a key.
func existsIn(c *cmdspec.Ctx, k keyspace.Key, db int) bool {
	_, found := typeIn(c, k, db)
	return found
}

// notifyReplaced notifies that the value of a key of a database, which was of type
// was, has been replaced as a whole.
func notifyReplaced(c *cmdspec.Ctx, db int, k keyspace.Key, was keyspace.Type) {
	own := c.Tx.DB()
	c.Tx.SetDB(db)
	e, _ := c.Tx.Peek(k)
	c.Tx.NotifyReplaced(k, was, e.Type())
	c.Tx.SetDB(own)
}

// notifyIn notifies of an effect on a key of a database.
func notifyIn(c *cmdspec.Ctx, db int, event string, k keyspace.Key) {
	own := c.Tx.DB()
	c.Tx.SetDB(db)
	c.Tx.Notify(keyspace.ClassGeneric, event, k)
	c.Tx.SetDB(own)
}

var moveSpec = cmdspec.Spec{
	Name: "move", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Moves a key to another database.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args:       "key db",
}

func (d *Deps) runMove(c *cmdspec.Ctx) error {
	db, err := d.database(c.Argv[2])
	if err != nil {
		return err
	}
	if db == c.Tx.DB() {
		return cmdspec.ErrSameObject
	}
	k := c.Keys[0]
	if _, found := c.Tx.Write(k); !found || existsIn(c, k, db) {
		c.Reply.Int(0)
		return nil
	}
	c.Tx.MoveTo(k, db)
	c.Tx.Notify(keyspace.ClassGeneric, "move_from", k)
	notifyIn(c, db, "move_to", k)
	c.Reply.Int(1)
	return nil
}
