package evloop

import (
	"sync/atomic"
	"time"
)

// Handler is what a loop does with bytes. Each loop has one of its own, made
// by Options.NewHandler; all its methods are called on the loop's thread.
type Handler interface {
	// Open is called when a connection was accepted. What it writes is sent;
	// returning false closes the connection after that, without Close.
	Open(c *Conn) bool
	// Batch is called with connections that have something in In. It consumes
	// what it can of each and gives replies.
	Batch(batch []*Conn)
	// Close is called once when a connection that was opened is gone.
	Close(c *Conn)
	// Attach and Detach are called when a connection comes from another loop,
	// or leaves for one.
	Attach(c *Conn)
	Detach(c *Conn)
	// Tick is called about ten times a second while there is something to do,
	// once a second while there is not, and not at all on a loop other than the
	// first without connections. It hears how long ago the last one was.
	Tick(since time.Duration)
}

// Options are what a Group is made of.
type Options struct {
	Loops      int                              // how many loops may be active; 0: one per processor
	NewHandler func(*Loop) Handler              // called once per loop, before it runs
	KeepAlive  func() int                       // tcp-keepalive in seconds, asked at each accept; 0: off
	Log        func(format string, args ...any) // warnings; may be nil
	Ahead      func() int64                     // added to the time of Loop.Now, in milliseconds; may be nil
	Guest      bool                             // the scheduler belongs to the program around: it stays as it is
	Memory     *atomic.Int64                    // what connections hold is added to it, within reportStep per loop; may be nil
}

// LoopFigures describe one loop at a moment.
type LoopFigures struct {
	Active bool
	Conns  int
	Busy   float64 // share of a processor used in the last sample, 0 to 1
	Cycles int64   // times around the loop
}
