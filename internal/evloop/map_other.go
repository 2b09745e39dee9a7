//go:build !unix

package evloop

func mapBuffer(n int) []byte { return make([]byte, 0, n) }

func unmapBuffer([]byte) {}
