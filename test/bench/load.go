//go:build linux

package main

import (
	"errors"
	"fmt"
	"math/bits"
	"syscall"
	"time"
)

// A load is what the generator sends. A batch is depth requests written with one
// system call; a connection sends its next batch when all replies of the last
// have come.
type load struct {
	requests []request // each batch repeats one of them, drawn at random
	conns    int
	depth    int
	keys     int  // indexes are drawn from [0, keys)
	inOrder  bool // every index once, in order; then the load is over
	first    int  // added to every index
	rate     int  // batches per second of all connections; 0: as many as possible
}

// A tally is what happened during one drive.
type tally struct {
	requests  int
	nulls     int
	elapsed   time.Duration
	clientCPU time.Duration
	latency   histogram // of batches, in nanoseconds
}

func (t *tally) perSecond() float64 { return float64(t.requests) / t.elapsed.Seconds() }

// A generator drives a load over open connections from the calling thread. It
// uses raw system calls: nothing else of this program needs the processor that
// the Go scheduler would hand over around each of them.
type generator struct {
	load
	epoll   int
	clients []client
	events  []syscall.EpollEvent
	input   []byte
	random  uint64
	next    int // index of the next request of an inOrder load
	start   time.Time
	end     int64 // no batch starts after it; this and all times: ns since start
	due     int64 // when the next batch of a load with a rate is to be sent
	idle    []*client
	busy    int // clients waiting for replies
	tally   *tally
}

type client struct {
	fd      int
	batches [][]byte // one per request of the load
	waiting int      // replies to come
	sent    int64    // when the batch was sent, or, with a rate, was due
	scanner scanner
}

// noises is how many numbers there are for the slots of noise.
const noises = 100_000_000

// silence is how long a server may leave every request unanswered.
const silence = 20 * time.Second

func open(port int, l load) (*generator, error) {
	ep, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	g := &generator{load: l, epoll: ep, input: make([]byte, 64<<10), random: 0x9E3779B97F4A7C15}
	g.clients = make([]client, l.conns)
	g.events = make([]syscall.EpollEvent, l.conns)
	for i := range g.clients {
		g.clients[i].fd = -1
	}
	for i := range g.clients {
		if err := g.connect(i, port); err != nil {
			g.close()
			return nil, fmt.Errorf("connection %d: %w", i, err)
		}
	}
	return g, nil
}

func (g *generator) connect(i, port int) error {
	fd, err := dial(port)
	if err != nil {
		return err
	}
	c := &g.clients[i]
	c.fd = fd
	for _, r := range g.requests {
		c.batches = append(c.batches, repeat(r.text, g.depth))
	}
	return syscall.EpollCtl(g.epoll, syscall.EPOLL_CTL_ADD, fd,
		&syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(i)})
}

func repeat(text string, n int) []byte {
	b := make([]byte, 0, n*len(text))
	for range n {
		b = append(b, text...)
	}
	return b
}

func dial(port int) (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		syscall.Close(fd)
		return -1, err
	}
	return fd, syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1)
}

// close resets the connections instead of shutting them down, so that they
// leave no TIME_WAIT behind: the works open tens of thousands.
func (g *generator) close() {
	for _, c := range g.clients {
		if c.fd >= 0 {
			reset(c.fd)
		}
	}
	syscall.Close(g.epoll)
}

func reset(fd int) {
	syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	syscall.Close(fd)
}

// drive sends for the given time (an inOrder load: until the last index), waits
// for the last replies, and may be called again on the same connections.
func (g *generator) drive(d time.Duration) (*tally, error) {
	g.tally = &tally{}
	cpu := threadCPU()
	g.start, g.end, g.due, g.busy = time.Now(), int64(d), 0, 0
	g.idle = g.idle[:0]
	for i := range g.clients {
		g.clients[i].scanner = scanner{}
		g.idle = append(g.idle, &g.clients[i])
	}
	if err := g.loop(); err != nil {
		return nil, err
	}
	g.tally.elapsed = time.Since(g.start)
	g.tally.clientCPU = threadCPU() - cpu
	return g.tally, g.judge()
}

func (g *generator) loop() error {
	for {
		if err := g.sendIdle(); err != nil {
			return err
		}
		if g.busy == 0 && g.over(g.now()) {
			return nil
		}
		n, err := g.wait()
		if err != nil {
			return err
		}
		for _, e := range g.events[:n] {
			if err := g.receive(&g.clients[e.Fd]); err != nil {
				return err
			}
		}
	}
}

