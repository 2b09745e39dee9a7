package testutil

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Conn is a client connection that keeps replies as the bytes they came in.
type Conn struct {
	net.Conn
	r *bufio.Reader
}

// Dial connects to a server.
func Dial(addr string) (*Conn, error) {
	c, err := net.DialTimeout("tcp", addr, patience)
	if err != nil {
		return nil, err
	}
	return Wrap(c), nil
}

// Wrap makes a client connection of any connection.
func Wrap(c net.Conn) *Conn { return &Conn{Conn: c, r: bufio.NewReaderSize(c, 64<<10)} }

// Dial connects to the server until the test ends.
func (s *Server) Dial(t testing.TB) *Conn {
	t.Helper()
	c, err := Dial(s.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// AppendCommand appends a command as clients send it.
func AppendCommand(b []byte, args ...string) []byte {
	b = append(strconv.AppendInt(append(b, '*'), int64(len(args)), 10), "\r\n"...)
	for _, a := range args {
		b = append(strconv.AppendInt(append(b, '$'), int64(len(a)), 10), "\r\n"...)
		b = append(append(b, a...), "\r\n"...)
	}
	return b
}

// Send sends a command without waiting for its reply.
func (c *Conn) Send(args ...string) error { return c.SendRaw(AppendCommand(nil, args...)) }

// SendRaw sends bytes.
func (c *Conn) SendRaw(b []byte) error {
	c.SetWriteDeadline(time.Now().Add(patience))
	_, err := c.Write(b)
	return err
}

// Do sends a command and reads one reply. An error reply is a reply, not an error.
func (c *Conn) Do(args ...string) (Reply, error) {
	if err := c.Send(args...); err != nil {
		return Reply{}, err
	}
	return c.Receive()
}

// Must is Do for a test that cannot go on without the reply.
func (c *Conn) Must(t testing.TB, args ...string) Reply {
	t.Helper()
	r, err := c.Do(args...)
	if err != nil {
		t.Fatalf("%.200q: %v", args, err)
	}
	return r
}

// Receive reads one reply.
func (c *Conn) Receive() (Reply, error) {
	c.SetReadDeadline(time.Now().Add(patience))
	return ReadReply(c.r)
}

// ReadToEOF reads until the server closes the connection. A reset counts as
// closing: it is what a server's closing looks like if it had not read everything.
func (c *Conn) ReadToEOF() ([]byte, error) {
	c.SetReadDeadline(time.Now().Add(patience))
	b, err := io.ReadAll(c.r)
	if ne, ok := err.(net.Error); err != nil && (!ok || !ne.Timeout()) {
		return b, nil
	}
	return b, err
}

// Reply is a RESP value: its bytes, and what they say.
type Reply struct {
	Raw  []byte // all of it, with what it contains
	Kind byte   // the first byte; ':' '+' '-' '$' '*' and those of RESP3
	Text string // of a leaf: its line or string
	Null bool
	Elem []Reply // of an aggregate; a map's keys and values alternate
}

// Int is the value of an integer reply.
func (r Reply) Int() int64 {
	n, _ := strconv.ParseInt(r.Text, 10, 64)
	return n
}

// ReadReply reads one value.
func ReadReply(r *bufio.Reader) (Reply, error) {
	line, err := r.ReadBytes('\n')
	if err != nil {
		return Reply{Raw: line}, err
	}
	rep := Reply{Raw: line, Kind: line[0]}
	if len(line) < 3 || line[len(line)-2] != '\r' {
		return rep, fmt.Errorf("reply line %.100q does not end in CR LF", line)
	}
	rep.Text = string(line[1 : len(line)-2])
	switch rep.Kind {
	case '+', '-', ':', ',', '#', '(', '_':
		rep.Null = rep.Kind == '_'
		return rep, nil
	case '$', '=', '!':
		return rep, rep.readBulk(r)
	case '*', '~', '>', '%', '|':
		return rep, rep.readElems(r)
	}
	return rep, fmt.Errorf("reply line %.100q is of no known kind", line)
}

func (rep *Reply) readBulk(r *bufio.Reader) error {
	n, err := rep.length()
	if err != nil || rep.Null {
		return err
	}
	// Not make and ReadFull: a wrong length must not cost a gigabyte.
	body, err := io.ReadAll(io.LimitReader(r, int64(n)+2))
	if err != nil {
		return err
	}
	if len(body) != n+2 || string(body[n:]) != "\r\n" {
		return fmt.Errorf("a bulk reply of %d bytes is cut off or not followed by CR LF", n)
	}
	rep.Raw, rep.Text = append(rep.Raw, body...), string(body[:n])
	return nil
}

func (rep *Reply) readElems(r *bufio.Reader) error {
	n, err := rep.length()
	if err != nil || rep.Null {
		return err
	}
	if rep.Kind == '%' || rep.Kind == '|' {
		n *= 2
	}
	rep.Text = ""
	for range n {
		e, err := ReadReply(r)
		if err != nil {
			return err
		}
		rep.Elem, rep.Raw = append(rep.Elem, e), append(rep.Raw, e.Raw...)
	}
	return nil
}

// length reads the number in a header; -1 is RESP2's null.
func (rep *Reply) length() (int, error) {
	n, err := strconv.Atoi(rep.Text)
	if err != nil || n < -1 || n > 1<<30 {
		return 0, fmt.Errorf("bad length in reply header %q", rep.Raw)
	}
	if rep.Null = n == -1; rep.Null {
		rep.Text = ""
	}
	return n, nil
}

// ParseReply reads one value from a string.
func ParseReply(s string) (Reply, error) { return ReadReply(bufio.NewReader(strings.NewReader(s))) }
