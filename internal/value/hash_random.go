package value

import (
	"math/rand/v2"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
)

// Random calls f with a field, each with the same chance. The hash has one that did not expire.
func (h *Hash) Random(f func(field, value []byte)) {
	if h.Encoding() == object.Rooted {
		var r hroot
		h.open(&r)
		b := fieldAt(r.arena, h.pick(&r))
		f(b.field(), b.value())
		return
	}
	lp, width := h.Body(), 2
	if h.Encoding() == object.Timed {
		lp, width = h.triples(), 3
	}
	n := h.Len()
	i := h.Stored() - n + rand.IntN(n) // those that expired are the first
	field, pos := listpack.Read(lp, listpack.Seek(lp, i*width))
	var fs, vs [24]byte
	f(field.Bytes(fs[:]), listpack.Get(lp, pos).Bytes(vs[:]))
}

// pickTries is how often pick draws before it takes the first field that it
// finds: more than enough unless almost all have expired.
const pickTries = 10_000

func (h *Hash) pick(r *hroot) (ref arena.Ref) {
	for range pickTries {
		if ref = r.table.Pick(rand.Uint64()); ref != 0 && h.blockAlive(r, ref) {
			return ref
		}
	}
	r.table.Each(func(any arena.Ref) bool {
		ref = any
		return !h.blockAlive(r, ref)
	})
	return ref
}

func (h *Hash) blockAlive(r *hroot, ref arena.Ref) bool {
	b := fieldAt(r.arena, ref)
	return h.alive(b.expireAt())
}

// RandomSome calls f with n different fields, every choice with the same chance. n is at most Len.
func (h *Hash) RandomSome(n int, f func(field, value []byte)) {
	left := h.Len()
	if h.Encoding() == object.Rooted && n < left/3 {
		h.pickSome(n, f)
		return
	}
	h.Each(func(field, value []byte, _ int64) bool {
		if rand.IntN(left) < n {
			f(field, value)
			n--
		}
		left--
		return n > 0
	})
}

func (h *Hash) pickSome(n int, f func(field, value []byte)) {
	var r hroot
	h.open(&r)
	seen := make(map[arena.Ref]bool, n)
	for len(seen) < n {
		ref := h.pick(&r)
		if seen[ref] {
			continue
		}
		seen[ref] = true
		b := fieldAt(r.arena, ref)
		f(b.field(), b.value())
	}
}
