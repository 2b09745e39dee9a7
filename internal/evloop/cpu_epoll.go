//go:build linux && (amd64 || arm64)

package evloop

import (
	"bytes"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
	"unsafe"
)

// threadTime is the processor time that a thread of this process has used.
// The clock's number is built from the thread's as the kernel documents it
// (CPUCLOCK_PERTHREAD | CPUCLOCK_SCHED).
func threadTime(tid int32) time.Duration {
	if tid == 0 {
		return 0
	}
	clock := uint32(^tid)<<3 | 6
	var ts syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, uintptr(int32(clock)), uintptr(unsafe.Pointer(&ts)), 0)
	if errno != 0 {
		return 0
	}
	return time.Duration(ts.Nano())
}

// idleProcessors is how many processors of the machine were idle since the
// last call, as /proc/stat has it; 0 at the first call, or if that cannot be
// read.
func idleProcessors(last *idleSample) float64 {
	text, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(text, []byte("\n"))
	var now idleSample
	for i, field := range bytes.Fields(line) {
		n, _ := strconv.ParseUint(string(field), 10, 64) // "cpu" counts 0
		if i > 8 {
			break // guest time is part of user time
		}
		now.total += n
		if i == 4 || i == 5 { // idle, waiting for disks
			now.idle += n
		}
	}
	idle, total, first := now.idle-last.idle, now.total-last.total, last.total == 0
	*last = now
	if total == 0 || first {
		return 0
	}
	return float64(idle) / float64(total) * float64(runtime.NumCPU())
}
