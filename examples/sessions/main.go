// Sessions keeps what a web server knows about its visitors: a hash for each, which is gone some time
// after the last visit, as every visit starts its expiry anew.
//
//	$ go run ./sessions
//	ann has put 2 hats into the cart
//	a session nobody began: no such session
//	some time after the last visit: no such session
package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/redstart-db/redstart/examples/connect"
)

func main() { connect.Run(run) }

var errNoSession = errors.New("no such session")

// A Session is what is kept. The tags are the fields of the hash.
type Session struct {
	User string `redis:"user"`
	Hats int    `redis:"hats"`
}

// Sessions are those of one service.
type Sessions struct {
	rdb *redis.Client
	ttl time.Duration // without a visit
}

func key(id string) string { return "example:session:" + id }

// Begin makes a session. Its name cannot be guessed.
func (s *Sessions) Begin(ctx context.Context, session Session) (id string, err error) {
	id = rand.Text()
	// Both or neither: a hash without expiry would stay for ever.
	_, err = s.rdb.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.HSet(ctx, key(id), session)
		pipe.PExpire(ctx, key(id), s.ttl)
		return nil
	})
	return id, err
}

// Visit returns a session and keeps it for another while.
func (s *Sessions) Visit(ctx context.Context, id string) (session Session, err error) {
	var fields *redis.MapStringStringCmd
	_, err = s.rdb.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.PExpire(ctx, key(id), s.ttl)
		fields = pipe.HGetAll(ctx, key(id))
		return nil
	})
	if err != nil {
		return session, err
	}
	if len(fields.Val()) == 0 {
		return session, errNoSession
	}
	return session, fields.Scan(&session)
}

// AddHat puts a hat into the cart of a session, which may end at any moment. HINCRBY alone would then
// make a new hash, of one field and without expiry; hence the optimistic lock.
func (s *Sessions) AddHat(ctx context.Context, id string) error {
	attempt := func(tx *redis.Tx) error {
		n, err := tx.Exists(ctx, key(id)).Result()
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoSession
		}
		_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			pipe.HIncrBy(ctx, key(id), "hats", 1)
			pipe.PExpire(ctx, key(id), s.ttl)
			return nil
		})
		return err
	}
	for {
		if err := s.rdb.Watch(ctx, attempt, key(id)); !errors.Is(err, redis.TxFailedErr) {
			return err
		}
	}
}

func run(ctx context.Context, rdb *redis.Client) error {
	sessions := &Sessions{rdb, time.Hour}
	id, err := sessions.Begin(ctx, Session{User: "ann"})
	if err != nil {
		return err
	}
	defer rdb.Del(ctx, key(id))
	for range 2 {
		if err := sessions.AddHat(ctx, id); err != nil {
			return err
		}
	}
	session, err := sessions.Visit(ctx, id)
	if err != nil {
		return err
	}
	fmt.Printf("%s has put %d hats into the cart\n", session.User, session.Hats)
	_, err = sessions.Visit(ctx, "forged")
	fmt.Println("a session nobody began:", err)

	// From the next visit on, time flies.
	sessions.ttl = 10 * time.Millisecond
	if _, err := sessions.Visit(ctx, id); err != nil {
		return err
	}
	for rdb.Exists(ctx, key(id)).Val() == 1 {
		time.Sleep(time.Millisecond) // until it expires
	}
	fmt.Println("some time after the last visit:", sessions.AddHat(ctx, id))
	return nil
}
