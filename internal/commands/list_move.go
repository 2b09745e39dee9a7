package commands

import (
	"slices"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/value"
)

// moveKeys are the key specifications of what moves elements from one list to another.
var moveKeys = []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete), cmdspec.Key(2, cmdspec.RW|cmdspec.Insert)}

var lmoveSpec = cmdspec.Spec{
	Name: "lmove", Arity: 5, Since: "6.2.0", Group: cmdspec.GroupList,
	Summary:    "Takes an element from an end of a list, puts it at an end of another, and returns it.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       moveKeys,
	Args:       "source destination <LEFT | RIGHT>{wherefrom} <LEFT | RIGHT>{whereto}",
	Run:        runLMove,
}

func runLMove(c *cmdspec.Ctx) error {
	from, to, err := moveEnds(c)
	if err != nil {
		return err
	}
	return moveOrNull(c, from, to)
}

// moveEnds reads the ends, words 3 and 4.
func moveEnds(c *cmdspec.Ctx) (from, to value.ListEnd, err error) {
	if from, err = listEnd(c.Argv[3]); err != nil {
		return from, to, err
	}
	to, err = listEnd(c.Argv[4])
	return from, to, err
}

var rpoplpushSpec = cmdspec.Spec{
	Name: "rpoplpush", Arity: 3, Since: "1.2.0", Group: cmdspec.GroupList,
	Summary:    "Takes an element from the right end of a list, puts it at the left end of another, and returns it.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       moveKeys,
	Args:       "source destination",
	Deprecated: "6.2.0|`LMOVE` with the `RIGHT` and `LEFT` arguments",
	Run:        func(c *cmdspec.Ctx) error { return moveOrNull(c, value.Right, value.Left) },
}

func moveOrNull(c *cmdspec.Ctx, from, to value.ListEnd) error {
	done, err := move(c, from, to)
	if !done && err == nil {
		c.Reply.Null()
	}
	return err
}

// move moves an element from the first of c.Keys to the last and writes it. It
// says whether there was one.
func move(c *cmdspec.Ctx, from, to value.ListEnd) (done bool, err error) {
	src, dst := c.Keys[0], c.Keys[len(c.Keys)-1]
	s, found, err := writeList(c, src)
	if !found || err != nil {
		return false, err
	}
	if sameKey(src, dst) {
		rotate(c, &s, from, to)
	} else if err := moveBetween(c, &s, dst, from, to); err != nil {
		return false, err
	}
	c.Tx.Notify(keyspace.ClassList, pushEvent(to), dst)
	popped(c, src, &s, from)
	return true, nil
}

func sameKey(a, b keyspace.Key) bool { return string(a.Name) == string(b.Name) }

// rotate moves an element from one end of a list to an end of the same.
func rotate(c *cmdspec.Ctx, l *value.List, from, to value.ListEnd) {
	var own [128]byte
	e := listpack.Of(l.At(from).Append(own[:0]))
	l.Drop(from)
	l.PushEntry(e, to)
	bulkEntry(c.Reply, e)
}

// makeList finds the list of k, or makes one to which elems will be pushed.
func makeList(c *cmdspec.Ctx, k keyspace.Key, elems [][]byte) (value.List, error) {
	l, found, err := writeList(c, k)
	if found || err != nil {
		return l, err
	}
	return newList(c, k, elems), nil
}

func moveBetween(c *cmdspec.Ctx, s *value.List, dst keyspace.Key, from, to value.ListEnd) error {
	d, err := makeList(c, dst, nil)
	if err != nil {
		return err
	}
	e := s.At(from)
	d.PushEntry(e, to)
	bulkEntry(c.Reply, e)
	s.Drop(from)
	return nil
}

var lmovemSpec = cmdspec.Spec{
	Name: "lmovem", Arity: -5, Since: "8.10.0", Group: cmdspec.GroupList,
	Summary:    "Takes several elements from an end of a list, puts them at an end of another, and returns them.",
	Complexity: "O(N) where N is the number of elements moved.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       moveKeys,
	Args: `source destination <LEFT | RIGHT>{wherefrom} <LEFT | RIGHT>{whereto}
		[<COUNT count | EXACTLY exactly{integer}>{selector} <OBO | BULK>{ordering}]{how-many}`,
	Run: runLMoveM,
}

// bulkMove is what LMOVEM moves: elements from one end to another.
type bulkMove struct {
	from, to value.ListEnd
	n        int64
	exactly  bool // n, or nothing
	oneByOne bool // in the order in which n single moves would leave them
}

// bulkMoveArgs reads the words of LMOVEM, from the given one on what is moved.
func bulkMoveArgs(c *cmdspec.Ctx, rest int) (m bulkMove, err error) {
	m.n = 1
	if m.from, m.to, err = moveEnds(c); err != nil || len(c.Argv) == rest {
		return m, err
	}
	a := c.ArgsFrom(rest)
	m.exactly = a.Match("EXACTLY")
	if !m.exactly && !a.Match("COUNT") {
		return m, cmdspec.ErrSyntax
	}
	number := a.Next()
	m.oneByOne = a.Match("OBO")
	if !m.oneByOne && !a.Match("BULK") {
		return m, cmdspec.ErrSyntax
	}
	if err = a.Done(); err != nil {
		return m, err
	}
	m.n, err = atLeast(number, 1, errCountPositive)
	return m, err
}

func runLMoveM(c *cmdspec.Ctx) error {
	m, err := bulkMoveArgs(c, 5)
	if err != nil {
		return err
	}
	done, err := m.run(c)
	if !done && err == nil {
		c.Reply.NullArray()
	}
	return err
}

// run moves elements from the first of c.Keys to the last and writes them. It
// says whether there were enough.
func (m *bulkMove) run(c *cmdspec.Ctx) (done bool, err error) {
	src, dst := c.Keys[0], c.Keys[len(c.Keys)-1]
	s, found, err := writeList(c, src)
	if !found || err != nil {
		return false, err
	}
	n := int(min(m.n, int64(s.Len())))
	if m.exactly && int64(n) < m.n {
		return false, nil
	}
	d := &s
	if !sameKey(src, dst) {
		made, err := makeList(c, dst, nil)
		if err != nil {
			return false, err
		}
		d = &made
	}
	elems := takeBlock(&s, m.from, n)
	if m.oneByOne && m.from == m.to {
		slices.Reverse(elems)
	}
	pushBlock(d, elems, m.to)
	c.Tx.Notify(keyspace.ClassList, pushEvent(m.to), dst)
	popped(c, src, &s, m.from)
	c.Reply.Array(n)
	for _, e := range elems {
		c.Reply.Bulk(e)
	}
	return true, nil
}

// takeBlock removes n elements from an end and returns copies of them, in the
// order they had.
func takeBlock(l *value.List, s value.ListEnd, n int) [][]byte {
	first := 0
	if s == value.Right {
		first = l.Len() - n
	}
	elems := make([][]byte, n)
	it := l.Iter(first)
	for i := range elems {
		elems[i] = it.Next().Append(nil)
	}
	l.DeleteRange(first, n)
	return elems
}

// pushBlock puts elements at an end, in the order given.
func pushBlock(l *value.List, elems [][]byte, s value.ListEnd) {
	if s == value.Right {
		l.Push(elems, s)
		return
	}
	slices.Reverse(elems)
	l.Push(elems, s)
	slices.Reverse(elems)
}
