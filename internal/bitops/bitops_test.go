package bitops

import (
	"bytes"
	"math/big"
	"math/rand/v2"
	"testing"
)

// The model: one bit at a time.

func bit(b []byte, i int64) bool {
	return i>>3 < int64(len(b)) && b[i>>3]>>(7-i&7)&1 == 1
}

func slowCount(b []byte, first, last int64) (n int64) {
	for i := first; i <= last; i++ {
		if bit(b, i) {
			n++
		}
	}
	return n
}

func slowFind(b []byte, set bool, first, last int64) int64 {
	for i := first; i <= last; i++ {
		if bit(b, i) == set {
			return i
		}
	}
	return -1
}

func checkRange(t *testing.T, b []byte, first, last int64) {
	t.Helper()
	if got, want := CountBits(b, first, last), slowCount(b, first, last); got != want {
		t.Fatalf("%x: %d bits set from %d to %d, want %d", b, got, first, last, want)
	}
	for _, set := range []bool{false, true} {
		if got, want := Find(b, set, first, last), slowFind(b, set, first, last); got != want {
			t.Fatalf("%x: first bit that is %v from %d to %d at %d, want %d", b, set, first, last, got, want)
		}
	}
}

func FuzzRange(f *testing.F) {
	f.Add([]byte{0xff, 0, 1}, uint16(0), uint16(23), uint8(0))
	f.Add(bytes.Repeat([]byte{0xff}, 100), uint16(3), uint16(799), uint8(0))
	f.Add([]byte{1}, uint16(8), uint16(2000), uint8(200))
	f.Fuzz(func(t *testing.T, b []byte, first, last uint16, zeros uint8) {
		b = append(b, make([]byte, zeros)...)
		b = append(b, bytes.Repeat([]byte{0xff}, int(zeros)/2)...)
		if len(b) == 0 {
			return
		}
		n := int64(len(b)) * 8
		x, y := int64(first)%n, int64(last)%n
		checkRange(t, b, min(x, y), max(x, y))
		if got, want := Count(b), slowCount(b, 0, n-1); got != want {
			t.Fatalf("%x: %d bits set, want %d", b, got, want)
		}
	})
}

func slowCombine(op Op, src [][]byte, i int64) bool {
	first, others := bit(src[0], i), 0
	for _, s := range src[1:] {
		if bit(s, i) {
			others++
		}
	}
	all := others
	if first {
		all++
	}
	switch op {
	case And:
		return all == len(src)
	case Or:
		return all > 0
	case Xor:
		return all%2 == 1
	case Not:
		return !first
	case Diff:
		return first && others == 0
	case Diff1:
		return !first && others > 0
	case AndOr:
		return first && others > 0
	}
	return all == 1
}

func checkCombine(t *testing.T, op Op, dst []byte, src [][]byte) {
	t.Helper()
	want := make([]byte, len(dst))
	for i := range int64(len(dst) * 8) {
		if slowCombine(op, src, i) {
			want[i>>3] |= 0x80 >> (i & 7)
		}
	}
	if Combine(dst, op, src); !bytes.Equal(dst, want) {
		t.Fatalf("operation %d of %d sources, %d bytes: wrong", op, len(src), len(dst))
	}
}

func FuzzCombine(f *testing.F) {
	f.Add(uint64(1), uint8(0), uint8(3), uint8(1), uint16(5000))
	f.Add(uint64(2), uint8(7), uint8(4), uint8(9), uint16(8200))
	f.Fuzz(func(t *testing.T, seed uint64, op, sources, alias uint8, longest uint16) {
		r := rand.New(rand.NewPCG(seed, 1))
		o := Op(op % 8)
		count := int(sources%5) + 1
		switch o {
		case Not:
			count = 1
		case Diff, Diff1, AndOr:
			count++
		}
		n := int(longest)%(3*piece) + 1
		src := make([][]byte, count)
		for i := range src {
			src[i] = make([]byte, r.IntN(n+1))
			for j := range src[i] {
				src[i][j] = byte(r.Uint32())
			}
		}
		src[r.IntN(count)] = bytes.Repeat([]byte{0xa5}, n)
		dst := make([]byte, n)
		if int(alias) < 2*count { // the destination is one of the sources, or two of them
			i := int(alias) % count
			copy(dst, src[i])
			src[i] = dst[:len(src[i])]
			if int(alias) >= count {
				src[0] = src[i]
			}
		}
		checkCombine(t, o, dst, src)
	})
}

