package benchmark

import (
	"errors"

	"github.com/redstart-db/redstart/internal/client"
)

// A ServerError is an error reply.
type ServerError string

func (e ServerError) Error() string { return "Error from server: " + string(e) }

// connectError says that there is no connection.
type connectError struct {
	addr string
	err  error
}

func (e connectError) Error() string {
	var handshake *client.HandshakeError
	if errors.As(e.err, &handshake) {
		return "Could not negotiate a TLS connection: " + handshake.Error()
	}
	return "Could not connect to Redis at " + e.addr + ": " + client.Reason(e.err)
}
func (e connectError) Unwrap() error { return e.err }

var (
	errClosed  = errors.New("Error: Server closed the connection")
	errForeign = errors.New("Error: what answers there is not a Redis server, or wants TLS (--tls)")
	errAhead   = errors.New("Error: there are more replies than requests")
	errStopped = errors.New("stopped")
)

// judge turns what a server answered wrongly into an error: fast wrong answers are no figures.
func (s *scanner) judge() error {
	switch {
	case s.failed:
		return ServerError(s.failure)
	case s.broken:
		return errForeign
	}
	return nil
}
