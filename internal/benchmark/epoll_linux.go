package benchmark

import (
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"
)

const haveRaw = true

// raw is a worker that uses raw system calls on sockets in an epoll.
type raw struct {
	*Generator
	*source
	thread  int
	addr    func() syscall.Sockaddr
	family  int
	epoll   int
	clients []rawClient
	events  []syscall.EpollEvent
	input   []byte
	due     int64 // when the next batch of a load with a rate is to be sent
	step    int64 // between two of them
	free    []*rawClient
	busy    int // clients waiting for replies
	heard   int64
}

type rawClient struct {
	fd      int
	slot    int32
	batch   batch
	unsent  []byte
	writing bool  // epoll tells when more can be sent
	opened  bool  // the prefix has been sent
	waiting int   // replies to come
	answers int   // of them to the prefix
	due     int64 // when the batch was sent, or, with a rate, was due
	scanner scanner
}

// glance is how often a worker looks whether another has failed.
const glance = int64(100 * time.Millisecond)

func openRaw(g *Generator, s *source, thread, conns int) (worker, error) {
	w := &raw{Generator: g, source: s, thread: thread, epoll: -1, input: make([]byte, 64<<10)}
	w.clients = make([]rawClient, conns)
	for i := range w.clients {
		w.clients[i] = rawClient{fd: -1, slot: int32(i), batch: s.newBatch()}
	}
	w.events = make([]syscall.EpollEvent, conns)
	var err error
	if w.family, w.addr, err = socketAddress(g.Network, g.Addr); err != nil {
		return nil, err
	}
	if w.epoll, err = syscall.EpollCreate1(syscall.EPOLL_CLOEXEC); err == nil {
		err = w.connectAll()
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// socketAddress resolves an address. A system call takes it in a form that it writes
// to, so each gets one of its own.
func socketAddress(network, addr string) (family int, sockaddr func() syscall.Sockaddr, err error) {
	if network == "unix" {
		return syscall.AF_UNIX, func() syscall.Sockaddr { return &syscall.SockaddrUnix{Name: addr} }, nil
	}
	a, err := net.ResolveTCPAddr(network, addr)
	if err != nil {
		return 0, nil, err
	}
	if ip := a.IP.To4(); ip != nil || a.IP == nil {
		to := syscall.SockaddrInet4{Port: a.Port, Addr: [4]byte{127, 0, 0, 1}}
		copy(to.Addr[:], ip)
		return syscall.AF_INET, func() syscall.Sockaddr { own := to; return &own }, nil
	}
	to := syscall.SockaddrInet6{Port: a.Port}
	copy(to.Addr[:], a.IP.To16())
	if i, err := net.InterfaceByName(a.Zone); a.Zone != "" && err == nil {
		to.ZoneId = uint32(i.Index)
	}
	return syscall.AF_INET6, func() syscall.Sockaddr { own := to; return &own }, nil
}

// connectAll opens the connections, some at a time: a server far away takes a while for each.
func (w *raw) connectAll() error {
	const atOnce = 32
	errs := make([]error, len(w.clients))
	slots := make(chan struct{}, atOnce)
	var wg sync.WaitGroup
	for i := range w.clients {
		slots <- struct{}{}
		wg.Go(func() {
			errs[i] = w.connect(&w.clients[i], false)
			<-slots
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// connect opens a client's connection. One that may go on by itself is complete when it can be written to.
func (w *raw) connect(c *rawClient, alone bool) (err error) {
	if c.fd, err = syscall.Socket(w.family, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err != nil {
		return err
	}
	if alone = alone && w.family != syscall.AF_UNIX; alone {
		if err := syscall.SetNonblock(c.fd, true); err != nil {
			return err
		}
	}
	addr := w.addr()
	err = syscall.Connect(c.fd, addr)
	for err == syscall.EINTR {
		err = syscall.Connect(c.fd, addr)
	}
	if err != nil && !(alone && err == syscall.EINPROGRESS) && err != syscall.EISCONN {
		return err
	}
	if w.family != syscall.AF_UNIX {
		if err := syscall.SetsockoptInt(c.fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
			return err
		}
	}
	c.opened, c.writing = false, alone
	events := uint32(syscall.EPOLLIN)
	if alone {
		events |= syscall.EPOLLOUT
	}
	return syscall.EpollCtl(w.epoll, syscall.EPOLL_CTL_ADD, c.fd, &syscall.EpollEvent{Events: events, Fd: c.slot})
}

func (w *raw) close() {
	for i := range w.clients {
		if fd := w.clients[i].fd; fd >= 0 {
			syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
			syscall.Close(fd)
		}
	}
	if w.epoll >= 0 {
		syscall.Close(w.epoll)
	}
}

func (w *raw) drive() error {
	cpu := threadCPU()
	w.busy, w.heard, w.next = 0, 0, 0
	if w.Rate > 0 {
		w.due, w.step = w.clock(w.thread)
	}
	w.free = w.free[:0]
	for i := range w.clients {
		w.clients[i].scanner = scanner{}
		w.free = append(w.free, &w.clients[i])
	}
	err := w.loop()
	t := w.tallies[w.thread]
	for i := range w.clients {
		t.Nulls += w.clients[i].scanner.nulls
	}
	t.ClientCPU = threadCPU() - cpu
	return err
}

func (w *raw) idle() error {
	for {
		n, err := w.wait(false)
		if err != nil {
			return err
		}
		for _, e := range w.events[:n] {
			c := &w.clients[e.Fd]
			if _, err := w.read(c); err != nil {
				return err
			}
		}
	}
}

func (w *raw) loop() error {
	for {
		more, err := w.sendIdle()
		if err != nil {
			return err
		}
		if w.busy == 0 && !more {
			return nil
		}
		n, err := w.wait(more)
		if err != nil {
			return err
		}
		for i := range n {
			if err := w.handle(&w.clients[w.events[i].Fd], w.events[i].Events); err != nil {
				return err
			}
		}
	}
}

// sendIdle lets idle clients send what is due, and says whether there will be more.
// A batch that is late because the server held up every client counts its latency
// from when it was due.
func (w *raw) sendIdle() (more bool, err error) {
	if w.Rate > 0 {
		return w.sendDue()
	}
	for len(w.free) > 0 {
		now := w.now()
		if !w.claim(now) {
			return false, nil
		}
		if err := w.send(w.pop(), now); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (w *raw) sendDue() (more bool, err error) {
	for w.end == 0 || w.due < w.end {
		if len(w.free) == 0 || w.due > w.now() {
			return true, nil
		}
		if !w.claim(w.due) {
			return false, nil
		}
		due := w.due
		w.due += w.step
		if err := w.send(w.pop(), due); err != nil {
			return false, err
		}
	}
	return false, nil
}

func (w *raw) pop() *rawClient {
	c := w.free[len(w.free)-1]
	w.free = w.free[:len(w.free)-1]
	w.busy++
	return c
}

// send begins to send a client's next batch.
func (w *raw) send(c *rawClient, due int64) error {
	w.fill(&c.batch)
	c.due, c.waiting, c.unsent = due, w.Depth, c.batch.text
	if !c.opened {
		c.opened = true
		c.answers = w.Answers
		c.waiting += c.answers
		if len(w.Prefix) > 0 {
			c.unsent = append(append([]byte(nil), w.Prefix...), c.batch.text...)
		}
	}
	if c.writing { // it is still connecting
		return nil
	}
	return w.flush(c)
}

// flush sends what the socket takes, and has epoll tell when it takes the rest.
func (w *raw) flush(c *rawClient) error {
	for len(c.unsent) > 0 {
		n, errno := sendTo(c.fd, c.unsent)
		switch errno {
		case 0:
			c.unsent = c.unsent[n:]
		case syscall.EINTR:
		case syscall.EAGAIN:
			return w.watch(c, true)
		default:
			if _, err := w.read(c); err != nil { // the server has said why it does not listen
				return err
			}
			return told(errno)
		}
	}
	if c.writing {
		return w.watch(c, false)
	}
	return nil
}

func (w *raw) watch(c *rawClient, writing bool) error {
	if c.writing == writing {
		return nil
	}
	c.writing = writing
	e := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: c.slot}
	if writing {
		e.Events |= syscall.EPOLLOUT
	}
	return syscall.EpollCtl(w.epoll, syscall.EPOLL_CTL_MOD, c.fd, &e)
}

func (w *raw) handle(c *rawClient, events uint32) error {
	if events&syscall.EPOLLOUT != 0 {
		if err := w.connected(c); err != nil {
			return err
		}
		if err := w.flush(c); err != nil {
			return err
		}
	}
	if events&^syscall.EPOLLOUT != 0 {
		return w.receive(c)
	}
	return nil
}

// connected asks how the connecting went; of a connection that is complete it asks in vain.
func (w *raw) connected(c *rawClient) error {
	no, err := syscall.GetsockoptInt(c.fd, syscall.SOL_SOCKET, syscall.SO_ERROR)
	if err == nil && no != 0 {
		err = syscall.Errno(no)
	}
	if err != nil {
		return connectError{w.Addr, err}
	}
	return nil
}

func (w *raw) receive(c *rawClient) error {
	n, err := w.read(c)
	if err != nil {
		return err
	}
	if c.waiting -= n; c.waiting > 0 || n == 0 {
		return nil
	}
	return w.complete(c)
}

// read returns how many replies have come to their end.
func (w *raw) read(c *rawClient) (int, error) {
	n, errno := receiveFrom(c.fd, w.input)
	switch {
	case errno == syscall.EAGAIN || errno == syscall.EINTR:
		return 0, nil
	case errno != 0:
		return 0, told(errno)
	case n == 0:
		return 0, errClosed
	}
	before := c.scanner.replies
	c.scanner.scan(w.input[:n])
	return c.scanner.replies - before, c.scanner.judge()
}

// complete books a batch and, without a rate, sends the next.
func (w *raw) complete(c *rawClient) error {
	if c.waiting < 0 || len(c.unsent) > 0 {
		return errAhead
	}
	now := w.now()
	w.heard = now
	w.book(w.thread, &c.batch, now-c.due)
	if w.Reconnect {
		syscall.Close(c.fd)
		c.scanner.kind = 0
		if err := w.connect(c, true); err != nil {
			return connectError{w.Addr, err}
		}
	}
	if w.Rate == 0 && w.claim(now) {
		return w.send(c, now)
	}
	w.busy--
	w.free = append(w.free, c)
	return nil
}

// wait returns the number of ready clients. It sleeps until the next batch is
// due if somebody could send it.
func (w *raw) wait(more bool) (int, error) {
	timeout := glance
	if more && len(w.free) > 0 {
		timeout = min(timeout, max(w.due-w.now(), 0))
	}
	n, errno := epollWait(w.epoll, w.events, timeout)
	switch {
	case w.stopped.Load():
		return 0, errStopped
	case errno == syscall.EINTR:
		return 0, nil
	case errno != 0:
		return 0, fmt.Errorf("epoll: %w", errno)
	case n == 0 && w.busy > 0 && w.Patience > 0 && w.now()-w.heard > int64(w.Patience):
		return 0, fmt.Errorf("no reply for %v", w.Patience)
	}
	return n, nil
}
