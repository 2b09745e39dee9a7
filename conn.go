package redstart

import (
	"context"
	"net"
	"strings"
	"sync"

	"github.com/redstart-db/redstart/internal/client"
)

// Conn is a client with a state of its own: the database it has selected, its transaction, its name, what
// it waits for. Its commands go through a connection inside the program, which takes some
// microseconds more than DB.Do. It is safe for concurrent use; commands run one after the other.
type Conn struct {
	db *DB
	id int64
	nc net.Conn

	mu    sync.Mutex // held while a command runs
	wire  *client.Conn
	argv  [][]byte
	buf   []byte
	fault error // why the connection is of no use any more
}

// Conn makes a client. It has to be closed.
func (db *DB) Conn(ctx context.Context) (*Conn, error) {
	nc, err := db.pipe(ctx, true)
	if err != nil {
		return nil, err
	}
	c := &Conn{db: db, nc: nc, wire: client.NewConn(nc)}
	db.mu.Lock()
	if db.closed {
		db.mu.Unlock()
		nc.Close()
		return nil, ErrClosed
	}
	db.conns[c] = struct{}{}
	db.mu.Unlock()
	if _, err := c.Do(ctx, "HELLO", 3); err != nil {
		c.Close()
		return nil, err
	}
	id, err := c.Do(ctx, "CLIENT", "ID")
	if err != nil {
		c.Close()
		return nil, err
	}
	c.id = id.(int64)
	return c, nil
}

// Close ends the client; what it waits for is not waited for any more.
func (c *Conn) Close() error {
	c.db.mu.Lock()
	delete(c.db.conns, c)
	c.db.mu.Unlock()
	return c.nc.Close()
}

// Do runs a command, as DB.Do does, for this client. SUBSCRIBE and MONITOR, after which more than one reply comes, and
// CLIENT REPLY, after which none does, are errors: they are for DB.Subscribe and for libraries over DB.Dial.
//
// If the context ends while the command waits, the wait ends as if its time were over. What the command had
// got by then is returned nevertheless.
func (c *Conn) Do(ctx context.Context, args ...any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.fault != nil {
		return nil, c.fault
	}
	var err error
	if c.argv, c.buf, err = appendWords(c.argv[:0], c.buf[:0], args); err != nil {
		return nil, err
	}
	if err := unanswered(c.argv); err != nil {
		return nil, err
	}
	v, err := c.exchange(ctx)
	if err != nil {
		return nil, c.broken(ctx, err)
	}
	if v == nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return result(v)
}

// exchange sends the words of argv and reads the reply.
func (c *Conn) exchange(ctx context.Context) (any, error) {
	if done := ctx.Done(); done != nil {
		over := make(chan struct{})
		stop := context.AfterFunc(ctx, func() {
			defer close(over)
			c.db.srv.Hub().Abandon(c.id)
		})
		defer func() {
			if !stop() {
				<-over
				c.db.srv.Hub().Attend(c.id)
			}
		}()
	}
	if err := c.wire.Send(c.argv...); err != nil {
		return nil, err
	}
	if err := c.wire.Flush(); err != nil {
		return nil, err
	}
	for {
		r, err := c.wire.Read()
		if err != nil {
			return nil, err
		}
		if r.Kind != client.Push {
			return fromReply(&r), nil
		}
	}
}

// broken notes that the connection has ended, and says why.
func (c *Conn) broken(ctx context.Context, err error) error {
	if c.db.isClosed() {
		err = ErrClosed
	}
	c.fault = err
	c.nc.Close()
	if ctx.Err() != nil && err != ErrClosed {
		return ctx.Err()
	}
	return err
}

// unanswered is the error for a command that has not one reply.
func unanswered(argv [][]byte) error {
	switch name := strings.ToUpper(string(argv[0])); name {
	case "SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "UNSUBSCRIBE", "PUNSUBSCRIBE", "SUNSUBSCRIBE", "MONITOR":
		return Error("ERR " + name + " has not one reply: use DB.Subscribe or DB.Dial")
	case "CLIENT":
		if len(argv) > 1 && strings.EqualFold(string(argv[1]), "REPLY") {
			return Error("ERR CLIENT REPLY has not one reply: use DB.Dial")
		}
	}
	return nil
}

// idleConns is how many connections are kept for commands that wait.
const idleConns = 16

// wait runs a command that has to wait.
func (db *DB) wait(ctx context.Context, args []any) (any, error) {
	c := db.takeIdle()
	for c != nil && !db.srv.Hub().Serves(c.id) { // CLIENT KILL ended it meanwhile
		c.Close()
		c = db.takeIdle()
	}
	if c == nil {
		var err error
		if c, err = db.Conn(ctx); err != nil {
			return nil, err
		}
	}
	v, err := c.Do(ctx, args...)
	db.giveIdle(c)
	return v, err
}

func (db *DB) takeIdle() *Conn {
	db.mu.Lock()
	defer db.mu.Unlock()
	n := len(db.idle)
	if n == 0 {
		return nil
	}
	c := db.idle[n-1]
	db.idle = db.idle[:n-1]
	return c
}

// giveIdle keeps a connection that is of use.
func (db *DB) giveIdle(c *Conn) {
	db.mu.Lock()
	keep := c.fault == nil && len(db.idle) < idleConns && !db.closed
	if keep {
		db.idle = append(db.idle, c)
	}
	db.mu.Unlock()
	if !keep {
		c.Close()
	}
}
