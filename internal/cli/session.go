package cli

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"

	"github.com/redstart-db/redstart/internal/client"
)

// A session is a connection that can be made again as it was.
type session struct {
	conf *config
	conn *client.Conn // nil: there is none
	// What the connection is now; conf says what it is to be.
	db int
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
	s.conn, s.db = conn, 0
	return s.prepare()
}

// prepare makes a new connection what it is to be.
func (s *session) prepare() error {
	if err := s.login(); err != nil {
		return err
	}
	if s.conf.db != 0 {
		if err := s.ask("SELECT "+strconv.Itoa(s.conf.db), "SELECT", strconv.Itoa(s.conf.db)); err != nil {
			return err
		}
		s.db = s.conf.db
	}
	if s.conf.proto == 3 {
		return s.ask("HELLO 3", "HELLO", "3")
	}
	return nil
}

func (s *session) login() error {
	switch {
	case s.conf.pass == "" && !s.conf.passGiven:
		return nil
	case s.conf.user == "":
		return s.ask("AUTH", "AUTH", s.conf.pass)
	}
	return s.ask("AUTH", "AUTH", s.conf.user, s.conf.pass)
}

// ask runs a command that prepares the connection. An error reply is told and the connection kept.
func (s *session) ask(what string, args ...string) error {
	r, err := s.conn.Do(args...)
	if err != nil {
		s.close()
		return connectError{"Error: " + readError(err)}
	}
	if r.IsError() {
		fmt.Fprintf(os.Stderr, "%s failed: %s\n", what, r.Text)
	}
	return nil
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
