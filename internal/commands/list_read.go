package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/value"
)

var llenSpec = cmdspec.Spec{
	Name: "llen", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Returns the number of elements of a list.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Args:       "key",
	Run:        runLLen,
}

func runLLen(c *cmdspec.Ctx) error {
	l, found, err := readList(c, c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		n = l.Len()
	}
	c.Reply.Int(int64(n))
	return nil
}

var lindexSpec = cmdspec.Spec{
	Name: "lindex", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Returns an element of a list by its index; a negative one counts from the right end.",
	Complexity: "O(N) where N is the distance to the nearer end.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key index",
	Run:        runLIndex,
}

func runLIndex(c *cmdspec.Ctx) error {
	l, found, err := readList(c, c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Null()
		return nil
	}
	i, err := listIndex(c.Argv[2])
	if err != nil {
		return err
	}
	if e, ok := l.Get(i); ok {
		bulkEntry(c.Reply, e)
	} else {
		c.Reply.Null()
	}
	return nil
}

var lrangeSpec = cmdspec.Spec{
	Name: "lrange", Arity: 4, Since: "1.0.0", Group: cmdspec.GroupList,
	Summary:    "Returns the elements of a list between two indexes, which are included; negative ones count from the right end.",
	Complexity: "O(S+N) where S is the distance of the first element to the nearer end, and N the number of elements.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key start stop",
	Run:        runLRange,
}

func runLRange(c *cmdspec.Ctx) error {
	start, stop, err := listRange(c)
	if err != nil {
		return err
	}
	l, found, err := readList(c, c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		start, n = within(start, stop, l.Len())
	}
	c.Reply.Array(n)
	if n == 0 {
		return nil
	}
	it := l.Iter(start)
	var digits [20]byte
	for range n {
		c.Reply.Bulk(it.NextText(digits[:0]))
	}
	return nil
}

// listRange reads the words start and stop.
func listRange(c *cmdspec.Ctx) (start, stop int, err error) {
	if start, err = listIndex(c.Argv[2]); err != nil {
		return 0, 0, err
	}
	stop, err = listIndex(c.Argv[3])
	return start, stop, err
}

// within returns what of the range from start to stop is in a list of size
// elements: the first index and the number of elements.
func within(start, stop, size int) (first, n int) {
	if start < 0 {
		start = max(start+size, 0)
	}
	if stop < 0 {
		stop += size
	}
	stop = min(stop, size-1)
	return start, max(stop-start+1, 0)
}

var lposSpec = cmdspec.Spec{
	Name: "lpos", Arity: -3, Since: "6.0.6", Group: cmdspec.GroupList,
	Summary:    "Returns the index of an element, or, with COUNT, the indexes of all that are equal.",
	Complexity: "O(N) where N is the number of elements, or MAXLEN.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key element [RANK rank] [COUNT num-matches] [MAXLEN len]",
	Run:        runLPos,
}

// posQuery is what LPOS asks for.
type posQuery struct {
	rank   int64 // the first match that counts; negative: from the right end
	count  int64 // how many; 0: all; negative: one, and not as an array
	maxLen int64 // how many elements are looked at; 0: all
}

const (
	errRankZero     = cmdspec.Error("ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list")
	errRankRange    = cmdspec.Error("ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
	errPosCount     = cmdspec.Error("ERR COUNT can't be negative")
	errPosMaxLength = cmdspec.Error("ERR MAXLEN can't be negative")
)

func posArgs(c *cmdspec.Ctx) (q posQuery, err error) {
	q = posQuery{rank: 1, count: -1}
	a := c.ArgsFrom(3)
	for a.More() {
		switch {
		case a.MatchValue("RANK"):
			q.rank, err = posRank(a.Next())
		case a.MatchValue("COUNT"):
			q.count, err = atLeast(a.Next(), 0, errPosCount)
		case a.MatchValue("MAXLEN"):
			q.maxLen, err = atLeast(a.Next(), 0, errPosMaxLength)
		default:
			err = cmdspec.ErrSyntax
		}
		if err != nil {
			return q, err
		}
	}
	return q, nil
}

func posRank(word []byte) (int64, error) {
	n, ok := cmdspec.ParseInt(word)
	switch {
	case !ok:
		return 0, cmdspec.ErrNotInteger
	case n == math.MinInt64: // it has no positive counterpart
		return 0, errRankRange
	case n == 0:
		return 0, errRankZero
	}
	return n, nil
}

func runLPos(c *cmdspec.Ctx) error {
	q, err := posArgs(c)
	if err != nil {
		return err
	}
	l, found, err := readList(c, c.Keys[0])
	if err != nil {
		return err
	}
	m := matches{}
	if found {
		m.search(&l, listpack.Of(c.Argv[2]), q)
	}
	switch {
	case q.count >= 0:
		c.Reply.Array(m.n)
		c.Reply.Buf = append(c.Reply.Buf, m.body...)
	case m.n == 0:
		c.Reply.Null()
	default:
		c.Reply.Buf = append(c.Reply.Buf, m.body...)
	}
	return nil
}

// matches are the indexes found, as replies.
type matches struct {
	n    int
	body []byte
}

func (m *matches) search(l *value.List, e listpack.Entry, q posQuery) {
	size := l.Len()
	looks := int64(size)
	if q.maxLen > 0 {
		looks = min(looks, q.maxLen)
	}
	skip, wanted := q.rank-1, max(q.count, 1)
	it, i, step := l.Iter(0), 0, 1
	if q.rank < 0 {
		skip = -q.rank - 1
		it, i, step = l.Iter(-1), size-1, -1
	}
	for ; looks > 0; looks-- {
		var got listpack.Entry
		if step > 0 {
			got = it.Next()
		} else {
			got = it.Prev()
		}
		if got.Equal(e) {
			if skip--; skip < 0 {
				m.add(i)
				if q.count != 0 && int64(m.n) == wanted {
					return
				}
			}
		}
		i += step
	}
}

func (m *matches) add(i int) {
	m.n++
	m.body = resp.AppendInt(m.body, int64(i))
}
