// Capitals stores some words under others and reads them back: one at a time, many at once,
// and one that is not there.
//
//	$ go run ./capitals
//	The capital of Peru is Lima.
//	Nepal Kathmandu
//	Mali Bamako
//	Nobody has told us the capital of Atlantis.
//	2 of Peru, Mali and Atlantis are known.
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart/examples/connect"
)

// A prefix keeps the keys of a program together, and away from those of others.
const prefix = "example:capital:"

func main() { connect.Run(run) }

func run(ctx context.Context, rdb *redis.Client) error {
	err := rdb.MSet(ctx, prefix+"Peru", "Lima", prefix+"Nepal", "Kathmandu", prefix+"Mali", "Bamako").Err()
	if err != nil {
		return err
	}
	capital, err := rdb.Get(ctx, prefix+"Peru").Result()
	if err != nil {
		return err
	}
	fmt.Printf("The capital of Peru is %s.\n", capital)

	countries := []string{"Nepal", "Mali"}
	capitals, err := rdb.MGet(ctx, prefix+countries[0], prefix+countries[1]).Result()
	if err != nil {
		return err
	}
	for i, c := range capitals {
		fmt.Println(countries[i], c) // c is nil if there is no such key
	}

	// A key that does not exist is no failure of the store, and has an error of its own.
	if _, err := rdb.Get(ctx, prefix+"Atlantis").Result(); errors.Is(err, redis.Nil) {
		fmt.Println("Nobody has told us the capital of Atlantis.")
	} else if err != nil {
		return err
	}
	known, err := rdb.Exists(ctx, prefix+"Peru", prefix+"Mali", prefix+"Atlantis").Result()
	if err != nil {
		return err
	}
	fmt.Printf("%d of Peru, Mali and Atlantis are known.\n", known)
	return rdb.Del(ctx, prefix+"Peru", prefix+"Nepal", prefix+"Mali").Err()
}
