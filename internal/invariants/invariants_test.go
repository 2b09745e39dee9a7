package invariants

import (
	"bytes"
	"testing"
)

// panics tells whether f panicked.
func panics(f func()) (did bool) {
	defer func() { did = recover() != nil }()
	f()
	return false
}

func TestCheckPanicsOnlyWhenEnabled(t *testing.T) {
	if panics(func() { Check(true, "never") }) {
		t.Error("Check(true) panicked")
	}
	if got := panics(func() { Check(false, "bad %d", 1) }); got != Enabled {
		t.Errorf("Check(false) panicked = %v, want %v", got, Enabled)
	}
}

func TestCheckBounds(t *testing.T) {
	for _, i := range []int{0, 2} {
		if panics(func() { CheckBounds(i, 3) }) {
			t.Errorf("index %d of 3 panicked", i)
		}
	}
	for _, i := range []int{-1, 3} {
		if got := panics(func() { CheckBounds(i, 3) }); got != Enabled {
			t.Errorf("index %d of 3 panicked = %v, want %v", i, got, Enabled)
		}
	}
}

func TestMangle(t *testing.T) {
	b := []byte("gone")
	Mangle(b)
	want := []byte("gone")
	if Enabled {
		want = bytes.Repeat([]byte{Poison}, len(b))
	}
	if !bytes.Equal(b, want) {
		t.Errorf("mangled to %x, want %x", b, want)
	}
}

func TestSometimes(t *testing.T) {
	hits := 0
	for range 1000 {
		if Sometimes(0) {
			t.Fatal("Sometimes(0) was true")
		}
		if Sometimes(100) {
			hits++
		}
	}
	want := 0
	if Enabled {
		want = 1000
	}
	if hits != want {
		t.Errorf("Sometimes(100) hit %d of 1000, want %d", hits, want)
	}
}

// The calls must cost no allocation when they are off: hot paths contain them.
func TestOffBuildAllocatesNothing(t *testing.T) {
	if Enabled {
		t.Skip("the checks are on in this build")
	}
	b := make([]byte, 8)
	got := testing.AllocsPerRun(100, func() {
		Check(len(b) == 8, "length %d", len(b))
		CheckBounds(len(b), 9)
		Mangle(b)
	})
	if got != 0 {
		t.Errorf("%v allocations, want 0", got)
	}
}
