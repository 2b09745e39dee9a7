// Package object lays out keys and values in arena memory: the record of a
// key, and the encodings of the values in it. It knows no command, no client
// and no index.
//
// # The record
//
// A key is one block:
//
//	byte 0      type (bits 0-3), has a timer (bit 4), encoding (bits 5-7)
//	bytes 1-3   access clock: seconds of the last access, or, under an LFU
//	            policy, 16 bits of minutes and the 8-bit counter
//	length      of the key: 1 byte below 128, else 4 bytes, big endian, top bit set
//	timer       13 bytes, if the key expires: when (8 bytes, Unix
//	            milliseconds) and where in the timer wheel (chunk 4, index 1)
//	key
//	value       by encoding:
//	  Int       8 bytes
//	  Embedded  length as for the key, bytes; 44 bytes or less are "embstr"
//	  Raw       the same, for a string that was modified in place ("raw")
//	  Blob      ref 4, length 8, capacity 6, arena 2: the bytes are a block of their own
//	  Packed    length, bytes: a small collection, a listpack
//	  IntSet    length, bytes: a small set of integers
//	  Timed     length, bytes: a small hash with fields that expire
//	  Rooted    length, bytes: the ref of a large collection's first block (4
//	            bytes) and the arena it is in (2 bytes)
//
// An arena is given by its ID, 0 being the one the record is in. What is in the last four is for package value to say. Numbers are little
// endian unless said otherwise and not aligned. A key of 17 bytes with a value
// of 8 takes 31 bytes, one block of 32.
//
// # Invariants
//
// The size of a record's block follows from its content (Size), so that it
// can be freed without looking anything up; whoever changes the content to
// another block size moves it. Nothing in a record is a Go pointer.
//
// # Rejected
//
// An object with reference count and pointer to the value, as in Redis: 16
// bytes of header and a miss more per access; shared objects make every
// counter a contended line. Values of all sizes in the record: setting an expiry would copy megabytes.
package object

