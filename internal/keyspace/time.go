package keyspace

import (
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/expiry"
)

// A Clock is the time of data: what expires, what TIME says, the IDs of streams, the
// age of clients. It is the system's, and may be moved ahead of it for tests of what
// takes long. What waits in earnest (timeouts, intervals of background work, how long
// something took) looks at the system's.
type Clock struct{ ahead atomic.Int64 } // milliseconds

// Now is the time.
func (c *Clock) Now() time.Time {
	return time.Now().Add(time.Duration(c.ahead.Load()) * time.Millisecond)
}

// UnixMilli is the time in Unix milliseconds.
func (c *Clock) UnixMilli() int64 { return time.Now().UnixMilli() + c.ahead.Load() }

// Ahead is by how many milliseconds the clock is ahead of the system's.
func (c *Clock) Ahead() int64 { return c.ahead.Load() }

// Clock is the keyspace's.
func (tx *Tx) Clock() *Clock { return &tx.ks.Clock }

// Advance moves the clock ahead, and returns when what has expired by that is gone: no
// command that begins later sees it, in no count either.
func (ks *Keyspace) Advance(d time.Duration) {
	ks.Clock.ahead.Add(int64(max(d, 0)+time.Millisecond-1) / int64(time.Millisecond))
	time.Sleep(expiry.Tick * time.Millisecond) // what has expired since the last tick is due at the next
	var x expirer
	for x.turn(ks, 0, 1) {
	}
}
