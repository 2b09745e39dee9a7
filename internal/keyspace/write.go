package keyspace

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

// SetString makes the value of k a string with the content of v, in the
// encoding that Redis would choose (int, embstr, raw), whatever k held
// before. v may not be part of k's own value.
func (tx *Tx) SetString(k Key, v []byte, ttl TTL) {
	s := object.FromBytes(v)
	if tx.want(WantMade) {
		tx.replacing(k, TypeString)
	}
	tx.setString(k, &s, v, ttl)
}

// SetText is SetString for what stays text even if it reads as an integer,
// as the sums of INCRBYFLOAT do.
func (tx *Tx) SetText(k Key, v []byte, ttl TTL) {
	s := object.FromText(v)
	tx.setString(k, &s, v, ttl)
}

// SetInt makes the value of k the integer n.
func (tx *Tx) SetInt(k Key, n int64, ttl TTL) {
	d, _, ref := tx.find(k)
	if ref != 0 && ttl == KeepTTL {
		if r := object.At(d.arena, ref); r.Type() == TypeString && r.Encoding() == object.Int {
			tx.changing(k, d, ref)
			r.SetInt(n)
			return
		}
	}
	s := object.FromInt(n)
	tx.setString(k, &s, nil, ttl)
}

// setString stores s under k. If it is a Blob without a block, content is
// what the block will hold.
func (tx *Tx) setString(k Key, s *object.String, content []byte, ttl TTL) {
	d, slot, ref := tx.find(k)
	if ref == 0 && tx.hidden {
		tx.removeHidden(k)
	}
	tx.changing(k, d, ref)
	sh := tx.shard(k.Hash)
	if s.Enc == object.Blob && s.Ref == 0 {
		newBlob(sh.arena, s, content, arena.UsableSize(len(content)))
	}
	if ref != 0 {
		tx.replaceValue(sh, d, k, slot.Ref(), s, ttl)
		return
	}
	d = tx.ks.database(sh, tx.db, tx.now)
	timer := ttl > 0
	ref = d.arena.Alloc(object.RecordSize(len(k.Name), timer, s), arena.Record)
	r := object.At(d.arena, ref)
	r.Fill(k.Name, timer, newClock(Policy(tx.ks.Settings.Policy.Load()), tx.now), s)
	if timer {
		r.SetExpireAt(int64(ttl))
		tx.ks.addTimer(d, ref)
	}
	tx.found = finding{}
	d.table.Insert(k.Hash, ref)
	if tx.want(WantMade) {
		tx.made(k)
	}
}

// replaceValue writes s over the record ref of k, in its block if that fits.
func (tx *Tx) replaceValue(sh *shard, d *database, k Key, ref arena.Ref, s *object.String, ttl TTL) {
	old := object.At(d.arena, ref)
	size, clock := old.Size(), old.Clock()
	if ttl == KeepTTL {
		ttl = NoTTL
		if old.HasTimer() {
			ttl = TTL(old.ExpireAt())
		}
	}
	if old.HasTimer() {
		d.wheel.Remove(ref)
	}
	tx.ks.dropFieldTimer(d, old)
	tx.ks.dropValue(sh, d.arena, old)
	timer := ttl > 0
	to := tx.reblock(d, ref, size, object.RecordSize(len(k.Name), timer, s))
	r := object.At(d.arena, to)
	st := &tx.ks.Settings
	r.Fill(k.Name, timer, touched(clock, tx.now, Policy(st.Policy.Load()), st), s)
	if timer {
		r.SetExpireAt(int64(ttl))
		tx.ks.addTimer(d, to)
	}
	if to != ref {
		d.arena.Free(ref, size, arena.Record)
	}
}

// reblock returns the block for a record that changes its size: the same, or
// a new one which the key's slot then names. The caller frees the old one.
func (tx *Tx) reblock(d *database, ref arena.Ref, oldSize, newSize int) arena.Ref {
	if arena.SameBlock(oldSize, newSize) {
		return ref
	}
	to := d.arena.Alloc(newSize, arena.Record)
	tx.found.slot.Set(to) // find found it: the caller has just searched
	tx.found.ref = to
	return to
}

// newBlob allocates the block of a Blob with a capacity and fills it.
func newBlob(a *arena.Arena, s *object.String, content []byte, capacity int) {
	s.Ref = a.Alloc(capacity, arena.Blob)
	s.Len, s.Cap = len(content), capacity
	copy(a.Bytes(s.Ref, len(content)), content)
}

// dropValue frees what a record's value has outside the record.
func (ks *Keyspace) dropValue(s *shard, a *arena.Arena, r object.Record) {
	switch r.Encoding() {
	case object.Blob:
		ref, _, capacity := r.BlobInfo()
		ks.freeBlob(s, ks.blocksOf(a, r), ref, capacity)
	case object.Rooted:
		ks.dropCollection(s, ks.blocksOf(a, r), r)
	}
}

