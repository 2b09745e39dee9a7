package value

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
)

// A Hash is a map from fields to values, of which each may expire.
//
// While it is small it is a listpack of pairs, field and value (object.Packed),
// or, once a field was given an expiry, the ref of its timer and a listpack of
// triples: field, value, and when it expires, 0 for never (object.Timed). Triples
// are in the order of time, those that never expire last, as Redis has them. A
// large hash is rooted; see hroot.
//
// A field that expired before the time the Hash was opened at is not there,
// whatever method asks. Something has to remove it all the same: Expire.
type Hash struct {
	Cell
	now int64
}

// hMaxPacked bounds listpacks whatever the settings say.
const hMaxPacked = 1 << 30

// OpenHash returns the hash in a Cell at a time, in Unix milliseconds.
func OpenHash(c Cell, now int64) Hash { return Hash{c, now} }

// OpenAt is At for a hash, at a time.
func (h *Hash) OpenAt(now int64) *Place {
	h.now = now
	return h.At()
}

// NewHashBody returns encoding and number of body bytes for a new hash that
// begins with one field, which Start will put into it.
func NewHashBody(l *Limits, field, value []byte) (object.Encoding, int) {
	if !l.hashHolds(1, field, value) {
		return object.Rooted, rootSize
	}
	f, v := listpack.Of(field), listpack.Of(value)
	return object.Packed, listpack.EmptySize + f.Size() + v.Size()
}

// hashHolds says whether a listpack may have n fields, and this one among them.
func (l *Limits) hashHolds(n int, field, value []byte) bool {
	return int64(n) <= l.HashEntries.Load() && l.hashHoldsValue(field, value)
}

func (l *Limits) hashHoldsValue(field, value []byte) bool {
	return int64(max(len(field), len(value))) <= l.HashValue.Load()
}

// Start writes the body of a new hash, which NewHashBody described, with its first field.
func (h *Hash) Start(field, value []byte) {
	if h.Encoding() == object.Rooted {
		r := newHRoot(h.Arena())
		r.add(hashOf(field), field, value, 0)
		h.SetRoot(r.ref)
		return
	}
	b := h.Body()
	listpack.Init(b)
	listpack.Append(b, listpack.Of(field))
	listpack.Append(b, listpack.Of(value))
}

// StartPairs is Start for a hash of several fields, which are all different,
// in words field value field value; HashPairsSize has said how long the body is.
func (h *Hash) StartPairs(words [][]byte) {
	b := h.Body()
	listpack.Init(b)
	for _, w := range words {
		listpack.Append(b, listpack.Of(w))
	}
}

// HashPairsSize is the size of the body of a packed hash of some pairs; ok is
// false if it cannot be packed or if fields may be equal.
func HashPairsSize(l *Limits, words [][]byte) (n int, ok bool) {
	const few = 16 // each pair of fields is compared
	if pairs := len(words) / 2; pairs > few || int64(pairs) > l.HashEntries.Load() {
		return 0, false
	}
	n = listpack.EmptySize
	for i, w := range words {
		if int64(len(w)) > l.HashValue.Load() || i&1 == 0 && hasField(words[:i], w) {
			return 0, false
		}
		e := listpack.Of(w)
		n += e.Size()
	}
	return n, n < hMaxPacked
}

func hasField(words [][]byte, field []byte) bool {
	for i := 0; i < len(words); i += 2 {
		if string(words[i]) == string(field) {
			return true
		}
	}
	return false
}

func (h *Hash) open(r *hroot) { r.open(h.Arena(), h.Root()) }

func (h *Hash) alive(at int64) bool { return at == 0 || at >= h.now }

// Len is the number of fields.
func (h *Hash) Len() int {
	switch h.Encoding() {
	case object.Packed:
		return listpack.Len(h.Body()) / 2
	case object.Timed:
		lp := h.triples()
		return listpack.Len(lp)/3 - expiredTriples(lp, h.now)
	}
	var r hroot
	h.open(&r)
	n := r.table.Len()
	if first := h.Earliest(); first != 0 && !h.alive(first) {
		n -= r.tree().Rank(uint64(h.now), nil)
	}
	return n
}

