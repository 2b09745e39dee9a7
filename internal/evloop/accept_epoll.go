//go:build linux && (amd64 || arm64)

package evloop

import (
	"net"
	"net/netip"
	"strconv"
	"syscall"
	"time"
)

// maxAccepts bounds how many connections are accepted per cycle and listener.
const maxAccepts = 1000

// acceptPause is how long a listener rests when the process is out of files.
const acceptPause = 100 * time.Millisecond

// listener is a socket that the first loop polls.
type listener struct {
	l    net.Listener // keeps the descriptor alive
	fd   int32
	path string // of a unix socket
}

// serve makes the first loop poll the listener's descriptor. The runtime's
// poller knows it, too, but nobody waits there.
func (g *Group) serve(l net.Listener) error {
	sc, ok := l.(syscall.Conn)
	if !ok {
		return g.serveAny(l)
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return err
	}
	ln := &listener{l: l}
	if err := raw.Control(func(fd uintptr) { ln.fd = int32(fd) }); err != nil {
		return err
	}
	if a, ok := l.Addr().(*net.UnixAddr); ok {
		ln.path = a.Name
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return net.ErrClosed
	}
	g.listeners = append(g.listeners, l)
	loop := g.loops[0]
	loop.Post(func() {
		loop.poller.listeners = append(loop.poller.listeners, ln)
		loop.pollListener(len(loop.poller.listeners) - 1)
	})
	return nil
}

func (l *Loop) pollListener(i int) {
	ln := l.poller.listeners[i]
	if !l.group.listens(ln.l) {
		return
	}
	l.poller.ctl(syscall.EPOLL_CTL_ADD, ln.fd, syscall.EPOLLIN, int32(slotListener-i))
}

// accept takes the connections that wait at a listener.
func (l *Loop) accept(i int) {
	ln := l.poller.listeners[i]
	for range maxAccepts {
		if !l.group.listens(ln.l) {
			return
		}
		fd, sa, err := syscall.Accept4(int(ln.fd), syscall.SOCK_NONBLOCK|syscall.SOCK_CLOEXEC)
		switch err {
		case nil:
			l.accepted(fd, sa, ln)
		case syscall.EINTR, syscall.ECONNABORTED:
		case syscall.EAGAIN:
			return
		default:
			if !l.group.listens(ln.l) {
				return
			}
			l.group.log("Accepting client connection: accept: %v", err)
			l.poller.ctl(syscall.EPOLL_CTL_DEL, ln.fd, 0, 0)
			l.After(acceptPause, func() { l.pollListener(i) })
			return
		}
	}
}

func (l *Loop) accepted(fd int, sa syscall.Sockaddr, ln *listener) {
	c := &Conn{fd: int32(fd), number: int32(fd), ends: Endpoints{Remote: addrPort(sa), Path: ln.path}}
	if ln.path == "" {
		if local, err := syscall.Getsockname(fd); err == nil {
			c.ends.Local = addrPort(local)
		}
		l.group.setOptions(fd)
	}
	if l.open(c) {
		l.place(c)
	}
}

// setOptions sets no-delay and keep-alive: the first probe after the
// configured time, then three at thirds of it, as Redis does.
func (g *Group) setOptions(fd int) {
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
	seconds := 0
	if g.options.KeepAlive != nil {
		seconds = g.options.KeepAlive()
	}
	if seconds == 0 {
		return
	}
	syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_KEEPALIVE, 1)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPIDLE, seconds)
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPINTVL, max(seconds/3, 1))
	syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_KEEPCNT, 3)
}

func addrPort(sa syscall.Sockaddr) netip.AddrPort {
	switch a := sa.(type) {
	case *syscall.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(a.Addr), uint16(a.Port))
	case *syscall.SockaddrInet6:
		addr := netip.AddrFrom16(a.Addr)
		if a.ZoneId != 0 {
			addr = addr.WithZone(strconv.Itoa(int(a.ZoneId)))
		}
		return netip.AddrPortFrom(addr, uint16(a.Port))
	}
	return netip.AddrPort{}
}
