//go:build !linux

package server

// setProcessTitle does nothing: elsewhere the system has its own call for it, which needs C.
func setProcessTitle(string) {}
