package keyspace

import "golang.org/x/sys/unix"

// rest sleeps about as long as a turn of expiry works. The runtime's timers
// sleep a millisecond at least.
func rest() {
	pause := unix.NsecToTimespec(150_000)
	_ = unix.ClockNanosleep(unix.CLOCK_MONOTONIC, 0, &pause, nil) // a signal that ends it early does no harm
}
