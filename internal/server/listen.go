package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/redstart-db/redstart/internal/config"
)

// listeners are what we listen on: TCP addresses, plain and with TLS, which CONFIG SET bind,
// port and tls-port change, and the unix socket.
type listeners struct {
	mu   sync.Mutex // the first client may change tcp and tls while the rest begins to be served
	tcp  addresses
	tls  addresses
	unix net.Listener
}

// addresses are the listeners of one port.
type addresses struct {
	open []net.Listener
	bind []string // what they were made of
	port int64
}

// openListeners listens on everything the settings name.
func (s *Server) openListeners() error {
	if s.num("tls-port") != 0 || s.yes("tls-replication") || s.yes("tls-cluster") {
		if err := s.configureTLS(); err != nil {
			return errors.New("Failed to configure TLS. Check logs for more info.")
		}
	}
	if err := s.openTCP(&s.listen.tcp, s.num("port")); err != nil {
		return fmt.Errorf("Failed listening on port %d (TCP), aborting.", s.num("port"))
	}
	if err := s.openTCP(&s.listen.tls, s.num("tls-port")); err != nil {
		return fmt.Errorf("Failed listening on port %d (TLS), aborting.", s.num("tls-port"))
	}
	if err := s.openUnix(); err != nil {
		return fmt.Errorf("Failed opening Unix socket: %s", listenReason(err))
	}
	if len(s.listen.tcp.open) == 0 && len(s.listen.tls.open) == 0 && s.listen.unix == nil {
		return errors.New("Configured to not listen anywhere, exiting.")
	}
	return nil
}

// mainPort is the port that the server is known by: the plain one, if there is one.
func (s *Server) mainPort() int64 {
	if port := s.num("port"); port != 0 {
		return port
	}
	return s.num("tls-port")
}

// serveListeners hands the listeners to the loops.
func (s *Server) serveListeners() error {
	l := &s.listen
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := errors.Join(s.serveTCP(), s.serveTLS()); err != nil || l.unix == nil {
		return err
	}
	return s.loops.Serve(l.unix)
}

