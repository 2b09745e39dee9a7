package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

const fieldsArgs = "FIELDS <numfields{integer} field [field ...]>{fields}"

var hExpireSpec = cmdspec.Spec{
	Name: "hexpire", Arity: -6, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Makes fields of a hash expire after some seconds.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key seconds [NX | XX | GT | LT]{condition} " + fieldsArgs,
	Run:        runHExpire,
}

func runHExpire(c *cmdspec.Ctx) error { return hashExpire(c, expireEX) }

var hPExpireSpec = cmdspec.Spec{
	Name: "hpexpire", Arity: -6, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Makes fields of a hash expire after some milliseconds.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key milliseconds [NX | XX | GT | LT]{condition} " + fieldsArgs,
	Run:        runHPExpire,
}

func runHPExpire(c *cmdspec.Ctx) error { return hashExpire(c, expirePX) }

var hExpireAtSpec = cmdspec.Spec{
	Name: "hexpireat", Arity: -6, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Makes fields of a hash expire at a Unix time in seconds.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key unix-time-seconds [NX | XX | GT | LT]{condition} " + fieldsArgs,
	Run:        runHExpireAt,
}

func runHExpireAt(c *cmdspec.Ctx) error { return hashExpire(c, expireEXAT) }

var hPExpireAtSpec = cmdspec.Spec{
	Name: "hpexpireat", Arity: -6, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Makes fields of a hash expire at a Unix time in milliseconds.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key unix-time-milliseconds [NX | XX | GT | LT]{condition} " + fieldsArgs,
	Run:        runHPExpireAt,
}

func runHPExpireAt(c *cmdspec.Ctx) error { return hashExpire(c, expirePXAT) }

// What HEXPIRE and its like answer for a field.
const (
	fieldMissing  = -2
	fieldForever  = -1 // it has no expiry, where one is asked for or removed
	fieldLeft     = 0  // the condition does not hold
	fieldExpires  = 1
	fieldDeleted  = 2 // the time has passed
	fieldPersists = 1 // for HPERSIST
)

func hashExpire(c *cmdspec.Ctx, unit expireUnit) error {
	h, found, err := c.Tx.WriteHash(c.Keys[0])
	if err != nil {
		return err
	}
	at, err := fieldExpiry(c, c.Argv[2], unit)
	if err != nil {
		return err
	}
	only, fields, err := parseHashExpire(c)
	if err != nil {
		return err
	}
	c.Reply.Array(len(fields))
	var hit [][]byte
	for _, field := range fields {
		result := fieldMissing
		if found {
			result = expireField(c, &h, only, field, at)
		}
		if result > 0 {
			hit = append(hit, field)
		}
		c.Reply.Int(int64(result))
	}
	reportExpiry(c, &h, hit, at)
	return nil
}

// parseHashExpire reads the options behind the time.
func parseHashExpire(c *cmdspec.Ctx) (only expireCondition, fields [][]byte, err error) {
	list := fieldList{width: 1, bad: errNumFields}
	for i := 3; i < len(c.Argv); i++ {
		switch w := c.Argv[i]; {
		case cmdspec.EqualFold(w, "FIELDS"):
			if i, err = list.take(c.Argv, i); err != nil {
				return only, nil, err
			}
			i--
		case cmdspec.EqualFold(w, "NX"):
			only.nx = true
		case cmdspec.EqualFold(w, "XX"):
			only.xx = true
		case cmdspec.EqualFold(w, "GT"):
			only.gt = true
		case cmdspec.EqualFold(w, "LT"):
			only.lt = true
		default:
			return only, nil, errUnknownWord(w)
		}
	}
	switch {
	case list.words == nil:
		return only, nil, errFieldsMissing
	case only.several():
		return only, nil, errConditions
	}
	return only, list.words, nil
}

// several says whether more than one condition was given.
func (o expireCondition) several() bool {
	n := 0
	for _, given := range [...]bool{o.nx, o.xx, o.gt, o.lt} {
		if given {
			n++
		}
	}
	return n > 1
}

// expireField makes a field expire, or removes it if the time has passed.
func expireField(c *cmdspec.Ctx, h *value.Hash, only expireCondition, field []byte, at int64) (result int) {
	was, found := h.ExpireAt(field)
	switch {
	case !found:
		return fieldMissing
	case !only.holds(at, was):
		return fieldLeft
	case at <= c.Tx.Now():
		h.Delete(field)
		return fieldDeleted
	}
	h.SetExpiry(field, at)
	return fieldExpires
}

