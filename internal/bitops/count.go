package bitops

import (
	"encoding/binary"
	"math/bits"
)

// Count returns the number of bits that are set.
func Count(b []byte) (n int64) {
	for len(b) >= 64 {
		w := (*[64]byte)(b)
		n += int64(ones(w, 0) + ones(w, 8) + ones(w, 16) + ones(w, 24) + ones(w, 32) + ones(w, 40) + ones(w, 48) + ones(w, 56))
		b = b[64:]
	}
	for len(b) >= 8 {
		n += int64(bits.OnesCount64(binary.LittleEndian.Uint64(b)))
		b = b[8:]
	}
	for _, c := range b {
		n += int64(bits.OnesCount8(c))
	}
	return n
}

func ones(w *[64]byte, i int) int { return bits.OnesCount64(binary.LittleEndian.Uint64(w[i : i+8])) }

// CountBits returns how many of the bits first to last are set. Both are in b,
// and first is not behind last.
func CountBits(b []byte, first, last int64) int64 {
	from, to := first>>3, last>>3
	n := Count(b[from : to+1])
	n -= int64(bits.OnesCount8(b[from] &^ (0xff >> (first & 7))))
	return n - int64(bits.OnesCount8(b[to]&^lastMask(last)))
}

// lastMask is the bits up to the given one in its byte.
func lastMask(last int64) byte { return 0xff << (7 - last&7) }

// Find returns the position of the first bit from first to last that is set,
// or clear, or -1. Both are in b, and first is not behind last.
func Find(b []byte, set bool, first, last int64) int64 {
	flip := byte(0xff)
	if set {
		flip = 0
	}
	from, to := first>>3, last>>3
	if c := (b[from] ^ flip) & (0xff >> (first & 7)); c != 0 {
		return within(from, c, last)
	}
	from++
	if from > to {
		return -1
	}
	at := from + int64(firstOther(b[from:to+1], flip))
	if at > to {
		return -1
	}
	return within(at, b[at]^flip, last)
}

// within is the position of the first bit of c, which is byte i, or -1 if that
// is behind last.
func within(i int64, c byte, last int64) int64 {
	if at := i<<3 + int64(bits.LeadingZeros8(c)); at <= last {
		return at
	}
	return -1
}

// firstOther is the index of the first byte that is not skip, or the length.
func firstOther(b []byte, skip byte) int {
	i, word := 0, uint64(skip)*0x0101010101010101
	for len(b)-i >= 32 {
		w := (*[32]byte)(b[i:])
		d := (binary.LittleEndian.Uint64(w[0:8]) ^ word) | (binary.LittleEndian.Uint64(w[8:16]) ^ word) |
			(binary.LittleEndian.Uint64(w[16:24]) ^ word) | (binary.LittleEndian.Uint64(w[24:32]) ^ word)
		if d != 0 {
			break
		}
		i += 32
	}
	for i < len(b) && b[i] == skip {
		i++
	}
	return i
}
