package commands

import (
	"math"
	"strconv"
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/glob"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/value"
)

var keysSpec = cmdspec.Spec{
	Name: "keys", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Returns the keys whose names match a pattern.",
	Complexity: "O(N) where N is the number of keys in the database.",
	Flags:      cmdspec.ReadOnly,
	Categories: "dangerous",
	Locks:      cmdspec.LockAll,
	Args:       "pattern",
	Tips:       []string{"request_policy:all_shards", "nondeterministic_output_order"},
	Run:        runKeys,
}

func runKeys(c *cmdspec.Ctx) error {
	var names nameList
	pattern := c.Argv[1]
	all := string(pattern) == "*"
	c.Tx.Each(func(e keyspace.Entry) bool {
		if name := e.Name(); all || glob.Match(pattern, name) {
			names.add(name)
		}
		return true
	})
	names.write(c.Reply)
	return nil
}

// nameList gathers an array of bulk strings whose length is known at the end.
type nameList struct {
	n    int
	body []byte
}

func (l *nameList) add(name []byte) {
	l.n++
	l.body = resp.AppendBulk(l.body, name)
}

func (l *nameList) write(w *resp.Writer) {
	w.Array(l.n)
	w.Raw(l.body)
}

var scanSpec = cmdspec.Spec{
	Name: "scan", Arity: -2, Since: "2.8.0", Group: cmdspec.GroupGeneric,
	Summary:    "Goes through the keys of the database in small steps.",
	Complexity: "O(1) for a step, O(N) for all steps from the cursor 0 until it is 0 again, where N is the number of keys.",
	Flags:      cmdspec.ReadOnly,
	Locks:      cmdspec.LockAll,
	Args:       "cursor [MATCH pattern] [COUNT count] [TYPE type{6.0.0}]",
	Tips:       []string{"nondeterministic_output", "request_policy:special"},
	History:    [][2]string{{"6.0.0", "The option `TYPE`."}},
	Run:        runScan,
}

// scanOptions are the options of SCAN and its like.
type scanOptions struct {
	count    int
	pattern  []byte // nil: all
	typeName string // empty: all; no type's name: none
}

func runScan(c *cmdspec.Ctx) error {
	cursor, ok := parseCursor(c.Argv[1])
	if !ok {
		return cmdspec.ErrInvalidCursor
	}
	o, err := parseScan(c, 2, func(o *scanOptions, a *cmdspec.Args) bool {
		if !a.MatchValue("TYPE") {
			return false
		}
		o.typeName = strings.ToLower(string(a.Next()))
		return true
	})
	if err != nil {
		return err
	}
	var names nameList
	next := c.Tx.Scan(cursor, o.count, func(e keyspace.Entry) {
		if name := e.Name(); o.ofType(e.Type()) && o.matches(name) {
			names.add(name)
		}
	})
	writeScan(c.Reply, next, &names)
	return nil
}

// writeScan writes what SCAN and its like answer: the next cursor, and names.
func writeScan(w *resp.Writer, next uint64, names *nameList) {
	w.Array(2)
	var digits [20]byte
	w.Bulk(strconv.AppendUint(digits[:0], next, 10))
	names.write(w)
}

// parseScan reads the options from word first on. own takes those that are
// not of all commands like SCAN, and says whether it did.
func parseScan(c *cmdspec.Ctx, first int, own func(*scanOptions, *cmdspec.Args) bool) (scanOptions, error) {
	o := scanOptions{count: 10}
	a := c.ArgsFrom(first)
	for a.More() {
		switch {
		case a.MatchValue("COUNT"):
			n := a.Int()
			if n < 1 {
				a.Fail(cmdspec.ErrSyntax)
			}
			o.count = int(min(n, math.MaxInt32))
		case a.MatchValue("MATCH"):
			o.pattern = a.Next()
			if string(o.pattern) == "*" {
				o.pattern = nil
			}
		case own != nil && own(&o, &a):
		default:
			return o, cmdspec.ErrSyntax
		}
	}
	return o, a.Done()
}

func (o *scanOptions) ofType(t keyspace.Type) bool {
	return o.typeName == "" || o.typeName == t.String()
}

func (o *scanOptions) matches(name []byte) bool {
	return o.pattern == nil || glob.Match(o.pattern, name)
}

// An elementScan is SSCAN, HSCAN or ZSCAN at work.
type elementScan struct {
	scanOptions
	cell   value.Cell
	cursor uint64
}

// beginScan reads the words of SSCAN and its like. found is false if there is
// nothing at the key: then it has replied.
func beginScan(c *cmdspec.Ctx, t keyspace.Type, own func(*scanOptions, *cmdspec.Args) bool) (s elementScan, found bool, err error) {
	cursor, ok := parseCursor(c.Argv[2])
	if !ok {
		return s, false, cmdspec.ErrInvalidCursor
	}
	cell, found, err := c.Tx.ReadCell(c.Keys[0], t)
	if err != nil {
		return s, false, err
	}
	if !found {
		writeScan(c.Reply, 0, &nameList{}) // whatever the options are
		return s, false, nil
	}
	o, err := parseScan(c, 3, own)
	return elementScan{o, cell, cursor}, true, err
}

// parseCursor reads a cursor as C's strtoul does, except that it refuses
// leading space and anything behind: nothing is 0, a minus sign wraps.
func parseCursor(b []byte) (uint64, bool) {
	if len(b) == 0 {
		return 0, true
	}
	neg := b[0] == '-'
	if neg || b[0] == '+' {
		b = b[1:]
	}
	if len(b) == 0 {
		return 0, false
	}
	var n uint64
	for _, ch := range b {
		digit := uint64(ch - '0')
		if ch < '0' || ch > '9' || n > (math.MaxUint64-digit)/10 {
			return 0, false
		}
		n = n*10 + digit
	}
	if neg {
		n = -n
	}
	return n, true
}

var randomKeySpec = cmdspec.Spec{
	Name: "randomkey", Arity: 1, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Returns a random key of the database.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly,
	Locks:      cmdspec.LockAll,
	Tips:       []string{"request_policy:all_shards", "nondeterministic_output"},
	Run:        runRandomKey,
}

func runRandomKey(c *cmdspec.Ctx) error {
	e, found := c.Tx.Random()
	if !found {
		c.Reply.Null()
		return nil
	}
	c.Reply.Bulk(e.Name())
	return nil
}