// reportExpiry ends what expireField did to some fields: it notifies and
// journals, sees to the hash's timer, and removes a hash that is empty.
func reportExpiry(c *cmdspec.Ctx, h *value.Hash, fields [][]byte, at int64) {
	k := c.Keys[0]
	switch {
	case len(fields) == 0:
	case at <= c.Tx.Now():
		c.Tx.Effect(append([][]byte{wordHDel, k.Name}, fields...)...)
		c.Tx.NotifyFields(keyspace.ClassHash, "hdel", k, fields)
		if h.Stored() == 0 {
			removeEmpty(c, k)
		}
	default:
		c.Tx.ArmFields(k, h)
		c.Tx.Effect(append([][]byte{wordHPExpireAt, k.Name, intWord(at), wordFields, intWord(int64(len(fields)))}, fields...)...)
		c.Tx.NotifyFields(keyspace.ClassHash, "hexpire", k, fields)
	}
}

var hPersistSpec = cmdspec.Spec{
	Name: "hpersist", Arity: -5, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Removes the expiry of fields of a hash.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key " + fieldsArgs,
	Run:        runHPersist,
}

func runHPersist(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	h, found, err := c.Tx.WriteHash(k)
	if err != nil {
		return err
	}
	fields, err := strictFields(c)
	if err != nil {
		return err
	}
	var hit [][]byte
	c.Reply.Array(len(fields))
	for _, field := range fields {
		result := fieldMissing
		if found {
			result = persistField(&h, field)
		}
		if result == fieldPersists && c.Tx.WantsFields() {
			hit = append(hit, field)
		}
		c.Reply.Int(int64(result))
	}
	if found && h.Changed() {
		c.Tx.NotifyFields(keyspace.ClassHash, "hpersist", k, hit)
	}
	return nil
}

func persistField(h *value.Hash, field []byte) (result int) {
	at, found := h.ExpireAt(field)
	switch {
	case !found:
		return fieldMissing
	case at == 0:
		return fieldForever
	}
	h.SetExpiry(field, 0)
	return fieldPersists
}

var hTTLSpec = cmdspec.Spec{
	Name: "httl", Arity: -5, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Returns in how many seconds fields of a hash expire.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key " + fieldsArgs,
	Tips:       []string{"nondeterministic_output"},
	Run:        runHTTL,
}

func runHTTL(c *cmdspec.Ctx) error { return hashTTL(c, c.Tx.Now(), 1000) }

var hPTTLSpec = cmdspec.Spec{
	Name: "hpttl", Arity: -5, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Returns in how many milliseconds fields of a hash expire.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key " + fieldsArgs,
	Tips:       []string{"nondeterministic_output"},
	Run:        runHPTTL,
}

func runHPTTL(c *cmdspec.Ctx) error { return hashTTL(c, c.Tx.Now(), 1) }

var hExpireTimeSpec = cmdspec.Spec{
	Name: "hexpiretime", Arity: -5, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the Unix time in seconds at which fields of a hash expire.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key " + fieldsArgs,
	Run:        runHExpireTime,
}

func runHExpireTime(c *cmdspec.Ctx) error { return hashTTL(c, 0, 1000) }

var hPExpireTimeSpec = cmdspec.Spec{
	Name: "hpexpiretime", Arity: -5, Since: "7.4.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the Unix time in milliseconds at which fields of a hash expire.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key " + fieldsArgs,
	Run:        runHPExpireTime,
}

func runHPExpireTime(c *cmdspec.Ctx) error { return hashTTL(c, 0, 1) }

// hashTTL replies with the time from base until each field expires, in units
// of some milliseconds, rounded up.
func hashTTL(c *cmdspec.Ctx, base, unit int64) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	fields, err := strictFields(c)
	if err != nil {
		return err
	}
	c.Reply.Array(len(fields))
	for _, field := range fields {
		left, there := int64(fieldMissing), false
		if found {
			left, there = h.ExpireAt(field)
		}
		switch {
		case !there:
			left = fieldMissing
		case left == 0:
			left = fieldForever
		default:
			left = (left - base + unit - 1) / unit
		}
		c.Reply.Int(left)
	}
	return nil
}
