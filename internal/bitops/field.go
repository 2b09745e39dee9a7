package bitops

import (
	"encoding/binary"
	"math"
)

// A FieldType is the type of a field. Unsigned ones have up to 63 bits, since
// they are shown as signed 64-bit integers.
type FieldType struct {
	Signed bool
	Bits   int
}

// Overflow is what happens to a value that does not fit.
type Overflow uint8

// The ways to deal with overflow.
const (
	Wrap Overflow = iota // keep the low bits
	Sat                  // the nearest value that fits
	Fail                 // nothing is stored
)

// fieldBytes is the most bytes that a field reaches into.
const fieldBytes = 9

// Get returns the field at a bit offset; bits behind b are 0.
func (t FieldType) Get(b []byte, offset int64) int64 {
	var w [fieldBytes]byte
	copy(w[:], b[min(offset>>3, int64(len(b))):])
	shift := offset & 7
	v := binary.BigEndian.Uint64(w[:])<<shift | uint64(w[8])>>(8-shift)
	if t.Signed {
		return int64(v) >> (64 - t.Bits)
	}
	return int64(v >> (64 - t.Bits))
}

// Set writes the low bits of v to the field at a bit offset, which is in b.
func (t FieldType) Set(b []byte, offset, v int64) {
	var w [fieldBytes]byte
	b = b[offset>>3:]
	copy(w[:], b)
	shift := offset & 7
	mask, field := ^uint64(0)<<(64-t.Bits), uint64(v)<<(64-t.Bits)
	head := binary.BigEndian.Uint64(w[:])
	binary.BigEndian.PutUint64(w[:], head&^(mask>>shift)|field>>shift)
	w[8] = w[8]&^byte(mask<<(8-shift)) | byte(field<<(8-shift))
	copy(b, w[:])
}

// Add returns value + incr as a field of the type can hold it; ok is false if
// it does not fit and over is Fail. To fit a number, add 0 to it.
func (t FieldType) Add(value, incr int64, over Overflow) (sum int64, ok bool) {
	limit, fits := t.check(value, incr)
	switch {
	case fits:
		return value + incr, true
	case over == Sat:
		return limit, true
	case over == Fail:
		return 0, false
	}
	shift := 64 - t.Bits
	sum = int64(uint64(value)+uint64(incr)) << shift
	if t.Signed {
		return sum >> shift, true
	}
	return int64(uint64(sum) >> shift), true
}

// check says whether value + incr fits, and if not, which limit it passes.
// The differences may wrap; a number far below the least one then counts as
// too large, as it does in Redis.
func (t FieldType) check(value, incr int64) (limit int64, fits bool) {
	if !t.Signed {
		return t.checkUnsigned(uint64(value), incr)
	}
	most := int64(math.MaxInt64) >> (64 - t.Bits)
	least := -most - 1
	up, down := most-value, least-value
	switch {
	case value > most, t.Bits < 64 && incr > up, value >= 0 && incr > 0 && incr > up:
		return most, false
	case value < least, t.Bits < 64 && incr < down, value < 0 && incr < 0 && incr < down:
		return least, false
	}
	return 0, true
}

func (t FieldType) checkUnsigned(value uint64, incr int64) (limit int64, fits bool) {
	most := uint64(1)<<t.Bits - 1
	switch {
	case value > most, incr > 0 && incr > int64(most-value):
		return int64(most), false
	case incr < 0 && incr < -int64(value):
		return 0, false
	}
	return 0, true
}
