package benchmark

import (
	"errors"
	"io"
	"strings"
	"syscall"

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

// told is what is said of an error of a connection.
func told(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.EPIPE) {
		return errClosed
	}
	return errors.New("Error: " + client.Reason(err))
}

const (
	hintForeign = "Does a Redis server listen there? With TLS it takes --tls."
	hintTLS     = "Check --cacert, --cert and --key, and that this port of the server has TLS; --insecure skips the check of its certificate."
)

// hints say what to try when a server's error begins so.
var hints = []struct{ prefix, hint string }{
	{"NOAUTH", "Give the password with -a, and a user with --user, or both with -u."},
	{"WRONGPASS", "Check the password of -a and the name of --user."},
	{"ERR AUTH", "Leave out -a, or check that this is the right server."},
	{"WRONGTYPE", "A key of the tests has another type there: use another database (--dbnum), or delete it."},
	{"NOPERM", "Give that permission to the user (ACL SETUSER), or connect as another (--user, -a)."},
	{"OOM", "The server is at its maxmemory: raise it, choose an eviction policy, or use fewer keys (-r) or smaller values (-d)."},
	{"MOVED", "The server belongs to a cluster: use keys with a {tag} that is in its slots."},
	{"CROSSSLOT", "The server belongs to a cluster: use keys with one {tag}."},
	{"LOADING", "The server reads its data: try again when it is done."},
	{"READONLY", "The server is a replica: measure its master, or only commands that read."},
	{"MISCONF", "The server cannot save: see its log, or CONFIG SET stop-writes-on-bgsave-error no."},
	{"DENIED", "The server takes connections from its own machine only (protected-mode)."},
	{"ERR max number of clients", "Use fewer connections (-c), or raise maxclients of the server."},
	{"ERR unknown command", "The server does not know that command."},
	{"ERR DB index", "The server has fewer databases: choose another with --dbnum."},
}

// hintOf says what to try, if there is something.
func hintOf(err error) string {
	var told toldError
	var server ServerError
	var connect connectError
	switch {
	case errors.As(err, &told):
		return told.hint
	case errors.As(err, &server):
		for _, h := range hints {
			if strings.HasPrefix(string(server), h.prefix) {
				return h.hint
			}
		}
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "There may not be so many connections: use fewer (-c), or raise the limit with ulimit -n."
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return "All ports of this machine are in use or waiting: use fewer connections, or keep them (-k 1)."
	case errors.As(err, &connect):
		return connect.hint()
	}
	return ""
}

func (e connectError) hint() string {
	var handshake *client.HandshakeError
	switch {
	case errors.As(e.err, &handshake):
		return hintTLS
	case errors.Is(e.err, syscall.ECONNREFUSED), errors.Is(e.err, syscall.ENOENT):
		return "Start a server there, or name another with -h and -p, or -s."
	}
	return "Check the address: -h and -p, or -s."
}
