package main

import (
	"fmt"
	"log"
	"time"

	"github.com/redis/go-redis/v9"
)

// caching reads through the cache of the client while another client writes.
func caching(addr string) {
	writer := redis.NewClient(to(addr, 3))
	cached := to(addr, 3)
	cached.ClientSideCacheConfig = &redis.ClientSideCacheConfig{}
	reader := redis.NewClient(cached)
	defer writer.Close()
	defer reader.Close()
	check("FLUSHALL", writer.FlushAll(ctx).Err(), nil, nil)
	for i := range 50 {
		v := fmt.Sprint(i)
		check("SET", writer.Set(ctx, "k", v, 0).Err(), nil, nil)
		becomes(reader, "k", v)
	}
	before := reader.CSCStats().Hits
	for range 100 {
		becomes(reader, "k", "49")
	}
	if hits := reader.CSCStats().Hits - before; hits < 90 {
		log.Fatalf("%d of 100 reads came from the cache", hits)
	}
	check("DEL", writer.Del(ctx, "k").Err(), nil, nil)
	becomes(reader, "k", "")
	check("SET PX", writer.Set(ctx, "k", "short", 30*time.Millisecond).Err(), nil, nil)
	becomes(reader, "k", "")
	check("MSET", writer.MSet(ctx, "k", "a", "l", "b").Err(), nil, nil)
	becomes(reader, "k", "a")
	becomes(reader, "l", "b")
	_, err := writer.TxPipelined(ctx, func(p redis.Pipeliner) error {
		p.Append(ctx, "k", "1")
		p.Rename(ctx, "k", "l")
		return nil
	})
	check("MULTI", err, nil, nil)
	becomes(reader, "l", "a1")
	becomes(reader, "k", "")
	check("FLUSHALL", writer.FlushAll(ctx).Err(), nil, nil)
	becomes(reader, "l", "")
	fmt.Println("ok, caching")
}

// becomes reads until a key has a value.
func becomes(c *redis.Client, key, want string) {
	for start := time.Now(); ; {
		v, err := c.Get(ctx, key).Result()
		if err == redis.Nil {
			err = nil
		}
		if err == nil && v == want {
			return
		}
		if err != nil || time.Since(start) > 10*time.Second {
			log.Fatalf("GET %s: %q (%v), want %q", key, v, err, want)
		}
	}
}
