package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/client"
)

// A session is a connection that can be made again as it was.
type session struct {
	conf *config
	conn *client.Conn                // nil: there is none
	live atomic.Pointer[client.Conn] // the same, for who wants to close it
	// What the connection is now; conf says what it is to be.
	db       int
	multi    bool // a transaction is open
	dbBefore int  // db before it
	renewed  bool // there is another user since connect
}

// addr is where the session connects to, as messages name it.
func (c *config) addr() string {
	if c.socket != "" {
		return c.socket
	}
	return c.host + ":" + strconv.Itoa(c.port)
}

// connectError says that there is no connection; it is complete.
type connectError struct{ text string }

func (e connectError) Error() string { return e.text }

// connect makes the connection anew: dials, authenticates, selects, chooses the protocol.
func (s *session) connect() error {
	s.close()
	o := client.Options{Network: "tcp" + s.conf.ip, Addr: net.JoinHostPort(s.conf.host, strconv.Itoa(s.conf.port)), Timeout: s.conf.timeout}
	if s.conf.socket != "" {
		o.Network, o.Addr = "unix", s.conf.socket
	}
	if s.conf.tls.On {
		t, err := s.conf.tls.Config()
		if err != nil {
			return connectError{"Could not negotiate a TLS connection: " + err.Error()}
		}
		o.TLS = t
	}
	conn, err := client.Dial(o)
	if err != nil {
		return connectError{"Could not connect to Redis at " + s.conf.addr() + ": " + client.Reason(err)}
	}
	s.conn, s.db, s.multi, s.renewed = conn, 0, false, false
	s.live.Store(conn)
	return s.prepare()
}

// prepare makes a new connection what it is to be.
func (s *session) prepare() error {
	if err := s.login(); err != nil {
		return err
	}
	return s.restore()
}

// restore chooses the database and the protocol.
func (s *session) restore() error {
	if s.conf.db != 0 {
		ok, err := s.ask("SELECT "+strconv.Itoa(s.conf.db), "SELECT", strconv.Itoa(s.conf.db))
		if err != nil {
			return err
		}
		if ok {
			s.db = s.conf.db
		}
	}
	if s.conf.proto == 3 {
		_, err := s.ask("HELLO 3", "HELLO", "3")
		return err
	}
	return nil
}

func (s *session) login() (err error) {
	switch {
	case s.conf.pass == "" && !s.conf.passGiven:
	case s.conf.user == "":
		_, err = s.ask("AUTH", "AUTH", s.conf.pass)
	default:
		_, err = s.ask("AUTH", "AUTH", s.conf.user, s.conf.pass)
	}
	return err
}

// ask runs a command that prepares the connection. An error reply is told and the connection kept.
func (s *session) ask(what string, args ...string) (ok bool, err error) {
	r, err := s.conn.Do(args...)
	if err != nil {
		s.close()
		return false, connectError{"Error: " + readError(err)}
	}
	if r.IsError() {
		fmt.Fprintf(os.Stderr, "%s failed: %s\n", what, r.Text)
		s.conf.suggest(string(r.Text))
	}
	return !r.IsError(), nil
}

// readError is what is said about a connection that does not go on.
func readError(err error) string {
	var protocol client.ProtocolError
	switch {
	case errors.As(err, &protocol):
		return protocol.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "Server closed the connection"
	}
	return client.Reason(err)
}

func (s *session) close() {
	if s.conn != nil {
		s.conn.Close()
		s.conn = nil
	}
}
