package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var incrExSpec = cmdspec.Spec{
	Name: "increx", Arity: -2, Since: "8.8.0", Group: cmdspec.GroupString,
	Summary:    "Adds to the number at a key within bounds, and sets when the key expires; a missing key counts as 0.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Update)},
	Args: "key [BYFLOAT increment{double} | BYINT increment]{increment} [LBOUND lowerbound{double}] [UBOUND upperbound{double}] [SATURATE] " +
		"[EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]{expiration} [ENX]",
}

// incrExOptions are the options of INCREX, numbers still words: whether they
// are integers is known when all options are.
type incrExOptions struct {
	by           []byte // nil: 1
	float        bool
	lower, upper []byte // nil: none
	saturate     bool
	exp          expiration
	onlyIfNone   bool // ENX
}

const (
	errENX    = cmdspec.Error("ERR ENX flag requires an expiration")
	errBounds = cmdspec.Error("ERR LBOUND can't be greater than UBOUND")
)

func (d *Deps) runIncrEx(c *cmdspec.Ctx) error {
	o, err := parseIncrEx(c)
	if err != nil {
		return err
	}
	if o.float {
		return d.incrExFloat(c, &o)
	}
	return d.incrExInt(c, &o)
}

func parseIncrEx(c *cmdspec.Ctx) (o incrExOptions, err error) {
	a := c.ArgsFrom(2)
	for a.More() {
		if !o.match(&a) {
			return o, cmdspec.ErrSyntax
		}
	}
	if err := a.Done(); err != nil {
		return o, err
	}
	if o.onlyIfNone && !o.exp.timed() {
		return o, errENX
	}
	return o, nil
}

// match takes an option. Each may be given once.
func (o *incrExOptions) match(a *cmdspec.Args) bool {
	switch {
	case o.by == nil && a.MatchValue("BYINT"):
		o.by = a.Next()
	case o.by == nil && a.MatchValue("BYFLOAT"):
		o.by, o.float = a.Next(), true
	case o.lower == nil && a.MatchValue("LBOUND"):
		o.lower = a.Next()
	case o.upper == nil && a.MatchValue("UBOUND"):
		o.upper = a.Next()
	case !o.saturate && a.Match("SATURATE"):
		o.saturate = true
	case !o.onlyIfNone && o.exp.unit != expirePersist && a.Match("ENX"):
		o.onlyIfNone = true
	case o.exp.unit == expireNone && o.exp.match(a):
	case o.exp.unit == expireNone && !o.onlyIfNone && o.exp.matchFlag(a, expirePersist):
	default:
		return false
	}
	return true
}

func (d *Deps) incrExInt(c *cmdspec.Ctx, o *incrExOptions) error {
	by, err := optionInt(o.by, 1, "Increment")
	if err != nil {
		return err
	}
	lower, err := optionInt(o.lower, math.MinInt64, "LBOUND")
	if err != nil {
		return err
	}
	upper, err := optionInt(o.upper, math.MaxInt64, "UBOUND")
	if err != nil {
		return err
	}
	if lower > upper {
		return errBounds
	}
	at, err := o.exp.at(c)
	if err != nil {
		return err
	}
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
	sum, ok := clampSum(old, by, lower, upper)
	if !ok && !o.saturate {
		writeIntPair(c, old, 0)
		return nil
	}
	d.storeIncrEx(c, o, at, intWord(sum), "incrby", e, found)
	writeIntPair(c, sum, sum-old)
	return nil
}

// clampSum is a+b held within bounds; ok says that it is without that.
func clampSum(a, b, lower, upper int64) (sum int64, ok bool) {
	sum, ok = addInts(a, b)
	if !ok {
		sum = math.MaxInt64
		if b < 0 {
			sum = math.MinInt64
		}
	}
	clamped := min(max(sum, lower), upper)
	return clamped, ok && clamped == sum
}

func writeIntPair(c *cmdspec.Ctx, a, b int64) {
	c.Reply.Array(2)
	c.Reply.Int(a)
	c.Reply.Int(b)
}

// optionInt reads an option's integer; def if the option was not given.
func optionInt(w []byte, def int64, name string) (int64, error) {
	if w == nil {
		return def, nil
	}
	n, ok := cmdspec.ParseInt(w)
	if !ok {
		return 0, cmdspec.Errorf("ERR %s is not an integer or out of range", name)
	}
	return n, nil
}

func (d *Deps) incrExFloat(c *cmdspec.Ctx, o *incrExOptions) error {
	by, err := optionFloat(o.by, longDouble{}, "Increment")
	if err != nil {
		return err
	}
	lower, err := optionFloat(o.lower, maxLongDouble().negated(), "LBOUND")
	if err != nil {
		return err
	}
	upper, err := optionFloat(o.upper, maxLongDouble(), "UBOUND")
	if err != nil {
		return err
	}
	if lower.cmp(upper) > 0 {
		return errBounds
	}
	at, err := o.exp.at(c)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	e, found, err := c.Tx.WriteString(k)
	if err != nil {
		return err
	}
	old, err := stringFloat(e, found)
	if err != nil {
		return err
	}
	sum := old.add(by)
	switch ok := sum.cmp(lower) >= 0 && sum.cmp(upper) <= 0; {
	case ok:
	case !o.saturate:
		writeFloatPair(c, old, longDouble{})
		return nil
	case sum.cmp(upper) > 0:
		sum = upper
	default:
		sum = lower
	}
	d.storeIncrEx(c, o, at, sum.appendText(nil), "incrbyfloat", e, found)
	writeFloatPair(c, sum, sum.sub(old))
	return nil
}

func optionFloat(w []byte, def longDouble, name string) (longDouble, error) {
	if w == nil {
		return def, nil
	}
	f, ok := parseLongDouble(w)
	if !ok || f.inf {
		return f, cmdspec.Errorf("ERR %s is not a valid float", name)
	}
	return f, nil
}

// writeFloatPair replies with two numbers in all their digits: doubles in
// RESP3, bulk strings in RESP2.
func writeFloatPair(c *cmdspec.Ctx, a, b longDouble) {
	c.Reply.Array(2)
	for _, f := range [...]longDouble{a, b} {
		c.Reply.DoubleText(f.appendText(nil))
	}
}

// storeIncrEx stores the sum and does what the options say of the expiry. e is
// the string before.
func (d *Deps) storeIncrEx(c *cmdspec.Ctx, o *incrExOptions, at keyspace.TTL, sum []byte, event string, e keyspace.Entry, found bool) {
	k := c.Keys[0]
	hadTTL := found && e.ExpireAt() != 0
	sets := o.exp.timed() && !(o.onlyIfNone && hadTTL)
	if sets && int64(at) <= c.Tx.Now() {
		d.deleteExpired(c, k)
		return
	}
	persists := o.exp.unit == expirePersist && hadTTL
	ttl := keyspace.KeepTTL
	switch {
	case sets:
		ttl = at
		c.Tx.Effect(wordSet, k.Name, sum, wordPXAt, ttlWord(at))
	case persists:
		ttl = keyspace.NoTTL
		c.Tx.Effect(wordSet, k.Name, sum)
	default:
		c.Tx.Effect(wordSet, k.Name, sum, wordKeepTTL)
	}
	if o.float {
		c.Tx.SetText(k, sum, ttl)
	} else {
		c.Tx.SetString(k, sum, ttl)
	}
	c.Tx.Notify(keyspace.ClassString, event, k)
	switch {
	case sets:
		c.Tx.Notify(keyspace.ClassGeneric, "expire", k)
	case persists:
		c.Tx.Notify(keyspace.ClassGeneric, "persist", k)
	}
}
