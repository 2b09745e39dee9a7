//go:build !linux

package keyspace

import "time"

// rest sleeps at least as long as a turn of expiry works.
func rest() { time.Sleep(150 * time.Microsecond) }
