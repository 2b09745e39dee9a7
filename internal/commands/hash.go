package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// Hashes are the commands on hashes.
func Hashes(*Deps) []*cmdspec.Spec {
	return []*cmdspec.Spec{
		&hSetSpec, &hMSetSpec, &hSetNXSpec, &hGetSpec, &hMGetSpec, &hDelSpec, &hLenSpec, &hStrLenSpec, &hExistsSpec,
		&hGetAllSpec, &hKeysSpec, &hValsSpec, &hRandFieldSpec, &hScanSpec,
		&hIncrBySpec, &hIncrByFloatSpec,
		&hExpireSpec, &hPExpireSpec, &hExpireAtSpec, &hPExpireAtSpec, &hPersistSpec,
		&hTTLSpec, &hPTTLSpec, &hExpireTimeSpec, &hPExpireTimeSpec,
		&hGetDelSpec, &hGetExSpec, &hSetExSpec,
	}
}

var hSetSpec = cmdspec.Spec{
	Name: "hset", Arity: -4, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Gives fields of a hash values; the hash is made if there is none.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Element:    2,
	Args:       "key field value [field value ...]",
	History:    [][2]string{{"4.0.0", "Several fields at once."}},
	Run:        runHSet,
}

func runHSet(c *cmdspec.Ctx) error {
	created, err := hashSet(c)
	if err != nil {
		return err
	}
	c.Reply.Int(int64(created))
	return nil
}

var hMSetSpec = cmdspec.Spec{
	Name: "hmset", Arity: -4, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Gives fields of a hash values.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Element:    2,
	Args:       "key field value [field value ...]",
	Deprecated: "4.0.0|`HSET` with multiple field-value pairs",
	Run:        runHMSet,
}

func runHMSet(c *cmdspec.Ctx) error {
	if _, err := hashSet(c); err != nil {
		return err
	}
	c.Reply.OK()
	return nil
}

// hashSet is HSET up to its reply.
func hashSet(c *cmdspec.Ctx) (created int, err error) {
	if len(c.Argv)%2 != 0 {
		return 0, c.Spec.ErrArity()
	}
	k := c.Keys[0]
	h, found, err := c.Tx.WriteHash(k)
	if err != nil {
		return 0, err
	}
	created = setFields(c, &h, found, c.Argv[2:], false)
	notifyPairs(c, "hset", c.Argv[2:])
	return created, nil
}

// notifyPairs notifies of an effect on the fields among words, each followed by its value.
func notifyPairs(c *cmdspec.Ctx, event string, words [][]byte) {
	var fields [][]byte
	if c.Tx.WantsFields() {
		for i := 0; i < len(words); i += 2 {
			fields = append(fields, words[i])
		}
	}
	c.Tx.NotifyFields(keyspace.ClassHash, event, c.Keys[0], fields)
}

// setFields gives fields values, which come in turn, in the hash at the
// command's key, which is made if it was not found. keep leaves expiries as they are.
func setFields(c *cmdspec.Ctx, h *value.Hash, found bool, words [][]byte, keep bool) (created int) {
	if !found {
		*h, created = startHash(c, words)
		words = words[2*created:]
	}
	for i := 0; i < len(words); i += 2 {
		if h.Set(words[i], words[i+1], keep) {
			created++
		}
	}
	return created
}

// startHash makes the command's key a hash of all of the pairs, if they go
// into a record as they are, or else of the first.
func startHash(c *cmdspec.Ctx, words [][]byte) (h value.Hash, n int) {
	if len(words) > 2 {
		if size, ok := value.HashPairsSize(c.Tx.Limits(), words); ok {
			h = newHash(c, object.Packed, size)
			h.StartPairs(words)
			return h, len(words) / 2
		}
	}
	enc, size := value.NewHashBody(c.Tx.Limits(), words[0], words[1])
	h = newHash(c, enc, size)
	h.Start(words[0], words[1])
	return h, 1
}

func newHash(c *cmdspec.Ctx, enc object.Encoding, size int) value.Hash {
	return value.OpenHash(c.Tx.NewCell(c.Keys[0], keyspace.TypeHash, enc, size, keyspace.NoTTL), c.Tx.Now())
}

