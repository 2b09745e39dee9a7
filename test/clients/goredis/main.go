// Command goredis has sessions of the go-redis client. With the address of an open
// server and of one with the password sesame it checks strings, keys and connections;
// "families ADDR" prints what the calls of all data types bring, and "newer ADDR"
// checks those that came after Redis 7.0; "caching ADDR" reads through the client's cache. The
// address in-process is a database in the session's own process, with the settings that follow.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

var ctx = context.Background()

// check ends the session unless a call brought what it should.
func check(what string, got, want any, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
	if !reflect.DeepEqual(got, want) {
		log.Fatalf("%s: got %#v, want %#v", what, got, want)
	}
}

// refused ends the session unless a call failed with a text.
func refused(what string, err error, text string) {
	if err == nil || !strings.Contains(err.Error(), text) {
		log.Fatalf("%s: got %v, want an error that says %q", what, err, text)
	}
}

func main() {
	log.SetFlags(0)
	switch os.Args[1] {
	case "families":
		families(os.Args[2])
		return
	case "newer":
		newer(os.Args[2])
		return
	case "caching":
		caching(os.Args[2])
		return
	}
	for _, protocol := range []int{3, 2} {
		c := redis.NewClient(&redis.Options{Addr: os.Args[1], Protocol: protocol, ClientName: "session"})
		if err := c.FlushAll(ctx).Err(); err != nil {
			log.Fatal(err)
		}
		strs(c)
		numbers(c)
		expiry(c)
		keys(c)
		pipelines(c)
		connection(c)
		pool(c)
		c.Close()
		fmt.Println("ok, RESP", protocol)
	}
	auth()
}

func strs(c *redis.Client) {
	pong, err := c.Ping(ctx).Result()
	check("PING", pong, "PONG", err)
	ok, err := c.Set(ctx, "s", "v", 0).Result()
	check("SET", ok, "OK", err)
	v, err := c.Get(ctx, "s").Result()
	check("GET", v, "v", err)
	if err := c.Get(ctx, "missing").Err(); !errors.Is(err, redis.Nil) {
		log.Fatalf("GET of a missing key: %v", err)
	}
	set, err := c.SetNX(ctx, "s", "w", 0).Result()
	check("SETNX", set, false, err)
	old, err := c.SetArgs(ctx, "s", "w", redis.SetArgs{Get: true, Mode: "XX"}).Result()
	check("SET XX GET", old, "v", err)
	ok, err = c.MSet(ctx, "m1", 1, "m2", []byte{0, 255}).Result()
	check("MSET", ok, "OK", err)
	all, err := c.MGet(ctx, "m1", "m2", "none").Result()
	check("MGET", all, []any{"1", "\x00\xff", nil}, err)
	n, err := c.Append(ctx, "s", "!").Result()
	check("APPEND", n, int64(2), err)
	part, err := c.GetRange(ctx, "s", -1, -1).Result()
	check("GETRANGE", part, "!", err)
	gone, err := c.GetDel(ctx, "s").Result()
	check("GETDEL", gone, "w!", err)
	big := strings.Repeat("x", 1<<20)
	if err := c.Set(ctx, "big", big, 0).Err(); err != nil {
		log.Fatal(err)
	}
	back, err := c.Get(ctx, "big").Result()
	check("GET of a megabyte", back == big, true, err)
	c.MSet(ctx, "l1", "ohmytext", "l2", "mynewtext")
	lcs, err := c.LCS(ctx, &redis.LCSQuery{Key1: "l1", Key2: "l2", Idx: true, WithMatchLen: true}).Result()
	check("LCS", lcs.Len, int64(6), err)
	check("LCS matches", len(lcs.Matches), 2, err)
}

func numbers(c *redis.Client) {
	n, err := c.IncrBy(ctx, "n", 41).Result()
	check("INCRBY", n, int64(41), err)
	n, err = c.Incr(ctx, "n").Result()
	check("INCR", n, int64(42), err)
	i, err := c.Get(ctx, "n").Int()
	check("GET as int", i, 42, err)
	f, err := c.IncrByFloat(ctx, "n", 0.5).Result()
	check("INCRBYFLOAT", f, 42.5, err)
	refused("INCR of a float", c.Incr(ctx, "n").Err(), "ERR value is not an integer or out of range")
}

