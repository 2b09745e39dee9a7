package keyspace

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// Collections. A command gets the Cell of a key, works on it through package
// value, and deletes the key if the collection is empty then.

// ReadCell is Read of a collection: it fails with ErrWrongType if the value is
// of another type. It is for commands that do not change it.
func (tx *Tx) ReadCell(k Key, t Type) (c value.Cell, found bool, err error) {
	e, ok := tx.Read(k)
	found, err = tx.openCell(&c, k, e, ok, t)
	return c, found, err
}

// WriteCell is Write of a collection: as ReadCell, but counts neither hit nor miss.
func (tx *Tx) WriteCell(k Key, t Type) (c value.Cell, found bool, err error) {
	found, err = tx.OpenCell(&c, k, t)
	return c, found, err
}

// OpenCell is WriteCell that writes the Cell to c, if there is one: Cells are
// long, and this is on the way of every command that adds an element.
func (tx *Tx) OpenCell(c *value.Cell, k Key, t Type) (found bool, err error) {
	e, ok := tx.Write(k)
	return tx.openCell(c, k, e, ok, t)
}

// openCell makes c the Cell of an entry, if there is one.
func (tx *Tx) openCell(c *value.Cell, k Key, e Entry, ok bool, t Type) (found bool, err error) {
	if !ok {
		return false, nil
	}
	if e.Type() != t {
		return false, ErrWrongType
	}
	tx.placeAt(c.At(), k, e.d, e.ref)
	return true, nil
}

// MakeCell is WriteCell that makes the collection if there is none: then the
// Cell IsNew, with a body of n bytes that the caller must write.
func (tx *Tx) MakeCell(k Key, t Type, enc object.Encoding, n int) (value.Cell, error) {
	c, found, err := tx.WriteCell(k, t)
	if found || err != nil {
		return c, err
	}
	if tx.hidden {
		tx.removeHidden(k)
	}
	tx.changing(k, nil, 0)
	if tx.want(WantMade) {
		tx.made(k)
	}
	return tx.insertCell(k, t, enc, n, NoTTL, newClock(Policy(tx.ks.Settings.Policy.Load()), tx.now)), nil
}

// NewCell makes the value of k a new collection, whatever k held before, with
// a body of n bytes that the caller must write.
func (tx *Tx) NewCell(k Key, t Type, enc object.Encoding, n int, ttl TTL) value.Cell {
	d, _, ref := tx.find(k)
	if ref == 0 && tx.hidden {
		tx.removeHidden(k)
	}
	tx.changing(k, d, ref)
	switch {
	case !tx.want(WantMade):
	case ref == 0:
		tx.made(k)
	case !tx.moving:
		tx.NotifyReplaced(k, object.At(d.arena, ref).Type(), t)
	}
	clock := newClock(Policy(tx.ks.Settings.Policy.Load()), tx.now)
	if ref != 0 {
		r := object.At(d.arena, ref)
		clock = touched(r.Clock(), tx.now, Policy(tx.ks.Settings.Policy.Load()), &tx.ks.Settings)
		if ttl == KeepTTL && r.HasTimer() {
			ttl = TTL(r.ExpireAt())
		}
		p, _ := d.probe(k)
		tx.unlinkRecord(tx.shard(k.Hash), d, &p)
	}
	return tx.insertCell(k, t, enc, n, ttl, clock)
}

// insertCell makes a collection of a key that is not there.
func (tx *Tx) insertCell(k Key, t Type, enc object.Encoding, n int, ttl TTL, clock uint32) value.Cell {
	d := tx.ks.database(tx.shard(k.Hash), tx.db, tx.now)
	timer := ttl > 0
	ref := d.arena.Alloc(object.CollectionSize(len(k.Name), timer, n), arena.Record)
	r := object.At(d.arena, ref)
	r.FillCollection(k.Name, timer, clock, t, enc, n)
	if enc == object.Rooted {
		clear(r.Body()) // its arena is read before the caller writes it
	}
	if timer {
		r.SetExpireAt(int64(ttl))
		tx.ks.addTimer(d, ref)
	}
	tx.found = finding{}
	d.table.Insert(k.Hash, ref)
	return value.OpenNew(tx.place(k, d, ref))
}

func (tx *Tx) place(k Key, d *database, ref arena.Ref) (p value.Place) {
	tx.placeAt(&p, k, d, ref)
	return p
}

func (tx *Tx) placeAt(p *value.Place, k Key, d *database, ref arena.Ref) {
	p.Home, p.Blocks, p.Owner = &d.home, tx.ks.blocksOf(d.arena, object.At(d.arena, ref)), tx
	p.Name, p.Hash, p.DB, p.Ref = k.Name, k.Hash, int32(tx.db), ref
}

// Changing is called by a Cell before its first change.
func (tx *Tx) Changing(name []byte, hash uint64, db int, ref arena.Ref) {
	back := tx.db
	tx.db = db
	tx.changingInside(Key{name, hash}, tx.shard(hash).dbs[db].Load(), ref)
	tx.db = back
}

// Cell returns the entry's collection, to read. The value is not a string.
func (e Entry) Cell() value.Cell {
	name := e.Name()
	return value.Open(e.tx.place(e.tx.Key(name), e.d, e.ref))
}

// renameCollection gives the collection in record ref of d to dst.
func (tx *Tx) renameCollection(d *database, ref arena.Ref, dst Key) {
	r := object.At(d.arena, ref)
	tx.ks.dropFieldTimer(d, r)
	if r.Encoding() == object.Rooted {
		a := tx.ks.blocksOf(d.arena, r)
		if id, ok := tx.stays(a, tx.shard(dst.Hash).arena, value.Bytes(a, r)); ok {
			c := tx.makeLike(d, ref, dst)
			value.SetArena(c.Body(), id)
			tx.armMoved(dst)
			r.ResizeBody(object.Packed, len(r.Body())) // the old record owns nothing any more
			return
		}
	}
	tx.copyCollection(d, ref, dst, tx.db)
}

// copyCollection makes dst of database db a copy of the collection in record ref of d.
func (tx *Tx) copyCollection(d *database, ref arena.Ref, dst Key, db int) {
	back := tx.db
	tx.db = db
	c := tx.makeLike(d, ref, dst)
	r := object.At(d.arena, ref)
	value.CloneBody(tx.ks.blocksOf(d.arena, r), r, tx.shard(dst.Hash).arena, c.Body())
	tx.armMoved(dst)
	tx.db = back
}

// makeLike makes dst a collection with a body for that of record ref of d, and its expiry.
func (tx *Tx) makeLike(d *database, ref arena.Ref, dst Key) value.Cell {
	r := object.At(d.arena, ref)
	ttl := NoTTL
	if r.HasTimer() {
		ttl = TTL(r.ExpireAt())
	}
	c := tx.NewCell(dst, r.Type(), r.Encoding(), len(r.Body()), ttl)
	copy(c.Body(), r.Body())
	return c
}
