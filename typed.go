package redstart

import (
	"context"
	"time"

	"github.com/redstart-db/redstart/internal/session"
)

// The commands that programs use most, with types. Everything else is a Do away.

// Get returns the value of a key, Nil if there is none.
func (db *DB) Get(ctx context.Context, key string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if v, found, done := db.first.Get(key); done {
		if !found {
			return "", Nil
		}
		return v, nil
	}
	l, err := db.take()
	if err != nil {
		return "", err
	}
	l.buf = append(append(l.buf[:0], "GET"...), key...)
	l.argv = append(l.argv[:0], l.buf[:3:3], l.buf[3:])
	reply, outcome := l.local.Try(l.argv)
	if outcome == session.Waits {
		db.give(l)
		return text(db.wait(ctx, []any{"GET", key}))
	}
	defer db.give(l)
	if reply[0] != '$' {
		return text(decode(reply))
	}
	end := 1
	for reply[end] != '\r' {
		end++
	}
	return string(reply[end+2 : len(reply)-2]), nil
}

// Set sets a key to a value of any type that Do takes. It expires after ttl, 0: never.
func (db *DB) Set(ctx context.Context, key string, value any, ttl time.Duration) error {
	var err error
	switch {
	case ttl == 0:
		_, err = db.Do(ctx, "SET", key, value)
	default:
		_, err = db.Do(ctx, "SET", key, value, "PX", millis(ttl))
	}
	return err
}

// millis rounds up, so that a short time does not become none.
func millis(d time.Duration) int64 {
	return int64((d + time.Millisecond - 1) / time.Millisecond)
}

// SetNX sets a key that does not exist, and says whether it did: a lock, with ttl as its lease.
func (db *DB) SetNX(ctx context.Context, key string, value any, ttl time.Duration) (bool, error) {
	var err error
	switch {
	case ttl == 0:
		_, err = db.Do(ctx, "SET", key, value, "NX")
	default:
		_, err = db.Do(ctx, "SET", key, value, "NX", "PX", millis(ttl))
	}
	if err == Nil {
		return false, nil
	}
	return err == nil, err
}

// Del removes keys and returns how many there were.
func (db *DB) Del(ctx context.Context, keys ...string) (int64, error) {
	return db.onKeys(ctx, "DEL", keys)
}

// Exists returns how many of keys there are.
func (db *DB) Exists(ctx context.Context, keys ...string) (int64, error) {
	return db.onKeys(ctx, "EXISTS", keys)
}

func (db *DB) onKeys(ctx context.Context, command string, keys []string) (int64, error) {
	words := make([]any, 0, len(keys)+1)
	words = append(words, command)
	for _, key := range keys {
		words = append(words, key)
	}
	return number(db.Do(ctx, words...))
}

// Incr adds one to the number in a key, 0 if there is none, and returns the sum.
func (db *DB) Incr(ctx context.Context, key string) (int64, error) {
	return number(db.Do(ctx, "INCR", key))
}

// IncrBy adds n to the number in a key, 0 if there is none, and returns the sum.
func (db *DB) IncrBy(ctx context.Context, key string, n int64) (int64, error) {
	return number(db.Do(ctx, "INCRBY", key, n))
}

// Expire lets a key expire after ttl, and says whether there is such a key.
func (db *DB) Expire(ctx context.Context, key string, ttl time.Duration) (bool, error) {
	n, err := number(db.Do(ctx, "PEXPIRE", key, millis(ttl)))
	return n == 1, err
}

// TTL returns how long a key still lives: -1 if it does not expire, Nil as the error if there is no such key.
func (db *DB) TTL(ctx context.Context, key string) (time.Duration, error) {
	n, err := number(db.Do(ctx, "PTTL", key))
	switch {
	case err != nil:
		return 0, err
	case n == -2:
		return 0, Nil
	case n == -1:
		return -1, nil
	}
	return time.Duration(n) * time.Millisecond, nil
}

// HSet sets fields of a hash, given as names and values in turn, and returns how many are new.
func (db *DB) HSet(ctx context.Context, key string, fieldsAndValues ...any) (int64, error) {
	return number(db.Do(ctx, append([]any{"HSET", key}, fieldsAndValues...)...))
}

// HGet returns the value of a field, Nil if there is none.
func (db *DB) HGet(ctx context.Context, key, field string) (string, error) {
	return text(db.Do(ctx, "HGET", key, field))
}

// HGetAll returns all fields of a hash: none if there is no such key.
func (db *DB) HGetAll(ctx context.Context, key string) (map[string]string, error) {
	v, err := db.Do(ctx, "HGETALL", key)
	if err != nil {
		return nil, err
	}
	fields := make(map[string]string, len(v.(map[any]any)))
	for name, value := range v.(map[any]any) {
		fields[name.(string)] = value.(string)
	}
	return fields, nil
}

// Publish sends a message to a channel and returns how many subscribers got it.
func (db *DB) Publish(ctx context.Context, channel string, message any) (int64, error) {
	return number(db.Do(ctx, "PUBLISH", channel, message))
}

func text(v any, err error) (string, error) {
	s, _ := v.(string)
	return s, err
}

func number(v any, err error) (int64, error) {
	n, _ := v.(int64)
	return n, err
}
