package redstart

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/big"
	"net"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

var ctx = context.Background()

// do runs a command that has to succeed.
func do(t *testing.T, db *DB, args ...any) any {
	t.Helper()
	v, err := db.Do(ctx, args...)
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return v
}

func TestTypesOfReplies(t *testing.T) {
	db := OpenT(t)
	do(t, db.DB, "HSET", "h", "a", 1)
	do(t, db.DB, "SADD", "s", "m")
	do(t, db.DB, "ZADD", "z", 1.5, "m")
	for _, c := range []struct {
		line string
		want any
		err  error
	}{
		{"SET k v", "OK", nil},
		{"GET k", "v", nil},
		{"GET none", nil, Nil},
		{"PING", "PONG", nil},
		{"INCRBY n -42", int64(-42), nil},
		{"ZSCORE z m", 1.5, nil},
		{"HGETALL h", map[any]any{"a": "1"}, nil},
		{"SMEMBERS s", []any{"m"}, nil},
		{"MGET k none", []any{"v", nil}, nil},
		{"ZRANGE z 0 -1 WITHSCORES", []any{[]any{"m", 1.5}}, nil},
		{"DEBUG PROTOCOL true", nil, Error("ERR DEBUG command not allowed. If the enable-debug-command option is set to \"local\", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.")},
		{"LPUSH k x", nil, Error("WRONGTYPE Operation against a key holding the wrong kind of value")},
		{"NOSUCH", nil, Error("ERR unknown command 'NOSUCH', with args beginning with: ")},
	} {
		got, err := db.Do(ctx, words(c.line)...)
		if !reflect.DeepEqual(got, c.want) || err != c.err {
			t.Errorf("%s: %#v, %v", c.line, got, err)
		}
	}
	if e := Error("WRONGTYPE no"); e.Prefix() != "WRONGTYPE" {
		t.Error(e.Prefix())
	}
}

func words(line string) (args []any) {
	for _, w := range strings.Fields(line) {
		args = append(args, w)
	}
	return args
}

