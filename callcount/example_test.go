package callcount_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/redstart-db/redstart"
	"github.com/redstart-db/redstart/callcount"
)

func shout(words ...string) string { return strings.ToUpper(strings.Join(words, " ")) }

type basket struct{ things []string }

func (b *basket) Add(thing string) int {
	b.things = append(b.things, thing)
	return len(b.things)
}

func Example() {
	ctx := context.Background()
	db, err := redstart.Open(redstart.Options{})
	if err != nil {
		panic(err) // an example
	}
	defer db.Close()

	shout := callcount.Wrap(db.Do, shout) // func(...string) string, as before
	fmt.Println(shout("hello", "world"))
	fmt.Println(shout())

	b := &basket{}
	add := callcount.Wrap(db.Do, b.Add)
	for _, thing := range []string{"hat", "shoe", "glove"} {
		add(thing)
	}
	fmt.Println(b.things)

	if err := callcount.Flush(ctx); err != nil {
		panic(err) // an example
	}
	counts, err := callcount.Report(ctx, db.Do)
	for _, c := range counts {
		fmt.Println(c.Calls, c.Name)
	}
	fmt.Println(err)
	// Output:
	// HELLO WORLD
	//
	// [hat shoe glove]
	// 3 github.com/redstart-db/redstart/callcount_test.(*basket).Add
	// 2 github.com/redstart-db/redstart/callcount_test.shout
	// <nil>
}

func ExampleName() {
	ctx := context.Background()
	db, err := redstart.Open(redstart.Options{})
	if err != nil {
		panic(err) // an example
	}
	defer db.Close()

	// A literal would be counted by its place, example_test.go:70.
	double := callcount.Wrap(db.Do, func(n int) int { return 2 * n },
		callcount.Name("double"), callcount.Prefix("statistics:"))
	fmt.Println(double(21))
	fmt.Println(callcount.Flush(ctx))
	fmt.Println(db.Do(ctx, "GET", "statistics:double"))
	// Output:
	// 42
	// <nil>
	// 1 <nil>
}

func ExampleOnError() {
	down := make(chan error, 1) // a store that fails once
	down <- errors.New("connection refused")
	store := func(context.Context, ...any) (any, error) {
		select {
		case err := <-down:
			return nil, err
		default:
			return int64(1), nil
		}
	}
	heard := make(chan error, 1)
	hello := callcount.Wrap(store, func() { fmt.Println("hello") }, callcount.Name("hello"),
		callcount.OnError(func(err error) { heard <- err }))
	hello() // as if nothing were
	fmt.Println(<-heard)
	fmt.Println(callcount.Flush(context.Background())) // it is back
	// Output:
	// hello
	// counting calls:hello: connection refused
	// <nil>
}