// Stored is the number of fields with those that have expired but are not removed yet.
func (h *Hash) Stored() int {
	switch h.Encoding() {
	case object.Packed:
		return listpack.Len(h.Body()) / 2
	case object.Timed:
		return listpack.Len(h.triples()) / 3
	}
	var r hroot
	h.open(&r)
	return r.table.Len()
}

// Get returns the value of a field: in the arena, or, for an integer, its
// digits in scratch. It is good until the hash changes.
func (h *Hash) Get(field, scratch []byte) (value []byte, found bool) {
	switch h.Encoding() {
	case object.Packed:
		lp := h.Body()
		if pos := listpack.Find(lp, listpack.First(lp), listpack.Of(field), 1); pos != 0 {
			return listpack.Get(lp, listpack.Next(lp, pos)).Bytes(scratch), true
		}
		return nil, false
	case object.Timed:
		value, at, found := h.getTriple(field, scratch)
		return value, found && h.alive(at)
	}
	var r hroot
	h.open(&r)
	ref, _ := r.find(hashOf(field), field)
	if ref == 0 {
		return nil, false
	}
	f := fieldAt(r.arena, ref)
	return f.value(), h.alive(f.expireAt())
}

// Has says whether there is such a field.
func (h *Hash) Has(field []byte) bool {
	_, found := h.ExpireAt(field)
	return found
}

// ExpireAt is when a field expires, in Unix milliseconds, 0 for never.
func (h *Hash) ExpireAt(field []byte) (at int64, found bool) {
	switch h.Encoding() {
	case object.Packed:
		lp := h.Body()
		return 0, listpack.Find(lp, listpack.First(lp), listpack.Of(field), 1) != 0
	case object.Timed:
		lp := h.triples()
		pos := findTriple(lp, field)
		if pos == 0 {
			return 0, false
		}
		at = tripleExpiry(lp, pos)
		return at, h.alive(at)
	}
	var r hroot
	h.open(&r)
	ref, _ := r.find(hashOf(field), field)
	if ref == 0 {
		return 0, false
	}
	f := fieldAt(r.arena, ref)
	return f.expireAt(), h.alive(f.expireAt())
}

// Set gives a field a value and says whether there was no such field. The field
// will not expire, or, if keep is set, when it did before. Neither word may be part of the hash.
func (h *Hash) Set(field, value []byte, keep bool) (created bool) {
	h.Change()
	if h.Encoding() != object.Rooted && !h.fits(field, value) {
		h.toTable()
	}
	switch h.Encoding() {
	case object.Packed:
		created = h.setPair(field, value)
	case object.Timed:
		created = h.setTriple(field, value, keep)
	default:
		created = h.setField(field, value, keep)
	}
	h.check()
	return created
}

// fits says whether a packed hash may take these words.
func (h *Hash) fits(field, value []byte) bool {
	return h.Limits().hashHoldsValue(field, value) && len(h.Body())+len(field)+len(value) < hMaxPacked
}

func (h *Hash) setPair(field, value []byte) (created bool) {
	lp, v := h.Body(), listpack.Of(value)
	f := listpack.Of(field)
	if pos := listpack.Find(lp, listpack.First(lp), f, 1); pos != 0 {
		h.replacePacked(0, listpack.Next(lp, pos), v)
		return false
	}
	n := listpack.Size(lp) + f.Size() + v.Size()
	if int64(listpack.Len(lp)/2) >= h.Limits().HashEntries.Load() {
		h.toTable()
		return h.setField(field, value, false)
	}
	lp = h.Resize(object.Packed, n)
	listpack.Append(lp, f)
	listpack.Append(lp, v)
	return true
}

// replacePacked puts e in place of an entry of the listpack that begins at off
// of the body.
func (h *Hash) replacePacked(off, pos int, e listpack.Entry) {
	lp, enc := h.Body()[off:], h.Encoding()
	old, n := listpack.Size(lp), listpack.SizeAfterReplace(lp, pos, e)
	if n > old {
		lp = h.Resize(enc, off+n)[off:]
	}
	listpack.Replace(lp, pos, e)
	if n < old {
		h.Resize(enc, off+n)
	}
}

