package cli

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"
)

// runPipe sends what comes from standard input, which is protocol, as fast as
// the server takes it, and counts the replies. The end is known by the reply to an ECHO.
func runPipe(a *app) int {
	return a.connected(func() error {
		c := a.session.conn
		sent := make(chan error, 1)
		mark := randomMark()
		var all atomic.Bool // is sent: from then on the server must answer in time
		go func() { sent <- a.feed(mark, &all) }()
		var replies, errs atomic.Int64
		stop := a.onInterrupt(func() { fmt.Fprintf(os.Stderr, "errors: %d, replies: %d\n", errs.Load(), replies.Load()) })
		defer stop()
		for {
			r, err := c.Read()
			var late interface{ Timeout() bool }
			switch {
			case errors.As(err, &late) && late.Timeout():
				return fmt.Errorf("No replies for %d seconds: exiting.\nerrors: %d, replies: %d", a.pipeTimeout, errs.Load()+1, replies.Load())
			case err != nil:
				return errors.New("Error reading replies from server")
			case bytes.Equal(r.Text, mark):
				fmt.Fprintf(a.out, "Last reply received from server.\nerrors: %d, replies: %d\n", errs.Load(), replies.Load())
				if err := <-sent; err != nil {
					return err
				}
				if errs.Load() > 0 {
					return errQuiet
				}
				return nil
			}
			if all.Load() {
				a.awaitReply()
			}
			replies.Add(1)
			if r.IsError() {
				errs.Add(1)
				fmt.Fprintf(os.Stderr, "%s\n", r.Text)
			}
		}
	})
}

// errQuiet ends with a status of 1; all is said.
var errQuiet = errors.New("")

func randomMark() []byte {
	var b [10]byte
	rand.Read(b[:]) // never fails
	return []byte(hex.EncodeToString(b[:]))
}

// awaitReply gives the server so much time for the next reply.
func (a *app) awaitReply() {
	if a.pipeTimeout > 0 {
		a.session.conn.SetReadDeadline(time.Now().Add(time.Duration(a.pipeTimeout) * time.Second))
	}
}

// feed sends standard input and then the mark.
func (a *app) feed(mark []byte, all *atomic.Bool) error {
	c := a.session.conn
	size := int64(0)
	if info, err := os.Stdin.Stat(); err == nil && info.Mode().IsRegular() {
		size = info.Size()
	}
	in := &countedInput{Reader: os.Stdin, bar: a.newBar(size, "bytes")}
	if _, err := io.Copy(c.Conn, in); err != nil {
		return fmt.Errorf("Error writing to the server: %s", readError(err))
	}
	in.bar.clear()
	fmt.Fprintln(a.out, "All data transferred. Waiting for the last reply...")
	a.awaitReply()
	all.Store(true)
	end := append([]byte("\r\n"), []byte(fmt.Sprintf("*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n", len(mark), mark))...)
	_, err := c.Conn.Write(end) // the line end in front completes an inline command that had none
	return err
}

// A countedInput shows how much of it was read.
type countedInput struct {
	io.Reader
	bar  *bar
	read int64
}

func (c *countedInput) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += int64(n)
	c.bar.show(c.read)
	return n, err
}
