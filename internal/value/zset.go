package value

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// A ZSet is a sorted set: members, each with a score that is not NaN, ordered
// by score and, where scores are equal, by member. A rank is an index in that
// order. Packed, it is a listpack of pairs in order; rooted, a zroot.
type ZSet struct{ Cell }

// zMaxPacked bounds a listpack, whatever the limits.
const zMaxPacked = 1 << 30

// NewZSetSize is the size of the body of a new set with room for a first member.
func NewZSetSize(member []byte, score float64) int {
	var text scoreText
	return listpack.EmptySize + listpack.Of(member).Size() + text.entry(score).Size()
}

// NewZSet makes the collection of a new Cell an empty set, whose first member
// will be the given one.
func NewZSet(c Cell, member []byte) ZSet {
	z := ZSet{c}
	l := c.Limits()
	if l.ZSetEntries.Load() <= 0 || int64(len(member)) > l.ZSetValue.Load() {
		r := newZRoot(c.Arena())
		z.SetRoot(r.ref)
	} else {
		listpack.Init(z.Body())
	}
	return z
}

func (z *ZSet) rooted() bool { return z.Encoding() == object.Rooted }

func (z *ZSet) open(r *zroot) { r.open(z.Arena(), z.Root()) }

func (z *ZSet) tree() zTree { return zTree{z.Arena(), openZTree(z.Arena(), z.Root())} }

// Len is the number of members.
func (z *ZSet) Len() int {
	if z.rooted() {
		return z.tree().Len()
	}
	return listpack.Len(z.Body()) / 2
}

// A ZPlace is what Find found. It is good until the set changes.
type ZPlace struct {
	Found bool
	Score float64

	pos   int // of the member in the listpack
	ref   arena.Ref
	hash  uint64
	probe table.Probe
}

// Find looks for a member.
func (z *ZSet) Find(member []byte) (p ZPlace) {
	if !z.rooted() {
		b := z.Body()
		p.pos = listpack.Find(b, listpack.First(b), listpack.Of(member), 1)
		if p.Found = p.pos != 0; p.Found {
			p.Score = scoreOf(listpack.Get(b, listpack.Next(b, p.pos)))
		}
		return p
	}
	var r zroot
	z.open(&r)
	p.hash = hashOf(member)
	p.ref, p.probe = r.find(p.hash, member)
	if p.Found = p.ref != 0; p.Found {
		p.Score = zScore(r.arena, p.ref)
	}
	return p
}

// Score is the score of a member.
func (z *ZSet) Score(member []byte) (score float64, found bool) {
	p := z.Find(member)
	return p.Score, p.Found
}

// Prefetch asks for what Find will look at first.
func (z *ZSet) Prefetch(member []byte) {
	if z.rooted() {
		var r zroot
		z.open(&r)
		r.table.Prefetch(hashOf(member))
	}
}

// Add adds a member that is not in the set; p is what Find said of it.
func (z *ZSet) Add(p *ZPlace, member []byte, score float64) {
	z.Change()
	if !z.rooted() {
		if z.fits(member) {
			z.insertPacked(member, score)
			return
		}
		z.unpack()
		p.hash = hashOf(member)
	}
	var r zroot
	z.open(&r)
	r.add(p.hash, member, score)
}

// Move gives the member that Find found another score.
func (z *ZSet) Move(p *ZPlace, member []byte, score float64) {
	z.Change()
	if z.rooted() {
		var r zroot
		z.open(&r)
		r.move(p.ref, score)
		return
	}
	listpack.Delete(z.Body(), p.pos, 2)
	z.insertPacked(member, score)
}

// Remove removes the member that Find found.
func (z *ZSet) Remove(p *ZPlace) {
	z.Change()
	if z.rooted() {
		var r zroot
		z.open(&r)
		r.remove(p.ref, &p.probe)
		return
	}
	z.Resize(object.Packed, listpack.Delete(z.Body(), p.pos, 2))
}

// Rank is the rank of the member that Find found.
func (z *ZSet) Rank(p *ZPlace) int {
	if z.rooted() {
		return z.tree().RankOf(p.ref)
	}
	rank := 0
	b := z.Body()
	for pos := listpack.First(b); pos != p.pos; pos = listpack.Next(b, listpack.Next(b, pos)) {
		rank++
	}
	return rank
}

// RemoveRange removes n members from a rank on.
func (z *ZSet) RemoveRange(rank, n int) {
	if n <= 0 {
		return
	}
	z.Change()
	if z.rooted() {
		var r zroot
		z.open(&r)
		r.removeRange(rank, n)
		return
	}
	b := z.Body()
	z.Resize(object.Packed, listpack.Delete(b, listpack.Seek(b, 2*rank), 2*n))
}

// Scan calls f for about count members from a cursor on, and returns the next
// cursor, which is 0 after the last. A packed set is scanned at once. f must not change the set.
func (z *ZSet) Scan(cursor uint64, count int, f func(member []byte, score float64)) (next uint64) {
	if !z.rooted() {
		it := z.Walk(0, z.Len(), false)
		for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
			f(member, score)
		}
		return 0
	}
	var r zroot
	z.open(&r)
	seen := 0
	for range 10 * count { // a sparse table has many empty buckets
		cursor = r.table.Scan(cursor, func(ref arena.Ref) {
			seen++
			f(zMember(r.arena, ref), zScore(r.arena, ref))
		})
		if cursor == 0 || seen >= count {
			break
		}
	}
	return cursor
}

// CheckInvariants returns the first contradiction in the set.
func (z *ZSet) CheckInvariants() error {
	if z.rooted() {
		var r zroot
		z.open(&r)
		return r.checkInvariants()
	}
	return checkPackedZSet(z.Body())
}
