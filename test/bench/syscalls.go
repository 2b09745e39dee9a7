//go:build linux

package main

import (
	"fmt"
	"syscall"
	"time"
	"unsafe"
)

// The system calls that package syscall does not offer, or only in a form that
// tells the Go scheduler about each call, which costs as much as a request. Each
// unsafe.Pointer is converted in the call itself and points to memory the caller
// holds, of the length passed beside it; no slice passed here is empty.

func sendTo(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd),
		uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

func receiveFrom(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(fd),
		uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), syscall.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// epoll_pwait2 has the same number on every architecture; it waits in
// nanoseconds, which a load with a rate needs.
const sysEpollPwait2 = 441

func epollWait(ep int, events []syscall.EpollEvent, timeout int64) (int, syscall.Errno) {
	ts := syscall.NsecToTimespec(timeout)
	n, _, errno := syscall.RawSyscall6(sysEpollPwait2, uintptr(ep),
		uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// processCPU returns the user and system time of a process, all its threads
// including ended ones, in nanoseconds. Another process's CPU clock is named by
// its inverted id; the low bits 2 ask for scheduler time.
func processCPU(pid int) (time.Duration, error) {
	return cpuClock(uintptr(^pid<<3 | 2))
}

// threadCPU returns the CPU time of the calling thread. It panics if the kernel
// denies that, which it never does.
func threadCPU() time.Duration {
	const clockThreadCPU = 3
	d, err := cpuClock(clockThreadCPU)
	if err != nil {
		panic(err)
	}
	return d
}

func cpuClock(id uintptr) (time.Duration, error) {
	var ts syscall.Timespec
	_, _, errno := syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&ts)), 0)
	if errno != 0 {
		return 0, fmt.Errorf("clock_gettime: %w", errno)
	}
	return time.Duration(ts.Nano()), nil
}
