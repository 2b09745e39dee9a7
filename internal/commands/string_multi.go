package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var mSetSpec = cmdspec.Spec{
	Name: "mset", Arity: -3, Since: "1.0.1", Group: cmdspec.GroupString,
	Summary:    "Sets the strings at several keys at once.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 2, cmdspec.OW|cmdspec.Update)},
	Args:       "key value [key value ...]",
	Tips:       []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
	Run:        runMSet,
}

func runMSet(c *cmdspec.Ctx) error {
	if len(c.Argv)%2 == 0 {
		return c.Spec.ErrArity()
	}
	setPairs(c, c.Argv[1:], keyspace.NoTTL)
	c.Reply.OK()
	return nil
}

// setPairs sets the command's keys to the values beside them.
func setPairs(c *cmdspec.Ctx, pairs [][]byte, at keyspace.TTL) {
	for i, k := range c.Keys {
		c.Tx.SetString(k, pairs[2*i+1], at)
		c.Tx.Notify(keyspace.ClassString, "set", k)
		if at > 0 {
			c.Tx.Notify(keyspace.ClassGeneric, "expire", k)
		}
	}
}

var mSetNXSpec = cmdspec.Spec{
	Name: "msetnx", Arity: -3, Since: "1.0.1", Group: cmdspec.GroupString,
	Summary:    "Sets the strings at several keys at once if none of the keys exists.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, -1, 2, cmdspec.OW|cmdspec.Insert)},
	Args:       "key value [key value ...]",
	Tips:       []string{"request_policy:multi_shard", "response_policy:agg_min"},
	Run:        runMSetNX,
}

func runMSetNX(c *cmdspec.Ctx) error {
	if len(c.Argv)%2 == 0 {
		return c.Spec.ErrArity()
	}
	if countExisting(c) > 0 {
		c.Reply.Int(0)
		return nil
	}
	setPairs(c, c.Argv[1:], keyspace.NoTTL)
	c.Reply.Int(1)
	return nil
}

func countExisting(c *cmdspec.Ctx) int {
	n := 0
	for _, k := range c.Keys {
		if _, found := c.Tx.Write(k); found {
			n++
		}
	}
	return n
}

var mSetExSpec = cmdspec.Spec{
	Name: "msetex", Arity: -4, Since: "8.4.0", Group: cmdspec.GroupString,
	Summary:    "Sets the strings at several keys at once, with one expiry for all and on condition.",
	Complexity: "O(N) where N is the number of keys.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.MovableKeys,
	Keys:       []cmdspec.KeySpec{{Flags: cmdspec.OW | cmdspec.Update, Index: 1, KeyNum: true, First: 1, Step: 2}},
	Args: "numkeys key value [key value ...]{data} [NX | XX]{condition} " +
		"[EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]{expiration}",
	Tips: []string{"request_policy:multi_shard", "response_policy:all_succeeded"},
	Run:  runMSetEx,
}

const (
	errNumKeys = cmdspec.Error("ERR invalid numkeys value")
	errPairs   = cmdspec.Error("ERR wrong number of key-value pairs")
)

func runMSetEx(c *cmdspec.Ctx) error {
	numkeys, ok := cmdspec.ParseInt(c.Argv[1])
	if !ok || numkeys < 1 || numkeys > math.MaxInt32 {
		return errNumKeys
	}
	end := 2 + 2*numkeys
	if end > int64(len(c.Argv)) {
		return errPairs
	}
	var o setOptions
	a := c.ArgsFrom(int(end))
	for a.More() {
		if !o.exp.match(&a) && !o.exp.matchFlag(&a, expireKeep) && !o.matchExistence(&a) {
			return cmdspec.ErrSyntax
		}
	}
	if err := a.Done(); err != nil {
		return err
	}
	at, err := o.exp.at(c)
	if err != nil {
		return err
	}
	if o.when != always {
		wanted := 0
		if o.when == ifExists {
			wanted = len(c.Keys)
		}
		if countExisting(c) != wanted {
			c.Reply.Int(0)
			return nil
		}
	}
	pairs := c.Argv[2:end]
	setPairs(c, pairs, at)
	journalPairs(c, pairs, at)
	c.Reply.Int(1)
	return nil
}

// matchExistence takes NX or XX.
func (o *setOptions) matchExistence(a *cmdspec.Args) bool {
	when := ifMissing
	if !a.Match("NX") {
		if !a.Match("XX") {
			return false
		}
		when = ifExists
	}
	if o.when != always && o.when != when {
		a.Fail(cmdspec.ErrSyntax)
	}
	o.when = when
	return true
}

// journalPairs names commands that older servers know too.
func journalPairs(c *cmdspec.Ctx, pairs [][]byte, at keyspace.TTL) {
	if at == keyspace.NoTTL {
		c.Tx.Effect(append([][]byte{wordMSet}, pairs...)...)
		return
	}
	for i := 0; i < len(pairs); i += 2 {
		if at == keyspace.KeepTTL {
			c.Tx.Effect(wordSet, pairs[i], pairs[i+1], wordKeepTTL)
		} else {
			c.Tx.Effect(wordSet, pairs[i], pairs[i+1], wordPXAt, ttlWord(at))
		}
	}
}
