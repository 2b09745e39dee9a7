//go:build invariants || race

package invariants

import (
	"fmt"
	"math/rand/v2"
)

// Enabled tells whether this build checks its invariants.
const Enabled = true

// Check panics with the formatted message when cond is false.
func Check(cond bool, format string, args ...any) {
	if !cond {
		panic("invariant broken: " + fmt.Sprintf(format, args...))
	}
}

// CheckBounds panics unless 0 <= i < n.
func CheckBounds[T int | int32 | int64 | uint8 | uint16 | uint32 | uint64](i, n T) {
	if i < 0 || i >= n {
		panic(fmt.Sprintf("invariant broken: index %d out of bounds [0,%d)", i, n))
	}
}

// Mangle overwrites memory nobody may read any more.
func Mangle(b []byte) {
	for i := range b {
		b[i] = Poison
	}
}

// Sometimes is true in pct percent of the calls, so that tests meet rare paths
// (a resize, a change of encoding, a short read) often.
func Sometimes(pct int) bool {
	return rand.IntN(100) < pct
}
