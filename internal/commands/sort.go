package commands

import (
	"bytes"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// SORT. The keys that BY and GET look at follow from the elements, so every
// shard is locked. All elements are copied first: the result may replace them.

const (
	sortPatternNotes = "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort"
	sortStoreNotes   = "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array"
)

const (
	errSortScores = cmdspec.Error("ERR One or more scores can't be converted into double")
	errSortBy     = cmdspec.Error("ERR BY option of SORT denied due to insufficient ACL permissions.")
	errSortGet    = cmdspec.Error("ERR GET option of SORT denied due to insufficient ACL permissions.")
)

var sortSpec = cmdspec.Spec{
	Name: "sort", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Sorts the elements of a list, a set, or a sorted set, and may store the result.",
	Complexity: "O(N*log(N)+M) where N is the number of elements and M the number of returned ones; O(N+M) if they are not sorted.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.MovableKeys,
	Categories: "-keyspace set sortedset list dangerous",
	Keys: []cmdspec.KeySpec{
		cmdspec.Key(1, cmdspec.RO|cmdspec.Access),
		{Flags: cmdspec.RO | cmdspec.Access, Notes: sortPatternNotes},
		{Flags: cmdspec.OW | cmdspec.Update, Notes: sortStoreNotes, Find: findSortStore},
	},
	Locks: cmdspec.LockAll,
	Args: "key [BY pattern{#1}] [LIMIT offset count] [GET pattern{#1} [GET pattern ...]] [ASC | DESC]{order} [ALPHA]{sorting} " +
		"[STORE destination{#2}]",
	Run: runSort,
}

var sortROSpec = cmdspec.Spec{
	Name: "sort_ro", Arity: -2, Since: "7.0.0", Group: cmdspec.GroupGeneric,
	Summary:    "Sorts the elements of a list, a set, or a sorted set.",
	Complexity: "O(N*log(N)+M) where N is the number of elements and M the number of returned ones; O(N+M) if they are not sorted.",
	Flags:      cmdspec.ReadOnly | cmdspec.MovableKeys,
	Categories: "-keyspace set sortedset list dangerous",
	Keys: []cmdspec.KeySpec{
		cmdspec.Key(1, cmdspec.RO|cmdspec.Access),
		{Flags: cmdspec.RO | cmdspec.Access, Notes: sortPatternNotes},
	},
	Locks: cmdspec.LockAll,
	Args:  "key [BY pattern{#1}] [LIMIT offset count] [GET pattern{#1} [GET pattern ...]] [ASC | DESC]{order} [ALPHA]{sorting}",
	Run:   runSort,
}

// findSortStore finds the destination: what follows the last STORE that is an option.
func findSortStore(words [][]byte) (at int) {
	for i := 2; i+1 < len(words); i++ {
		switch w := words[i]; {
		case cmdspec.EqualFold(w, "LIMIT"):
			i += 2
		case cmdspec.EqualFold(w, "GET"), cmdspec.EqualFold(w, "BY"):
			i++
		case cmdspec.EqualFold(w, "STORE"):
			at = i + 1
			i++
		}
	}
	return at
}

// sortOptions are what a SORT asks for.
type sortOptions struct {
	desc, alpha   bool
	offset, count int64 // count < 0: all
	by            *sortPattern
	noSort        bool // the elements stay in the order they are in
	get           []sortPattern
	store         *keyspace.Key
}

func runSort(c *cmdspec.Ctx) error {
	o, err := parseSort(c)
	if err != nil {
		return err
	}
	e, found := c.Tx.Read(c.Keys[0])
	if found && e.Type() != keyspace.TypeList && e.Type() != keyspace.TypeSet && e.Type() != keyspace.TypeZSet {
		return keyspace.ErrWrongType
	}
	var s sorting
	s.sortOptions = o
	if found {
		s.load(e)
	}
	if !s.noSort {
		if err := s.sort(c.Tx); err != nil {
			return err
		}
	}
	if s.store == nil {
		s.reply(c)
	} else {
		s.save(c)
	}
	return nil
}

func parseSort(c *cmdspec.Ctx) (o sortOptions, err error) {
	o.count = -1
	a := c.ArgsFrom(2)
	for a.More() {
		switch {
		case a.Match("ASC"):
			o.desc = false
		case a.Match("DESC"):
			o.desc = true
		case a.Match("ALPHA"):
			o.alpha = true
		case a.Left() >= 3 && a.Match("LIMIT"):
			o.offset, o.count = a.Int(), a.Int()
		case c.Spec.Flags&cmdspec.Write != 0 && a.MatchValue("STORE"):
			k := c.Tx.Key(a.Next())
			o.store = &k
		case a.MatchValue("BY"):
			p := newSortPattern(a.Next())
			o.by, o.noSort = &p, p.star < 0
			if !o.noSort && !c.Client.ReadsAll(c) {
				return o, errSortBy
			}
		case a.MatchValue("GET"):
			if !c.Client.ReadsAll(c) {
				return o, errSortGet
			}
			o.get = append(o.get, newSortPattern(a.Next()))
		default:
			return o, cmdspec.ErrSyntax
		}
	}
	return o, a.Done()
}

// sorting is a SORT under way.
type sorting struct {
	sortOptions
	items []sortItem
	bytes []byte // of the elements
}

// load copies the elements that take part: all, or those asked for if the order is given.
func (s *sorting) load(e keyspace.Entry) {
	switch cell := e.Cell(); e.Type() {
	case keyspace.TypeList:
		s.loadList(value.OpenList(cell))
	case keyspace.TypeZSet:
		s.loadZSet(value.ZSet{Cell: cell})
	default:
		s.loadSet(value.Set{Cell: cell})
	}
	s.cutItems()
}

// window is the range of the result among n elements.
func (s *sorting) window(n int) (first, end int) {
	first = int(min(max(s.offset, 0), int64(n)))
	if s.count < 0 {
		return first, n
	}
	return first, first + int(min(s.count, int64(n-first)))
}

func (s *sorting) add(element []byte) {
	s.bytes = append(s.bytes, element...)
	s.items = append(s.items, sortItem{end: len(s.bytes)})
}

func (s *sorting) loadList(l value.List) {
	var digits [20]byte
	at, n, back := s.walk(l.Len())
	it := l.Iter(at)
	for range n {
		if back {
			s.add(it.Prev().Bytes(digits[:]))
		} else {
			s.add(it.Next().Bytes(digits[:]))
		}
	}
}

func (s *sorting) loadZSet(z value.ZSet) {
	at, n, back := s.walk(z.Len())
	it := z.Walk(at, n, back)
	for range n {
		member, _, _ := it.Next()
		s.add(member)
	}
}

// walk says where in a sequence of n elements to begin, and how many to load
// in which direction.
func (s *sorting) walk(n int) (at, count int, back bool) {
	if !s.noSort {
		return 0, n, false
	}
	first, end := s.window(n)
	if s.desc && first < end {
		return n - 1 - first, end - first, true
	}
	return first, end - first, false
}

// loadSet loads a set. What is stored has to be the same everywhere, so a set
// that is to be stored unsorted is sorted all the same.
func (s *sorting) loadSet(set value.Set) {
	if s.noSort && s.store != nil {
		s.noSort, s.alpha, s.by = false, true, nil
	}
	set.Each(func(member []byte) bool {
		s.add(member)
		return true
	})
	if s.noSort {
		first, end := s.window(len(s.items))
		s.skip(first)
		s.items = s.items[:end-first]
	}
}

// skip drops the first n items.
func (s *sorting) skip(n int) {
	if n == 0 {
		return
	}
	cut := s.items[n-1].end
	s.bytes, s.items = s.bytes[cut:], s.items[n:]
	for i := range s.items {
		s.items[i].end -= cut
	}
}

// cutItems gives each item its bytes, now that they move no more.
func (s *sorting) cutItems() {
	start := 0
	for i := range s.items {
		it := &s.items[i]
		it.element = s.bytes[start:it.end:it.end]
		start, it.place = it.end, i
	}
}

func (s *sorting) reply(c *cmdspec.Ctx) {
	c.Reply.Array(len(s.items) * max(len(s.get), 1))
	var digits [20]byte
	for i := range s.items {
		if len(s.get) == 0 {
			c.Reply.Bulk(s.items[i].element)
		}
		for j := range s.get {
			if v, ok := s.get[j].lookup(c.Tx, s.items[i].element, digits[:]); ok {
				c.Reply.Bulk(v)
			} else {
				c.Reply.Null()
			}
		}
	}
}

// save stores the result as a list.
func (s *sorting) save(c *cmdspec.Ctx) {
	elements := s.results(c.Tx)
	if len(elements) > 0 {
		n := value.NewListSize(c.Tx.Limits(), elements)
		l := value.OpenList(c.Tx.NewCell(*s.store, keyspace.TypeList, object.Packed, n, keyspace.NoTTL))
		l.Push(elements, value.Right)
		c.Tx.Notify(keyspace.ClassList, "sortstore", *s.store)
	} else if c.Tx.Delete(*s.store) {
		c.Tx.Notify(keyspace.ClassGeneric, "del", *s.store)
	}
	c.Reply.Int(int64(len(elements)))
}

// results are the elements to be stored. What GET does not find is empty.
func (s *sorting) results(tx *keyspace.Tx) [][]byte {
	list := make([][]byte, 0, len(s.items)*max(len(s.get), 1))
	var digits [20]byte
	for i := range s.items {
		if len(s.get) == 0 {
			list = append(list, s.items[i].element)
		}
		for j := range s.get {
			v, _ := s.get[j].lookup(tx, s.items[i].element, digits[:])
			list = append(list, bytes.Clone(v))
		}
	}
	return list
}
