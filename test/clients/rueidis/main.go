// Command rueidis has a session of the rueidis client, which caches what it reads: with the
// address of a server it checks that reads come from the cache while they may, and that
// every kind of change empties it.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/redis/rueidis"
)

var ctx = context.Background()

// patience is how long a message may take; a failure takes so long, a success does not.
const patience = 10 * time.Second

func main() {
	log.SetFlags(0)
	addr := os.Args[1]
	for _, s := range []struct {
		name    string
		options []string // of CLIENT TRACKING; nil: OPTIN
	}{
		{"OPTIN", nil},
		{"broadcasting", []string{"PREFIX", "k", "BCAST"}},
	} {
		writer := dial(rueidis.ClientOption{InitAddress: []string{addr}, DisableCache: true})
		reader := dial(rueidis.ClientOption{InitAddress: []string{addr}, ClientTrackingOptions: s.options})
		must("FLUSHALL", do(writer, "FLUSHALL").Error())
		strs(reader, writer)
		many(reader, writer)
		families(reader, writer)
		gone(reader, writer)
		reader.Close()
		writer.Close()
		fmt.Println("ok,", s.name)
	}
	told(addr)
}

func dial(o rueidis.ClientOption) rueidis.Client {
	c, err := rueidis.NewClient(o)
	must("connect", err)
	return c
}

func must(what string, err error) {
	if err != nil {
		log.Fatalf("%s: %v", what, err)
	}
}

func do(c rueidis.Client, words ...string) rueidis.RedisResult {
	return c.Do(ctx, c.B().Arbitrary(words...).Build())
}

// get reads through the cache.
func get(c rueidis.Client, key string) (value string, hit bool) {
	r := c.DoCache(ctx, c.B().Get().Key(key).Cache(), time.Minute)
	value, err := r.ToString()
	if err != nil && !rueidis.IsRedisNil(err) {
		log.Fatalf("GET %s: %v", key, err)
	}
	return value, r.IsCacheHit()
}

// cached reads a key that is not in the cache, and then is.
func cached(c rueidis.Client, key, want string) {
	if v, hit := get(c, key); v != want || hit {
		log.Fatalf("GET %s: %q, from the cache: %v; want %q from the server", key, v, hit, want)
	}
	if v, hit := get(c, key); v != want || !hit {
		log.Fatalf("GET %s again: %q, from the cache: %v; want %q from the cache", key, v, hit, want)
	}
}

// becomes waits until a key has a value in the eyes of a reader.
func becomes(c rueidis.Client, key, want string) {
	for start := time.Now(); ; {
		v, _ := get(c, key)
		if v == want {
			return
		}
		if time.Since(start) > patience {
			log.Fatalf("GET %s: still %q, want %q", key, v, want)
		}
	}
}

func strs(reader, writer rueidis.Client) {
	for i := range 20 {
		v := fmt.Sprint(i)
		must("SET", do(writer, "SET", "k", v).Error())
		becomes(reader, "k", v)
	}
	cached(reader, "kmissing", "")
	must("SET", do(writer, "SET", "kmissing", "there").Error())
	becomes(reader, "kmissing", "there")
	must("DEL", do(writer, "DEL", "kmissing").Error())
	becomes(reader, "kmissing", "")
	must("RENAME", do(writer, "RENAME", "k", "k2").Error())
	becomes(reader, "k", "")
	becomes(reader, "k2", "19")
	must("PEXPIRE", do(writer, "PEXPIRE", "k2", "30").Error())
	becomes(reader, "k2", "")
	must("SET", do(reader, "SET", "k", "own").Error()) // the reader's own writes count, too
	becomes(reader, "k", "own")
	must("FLUSHALL", do(writer, "FLUSHALL").Error())
	becomes(reader, "k", "")
}

