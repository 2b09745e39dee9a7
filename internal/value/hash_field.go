package value

import (
	"encoding/binary"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// A field of a large hash is a block:
//
//	length of the field and, in bit 0, whether it expires (varint)
//	length of the value (varint)
//	when it expires, if it does: 8 bytes, little endian, Unix milliseconds
//	field
//	value
//
// A field of 11 bytes with a value of 8 fits in 24.

const fieldExpirySize = 8

// fieldBlock is a field's block, taken apart.
type fieldBlock struct {
	p      unsafe.Pointer
	head   int // bytes before the expiry
	name   int // length of the field
	length int // of the value
	timed  bool
}

func fieldAt(a *arena.Arena, ref arena.Ref) fieldBlock {
	p := a.Ptr(ref)
	name, n := varintAt(p, 0)
	length, m := varintAt(p, n)
	return fieldBlock{p, n + m, name >> 1, length, name&1 != 0}
}

// varintAt reads a varint, of one byte mostly.
func varintAt(p unsafe.Pointer, off int) (v, size int) {
	if b := *(*byte)(unsafe.Add(p, off)); b < 0x80 {
		return int(b), 1
	}
	u, size := binary.Uvarint(unsafe.Slice((*byte)(unsafe.Add(p, off)), binary.MaxVarintLen64))
	return int(u), size
}

func (f *fieldBlock) slice(off, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(f.p, off)), n)
}

func (f *fieldBlock) fieldOffset() int {
	if f.timed {
		return f.head + fieldExpirySize
	}
	return f.head
}

// field and value are in the arena.
func (f *fieldBlock) field() []byte { return f.slice(f.fieldOffset(), f.name) }
func (f *fieldBlock) value() []byte { return f.slice(f.fieldOffset()+f.name, f.length) }

// expireAt is when the field expires; 0 for never.
func (f *fieldBlock) expireAt() int64 {
	if !f.timed {
		return 0
	}
	return int64(binary.LittleEndian.Uint64(f.slice(f.head, fieldExpirySize)))
}

// setExpireAt changes when a field expires that does already.
func (f *fieldBlock) setExpireAt(at int64) {
	binary.LittleEndian.PutUint64(f.slice(f.head, fieldExpirySize), uint64(at))
}

func (f *fieldBlock) size() int { return f.fieldOffset() + f.name + f.length }

func fieldSize(name, length int, timed bool) int {
	n := varintSize(name<<1) + varintSize(length) + name + length
	if timed {
		n += fieldExpirySize
	}
	return n
}

// putField writes a block of fieldSize bytes. field and value may not be in it.
func putField(a *arena.Arena, ref arena.Ref, field, value []byte, at int64) {
	head := uint64(len(field)) << 1
	timed := at != 0
	if timed {
		head |= 1
	}
	b := a.Bytes(ref, fieldSize(len(field), len(value), timed))
	n := binary.PutUvarint(b, head)
	n += binary.PutUvarint(b[n:], uint64(len(value)))
	if timed {
		binary.LittleEndian.PutUint64(b[n:], uint64(at))
		n += fieldExpirySize
	}
	n += copy(b[n:], field)
	copy(b[n:], value)
}

func hashField(a *arena.Arena, ref arena.Ref) uint64 {
	f := fieldAt(a, ref)
	return hashOf(f.field())
}

// fieldOrder orders the fields that expire by when they do.
type fieldOrder struct{}

func (fieldOrder) Key(a *arena.Arena, ref arena.Ref) uint64 {
	f := fieldAt(a, ref)
	return uint64(f.expireAt())
}

func (fieldOrder) Tie(a *arena.Arena, ref arena.Ref) []byte {
	f := fieldAt(a, ref)
	return f.field()
}
