//go:build !invariants && !race

package invariants

// Enabled tells whether this build checks its invariants.
const Enabled = false

// Check does nothing in this build.
func Check(cond bool, format string, args ...any) {}

// CheckBounds does nothing in this build.
func CheckBounds[T int | int32 | int64 | uint8 | uint16 | uint32 | uint64](i, n T) {}

// Mangle does nothing in this build.
func Mangle(b []byte) {}

// Sometimes is always false in this build.
func Sometimes(pct int) bool { return false }
