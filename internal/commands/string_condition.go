package commands

import (
	"bytes"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/xxh3"
)

// condition is on what a command sets or deletes a string.
type condition uint8

const (
	always condition = iota
	ifMissing
	ifExists
	ifEqual
	ifDiffers
	ifDigestEqual
	ifDigestDiffers
)

var conditionWords = [...]string{ifMissing: "NX", ifExists: "XX", ifEqual: "IFEQ", ifDiffers: "IFNE",
	ifDigestEqual: "IFDEQ", ifDigestDiffers: "IFDNE"}

// compares says whether the condition has an operand.
func (w condition) compares() bool { return w >= ifEqual }

// digestLen is the length of a digest in hexadecimal.
const digestLen = 16

// holds says whether the condition is true of a string, or of a key that is
// not there. A missing key differs from everything.
func (w condition) holds(e keyspace.Entry, found bool, operand []byte) (bool, error) {
	switch w {
	case always:
		return true, nil
	case ifMissing:
		return !found, nil
	case ifExists:
		return found, nil
	}
	differs := w == ifDiffers || w == ifDigestDiffers
	if !found {
		return differs, nil
	}
	var scratch [20]byte
	value := e.Bytes(scratch[:0])
	if w == ifEqual || w == ifDiffers {
		return bytes.Equal(value, operand) != differs, nil
	}
	if len(operand) != digestLen {
		return false, errDigest
	}
	var digest [digestLen]byte
	return bytes.EqualFold(appendDigest(digest[:0], value), operand) != differs, nil
}

const errDigest = cmdspec.Error("ERR must be exactly 16 hexadecimal characters")

// appendDigest appends the XXH3 hash of a value in hexadecimal.
func appendDigest(b, value []byte) []byte {
	h := xxh3.Sum64(value)
	for shift := 60; shift >= 0; shift -= 4 {
		b = append(b, "0123456789abcdef"[h>>shift&15])
	}
	return b
}

var digestSpec = cmdspec.Spec{
	Name: "digest", Arity: 2, Since: "8.4.0", Group: cmdspec.GroupString,
	Summary:    "Returns a hash of the string at a key, in hexadecimal.",
	Complexity: "O(N) where N is the length of the string.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Run:        runDigest,
}

func runDigest(c *cmdspec.Ctx) error {
	e, found, err := c.Tx.ReadString(c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	var scratch [20]byte
	var digest [digestLen]byte
	c.Reply.Bulk(appendDigest(digest[:0], e.Bytes(scratch[:0])))
	return nil
}

var delExSpec = cmdspec.Spec{
	Name: "delex", Arity: -2, Since: "8.4.0", Group: cmdspec.GroupString,
	Summary:    "Deletes a key if its string is, or is not, a certain one.",
	Complexity: "O(N) where N is the length of the string if digests are compared, else O(1).",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete|cmdspec.VariableFlags)},
	Args:       "key [IFEQ ifeq-value | IFNE ifne-value | IFDEQ ifdeq-digest | IFDNE ifdne-digest]{condition}",
	Narrow:     delExKeyFlags,
	Run:        runDelEx,
}

// delExKeyFlags says what DELEX does to its key: it reads it for a condition.
func delExKeyFlags(words [][]byte) cmdspec.KeyFlags {
	if len(words) > 2 {
		return cmdspec.RW | cmdspec.Access | cmdspec.Delete
	}
	return cmdspec.RM | cmdspec.Delete
}

const (
	errDelExType      = cmdspec.Error("ERR Key should be of string type if conditions are specified")
	errDelExCondition = cmdspec.Error("ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE")
)

func runDelEx(c *cmdspec.Ctx) error {
	if len(c.Argv) != 2 && len(c.Argv) != 4 {
		return c.Spec.ErrArity()
	}
	k := c.Keys[0]
	e, found := c.Tx.Write(k)
	if found && len(c.Argv) == 4 {
		var err error
		if found, err = delExHolds(e, c.Argv[2], c.Argv[3]); err != nil {
			return err
		}
	}
	if !found {
		c.Reply.Int(0)
		return nil
	}
	c.Tx.Delete(k)
	c.Tx.Effect(wordDel, k.Name)
	c.Tx.Notify(keyspace.ClassGeneric, "del", k)
	c.Reply.Int(1)
	return nil
}

func delExHolds(e keyspace.Entry, word, operand []byte) (bool, error) {
	if e.Type() != keyspace.TypeString {
		return false, errDelExType
	}
	for when := ifEqual; when <= ifDigestDiffers; when++ {
		if cmdspec.EqualFold(word, conditionWords[when]) {
			return when.holds(e, true, operand)
		}
	}
	return false, errDelExCondition
}
