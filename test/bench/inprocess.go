//go:build linux

package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/redstart-db/redstart"
)

var inProcess = &work{
	name: "inprocess", prepare: fillStrings, run: runInProcess,
	about: "GET of 64 B, one call after the other: Do of package redstart in the program that measures; stock, which has nothing like it: the same program over a connection",
	rows: []row{
		{"one", "GET in process, one key: time per call", nanos, noMoreThan(300)},
		{"random", "GET in process, 1 M random keys: time per call", nanos, target{}},
	},
}

// keyLength is that of a key of loadKey.
const keyLength = len(loadKey)

func runInProcess(t *trial) (figures, error) {
	// The keys are parts of one string: a million strings would keep the collector busy.
	var b strings.Builder
	for i := range million {
		fmt.Fprintf(&b, "key:%012d", i)
	}
	keys := b.String()
	get := func(key string) (any, error) { return t.do("GET", key) }
	if t.ours {
		db, err := redstart.Open(redstart.Options{})
		if err != nil {
			return nil, err
		}
		defer db.Close()
		ctx := context.Background()
		for i := range million {
			if _, err := db.Do(ctx, "SET", keys[i*keyLength:][:keyLength], value64); err != nil {
				return nil, err
			}
		}
		get = func(key string) (any, error) { return db.Do(ctx, "GET", key) }
	}
	one, err := timePerCall(t.duration, func(int) (any, error) { return get(keys[:keyLength]) })
	if err != nil {
		return nil, err
	}
	order := rand.Perm(million)
	random, err := timePerCall(t.duration, func(n int) (any, error) { return get(keys[order[n%million]*keyLength:][:keyLength]) })
	return figures{"one": one, "random": random}, err
}

// timePerCall is the nanoseconds that getting a key takes, for a while.
func timePerCall(d time.Duration, get func(n int) (any, error)) (float64, error) {
	const batch = 100 // between two looks at the clock
	began := time.Now()
	for n := 0; ; n += batch {
		if took := time.Since(began); took >= d && n > 0 {
			return float64(took) / float64(n), nil
		}
		for i := range batch {
			if v, err := get(n + i); err != nil || v != value64 {
				return 0, fmt.Errorf("GET answered %v, %w", v, err)
			}
		}
	}
}
