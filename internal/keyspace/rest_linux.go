package keyspace

import "syscall"

// rest sleeps about as long as a turn of expiry works. The runtime's timers
// sleep a millisecond at least.
func rest() {
	pause := syscall.NsecToTimespec(150_000)
	_ = syscall.Nanosleep(&pause, nil) // a signal that ends it early does no harm
}
