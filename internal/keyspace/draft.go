package keyspace

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

// Strings that commands make or change as bytes in place, without a copy of
// their own: results of BITOP, HyperLogLogs.

// A Draft is a string that is written and then becomes the value of a key.
type Draft struct {
	Bytes []byte // to be written wholly; holds anything
	own   bool   // Bytes is the block of the key's value as it is
	s     object.String
}

// Draft returns a string of n bytes to be stored under k with SetDraft. It is
// where k has its value now if the block is large enough and not much too
// large; what was there is then in it. Strings of other keys stay readable.
func (tx *Tx) Draft(k Key, n int) Draft {
	if n <= object.InlineMax {
		b := make([]byte, n)
		return Draft{Bytes: b, s: object.String{Enc: object.Raw, Bytes: b}}
	}
	if d, _, ref := tx.find(k); ref != 0 {
		r := object.At(d.arena, ref)
		if b := tx.blobToReuse(d, r, n); b != nil {
			tx.changing(k, d, ref)
			return Draft{Bytes: b, own: true}
		}
	}
	a := tx.shard(k.Hash).arena
	s := object.String{Enc: object.Blob}
	newBlob(a, &s, nil, arena.UsableSize(n))
	s.Len = n
	a.Populate(s.Ref, n)
	return Draft{Bytes: a.Bytes(s.Ref, n), s: s}
}

// blobToReuse returns n bytes of the block in which a string is, or nil if it does not fit.
func (tx *Tx) blobToReuse(d *database, r object.Record, n int) []byte {
	if r.Type() != TypeString || r.Encoding() != object.Blob {
		return nil
	}
	ref, _, capacity := r.BlobInfo()
	if n > capacity || n < capacity/2 {
		return nil
	}
	return tx.ks.blocksOf(d.arena, r).Bytes(ref, n)
}

// SetDraft makes a draft the value of the key that it was made for, which
// loses its expiry.
func (tx *Tx) SetDraft(k Key, f *Draft) {
	if tx.want(WantMade) {
		tx.replacing(k, TypeString)
	}
	if !f.own {
		tx.setString(k, &f.s, nil, NoTTL)
		return
	}
	d, _, ref := tx.find(k)
	r := object.At(d.arena, ref)
	block, _, capacity := r.BlobInfo()
	r.SetBlobInfo(block, len(f.Bytes), capacity)
	tx.touch(r)
	if r.HasTimer() {
		tx.SetExpire(k, NoTTL)
	}
}

// Resize makes the string at k (which may be missing, but is no integer) n
// bytes long, raw, and returns its bytes for writing in place. Content is kept
// as far as it goes, and zeros follow.
func (tx *Tx) Resize(k Key, n int) []byte {
	d, _, ref := tx.find(k)
	if ref == 0 {
		return tx.Grow(k, n)
	}
	r := object.At(d.arena, ref)
	switch e := r.Encoding(); {
	case e == object.Blob:
		if block, length, capacity := r.BlobInfo(); n < length {
			tx.changing(k, d, ref)
			r.SetBlobInfo(block, n, capacity)
			return tx.rawBytes(k)
		}
	case e != object.Int && n <= object.InlineMax:
		tx.changing(k, d, ref)
		return tx.resizeInline(d, ref, n)
	}
	return tx.Grow(k, n)
}

func (tx *Tx) resizeInline(d *database, ref arena.Ref, n int) []byte {
	r := object.At(d.arena, ref)
	size, length := r.Size(), len(r.Inline())
	to := tx.reblock(d, ref, size, r.SizeWithBody(n))
	moved := object.At(d.arena, to)
	r.CopyWithBody(moved, object.Raw, n)
	if to != ref {
		if moved.HasTimer() {
			d.wheel.Moved(to)
		}
		d.arena.Free(ref, size, arena.Record)
	}
	b := moved.Inline()
	clear(b[min(length, n):])
	return b
}

// MakeRaw makes the encoding of the string at k raw, as that of a string that
// is about to be changed in place, and returns its bytes, to read. It is no
// change of the value, and nobody hears of it.
func (tx *Tx) MakeRaw(k Key) []byte {
	d, slot, ref := tx.find(k)
	r := object.At(d.arena, ref)
	switch r.Encoding() {
	case object.Embedded:
		r.SetEncoding(object.Raw)
	case object.Int:
		var digits [20]byte
		b := r.StringBytes(d.arena, digits[:])
		tx.replaceValue(tx.shard(k.Hash), d, k, slot.Ref(), &object.String{Enc: object.Raw, Bytes: b}, KeepTTL)
	}
	return tx.rawBytes(k)
}

// Unannounced says of a key that this Tx changed that the change has no event,
// as when a read puts down a number it had to compute.
func (tx *Tx) Unannounced(k Key) {
	for i, c := range tx.changes {
		if c.db == tx.db && c.hash == k.Hash {
			tx.changes[i].notified = true
		}
	}
}
