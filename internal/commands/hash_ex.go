package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

var hGetDelSpec = cmdspec.Spec{
	Name: "hgetdel", Arity: -5, Since: "8.0.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the values of fields of a hash and removes the fields.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete)},
	Args:       "key " + fieldsArgs,
	Run:        runHGetDel,
}

func runHGetDel(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	h, found, err := c.Tx.WriteHash(k)
	if err != nil {
		return err
	}
	fields, err := strictFields(c)
	if err != nil {
		return err
	}
	writeValues(c, &h, found, fields)
	if found && deleteFields(c, &h, fields) > 0 {
		c.Tx.Effect(append([][]byte{wordHDel, k.Name}, fields...)...)
	}
	return nil
}

// exOptions are the options of HGETEX and HSETEX.
type exOptions struct {
	unit   expireUnit // how the expiry was given
	at     int64      // the expiry, if it was given as a time
	fnx    bool
	fxx    bool
	fields [][]byte // of HSETEX: with values
}

func (o *exOptions) timed() bool { return expireEX <= o.unit && o.unit <= expirePXAT }

// parseEx reads the words behind the key. flag is the option without a value
// that the command has among those for the expiry; oneOf is what is said to two of those.
func parseEx(c *cmdspec.Ctx, width int, flag expireUnit, oneOf cmdspec.Error) (o exOptions, err error) {
	list := fieldList{width: width, bad: errFieldsNumber}
	for i := 2; i < len(c.Argv); {
		switch w := c.Argv[i]; {
		case cmdspec.EqualFold(w, "FIELDS"):
			i, err = list.take(c.Argv, i)
		case width == 2 && (cmdspec.EqualFold(w, "FNX") || cmdspec.EqualFold(w, "FXX")):
			if o.fnx || o.fxx {
				return o, errOneCondition
			}
			o.fnx = cmdspec.EqualFold(w, "FNX")
			o.fxx = !o.fnx
			i++
		default:
			i, err = o.takeExpiry(c, i, flag, oneOf)
		}
		if err != nil {
			return o, err
		}
	}
	if list.words == nil {
		return o, errFieldsMissing
	}
	o.fields = list.words
	return o, nil
}

// takeExpiry takes the expiry that word i begins and returns the index of the word after it.
func (o *exOptions) takeExpiry(c *cmdspec.Ctx, i int, flag expireUnit, oneOf cmdspec.Error) (next int, err error) {
	unit := expireNone
	for _, u := range [...]expireUnit{expireEX, expirePX, expireEXAT, expirePXAT, flag} {
		if cmdspec.EqualFold(c.Argv[i], expireWords[u]) {
			unit = u
		}
	}
	switch {
	case unit == expireNone:
		return 0, errUnknownWord(c.Argv[i])
	case o.unit != expireNone:
		return 0, oneOf
	case unit == flag:
		o.unit = unit
		return i + 1, nil
	case i+1 >= len(c.Argv):
		return 0, errNoExpiry
	}
	o.unit = unit
	o.at, err = fieldExpiry(c, c.Argv[i+1], unit)
	return i + 2, err
}

var hGetExSpec = cmdspec.Spec{
	Name: "hgetex", Arity: -5, Since: "8.0.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the values of fields of a hash, and sets or removes the expiry of the fields.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys: []cmdspec.KeySpec{{Flags: cmdspec.RW | cmdspec.Access | cmdspec.Update, Index: 1, Step: 1,
		Notes: "RW and UPDATE because of the expiry"}},
	Args: "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]{expiration} " + fieldsArgs,
	Run:  runHGetEx,
}

func runHGetEx(c *cmdspec.Ctx) error {
	o, err := parseEx(c, 1, expirePersist, errOneGetExpiry)
	if err != nil {
		return err
	}
	h, found, err := c.Tx.WriteHash(c.Keys[0])
	if err != nil {
		return err
	}
	writeValues(c, &h, found, o.fields)
	switch {
	case !found:
	case o.unit == expirePersist:
		persistFields(c, &h, o.fields)
	case o.timed():
		var hit [][]byte
		for _, field := range o.fields {
			if expireField(c, &h, expireCondition{}, field, o.at) > 0 {
				hit = append(hit, field)
			}
		}
		reportExpiry(c, &h, hit, o.at)
	}
	return nil
}

// persistFields removes the expiry of fields, notifies and journals.
func persistFields(c *cmdspec.Ctx, h *value.Hash, fields [][]byte) {
	var hit [][]byte
	for _, field := range fields {
		if persistField(h, field) == fieldPersists {
			hit = append(hit, field)
		}
	}
	if hit == nil {
		return
	}
	k := c.Keys[0]
	c.Tx.Effect(append([][]byte{wordHPersist, k.Name, wordFields, intWord(int64(len(hit)))}, hit...)...)
	c.Tx.NotifyFields(keyspace.ClassHash, "hpersist", k, hit)
}

var hSetExSpec = cmdspec.Spec{
	Name: "hsetex", Arity: -6, Since: "8.0.0", Group: cmdspec.GroupHash,
	Summary:    "Gives fields of a hash values and, if wanted, an expiry.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args: "key [FNX | FXX]{condition} [EX seconds | PX milliseconds | EXAT unix-time-seconds | " +
		"PXAT unix-time-milliseconds | KEEPTTL]{expiration} FIELDS <numfields{integer} <field value [field value ...]>{data}>{fields}",
	Run: runHSetEx,
}

func runHSetEx(c *cmdspec.Ctx) error {
	o, err := parseEx(c, 2, expireKeep, errOneSetExpiry)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	h, found, err := c.Tx.WriteHash(k)
	if err != nil {
		return err
	}
	if !o.holds(&h, found) {
		c.Reply.Int(0)
		return nil
	}
	setFields(c, &h, found, o.fields, o.unit == expireKeep)
	notifyPairs(c, "hset", o.fields)
	if o.timed() {
		o.expire(c, &h)
	}
	c.Reply.Int(1)
	return nil
}

// holds says whether the condition on the fields holds: all of them are there, or none is.
func (o *exOptions) holds(h *value.Hash, found bool) bool {
	if !o.fnx && !o.fxx {
		return true
	}
	for i := 0; i < len(o.fields); i += 2 {
		if (found && h.Has(o.fields[i])) != o.fxx {
			return false
		}
	}
	return true
}

// expire gives the fields that were just set their expiry.
func (o *exOptions) expire(c *cmdspec.Ctx, h *value.Hash) {
	k := c.Keys[0]
	past := o.at <= c.Tx.Now()
	effect := [][]byte{wordHSetEx, k.Name, wordPXAt, intWord(o.at), wordFields, intWord(int64(len(o.fields) / 2))}
	if past {
		effect = [][]byte{wordHDel, k.Name}
	}
	for i := 0; i < len(o.fields); i += 2 {
		effect = append(effect, o.fields[i])
		if past {
			h.Delete(o.fields[i])
			continue
		}
		h.SetExpiry(o.fields[i], o.at)
		effect = append(effect, o.fields[i+1])
	}
	c.Tx.Effect(effect...)
	switch {
	case !past:
		c.Tx.ArmFields(k, h)
		notifyPairs(c, "hexpire", o.fields)
	default:
		notifyPairs(c, "hdel", o.fields)
		if h.Stored() == 0 {
			removeEmpty(c, k)
		}
	}
}
