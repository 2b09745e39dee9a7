package redstart

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/client"
)

func TestAdvanceTime(t *testing.T) {
	db := OpenT(t)
	const keys = 3000
	for i := range keys {
		db.Set(ctx, "hour:"+strconv.Itoa(i), i, time.Hour)
	}
	db.Set(ctx, "day", 1, 24*time.Hour)
	db.Set(ctx, "century", 1, 100*365*24*time.Hour)
	do(t, db.DB, "HSET", "h", "soon", 1, "never", 1)
	do(t, db.DB, "HEXPIRE", "h", 60, "FIELDS", 1, "soon")
	before := seconds(do(t, db.DB, "TIME"))
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	db.AdvanceTime(time.Hour)
	if n := do(t, db.DB, "DBSIZE"); n != int64(3) {
		t.Errorf("%v keys", n)
	}
	if v, err := conn.Do(ctx, "EXISTS", "hour:0", "day"); v != int64(1) {
		t.Error(v, err)
	}
	if n := do(t, db.DB, "HLEN", "h"); n != int64(1) {
		t.Errorf("%v fields", n)
	}
	if passed := seconds(do(t, db.DB, "TIME")) - before; passed < 3600 || passed > 3600+60 {
		t.Errorf("TIME says that %d seconds have passed", passed)
	}
	if ttl, err := db.TTL(ctx, "day"); ttl > 23*time.Hour || ttl < 22*time.Hour {
		t.Error(ttl, err)
	}
	if idle := do(t, db.DB, "OBJECT", "IDLETIME", "century").(int64); idle < 3600 || idle > 3700 {
		t.Errorf("idle for %d", idle)
	}
	db.AdvanceTime(50 * 365 * 24 * time.Hour)
	if n := do(t, db.DB, "DBSIZE"); n != int64(2) {
		t.Errorf("%v keys", n)
	}
	id := do(t, db.DB, "XADD", "s", "*", "f", "v").(string)
	if ms, _ := strconv.ParseInt(id[:strings.Index(id, "-")], 10, 64); ms < time.Now().AddDate(49, 0, 0).UnixMilli() {
		t.Error(id)
	}
	db.AdvanceTime(0)
	db.AdvanceTime(-time.Hour)
	if now := seconds(do(t, db.DB, "TIME")); now < time.Now().AddDate(49, 0, 0).Unix() {
		t.Error("the clock went back")
	}
	list := do(t, db.DB, "CLIENT", "LIST").(string)
	if strings.Contains(list, "idle=-") {
		t.Error(list)
	}
}

func seconds(v any) int64 {
	n, _ := strconv.ParseInt(v.([]any)[0].(string), 10, 64)
	return n
}

// Whoever waits waits in earnest: neither is a timeout over when the clock moves, nor does one from then on take longer.
func TestTimeoutsTakeTheirTime(t *testing.T) {
	db := OpenT(t)
	got := start(ctx, db.Do, "BLPOP", "list", 3600)
	waiting(t, db.DB, 1)
	db.AdvanceTime(2 * time.Hour)
	do(t, db.DB, "LPUSH", "other", "x")
	if _, err := db.Do(ctx, "BLPOP", "none", 0.01); err != Nil {
		t.Error(err)
	}
	waiting(t, db.DB, 1)
	do(t, db.DB, "LPUSH", "list", "x")
	if o := <-got; o.err != nil {
		t.Error(o)
	}
}

// Others are told of what expires, at once.
func TestAdvanceTimeTells(t *testing.T) {
	db := OpenT(t)
	do(t, db.DB, "CONFIG", "SET", "notify-keyspace-events", "Ex")
	s, err := db.Subscribe(ctx, "__keyevent@0__:expired")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	db.Set(ctx, "k", "v", time.Minute)
	db.AdvanceTime(time.Minute)
	if m := <-s.C; m.Payload != "k" {
		t.Error(m)
	}
}

func TestAddr(t *testing.T) {
	db := OpenT(t)
	if db.URL() != "redis://"+db.Addr() {
		t.Error(db.URL(), db.Addr())
	}
	do(t, db.DB, "SET", "k", "v")
	c, err := client.Dial(client.Options{Network: "tcp", Addr: db.Addr()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if r, err := c.Do("GET", "k"); err != nil || string(r.Text) != "v" {
		t.Error(r, err)
	}
}
