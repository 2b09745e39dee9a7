package client

import (
	"bufio"
	"crypto/tls"
	"net"
	"time"

	"github.com/redstart-db/redstart/internal/resp"
)

// Options say where to connect to.
type Options struct {
	Network, Addr string        // as net.Dial takes them
	TLS           *tls.Config   // nil: none
	Timeout       time.Duration // for the connection; 0: that of the system
}

// handshakeTimeout is for a server that does not speak TLS: it waits for the rest of what it takes for a command.
const handshakeTimeout = 10 * time.Second

// A Conn is a connection to a server. It is not safe for concurrent use, but
// for one that sends and one that receives.
type Conn struct {
	net.Conn
	Reader
	w   *bufio.Writer
	buf []byte
}

// Dial connects.
func Dial(o Options) (*Conn, error) {
	d := net.Dialer{Timeout: o.Timeout}
	nc, err := d.Dial(o.Network, o.Addr)
	if err != nil {
		return nil, err
	}
	if o.TLS != nil {
		t := tls.Client(nc, o.TLS)
		if err := handshake(t, o.Timeout); err != nil {
			nc.Close()
			return nil, &HandshakeError{err}
		}
		nc = t
	}
	return NewConn(nc), nil
}

func handshake(t *tls.Conn, timeout time.Duration) error {
	if timeout == 0 {
		timeout = handshakeTimeout
	}
	if err := t.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	if err := t.Handshake(); err != nil {
		return err
	}
	return t.SetDeadline(time.Time{})
}

// NewConn is a Conn on an open connection.
func NewConn(nc net.Conn) *Conn {
	return &Conn{Conn: nc, Reader: NewReader(nc), w: bufio.NewWriterSize(nc, 64<<10)}
}

// Read reads a reply; the bytes belong to the Reader.
func (c *Conn) Read() (Reply, error) { return c.Reader.Read() }

// Write buffers bytes that are commands already.
func (c *Conn) Write(b []byte) (int, error) { return c.w.Write(b) }

// Send buffers a command.
func (c *Conn) Send(args ...[]byte) error {
	c.buf = AppendCommand(c.buf[:0], args...)
	_, err := c.w.Write(c.buf)
	return err
}

// Flush sends what is buffered.
func (c *Conn) Flush() error { return c.w.Flush() }

// Do sends a command and reads a reply, skipping pushes.
func (c *Conn) Do(args ...string) (Reply, error) {
	words := make([][]byte, len(args))
	for i := range args {
		words[i] = []byte(args[i])
	}
	if err := c.Send(words...); err != nil {
		return Reply{}, err
	}
	if err := c.Flush(); err != nil {
		return Reply{}, err
	}
	for {
		r, err := c.Read()
		if err != nil || r.Kind != Push {
			return r, err
		}
	}
}

// AppendCommand appends a command in its wire form.
func AppendCommand(b []byte, args ...[]byte) []byte {
	w := resp.Writer{Buf: b}
	w.Array(len(args))
	for _, a := range args {
		w.Bulk(a)
	}
	return w.Buf
}
