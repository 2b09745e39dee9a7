package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var lcsSpec = cmdspec.Spec{
	Name: "lcs", Arity: -3, Since: "7.0.0", Group: cmdspec.GroupString,
	Summary:    "Finds the longest common subsequence of two strings.",
	Complexity: "O(N*M) where N and M are the lengths of the strings.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.KeyRange(1, 2, 1, cmdspec.RO|cmdspec.Access)},
	Args:       "key1 key2 [LEN] [IDX] [MINMATCHLEN len] [WITHMATCHLEN]",
}

const (
	errLCSType   = cmdspec.Error("ERR The specified keys must contain string values")
	errLCSBoth   = cmdspec.Error("ERR If you want both the length and indexes, please just use IDX.")
	errLCSLong   = cmdspec.Error("ERR String too long for LCS")
	errLCSMemory = cmdspec.Error("ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len")
)

// lcsOptions are the options of LCS.
type lcsOptions struct {
	length, indexes, matchLen bool
	minMatch                  int64
}

func (d *Deps) runLCS(c *cmdspec.Ctx) error {
	a, err := lcsOperand(c, c.Keys[0])
	if err != nil {
		return err
	}
	b, err := lcsOperand(c, c.Keys[1])
	if err != nil {
		return err
	}
	o, err := parseLCS(c)
	if err != nil {
		return err
	}
	if o.length && o.indexes {
		return errLCSBoth
	}
	if len(a) >= 1<<32-2 || len(b) >= 1<<32-2 {
		return errLCSLong
	}
	if cells := int64(len(a)+1) * int64(len(b)+1); cells > d.maxBulkLen()/4 {
		return errLCSMemory
	}
	if o.length {
		c.Reply.Int(int64(lcsLength(a, b)))
		return nil
	}
	t := newLCSTable(a, b)
	common, matches := t.trace(o.minMatch)
	if o.indexes {
		writeLCSMatches(c, matches, len(common), o.matchLen)
		return nil
	}
	c.Reply.Bulk(common)
	return nil
}

// lcsOperand is the string at a key; a missing key is an empty string.
func lcsOperand(c *cmdspec.Ctx, k keyspace.Key) ([]byte, error) {
	e, found, err := c.Tx.ReadString(k)
	if err != nil {
		return nil, errLCSType
	}
	if !found {
		return nil, nil
	}
	return e.Bytes(nil), nil
}

func parseLCS(c *cmdspec.Ctx) (o lcsOptions, err error) {
	a := c.ArgsFrom(3)
	for a.More() {
		switch {
		case a.Match("IDX"):
			o.indexes = true
		case a.Match("LEN"):
			o.length = true
		case a.Match("WITHMATCHLEN"):
			o.matchLen = true
		case a.MatchValue("MINMATCHLEN"):
			o.minMatch = a.Int()
		default:
			return o, cmdspec.ErrSyntax
		}
	}
	return o, a.Done()
}

// lcsLength is the length of the longest common subsequence, found with two
// rows of the table.
func lcsLength(a, b []byte) int {
	above, row := make([]uint32, len(b)+1), make([]uint32, len(b)+1)
	for i := range a {
		for j := range b {
			if a[i] == b[j] {
				row[j+1] = above[j] + 1
			} else {
				row[j+1] = max(above[j+1], row[j])
			}
		}
		above, row = row, above
	}
	return int(above[len(b)])
}

// lcsTable holds the lengths of the longest common subsequences of all pairs
// of prefixes.
type lcsTable struct {
	a, b  []byte
	cells []uint32 // row i, column j: of a[:i] and b[:j]
}

func newLCSTable(a, b []byte) *lcsTable {
	t := &lcsTable{a, b, make([]uint32, (len(a)+1)*(len(b)+1))}
	width := len(b) + 1
	for i := range a {
		above, row := t.cells[i*width:(i+1)*width], t.cells[(i+1)*width:(i+2)*width]
		for j := range b {
			if a[i] == b[j] {
				row[j+1] = above[j] + 1
			} else {
				row[j+1] = max(above[j+1], row[j])
			}
		}
	}
	return t
}

func (t *lcsTable) at(i, j int) uint32 { return t.cells[i*(len(t.b)+1)+j] }

// lcsMatch is a run of bytes that both strings have, by the first and last
// index in each.
type lcsMatch struct{ aFrom, aTo, bFrom, bTo int }

func (m lcsMatch) len() int { return m.aTo - m.aFrom + 1 }

// trace walks from the ends of both strings to their starts. It returns the
// common subsequence and the runs it is made of, last first, without those
// shorter than minMatch.
//
// A byte that ends one run without continuing it starts none: clients compare
// with what Redis answers, so the walk cuts the runs exactly as it does.
func (t *lcsTable) trace(minMatch int64) (common []byte, matches []lcsMatch) {
	n := int(t.at(len(t.a), len(t.b)))
	common = make([]byte, n)
	var run lcsMatch
	open := false
	for i, j := len(t.a), len(t.b); i > 0 && j > 0; {
		done := false
		if t.a[i-1] == t.b[j-1] {
			n--
			common[n] = t.a[i-1]
			switch {
			case !open:
				run, open = lcsMatch{i - 1, i - 1, j - 1, j - 1}, true
			case run.aFrom == i && run.bFrom == j:
				run.aFrom--
				run.bFrom--
			default:
				done = true
			}
			done = done || run.aFrom == 0 || run.bFrom == 0
			i--
			j--
		} else {
			if t.at(i-1, j) > t.at(i, j-1) {
				i--
			} else {
				j--
			}
			done = open
		}
		if done {
			if int64(run.len()) >= minMatch {
				matches = append(matches, run)
			}
			open = false
		}
	}
	return common, matches
}

func writeLCSMatches(c *cmdspec.Ctx, matches []lcsMatch, length int, withLen bool) {
	r := c.Reply
	r.Map(2)
	r.BulkString("matches")
	r.Array(len(matches))
	for _, m := range matches {
		if withLen {
			r.Array(3)
		} else {
			r.Array(2)
		}
		r.Array(2)
		r.Int(int64(m.aFrom))
		r.Int(int64(m.aTo))
		r.Array(2)
		r.Int(int64(m.bFrom))
		r.Int(int64(m.bTo))
		if withLen {
			r.Int(int64(m.len()))
		}
	}
	r.BulkString("len")
	r.Int(int64(length))
}
