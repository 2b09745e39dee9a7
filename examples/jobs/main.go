// Jobs is a queue that loses nothing. A worker does not pop a job: BLMOVE moves it from the queue to a
// list of the worker's own, in one step, and waits while there is none. Only when the work is done
// does the job leave that list. When a worker dies, what lies in its list is put back.
//
// A job may so be done twice, if its worker dies between doing it and saying so; the work has
// to bear that. Here the results are members of a set, where twice is as good as once.
//
//	$ go run ./jobs
//	worker 1 dies with a job in its hands
//	1 job is put back
//	20 jobs done, 0 waiting, 0 in hand
package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart/examples/connect"
)

const (
	queue = "example:jobs"
	done  = "example:jobs:done"
	jobs  = 20
	end   = "end" // tells a worker to go home
)

// inHand is the list of one worker.
func inHand(worker int) string { return "example:jobs:worker:" + strconv.Itoa(worker) }

func main() { connect.Run(run) }

var errDied = errors.New("died")

// work does jobs until it is told to end. do gets each of them.
func work(ctx context.Context, rdb *redis.Client, worker int, do func(job string) error) error {
	mine := inHand(worker)
	for {
		job, err := rdb.BLMove(ctx, queue, mine, "LEFT", "RIGHT", time.Minute).Result()
		if errors.Is(err, redis.Nil) {
			continue // a minute without work
		} else if err != nil {
			return err
		}
		if job != end {
			if err := do(job); err != nil {
				return err // the job stays in our list
			}
		}
		if err := rdb.LRem(ctx, mine, 1, job).Err(); err != nil {
			return err
		}
		if job == end {
			return nil
		}
	}
}

// putBack returns what a dead worker had in hand to the front of the queue.
func putBack(ctx context.Context, rdb *redis.Client, worker int) (n int, err error) {
	for {
		err := rdb.LMove(ctx, inHand(worker), queue, "RIGHT", "LEFT").Err()
		if errors.Is(err, redis.Nil) {
			return n, nil
		} else if err != nil {
			return n, err
		}
		n++
	}
}

func run(ctx context.Context, rdb *redis.Client) error {
	all := []string{queue, done, inHand(1), inHand(2), inHand(3)}
	if err := rdb.Del(ctx, all...).Err(); err != nil {
		return err
	}
	defer rdb.Del(ctx, all...)
	for i := range jobs {
		if err := rdb.RPush(ctx, queue, "job "+strconv.Itoa(i)).Err(); err != nil {
			return err
		}
	}

	if err := work(ctx, rdb, 1, func(string) error { return errDied }); !errors.Is(err, errDied) {
		return err
	}
	fmt.Println("worker 1 dies with a job in its hands")
	n, err := putBack(ctx, rdb, 1)
	if err != nil {
		return err
	}
	fmt.Printf("%d job is put back\n", n)

	if err := workAll(ctx, rdb, 2, 3); err != nil {
		return err
	}
	return count(ctx, rdb)
}

// workAll has some workers empty the queue.
func workAll(ctx context.Context, rdb *redis.Client, workers ...int) error {
	errs := make([]error, len(workers))
	var wg sync.WaitGroup
	for i, worker := range workers {
		wg.Go(func() {
			errs[i] = work(ctx, rdb, worker, func(job string) error { return rdb.SAdd(ctx, done, job).Err() })
		})
	}
	for range workers {
		if err := rdb.RPush(ctx, queue, end).Err(); err != nil {
			return err
		}
	}
	wg.Wait()
	return errors.Join(errs...)
}

func count(ctx context.Context, rdb *redis.Client) error {
	pipe := rdb.Pipeline()
	finished, waiting := pipe.SCard(ctx, done), pipe.LLen(ctx, queue)
	second, third := pipe.LLen(ctx, inHand(2)), pipe.LLen(ctx, inHand(3))
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	fmt.Printf("%d jobs done, %d waiting, %d in hand\n", finished.Val(), waiting.Val(), second.Val()+third.Val())
	return nil
}
