package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/value"
)

// Lists are the commands on lists.
func Lists(*Deps) []*cmdspec.Spec {
	return []*cmdspec.Spec{
		&lpushSpec, &rpushSpec, &lpushxSpec, &rpushxSpec, &lpopSpec, &rpopSpec, &lmpopSpec,
		&llenSpec, &lindexSpec, &lrangeSpec, &lposSpec,
		&lsetSpec, &linsertSpec, &lremSpec, &ltrimSpec,
		&lmoveSpec, &rpoplpushSpec, &lmovemSpec,
		&blpopSpec, &brpopSpec, &blmpopSpec, &blmoveSpec, &brpoplpushSpec, &blmovemSpec,
	}
}

// readList finds a list for a command that does not change it.
func readList(c *cmdspec.Ctx, k keyspace.Key) (l value.List, found bool, err error) {
	cell, found, err := c.Tx.ReadCell(k, keyspace.TypeList)
	if found {
		l = value.OpenList(cell)
	}
	return l, found, err
}

// writeList finds a list for a command that may change it.
func writeList(c *cmdspec.Ctx, k keyspace.Key) (l value.List, found bool, err error) {
	cell, found, err := c.Tx.WriteCell(k, keyspace.TypeList)
	if found {
		l = value.OpenList(cell)
	}
	return l, found, err
}

// newList makes the value of k a list to which elems will be pushed.
func newList(c *cmdspec.Ctx, k keyspace.Key, elems [][]byte) value.List {
	size := value.NewListSize(c.Tx.Limits(), elems)
	return value.OpenList(c.Tx.NewCell(k, keyspace.TypeList, object.Packed, size, keyspace.NoTTL))
}

// bulkEntry writes an element.
func bulkEntry(w *resp.Writer, e listpack.Entry) {
	var digits [20]byte
	w.Bulk(e.Bytes(digits[:0]))
}

// checkElements looks for elements that are too long to be put into a list.
func checkElements(elems [][]byte) error {
	for _, e := range elems {
		if len(e) > value.ListElementMax {
			return cmdspec.ErrTooLong
		}
	}
	return nil
}

// listEnd reads LEFT or RIGHT.
func listEnd(word []byte) (value.ListEnd, error) {
	switch {
	case cmdspec.EqualFold(word, "LEFT"):
		return value.Left, nil
	case cmdspec.EqualFold(word, "RIGHT"):
		return value.Right, nil
	}
	return value.Left, cmdspec.ErrSyntax
}

func pushEvent(s value.ListEnd) string {
	if s == value.Left {
		return "lpush"
	}
	return "rpush"
}

func popEvent(s value.ListEnd) string {
	if s == value.Left {
		return "lpop"
	}
	return "rpop"
}

var wordLPop, wordRPop = []byte("LPOP"), []byte("RPOP")

func popWord(s value.ListEnd) []byte {
	if s == value.Left {
		return wordLPop
	}
	return wordRPop
}

// popped reports that elements were taken from an end of the list of k.
func popped(c *cmdspec.Ctx, k keyspace.Key, l *value.List, s value.ListEnd) {
	c.Tx.Notify(keyspace.ClassList, popEvent(s), k)
	if l.Len() == 0 {
		removeEmpty(c, k)
	}
}

// listIndex takes a word that must be an index or a number of elements, and brings it into
// a range in which it can be added to a length.
func listIndex(word []byte) (int, error) {
	n, ok := cmdspec.ParseInt(word)
	if !ok {
		return 0, cmdspec.ErrNotInteger
	}
	return int(min(max(n, -math.MaxInt64/2), math.MaxInt64/2)), nil
}

// atLeast takes a word that must be an integer of at least a number; any other
// gives the error.
func atLeast(word []byte, least int64, otherwise error) (int64, error) {
	n, ok := cmdspec.ParseInt(word)
	if !ok || n < least {
		return 0, otherwise
	}
	return n, nil
}
