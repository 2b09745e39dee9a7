package object

import (
	"encoding/binary"
	"math"
	"strconv"

	"github.com/redstart-db/redstart/internal/arena"
)

// A String is a string value to be stored: an integer, or bytes.
type String struct {
	Enc   Encoding
	N     int64  // Int
	Bytes []byte // Embedded and Raw: the content; Blob: nil, the block is described by ref, Len, Cap
	Ref   arena.Ref
	Len   int
	Cap   int
	Arena uint16 // the ID of the block's arena; 0: that of the record
}

// FromInt is the value n.
func FromInt(n int64) String { return String{Enc: Int, N: n} }

// FromBytes is the value b in the encoding that Redis would choose; if it is
// too long for a record, Blob without a block yet.
func FromBytes(b []byte) String {
	if len(b) <= 20 {
		if n, ok := ParseInt(b); ok {
			return FromInt(n)
		}
	}
	return FromText(b)
}

// FromText is the value b as text, whatever it reads as.
func FromText(b []byte) String {
	if len(b) > InlineMax {
		return String{Enc: Blob, Len: len(b)}
	}
	return String{Enc: Embedded, Bytes: b}
}

// ParseInt reads the canonical decimal form of a 64-bit integer: what
// formatting the number gives back to the letter.
func ParseInt(b []byte) (int64, bool) {
	digits := b
	neg := len(b) > 0 && b[0] == '-'
	if neg {
		digits = b[1:]
	}
	if len(digits) == 0 || len(digits) > 19 || digits[0] == '0' && (neg || len(digits) > 1) {
		return 0, false
	}
	var u uint64
	for _, c := range digits {
		c -= '0'
		if c > 9 {
			return 0, false
		}
		u = u*10 + uint64(c) // 19 digits fit in 64 bits
	}
	switch {
	case neg && u <= 1<<63:
		return -int64(u), true
	case !neg && u <= math.MaxInt64:
		return int64(u), true
	}
	return 0, false
}

// RecordSize is the size of the record of a key of keyLen bytes with value v.
func RecordSize(keyLen int, timer bool, v *String) int {
	n := headerSize + sizeOfLen(keyLen) + keyLen
	if timer {
		n += timerSize
	}
	switch v.Enc {
	case Int:
		return n + 8
	case Blob:
		return n + blobSize
	}
	return n + sizeOfLen(len(v.Bytes)) + len(v.Bytes)
}

// Fill writes a whole record into the block at r: a string under key. The
// timer's content, if there is one, is for the caller to set. The slices may
// not be part of the block.
func (r Record) Fill(key []byte, timer bool, clock uint32, v *String) {
	b := r.slice(0, RecordSize(len(key), timer, v))
	b[0] = byte(TypeString) | byte(v.Enc)<<encShift
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
	switch v.Enc {
	case Int:
		binary.LittleEndian.PutUint64(b[off:], uint64(v.N))
	case Blob:
		putBlob(b[off:], v.Ref, v.Len, v.Cap, v.Arena)
	default:
		off += putLen(b[off:], len(v.Bytes))
		copy(b[off:], v.Bytes)
	}
}

const capacityBits = 48

func putBlob(b []byte, ref arena.Ref, n, capacity int, id uint16) {
	binary.LittleEndian.PutUint32(b, uint32(ref))
	binary.LittleEndian.PutUint64(b[4:], uint64(n))
	binary.LittleEndian.PutUint64(b[12:], uint64(capacity)|uint64(id)<<capacityBits)
}

// Int returns the number of a string that is stored as one.
func (r Record) Int() int64 {
	return int64(binary.LittleEndian.Uint64(r.slice(r.valueAt(), 8)))
}

// SetInt changes the number of a string that is stored as one.
func (r Record) SetInt(n int64) {
	binary.LittleEndian.PutUint64(r.slice(r.valueAt(), 8), uint64(n))
}

// Inline returns the bytes of a string stored as Embedded or Raw.
func (r Record) Inline() []byte {
	off := r.valueAt()
	n, size := getLen(r.p, off)
	return r.slice(off+size, n)
}

// BlobInfo returns the block, length and capacity of a string stored as Blob.
func (r Record) BlobInfo() (ref arena.Ref, n, capacity int) {
	b := r.slice(r.valueAt(), blobSize)
	capacity = int(binary.LittleEndian.Uint64(b[12:]) & (1<<capacityBits - 1))
	return arena.Ref(binary.LittleEndian.Uint32(b)), int(binary.LittleEndian.Uint64(b[4:])), capacity
}

// SetBlobInfo changes what BlobInfo returns; the arena stays the same.
func (r Record) SetBlobInfo(ref arena.Ref, n, capacity int) {
	putBlob(r.slice(r.valueAt(), blobSize), ref, n, capacity, r.blobArena())
}

func (r Record) blobArena() uint16 { return binary.LittleEndian.Uint16(r.slice(r.valueAt()+18, 2)) }

// Elsewhere returns the ID of the arena in which the blocks of the value are:
// 0 if it has none outside the record, or if that is the record's arena.
func (r Record) Elsewhere() uint16 {
	switch r.Encoding() {
	case Blob:
		return r.blobArena()
	case Rooted:
		return binary.LittleEndian.Uint16(r.Body()[4:])
	}
	return 0
}

// SetEncoding changes the encoding to another of the same layout.
func (r Record) SetEncoding(e Encoding) {
	b := r.byteAt(0)
	*b = *b&(1<<encShift-1) | byte(e)<<encShift
}

// StringBytes returns the content of a string: in the arena of its blocks, or,
// for an integer, its digits appended to scratch[:0].
func (r Record) StringBytes(a *arena.Arena, scratch []byte) []byte {
	switch r.Encoding() {
	case Int:
		return strconv.AppendInt(scratch[:0], r.Int(), 10)
	case Blob:
		ref, n, _ := r.BlobInfo()
		return a.Bytes(ref, n)
	}
	return r.Inline()
}

// StringLen returns the length of a string in bytes.
func (r Record) StringLen() int {
	switch r.Encoding() {
	case Int:
		var digits [20]byte
		return len(strconv.AppendInt(digits[:0], r.Int(), 10))
	case Blob:
		_, n, _ := r.BlobInfo()
		return n
	}
	return len(r.Inline())
}

// EncodingName returns what OBJECT ENCODING answers.
func (r Record) EncodingName() string {
	switch r.Encoding() {
	case Int:
		return "int"
	case Embedded:
		if len(r.Inline()) <= EmbstrMax {
			return "embstr"
		}
	}
	return "raw"
}

// Disown makes a Blob that gave its block away an empty string of the same
// size, so that freeing the record frees nothing else.
func (r Record) Disown() { r.SetBlobInfo(0, 0, 0) }
