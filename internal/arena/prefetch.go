package arena

// Prefetch asks the processor to bring the cache line at ref, without waiting
// for it. Any Ref will do: a wrong one costs only the line.
func (a *Arena) Prefetch(ref Ref) { PrefetchAddr(a.Ptr(ref)) }