func (h *Hash) setField(field, value []byte, keep bool) (created bool) {
	var r hroot
	h.open(&r)
	hash := hashOf(field)
	ref, p := r.find(hash, field)
	if ref == 0 {
		r.add(hash, field, value, 0)
		return true
	}
	f := fieldAt(r.arena, ref)
	at := f.expireAt()
	alive := h.alive(at)
	if !keep || !alive {
		at = 0
	}
	r.replace(&p, value, at)
	return !alive
}

// Delete removes a field and says whether it was there.
func (h *Hash) Delete(field []byte) (found bool) {
	switch h.Encoding() {
	case object.Packed:
		found = h.deletePair(field)
	case object.Timed:
		found = h.deleteTriple(field)
	default:
		found = h.deleteField(field)
	}
	h.check()
	return found
}

func (h *Hash) deletePair(field []byte) bool {
	lp := h.Body()
	pos := listpack.Find(lp, listpack.First(lp), listpack.Of(field), 1)
	if pos == 0 {
		return false
	}
	h.Change()
	h.Resize(object.Packed, listpack.Delete(lp, pos, 2))
	return true
}

func (h *Hash) deleteField(field []byte) bool {
	var r hroot
	h.open(&r)
	ref, p := r.find(hashOf(field), field)
	if ref == 0 {
		return false
	}
	f := fieldAt(r.arena, ref)
	alive := h.alive(f.expireAt())
	h.Change()
	r.remove(&p)
	return alive
}

// toTable makes a packed hash a rooted one.
func (h *Hash) toTable() {
	r := newHRoot(h.Arena())
	var f, v [24]byte
	h.eachStored(func(field, value listpack.Entry, at int64) bool {
		name := field.Bytes(f[:])
		r.add(hashOf(name), name, value.Bytes(v[:]), at)
		return true
	})
	timer := h.Timer()
	h.SetRoot(r.ref)
	h.SetTimer(timer)
}

// eachStored calls f for every entry of a packed hash, expired or not.
func (h *Hash) eachStored(f func(field, value listpack.Entry, at int64) bool) {
	timed := h.Encoding() == object.Timed
	lp := h.Body()
	if timed {
		lp = h.triples()
	}
	for pos := listpack.First(lp); pos != 0; {
		var field, value, at listpack.Entry
		field, pos = listpack.Read(lp, pos)
		value, pos = listpack.Read(lp, pos)
		if timed {
			at, pos = listpack.Read(lp, pos)
		}
		when, _ := at.Int()
		if !f(field, value, when) {
			return
		}
	}
}

// Each calls f for every field until f returns false. What f gets is good
// during the call only; f must not change the hash.
func (h *Hash) Each(f func(field, value []byte, at int64) bool) {
	if h.Encoding() == object.Rooted {
		h.eachField(f)
		return
	}
	var fs, vs [24]byte
	h.eachStored(func(field, value listpack.Entry, at int64) bool {
		return !h.alive(at) || f(field.Bytes(fs[:]), value.Bytes(vs[:]), at)
	})
}

func (h *Hash) eachField(f func(field, value []byte, at int64) bool) {
	var r hroot
	h.open(&r)
	it := r.table.Iter()
	var room [64]arena.Ref
	for refs := it.Next(room[:]); len(refs) > 0; refs = it.Next(room[:]) {
		for _, ref := range refs {
			b := fieldAt(r.arena, ref)
			if at := b.expireAt(); h.alive(at) && !f(b.field(), b.value(), at) {
				return
			}
		}
	}
}

// Scan calls f for some fields from a cursor on, about n of them, and returns
// the cursor to go on from; 0 when all were seen. Small hashes are seen at once.
func (h *Hash) Scan(cursor uint64, n int, f func(field, value []byte)) (next uint64) {
	if h.Encoding() != object.Rooted {
		h.Each(func(field, value []byte, _ int64) bool {
			f(field, value)
			return true
		})
		return 0
	}
	var r hroot
	h.open(&r)
	return r.table.ScanSome(cursor, n, func(ref arena.Ref) {
		b := fieldAt(r.arena, ref)
		if h.alive(b.expireAt()) {
			f(b.field(), b.value())
		}
	})
}
