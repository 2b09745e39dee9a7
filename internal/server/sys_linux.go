package server

import (
	"bytes"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

const multiplexing = "epoll"

// disableHugePages keeps transparent huge pages out of this process where the
// system hands them out unasked: the first write to a record would make two
// megabytes resident.
func disableHugePages(off bool) {
	mode, _ := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	if off && bytes.Contains(mode, []byte("[always]")) {
		unix.Prctl(unix.PR_SET_THP_DISABLE, 1, 0, 0, 0)
	}
}

// markSocket gives a socket the mark of socket-mark-id.
func (s *Server) markSocket(_, _ string, c syscall.RawConn) error {
	mark := s.num("socket-mark-id")
	if mark == 0 {
		return nil
	}
	var err error
	if e := c.Control(func(fd uintptr) {
		err = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_MARK, int(mark))
	}); e != nil {
		return e
	}
	if err != nil {
		s.warn("Unable to set socket-mark-id: %v", err)
	}
	return nil
}

// residentBytes is the memory of this process that is in RAM.
func residentBytes() int64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize())
}

// machineBytes is the memory of the machine.
func machineBytes() int64 {
	var info unix.Sysinfo_t
	if unix.Sysinfo(&info) != nil {
		return 0
	}
	return int64(info.Totalram) * int64(info.Unit)
}
