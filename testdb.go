package redstart

import (
	"net"
	"sync"
	"time"
)

// TB is what OpenT needs of a *testing.T or *testing.B. It is here so that programs
// do not link package testing.
type TB interface {
	Helper()
	Cleanup(func())
	Fatalf(format string, args ...any)
}

// TestDB is a database for a test.
type TestDB struct {
	*DB
	t TB

	mu   sync.Mutex
	addr string
}

// OpenT opens a database that is closed when the test ends. It has room for some gigabytes, so that
// many tests at a time can have one.
func OpenT(t TB) *TestDB {
	t.Helper()
	db, err := open(Options{}, true)
	if err != nil {
		t.Fatalf("redstart: %v", err)
	}
	t.Cleanup(func() { db.Close() })
	return &TestDB{DB: db, t: t}
}

// AdvanceTime moves the clock of the database ahead: keys and fields expire, TIME and the IDs of
// streams follow. When it returns, what has expired is gone for every command, DBSIZE among them. The timeouts
// of commands that wait, and of CLIENT PAUSE, take the time they take.
func (db *TestDB) AdvanceTime(d time.Duration) { db.srv.Advance(d) }

// Addr is the address of the database on this machine, for a client that cannot use Dial. It listens from the first call on.
func (db *TestDB) Addr() string {
	db.t.Helper()
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.addr == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err == nil {
			err = db.Serve(l)
		}
		if err != nil {
			db.t.Fatalf("redstart: %v", err)
			return ""
		}
		db.addr = l.Addr().String()
	}
	return db.addr
}

// URL is Addr as clients take it: redis://127.0.0.1:41733
func (db *TestDB) URL() string { return "redis://" + db.Addr() }
