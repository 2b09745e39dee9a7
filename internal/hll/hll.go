package hll

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

const (
	// Registers is the number of registers.
	Registers = 1 << indexBits
	// HeaderSize is the number of bytes before the registers.
	HeaderSize = 16
	// EmptySize is the length of an empty HyperLogLog.
	EmptySize = HeaderSize + 2
	// DenseSize is the length of a dense HyperLogLog.
	DenseSize = HeaderSize + Registers*registerBits/8

	indexBits    = 14
	rankBits     = 64 - indexBits
	maxRank      = rankBits + 1
	registerBits = 6
	registerMask = 1<<registerBits - 1

	encodingAt = 4
	dense      = 0
	sparse     = 1
	estimateAt = 8
)

// ErrCorrupt: the string has the header of a HyperLogLog, but its runs are not 16384 registers.
var ErrCorrupt = errors.New("hll: corrupted HyperLogLog")

// Valid says whether a string is a HyperLogLog, as far as that can be seen
// without going through it. All other functions take nothing else.
func Valid(b []byte) bool {
	if len(b) < HeaderSize || string(b[:4]) != "HYLL" {
		return false
	}
	return b[encodingAt] == sparse || b[encodingAt] == dense && len(b) == DenseSize
}

// Dense says whether a HyperLogLog is dense.
func Dense(b []byte) bool { return b[encodingAt] == dense }

// MarkDense makes a header that of a dense HyperLogLog.
func MarkDense(header []byte) { header[encodingAt] = dense }

// AppendEmpty appends an empty HyperLogLog, which is sparse.
func AppendEmpty(b []byte) []byte {
	b = append(b, "HYLL"...)
	b = append(b, sparse, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	return appendZeros(b, Registers)
}

// Cached returns the estimate that was stored, if it is up to date.
func Cached(b []byte) (n uint64, ok bool) {
	n = binary.LittleEndian.Uint64(b[estimateAt:])
	return n, n>>63 == 0
}

// SetCached stores an estimate.
func SetCached(b []byte, n uint64) { binary.LittleEndian.PutUint64(b[estimateAt:], n) }

// Invalidate says that the estimate is out of date.
func Invalidate(b []byte) { b[estimateAt+7] |= 1 << 7 }

// Place returns which register an element belongs to, and its rank.
func Place(element []byte) (index int, rank byte) {
	h := murmur64A(element, 0xadc83b19)
	rest := h>>indexBits | 1<<rankBits
	return int(h & (Registers - 1)), byte(bits.TrailingZeros64(rest)) + 1
}

// murmur64A is MurmurHash64A, reading words in little endian.
func murmur64A(b []byte, seed uint64) uint64 {
	const m, r = 0xc6a4a7935bd1e995, 47
	h := seed ^ uint64(len(b))*m
	for ; len(b) >= 8; b = b[8:] {
		k := binary.LittleEndian.Uint64(b) * m
		k = (k ^ k>>r) * m
		h = (h ^ k) * m
	}
	if len(b) > 0 {
		var tail [8]byte
		copy(tail[:], b)
		h = (h ^ binary.LittleEndian.Uint64(tail[:])) * m
	}
	h = (h ^ h>>r) * m
	return h ^ h>>r
}
