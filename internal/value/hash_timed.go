package value

import (
	"encoding/binary"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
)

// timerSize is the size of the ref of the timer before a listpack of triples.
const timerSize = 4

func (h *Hash) triples() []byte { return h.Body()[timerSize:] }

func findTriple(lp, field []byte) (pos int) {
	return listpack.Find(lp, listpack.First(lp), listpack.Of(field), 2)
}

// tripleExpiry is the third entry of the triple at pos.
func tripleExpiry(lp []byte, pos int) int64 {
	at, _ := listpack.Get(lp, listpack.Next(lp, listpack.Next(lp, pos))).Int()
	return at
}

// expiredTriples is how many triples, which are the first, expired before now.
func expiredTriples(lp []byte, now int64) (n int) {
	for pos := listpack.First(lp); pos != 0; n++ {
		if at := tripleExpiry(lp, pos); at == 0 || at >= now {
			break
		}
		pos = skipTriple(lp, pos)
	}
	return n
}

// skipTriple is the position of the next triple, or 0.
func skipTriple(lp []byte, pos int) int {
	return listpack.Next(lp, listpack.Next(lp, listpack.Next(lp, pos)))
}

func (h *Hash) getTriple(field, scratch []byte) (value []byte, at int64, found bool) {
	lp := h.triples()
	pos := findTriple(lp, field)
	if pos == 0 {
		return nil, 0, false
	}
	return listpack.Get(lp, listpack.Next(lp, pos)).Bytes(scratch), tripleExpiry(lp, pos), true
}

func (h *Hash) setTriple(field, value []byte, keep bool) (created bool) {
	lp := h.triples()
	pos := findTriple(lp, field)
	if pos == 0 {
		if int64(listpack.Len(lp)/3) >= h.Limits().HashEntries.Load() {
			h.toTable()
			return h.setField(field, value, keep)
		}
		h.insertTriple(listpack.Of(field), listpack.Of(value), 0)
		return true
	}
	at := tripleExpiry(lp, pos)
	alive := h.alive(at)
	if at == 0 || keep && alive {
		h.replacePacked(timerSize, listpack.Next(lp, pos), listpack.Of(value))
		return false
	}
	h.Resize(object.Timed, timerSize+listpack.Delete(lp, pos, 3))
	h.insertTriple(listpack.Of(field), listpack.Of(value), 0)
	return !alive
}

// insertTriple puts a triple where it belongs by its expiry: behind those that
// expire at the same time or earlier.
func (h *Hash) insertTriple(field, value listpack.Entry, at int64) {
	e := listpack.OfInt(at)
	lp := h.triples()
	n := listpack.Size(lp) + field.Size() + value.Size() + e.Size()
	lp = h.Resize(object.Timed, timerSize+n)[timerSize:]
	pos := placeOf(lp, at)
	listpack.Insert(lp, pos, e)
	listpack.Insert(lp, pos, value)
	listpack.Insert(lp, pos, field)
}

// placeOf is the position of the first triple that expires after at.
func placeOf(lp []byte, at int64) int {
	if at == 0 {
		return listpack.End(lp)
	}
	for pos := listpack.First(lp); pos != 0; pos = skipTriple(lp, pos) {
		if there := tripleExpiry(lp, pos); there == 0 || there > at {
			return pos
		}
	}
	return listpack.End(lp)
}

func (h *Hash) deleteTriple(field []byte) bool {
	lp := h.triples()
	pos := findTriple(lp, field)
	if pos == 0 {
		return false
	}
	alive := h.alive(tripleExpiry(lp, pos))
	h.Change()
	h.Resize(object.Timed, timerSize+listpack.Delete(lp, pos, 3))
	return alive
}

// toTriples makes a listpack of pairs one of triples.
func (h *Hash) toTriples() {
	never := listpack.OfInt(0)
	var room [1024]byte
	old := append(room[:0], h.Body()...)
	n := listpack.Len(old) / 2
	b := h.Resize(object.Timed, timerSize+listpack.Size(old)+n*never.Size())
	clear(b[:timerSize])
	lp := b[timerSize:]
	listpack.Init(lp)
	for pos := listpack.First(old); pos != 0; {
		var field, value listpack.Entry
		field, pos = listpack.Read(old, pos)
		value, pos = listpack.Read(old, pos)
		listpack.Append(lp, field)
		listpack.Append(lp, value)
		listpack.Append(lp, never)
	}
}

