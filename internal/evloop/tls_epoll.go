//go:build linux && (amd64 || arm64)

package evloop

import (
	"net"
	"os"
	"syscall"
	"unsafe"
)

// cipherSize is how much ciphertext is received at once by a connection that
// waits for something large.
const cipherSize = 256 << 10

// adopt makes a connection of a socket with a finished handshake. The socket
// leaves the runtime's poller for the loop's.
func (g *Group) adopt(s *secured, ends Endpoints) {
	fd, err := takeSocket(s.wire.nc)
	if err != nil {
		g.log("Accepting client connection: %v", err)
		return
	}
	s.wire.nc = nil
	g.setOptions(fd)
	c := &Conn{fd: int32(fd), number: int32(fd), ends: ends, tls: s}
	l := g.loops[0]
	l.Post(func() {
		if !l.open(c) {
			return
		}
		c.tls.ended = l.decryptOwn(c) != errDry // the first command may have come with the end of the handshake
		l.keepInput(c)
		switch {
		case len(c.in) > 0:
			l.markReady(c)
		case c.tls.ended:
			c.Close()
		default:
			l.place(c)
		}
	})
}

// takeSocket returns a descriptor of the connection's socket, and closes the connection.
func takeSocket(nc net.Conn) (fd int, err error) {
	defer nc.Close()
	raw, err := nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return -1, err
	}
	controlErr := raw.Control(func(old uintptr) {
		r, _, errno := syscall.RawSyscall(syscall.SYS_FCNTL, old, syscall.F_DUPFD_CLOEXEC, 0)
		fd = int(r)
		if errno != 0 {
			err = os.NewSyscallError("fcntl", errno)
		}
	})
	if controlErr != nil {
		return -1, controlErr
	}
	return fd, err
}

// hungUp says whether the other end has closed the connection and left nothing to read.
func hungUp(nc net.Conn) (gone bool) {
	raw, err := nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return true
	}
	raw.Control(func(fd uintptr) {
		var b [1]byte
		n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&b)), 1,
			syscall.MSG_PEEK|syscall.MSG_DONTWAIT, 0, 0)
		gone = errno == 0 && n == 0 || errno != 0 && errno != syscall.EAGAIN && errno != syscall.EINTR
	})
	return gone
}

// readTLS receives once and puts c into the batch with what that contained.
func (l *Loop) readTLS(c *Conn) {
	if l.cipher == nil {
		l.cipher = make([]byte, cipherSize)
	}
	size := readSize
	if c.need > readSize {
		size = cipherSize
	}
	n, errno := recvSocket(c, l.cipher[:size])
	if n <= 0 {
		l.readFailed(c, errno)
		return
	}
	w, had := c.tls.wire, len(c.in)
	w.in = l.cipher[:n]
	err := l.decrypt(c)
	w.in = nil
	if len(w.out) > 0 { // an alert, or the answer to a change of keys
		l.transmit(c, l.sealedBy(w))
	}
	c.tls.ended = err != errDry
	switch {
	case len(c.in) > had:
		l.enlist(c)
	case c.tls.ended:
		c.Close()
	default:
		l.keepInput(c)
	}
}

// decrypt appends to c's input all that the ciphertext at hand contains: in the
// loop's buffer if it fits there, else in c's own. Its error says why there is no more.
func (l *Loop) decrypt(c *Conn) error {
	if len(c.in) <= readSize/2 && c.need <= readSize {
		if err := l.decryptShared(c); err != nil {
			return err
		}
	}
	return l.decryptOwn(c)
}

func (l *Loop) decryptOwn(c *Conn) (err error) {
	for err == nil {
		var n int
		n, err = c.tls.conn.Read(l.room(c))
		c.grew(n)
	}
	return err
}

// decryptShared decrypts into the loop's buffer, behind what little c kept. If
// there is more than fits, it fails not, and the input is in c's own buffer.
func (l *Loop) decryptShared(c *Conn) (err error) {
	to := l.buffer[l.used : l.used+readSize]
	had := copy(to, c.in)
	n := had
	for n < len(to) && err == nil {
		var k int
		k, err = c.tls.conn.Read(to[n:])
		n += k
	}
	if n == had {
		return err
	}
	l.pool.put(c.own)
	c.setOwn(nil)
	c.in = to[:n:n]
	if err == nil {
		l.keepInput(c)
		return nil
	}
	l.used += n
	return err
}

// sayGoodbye tells the client that the end of its input is meant.
func (l *Loop) sayGoodbye(c *Conn) {
	if c.out.bytes > 0 {
		return // it would be in the middle of a record
	}
	w := c.tls.wire
	w.out = l.sealed[:0]
	c.tls.conn.CloseWrite()
	sendSocket(c, l.sealedBy(w))
}
