package arena

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"
)

func newTest(t testing.TB) *Arena {
	a, err := New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

func TestClasses(t *testing.T) {
	last := 0
	for size := 1; size <= maxSmall; size++ {
		c := classOf(size)
		got := classSize(c)
		if got < size || c < last || c > last+1 {
			t.Fatalf("size %d: class %d of %d bytes after class %d", size, c, got, last)
		}
		if size > linearMax && (got-size)*8 > size {
			t.Fatalf("size %d is rounded to %d", size, got)
		}
		last = c
	}
	if last != numClasses-1 {
		t.Fatalf("last class is %d of %d", last, numClasses)
	}
}

// block is the model of one allocation: who holds it is written all over it.
type block struct {
	ref  Ref
	size int
	tag  uint32
}

func (b block) fill(a *Arena) {
	mem := a.Bytes(b.ref, b.size)
	for i := 0; i+4 <= len(mem); i += max(4, len(mem)/8&^3) {
		binary.LittleEndian.PutUint32(mem[i:], b.tag)
	}
}

func (b block) intact(a *Arena) bool {
	mem := a.Bytes(b.ref, b.size)
	for i := 0; i+4 <= len(mem); i += max(4, len(mem)/8&^3) {
		if binary.LittleEndian.Uint32(mem[i:]) != b.tag {
			return false
		}
	}
	return true
}

// play plays operations against a model; every block must keep its content.
func play(t testing.TB, next func() (op byte, arg uint32, ok bool)) {
	a := newTest(t)
	var live []block
	tag := uint32(0)
	for {
		op, arg, ok := next()
		if !ok {
			break
		}
		switch {
		case op < 128:
			tag++
			b := block{size: sizeFrom(arg), tag: tag}
			b.ref = a.Alloc(b.size, Record)
			b.fill(a)
			live = append(live, b)
		case op < 240 && len(live) > 0:
			i := int(arg) % len(live)
			b := live[i]
			if !b.intact(a) {
				t.Fatalf("block %d of %d bytes was overwritten", b.ref, b.size)
			}
			a.Free(b.ref, b.size, Record)
			live[i] = live[len(live)-1]
			live = live[:len(live)-1]
		case op < 248 && len(live) > 0:
			b := &live[int(arg)%len(live)]
			if bigger := b.size + int(arg%100_000); IsLarge(b.size) && a.TryGrow(b.ref, bigger, Record) {
				b.size = bigger
				b.fill(a)
			}
		default:
			a.Scavenge(int64(arg % (1 << 20)))
		}
	}
	if err := a.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	for _, b := range live {
		if !b.intact(a) {
			t.Fatalf("block %d of %d bytes was overwritten", b.ref, b.size)
		}
		a.Free(b.ref, b.size, Record)
	}
	if err := a.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
	if a.Spanned() != 0 {
		t.Fatalf("%d bytes are in use when all is freed", a.Spanned())
	}
}

func sizeFrom(arg uint32) int {
	switch arg % 8 {
	case 0:
		return int(arg>>3)%200_000 + 1
	case 1:
		return int(arg>>3)%maxSmall + 1
	default:
		return int(arg>>3)%300 + 1
	}
}

func TestRandomOperations(t *testing.T) {
	for seed := uint64(0); seed < 8; seed++ {
		rng := rand.New(rand.NewPCG(seed, 1))
		n := 20_000
		play(t, func() (byte, uint32, bool) {
			n--
			// Phases of growth and of shrinking.
			op := byte(rng.Uint32())
			if n/4000%2 == 0 && op < 128 && rng.IntN(2) == 0 {
				op = 200
			}
			if op < 128 {
				op = 0
			}
			return op, rng.Uint32(), n > 0
		})
	}
}

func FuzzArena(f *testing.F) {
	f.Add([]byte("\x00\x10\x00\x00\x00\xc8\x00\x00\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		play(t, func() (byte, uint32, bool) {
			if len(data) < 5 {
				return 0, 0, false
			}
			op, arg := data[0], binary.LittleEndian.Uint32(data[1:])
			data = data[5:]
			if op < 128 {
				op = 0
			}
			return op, arg, true
		})
	})
}

func TestRunsOutInAddressSpaceOnly(t *testing.T) {
	a, err := New(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	if a.NearlyFull() {
		t.Fatal("full when new")
	}
	a.Alloc(1000<<10, Blob)
	if !a.NearlyFull() {
		t.Fatal("not full when 1000 of 1024 KiB are taken")
	}
}

func TestReleaseAndReset(t *testing.T) {
	a := newTest(t)
	for i := 0; i < 1000; i++ {
		copy(a.Bytes(a.Alloc(5000, Blob), 5), "hello")
	}
	for off := int64(0); a.ReleaseSlice(off, 1<<20); off += 1 << 20 {
	}
	a.Reset()
	if a.Spanned() != 0 || a.Used(Blob) != 0 {
		t.Fatal("not empty after Reset")
	}
	ref := a.Alloc(5000, Blob)
	if a.Bytes(ref, 1)[0] != 0 {
		t.Fatal("released memory kept its content")
	}
	if err := a.CheckInvariants(); err != nil {
		t.Fatal(err)
	}
}

func BenchmarkAllocFree32(b *testing.B) {
	a := newTest(b)
	var refs [1024]Ref
	for i := range refs {
		refs[i] = a.Alloc(32, Record)
	}
	rng := rand.New(rand.NewPCG(1, 1))
	b.ReportAllocs()
	for b.Loop() {
		i := rng.Uint32() % 1024
		a.Free(refs[i], 32, Record)
		refs[i] = a.Alloc(32, Record)
	}
}
