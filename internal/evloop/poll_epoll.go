//go:build linux && (amd64 || arm64)

package evloop

import (
	"os"
	"syscall"
	"time"
	"unsafe"
)

// The places in an event's data word that are not a connection's slot.
const (
	slotWake     = -1
	slotListener = -2 // and below: listener -2-slot
)

const pollEvents = 512

// poller is an epoll instance with an eventfd to wake it.
type poller struct {
	fd, wakeFD int32
	events     [pollEvents]syscall.EpollEvent
	n          int
	listeners  []*listener
}

func (p *poller) open() error {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return os.NewSyscallError("epoll_create1", err)
	}
	const flags = syscall.O_NONBLOCK | syscall.O_CLOEXEC
	wake, _, errno := syscall.RawSyscall(syscall.SYS_EVENTFD2, 0, flags, 0)
	if errno != 0 {
		syscall.Close(fd)
		return os.NewSyscallError("eventfd", errno)
	}
	p.fd, p.wakeFD = int32(fd), int32(wake)
	return p.ctl(syscall.EPOLL_CTL_ADD, p.wakeFD, syscall.EPOLLIN, slotWake)
}

// brought says whether the last wait brought events.
func (p *poller) brought() bool { return p.n > 0 }

func (p *poller) close() {
	syscall.Close(int(p.fd))
	syscall.Close(int(p.wakeFD))
}

func (p *poller) ctl(op int, fd int32, events uint32, slot int32) error {
	ev := syscall.EpollEvent{Events: events, Fd: slot}
	_, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_CTL, uintptr(p.fd), uintptr(op), uintptr(fd), uintptr(unsafe.Pointer(&ev)), 0, 0)
	if errno != 0 {
		return os.NewSyscallError("epoll_ctl", errno)
	}
	return nil
}

// wanted is what to poll c for. A connection that is muted is polled for the
// end of its input alone, so that a client that goes away is noticed.
func wanted(c *Conn) uint32 {
	events := uint32(syscall.EPOLLRDHUP)
	if !c.has(flagMuted) {
		events |= syscall.EPOLLIN
	}
	if c.has(flagWantsOut) {
		events |= syscall.EPOLLOUT
	}
	return events
}

func (p *poller) add(c *Conn) error {
	return p.ctl(syscall.EPOLL_CTL_ADD, c.fd, wanted(c), c.slot)
}

func (p *poller) modify(c *Conn) { p.ctl(syscall.EPOLL_CTL_MOD, c.fd, wanted(c), c.slot) }

func (p *poller) remove(c *Conn) { p.ctl(syscall.EPOLL_CTL_DEL, c.fd, 0, 0) }

// fewEvents is how many events a wait brings when there is little to do, so
// that the next one will have to sleep.
const fewEvents = 3

// wait collects events: at once if there are any, else it sleeps. After a
// wait that brought little it does not try without sleeping first: that is a
// system call more per request where there is one client.
func (l *Loop) wait() {
	p := &l.poller
	last := p.n
	p.n = 0
	if last > fewEvents {
		n, _, errno := syscall.RawSyscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), pollEvents, 0, 0, 0)
		if errno == 0 && n > 0 {
			p.n = int(n)
			return
		}
	}
	l.asleep.Store(true)
	n, _, errno := syscall.Syscall6(syscall.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events[0])), pollEvents, milliseconds(l.timeout()), 0, 0)
	l.asleep.Store(false)
	if errno == 0 { // not EINTR
		p.n = int(n)
	}
}

// milliseconds rounds up: sleeping less would spin until the timer is due.
func milliseconds(d time.Duration) uintptr {
	if d < 0 {
		return ^uintptr(0)
	}
	return uintptr((d + time.Millisecond - 1) / time.Millisecond)
}

// wake ends the loop's sleep, if it sleeps. Any thread.
func (l *Loop) wake() {
	if l.asleep.Swap(false) {
		one := uint64(1)
		syscall.RawSyscall(syscall.SYS_WRITE, uintptr(l.poller.wakeFD), uintptr(unsafe.Pointer(&one)), 8)
	}
}

func (l *Loop) handleEvents() {
	for i := range l.poller.events[:l.poller.n] {
		ev := &l.poller.events[i]
		switch slot := ev.Fd; {
		case slot >= 0:
			if c := l.conns[slot]; c != nil && !c.has(flagDying) {
				l.handleEvent(c, ev.Events)
			}
		case slot == slotWake:
			var count uint64
			syscall.RawSyscall(syscall.SYS_READ, uintptr(l.poller.wakeFD), uintptr(unsafe.Pointer(&count)), 8)
		default:
			l.accept(int(slotListener - slot))
		}
	}
}

func (l *Loop) handleEvent(c *Conn, events uint32) {
	if events&syscall.EPOLLOUT != 0 {
		l.flush(c)
	}
	if events&^syscall.EPOLLOUT == 0 || c.has(flagDying) {
		return
	}
	if !c.has(flagStopped) {
		l.read(c)
		return
	}
	if events&(syscall.EPOLLRDHUP|syscall.EPOLLHUP|syscall.EPOLLERR) != 0 {
		c.Close()
		return
	}
	if !c.has(flagMuted) {
		c.flags |= flagMuted
		l.watch(c)
	}
}

// read reads once and puts c into the batch.
func (l *Loop) read(c *Conn) {
	if c.has(flagBatched) {
		l.runBatch()
		if c.has(flagClosed | flagDying | flagStopped) {
			return
		}
	}
	switch {
	case c.tls != nil:
		l.readTLS(c)
	case len(c.in) > readSize/2 || c.need > readSize:
		l.readOwn(c)
	default:
		l.readShared(c)
	}
}

// readShared reads into the loop's buffer, behind what little c kept.
func (l *Loop) readShared(c *Conn) {
	to := l.buffer[l.used : l.used+readSize]
	kept := len(c.in)
	n, errno := recvSocket(c, to[kept:])
	if n <= 0 {
		l.readFailed(c, errno)
		return
	}
	if kept > 0 {
		copy(to, c.in)
		l.pool.put(c.own)
		c.setOwn(nil)
	}
	n += kept
	c.in = to[:n:n]
	l.used += n
	l.enlist(c)
}

// readOwn reads into c's own buffer, which holds much or is to hold much.
func (l *Loop) readOwn(c *Conn) {
	n, errno := recvSocket(c, l.room(c))
	if n <= 0 {
		l.readFailed(c, errno)
		return
	}
	c.grew(n)
	l.enlist(c)
}

func (l *Loop) readFailed(c *Conn, errno syscall.Errno) {
	if errno != syscall.EAGAIN && errno != syscall.EINTR {
		c.Close()
	}
}

// recvSocket returns 0 and no error at the end of the input.
func recvSocket(c *Conn, b []byte) (int, syscall.Errno) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), syscall.MSG_DONTWAIT, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(n), 0
}

// sendSocket returns how much was taken; not ok: the connection is broken.
func sendSocket(c *Conn, b []byte) (int, bool) {
	n, _, errno := syscall.RawSyscall6(syscall.SYS_SENDTO, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), syscall.MSG_DONTWAIT|syscall.MSG_NOSIGNAL, 0, 0)
	if errno != 0 {
		return 0, errno == syscall.EAGAIN || errno == syscall.EINTR
	}
	return int(n), true
}

func closeSocket(c *Conn) {
	syscall.Close(int(c.fd))
	c.fd = -1
}

func threadID() int32 { return int32(syscall.Gettid()) }
