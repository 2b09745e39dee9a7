package table

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

const (
	slotsPerBucket  = 12
	bucketSize      = 64
	maxDisplacement = 3
)

// bucket is one cache line. It lives in the arena and holds no Go pointer.
// A slot is empty if its ref is 0.
type bucket struct {
	refs         [slotsPerBucket]arena.Ref
	fingerprints [slotsPerBucket]uint8
	displaced    [3]uint8 // 2 bits per slot
	overflow     uint8    // keys stored in a later bucket that passed over this one
}

func (b *bucket) displacement(slot int) int {
	return int(b.displaced[slot>>2]>>(slot&3*2)) & 3
}

func (b *bucket) put(slot int, ref arena.Ref, fingerprint uint8, displacement int) {
	b.refs[slot] = ref
	b.fingerprints[slot] = fingerprint
	shift := slot & 3 * 2
	b.displaced[slot>>2] = b.displaced[slot>>2]&^(3<<shift) | uint8(displacement)<<shift
}

// emptySlot returns an empty slot, or -1.
func (b *bucket) emptySlot() int {
	for i, ref := range b.refs {
		if ref == 0 {
			return i
		}
	}
	return -1
}

// match returns a bit per slot whose fingerprint is fp. Empty slots may be among them.
func (b *bucket) match(fp uint8) uint32 {
	// Bytes equal to fp are zero after the exclusive or; the classic trick
	// finds zero bytes 8 at a time. It may also mark a byte of 1 above a
	// zero byte: a false candidate, which comparing keys sorts out.
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	p := (*[slotsPerBucket]byte)(unsafe.Pointer(&b.fingerprints))
	lo := binary.LittleEndian.Uint64(p[0:8]) ^ ones*uint64(fp)
	hi := uint64(binary.LittleEndian.Uint32(p[8:12])) ^ (ones >> 32 * uint64(fp))
	lo = (lo - ones) &^ lo & highs
	hi = (hi - ones>>32) &^ hi & (highs >> 32)
	return gatherHighBits(lo) | gatherHighBits(hi)<<8
}

// gatherHighBits packs the top bit of each byte of x into the low 8 bits.
func gatherHighBits(x uint64) uint32 {
	return uint32((x >> 7 * 0x0102040810204080) >> 56)
}

func lowestBit(m uint32) int { return bits.TrailingZeros32(m) }