func FuzzField(f *testing.F) {
	f.Add([]byte("abcdefghij"), uint8(7), uint8(63), true, int64(-5), int64(9))
	f.Fuzz(func(t *testing.T, b []byte, offset, width uint8, signed bool, v, incr int64) {
		typ := FieldType{signed, int(width)%64 + 1}
		if !signed && typ.Bits == 64 {
			typ.Bits = 63
		}
		at := int64(offset)
		want := new(big.Int)
		for i := range int64(typ.Bits) {
			want.Lsh(want, 1)
			if bit(b, at+i) {
				want.Or(want, big.NewInt(1))
			}
		}
		if signed && bit(b, at) {
			want.Sub(want, new(big.Int).Lsh(big.NewInt(1), uint(typ.Bits)))
		}
		if got := typ.Get(b, at); got != want.Int64() {
			t.Fatalf("%v at %d of %x is %d, want %v", typ, at, b, got, want)
		}
		checkAdd(t, typ, want.Int64(), incr)
		checkSet(t, typ, b, at, v)
	})
}

// checkAdd compares Add to a value that the field holds with sums of any size.
func checkAdd(t *testing.T, typ FieldType, value, incr int64) {
	t.Helper()
	size := new(big.Int).Lsh(big.NewInt(1), uint(typ.Bits))
	least := new(big.Int)
	if typ.Signed {
		least.Rsh(size, 1).Neg(least)
	}
	end := new(big.Int).Add(least, size)
	sum := new(big.Int).Add(big.NewInt(value), big.NewInt(incr))
	fits := sum.Cmp(least) >= 0 && sum.Cmp(end) < 0
	if _, ok := typ.Add(value, incr, Fail); ok != fits {
		t.Fatalf("%v: %d + %d fits: %v, want %v", typ, value, incr, ok, fits)
	}
	sat := new(big.Int).Set(sum)
	if sum.Cmp(least) < 0 {
		sat = least
	} else if sum.Cmp(end) >= 0 {
		sat = end.Sub(end, big.NewInt(1))
	}
	if got, _ := typ.Add(value, incr, Sat); got != sat.Int64() {
		t.Fatalf("%v: %d + %d saturates to %d, want %v", typ, value, incr, got, sat)
	}
	wrapped := new(big.Int).Sub(sum, least)
	wrapped.Mod(wrapped, size).Add(wrapped, least)
	if got, _ := typ.Add(value, incr, Wrap); got != wrapped.Int64() {
		t.Fatalf("%v: %d + %d wraps to %d, want %v", typ, value, incr, got, wrapped)
	}
}

func checkSet(t *testing.T, typ FieldType, b []byte, at, v int64) {
	t.Helper()
	old := append([]byte(nil), b...)
	for int64(len(old))*8 < at+int64(typ.Bits) {
		old = append(old, 0)
	}
	b = append([]byte(nil), old...)
	typ.Set(b, at, v)
	for i := range int64(len(b) * 8) {
		want := bit(old, i)
		if i >= at && i < at+int64(typ.Bits) {
			want = v>>(int64(typ.Bits)-1-(i-at))&1 == 1
		}
		if bit(b, i) != want {
			t.Fatalf("%v at %d set to %d: bit %d of %x is wrong", typ, at, v, i, b)
		}
	}
}

// Every operation with every number of sources, across pieces.
func TestCombineLengths(t *testing.T) {
	for op := And; op <= One; op++ {
		for _, n := range []int{1, 7, 8, 31, 32, 33, piece - 1, piece, piece + 1, 2*piece + 17} {
			a, b, c := bytes.Repeat([]byte{0xf0}, n), bytes.Repeat([]byte{0x33}, n/2), bytes.Repeat([]byte{0x55}, (n+1)/3)
			switch op {
			case Not:
				checkCombine(t, op, make([]byte, n), [][]byte{a})
			case And, Or, Xor, One:
				checkCombine(t, op, make([]byte, n), [][]byte{a})
				fallthrough
			default:
				checkCombine(t, op, make([]byte, n), [][]byte{a, b})
				checkCombine(t, op, make([]byte, n), [][]byte{b, a})
				checkCombine(t, op, make([]byte, n), [][]byte{c, a, b})
				checkCombine(t, op, make([]byte, n), [][]byte{nil, c, a, b})
			}
		}
	}
}

var sink int64

func BenchmarkCount(b *testing.B) {
	data := bytes.Repeat([]byte{0xa5}, 1<<20)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		sink += Count(data)
	}
}

func BenchmarkCombine(b *testing.B) {
	x, y, z := bytes.Repeat([]byte{0xa5}, 16<<20), bytes.Repeat([]byte{0x3c}, 16<<20), make([]byte, 16<<20)
	b.SetBytes(int64(len(x)))
	for b.Loop() {
		Combine(z, And, [][]byte{x, y})
	}
}