// many reads many keys at once.
func many(reader, writer rueidis.Client) {
	var keys []string
	set := []string{"MSET"}
	for i := range 100 {
		keys = append(keys, fmt.Sprint("k:", i))
		set = append(set, keys[i], fmt.Sprint("v", i))
	}
	must("MSET", do(writer, set...).Error())
	for round := 0; ; round++ {
		values, err := rueidis.MGetCache(reader, ctx, time.Minute, keys)
		must("MGET", err)
		ok := true
		for i, key := range keys {
			v, _ := values[key]
			text, _ := v.ToString()
			ok = ok && text == fmt.Sprint("v", i)
		}
		if ok {
			break
		}
		if round > 1000 {
			log.Fatal("MGET: values from before")
		}
	}
	must("SET", do(writer, "SET", "k:7", "changed").Error())
	becomes(reader, "k:7", "changed")
	becomes(reader, "k:8", "v8")
}

// families reads collections through the cache.
func families(reader, writer rueidis.Client) {
	must("HSET", do(writer, "HSET", "khash", "f", "1").Error())
	field := func() string {
		v, err := reader.DoCache(ctx, reader.B().Hget().Key("khash").Field("f").Cache(), time.Minute).ToString()
		must("HGET", err)
		return v
	}
	for i := 1; i < 10; i++ {
		want := fmt.Sprint(i)
		for start := time.Now(); field() != want; {
			if time.Since(start) > patience {
				log.Fatalf("HGET: still %q, want %q", field(), want)
			}
		}
		must("HINCRBY", do(writer, "HINCRBY", "khash", "f", "1").Error())
	}
	must("ZADD", do(writer, "ZADD", "kzset", "1", "a").Error())
	length := func() int64 {
		n, err := reader.DoCache(ctx, reader.B().Zcard().Key("kzset").Cache(), time.Minute).AsInt64()
		must("ZCARD", err)
		return n
	}
	for i := int64(1); i < 10; i++ {
		for start := time.Now(); length() != i; {
			if time.Since(start) > patience {
				log.Fatalf("ZCARD: still %d, want %d", length(), i)
			}
		}
		must("ZADD", do(writer, "ZADD", "kzset", "1", fmt.Sprint("m", i)).Error())
	}
}

// gone closes the reader's connections from outside: nothing that it has cached is true then.
func gone(reader, writer rueidis.Client) {
	must("SET", do(writer, "SET", "kgone", "1").Error())
	becomes(reader, "kgone", "1")
	must("CLIENT KILL", do(writer, "CLIENT", "KILL", "TYPE", "NORMAL").Error())
	must("SET", do(writer, "SET", "kgone", "2").Error())
	for start := time.Now(); ; {
		v, err := reader.DoCache(ctx, reader.B().Get().Key("kgone").Cache(), time.Minute).ToString()
		if err == nil && v == "2" {
			return
		}
		if time.Since(start) > patience {
			log.Fatalf("after its connection was closed the reader has %q (%v)", v, err)
		}
	}
}

// told looks at the messages themselves.
func told(addr string) {
	keys := make(chan []string, 16)
	reader := dial(rueidis.ClientOption{
		InitAddress:           []string{addr},
		ClientTrackingOptions: []string{"PREFIX", "a:", "PREFIX", "b:", "BCAST"},
		OnInvalidations: func(messages []rueidis.RedisMessage) {
			var list []string
			for _, m := range messages {
				s, _ := m.ToString()
				list = append(list, s)
			}
			keys <- list
		},
	})
	defer reader.Close()
	writer := dial(rueidis.ClientOption{InitAddress: []string{addr}, DisableCache: true})
	defer writer.Close()
	get(reader, "a:1")
	must("MSET", do(writer, "MSET", "b:2", "x", "a:2", "x", "c:1", "x", "a:1", "x").Error())
	// Each of the client's connections is told, so a message may come again between the two.
	for _, want := range []string{"[a:1 a:2]", "[b:2]"} {
		for got := ""; got != want; {
			select {
			case list := <-keys:
				got = fmt.Sprint(list)
			case <-time.After(patience):
				log.Fatalf("not told of %v", want)
			}
			if got != want && got != "[a:1 a:2]" {
				log.Fatalf("told of %v, want %v", got, want)
			}
		}
	}
	fmt.Println("ok, messages")
}
