//go:build unix

package evloop

import "syscall"

// mapBuffer returns n bytes of fresh memory outside the Go heap. What is not
// written to costs nothing, so that a client that announces a large command
// and never sends it does not cost its size either.
func mapBuffer(n int) []byte {
	b, err := syscall.Mmap(-1, 0, n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil { // out of address space; the heap may have room left
		return make([]byte, 0, n)
	}
	return b[:0]
}

// unmapBuffer gives back what mapBuffer returned, at once. Nothing may refer
// to it any more: handlers keep no input beyond their batch.
func unmapBuffer(b []byte) {
	// It fails only for memory that is not mapped: the heap's, see above.
	_ = syscall.Munmap(b[:cap(b)])
}
