package redstart

import (
	"fmt"
	"log/slog"
	"net"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/testutil"
)

func TestOptions(t *testing.T) {
	var log strings.Builder
	db, err := Open(Options{
		Config: map[string]string{"maxmemory": "64mb", "save": "", "requirepass": "sesame", "rename-command": `FLUSHALL ""`,
			"client-output-buffer-limit": "pubsub 1mb 1mb 60", "user": "ann on nopass ~* +get"},
		Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if v := do(t, db, "CONFIG", "GET", "maxmemory").(map[any]any)["maxmemory"]; v != "67108864" {
		t.Error(v)
	}
	if _, err := db.Do(ctx, "FLUSHALL"); err == nil {
		t.Error("FLUSHALL is there")
	}
	if v := do(t, db, "ACL", "GETUSER", "ann"); v == nil {
		t.Error("no user")
	}
	do(t, db, "CONFIG", "SET", "appendonly", "yes")
	for name, value := range map[string]string{"port": "0", "dir": "/", "daemonize": "yes", "logfile": "x", "tls-port": "1", "bind": "*"} {
		if _, err := Open(Options{Config: map[string]string{name: value}}); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := db.Do(ctx, "CONFIG", "SET", name, value); err == nil {
			t.Errorf("CONFIG SET %s", name)
		}
	}
	for _, c := range []map[string]string{
		{"nosuch": "1"}, {"maxmemory": "many"}, {"maxmemory": "1mb\nport 1"}, {"": ""}, {"loadmodule": "x.so"}, {"include": "/nonexistent"}, {"user": "ann +nosuch"},
	} {
		if db, err := Open(Options{Config: c}); err == nil {
			db.Close()
			t.Errorf("%v was taken", c)
		} else if strings.ContainsAny(err.Error(), "\n") || !strings.HasPrefix(err.Error(), "redstart: ") {
			t.Errorf("%v: %q", c, err)
		}
	}
}

// Do and Conn may do everything; who comes through Dial or a socket has to say the password.
func TestPasswords(t *testing.T) {
	db, err := Open(Options{Config: map[string]string{"requirepass": "sesame"}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	do(t, db, "SET", "k", "v")
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if v, err := conn.Do(ctx, "GET", "k"); v != "v" {
		t.Error(v, err)
	}
	nc, err := db.Dial(ctx, "", "")
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	c := client.NewConn(nc)
	if r, err := c.Do("GET", "k"); err != nil || !r.IsError() {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := c.Do("AUTH", "sesame"); err != nil || r.IsError() {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err := c.Do("GET", "k"); err != nil || string(r.Text) != "v" {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTwoDatabasesAreTwo(t *testing.T) {
	a, b := OpenT(t), OpenT(t)
	do(t, a.DB, "SET", "k", "a")
	do(t, b.DB, "SET", "k", "b", "EX", 10)
	do(t, a.DB, "CONFIG", "SET", "maxmemory", "100mb")
	a.AdvanceTime(time.Hour)
	if v := do(t, a.DB, "GET", "k"); v != "a" {
		t.Error(v)
	}
	if v := do(t, b.DB, "GET", "k"); v != "b" {
		t.Error(v)
	}
	if v := do(t, b.DB, "CONFIG", "GET", "maxmemory").(map[any]any)["maxmemory"]; v != "0" {
		t.Error(v)
	}
	a.Close()
	if v := do(t, b.DB, "INCR", "n"); v != int64(1) {
		t.Error(v)
	}
}

// The process is as it was before.
func TestTheProcessIsLeftAlone(t *testing.T) {
	procs, dir := runtime.GOMAXPROCS(0), workingDir(t)
	gc := debug.SetGCPercent(100)
	debug.SetGCPercent(gc)
	db := OpenT(t)
	do(t, db.DB, "CONFIG", "SET", "maxclients", 20000)
	db.Addr()
	if got := runtime.GOMAXPROCS(0); got != procs {
		t.Errorf("GOMAXPROCS was %d and is %d", procs, got)
	}
	now := debug.SetGCPercent(gc)
	if now != gc {
		t.Errorf("GOGC was %d and is %d", gc, now)
	}
	if got := workingDir(t); got != dir {
		t.Errorf("the working directory was %s and is %s", dir, got)
	}
}

func workingDir(t *testing.T) string {
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// use makes a database have some of everything that there is to free.
func use(t *testing.T) {
	db, err := Open(Options{Config: map[string]string{"metrics-port": "0"}})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		db.Set(ctx, strings.Repeat("k", i), strings.Repeat("v", 100*i), time.Hour)
	}
	do(t, db, "FLUSHALL", "ASYNC")
	s, err := db.Subscribe(ctx, "c")
	if err != nil {
		t.Fatal(err)
	}
	nc, err := db.Dial(ctx, "", "")
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Serve(l); err != nil {
		t.Fatal(err)
	}
	socket, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	blocked := start(ctx, db.Do, "BLPOP", "list", 0)
	waiting(t, db, 1)
	db.Close()
	if o := <-blocked; o.err != ErrClosed {
		t.Error(o)
	}
	if m, ok := <-s.C; ok {
		t.Error(m)
	}
	nc.Close()
	socket.Close()
}

// What a database took, it gives back.
func TestCloseFreesEverything(t *testing.T) {
	use(t)
	goroutines, files, maps, threads := runtime.NumGoroutine(), entries("/proc/self/fd"), mappings(), entries("/proc/self/task")
	rounds := 100
	if testing.Short() {
		rounds = 10
	}
	for range rounds {
		use(t)
	}
	until(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines+2 })
	if n := entries("/proc/self/fd"); n > files+5 {
		t.Errorf("%d files were open, %d are", files, n)
	}
	if n := mappings(); n > maps+60 { // the collector and threads have some, too
		t.Errorf("there were %d mappings, there are %d", maps, n)
	}
	until(t, "the threads have ended", func() bool { return entries("/proc/self/task") <= threads+20 }) // the runtime keeps some
}

// entries is how many files a folder has; 0: there is no such folder here.
func entries(path string) int {
	list, _ := os.ReadDir(path)
	return len(list)
}

// mappings is how many mappings there are. The race detector has one of some megabytes for whatever
// goroutine there was; with it only those count that are as large as what an arena reserves.
func mappings() (n int) {
	text, _ := os.ReadFile("/proc/self/maps")
	for line := range strings.Lines(string(text)) {
		var from, to uint64
		fmt.Sscanf(line, "%x-%x", &from, &to)
		if !testutil.RaceEnabled || to-from >= 64<<20 {
			n++
		}
	}
	return n
}

// As many tests as there are can have a database at a time.
func TestManyDatabases(t *testing.T) {
	for i := range 100 {
		do(t, OpenT(t).DB, "SET", "k", i)
	}
}

// Close in the midst of everything: who comes later gets ErrClosed, and nothing touches memory that is gone.
func TestCloseInTheMidst(t *testing.T) {
	for range 10 {
		db, err := Open(Options{})
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		running := make(chan struct{}, 64)
		for range 8 {
			all.Go(func() {
				for i := 0; ; i++ {
					if err := db.Set(ctx, "k", i, 0); err == ErrClosed {
						break
					} else if err != nil {
						t.Error(err)
					}
					if i == 100 {
						running <- struct{}{}
					}
					db.TxPipelined(ctx, func(p *Pipe) { p.Do("INCR", "n") })
				}
			})
		}
		for range 2 {
			all.Go(func() {
				for {
					if _, err := db.Get(ctx, "k"); err == ErrClosed {
						break
					} else if err != nil && err != Nil {
						t.Error(err)
					}
				}
			})
		}
		blocked := start(ctx, db.Do, "BLPOP", "list", 0)
		<-running
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		all.Wait()
		for name, err := range map[string]error{
			"Do": second(db.Do(ctx, "PING")), "Get": second(db.Get(ctx, "k")), "Dial": second(db.Dial(ctx, "", "")),
			"Conn": second(db.Conn(ctx)), "Subscribe": second(db.Subscribe(ctx, "c")), "Tx": second(db.TxPipelined(ctx, func(*Pipe) {})),
		} {
			if err != ErrClosed {
				t.Errorf("%s: %v", name, err)
			}
		}
		if o := <-blocked; o.err != ErrClosed {
			t.Error(o)
		}
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if l, err := net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Error(err)
		} else {
			if err := db.Serve(l); err != ErrClosed {
				t.Errorf("Serve: %v", err)
			}
			l.Close()
		}
	}
}

func second[T any](_ T, err error) error { return err }