// Append appends to the string at k (which may be missing) and returns the
// new length. The encoding becomes raw. The caller has checked type and size
// limit.
func (tx *Tx) Append(k Key, v []byte) int {
	e, ok := tx.Peek(k)
	if !ok {
		tx.SetString(k, v, NoTTL)
		return len(v)
	}
	n := e.Len()
	copy(tx.Grow(k, n+len(v))[n:], v)
	return n + len(v)
}

// SetRange overwrites bytes of the string at k (which may be missing) from
// offset on, padding with zeros, and returns the new length. The caller has
// checked type and size limit.
func (tx *Tx) SetRange(k Key, offset int, v []byte) int {
	b := tx.Grow(k, offset+len(v))
	copy(b[offset:], v)
	return len(b)
}

// maxSlack bounds what a growing blob gets in advance.
const maxSlack = 1 << 20

// Grow makes the string at k (which may be missing: it becomes zeros) at
// least n bytes long, raw, and returns its bytes for writing in place. For
// SETBIT, BITFIELD and the like.
func (tx *Tx) Grow(k Key, n int) []byte {
	d, _, ref := tx.find(k)
	if ref == 0 {
		tx.setRaw(k, nil, n)
		return tx.rawBytes(k)
	}
	r := object.At(d.arena, ref)
	switch r.Encoding() {
	case object.Blob:
		tx.changing(k, d, ref)
		tx.growBlob(k, d, r, n)
	case object.Int:
		var digits [20]byte
		b := r.StringBytes(d.arena, digits[:])
		tx.setRaw(k, b, max(n, len(b)))
	default:
		if b := r.Inline(); len(b) >= n {
			tx.changing(k, d, ref)
			r.SetEncoding(object.Raw)
		} else {
			tx.setRaw(k, append([]byte(nil), b...), n)
		}
	}
	return tx.rawBytes(k)
}

// setRaw stores content, padded with zeros to n bytes, as a raw string.
func (tx *Tx) setRaw(k Key, content []byte, n int) {
	if n > object.InlineMax {
		s := object.String{Enc: object.Blob}
		a := tx.shard(k.Hash).arena
		capacity := arena.UsableSize(n)
		if len(content) > 0 { // it grew once, it may grow again
			capacity = arena.UsableSize(n + min(n, maxSlack))
		}
		newBlob(a, &s, content, capacity)
		clear(a.Bytes(s.Ref, n)[len(content):])
		s.Len = n
		tx.setString(k, &s, nil, KeepTTL)
		return
	}
	padded := make([]byte, n)
	copy(padded, content)
	tx.setString(k, &object.String{Enc: object.Raw, Bytes: padded}, nil, KeepTTL)
}

// growBlob lengthens a blob to n bytes, if it is shorter.
func (tx *Tx) growBlob(k Key, d *database, r object.Record, n int) {
	a := tx.ks.blocksOf(d.arena, r)
	ref, length, capacity := r.BlobInfo()
	if n <= length {
		return
	}
	if n > capacity {
		want := arena.UsableSize(n + min(n, maxSlack))
		if arena.IsLarge(capacity) && a.TryGrow(ref, want, arena.Blob) {
			capacity = want
		} else {
			s := object.String{Enc: object.Blob}
			newBlob(a, &s, a.Bytes(ref, length), want)
			tx.ks.freeBlob(tx.shard(k.Hash), a, ref, capacity)
			ref, capacity = s.Ref, s.Cap
		}
	}
	clear(a.Bytes(ref, n)[length:])
	r.SetBlobInfo(ref, n, capacity)
}

// rawBytes returns the bytes of the string at k, which is not an integer.
func (tx *Tx) rawBytes(k Key) []byte {
	d, _, ref := tx.find(k)
	r := object.At(d.arena, ref)
	return r.StringBytes(tx.ks.blocksOf(d.arena, r), nil)
}

// Delete removes a key. It says whether the key was there.
func (tx *Tx) Delete(k Key) bool {
	d, _, ref := tx.find(k)
	if ref == 0 {
		return false
	}
	tx.changing(k, d, ref)
	p, _ := d.probe(k)
	tx.unlinkRecord(tx.shard(k.Hash), d, &p)
	return true
}

