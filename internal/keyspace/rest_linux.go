package keyspace

import "syscall"

// rest sleeps longer than a few batches of expiry take. The runtime's timers
// sleep a millisecond at least.
func rest() {
	pause := syscall.NsecToTimespec(150_000)
	_ = syscall.Nanosleep(&pause, nil) // a signal that ends it early does no harm
}