var hSetNXSpec = cmdspec.Spec{
	Name: "hsetnx", Arity: 4, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Gives a field of a hash a value if there is no such field.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Element:    2,
	Args:       "key field value",
	Run:        runHSetNX,
}

func runHSetNX(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	h, found, err := c.Tx.WriteHash(k)
	if err != nil {
		return err
	}
	if found && h.Has(c.Argv[2]) {
		c.Reply.Int(0)
		return nil
	}
	setFields(c, &h, found, c.Argv[2:], false)
	notifyPairs(c, "hset", c.Argv[2:])
	c.Reply.Int(1)
	return nil
}

var hGetSpec = cmdspec.Spec{
	Name: "hget", Arity: 3, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the value of a field of a hash.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Element:    2,
	Args:       "key field",
	Run:        runHGet,
}

func runHGet(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	writeValue(c, &h, found, c.Argv[2])
	return nil
}

// writeValue replies with the value of a field, or null.
func writeValue(c *cmdspec.Ctx, h *value.Hash, found bool, field []byte) {
	var digits [20]byte
	if found {
		if v, ok := h.Get(field, digits[:0]); ok {
			c.Reply.Bulk(v)
			return
		}
	}
	c.Reply.Null()
}

var hMGetSpec = cmdspec.Spec{
	Name: "hmget", Arity: -3, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the values of fields of a hash.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Element:    2,
	Args:       "key field [field ...]",
	Run:        runHMGet,
}

func runHMGet(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	writeValues(c, &h, found, c.Argv[2:])
	return nil
}

func writeValues(c *cmdspec.Ctx, h *value.Hash, found bool, fields [][]byte) {
	c.Reply.Array(len(fields))
	for _, field := range fields {
		writeValue(c, h, found, field)
	}
}

var hDelSpec = cmdspec.Spec{
	Name: "hdel", Arity: -3, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Removes fields from a hash, which goes with its last field.",
	Complexity: "O(N) where N is the number of fields given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Element:    2,
	Args:       "key field [field ...]",
	History:    [][2]string{{"2.4.0", "Several fields at once."}},
	Run:        runHDel,
}

func runHDel(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.WriteHash(c.Keys[0])
	if err != nil {
		return err
	}
	removed := 0
	if found {
		removed = deleteFields(c, &h, c.Argv[2:])
	}
	c.Reply.Int(int64(removed))
	return nil
}

// deleteFields removes fields of the hash at the command's key, and the hash
// if none is left, and notifies. It returns how many were there.
func deleteFields(c *cmdspec.Ctx, h *value.Hash, fields [][]byte) (removed int) {
	var hit [][]byte
	for _, field := range fields {
		if h.Delete(field) {
			removed++
			if c.Tx.WantsFields() {
				hit = append(hit, field)
			}
		}
		if h.Stored() == 0 {
			break
		}
	}
	if !h.Changed() {
		return 0
	}
	k := c.Keys[0]
	c.Tx.NotifyFields(keyspace.ClassHash, "hdel", k, hit)
	if h.Stored() == 0 {
		removeEmpty(c, k)
	}
	return removed
}

var hLenSpec = cmdspec.Spec{
	Name: "hlen", Arity: 2, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the number of fields of a hash.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Args:       "key",
	Run:        runHLen,
}

func runHLen(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		n = h.Len()
	}
	c.Reply.Int(int64(n))
	return nil
}

var hStrLenSpec = cmdspec.Spec{
	Name: "hstrlen", Arity: 3, Since: "3.2.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the length of the value of a field of a hash.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Element:    2,
	Args:       "key field",
	Run:        runHStrLen,
}

func runHStrLen(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		var digits [20]byte
		if v, ok := h.Get(c.Argv[2], digits[:0]); ok {
			n = len(v)
		}
	}
	c.Reply.Int(int64(n))
	return nil
}

var hExistsSpec = cmdspec.Spec{
	Name: "hexists", Arity: 3, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Says whether a hash has a field.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Element:    2,
	Args:       "key field",
	Run:        runHExists,
}

func runHExists(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	writeFlag(c, found && h.Has(c.Argv[2]))
	return nil
}
