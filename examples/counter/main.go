// Counter finds out which functions of a program are called how often, over all processes that use the
// store: package callcount wraps a function in one that counts, of the same type.
//
//	$ go run ./counter
//	greet says: hello, ann and bob
//	  100 main.(*catalog).find
//	    3 main.greet
//	    1 nothing
package main

import (
	"context"
	"fmt"
	"log"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart/callcount"
	"github.com/redstart-db/redstart/examples/connect"
)

func main() { connect.Run(run) }

func greet(names ...string) string { return "hello, " + strings.Join(names, " and ") }

type catalog struct{ prices map[string]int }

func (c *catalog) find(what string) (price int, ok bool) {
	price, ok = c.prices[what]
	return price, ok
}

func run(ctx context.Context, rdb *redis.Client) error {
	store := callcount.Adapt(rdb.Do)
	options := []callcount.Option{
		callcount.Prefix("example:calls:"),
		callcount.OnError(func(err error) { log.Print(err) }), // the calls themselves never fail
	}

	greet := callcount.Wrap(store, greet, options...)
	greet()
	greet("ann")
	fmt.Println("greet says:", greet("ann", "bob"))

	hats := &catalog{prices: map[string]int{"fedora": 35}}
	find := callcount.Wrap(store, hats.find, options...)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { find("fedora") })
	}
	wg.Wait()

	// A function without a name is best given one.
	callcount.Wrap(store, func() {}, append(options, callcount.Name("nothing"))...)()

	if err := callcount.Flush(ctx); err != nil { // as before the end of any program that counts
		return err
	}
	counts, err := callcount.Report(ctx, store, options...)
	if err != nil {
		return err
	}
	for _, c := range counts {
		fmt.Printf("%5d %s\n", c.Calls, c.Name)
		if err := rdb.Del(ctx, "example:calls:"+c.Name).Err(); err != nil {
			return err
		}
	}
	return nil
}
