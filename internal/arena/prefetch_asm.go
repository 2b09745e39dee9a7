//go:build amd64 || arm64

package arena

import "unsafe"

// PrefetchAddr asks the processor to bring the cache line at p. It never faults.
//
//go:noescape
func PrefetchAddr(p unsafe.Pointer)