// SetExpiry makes a field expire at a time, in Unix milliseconds, or, for 0,
// never. It says whether the field is there.
func (h *Hash) SetExpiry(field []byte, at int64) (found bool) {
	was, found := h.ExpireAt(field)
	if !found || was == at {
		return found
	}
	h.Change()
	if h.Encoding() == object.Packed {
		h.toTriples()
	}
	if h.Encoding() == object.Timed {
		h.moveTriple(field, at)
	} else {
		var r hroot
		h.open(&r)
		_, p := r.find(hashOf(field), field)
		r.setExpiry(&p, at)
	}
	h.check()
	return true
}

// moveTriple takes a triple out and puts it back with another expiry.
func (h *Hash) moveTriple(field []byte, at int64) {
	var room [128]byte
	lp := h.triples()
	pos := findTriple(lp, field)
	value := listpack.Get(lp, listpack.Next(lp, pos)).Append(room[:0])
	h.Resize(object.Timed, timerSize+listpack.Delete(lp, pos, 3))
	h.insertTriple(listpack.Of(field), listpack.Of(value), at)
}

// Earliest is when the first field expires, which may have passed; 0 if none will.
func (h *Hash) Earliest() int64 {
	switch h.Encoding() {
	case object.Packed:
		return 0
	case object.Timed:
		lp := h.triples()
		if pos := listpack.First(lp); pos != 0 {
			return tripleExpiry(lp, pos)
		}
		return 0
	}
	return hEarliest(h.Arena(), h.Root())
}

// Expire removes up to limit fields that have expired, those first that did
// so first; removed is called with each before it goes.
func (h *Hash) Expire(limit int, removed func(field []byte)) (n int) {
	for n < limit {
		first := h.Earliest()
		if first == 0 || h.alive(first) {
			break
		}
		h.Change()
		h.expireFirst(removed)
		n++
	}
	h.check()
	return n
}

func (h *Hash) expireFirst(removed func(field []byte)) {
	if h.Encoding() == object.Timed {
		var scratch [24]byte
		lp := h.triples()
		first := listpack.First(lp)
		removed(listpack.Get(lp, first).Bytes(scratch[:]))
		h.Resize(object.Timed, timerSize+listpack.Delete(lp, first, 3))
		return
	}
	var r hroot
	h.open(&r)
	it := r.tree().At(0)
	f := fieldAt(r.arena, it.Ref())
	removed(f.field())
	_, p := r.find(hashOf(f.field()), f.field())
	r.remove(&p)
}

// Timer is the ref of the timer that was noted with SetTimer, 0 for none. It is
// for whoever sees to Expire being called in time.
func (h *Hash) Timer() arena.Ref {
	return FieldTimer(h.Arena(), h.record())
}

// SetTimer notes the ref of the hash's timer. A hash of which no field ever expired has room for none.
func (h *Hash) SetTimer(ref arena.Ref) { SetFieldTimer(h.Arena(), h.record(), ref) }

// FieldTimer is the ref of the timer of the collection in r, whose blocks are
// in a; 0 if it has none.
func FieldTimer(a *arena.Arena, r object.Record) arena.Ref {
	if b := timerBytes(a, r); b != nil {
		return arena.Ref(binary.LittleEndian.Uint32(b))
	}
	return 0
}

// SetFieldTimer notes another ref.
func SetFieldTimer(a *arena.Arena, r object.Record, ref arena.Ref) {
	if b := timerBytes(a, r); b != nil {
		binary.LittleEndian.PutUint32(b, uint32(ref))
	}
}

func timerBytes(a *arena.Arena, r object.Record) []byte {
	switch {
	case r.Type() != object.TypeHash:
		return nil
	case r.Encoding() == object.Timed:
		return r.Body()
	case r.Encoding() == object.Rooted:
		return hTimer(a, rootOf(r.Body()))
	}
	return nil
}
