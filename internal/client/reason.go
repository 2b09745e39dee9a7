package client

import (
	"errors"
	"net"
	"strings"
	"syscall"
)

// Reason is the system's word for what went wrong.
func Reason(err error) string {
	var dns *net.DNSError
	var no syscall.Errno
	var timeout interface{ Timeout() bool }
	var handshake *HandshakeError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return "Name or service not known"
	case errors.As(err, &no):
		text := no.Error()
		return strings.ToUpper(text[:1]) + text[1:]
	case errors.As(err, &timeout) && timeout.Timeout():
		return "Connection timed out"
	case errors.As(err, &handshake):
		return handshake.Error()
	}
	return err.Error()
}
