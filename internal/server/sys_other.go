//go:build !linux

package server

import "syscall"

const multiplexing = "goroutines"

func disableHugePages(bool) {}

func (s *Server) markSocket(_, _ string, _ syscall.RawConn) error { return nil }

// residentBytes is the largest the process has been: the system tells no other figure without cgo.
func residentBytes() int64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return u.Maxrss
}

func machineBytes() int64 { return 0 }
