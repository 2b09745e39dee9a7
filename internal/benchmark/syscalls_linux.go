package benchmark

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The system calls of the load, raw: telling the Go scheduler about each costs as
// much as a request. Those that send and receive never block; the wait does, and is
// told, so that other goroutines get on. Each unsafe.Pointer is converted in the call
// itself and points to memory the caller holds, of the length passed beside it; no
// slice passed here is empty.

func sendTo(fd int, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(fd),
		uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), syscall.MSG_NOSIGNAL|syscall.MSG_DONTWAIT, 0, 0)
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
// nanoseconds, which a load with a rate needs. Linux before 5.11 does not have it.
const sysEpollPwait2 = 441

func epollWait(ep int, events []syscall.EpollEvent, timeout int64) (int, syscall.Errno) {
	ts := syscall.NsecToTimespec(timeout)
	n, _, errno := syscall.Syscall6(sysEpollPwait2, uintptr(ep),
		uintptr(unsafe.Pointer(&events[0])), uintptr(len(events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	if errno == syscall.ENOSYS {
		n, err := syscall.EpollWait(ep, events, int((timeout+999_999)/1_000_000))
		if err != nil {
			return 0, err.(syscall.Errno)
		}
		return n, 0
	}
	if errno != 0 {
		return 0, errno
	}
	return int(n), 0
}

// threadCPU returns the CPU time of the calling thread, 0 if the kernel denies that.
func threadCPU() time.Duration {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
