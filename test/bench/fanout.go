//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	fanoutClients = 1000
	fanoutDepth   = 16
	fanoutWindow  = 256 // messages published that not all have got
	fanoutAbout   = "one publisher of 64 B messages, in pipelines of 16, and 1,000 subscribers of its channel, who are never more than 256 messages behind; counted until the last message has come to the last subscriber"
)

var fanoutMessage = fmt.Sprintf("*3\r\n$7\r\nmessage\r\n$7\r\nchannel\r\n$%d\r\n%s\r\n", len(value64), value64)

func fanoutRows() []row {
	return []row{
		{"rate", "1 publisher, 1,000 subscribers: messages delivered/s", perSecond, timesAtLeast(1.5)},
		{"cpu", "1 publisher, 1,000 subscribers: server CPU per message delivered", nanos, target{}},
	}
}

// audience is the subscribers: it counts what they get.
type audience struct {
	epoll int
	fds   []int
	bytes atomic.Int64
	ended atomic.Bool
	done  chan error
}

func runFanout(t *trial) (figures, error) {
	a, err := t.gather(fanoutClients)
	if err != nil {
		return nil, err
	}
	defer a.leave()
	before, err := threadTimes(t.process.Pid)
	if err != nil {
		return nil, err
	}
	began := time.Now()
	published, err := t.publishFor(t.duration, a)
	if err == nil {
		err = a.await(published)
	}
	if err != nil {
		return nil, err
	}
	took := time.Since(began)
	after, err := threadTimes(t.process.Pid)
	if err != nil {
		return nil, err
	}
	delivered := float64(published) * fanoutClients
	cpu := time.Duration(0)
	for id, spent := range after {
		cpu += spent - before[id]
	}
	return figures{"rate": delivered / took.Seconds(), "cpu": float64(cpu) / delivered}, nil
}

// gather opens and subscribes so many connections, and listens to them.
func (t *trial) gather(n int) (*audience, error) {
	a := &audience{done: make(chan error, 1)}
	var err error
	if a.epoll, err = syscall.EpollCreate1(0); err != nil {
		return nil, err
	}
	subscribe := []byte(newRequest("SUBSCRIBE", "channel").Text)
	for range n {
		fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
		if err != nil {
			return nil, err
		}
		a.fds = append(a.fds, fd)
		if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: t.port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
			return nil, err
		}
		if _, err := syscall.Write(fd, subscribe); err != nil {
			return nil, err
		}
		reply := make([]byte, len("*3\r\n$9\r\nsubscribe\r\n$7\r\nchannel\r\n:1\r\n"))
		for got := 0; got < len(reply); {
			k, err := syscall.Read(fd, reply[got:])
			if err != nil || k == 0 {
				return nil, errors.Join(io.ErrUnexpectedEOF, err)
			}
			got += k
		}
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(fd)}
		if err := syscall.EpollCtl(a.epoll, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
			return nil, err
		}
	}
	go a.listen()
	return a, nil
}

// listen counts the bytes that arrive until the audience has ended.
func (a *audience) listen() {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	events, buffer := make([]syscall.EpollEvent, 256), make([]byte, 64<<10)
	for !a.ended.Load() {
		n, err := syscall.EpollWait(a.epoll, events, 100)
		if err != nil && err != syscall.EINTR {
			a.done <- err
			return
		}
		total := 0
		for i := range max(n, 0) {
			k, err := syscall.Read(int(events[i].Fd), buffer)
			if err != nil || k == 0 {
				a.done <- errors.Join(errors.New("a subscriber was cut off"), err)
				return
			}
			total += k
		}
		a.bytes.Add(int64(total))
	}
	a.done <- nil
}

// behind is how many messages the average subscriber still has to get.
func (a *audience) behind(published int) int {
	return published - int(a.bytes.Load()/int64(len(fanoutMessage)*fanoutClients))
}

// publishFor publishes for a time, and returns how many messages.
func (t *trial) publishFor(d time.Duration, a *audience) (published int, err error) {
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", t.port))
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	reader := bufio.NewReader(conn)
	batch := []byte(strings.Repeat(newRequest("PUBLISH", "channel", value64).Text, fanoutDepth))
	want := fmt.Sprintf(":%d\r\n", fanoutClients)
	for began := time.Now(); time.Since(began) < d; published += fanoutDepth {
		if err := a.awaitBehind(published, fanoutWindow); err != nil {
			return 0, err
		}
		if _, err := conn.Write(batch); err != nil {
			return 0, err
		}
		for range fanoutDepth {
			if line, err := reader.ReadString('\n'); err != nil || line != want {
				return 0, fmt.Errorf("PUBLISH replied %q: %v", line, err)
			}
		}
	}
	return published, nil
}

// awaitBehind waits until the subscribers are at most n messages behind.
func (a *audience) awaitBehind(published, n int) error {
	for deadline := time.Now().Add(silence); a.behind(published) > n; {
		select {
		case err := <-a.done:
			return err
		case <-time.After(50 * time.Microsecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("messages are missing: the subscribers are %d behind", a.behind(published))
		}
	}
	return nil
}

func (a *audience) await(published int) error { return a.awaitBehind(published, 0) }

func (a *audience) leave() {
	a.ended.Store(true)
	select {
	case <-a.done:
	case <-time.After(time.Second):
	}
	for _, fd := range a.fds {
		syscall.Close(fd)
	}
	syscall.Close(a.epoll)
}
