//go:build unix

package arena

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// The calls to the system. Reserved memory has no access rights until
// sysReady, so it counts against no limit on memory, whatever the overcommit
// policy.

func sysReserve(n int64) (unsafe.Pointer, error) {
	return unix.MmapPtr(-1, 0, nil, uintptr(n), unix.PROT_NONE, unix.MAP_ANON|unix.MAP_PRIVATE|mapNoReserve)
}

func sysMap(n int64) (unsafe.Pointer, error) {
	return unix.MmapPtr(-1, 0, nil, uintptr(n), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE|mapNoReserve)
}

func sysUnmap(p unsafe.Pointer, n int64) {
	if err := unix.MunmapPtr(p, uintptr(n)); err != nil {
		panic("arena: unmapping own memory: " + err.Error())
	}
}

func sysReady(p unsafe.Pointer, n int64) error {
	return unix.Mprotect(unsafe.Slice((*byte)(p), n), unix.PROT_READ|unix.PROT_WRITE)
}

func sysRelease(p unsafe.Pointer, n int64) {
	// An error means the system keeps the pages: no harm but their size.
	_ = unix.Madvise(unsafe.Slice((*byte)(p), n), adviseRelease)
}
