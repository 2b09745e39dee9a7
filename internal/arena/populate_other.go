//go:build !linux

package arena

// Populate is but a hint, and here none.
func (a *Arena) Populate(Ref, int) {}
