package redstart

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/redstart-db/redstart/internal/server"
	"github.com/redstart-db/redstart/internal/session"
)

// Options are what a DB is opened with. The zero value works.
type Options struct {
	// Config has directives as in redis.conf: the name, and what follows it in a
	// line. {"maxmemory": "100mb", "maxmemory-policy": "allkeys-lru"}
	Config map[string]string
	// Log gets what a server would log. nil: nobody does.
	Log *slog.Logger
}

// ErrClosed is the error of everything after Close.
var ErrClosed = errors.New("redstart: the database is closed")

// DB is a database, or more exactly the sixteen that a server has, of which its own methods use number 0. It
// is safe for concurrent use.
type DB struct {
	srv   *server.Embedded
	first *session.Local // the client that callers of Do are, as others see it
	pool  sync.Pool      // of *lease

	mu     sync.Mutex // guards what follows
	hands  map[*hand]struct{}
	conns  map[*Conn]struct{}
	idle   []*Conn // for commands that wait
	closed bool
}

// Open makes an empty database.
func Open(o Options) (*DB, error) { return open(o, false) }

func open(o Options, small bool) (*DB, error) {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(o.Config)) {
		value := o.Config[name]
		if strings.ContainsAny(name+value, "\r\n\x00") {
			return nil, errors.New("redstart: " + strings.Fields(name + " ?")[0] + ": more than a line")
		}
		if value == "" {
			value = `""`
		}
		lines = append(lines, name+" "+value)
	}
	srv, err := server.Embed(lines, o.Log, small)
	if err != nil {
		return nil, errors.New("redstart: " + err.Error())
	}
	return &DB{srv: srv, first: srv.Hub().Local(), hands: map[*hand]struct{}{}, conns: map[*Conn]struct{}{}}, nil
}

// Close ends the database: it waits for the commands that run, ends those that wait, closes all
// connections and listeners, and gives the memory back. Closing it again does nothing.
func (db *DB) Close() error {
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		return nil
	}
	db.closed = true
	hands := slices.Collect(maps.Keys(db.hands))
	conns := slices.Collect(maps.Keys(db.conns))
	db.mu.Unlock()
	for _, h := range hands {
		h.mu.Lock()
		h.closed = true
		h.mu.Unlock()
	}
	for _, c := range conns {
		c.Close()
	}
	db.srv.Close()
	return nil
}

// A hand is what one caller of Do at a time runs a command with. The pool has one for each processor that is
// busy with commands, more or less.
type hand struct {
	mu     sync.Mutex // held while the hand is used, so that Close can wait
	closed bool
	local  *session.Local
	argv   [][]byte
	buf    []byte // the words
}

// A lease is a hand in the pool. The pool forgets leases as it likes; the hand then goes as well.
type lease struct{ *hand }

// take takes a hand from the pool, locked.
func (db *DB) take() (*lease, error) {
	l, _ := db.pool.Get().(*lease)
	if l == nil {
		var err error
		if l, err = db.newLease(); err != nil {
			return nil, err
		}
	}
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil, ErrClosed
	}
	return l, nil
}

func (db *DB) newLease() (*lease, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, ErrClosed
	}
	h := &hand{local: db.first.Twin()}
	db.hands[h] = struct{}{}
	l := &lease{h}
	runtime.AddCleanup(l, db.drop, h)
	return l, nil
}

// drop forgets a hand that nobody can use any more.
func (db *DB) drop(h *hand) {
	db.mu.Lock()
	delete(db.hands, h)
	db.mu.Unlock()
	h.local.Retire()
}

// keepWords is how large the buffer of a hand may be to be kept.
const keepWords = 256 << 10

// give puts a hand back.
func (db *DB) give(l *lease) {
	if cap(l.buf) > keepWords {
		clear(l.argv)
		l.buf = nil
	}
	l.mu.Unlock()
	db.pool.Put(l)
}

// set makes args the words of the hand.
func (h *hand) set(args []any) (err error) {
	h.argv, h.buf, err = appendWords(h.argv[:0], h.buf[:0], args)
	return err
}

func keyOfGet(args []any) (key string, ok bool) {
	if len(args) != 2 {
		return "", false
	}
	if name, _ := args[0].(string); name != "GET" && name != "get" {
		return "", false
	}
	key, ok = args[1].(string)
	return key, ok
}

// Do runs a command and returns its reply. The package comment says of what types args and the reply are.
func (db *DB) Do(ctx context.Context, args ...any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if key, ok := keyOfGet(args); ok {
		if v, found, done := db.first.Get(key); done {
			if !found {
				return nil, Nil
			}
			return v, nil
		}
	}
	l, err := db.take()
	if err != nil {
		return nil, err
	}
	if err := l.set(args); err != nil {
		db.give(l)
		return nil, err
	}
	reply, outcome := l.local.Try(l.argv)
	if outcome == session.Done {
		v, err := decode(reply)
		db.give(l)
		return v, err
	}
	err = statefulError(l.argv)
	db.give(l)
	if outcome == session.Waits {
		return db.wait(ctx, args)
	}
	return nil, err
}

// statefulError is the error for a command that would change a client.
func statefulError(argv [][]byte) error {
	name := strings.ToUpper(string(argv[0]))
	if name == "CLIENT" && len(argv) > 1 {
		name += " " + strings.ToUpper(string(argv[1]))
	}
	return Error("ERR " + name + " is about one client, and Do has none: use DB.Conn, DB.TxPipelined, DB.Watch, DB.Subscribe or DB.Dial")
}

// Dial is a connection to the database without a network, for a client library:
//
//	redis.NewClient(&redis.Options{Dialer: db.Dial})
//
// network and addr are ignored. The context is only for Dial itself.
func (db *DB) Dial(ctx context.Context, network, addr string) (net.Conn, error) {
	return db.pipe(ctx, false)
}

func (db *DB) pipe(ctx context.Context, trusted bool) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if db.isClosed() {
		return nil, ErrClosed
	}
	ours, theirs := net.Pipe()
	if err := db.srv.Connect(theirs, trusted); err != nil {
		ours.Close()
		return nil, ErrClosed
	}
	return ours, nil
}

// Serve lets clients in through a listener: TCP, a unix socket, or any other. It returns at
// once. The listener belongs to the database from now on and is closed with it. Without a password, clients from other machines are refused
// unless the directive protected-mode is no.
func (db *DB) Serve(l net.Listener) error {
	if db.isClosed() {
		return ErrClosed
	}
	return db.srv.Serve(l)
}

func (db *DB) isClosed() bool {
	db.mu.Lock()
	defer db.mu.Unlock()
	return db.closed
}
