// Ratelimit lets a client make so many requests in a window of time, however many servers take them: a counter
// for each client that expires with the window. The window begins with the first request.
//
//	$ go run ./ratelimit
//	50 requests at once: 10 allowed, 40 refused
//	the next one has to wait, but no more than a minute
//	another client does not
//	when the window is over: allowed
package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart/examples/connect"
)

func main() { connect.Run(run) }

// A Limit allows some requests in a window.
type Limit struct {
	rdb      *redis.Client
	requests int64
	window   time.Duration
}

func key(client string) string { return "example:ratelimit:" + client }

// Allow counts a request and says how long its client has to wait before it would be allowed: 0 if it is.
func (l *Limit) Allow(ctx context.Context, client string) (wait time.Duration, err error) {
	var count *redis.IntCmd
	var left *redis.DurationCmd
	// One transaction: a counter without expiry would refuse its client for ever.
	_, err = l.rdb.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.SetNX(ctx, key(client), 0, l.window) // with its expiry, in one command
		count = pipe.Incr(ctx, key(client))
		left = pipe.PTTL(ctx, key(client))
		return nil
	})
	if err != nil || count.Val() <= l.requests {
		return 0, err
	}
	return max(left.Val(), time.Millisecond), nil
}

func run(ctx context.Context, rdb *redis.Client) error {
	limit := &Limit{rdb, 10, time.Minute}
	if err := rdb.Del(ctx, key("ann"), key("bob"), key("cem")).Err(); err != nil {
		return err
	}
	defer rdb.Del(ctx, key("ann"), key("bob"), key("cem"))
	if err := burst(ctx, limit, 50); err != nil {
		return err
	}

	wait, err := limit.Allow(ctx, "ann")
	if err != nil {
		return err
	}
	if 0 < wait && wait <= time.Minute {
		fmt.Println("the next one has to wait, but no more than a minute")
	}
	if wait, err := limit.Allow(ctx, "bob"); wait == 0 && err == nil {
		fmt.Println("another client does not")
	}

	short := &Limit{rdb, 1, 10 * time.Millisecond}
	for range 2 {
		if wait, err = short.Allow(ctx, "cem"); err != nil {
			return err
		}
	}
	for wait > 0 {
		time.Sleep(wait) // as it was told to
		if wait, err = short.Allow(ctx, "cem"); err != nil {
			return err
		}
	}
	fmt.Println("when the window is over: allowed")
	return nil
}

// burst makes requests at the same time.
func burst(ctx context.Context, limit *Limit, requests int) error {
	var allowed atomic.Int64
	errs := make([]error, requests)
	var wg sync.WaitGroup
	for i := range requests {
		wg.Go(func() {
			wait, err := limit.Allow(ctx, "ann")
			if errs[i] = err; err == nil && wait == 0 {
				allowed.Add(1)
			}
		})
	}
	wg.Wait()
	fmt.Printf("%d requests at once: %d allowed, %d refused\n", requests, allowed.Load(), int64(requests)-allowed.Load())
	return errors.Join(errs...)
}
