package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/value"
)

var hGetAllSpec = cmdspec.Spec{
	Name: "hgetall", Arity: 2, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Returns all fields of a hash with their values.",
	Complexity: "O(N) where N is the number of fields.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output_order"},
	Run:        runHGetAll,
}

func runHGetAll(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Map(0)
		return nil
	}
	c.Reply.Map(h.Len())
	h.Each(func(field, v []byte, _ int64) bool {
		c.Reply.Bulk(field)
		c.Reply.Bulk(v)
		return true
	})
	return nil
}

var hKeysSpec = cmdspec.Spec{
	Name: "hkeys", Arity: 2, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Returns all fields of a hash.",
	Complexity: "O(N) where N is the number of fields.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output_order"},
	Run:        runHKeys,
}

func runHKeys(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Array(0)
		return nil
	}
	c.Reply.Array(h.Len())
	h.Each(func(field, _ []byte, _ int64) bool {
		c.Reply.Bulk(field)
		return true
	})
	return nil
}

var hValsSpec = cmdspec.Spec{
	Name: "hvals", Arity: 2, Since: "2.0.0", Group: cmdspec.GroupHash,
	Summary:    "Returns the values of all fields of a hash.",
	Complexity: "O(N) where N is the number of fields.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output_order"},
	Run:        runHVals,
}

func runHVals(c *cmdspec.Ctx) error {
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Array(0)
		return nil
	}
	c.Reply.Array(h.Len())
	h.Each(func(_, v []byte, _ int64) bool {
		c.Reply.Bulk(v)
		return true
	})
	return nil
}

var hRandFieldSpec = cmdspec.Spec{
	Name: "hrandfield", Arity: -2, Since: "6.2.0", Group: cmdspec.GroupHash,
	Summary:    "Returns random fields of a hash.",
	Complexity: "O(N) where N is the absolute value of the count.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key [count [WITHVALUES]]{options}",
	Tips:       []string{"nondeterministic_output"},
	Run:        runHRandField,
}

func runHRandField(c *cmdspec.Ctx) error {
	if len(c.Argv) > 2 {
		return runHRandFieldCount(c)
	}
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	h.Random(func(field, _ []byte) { c.Reply.Bulk(field) })
	return nil
}

const errNegatedRange = cmdspec.Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")

// parseRandomCount reads the count of HRANDFIELD and whether it wants values.
func parseRandomCount(c *cmdspec.Ctx) (count int64, values bool, err error) {
	count, ok := cmdspec.ParseInt(c.Argv[2])
	switch {
	case !ok:
		return 0, false, cmdspec.ErrNotInteger
	case count == math.MinInt64:
		return 0, false, errNegatedRange
	case len(c.Argv) > 4 || len(c.Argv) == 4 && !cmdspec.EqualFold(c.Argv[3], "WITHVALUES"):
		return 0, false, cmdspec.ErrSyntax
	}
	values = len(c.Argv) == 4
	if count < -maxRepeats || values && (count < -math.MaxInt64/2 || count > math.MaxInt64/2) {
		return 0, false, cmdspec.ErrOutOfRange
	}
	return count, values, nil
}

func runHRandFieldCount(c *cmdspec.Ctx) error {
	count, values, err := parseRandomCount(c)
	if err != nil {
		return err
	}
	h, found, err := c.Tx.ReadHash(c.Keys[0])
	if err != nil {
		return err
	}
	if !found || count == 0 {
		c.Reply.Array(0)
		return nil
	}
	n := int(min(max(count, -count), math.MaxInt32))
	if count > 0 {
		n = min(n, h.Len())
	}
	w := fieldWriter{c.Reply, values}
	w.begin(n)
	if count > 0 {
		h.RandomSome(n, w.write)
		return nil
	}
	w.Lost = false
	for i := 0; i < n && !w.Lost; i++ {
		h.Random(w.write)
	}
	return nil
}

// A fieldWriter writes fields, with their values if those are wanted: in RESP3
// each pair is an array of its own.
type fieldWriter struct {
	*resp.Writer
	values bool
}

func (w *fieldWriter) begin(n int) {
	if w.values && w.Proto != 3 {
		n *= 2
	}
	w.Array(n)
}

func (w *fieldWriter) write(field, v []byte) {
	if w.values && w.Proto == 3 {
		w.Array(2)
	}
	w.Bulk(field)
	if w.values {
		w.Bulk(v)
	}
}

var hScanSpec = cmdspec.Spec{
	Name: "hscan", Arity: -3, Since: "2.8.0", Group: cmdspec.GroupHash,
	Summary:    "Goes through the fields of a hash in small steps.",
	Complexity: "O(1) for a step, O(N) for all steps from the cursor 0 until it is 0 again, where N is the number of fields.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key cursor [MATCH pattern] [COUNT count] [NOVALUES{7.4.0}]",
	Tips:       []string{"nondeterministic_output"},
	Run:        runHScan,
}

func runHScan(c *cmdspec.Ctx) error {
	values := true
	s, found, err := beginScan(c, keyspace.TypeHash, func(_ *scanOptions, a *cmdspec.Args) bool {
		if !a.Match("NOVALUES") {
			return false
		}
		values = false
		return true
	})
	if err != nil || !found {
		return err
	}
	var names nameList
	h := value.OpenHash(s.cell, c.Tx.Now())
	next := h.Scan(s.cursor, s.count, func(field, v []byte) {
		if !s.matches(field) {
			return
		}
		names.add(field)
		if values {
			names.add(v)
		}
	})
	writeScan(c.Reply, next, &names)
	return nil
}
