package bitops

import "encoding/binary"

// The steps on strings of one length. dst may be a or b. They differ in one
// operator; a function value for it would cost a call per word.

func load(w *[32]byte, i int) uint64 { return binary.LittleEndian.Uint64(w[i : i+8]) }

func store(w *[32]byte, i int, v uint64) { binary.LittleEndian.PutUint64(w[i:i+8], v) }

func and(dst, a, b []byte) {
	a, b = a[:len(dst)], b[:len(dst)]
	for len(dst) >= 32 {
		d, x, y := (*[32]byte)(dst), (*[32]byte)(a), (*[32]byte)(b)
		store(d, 0, load(x, 0)&load(y, 0))
		store(d, 8, load(x, 8)&load(y, 8))
		store(d, 16, load(x, 16)&load(y, 16))
		store(d, 24, load(x, 24)&load(y, 24))
		dst, a, b = dst[32:], a[32:], b[32:]
	}
	for i := range dst {
		dst[i] = a[i] & b[i]
	}
}

func or(dst, a, b []byte) {
	a, b = a[:len(dst)], b[:len(dst)]
	for len(dst) >= 32 {
		d, x, y := (*[32]byte)(dst), (*[32]byte)(a), (*[32]byte)(b)
		store(d, 0, load(x, 0)|load(y, 0))
		store(d, 8, load(x, 8)|load(y, 8))
		store(d, 16, load(x, 16)|load(y, 16))
		store(d, 24, load(x, 24)|load(y, 24))
		dst, a, b = dst[32:], a[32:], b[32:]
	}
	for i := range dst {
		dst[i] = a[i] | b[i]
	}
}

func xor(dst, a, b []byte) {
	a, b = a[:len(dst)], b[:len(dst)]
	for len(dst) >= 32 {
		d, x, y := (*[32]byte)(dst), (*[32]byte)(a), (*[32]byte)(b)
		store(d, 0, load(x, 0)^load(y, 0))
		store(d, 8, load(x, 8)^load(y, 8))
		store(d, 16, load(x, 16)^load(y, 16))
		store(d, 24, load(x, 24)^load(y, 24))
		dst, a, b = dst[32:], a[32:], b[32:]
	}
	for i := range dst {
		dst[i] = a[i] ^ b[i]
	}
}

func andNot(dst, a, b []byte) {
	a, b = a[:len(dst)], b[:len(dst)]
	for len(dst) >= 32 {
		d, x, y := (*[32]byte)(dst), (*[32]byte)(a), (*[32]byte)(b)
		store(d, 0, load(x, 0)&^load(y, 0))
		store(d, 8, load(x, 8)&^load(y, 8))
		store(d, 16, load(x, 16)&^load(y, 16))
		store(d, 24, load(x, 24)&^load(y, 24))
		dst, a, b = dst[32:], a[32:], b[32:]
	}
	for i := range dst {
		dst[i] = a[i] &^ b[i]
	}
}

func not(dst, a []byte) {
	a = a[:len(dst)]
	for len(dst) >= 32 {
		d, x := (*[32]byte)(dst), (*[32]byte)(a)
		store(d, 0, ^load(x, 0))
		store(d, 8, ^load(x, 8))
		store(d, 16, ^load(x, 16))
		store(d, 24, ^load(x, 24))
		dst, a = dst[32:], a[32:]
	}
	for i := range dst {
		dst[i] = ^a[i]
	}
}

// again adds a source to what is set in an odd number of sources and to what
// is set in more than one.
func again(odd, more, a []byte) {
	more, a = more[:len(odd)], a[:len(odd)]
	for len(odd) >= 8 {
		o, x := binary.LittleEndian.Uint64(odd), binary.LittleEndian.Uint64(a)
		binary.LittleEndian.PutUint64(more, binary.LittleEndian.Uint64(more)|o&x)
		binary.LittleEndian.PutUint64(odd, o^x)
		odd, more, a = odd[8:], more[8:], a[8:]
	}
	for i := range odd {
		more[i] |= odd[i] & a[i]
		odd[i] ^= a[i]
	}
}