// Every kind of reply that there is, decoded from bytes and from a connection.
func TestKindsOfReplies(t *testing.T) {
	db, err := Open(Options{Config: map[string]string{"enable-debug-command": "yes"}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	huge, _ := new(big.Int).SetString("1234567999999999999999999999999999999", 10)
	for kind, want := range map[string]any{
		"string": "Hello World", "integer": int64(12345), "double": 3.141, "null": nil, "array": []any{int64(0), int64(1), int64(2)},
		"set": []any{int64(0), int64(1), int64(2)}, "map": map[any]any{int64(0): false, int64(1): true, int64(2): false},
		"attrib": "Some real reply following the attribute", "true": true, "false": false, "verbatim": "This is a verbatim\nstring", "bignum": huge,
	} {
		for name, run := range map[string]func(context.Context, ...any) (any, error){"Do": db.Do, "Conn": conn.Do} {
			got, err := run(ctx, "DEBUG", "PROTOCOL", kind)
			if want == nil && err != Nil || want != nil && (err != nil || !reflect.DeepEqual(got, want)) {
				t.Errorf("%s of %s: %#v, %v", name, kind, got, err)
			}
		}
	}
}

func TestWords(t *testing.T) {
	db := OpenT(t)
	for _, c := range []struct {
		word any
		want string
	}{
		{"a b\r\n", "a b\r\n"}, {[]byte{0, 255}, "\x00\xff"}, {-1, "-1"}, {int8(-8), "-8"}, {int16(16), "16"}, {int32(32), "32"},
		{int64(-64), "-64"}, {uint(1), "1"}, {uint8(8), "8"}, {uint16(16), "16"}, {uint32(32), "32"}, {uint64(1) << 63, "9223372036854775808"},
		{float32(0.5), "0.5"}, {1e21, "1000000000000000000000"}, {true, "1"}, {false, "0"}, {"", ""},
	} {
		if got := do(t, db.DB, "ECHO", c.word); got != c.want {
			t.Errorf("%#v became %q", c.word, got)
		}
	}
	for _, args := range [][]any{{}, {"SET", "k", nil}, {"SET", "k", time.Second}, {"SET", "k", struct{}{}}, {"SET", "k", []string{"x"}}} {
		if _, err := db.Do(ctx, args...); err == nil || errors.As(err, new(Error)) {
			t.Errorf("%#v: %v", args, err)
		}
	}
}

// What would change a client is an error that says what to use.
func TestDoHasNoState(t *testing.T) {
	db := OpenT(t)
	for _, line := range []string{"SELECT 1", "MULTI", "EXEC", "DISCARD", "WATCH k", "UNWATCH", "SUBSCRIBE c", "PSUBSCRIBE c", "SSUBSCRIBE c",
		"UNSUBSCRIBE", "MONITOR", "AUTH x", "HELLO 2", "RESET", "QUIT", "CLIENT REPLY OFF", "client setname x", "CLIENT SETINFO LIB-NAME x",
		"CLIENT TRACKING ON", "CLIENT CACHING YES", "CLIENT NO-EVICT ON", "CLIENT NO-TOUCH ON"} {
		_, err := db.Do(ctx, words(line)...)
		if err == nil || !strings.Contains(err.Error(), "DB.Conn") {
			t.Errorf("%s: %v", line, err)
		}
	}
	if _, err := db.Do(ctx, "SHUTDOWN", "NOSAVE"); err == nil || !strings.Contains(err.Error(), "another program") {
		t.Errorf("SHUTDOWN: %v", err)
	}
	do(t, db.DB, "SET", "k", "v")
}

func TestTypedCommands(t *testing.T) {
	db := OpenT(t)
	check := func(what string, got, want any, err error) {
		t.Helper()
		if err != nil || got != want {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
	if _, err := db.Get(ctx, "k"); err != Nil {
		t.Error(err)
	}
	check("Set", nil, nil, db.Set(ctx, "k", "v\r\n$1", 0))
	s, err := db.Get(ctx, "k")
	check("Get", s, "v\r\n$1", err)
	check("Set ttl", nil, nil, db.Set(ctx, "e", 1, time.Nanosecond+time.Hour))
	ttl, err := db.TTL(ctx, "e")
	check("TTL", ttl > 59*time.Minute && ttl <= time.Hour+time.Millisecond, true, err)
	ttl, err = db.TTL(ctx, "k")
	check("TTL of what stays", ttl, time.Duration(-1), err)
	if _, err := db.TTL(ctx, "none"); err != Nil {
		t.Error(err)
	}
	ok, err := db.SetNX(ctx, "k", "w", time.Second)
	check("SetNX", ok, false, err)
	ok, err = db.SetNX(ctx, "lock", "w", time.Hour)
	check("SetNX", ok, true, err)
	ok, err = db.Expire(ctx, "k", time.Hour)
	check("Expire", ok, true, err)
	n, err := db.Incr(ctx, "n")
	check("Incr", n, int64(1), err)
	n, err = db.IncrBy(ctx, "n", -5)
	check("IncrBy", n, int64(-4), err)
	n, err = db.HSet(ctx, "h", "a", 1, "b", "2")
	check("HSet", n, int64(2), err)
	s, err = db.HGet(ctx, "h", "b")
	check("HGet", s, "2", err)
	h, err := db.HGetAll(ctx, "h")
	if !reflect.DeepEqual(h, map[string]string{"a": "1", "b": "2"}) || err != nil {
		t.Error(h, err)
	}
	n, err = db.Exists(ctx, "k", "h", "none", "k")
	check("Exists", n, int64(3), err)
	n, err = db.Del(ctx, "k", "h", "none")
	check("Del", n, int64(2), err)
	if _, err := db.Get(ctx, "lock"); err != nil {
		t.Error(err)
	}
	db.HSet(ctx, "h", "a", 1)
	if _, err := db.Get(ctx, "h"); err != Error("WRONGTYPE Operation against a key holding the wrong kind of value") {
		t.Error(err)
	}
}

func TestPipelined(t *testing.T) {
	db := OpenT(t)
	got, err := db.Pipelined(ctx, func(p *Pipe) {
		p.Do("SET", "k", 1)
		p.Do("LPUSH", "k", 1)
		p.Do("GET", "none")
		p.Do("INCR", "k")
	})
	want := []any{"OK", Error("WRONGTYPE Operation against a key holding the wrong kind of value"), nil, int64(2)}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := db.Pipelined(ctx, func(p *Pipe) { p.Do("SET", "k", 7); p.Do("SET", "k", nil) }); err == nil {
		t.Error("a word of no type was taken")
	}
	if v := do(t, db.DB, "GET", "k"); v != "2" {
		t.Error("a pipeline with a mistake was run")
	}
}

func TestTransactions(t *testing.T) {
	db := OpenT(t)
	got, err := db.TxPipelined(ctx, func(p *Pipe) { p.Do("SET", "k", 1); p.Do("LPUSH", "k", 1); p.Do("INCR", "k") })
	want := []any{"OK", Error("WRONGTYPE Operation against a key holding the wrong kind of value"), int64(2)}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := db.TxPipelined(ctx, func(*Pipe) {}); err != nil || len(got) != 0 {
		t.Errorf("an empty one: %v, %v", got, err)
	}
	if _, err := db.TxPipelined(ctx, func(p *Pipe) { p.Do("INCR", "k"); p.Do("NOSUCH") }); err == nil {
		t.Error("an unknown command was queued")
	}
	if v := do(t, db.DB, "GET", "k"); v != "2" {
		t.Errorf("a transaction that was refused was run: %v", v)
	}
	err = db.Watch(ctx, func(tx *Tx) error {
		if v, err := tx.Do(ctx, "GET", "k"); v != "2" || err != nil {
			t.Error(v, err)
		}
		if _, err := tx.Do(ctx, "MULTI"); err == nil {
			t.Error("MULTI")
		}
		do(t, db.DB, "SET", "k", "other")
		_, err := tx.Exec(ctx, func(p *Pipe) { p.Do("SET", "k", "mine") })
		return err
	}, "k")
	if err != TxFailedErr || do(t, db.DB, "GET", "k") != "other" {
		t.Errorf("a watched key changed: %v", err)
	}
	mine := errors.New("mine")
	if err := db.Watch(ctx, func(*Tx) error { return mine }, "k"); err != mine {
		t.Error(err)
	}
	if info := do(t, db.DB, "INFO", "clients").(string); !strings.Contains(info, "watching_clients:0\r\n") || !strings.Contains(info, "total_watched_keys:0\r\n") {
		t.Error("something is still watched:\n" + info)
	}
}

// Each of many goroutines adds to the same number under WATCH, and no addition is lost.
func TestWatchFromManyGoroutines(t *testing.T) {
	db := OpenT(t)
	const goroutines, additions = 8, 50
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for done := 0; done < additions; {
				err := db.Watch(ctx, func(tx *Tx) error {
					v, err := tx.Do(ctx, "GET", "n")
					if err != nil && err != Nil {
						return err
					}
					text, _ := v.(string)
					_, err = tx.Exec(ctx, func(p *Pipe) { p.Do("SET", "n", text+"x") })
					return err
				}, "n")
				switch err {
				case nil:
					done++
				case TxFailedErr:
				default:
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	if n := do(t, db.DB, "STRLEN", "n"); n != int64(goroutines*additions) {
		t.Errorf("%v of %d additions", n, goroutines*additions)
	}
}

// Many goroutines on one DB; INFO and CLIENT LIST show one client for them all.
func TestManyGoroutines(t *testing.T) {
	db := OpenT(t)
	id := do(t, db.DB, "CLIENT", "ID")
	var all sync.WaitGroup
	for g := range 16 {
		all.Go(func() {
			for i := range 300 {
				key := string(rune('a' + (g+i)%26))
				db.Do(ctx, "INCR", "sum")
				db.Set(ctx, key, i, time.Hour)
				db.Get(ctx, key)
				db.Do(ctx, "LPUSH", "list", i)
				db.Do(ctx, "BRPOP", "list", 1)
				if i%50 == 0 {
					db.TxPipelined(ctx, func(p *Pipe) { p.Do("INCR", "sum"); p.Do("DECR", "sum") })
				}
			}
		})
	}
	all.Wait()
	if n := do(t, db.DB, "GET", "sum"); n != "4800" {
		t.Errorf("the sum is %v", n)
	}
	if now := do(t, db.DB, "CLIENT", "ID"); now != id {
		t.Errorf("client %v has become %v", id, now)
	}
	list := do(t, db.DB, "CLIENT", "LIST").(string)
	if n := strings.Count(list, "\n"); n > 1+idleConns {
		t.Errorf("%d clients:\n%s", n, list)
	}
	stats := do(t, db.DB, "INFO", "commandstats").(string)
	if !strings.Contains(stats, "cmdstat_brpop:calls=4800,") {
		t.Error(stats)
	}
}

// Of a GET on the short way the same is counted, and seen by others, as of any other.
func TestShortWay(t *testing.T) {
	for _, limit := range []string{"0", "100mb"} {
		t.Run("maxmemory "+limit, func(t *testing.T) { testShortWay(t, limit) })
	}
}

func testShortWay(t *testing.T, maxmemory string) {
	db, long := OpenT(t), strings.Repeat("x", 1<<20)
	do(t, db.DB, "CONFIG", "SET", "maxmemory", maxmemory)
	do(t, db.DB, "MSET", "text", "v", "number", -12, "long", long)
	do(t, db.DB, "SET", "brief", "v", "EX", 1)
	do(t, db.DB, "SET", "day", "v", "EX", 24*60*60)
	do(t, db.DB, "RPUSH", "list", 1)
	db.AdvanceTime(2 * time.Hour) // since the keys were last used
	const rounds = 200
	began := time.Now()
	for range rounds {
		for key, want := range map[string]any{"text": "v", "day": "v", "number": "-12", "long": long, "none": Nil, "brief": Nil,
			"list": Error("WRONGTYPE Operation against a key holding the wrong kind of value")} {
			v, err := db.Do(ctx, "get", key)
			s, err2 := db.Get(ctx, key)
			if err != nil {
				v = err
			}
			if v != want || (err2 == nil) != (err == nil) || err2 != nil && err2 != want || err2 == nil && s != want {
				t.Fatalf("%s: %.20q and %.20q, %v", key, v, s, err2)
			}
		}
	}
	if idle := do(t, db.DB, "OBJECT", "IDLETIME", "text").(int64); idle > int64(time.Since(began).Seconds())+1 { // a second may begin
		t.Errorf("idle for %d s", idle)
	}
	info := do(t, db.DB, "INFO", "everything")
	for _, want := range []string{
		fmt.Sprintf("keyspace_hits:%d\r\n", 5*2*rounds+1), // of another type as well; and of OBJECT
		fmt.Sprintf("keyspace_misses:%d\r\n", 2*2*rounds),
		fmt.Sprintf("cmdstat_get:calls=%d,", 7*2*rounds),
		fmt.Sprintf("rejected_calls=0,failed_calls=%d\r\n", 2*rounds),
		"expired_keys:1\r\n",
	} {
		if !strings.Contains(info.(string), want) {
			t.Errorf("no %q in %s", want, info)
		}
	}
	watcher, err := net.Dial("tcp", db.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Close()
	watcher.Write([]byte("MONITOR\r\n"))
	lines := bufio.NewReader(watcher)
	lines.ReadString('\n')
	db.Get(ctx, "text")
	watcher.SetReadDeadline(time.Now().Add(10 * time.Second))
	if line, _ := lines.ReadString('\n'); !strings.HasSuffix(line, "\"GET\" \"text\"\r\n") {
		t.Errorf("a monitor reads %q", line)
	}
}

// The package comment says how much a GET allocates.
func TestAllocations(t *testing.T) {
	if testutil.RaceEnabled {
		t.Skip("the race detector allocates")
	}
	db := OpenT(t)
	key, value := strings.Repeat("k", 20), strings.Repeat("v", 64)
	db.Do(ctx, "SET", key, value)
	for _, c := range []struct {
		name string
		most float64
		run  func()
	}{
		{"Get", 1, func() { db.Get(ctx, key) }},
		{"Do GET", 2, func() { db.Do(ctx, "GET", key) }},
		{"Do SET", 0, func() { db.Do(ctx, "SET", key, value) }},
		{"Set", 0, func() { db.Set(ctx, key, value, 0) }},
		{"Do INCR", 1, func() { db.Do(ctx, "INCR", "n") }},
	} {
		if n := testing.AllocsPerRun(500, c.run); n > c.most {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}
