//go:build unix && !linux

package arena

import "golang.org/x/sys/unix"

// MADV_FREE leaves the old content visible until the system takes the page;
// nothing here reads memory that was given back.
const (
	mapNoReserve  = 0
	adviseRelease = unix.MADV_FREE
)
