package arena

import "golang.org/x/sys/unix"

const (
	mapNoReserve  = unix.MAP_NORESERVE
	adviseRelease = unix.MADV_DONTNEED
)
