package hll

import "encoding/binary"

// Get returns a register of a dense HyperLogLog.
func Get(b []byte, index int) byte {
	at, shift := HeaderSize+index*registerBits>>3, index*registerBits&7
	w := uint(b[at])
	if at+1 < DenseSize {
		w |= uint(b[at+1]) << 8
	}
	return byte(w >> shift & registerMask)
}

// Set sets a register of a dense HyperLogLog.
func Set(b []byte, index int, rank byte) {
	at, shift := HeaderSize+index*registerBits>>3, index*registerBits&7
	mask, v := uint(registerMask)<<shift, uint(rank)<<shift
	b[at] = b[at]&^byte(mask) | byte(v)
	if at+1 < DenseSize {
		b[at+1] = b[at+1]&^byte(mask>>8) | byte(v>>8)
	}
}

// group is how many registers are unpacked at a time.
const group = 8

// unpack cuts 32 registers, in 24 bytes, into four groups of 48 bits.
func unpack(b *[24]byte) (g [4]uint64) {
	x, y, z := binary.LittleEndian.Uint64(b[0:]), binary.LittleEndian.Uint64(b[8:]), binary.LittleEndian.Uint64(b[16:])
	const mask = 1<<48 - 1
	return [4]uint64{x & mask, (x>>48 | y<<16) & mask, (y>>32 | z<<32) & mask, z >> 16}
}

// pack is the reverse of unpack.
func pack(b *[24]byte, g [4]uint64) {
	binary.LittleEndian.PutUint64(b[0:], g[0]|g[1]<<48)
	binary.LittleEndian.PutUint64(b[8:], g[1]>>16|g[2]<<32)
	binary.LittleEndian.PutUint64(b[16:], g[2]>>32|g[3]<<16)
}

// spread gives each of a group's registers a byte.
func spread(g uint64) uint64 {
	g = g&0xffffff | g>>24<<32
	g = g&0x00000fff_00000fff | g&0x00fff000_00fff000<<4
	return g&0x003f003f_003f003f | g&0x0fc00fc0_0fc00fc0<<2
}

// gather is the reverse of spread.
func gather(w uint64) uint64 {
	w = w&0x003f003f_003f003f | w>>2&0x0fc00fc0_0fc00fc0
	w = w&0x00000fff_00000fff | w>>4&0x00fff000_00fff000
	return w&0xffffff | w>>32<<24
}

// larger takes the larger of each two bytes, which are below 128.
func larger(a, b uint64) uint64 {
	const top = 0x80808080_80808080
	ge := (a | top - b) & top // set where a >= b: the byte did not borrow its own top bit
	mask := ge - ge>>7 | ge
	return a&mask | b&^mask
}