import (
	"encoding/binary"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// Type is the type of a value.
type Type uint8

// The types; the numbers are stored in records.
const (
	TypeString Type = iota
	TypeList
	TypeSet
	TypeZSet
	TypeHash
	TypeStream
)

var typeNames = [...]string{"string", "list", "set", "zset", "hash", "stream"}

func (t Type) String() string { return typeNames[t] }

// Encoding is how a value is stored.
type Encoding uint8

// The encodings: of strings, then of collections.
const (
	Int Encoding = iota
	Embedded
	Raw
	Blob
	Packed
	IntSet
	Rooted
	Timed
)

const (
	headerSize = 4
	timerSize  = 13
	blobSize   = 20

	typeMask  = 0x0f
	timerFlag = 0x10
	encShift  = 5

	// InlineMax is the longest value kept in its record.
	InlineMax = 1024
	// EmbstrMax is the longest value that Redis embeds, for OBJECT ENCODING.
	EmbstrMax = 44
)

// A Record is the address of a key's block.
type Record struct{ p unsafe.Pointer }

// At returns the record at ref.
func At(a *arena.Arena, ref arena.Ref) Record { return Record{a.Ptr(ref)} }

func (r Record) byteAt(i int) *byte { return (*byte)(unsafe.Add(r.p, i)) }

func (r Record) slice(off, n int) []byte {
	return unsafe.Slice((*byte)(unsafe.Add(r.p, off)), n)
}

// Type returns the type of the value.
func (r Record) Type() Type { return Type(*r.byteAt(0) & typeMask) }

// Encoding returns how the value is stored.
func (r Record) Encoding() Encoding { return Encoding(*r.byteAt(0) >> encShift) }

// HasTimer says whether the key expires.
func (r Record) HasTimer() bool { return *r.byteAt(0)&timerFlag != 0 }

// Clock returns the 24-bit access clock.
func (r Record) Clock() uint32 {
	return binary.LittleEndian.Uint32(r.slice(0, 4)) >> 8
}

// SetClock sets the access clock.
func (r Record) SetClock(c uint32) {
	b := r.slice(0, 4)
	binary.LittleEndian.PutUint32(b, c<<8|uint32(b[0]))
}

// ExpireAt returns when the key expires, in Unix milliseconds; the record has a timer.
func (r Record) ExpireAt() int64 {
	return int64(binary.LittleEndian.Uint64(r.slice(r.timerAt(), 8)))
}

// SetExpireAt sets when the key expires; the record has a timer.
func (r Record) SetExpireAt(at int64) {
	binary.LittleEndian.PutUint64(r.slice(r.timerAt(), 8), uint64(at))
}

// TimerPos returns where the timer wheel holds the record.
func (r Record) TimerPos() (chunk arena.Ref, index int) {
	b := r.slice(r.timerAt()+8, 5)
	return arena.Ref(binary.LittleEndian.Uint32(b)), int(b[4])
}

// SetTimerPos notes where the timer wheel holds the record.
func (r Record) SetTimerPos(chunk arena.Ref, index int) {
	b := r.slice(r.timerAt()+8, 5)
	binary.LittleEndian.PutUint32(b, uint32(chunk))
	b[4] = byte(index)
}

func (r Record) timerAt() int { return headerSize + lenSize(*r.byteAt(headerSize)) }

// Key returns the key's name, in the arena.
func (r Record) Key() []byte {
	off, n := r.key()
	return r.slice(off, n)
}

func (r Record) key() (off, n int) {
	n, size := getLen(r.p, headerSize)
	off = headerSize + size
	if r.HasTimer() {
		off += timerSize
	}
	return off, n
}

func (r Record) valueAt() int {
	off, n := r.key()
	return off + n
}

// Size returns the size of the block that the record was allocated with.
func (r Record) Size() int {
	off := r.valueAt()
	switch r.Encoding() {
	case Int:
		return off + 8
	case Blob:
		return off + blobSize
	}
	n, size := getLen(r.p, off)
	return off + size + n
}

// CollectionSize is the size of the record of a key of keyLen bytes whose
// value is a collection with n bytes in the record.
func CollectionSize(keyLen int, timer bool, n int) int {
	size := headerSize + sizeOfLen(keyLen) + keyLen + sizeOfLen(n) + n
	if timer {
		size += timerSize
	}
	return size
}

// FillCollection writes a record with n bytes, not set, for the value into the
// block at r. The timer's content is for the caller to set, too. The key may not be part of the block.
func (r Record) FillCollection(key []byte, timer bool, clock uint32, t Type, e Encoding, n int) {
	b := r.slice(0, CollectionSize(len(key), timer, n))
	b[0] = byte(t) | byte(e)<<encShift
	if timer {
		b[0] |= timerFlag
	}
	r.SetClock(clock)
	off := headerSize
	off += putLen(b[off:], len(key))
	if timer {
		off += timerSize
	}
	off += copy(b[off:], key)
	putLen(b[off:], n)
}

// Body returns the bytes in the record of a collection.
func (r Record) Body() []byte { return r.Inline() }

// SizeWithBody is the size that the record would have with n bytes for its collection.
func (r Record) SizeWithBody(n int) int { return r.valueAt() + sizeOfLen(n) + n }

// ResizeBody makes a collection's bytes in the record n long, in the same
// block, and keeps what fits of them.
func (r Record) ResizeBody(e Encoding, n int) { r.CopyWithBody(r, e, n) }

// CopyWithBody copies the record to a block, which may be its own, with an
// encoding and with n bytes for the collection: its own, as far as they go.
func (r Record) CopyWithBody(to Record, e Encoding, n int) {
	at, body := r.valueAt(), r.Inline()
	if to.p != r.p {
		copy(to.slice(0, at), r.slice(0, at))
	}
	dst := to.slice(at, sizeOfLen(n)+n)
	copy(dst[sizeOfLen(n):], body) // before the length, which may be longer than it was
	putLen(dst, n)
	to.SetEncoding(e)
}

// The length prefix: 1 byte below 128, else 4.

func lenSize(first byte) int {
	if first < 0x80 {
		return 1
	}
	return 4
}

func sizeOfLen(n int) int {
	if n < 0x80 {
		return 1
	}
	return 4
}

func getLen(p unsafe.Pointer, off int) (n, size int) {
	b := *(*byte)(unsafe.Add(p, off))
	if b < 0x80 {
		return int(b), 1
	}
	return int(binary.BigEndian.Uint32(unsafe.Slice((*byte)(unsafe.Add(p, off)), 4)) &^ (1 << 31)), 4
}

func putLen(b []byte, n int) int {
	if n < 0x80 {
		b[0] = byte(n)
		return 1
	}
	binary.BigEndian.PutUint32(b, uint32(n)|1<<31)
	return 4
}

// SizeWithTimer is the size that the record would have with or without a timer.
func (r Record) SizeWithTimer(timer bool) int {
	n := r.Size()
	if r.HasTimer() {
		n -= timerSize
	}
	if timer {
		n += timerSize
	}
	return n
}

// CopyTo writes the record to another block with or without a timer, whose
// content is for the caller to set.
func (r Record) CopyTo(to Record, timer bool) {
	head := r.timerAt()
	rest, _ := r.key()
	n := r.Size() - rest
	copy(to.slice(0, head), r.slice(0, head))
	b := to.byteAt(0)
	*b &^= timerFlag
	if timer {
		*b |= timerFlag
		head += timerSize
	}
	copy(to.slice(head, n), r.slice(rest, n))
}
