package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var objectSpec = cmdspec.Spec{
	Name: "object", Arity: -2, Since: "2.2.3", Group: cmdspec.GroupGeneric,
	Summary:    "Looks at how values are stored.",
	Complexity: "As the subcommand.",
}

var objectEncodingSpec = cmdspec.Spec{
	Name: "encoding", Arity: 3, Since: "2.2.3", Group: cmdspec.GroupGeneric,
	Summary:    "Returns the encoding of the value at a key.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RO)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output"},
	Run:        runObjectEncoding,
}

func runObjectEncoding(c *cmdspec.Ctx) error {
	e, found := c.Tx.Ask(c.Keys[0])
	if !found {
		c.Reply.Null()
		return nil
	}
	c.Reply.BulkString(e.Encoding())
	return nil
}

var objectFreqSpec = cmdspec.Spec{
	Name: "freq", Arity: 3, Since: "4.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Returns the access frequency counter of a key.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RO)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output"},
}

const (
	errNotLFU = cmdspec.Error("ERR An LFU maxmemory policy is not selected, access frequency not tracked. " +
		"Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
	errLFU = cmdspec.Error("ERR An LFU maxmemory policy is selected, idle time not tracked. " +
		"Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.")
)

func (d *Deps) runObjectFreq(c *cmdspec.Ctx) error {
	e, found := c.Tx.Ask(c.Keys[0])
	switch {
	case !found:
		c.Reply.Null()
	case !d.policyIs(keyspace.AllKeysLFU, keyspace.VolatileLFU):
		return errNotLFU
	default:
		c.Reply.Int(int64(e.Freq()))
	}
	return nil
}

var objectIdleTimeSpec = cmdspec.Spec{
	Name: "idletime", Arity: 3, Since: "2.2.3", Group: cmdspec.GroupGeneric,
	Summary:    "Returns for how many seconds a key has not been used.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RO)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output"},
}

func (d *Deps) runObjectIdleTime(c *cmdspec.Ctx) error {
	e, found := c.Tx.Ask(c.Keys[0])
	switch {
	case !found:
		c.Reply.Null()
	case d.policyIs(keyspace.AllKeysLFU, keyspace.VolatileLFU):
		return errLFU
	default:
		c.Reply.Int(e.IdleSeconds())
	}
	return nil
}

func (d *Deps) policyIs(policies ...keyspace.Policy) bool {
	now := keyspace.Policy(d.Keyspace.Settings.Policy.Load())
	for _, p := range policies {
		if p == now {
			return true
		}
	}
	return false
}

var objectRefCountSpec = cmdspec.Spec{
	Name: "refcount", Arity: 3, Since: "2.2.3", Group: cmdspec.GroupGeneric,
	Summary:    "Returns the number of references to the value at a key.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RO)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output"},
}

// sharedInts is how many integers, from 0, Redis keeps as shared objects.
const sharedInts = 10000

// runObjectRefCount answers as if small integers were shared, as they are in
// Redis unless eviction needs a clock for each key.
func (d *Deps) runObjectRefCount(c *cmdspec.Ctx) error {
	e, found := c.Tx.Ask(c.Keys[0])
	if !found {
		c.Reply.Null()
		return nil
	}
	if e.Type() == keyspace.TypeString {
		clocked := d.Keyspace.Settings.MaxMemory.Load() != 0 &&
			d.policyIs(keyspace.AllKeysLFU, keyspace.VolatileLFU, keyspace.AllKeysLRU, keyspace.VolatileLRU)
		if n, ok := e.Int(); ok && 0 <= n && n < sharedInts && !clocked {
			c.Reply.Int(math.MaxInt32)
			return nil
		}
	}
	c.Reply.Int(1)
	return nil
}

var objectHelpSpec = cmdspec.Spec{
	Name: "help", Arity: 2, Since: "6.2.0", Group: cmdspec.GroupGeneric,
	Summary:    "Describes the subcommands.",
	Complexity: "O(1)",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Run:        runHelp,
}
