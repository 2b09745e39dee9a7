package value

import (
	"bytes"
	"fmt"
	"math"
	"strconv"

	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
)

// scoreText is room for the text of a score.
type scoreText [32]byte

// entry is a score as a listpack has it: an integer if it is one of moderate
// size, else text that reads back equal.
func (t *scoreText) entry(score float64) listpack.Entry {
	const moderate = math.MaxInt64 / 2
	if math.Abs(score) <= moderate && score == math.Trunc(score) {
		return listpack.OfInt(int64(score))
	}
	if math.IsInf(score, 0) {
		text := "-inf"
		if score > 0 {
			text = "inf"
		}
		return listpack.Of(append(t[:0], text...))
	}
	return listpack.Of(strconv.AppendFloat(t[:0], score, 'g', -1, 64))
}

// scoreOf reads a score from a listpack.
func scoreOf(e listpack.Entry) float64 {
	if n, ok := e.Int(); ok {
		return float64(n)
	}
	f, err := strconv.ParseFloat(string(e.Bytes(nil)), 64)
	if err != nil {
		return 0 // no score that was written here
	}
	return f
}

// fits says whether one more member can be added to a packed set.
func (z *ZSet) fits(member []byte) bool {
	b, l := z.Body(), z.Limits()
	return int64(listpack.Len(b)/2) < l.ZSetEntries.Load() && int64(len(member)) <= l.ZSetValue.Load() &&
		listpack.Size(b)+len(member) < zMaxPacked
}

// insertPacked puts a pair in its place.
func (z *ZSet) insertPacked(member []byte, score float64) {
	var text scoreText
	m, s := listpack.Of(member), text.entry(score)
	b := z.Body()
	pos := placeInPacked(b, m, member, score)
	b = z.Resize(object.Packed, listpack.Size(b)+m.Size()+s.Size())
	listpack.Insert(b, pos, m)
	listpack.Insert(b, pos+m.Size(), s)
}

// placeInPacked is the position of the first pair that is greater than the given one.
func placeInPacked(b []byte, m listpack.Entry, member []byte, score float64) int {
	var digits [20]byte
	for pos := listpack.First(b); pos != 0; {
		e, at := listpack.Read(b, pos)
		s, next := listpack.Read(b, at)
		other := scoreOf(s)
		if other > score || other == score && bytes.Compare(e.Bytes(digits[:0]), member) > 0 {
			return pos
		}
		pos = next
	}
	return listpack.End(b)
}

// unpack makes a packed set a rooted one.
func (z *ZSet) unpack() {
	r := newZRoot(z.Arena())
	it := z.Walk(0, z.Len(), false)
	for member, score, ok := it.Next(); ok; member, score, ok = it.Next() {
		ref := r.make(member, score)
		r.table.Insert(hashOf(member), ref)
		r.tree.AppendKey(scoreKey(score), ref)
	}
	z.SetRoot(r.ref)
}

// checkPackedZSet verifies that pairs are in order.
func checkPackedZSet(b []byte) error {
	if listpack.Len(b)%2 != 0 {
		return fmt.Errorf("%d entries in pairs", listpack.Len(b))
	}
	var last []byte
	lastScore := math.Inf(-1)
	for pos := listpack.First(b); pos != 0; {
		e, at := listpack.Read(b, pos)
		s, next := listpack.Read(b, at)
		member, score := e.Append(nil), scoreOf(s)
		if last != nil && (score < lastScore || score == lastScore && bytes.Compare(last, member) >= 0) {
			return fmt.Errorf("%q with %v comes after %q with %v", member, score, last, lastScore)
		}
		last, lastScore, pos = member, score, next
	}
	return nil
}
