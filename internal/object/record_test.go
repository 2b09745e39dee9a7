package object

import (
	"bytes"
	"math"
	"strconv"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
)

func newArena(t testing.TB) *arena.Arena {
	a, err := arena.New(1 << 28)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// store writes a record as a keyspace does.
func store(a *arena.Arena, key []byte, timer bool, v *String, content []byte) Record {
	if v.Enc == Blob {
		v.Ref, v.Cap = a.Alloc(len(content), arena.Blob), arena.UsableSize(len(content))
		copy(a.Bytes(v.Ref, len(content)), content)
	}
	r := At(a, a.Alloc(RecordSize(len(key), timer, v), arena.Record))
	r.Fill(key, timer, 0x123456, v)
	return r
}

// check compares everything that a record says with what was stored.
func check(t testing.TB, a *arena.Arena, r Record, key []byte, timer bool, content []byte) {
	t.Helper()
	var scratch [20]byte
	if got := r.StringBytes(a, scratch[:]); !bytes.Equal(got, content) || r.StringLen() != len(content) {
		t.Fatalf("value %.60q of %d bytes, stored %.60q", got, r.StringLen(), content)
	}
	if !bytes.Equal(r.Key(), key) || r.HasTimer() != timer || r.Type() != TypeString || r.Clock() != 0x123456 {
		t.Fatalf("key %.60q, timer %v, type %v, clock %x", r.Key(), r.HasTimer(), r.Type(), r.Clock())
	}
	if timer {
		r.SetExpireAt(math.MaxInt64 - 1)
		r.SetTimerPos(0xfedcba98, 59)
		if chunk, i := r.TimerPos(); r.ExpireAt() != math.MaxInt64-1 || chunk != 0xfedcba98 || i != 59 {
			t.Fatalf("timer %d, %d, %d", r.ExpireAt(), chunk, i)
		}
		if !bytes.Equal(r.Key(), key) {
			t.Fatal("the timer overwrote the key")
		}
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte("key"), []byte("value"), true)
	f.Add([]byte(""), []byte("-9223372036854775808"), false)
	f.Add(bytes.Repeat([]byte("k"), 128), bytes.Repeat([]byte("v"), 1025), true)
	f.Add(bytes.Repeat([]byte("k"), 127), bytes.Repeat([]byte("v"), 128), false)
	f.Fuzz(func(t *testing.T, key, content []byte, timer bool) {
		a := newArena(t)
		v := FromBytes(content)
		r := store(a, key, timer, &v, content)
		if want := RecordSize(len(key), timer, &v); r.Size() != want {
			t.Fatalf("size %d, allocated %d", r.Size(), want)
		}
		check(t, a, r, key, timer, content)
		to := At(a, a.Alloc(r.SizeWithTimer(!timer), arena.Record))
		if n := r.SizeWithTimer(!timer); func() int { r.CopyTo(to, !timer); return to.Size() }() != n {
			t.Fatalf("the copy has %d bytes, want %d", to.Size(), n)
		}
		check(t, a, to, key, !timer, content)
	})
}

// ParseInt takes exactly what formatting an integer gives.
func FuzzParseInt(f *testing.F) {
	for _, s := range []string{"", "0", "-0", "01", "+1", " 1", "1 ", "-", "9223372036854775807", "9223372036854775808",
		"-9223372036854775808", "-9223372036854775809", "99999999999999999999", "1e3"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want, err := strconv.ParseInt(string(b), 10, 64)
		canonical := err == nil && strconv.FormatInt(want, 10) == string(b)
		if got, ok := ParseInt(b); ok != canonical || ok && got != want {
			t.Fatalf("%q: %d %v, want %d %v", b, got, ok, want, canonical)
		}
	})
}

func TestEncodingNames(t *testing.T) {
	a := newArena(t)
	for content, want := range map[string]string{"12": "int", "": "embstr", string(bytes.Repeat([]byte("x"), 44)): "embstr",
		string(bytes.Repeat([]byte("x"), 45)): "raw", string(bytes.Repeat([]byte("x"), 5000)): "raw", "012": "embstr"} {
		v := FromBytes([]byte(content))
		if got := store(a, []byte("k"), false, &v, []byte(content)).EncodingName(); got != want {
			t.Errorf("%.50q is %s, want %s", content, got, want)
		}
	}
	v := FromBytes([]byte("short"))
	r := store(a, []byte("k"), false, &v, nil)
	r.SetEncoding(Raw)
	if r.EncodingName() != "raw" || string(r.Inline()) != "short" {
		t.Errorf("a modified string is %s %q", r.EncodingName(), r.Inline())
	}
}
