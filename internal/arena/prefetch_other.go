//go:build !amd64 && !arm64

package arena

import "unsafe"

// PrefetchAddr does nothing where we have no instruction for it.
func PrefetchAddr(unsafe.Pointer) {}