// judge turns an error reply into an error: fast wrong answers are no figures.
func (g *generator) judge() error {
	for i := range g.clients {
		s := &g.clients[i].scanner
		if s.failed {
			return fmt.Errorf("server answered %q", s.failure)
		}
		g.tally.nulls += s.nulls
	}
	return nil
}

func (g *generator) now() int64 { return int64(time.Since(g.start)) }

func (g *generator) over(now int64) bool {
	if g.inOrder {
		return g.next >= g.keys
	}
	if g.rate > 0 {
		return g.due >= g.end
	}
	return now >= g.end
}

// sendIdle lets idle clients send what is due. A batch that is late because the
// server held up every client counts its latency from when it was due.
func (g *generator) sendIdle() error {
	for len(g.idle) > 0 {
		now := g.now()
		if g.over(now) || g.rate > 0 && g.due > now {
			return nil
		}
		c := g.idle[len(g.idle)-1]
		g.idle = g.idle[:len(g.idle)-1]
		if g.rate > 0 {
			now = g.due
			g.due += int64(time.Second) / int64(g.rate)
		}
		if err := g.send(c, now); err != nil {
			return err
		}
		g.busy++
	}
	return nil
}

// send writes a client's next batch. The socket blocks, but never for long: the
// peer has answered everything before, so its buffers are empty.
func (g *generator) send(c *client, now int64) error {
	which := 0
	if len(g.requests) > 1 {
		which = int(g.draw(uint64(len(g.requests))))
	}
	r, b := &g.requests[which], c.batches[which]
	for i := 0; i < len(b); i += len(r.text) {
		r.patch(b[i:], g.index())
		if len(r.noise) > 0 {
			r.patchNoise(b[i:], uint32(g.draw(noises)))
		}
	}
	c.sent, c.waiting = now, g.depth
	for len(b) > 0 {
		n, errno := sendTo(c.fd, b)
		if errno != 0 && errno != syscall.EINTR {
			return fmt.Errorf("send: %w", errno)
		}
		b = b[n:]
	}
	return nil
}

func (g *generator) index() uint32 {
	if g.inOrder {
		g.next++
		return uint32(g.first + (g.next-1)%g.keys)
	}
	return uint32(g.first + int(g.draw(uint64(g.keys))))
}

// draw returns a random number below n (xorshift64*, then the high half of a
// product instead of a division).
func (g *generator) draw(n uint64) uint64 {
	x := g.random
	x ^= x >> 12
	x ^= x << 25
	x ^= x >> 27
	g.random = x
	high, _ := bits.Mul64(x*0x2545F4914F6CDD1D, n)
	return high
}

func (g *generator) receive(c *client) error {
	n, errno := receiveFrom(c.fd, g.input)
	switch {
	case errno == syscall.EAGAIN || errno == syscall.EINTR:
		return nil
	case errno != 0:
		return fmt.Errorf("receive: %w", errno)
	case n == 0:
		return errors.New("server closed a connection")
	}
	before := c.scanner.replies
	c.scanner.scan(g.input[:n])
	c.waiting -= c.scanner.replies - before
	if c.waiting > 0 {
		return nil
	}
	return g.complete(c)
}

// complete books a batch and, without a rate, sends the next.
func (g *generator) complete(c *client) error {
	now := g.now()
	g.tally.latency.record(now - c.sent)
	g.tally.requests += g.depth
	if g.rate == 0 && !g.over(now) {
		return g.send(c, now)
	}
	g.busy--
	g.idle = append(g.idle, c)
	return nil
}

// wait returns the number of ready clients. It sleeps until the next batch is
// due if somebody could send it.
func (g *generator) wait() (int, error) {
	timeout := int64(silence)
	if g.rate > 0 && len(g.idle) > 0 && !g.over(0) {
		timeout = max(g.due-g.now(), 0)
	}
	n, errno := epollWait(g.epoll, g.events, timeout)
	switch {
	case errno == syscall.EINTR:
		return 0, nil
	case errno != 0:
		return 0, fmt.Errorf("epoll: %w", errno)
	case n == 0 && timeout == int64(silence):
		return 0, fmt.Errorf("no reply for %v", silence)
	}
	return n, nil
}
