package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var expireSpec = cmdspec.Spec{
	Name: "expire", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Makes a key expire after some seconds.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key seconds [NX | XX | GT | LT]{condition 7.0.0}",
	History:    [][2]string{{"7.0.0", "The options `NX`, `XX`, `GT` and `LT`."}},
}

func (d *Deps) runExpire(c *cmdspec.Ctx) error { return d.expire(c, c.Tx.Now(), 1000) }

var pExpireSpec = cmdspec.Spec{
	Name: "pexpire", Arity: -3, Since: "2.6.0", Group: cmdspec.GroupGeneric,
	Summary:    "Makes a key expire after some milliseconds.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key milliseconds [NX | XX | GT | LT]{condition 7.0.0}",
	History:    [][2]string{{"7.0.0", "The options `NX`, `XX`, `GT` and `LT`."}},
}

func (d *Deps) runPExpire(c *cmdspec.Ctx) error { return d.expire(c, c.Tx.Now(), 1) }

var expireAtSpec = cmdspec.Spec{
	Name: "expireat", Arity: -3, Since: "1.2.0", Group: cmdspec.GroupGeneric,
	Summary:    "Makes a key expire at a Unix time in seconds.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key unix-time-seconds [NX | XX | GT | LT]{condition 7.0.0}",
	History:    [][2]string{{"7.0.0", "The options `NX`, `XX`, `GT` and `LT`."}},
}

func (d *Deps) runExpireAt(c *cmdspec.Ctx) error { return d.expire(c, 0, 1000) }

var pExpireAtSpec = cmdspec.Spec{
	Name: "pexpireat", Arity: -3, Since: "2.6.0", Group: cmdspec.GroupGeneric,
	Summary:    "Makes a key expire at a Unix time in milliseconds.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key unix-time-milliseconds [NX | XX | GT | LT]{condition 7.0.0}",
	History:    [][2]string{{"7.0.0", "The options `NX`, `XX`, `GT` and `LT`."}},
}

func (d *Deps) runPExpireAt(c *cmdspec.Ctx) error { return d.expire(c, 0, 1) }

// expire makes a key expire at base plus the command's time, which counts in
// units of some milliseconds.
func (d *Deps) expire(c *cmdspec.Ctx, base, unit int64) error {
	only, err := parseExpireCondition(c)
	if err != nil {
		return err
	}
	at, ok := cmdspec.ParseInt(c.Argv[2])
	if !ok {
		return cmdspec.ErrNotInteger
	}
	if at > math.MaxInt64/unit || at < math.MinInt64/unit {
		return errExpireTime(c)
	}
	at *= unit
	if at > math.MaxInt64-base {
		return errExpireTime(c)
	}
	at += base
	k := c.Keys[0]
	e, found := c.Tx.Write(k)
	if !found || !only.holds(at, e.ExpireAt()) {
		c.Reply.Int(0)
		return nil
	}
	if at <= c.Tx.Now() {
		d.deleteExpired(c, k)
	} else {
		c.Tx.SetExpire(k, keyspace.TTL(at))
		c.Tx.Effect(append([][]byte{wordPExpireAt, k.Name, intWord(at)}, c.Argv[3:]...)...)
		c.Tx.Notify(keyspace.ClassGeneric, "expire", k)
	}
	c.Reply.Int(1)
	return nil
}

// expireCondition is on what an expiry is set; several may be given.
type expireCondition struct{ nx, xx, gt, lt bool }

func parseExpireCondition(c *cmdspec.Ctx) (o expireCondition, err error) {
	a := c.ArgsFrom(3)
	for a.More() {
		switch {
		case a.Match("NX"):
			o.nx = true
		case a.Match("XX"):
			o.xx = true
		case a.Match("GT"):
			o.gt = true
		case a.Match("LT"):
			o.lt = true
		default:
			return o, cmdspec.Errorf("ERR Unsupported option %s", a.Next())
		}
	}
	switch {
	case o.nx && (o.xx || o.gt || o.lt):
		return o, cmdspec.Error("ERR NX and XX, GT or LT options at the same time are not compatible")
	case o.gt && o.lt:
		return o, cmdspec.Error("ERR GT and LT options at the same time are not compatible")
	}
	return o, nil
}

// holds compares a new expiry with the key's, of which 0 is none: later than
// all others.
func (o expireCondition) holds(at, now int64) bool {
	switch {
	case o.nx && now != 0, o.xx && now == 0, o.gt && (now == 0 || at <= now), o.lt && now != 0 && at >= now:
		return false
	}
	return true
}

var ttlSpec = cmdspec.Spec{
	Name: "ttl", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Returns in how many seconds a key expires.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output"},
	History:    [][2]string{{"2.8.0", "The reply -2."}},
	Run:        runTTL,
}

func runTTL(c *cmdspec.Ctx) error { return replyExpiry(c, true, 1000) }

var pTTLSpec = cmdspec.Spec{
	Name: "pttl", Arity: 2, Since: "2.6.0", Group: cmdspec.GroupGeneric,
	Summary:    "Returns in how many milliseconds a key expires.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output"},
	History:    [][2]string{{"2.8.0", "The reply -2."}},
	Run:        runPTTL,
}

func runPTTL(c *cmdspec.Ctx) error { return replyExpiry(c, true, 1) }

var expireTimeSpec = cmdspec.Spec{
	Name: "expiretime", Arity: 2, Since: "7.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Returns when a key expires, as a Unix time in seconds.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Run:        runExpireTime,
}

func runExpireTime(c *cmdspec.Ctx) error { return replyExpiry(c, false, 1000) }

var pExpireTimeSpec = cmdspec.Spec{
	Name: "pexpiretime", Arity: 2, Since: "7.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Returns when a key expires, as a Unix time in milliseconds.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Run:        runPExpireTime,
}

func runPExpireTime(c *cmdspec.Ctx) error { return replyExpiry(c, false, 1) }

// replyExpiry replies with the key's expiry, from now or from the epoch, in
// units of some milliseconds, rounded; -1 for none, -2 for no key.
func replyExpiry(c *cmdspec.Ctx, relative bool, unit int64) error {
	e, found := c.Tx.Look(c.Keys[0])
	if !found {
		c.Reply.Int(-2)
		return nil
	}
	at := e.ExpireAt()
	if at == 0 {
		c.Reply.Int(-1)
		return nil
	}
	if relative {
		at = max(at-c.Tx.Now(), 0)
	}
	c.Reply.Int(at/unit + (at%unit+unit/2)/unit) // not (at+unit/2)/unit, which overflows at the end of time
	return nil
}

var persistSpec = cmdspec.Spec{
	Name: "persist", Arity: 2, Since: "2.2.0", Group: cmdspec.GroupGeneric,
	Summary:    "Makes a key stay for good that would have expired.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key",
	Run:        runPersist,
}

func runPersist(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	e, found := c.Tx.Write(k)
	if !found || e.ExpireAt() == 0 {
		c.Reply.Int(0)
		return nil
	}
	c.Tx.SetExpire(k, keyspace.NoTTL)
	c.Tx.Notify(keyspace.ClassGeneric, "persist", k)
	c.Reply.Int(1)
	return nil
}
