package main

import (
	"fmt"
	"log"
	"time"

	"github.com/redis/go-redis/v9"
)

// messages prints what a PubSub of the library hears.
func messages(c *redis.Client) {
	fmt.Println("-- messages")
	s := c.Subscribe(ctx, "news", "weather")
	defer s.Close()
	hear(s, 2)
	sayErr(s.PSubscribe(ctx, "n*"))
	sayErr(s.SSubscribe(ctx, "shard"))
	hear(s, 2)
	say(c.Publish(ctx, "news", "first"), c.Publish(ctx, "nobody", "second"), c.Publish(ctx, "unheard", "third"))
	hear(s, 3)
	say(c.SPublish(ctx, "shard", "fourth"))
	hear(s, 1)
	sayErr(s.Ping(ctx, "there"))
	hear(s, 1)
	say(c.PubSubChannels(ctx, "n*"), c.PubSubNumSub(ctx, "news", "none"), c.PubSubNumPat(ctx), c.PubSubShardChannels(ctx, ""), c.PubSubShardNumSub(ctx, "shard"))
	sayErr(s.Unsubscribe(ctx, "weather"))
	sayErr(s.PUnsubscribe(ctx))
	sayErr(s.SUnsubscribe(ctx, "shard"))
	hear(s, 3)
	say(c.Publish(ctx, "news", "last"))
	hear(s, 1)
	say(c.ConfigSet(ctx, "notify-keyspace-events", "KEA"))
	sayErr(s.PSubscribe(ctx, "__key*__:*"))
	hear(s, 1)
	say(c.Set(ctx, "noticed", 1, time.Hour), c.Del(ctx, "noticed"))
	hear(s, 6)
	say(c.ConfigSet(ctx, "notify-keyspace-events", ""))
}

func sayErr(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// hear prints the next n that is heard.
func hear(s *redis.PubSub, n int) {
	for range n {
		m, err := s.ReceiveTimeout(ctx, 10*time.Second)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("heard %T %v\n", m, m)
	}
}
