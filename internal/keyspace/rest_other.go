//go:build !linux

package keyspace

import "time"

// rest sleeps longer than a few batches of expiry take.
func rest() { time.Sleep(150 * time.Microsecond) }
