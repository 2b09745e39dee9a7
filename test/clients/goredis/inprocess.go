package main

import (
	"log"
	"os"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart"
)

// inProcess opens the database of this process: its settings are the words after the address.
var inProcess = sync.OnceValue(func() *redstart.DB {
	settings := map[string]string{}
	for words := os.Args[3:]; len(words) > 1; words = words[2:] {
		settings[strings.TrimPrefix(words[0], "--")] = words[1]
	}
	db, err := redstart.Open(redstart.Options{Config: settings})
	if err != nil {
		log.Fatal(err)
	}
	return db
})

// to is how to connect to an address.
func to(addr string, protocol int) *redis.Options {
	if addr == "in-process" {
		return &redis.Options{Dialer: inProcess().Dial, Protocol: protocol}
	}
	return &redis.Options{Addr: addr, Protocol: protocol}
}
