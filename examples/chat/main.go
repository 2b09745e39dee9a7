// Chat is a room, which is a channel: what somebody publishes, all who subscribe receive, in
// the same order. Nothing is kept, so whoever comes later has missed it.
//
//	$ go run ./chat
//	"ann: good morning" reaches 2
//	"cem: is it?" reaches 2
//	"ann: it is" reaches 2
//	"bye" reaches 2
//	bob heard ann: good morning
//	bob heard cem: is it?
//	bob heard ann: it is
//	cem heard ann: good morning
//	cem heard cem: is it?
//	cem heard ann: it is
package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart/examples/connect"
)

const room = "example:chat:kitchen"

func main() { connect.Run(run) }

func run(ctx context.Context, rdb *redis.Client) error {
	people := []string{"bob", "cem"}
	logs := make([]chan []string, len(people))
	for i, name := range people {
		sub, err := join(ctx, rdb)
		if err != nil {
			return err
		}
		logs[i] = make(chan []string)
		go func() { logs[i] <- listen(sub, name) }()
	}
	for _, line := range []string{"ann: good morning", "cem: is it?", "ann: it is", "bye"} {
		receivers, err := rdb.Publish(ctx, room, line).Result()
		if err != nil {
			return err
		}
		fmt.Printf("%q reaches %d\n", line, receivers)
	}
	for _, log := range logs {
		fmt.Println(strings.Join(<-log, "\n"))
	}
	return nil
}

// join subscribes, and waits until the server has confirmed it: what is published from now
// on will be received.
func join(ctx context.Context, rdb *redis.Client) (*redis.PubSub, error) {
	sub := rdb.Subscribe(ctx, room)
	if _, err := sub.Receive(ctx); err != nil {
		sub.Close()
		return nil, err
	}
	return sub, nil
}

// listen hears everything until somebody says bye, and leaves.
func listen(sub *redis.PubSub, name string) (heard []string) {
	defer sub.Close()
	for m := range sub.Channel() {
		if m.Payload == "bye" {
			break
		}
		heard = append(heard, name+" heard "+m.Payload)
	}
	return heard
}
