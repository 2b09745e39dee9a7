package value

import (
	"encoding/binary"
	"math"

	"github.com/redstart-db/redstart/internal/arena"
)

// An element of a rooted sorted set is a block:
//
//	bytes 0-7  the score, a float in 8 bytes
//	length     of the member: 1 byte below 128, else 4, big endian, top bit set
//	member
//
// The table and the tree of the set both name it. 11 bytes make a block of 24.

const scoreSize = 8

func zElementSize(memberLen int) int {
	if memberLen < 0x80 {
		return scoreSize + 1 + memberLen
	}
	return scoreSize + 4 + memberLen
}

// newZElement makes an element.
func newZElement(a *arena.Arena, member []byte, score float64) arena.Ref {
	n := zElementSize(len(member))
	ref := a.Alloc(n, arena.Element)
	b := a.Bytes(ref, n)
	setZScore(b, score)
	if len(member) < 0x80 {
		b[scoreSize] = byte(len(member))
	} else {
		binary.BigEndian.PutUint32(b[scoreSize:], uint32(len(member))|1<<31)
	}
	copy(b[n-len(member):], member)
	return ref
}

func zMember(a *arena.Arena, ref arena.Ref) []byte {
	b := a.Bytes(ref, scoreSize+4)
	if n := int(b[scoreSize]); n < 0x80 {
		return a.Bytes(ref, scoreSize+1+n)[scoreSize+1:]
	}
	n := int(binary.BigEndian.Uint32(b[scoreSize:]) &^ (1 << 31))
	return a.Bytes(ref, scoreSize+4+n)[scoreSize+4:]
}

func zScore(a *arena.Arena, ref arena.Ref) float64 {
	return math.Float64frombits(binary.LittleEndian.Uint64(a.Bytes(ref, scoreSize)))
}

func setZScore(b []byte, score float64) {
	binary.LittleEndian.PutUint64(b, math.Float64bits(score))
}

// scoreKey turns a score into a number that compares as it does; the two
// zeros are equal.
func scoreKey(score float64) uint64 {
	b := math.Float64bits(score)
	switch {
	case score == 0:
		return 1 << 63
	case b>>63 != 0:
		return ^b
	}
	return b | 1<<63
}

// zOrder is the order of elements: by score, then by member.
type zOrder struct{}

func (zOrder) Key(a *arena.Arena, ref arena.Ref) uint64 { return scoreKey(zScore(a, ref)) }
func (zOrder) Tie(a *arena.Arena, ref arena.Ref) []byte { return zMember(a, ref) }

func zHash(a *arena.Arena, ref arena.Ref) uint64 { return hashOf(zMember(a, ref)) }
