// Package connect gives the examples their client: of the server at -addr, or, if there is none, of a
// database inside the program. What follows is the same for both.
package connect

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart"
)

const patience = 30 * time.Second

// Run calls an example, and ends the program with its error.
func Run(example func(context.Context, *redis.Client) error) {
	addr := flag.String("addr", "", "host:port of a server; none: a database inside this program")
	flag.Parse()
	log.SetFlags(0)
	if err := run(*addr, example); err != nil {
		log.Fatal(err)
	}
}

func run(addr string, example func(context.Context, *redis.Client) error) error {
	options := &redis.Options{
		Addr: addr,
		// An example has time, on a busy machine as well. A service gives up sooner, and serves others.
		ReadTimeout: patience, WriteTimeout: patience, PoolTimeout: patience,
	}
	if addr == "" {
		db, err := redstart.Open(redstart.Options{})
		if err != nil {
			return err
		}
		defer db.Close()
		options.Dialer = db.Dial
	}
	rdb := redis.NewClient(options)
	defer rdb.Close()
	return example(context.Background(), rdb)
}