func (s *Server) serveTCP() error {
	for _, l := range s.listen.tcp.open {
		if err := s.loops.Serve(l); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) serveTLS() error {
	for _, l := range s.listen.tls.open {
		if err := s.loops.ServeTLS(l, s.tlsListener()); err != nil {
			return err
		}
	}
	return nil
}

// openTCP listens on a port of each address of bind. An address with a dash before it
// may be missing from this machine; a protocol that the system does not have
// is never missed.
func (s *Server) openTCP(a *addresses, port int64) error {
	var opened []net.Listener
	if port != 0 {
		for _, addr := range s.conf.Value("bind").Words {
			addr, optional := strings.CutPrefix(addr, "-")
			l, err := s.listenTCP(addr, port)
			if err == nil {
				opened = append(opened, l)
				continue
			}
			s.warn("Warning: Could not create server TCP listening socket %s:%d: %s", addr, port, listenReason(err))
			if optional && errors.Is(err, syscall.EADDRNOTAVAIL) || isUnsupported(err) {
				continue
			}
			closeAll(opened)
			return err
		}
	}
	a.open, a.bind, a.port = opened, s.conf.Value("bind").Words, port
	return nil
}

func isUnsupported(err error) bool {
	for _, e := range []error{syscall.ENOPROTOOPT, syscall.EPROTONOSUPPORT, syscall.ESOCKTNOSUPPORT,
		syscall.EPFNOSUPPORT, syscall.EAFNOSUPPORT} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func closeAll(ls []net.Listener) {
	for _, l := range ls {
		l.Close()
	}
}

// listenTCP listens on one address: * and ::* are all of IPv4 and of IPv6.
func (s *Server) listenTCP(addr string, port int64) (net.Listener, error) {
	network := "tcp4"
	if strings.Contains(addr, ":") {
		network = "tcp6"
	}
	switch addr {
	case "*":
		addr = "0.0.0.0"
	case "::*":
		addr = "::"
	}
	lc := net.ListenConfig{KeepAlive: -1, Control: s.markSocket}
	l, err := lc.Listen(context.Background(), network, net.JoinHostPort(addr, strconv.FormatInt(port, 10)))
	if err != nil {
		return nil, err
	}
	setBacklog(l, int(s.num("tcp-backlog")))
	return l, nil
}

// setBacklog listens again with our own backlog: package net takes the system's.
func setBacklog(l net.Listener, n int) {
	raw, err := l.(syscall.Conn).SyscallConn()
	if err == nil {
		raw.Control(func(fd uintptr) { syscall.Listen(int(fd), n) })
	}
}

// listenReason is the error of the system with the call it came from, as Redis logs it.
func listenReason(err error) string {
	var call *os.SyscallError
	if errors.As(err, &call) {
		return call.Syscall + ": " + config.Reason(call.Err)
	}
	return config.Reason(err)
}

// applyListeners moves the TCP listeners to the present bind and ports. What
// was open is closed first, as the new may need the same ports; if the new
// cannot be opened, the caller restores the settings and calls again.
func applyListeners(s *Server) error {
	s.listen.mu.Lock()
	defer s.listen.mu.Unlock()
	if !s.running {
		return nil
	}
	if s.num("tls-port") != 0 && s.tls.config.Load() == nil {
		if err := s.configureTLS(); err != nil {
			return err
		}
	}
	tcp, tls := s.moved(&s.listen.tcp, "port"), s.moved(&s.listen.tls, "tls-port")
	portChanged := tcp && s.listen.tcp.port != s.num("port") || tls && s.listen.tls.port != s.num("tls-port")
	if tcp {
		s.closeTCP(&s.listen.tcp)
	}
	if tls {
		s.closeTCP(&s.listen.tls)
	}
	err := s.reopen(tcp, tls)
	switch {
	case err == nil:
		s.showTitle()
		return nil
	case portChanged:
		return errors.New("Unable to listen on this port. Check server logs.")
	}
	s.warn("Failed to bind")
	return errors.New("Failed to bind to specified addresses.")
}

// moved says whether the listeners of a port are not those that the settings ask for.
func (s *Server) moved(a *addresses, setting string) bool {
	return a.port != s.num(setting) || !slices.Equal(a.bind, s.conf.Value("bind").Words)
}

func (s *Server) reopen(tcp, tls bool) (err error) {
	if tcp {
		if err = s.openTCP(&s.listen.tcp, s.num("port")); err == nil {
			err = s.serveTCP()
		}
	}
	if tls && err == nil {
		if err = s.openTCP(&s.listen.tls, s.num("tls-port")); err == nil {
			err = s.serveTLS()
		}
	}
	return err
}

// closeTCP stops listening; the connections stay.
func (s *Server) closeTCP(a *addresses) {
	for _, l := range a.open {
		s.loops.Remove(l)
	}
	a.open, a.bind, a.port = nil, nil, -1
}

// openUnix listens on the unix socket, if one is wanted.
func (s *Server) openUnix() error {
	path := s.text("unixsocket")
	if path == "" {
		return nil
	}
	if err := removeStaleSocket(path); err != nil {
		return err
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false) // removeFiles does it, once, at the end
	if perm := s.num("unixsocketperm"); perm != 0 {
		if err := os.Chmod(path, os.FileMode(perm)); err != nil {
			l.Close()
			return err
		}
	}
	setBacklog(l, int(s.num("tcp-backlog")))
	s.listen.unix = l
	s.unixPath, err = filepath.Abs(path) // dir may change before the end
	return err
}

// removeStaleSocket removes the socket that a server left which was killed.
// One that answers is in use; a file that is no socket is not ours to remove.
func removeStaleSocket(path string) error {
	info, err := os.Lstat(path)
	if err != nil {
		return nil // no file, or one that bind will complain about
	}
	inUse := &os.SyscallError{Syscall: "bind", Err: syscall.EADDRINUSE}
	if info.Mode()&os.ModeSocket == 0 {
		return inUse
	}
	c, err := net.DialTimeout("unix", path, time.Second)
	if err == nil {
		c.Close()
		return inUse
	}
	if !errors.Is(err, syscall.ECONNREFUSED) {
		return inUse // its backlog is full, or it is not ours to talk to
	}
	return os.Remove(path)
}
