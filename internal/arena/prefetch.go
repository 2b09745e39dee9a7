package arena

import "unsafe"

// Prefetch asks the processor to bring the first two cache lines of a block, without
// waiting for them: a record's header and key are in the first, a value of
// some dozen bytes reaches into the second. Any Ref will do: a wrong one costs only the lines.
func (a *Arena) Prefetch(ref Ref) {
	p := a.Ptr(ref)
	PrefetchAddr(p)
	PrefetchAddr(unsafe.Add(p, 64))
}
