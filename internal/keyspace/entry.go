package keyspace

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// Type is the type of a value.
type Type = object.Type

// The types.
const (
	TypeString = object.TypeString
	TypeList   = object.TypeList
	TypeSet    = object.TypeSet
	TypeZSet   = object.TypeZSet
	TypeHash   = object.TypeHash
	TypeStream = object.TypeStream
)

// An Entry is a key that was found, with its value. It is valid until the
// next change to the keyspace through the same Tx; it points into the arena.
type Entry struct {
	tx  *Tx
	d   *database
	ref arena.Ref
}

// Tx is the Tx that found it. A Subscriber is told one of a key that is not there, too.
func (e Entry) Tx() *Tx { return e.tx }

func (e Entry) record() object.Record { return object.At(e.d.arena, e.ref) }

// Type returns the type of the value.
func (e Entry) Type() Type { return e.record().Type() }

// Encoding returns the name OBJECT ENCODING shows.
func (e Entry) Encoding() string {
	if r := e.record(); r.Type() != TypeString {
		return value.EncodingName(r)
	}
	return e.record().EncodingName()
}

// ExpireAt returns when the key expires, in Unix milliseconds, or 0 for never.
func (e Entry) ExpireAt() int64 {
	r := e.record()
	if !r.HasTimer() {
		return 0
	}
	return r.ExpireAt()
}

// Expires says whether the key has an expiry.
func (e Entry) Expires() bool { return e.record().HasTimer() }

// Name returns the key's name, in the arena: copy it before any change.
func (e Entry) Name() []byte { return e.record().Key() }

// IdleSeconds is the time since the last access; it is meaningless under an LFU policy.
func (e Entry) IdleSeconds() int64 { return idleSeconds(e.Clock(), e.tx.now) }

// Freq is the LFU counter, decayed to now.
func (e Entry) Freq() int { return int(lfuDecayed(e.Clock(), e.tx.now, &e.tx.ks.Settings)) }

// Clock is the raw 24-bit access clock.
func (e Entry) Clock() uint32 { return e.record().Clock() }

// Memory is the number of bytes that the key and its value take, its share of the index included.
func (e Entry) Memory() int64 {
	r := e.record()
	n := arena.UsableSize(r.Size())
	switch r.Encoding() {
	case object.Blob:
		_, _, capacity := r.BlobInfo()
		n += arena.UsableSize(capacity)
	case object.Rooted:
		n += int(value.Bytes(e.blocks(), r))
	}
	if keys := e.d.table.Len(); keys > 0 {
		n += e.d.table.Slots() / keys * 16 / 3 // 64 bytes hold 12 slots
	}
	return int64(n)
}

// Int returns the value of a string that is stored as an integer.
func (e Entry) Int() (n int64, ok bool) {
	r := e.record()
	if r.Encoding() != object.Int {
		return 0, false
	}
	return r.Int(), true
}

// Len is the length of a string value in bytes.
func (e Entry) Len() int { return e.record().StringLen() }

// Bytes returns a string value: in the arena, or, for an integer, its digits
// appended to scratch[:0]. Not to be modified or kept beyond the next change.
func (e Entry) Bytes(scratch []byte) []byte { return e.record().StringBytes(e.blocks(), scratch) }

// blocks is the arena of the blocks of the value.
func (e Entry) blocks() *arena.Arena { return e.tx.ks.blocksOf(e.d.arena, e.record()) }
