package evloop

import "net"

// Group is a set of loops and their listeners.
type Group struct{}

// Loop is one event loop.
type Loop struct{}

// Conn is one connection.
type Conn struct{}

// New makes the loops; the first one runs from now on.
func New(o Options) (*Group, error) { panic("stub") }

func (g *Group) serve(l net.Listener) error { panic("stub") }

// StopAccepting closes the listeners.
func (g *Group) StopAccepting() { panic("stub") }

// Close closes the listeners, flushes what can be sent at once, closes all connections and ends the loops.
func (g *Group) Close() { panic("stub") }

// SetLoops changes how many loops may be active.
func (g *Group) SetLoops(n int) { panic("stub") }

// Figures returns a description of each loop.
func (g *Group) Figures() []LoopFigures { panic("stub") }

// Post runs f on the thread of every loop, soon.
func (g *Group) Post(f func(*Loop)) { panic("stub") }
