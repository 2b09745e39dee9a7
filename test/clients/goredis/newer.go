package main

import (
	"errors"
	"fmt"
	"log"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
)

// newer checks calls that came after Redis 7.0 for what their documentation promises.
func newer(addr string) {
	for _, protocol := range []int{3, 2} {
		c := redis.NewClient(&redis.Options{Addr: addr, Protocol: protocol})
		if err := c.FlushAll(ctx).Err(); err != nil {
			log.Fatal(err)
		}
		fieldExpiry(c)
		newerHashes(c)
		newerStreams(c)
		newerOthers(c)
		c.Close()
		fmt.Println("ok, newer, RESP", protocol)
	}
}

func fieldExpiry(c *redis.Client) {
	c.HSet(ctx, "h", "a", 1, "b", 2, "c", 3)
	n, err := c.HExpire(ctx, "h", time.Hour, "a", "none").Result()
	check("HEXPIRE", n, []int64{1, -2}, err)
	n, err = c.HExpireWithArgs(ctx, "h", time.Minute, redis.HExpireArgs{GT: true}, "a").Result()
	check("HEXPIRE GT", n, []int64{0}, err)
	n, err = c.HTTL(ctx, "h", "a", "b", "none").Result()
	check("HTTL", len(n) == 3 && n[0] > 3590 && n[1] == -1 && n[2] == -2, true, err)
	at := time.Now().Add(time.Hour).Truncate(time.Second)
	n, err = c.HExpireAt(ctx, "h", at, "a").Result()
	check("HEXPIREAT", n, []int64{1}, err)
	n, err = c.HExpireTime(ctx, "h", "a", "b").Result()
	check("HEXPIRETIME", n, []int64{at.Unix(), -1}, err)
	n, err = c.HPExpireTime(ctx, "h", "a").Result()
	check("HPEXPIRETIME", n, []int64{at.UnixMilli()}, err)
	enc, err := c.ObjectEncoding(ctx, "h").Result()
	check("OBJECT ENCODING", enc, "listpackex", err)
	n, err = c.HPersist(ctx, "h", "a", "b").Result()
	check("HPERSIST", n, []int64{1, -1}, err)
	n, err = c.HPExpireAt(ctx, "h", time.Now().Add(-time.Second), "c").Result()
	check("HPEXPIREAT of the past", n, []int64{2}, err)
	n, err = c.HPTTL(ctx, "missing", "a").Result()
	check("HPTTL of no key", n, []int64{-2}, err)
	n, err = c.HPExpire(ctx, "h", 20*time.Millisecond, "b").Result()
	check("HPEXPIRE", n, []int64{1}, err)
	for c.HGet(ctx, "h", "b").Err() == nil {
	}
	all, err := c.HGetAll(ctx, "h").Result()
	check("HGETALL once a field is gone", all, map[string]string{"a": "1"}, err)
}

func newerHashes(c *redis.Client) {
	n, err := c.HSetEXWithArgs(ctx, "e", &redis.HSetEXOptions{ExpirationType: redis.HSetEXExpirationEX, ExpirationVal: 100}, "a", "1", "b", "2").Result()
	check("HSETEX", n, int64(1), err)
	n, err = c.HSetEXWithArgs(ctx, "e", &redis.HSetEXOptions{Condition: redis.HSetEXFNX}, "a", "9").Result()
	check("HSETEX FNX", n, int64(0), err)
	got, err := c.HGetEXWithArgs(ctx, "e", &redis.HGetEXOptions{ExpirationType: redis.HGetEXExpirationPERSIST}, "a").Result()
	check("HGETEX PERSIST", got, []string{"1"}, err)
	got, err = c.HGetDel(ctx, "e", "a", "b").Result()
	check("HGETDEL", got, []string{"1", "2"}, err)
	left, err := c.Exists(ctx, "e").Result()
	check("EXISTS", left, int64(0), err)
	c.HSet(ctx, "f", "x", 1, "y", 2)
	fields, _, err := c.HScanNoValues(ctx, "f", 0, "*", 10).Result()
	slices.Sort(fields)
	check("HSCAN NOVALUES", fields, []string{"x", "y"}, err)
}

func newerStreams(c *redis.Client) {
	for _, id := range []string{"1-1", "2-1", "3-1", "4-1"} {
		c.XAdd(ctx, &redis.XAddArgs{Stream: "x", ID: id, Values: []any{"f", id}})
	}
	c.XGroupCreate(ctx, "x", "g", "0")
	c.XReadGroup(ctx, &redis.XReadGroupArgs{Group: "g", Consumer: "a", Streams: []string{"x", ">"}, Count: 3, Block: -1})
	codes, err := c.XAckDel(ctx, "x", "g", "ACKED", "1-1", "9-9").Result()
	check("XACKDEL", codes, []any{int64(1), int64(-1)}, err)
	codes, err = c.XDelEx(ctx, "x", "ACKED", "2-1", "9-9").Result()
	check("XDELEX of a pending entry", codes, []any{int64(2), int64(-1)}, err)
	codes, err = c.XDelEx(ctx, "x", "DELREF", "2-1").Result()
	check("XDELEX DELREF", codes, []any{int64(1)}, err)
	pending, err := c.XPending(ctx, "x", "g").Result()
	check("XPENDING", pending.Count, int64(1), err)
	n, err := c.XTrimMaxLenMode(ctx, "x", 0, "DELREF").Result()
	check("XTRIM DELREF", n, int64(2), err)
	pending, err = c.XPending(ctx, "x", "g").Result()
	check("XPENDING after it", pending.Count, int64(0), err)
	consumers, err := c.XInfoConsumers(ctx, "x", "g").Result()
	check("XINFO CONSUMERS", len(consumers) == 1 && consumers[0].Inactive >= 0, true, err)
}

func newerOthers(c *redis.Client) {
	c.ZAdd(ctx, "z", redis.Z{Score: 1, Member: "a"}, redis.Z{Score: 2.5, Member: "b"})
	rank, err := c.ZRankWithScore(ctx, "z", "b").Result()
	check("ZRANK WITHSCORE", rank, redis.RankScore{Rank: 1, Score: 2.5}, err)
	rank, err = c.ZRevRankWithScore(ctx, "z", "b").Result()
	check("ZREVRANK WITHSCORE", rank, redis.RankScore{Rank: 0, Score: 2.5}, err)
	if _, err := c.ZRankWithScore(ctx, "z", "none").Result(); !errors.Is(err, redis.Nil) {
		log.Fatalf("ZRANK WITHSCORE of no member: %v", err)
	}
	c.Set(ctx, "k1", "\x0f", 0)
	c.Set(ctx, "k2", "\x03", 0)
	n, err := c.BitOpDiff(ctx, "to", "k1", "k2").Result()
	check("BITOP DIFF", n, int64(1), err)
	v, err := c.Get(ctx, "to").Result()
	check("BITOP DIFF's result", v, "\x0c", err)
	n, err = c.BitOpOne(ctx, "to", "k1", "k2").Result()
	check("BITOP ONE", n, int64(1), err)
	n, err = c.BitOpAndOr(ctx, "to", "k1", "k2").Result()
	check("BITOP ANDOR", n, int64(1), err)
	v, err = c.Get(ctx, "to").Result()
	check("BITOP ANDOR's result", v, "\x03", err)
}
