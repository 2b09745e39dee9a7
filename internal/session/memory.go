package session

import (
	"unsafe"

	"github.com/redstart-db/redstart/internal/evloop"
)

// Memory of clients. The loops count the buffers of connections; what else a
// client takes is counted here: its structs, its labels, and the places of
// the words of a command that is not complete.

// hold counts n more bytes, also against maxmemory.
func (h *Hub) hold(n int64) {
	if n != 0 {
		h.memory.Add(n)
		h.ks.Settings.Overhead.Add(n)
	}
}

// Memory is what clients take, without the buffers of their connections.
func (h *Hub) Memory() int64 { return h.memory.Load() }

// fixedSize is what a client takes that does nothing.
func (c *Client) fixedSize() int64 {
	n := int64(unsafe.Sizeof(*c))
	if c.conn != nil {
		n += int64(unsafe.Sizeof(*c.conn))
	}
	return n
}

// ownSize is what the hub counts of the client.
func (c *Client) ownSize() int64 { return c.fixedSize() + c.labels().size() + c.pub.words.Load() }

// noteWords counts what the parser keeps of an unfinished command.
func (c *Client) noteWords() {
	if now, before := c.parser.Size(), c.pub.words.Load(); now != before {
		c.pub.words.Store(now)
		c.hub.hold(now - before)
	}
}

// buffers are those of the client's connection. Any thread.
func (c *Client) buffers() (b evloop.Buffers) {
	if c.conn != nil {
		b = c.conn.Buffers()
	}
	return b
}
