package callcount

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"time"
)

const (
	patience   = 5 * time.Second       // for one attempt
	firstPause = 10 * time.Millisecond // after a failed attempt; doubled until
	longPause  = time.Second
)

// A counter is what stands behind one wrapped function. Invariants, under mu:
// sent <= calls; a goroutine sends, and the counter is in unsent, exactly while sending is set, and it
// is set whenever sent < calls.
type counter struct {
	client  Client
	key     string
	onError func(error)

	mu          sync.Mutex
	calls, sent int64
	sending     bool
	progress    chan struct{} // closed and replaced when sent grows
}

// unsent has the counters with calls that are not in the store; for Flush. Its lock is taken
// after that of a counter.
var unsent struct {
	sync.Mutex
	counters map[*counter]struct{}
}

func newCounter(client Client, s settings) *counter {
	return &counter{client: client, key: s.prefix + s.name, onError: s.onError, progress: make(chan struct{})}
}

// add counts a call.
func (c *counter) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if !c.sending {
		c.setSendingLocked(true)
		go c.send()
	}
}

func (c *counter) setSendingLocked(sending bool) {
	c.sending = sending
	unsent.Lock()
	defer unsent.Unlock()
	if !sending {
		delete(unsent.counters, c)
		return
	}
	if unsent.counters == nil {
		unsent.counters = map[*counter]struct{}{}
	}
	unsent.counters[c] = struct{}{}
}

// send carries calls to the store until there are none.
func (c *counter) send() {
	pause := firstPause
	for n := c.next(0); n > 0; {
		if err := c.deliver(n); err != nil {
			c.onError(fmt.Errorf("counting %s: %w", c.key, err))
			time.Sleep(pause) // nothing tells when the store is back
			pause = min(2*pause, longPause)
			n = c.next(0) // more by now
			continue
		}
		pause = firstPause
		n = c.next(n)
	}
}

// next notes that n calls were delivered, and returns how many there are to deliver.
// If it returns 0, the sender is done.
func (c *counter) next(n int64) int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if n > 0 {
		c.sent += n
		close(c.progress)
		c.progress = make(chan struct{})
	}
	if c.calls == c.sent {
		c.setSendingLocked(false)
	}
	return c.calls - c.sent
}

func (c *counter) deliver(n int64) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := c.client(ctx, "INCRBY", c.key, strconv.FormatInt(n, 10))
	return err
}

// Flush waits until all calls that were made before it are in their stores, or ctx is done.
func Flush(ctx context.Context) error {
	for _, c := range pendingCounters() {
		if err := c.flush(ctx); err != nil {
			return err
		}
	}
	return nil
}

func pendingCounters() (counters []*counter) {
	unsent.Lock()
	defer unsent.Unlock()
	for c := range unsent.counters {
		counters = append(counters, c)
	}
	return counters
}

func (c *counter) flush(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for made := c.calls; c.sent < made; {
		progress := c.progress
		c.mu.Unlock()
		select {
		case <-progress:
		case <-ctx.Done():
		}
		c.mu.Lock()
		if err := ctx.Err(); err != nil && c.sent < made {
			return fmt.Errorf("%d calls of %s are not counted yet: %w", made-c.sent, c.key, err)
		}
	}
	return nil
}