// SetExpire sets when k expires (NoTTL: never). It says whether the key was
// there.
func (tx *Tx) SetExpire(k Key, at TTL) bool {
	d, slot, ref := tx.find(k)
	if ref == 0 {
		return false
	}
	tx.changing(k, d, ref)
	r := object.At(d.arena, ref)
	if r.HasTimer() {
		d.wheel.Remove(ref)
	}
	if r.HasTimer() != (at > 0) {
		size := r.Size()
		to := d.arena.Alloc(r.SizeWithTimer(at > 0), arena.Record)
		r.CopyTo(object.At(d.arena, to), at > 0)
		slot.Set(to)
		tx.found.ref = to
		d.arena.Free(ref, size, arena.Record)
		ref, r = to, object.At(d.arena, to)
	}
	if at > 0 {
		r.SetExpireAt(int64(at))
		tx.ks.addTimer(d, ref)
	}
	return true
}

// SetClock sets the raw access clock (RESTORE IDLETIME and FREQ, DEBUG).
func (tx *Tx) SetClock(k Key, clock uint32) {
	if d, _, ref := tx.find(k); ref != 0 {
		object.At(d.arena, ref).SetClock(clock & clockMask)
	}
}

// Rename gives src's value, with its expiry, to dst, replacing what dst held.
// src exists and is not dst.
func (tx *Tx) Rename(src, dst Key) {
	d, _, ref := tx.find(src)
	tx.changing(src, d, ref)
	r := object.At(d.arena, ref)
	clock := r.Clock()
	tx.moveTo(dst, tx.db)
	if r.Type() == TypeString {
		at, s := tx.value(r, d, dst, true)
		tx.setString(dst, &s, nil, at)
	} else {
		tx.renameCollection(d, ref, dst)
	}
	tx.moving = false
	tx.SetClock(dst, clock)
	// Its own table is where it was, but the record may have lost its blob to dst.
	p, _ := d.probe(src)
	tx.unlinkRecord(tx.shard(src.Hash), d, &p)
}

// CopyTo copies the value and expiry of src to dst in database db, replacing
// what dst held. src exists.
func (tx *Tx) CopyTo(src, dst Key, db int) {
	d, _, ref := tx.find(src)
	back := tx.db
	tx.moveTo(dst, db)
	if r := object.At(d.arena, ref); r.Type() == TypeString {
		at, s := tx.value(r, d, dst, false)
		tx.db = db
		tx.setString(dst, &s, nil, at)
	} else {
		tx.copyCollection(d, ref, dst, db)
	}
	tx.db, tx.moving = back, false
}

// shareSize is from when on a renamed value stays where it is, in the arena of
// another shard: copying it would take longer than a request should.
const shareSize = 64 << 10

// stays says whether a value of so many bytes, in arena a, stays there when a
// key in arena to gets it, and by which ID that key will know a.
func (tx *Tx) stays(a, to *arena.Arena, size int64) (id uint16, ok bool) {
	switch {
	case a == to:
		return 0, true
	case size < shareSize:
		return 0, false
	}
	a.Share() // the shards of both arenas are locked: all who use a will know
	return a.ID, true
}

// value describes the string in record r of database d for storing under dst.
// A blob is given away if take is set, or else copied to dst's arena.
func (tx *Tx) value(r object.Record, d *database, dst Key, take bool) (at TTL, s object.String) {
	if r.HasTimer() {
		at = TTL(r.ExpireAt())
	}
	s.Enc = r.Encoding()
	switch s.Enc {
	case object.Int:
		s.N = r.Int()
	case object.Blob:
		ref, n, capacity := r.BlobInfo()
		a, to := tx.ks.blocksOf(d.arena, r), tx.shard(dst.Hash).arena
		if take {
			if id, ok := tx.stays(a, to, int64(n)); ok {
				s.Ref, s.Len, s.Cap, s.Arena = ref, n, capacity, id
				r.Disown() // the record owns the block no more
				break
			}
		}
		newBlob(to, &s, a.Bytes(ref, n), arena.UsableSize(n))
	default:
		s.Bytes = r.Inline()
	}
	return at, s
}

// MoveTo moves k to database db, where it does not exist. k exists.
func (tx *Tx) MoveTo(k Key, db int) {
	d, _, ref := tx.find(k)
	tx.changing(k, d, ref)
	tx.db, db = db, tx.db
	if tx.hidden {
		tx.removeHidden(k)
	}
	to := tx.ks.database(tx.shard(k.Hash), tx.db, tx.now)
	tx.changing(k, to, 0)
	if tx.want(WantMade) {
		tx.made(k)
	}
	tx.db = db
	tx.found = finding{}
	p, _ := d.probe(k)
	d.table.Remove(&p)
	r := object.At(d.arena, ref)
	if r.HasTimer() {
		d.wheel.Remove(ref)
		tx.ks.addTimer(to, ref)
	}
	tx.ks.moveFieldTimer(d, to, r)
	to.table.Insert(k.Hash, ref)
}
