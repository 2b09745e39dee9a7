// Purchase sells twenty hats to fifty buyers who all come at once. Each transaction is
// an optimistic lock: WATCH the stock, look at it, and buy on the condition that nobody has
// touched it meanwhile; else begin again. However they interleave, no hat is sold twice.
//
//	$ go run ./purchase
//	50 buyers: 20 bought a hat, 30 came too late
//	stock 0, sold 20
//	it went from 19 down to 0 in steps of one, and never below
package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart/examples/connect"
)

const (
	hat     = "example:hat:fedora"         // a hash: stock, sold
	history = "example:hat:fedora:history" // a list: the stock after each purchase
	stock   = 20
	buyers  = 50
)

var errSoldOut = errors.New("sold out")

func main() { connect.Run(run) }

// buy takes one hat from the stock. It returns errSoldOut if there is none.
func buy(ctx context.Context, rdb *redis.Client) error {
	attempt := func(tx *redis.Tx) error {
		left, err := tx.HGet(ctx, hat, "stock").Int()
		if err != nil {
			return err
		}
		if left == 0 {
			return errSoldOut
		}
		// Between MULTI and EXEC; EXEC does nothing if the watched key has changed.
		_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.HIncrBy(ctx, hat, "stock", -1)
			pipe.HIncrBy(ctx, hat, "sold", 1)
			pipe.RPush(ctx, history, left-1)
			return nil
		})
		return err
	}
	for {
		err := rdb.Watch(ctx, attempt, hat)
		if !errors.Is(err, redis.TxFailedErr) {
			return err
		}
		// Somebody else was faster. That one has made progress, so this ends.
	}
}

func run(ctx context.Context, rdb *redis.Client) error {
	if err := rdb.Del(ctx, hat, history).Err(); err != nil {
		return err
	}
	defer rdb.Del(ctx, hat, history)
	if err := rdb.HSet(ctx, hat, "stock", stock, "sold", 0).Err(); err != nil {
		return err
	}
	bought, late, err := sell(ctx, rdb)
	if err != nil {
		return err
	}
	fmt.Printf("%d buyers: %d bought a hat, %d came too late\n", buyers, bought, late)
	return check(ctx, rdb)
}

// sell lets all buyers in at once.
func sell(ctx context.Context, rdb *redis.Client) (bought, late int64, err error) {
	var happy, sad atomic.Int64
	errs := make([]error, buyers)
	var wg sync.WaitGroup
	for i := range buyers {
		wg.Go(func() {
			switch err := buy(ctx, rdb); {
			case err == nil:
				happy.Add(1)
			case errors.Is(err, errSoldOut):
				sad.Add(1)
			default:
				errs[i] = err
			}
		})
	}
	wg.Wait()
	return happy.Load(), sad.Load(), errors.Join(errs...)
}

// check looks whether the books are right.
func check(ctx context.Context, rdb *redis.Client) error {
	values, err := rdb.HMGet(ctx, hat, "stock", "sold").Result()
	if err != nil {
		return err
	}
	fmt.Printf("stock %s, sold %s\n", values[0], values[1])
	seen, err := rdb.LRange(ctx, history, 0, -1).Result()
	if err != nil {
		return err
	}
	for i, left := range seen {
		if left != strconv.Itoa(stock-1-i) {
			return fmt.Errorf("the stock was %s after purchase %d", left, i+1)
		}
	}
	fmt.Printf("it went from %s down to %s in steps of one, and never below\n", seen[0], seen[len(seen)-1])
	return nil
}
