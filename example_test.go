package redstart_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log"
	"strconv"
	"testing"
	"time"

	"github.com/redstart-db/redstart"
)

var ctx = context.Background()

// open opens a database for an example.
func open() *redstart.DB {
	db, err := redstart.Open(redstart.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return db
}

func Example() {
	db, err := redstart.Open(redstart.Options{Config: map[string]string{"maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"}})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close()
	db.Set(ctx, "greeting", "hello", time.Hour)
	greeting, err := db.Get(ctx, "greeting")
	fmt.Println(greeting, err)
	_, err = db.Get(ctx, "nothing")
	fmt.Println(err == redstart.Nil)
	// Output:
	// hello <nil>
	// true
}

func ExampleDB_Do() {
	db := open()
	defer db.Close()
	db.Do(ctx, "ZADD", "scores", 42, "ann", 17.5, "bob")
	best, err := db.Do(ctx, "ZRANGE", "scores", 0, 0, "REV", "WITHSCORES")
	fmt.Println(best, err)
	_, err = db.Do(ctx, "INCR", "scores")
	var refused redstart.Error
	if errors.As(err, &refused) {
		fmt.Println(refused.Prefix())
	}
	// Output:
	// [[ann 42]] <nil>
	// WRONGTYPE
}

func ExampleDB_TxPipelined() {
	db := open()
	defer db.Close()
	replies, err := db.TxPipelined(ctx, func(p *redstart.Pipe) {
		p.Do("INCR", "orders")
		p.Do("RPUSH", "queue", "order 1")
	})
	fmt.Println(replies, err)
	// Output: [1 1] <nil>
}

func ExampleDB_Watch() {
	db := open()
	defer db.Close()
	db.Set(ctx, "stock", 3, 0)
	buy := func(tx *redstart.Tx) error {
		v, err := tx.Do(ctx, "GET", "stock")
		if err != nil {
			return err
		}
		left, _ := strconv.Atoi(v.(string))
		if left == 0 {
			return errors.New("sold out")
		}
		_, err = tx.Exec(ctx, func(p *redstart.Pipe) { p.Do("SET", "stock", left-1) })
		return err
	}
	err := redstart.TxFailedErr
	for err == redstart.TxFailedErr { // somebody else bought meanwhile
		err = db.Watch(ctx, buy, "stock")
	}
	left, _ := db.Get(ctx, "stock")
	fmt.Println(left, err)
	// Output: 2 <nil>
}

// A command that waits ends with its context.
func ExampleDB_Do_blocking() {
	db := open()
	defer db.Close()
	soon, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
	defer cancel()
	_, err := db.Do(soon, "BLPOP", "jobs", 0)
	fmt.Println(err)
	db.Do(ctx, "RPUSH", "jobs", "sweep")
	job, err := db.Do(ctx, "BLPOP", "jobs", 0)
	fmt.Println(job, err)
	// Output:
	// context deadline exceeded
	// [jobs sweep] <nil>
}

func ExampleDB_Subscribe() {
	db := open()
	defer db.Close()
	s, err := db.Subscribe(ctx, "news")
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	db.Publish(ctx, "news", "it rains")
	m := <-s.C
	fmt.Println(m.Channel+":", m.Payload)
	// Output: news: it rains
}

func ExampleDB_Conn() {
	db := open()
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	conn.Do(ctx, "SELECT", 1)
	conn.Do(ctx, "SET", "where", "database 1")
	where, err := conn.Do(ctx, "GET", "where")
	fmt.Println(where, err)
	// Output: database 1 <nil>
}

// Any client library that lets a program dial can use the database; here it is a few lines.
func ExampleDB_Dial() {
	db := open()
	defer db.Close()
	conn, err := db.Dial(ctx, "", "")
	if err != nil {
		log.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "PING\r\n")
	reply, err := bufio.NewReader(conn).ReadString('\n')
	fmt.Printf("%q %v\n", reply, err)
	// Output: "+PONG\r\n" <nil>
}

func ExampleOpenT() {
	TestSession := func(t *testing.T) {
		db := redstart.OpenT(t)
		db.Set(ctx, "session", "ann", 30*time.Minute)
		db.AdvanceTime(31 * time.Minute)
		if _, err := db.Get(ctx, "session"); err != redstart.Nil {
			t.Error("the session is still there")
		}
	}
	_ = TestSession
	// db.Addr() and db.URL() are for code that wants an address.
}
