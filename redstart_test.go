package redstart

import (
	"context"
	"testing"
	"time"
)

func TestDo(t *testing.T) {
	db := OpenT(t)
	ctx := context.Background()
	for _, c := range []struct {
		args []any
		want any
		err  error
	}{
		{[]any{"SET", "k", []byte("v")}, "OK", nil},
		{[]any{"GET", "k"}, "v", nil},
		{[]any{"GET", "none"}, nil, Nil},
		{[]any{"INCRBY", "n", 41}, int64(41), nil},
		{[]any{"INCR", "k"}, nil, Error("ERR value is not an integer or out of range")},
		{[]any{"LPUSH", "k", 1}, nil, Error("WRONGTYPE Operation against a key holding the wrong kind of value")},
		{[]any{"ZADD", "z", 1.5, "a"}, int64(1), nil},
		{[]any{"ZSCORE", "z", "a"}, 1.5, nil},
	} {
		if got, err := db.Do(ctx, c.args...); got != c.want || err != c.err {
			t.Errorf("%v: %v, %v", c.args, got, err)
		}
	}
	if s, err := db.Get(ctx, "k"); s != "v" || err != nil {
		t.Errorf("%q, %v", s, err)
	}
	if _, err := db.Do(ctx, "SELECT", 1); err == nil {
		t.Error("SELECT")
	}
	got, err := db.TxPipelined(ctx, func(p *Pipe) { p.Do("SET", "a", 1); p.Do("INCR", "a"); p.Do("LPOP", "a") })
	if err != nil || len(got) != 3 || got[1] != int64(2) {
		t.Errorf("%v %v", got, err)
	}
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	if v, err := db.Do(short, "BLPOP", "l", 0); err != context.DeadlineExceeded {
		t.Errorf("%v %v", v, err)
	}
	s, err := db.Subscribe(ctx, "news")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := db.Publish(ctx, "news", "hi"); n != 1 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	if m := <-s.C; m.Payload != "hi" || m.Channel != "news" {
		t.Errorf("%+v", m)
	}
	s.Close()
	db.Set(ctx, "e", "x", time.Hour)
	db.AdvanceTime(2 * time.Hour)
	if _, err := db.Get(ctx, "e"); err != Nil {
		t.Error(err)
	}
}