func expiry(c *redis.Client) {
	if err := c.Set(ctx, "e", "v", time.Hour).Err(); err != nil {
		log.Fatal(err)
	}
	ttl, err := c.TTL(ctx, "e").Result()
	check("TTL", ttl > 59*time.Minute && ttl <= time.Hour, true, err)
	done, err := c.ExpireGT(ctx, "e", time.Minute).Result()
	check("EXPIRE GT", done, false, err)
	done, err = c.Persist(ctx, "e").Result()
	check("PERSIST", done, true, err)
	ttl, err = c.PTTL(ctx, "e").Result()
	check("PTTL", ttl, time.Duration(-1), err)
	v, err := c.GetEx(ctx, "e", time.Minute).Result()
	check("GETEX", v, "v", err)
	at := time.Now().Add(time.Hour).Truncate(time.Second)
	done, err = c.ExpireAt(ctx, "e", at).Result()
	check("EXPIREAT", done, true, err)
	when, err := c.ExpireTime(ctx, "e").Result()
	check("EXPIRETIME", when, time.Duration(at.Unix())*time.Second, err)
	v, err = c.SetArgs(ctx, "e", "w", redis.SetArgs{KeepTTL: true}).Result()
	check("SET KEEPTTL", v, "OK", err)
}

func keys(c *redis.Client) {
	for i := range 300 {
		c.Set(ctx, fmt.Sprint("key:", i), i, 0)
	}
	seen := map[string]bool{}
	iter := c.Scan(ctx, 0, "key:*", 20).Iterator()
	for iter.Next(ctx) {
		seen[iter.Val()] = true
	}
	check("SCAN", len(seen), 300, iter.Err())
	n, err := c.Exists(ctx, "key:1", "key:1", "none").Result()
	check("EXISTS", n, int64(2), err)
	kind, err := c.Type(ctx, "key:1").Result()
	check("TYPE", kind, "string", err)
	refused("RENAME", c.Rename(ctx, "none", "x").Err(), "ERR no such key")
	n, err = c.Copy(ctx, "key:1", "copy", 0, false).Result()
	check("COPY", n, int64(1), err)
	n, err = c.Del(ctx, "key:1", "copy").Result()
	check("DEL", n, int64(2), err)
	enc, err := c.ObjectEncoding(ctx, "key:2").Result()
	check("OBJECT ENCODING", enc, "int", err)
}

func pipelines(c *redis.Client) {
	c.Del(ctx, "count")
	cmds, err := c.Pipelined(ctx, func(p redis.Pipeliner) error {
		for range 1000 {
			p.Incr(ctx, "count")
		}
		return nil
	})
	check("pipeline", cmds[999].(*redis.IntCmd).Val(), int64(1000), err)
	c.Set(ctx, "text", "abc", 0)
	cmds, err = c.Pipelined(ctx, func(p redis.Pipeliner) error {
		p.Incr(ctx, "text")
		p.Get(ctx, "text")
		return nil
	})
	refused("pipeline with an error", err, "not an integer")
	check("after the error", cmds[1].(*redis.StringCmd).Val(), "abc", nil)
}

func connection(c *redis.Client) {
	name, err := c.ClientGetName(ctx).Result()
	check("CLIENT GETNAME", name, "session", err)
	id, err := c.ClientID(ctx).Result()
	check("CLIENT ID", id > 0, true, err)
	info, err := c.ClientInfo(ctx).Result()
	check("CLIENT INFO", info != nil && info.Name == "session", true, err)
	conf, err := c.ConfigGet(ctx, "maxmemory").Result()
	check("CONFIG GET", conf, map[string]string{"maxmemory": "0"}, err)
	commands, err := c.Command(ctx).Result()
	check("COMMAND", commands["get"] != nil && commands["get"].ReadOnly, true, err)
	when, err := c.Time(ctx).Result()
	check("TIME", time.Since(when).Abs() < time.Minute, true, err)
	keys, err := c.Do(ctx, "COMMAND", "GETKEYS", "MSET", "a", 1, "b", 2).StringSlice()
	check("COMMAND GETKEYS", keys, []string{"a", "b"}, err)
	refused("an unknown command", c.Do(ctx, "NOSUCH", "x").Err(), "ERR unknown command 'NOSUCH', with args beginning with: 'x'")
	text, err := c.Info(ctx, "server").Result()
	check("INFO", strings.Contains(text, "redis_version:"), true, err)
}

// pool uses more goroutines than connections.
func pool(c *redis.Client) {
	c.Del(ctx, "shared")
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 100 {
				if err := c.Incr(ctx, "shared").Err(); err != nil {
					log.Fatal(err)
				}
			}
		})
	}
	wg.Wait()
	n, err := c.Get(ctx, "shared").Int()
	check("the sum", n, 5000, err)
}

func auth() {
	open := redis.NewClient(&redis.Options{Addr: os.Args[2]})
	refused("without a password", open.Get(ctx, "a").Err(), "NOAUTH")
	wrong := redis.NewClient(&redis.Options{Addr: os.Args[2], Password: "wrong"})
	refused("with a wrong one", wrong.Get(ctx, "a").Err(), "WRONGPASS")
	right := redis.NewClient(&redis.Options{Addr: os.Args[2], Username: "default", Password: "sesame"})
	ok, err := right.Set(ctx, "a", 1, 0).Result()
	check("with the right one", ok, "OK", err)
}
