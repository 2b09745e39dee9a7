package commands

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

// sortItem is an element to be sorted.
type sortItem struct {
	element []byte
	weight  []byte  // what ALPHA compares; nil: there is none
	score   float64 // what is compared without ALPHA
	place   int     // before sorting
	end     int     // of element, in sorting.bytes
}

// sort weighs and sorts the items, and keeps those asked for.
func (s *sorting) sort(tx *keyspace.Tx) error {
	if err := s.weigh(tx); err != nil {
		return err
	}
	first, end := s.window(len(s.items))
	slices.SortFunc(s.items, s.compare)
	s.items = s.items[first:end]
	return nil
}

// weigh finds what the items are compared by.
func (s *sorting) weigh(tx *keyspace.Tx) error {
	var digits [20]byte
	bad := false
	for i := range s.items {
		it := &s.items[i]
		weight := it.element
		if s.by != nil {
			v, found := s.by.lookup(tx, it.element, digits[:])
			if !found {
				continue
			}
			weight = v
		}
		if !s.alpha {
			n, ok := parseSortScore(weight)
			bad = bad || !ok
			it.score = n
		} else if s.by == nil {
			it.weight = weight
		} else {
			it.weight = append([]byte{}, weight...)
		}
	}
	if bad {
		return errSortScores
	}
	return nil
}

// compare orders items. Equal scores are ordered by element; otherwise equal
// items stay in the order they were in.
func (s *sorting) compare(a, b sortItem) int {
	var order int
	switch {
	case !s.alpha:
		order = cmp.Compare(a.score, b.score)
		if order == 0 {
			order = bytes.Compare(a.element, b.element)
		}
	case a.weight == nil || b.weight == nil:
		order = cmp.Compare(present(a.weight), present(b.weight))
	default:
		order = bytes.Compare(a.weight, b.weight)
	}
	if s.desc {
		order = -order
	}
	if order == 0 {
		order = cmp.Compare(a.place, b.place)
	}
	return order
}

func present(weight []byte) int {
	if weight == nil {
		return 0
	}
	return 1
}

// parseSortScore reads a number as C's strtod does, which skips spaces before
// it, takes nothing for 0 and stops at a NUL.
func parseSortScore(b []byte) (float64, bool) {
	if i := bytes.IndexByte(b, 0); i >= 0 {
		b = b[:i]
	}
	if len(b) == 0 {
		return 0, true
	}
	n, ok := cmdspec.ScanFloat(bytes.TrimLeft(b, " \t\n\v\f\r"))
	switch {
	case !ok || n.NaN:
		return 0, false
	case n.Inf && n.Neg:
		return math.Inf(-1), true
	case n.Inf:
		return math.Inf(1), true
	}
	f, err := strconv.ParseFloat(n.Text, 64)
	return f, err == nil && (f != 0 || n.Zero) && (n.Zero || math.Abs(f) >= 0x1p-1022)
}

// sortPattern is a pattern of BY or GET.
type sortPattern struct {
	text  []byte
	star  int    // index of the first star; -1: none
	field []byte // what follows the arrow; nil: no arrow
	tail  []byte // what is between star and arrow, or after the star
	name  []byte // scratch
}

func newSortPattern(text []byte) sortPattern {
	p := sortPattern{text: text, star: bytes.IndexByte(text, '*')}
	if p.star < 0 {
		return p
	}
	p.tail = text[p.star+1:]
	if i := bytes.Index(p.tail, []byte("->")); i >= 0 && i+2 < len(p.tail) {
		p.field, p.tail = p.tail[i+2:], p.tail[:i]
	}
	return p
}

// lookup is what the pattern finds for an element. It is good until the next change or lookup.
func (p *sortPattern) lookup(tx *keyspace.Tx, element, scratch []byte) (v []byte, found bool) {
	if string(p.text) == "#" {
		return element, true
	}
	if p.star < 0 {
		return nil, false
	}
	p.name = append(append(append(p.name[:0], p.text[:p.star]...), element...), p.tail...)
	e, found := tx.Read(tx.Key(p.name))
	switch {
	case !found:
		return nil, false
	case p.field == nil && e.Type() == keyspace.TypeString:
		return e.Bytes(scratch), true
	case p.field != nil && e.Type() == keyspace.TypeHash:
		h := value.OpenHash(e.Cell(), tx.Now())
		return h.Get(p.field, scratch)
	}
	return nil, false
}
