package value

import (
	"bytes"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/bptree"
	"github.com/redstart-db/redstart/internal/listpack"
)

// A ScoreRange is a range of scores; an open end does not belong to it.
type ScoreRange struct {
	Min, Max         float64
	MinOpen, MaxOpen bool
}

// above says whether a score is not below the range.
func (r *ScoreRange) above(score float64) bool {
	return score > r.Min || score == r.Min && !r.MinOpen
}

// below says whether a score is not above the range.
func (r *ScoreRange) below(score float64) bool {
	return score < r.Max || score == r.Max && !r.MaxOpen
}

// A LexBound is an end of a range of members.
type LexBound struct {
	Inf    int // -1: before all members; 1: behind all; 0: at Member
	Open   bool
	Member []byte
}

// A LexRange is a range of members of a set in which all have the same score.
type LexRange struct{ Min, Max LexBound }

// before says whether the bound, if it is a minimum, lets a member be in the range.
func (b *LexBound) before(member []byte) bool {
	if b.Inf != 0 {
		return b.Inf < 0
	}
	c := bytes.Compare(b.Member, member)
	return c < 0 || c == 0 && !b.Open
}

// behind says whether the bound, if it is a maximum, lets a member be in the range.
func (b *LexBound) behind(member []byte) bool {
	if b.Inf != 0 {
		return b.Inf > 0
	}
	c := bytes.Compare(b.Member, member)
	return c > 0 || c == 0 && !b.Open
}

// zTree is the tree of a rooted set.
type zTree struct {
	arena *arena.Arena
	bptree.Tree
}

// ByScore returns the rank of the first member in a range of scores and the
// number of members in it.
func (z *ZSet) ByScore(r ScoreRange) (rank, n int) {
	if !z.rooted() {
		return z.packedRange(func(_ listpack.Entry, s float64) bool { return r.above(s) },
			func(_ listpack.Entry, s float64) bool { return r.below(s) })
	}
	min, max := scoreKey(r.Min), scoreKey(r.Max)
	if r.MinOpen {
		min++
	}
	if !r.MaxOpen {
		max++
	}
	if min >= max {
		return 0, 0
	}
	t := z.tree()
	rank = t.Rank(min, nil)
	return rank, t.Rank(max, nil) - rank
}

// ByLex returns the rank of the first member in a range of members and the
// number of members in it.
func (z *ZSet) ByLex(r LexRange) (rank, n int) {
	if !z.rooted() {
		var digits [20]byte
		return z.packedRange(func(e listpack.Entry, _ float64) bool { return r.Min.before(e.Bytes(digits[:0])) },
			func(e listpack.Entry, _ float64) bool { return r.Max.behind(e.Bytes(digits[:0])) })
	}
	t := z.tree()
	rank = t.lexRank(&r.Min, r.Min.Open)
	return rank, max(t.lexRank(&r.Max, !r.Max.Open)-rank, 0)
}

// lexRank is the number of members before a bound, or before and at it.
func (t *zTree) lexRank(b *LexBound, orEqual bool) int {
	switch {
	case b.Inf < 0:
		return 0
	case b.Inf > 0:
		return t.Len()
	}
	return t.RankByTie(b.Member, orEqual)
}

// packedRange finds the first pair that is not below a range, and counts
// those from there on that are not above.
func (z *ZSet) packedRange(above, below func(member listpack.Entry, score float64) bool) (rank, n int) {
	b := z.Body()
	for pos := listpack.First(b); pos != 0; {
		e, at := listpack.Read(b, pos)
		s, next := listpack.Read(b, at)
		score := scoreOf(s)
		switch {
		case n == 0 && !above(e, score):
			rank++
		case !below(e, score):
			return rank, n
		default:
			n++
		}
		pos = next
	}
	return rank, n
}

// A ZIter walks members in order, or backwards. The set must not change meanwhile.
type ZIter struct {
	arena  *arena.Arena
	tree   bptree.Iter
	body   []byte // nil if the set is rooted
	pos    int
	left   int
	back   bool
	digits [20]byte
}

// Walk walks n members (or as many as there are) from a rank on, backwards if told so.
func (z *ZSet) Walk(rank, n int, back bool) ZIter {
	it := ZIter{arena: z.Arena(), left: n, back: back}
	if z.rooted() {
		it.tree = z.tree().At(rank)
		return it
	}
	it.body = z.Body()
	it.pos = listpack.Seek(it.body, 2*rank)
	return it
}

// Next returns the next member with its score. The member is good until the next call.
func (it *ZIter) Next() (member []byte, score float64, ok bool) {
	if it.left <= 0 {
		return nil, 0, false
	}
	it.left--
	if it.body != nil {
		return it.nextPacked()
	}
	ref := it.tree.Ref()
	if ref == 0 {
		return nil, 0, false
	}
	if it.left == 0 {
		// The next one is nobody's business.
	} else if it.back {
		it.tree.Prev()
	} else {
		it.tree.Next()
	}
	return zMember(it.arena, ref), zScore(it.arena, ref), true
}

func (it *ZIter) nextPacked() (member []byte, score float64, ok bool) {
	if it.pos == 0 {
		return nil, 0, false
	}
	e, at := listpack.Read(it.body, it.pos)
	s, next := listpack.Read(it.body, at)
	if it.back {
		if next = listpack.Prev(it.body, it.pos); next != 0 {
			next = listpack.Prev(it.body, next)
		}
	}
	it.pos = next
	return e.Bytes(it.digits[:0]), scoreOf(s), true
}
