package session

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/evloop"
)

// Memory of clients. The loops count the buffers of connections; what else a
// client takes is counted here: its structs, its labels, what it has queued,
// watches, waits for and subscribes to, and the places of the words of a command that
// is not complete.

// hold counts n more bytes of the client, also against maxmemory and maxmemory-clients. Any thread.
func (c *Client) hold(n int64) {
	if n != 0 {
		c.pub.held.Add(n)
		c.hub.memory.Add(n)
		c.hub.ks.Settings.Overhead.Add(n)
	}
}

// memory is all that the client takes. Any thread.
func (c *Client) memory() int64 {
	b := c.buffers()
	return c.pub.held.Load() + b.Input + b.Output
}

// Memory is what clients take, without the buffers of their connections.
func (h *Hub) Memory() int64 { return h.memory.Load() }

// fixedSize is what a client takes that does nothing.
func (c *Client) fixedSize() int64 {
	n := int64(unsafe.Sizeof(*c))
	if c.conn != nil {
		n += int64(unsafe.Sizeof(*c.conn)) + c.conn.TransportMemory()
	}
	return n
}

// noteWords counts what the parser keeps of an unfinished command.
func (c *Client) noteWords() {
	if now, before := c.parser.Size(), c.pub.words.Load(); now != before {
		c.pub.words.Store(now)
		c.hold(now - before)
	}
}

// buffers are those of the client's connection. Any thread.
func (c *Client) buffers() (b evloop.Buffers) {
	if c.conn != nil {
		b = c.conn.Buffers()
	}
	return b
}
