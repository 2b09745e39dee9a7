// Package xxh3 computes the 64-bit XXH3 hash with the default secret and no
// seed: the digest of DIGEST, SET IFDEQ and the like. It is the published
// algorithm and nothing more; the vector instructions that make other
// implementations fast do not matter for values of a few bytes.
//
// Short inputs are hashed by formulas for a range of lengths each; beyond 240
// bytes, stripes of 64 bytes are accumulated in eight lanes, scrambled after
// each block of 1024.
package xxh3

import (
	"encoding/binary"
	"math/bits"
)

const (
	prime32a = 0x9E3779B1
	prime32b = 0x85EBCA77
	prime32c = 0xC2B2AE3D
	prime64a = 0x9E3779B185EBCA87
	prime64b = 0xC2B2AE3D27D4EB4F
	prime64c = 0x165667B19E3779F9
	prime64d = 0x85EBCA77C2B2AE63
	prime64e = 0x27D4EB2F165667C5
	primeMX1 = 0x165667919E3779F9
	primeMX2 = 0x9FB21C651E98DF25
)

// secret is the default secret of the algorithm.
const secret = "" +
	"\xb8\xfe\x6c\x39\x23\xa4\x4b\xbe\x7c\x01\x81\x2c\xf7\x21\xad\x1c\xde\xd4\x6d\xe9\x83\x90\x97\xdb\x72\x40\xa4\xa4\xb7\xb3\x67\x1f" +
	"\xcb\x79\xe6\x4e\xcc\xc0\xe5\x78\x82\x5a\xd0\x7d\xcc\xff\x72\x21\xb8\x08\x46\x74\xf7\x43\x24\x8e\xe0\x35\x90\xe6\x81\x3a\x26\x4c" +
	"\x3c\x28\x52\xbb\x91\xc3\x00\xcb\x88\xd0\x65\x8b\x1b\x53\x2e\xa3\x71\x64\x48\x97\xa2\x0d\xf9\x4e\x38\x19\xef\x46\xa9\xde\xac\xd8" +
	"\xa8\xfa\x76\x3f\xe3\x9c\x34\x3f\xf9\xdc\xbb\xc7\xc7\x0b\x4f\x1d\x8a\x51\xe0\x4b\xcd\xb4\x59\x31\xc8\x9f\x7e\xc9\xd9\x78\x73\x64" +
	"\xea\xc5\xac\x83\x34\xd3\xeb\xc3\xc5\x81\xa0\xff\xfa\x13\x63\xeb\x17\x0d\xdd\x51\xb7\xf0\xda\x49\xd3\x16\x55\x26\x29\xd4\x68\x9e" +
	"\x2b\x16\xbe\x58\x7d\x47\xa1\xfc\x8f\xf8\xb8\xd1\x7a\xd0\x31\xce\x45\xcb\x3a\x8f\x95\x16\x04\x28\xaf\xd7\xfb\xca\xbb\x4b\x40\x7e"

const (
	stripeLen       = 64
	stripesPerBlock = (len(secret) - stripeLen) / 8
	blockLen        = stripeLen * stripesPerBlock
	midLastSecret   = 136 - 17 // where the last 16 bytes of a middle-sized input find their secret
)

// Sum64 returns the hash of b.
func Sum64(b []byte) uint64 {
	switch n := len(b); {
	case n == 0:
		return avalanche64(key(56) ^ key(64))
	case n <= 3:
		return sum3(b)
	case n <= 8:
		return sum8(b)
	case n <= 16:
		return sum16(b)
	case n <= 128:
		return sum128(b)
	case n <= 240:
		return sum240(b)
	}
	return sumLong(b)
}

func sum3(b []byte) uint64 {
	n := len(b)
	word := uint64(b[0])<<16 | uint64(b[n>>1])<<24 | uint64(b[n-1]) | uint64(n)<<8
	return avalanche64(word ^ (key(0)&0xffffffff ^ key(0)>>32))
}

func sum8(b []byte) uint64 {
	n := len(b)
	word := uint64(binary.LittleEndian.Uint32(b))<<32 + uint64(binary.LittleEndian.Uint32(b[n-4:]))
	h := word ^ (key(8) ^ key(16))
	h ^= bits.RotateLeft64(h, 49) ^ bits.RotateLeft64(h, 24)
	h *= primeMX2
	h ^= h>>35 + uint64(n)
	h *= primeMX2
	return h ^ h>>28
}

func sum16(b []byte) uint64 {
	n := len(b)
	lo := word(b, 0) ^ (key(24) ^ key(32))
	hi := word(b, n-8) ^ (key(40) ^ key(48))
	return avalanche(uint64(n) + bits.ReverseBytes64(lo) + hi + fold(lo, hi))
}

func sum128(b []byte) uint64 {
	n := len(b)
	h := uint64(n) * prime64a
	for i := (n - 1) / 32; i >= 0; i-- {
		h += mix(b, 16*i, 32*i) + mix(b, n-16*(i+1), 32*i+16)
	}
	return avalanche(h)
}

func sum240(b []byte) uint64 {
	n := len(b)
	h := uint64(n) * prime64a
	for i := 0; i < 8; i++ {
		h += mix(b, 16*i, 16*i)
	}
	h = avalanche(h)
	for i := 8; i < n/16; i++ {
		h += mix(b, 16*i, 16*(i-8)+3)
	}
	return avalanche(h + mix(b, n-16, midLastSecret))
}

// lanes are the accumulators of a long input.
type lanes [8]uint64

func sumLong(b []byte) uint64 {
	n := len(b)
	acc := lanes{prime32c, prime64a, prime64b, prime64c, prime64d, prime32b, prime64e, prime32a}
	rest := b
	for len(rest) > blockLen {
		acc.stripes(rest, stripesPerBlock)
		acc.scramble()
		rest = rest[blockLen:]
	}
	acc.stripes(rest, (len(rest)-1)/stripeLen)
	acc.stripe(b[n-stripeLen:], len(secret)-stripeLen-7)
	h := uint64(n) * prime64a
	for i := 0; i < 8; i += 2 {
		h += fold(acc[i]^key(11+8*i), acc[i+1]^key(19+8*i))
	}
	return avalanche(h)
}

func (acc *lanes) stripes(b []byte, n int) {
	for i := range n {
		acc.stripe(b[i*stripeLen:], 8*i)
	}
}

func (acc *lanes) stripe(b []byte, k int) {
	for i := range acc {
		w := word(b, 8*i)
		mixed := w ^ key(k+8*i)
		acc[i^1] += w
		acc[i] += mixed & 0xffffffff * (mixed >> 32)
	}
}

func (acc *lanes) scramble() {
	for i, a := range acc {
		acc[i] = (a ^ a>>47 ^ key(len(secret)-stripeLen+8*i)) * prime32a
	}
}

func word(b []byte, i int) uint64 { return binary.LittleEndian.Uint64(b[i:]) }

// key is the word of the secret at byte i.
func key(i int) uint64 {
	s := secret[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// mix hashes 16 bytes at i with the secret at k.
func mix(b []byte, i, k int) uint64 { return fold(word(b, i)^key(k), word(b, i+8)^key(k+8)) }

// fold is both halves of the product, xored.
func fold(x, y uint64) uint64 {
	hi, lo := bits.Mul64(x, y)
	return hi ^ lo
}

func avalanche(h uint64) uint64 {
	h ^= h >> 37
	h *= primeMX1
	return h ^ h>>32
}

func avalanche64(h uint64) uint64 {
	h ^= h >> 33
	h *= prime64b
	h ^= h >> 29
	h *= prime64c
	return h ^ h>>32
}
