package client

import (
	"bufio"
	"bytes"
	"io"
	"strconv"
)

// ReplyError is an error that the server answered with.
type ReplyError string

func (e ReplyError) Error() string { return string(e) }

// A Transfer is all data of a server, in its file format, on the way.
type Transfer struct {
	Size int64 // in bytes; -1: it ends with a mark
	mark []byte
	r    *bufio.Reader
}

const markSize = 40

// Sync makes the connection that of a replica. Behind the transfer come the commands that others give.
func (c *Conn) Sync() (*Transfer, error) {
	if _, err := c.Write([]byte("SYNC\r\n")); err != nil {
		return nil, err
	}
	if err := c.Flush(); err != nil {
		return nil, err
	}
	return c.transfer()
}

// transfer reads the announcement of one: $size, or $EOF:mark. While the
// server prepares, it sends empty lines.
func (r Reader) transfer() (*Transfer, error) {
	line, err := r.line()
	for err == nil && len(line) == 0 {
		line, err = r.line()
	}
	if err != nil {
		return nil, err
	}
	if line[0] == '-' {
		return nil, ReplyError(line[1:])
	}
	if mark, ok := bytes.CutPrefix(line, []byte("$EOF:")); ok && len(mark) >= markSize {
		return &Transfer{Size: -1, mark: bytes.Clone(mark[:markSize]), r: r.b}, nil
	}
	size, err := strconv.ParseInt(string(line[1:]), 10, 64)
	if line[0] != '$' || err != nil || size < 0 {
		return nil, ProtocolError("Bad length of a transfer")
	}
	return &Transfer{Size: size, r: r.b}, nil
}

// WriteTo copies the data, without the mark.
func (t *Transfer) WriteTo(w io.Writer) (n int64, err error) {
	if t.Size >= 0 {
		n, err = io.CopyN(w, t.r, t.Size)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return n, err
	}
	for {
		if _, err = t.r.Peek(markSize); err != nil {
			return n, err
		}
		have, _ := t.r.Peek(t.r.Buffered()) // cannot fail
		end := bytes.Index(have, t.mark)
		found := end >= 0
		if !found {
			end = len(have) - markSize + 1 // the rest may be the beginning of the mark
		}
		k, err := w.Write(have[:end])
		n += int64(k)
		if err != nil {
			return n, err
		}
		if found {
			_, err = t.r.Discard(end + markSize)
			return n, err
		}
		if _, err = t.r.Discard(end); err != nil {
			return n, err
		}
	}
}
