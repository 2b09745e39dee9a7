//go:build linux

package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A server is a running process under measurement, with one connection for
// questions outside the load.
type server struct {
	port       int
	process    *os.Process
	exited     chan struct{} // closed when the process has ended
	started    time.Duration // from exec to the first reply to PING
	binarySize int64
	conn       net.Conn
	reader     *bufio.Reader
}

// commonSettings make the servers comparable: no persistence of any kind.
// maxclients admits the works with many connections.
var commonSettings = []string{"--save", "", "--appendonly", "no", "--bind", "127.0.0.1",
	"--daemonize", "no", "--maxclients", "11000"}

// running holds what must not outlive this program.
var running struct {
	sync.Mutex
	servers map[*server]bool
	dir     string // working directory and logs of the servers
}

// startServer must be called from the main goroutine: the child is killed when
// the thread that created it ends, and the main goroutine stays on the main thread.
func startServer(binary string, port int, settings ...string) (*server, error) {
	binary, err := filepath.Abs(binary)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(running.dir, strconv.Itoa(port)+".log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(binary, append(append([]string{"--port", strconv.Itoa(port)}, commonSettings...), settings...)...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = running.dir, log, log
	file, err := os.Stat(binary)
	if err != nil {
		return nil, err
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{port: port, process: cmd.Process, binarySize: file.Size(), exited: make(chan struct{})}
	go func() {
		cmd.Wait()
		close(s.exited)
	}()
	running.Lock()
	running.servers[s] = true
	running.Unlock()
	if err := s.awaitPong(began); err != nil {
		s.stop()
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("%s on port %d: %w\n%s", binary, port, err, text)
	}
	return s, nil
}

func (s *server) awaitPong(began time.Time) error {
	for time.Since(began) < silence {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", s.port))
		if errors.Is(err, syscall.ECONNREFUSED) {
			select {
			case <-s.exited:
				return errors.New("the program ended")
			case <-time.After(200 * time.Microsecond):
				continue
			}
		}
		if err != nil {
			return err
		}
		s.conn, s.reader = conn, bufio.NewReader(conn)
		reply, err := s.do("PING")
		if err == nil && reply != "PONG" {
			err = fmt.Errorf("PING answered %q", reply)
		}
		s.started = time.Since(began)
		return err
	}
	return errors.New("does not accept connections")
}

// stop kills the server and waits until it is gone. It holds nothing of value.
func (s *server) stop() {
	running.Lock()
	defer running.Unlock()
	s.kill()
}

func (s *server) kill() {
	if !running.servers[s] {
		return
	}
	delete(running.servers, s)
	if s.conn != nil {
		s.conn.Close()
	}
	s.process.Kill()
	<-s.exited
}

// stopAll leaves the lock taken: nothing is started any more.
func stopAll() {
	running.Lock()
	for s := range running.servers {
		s.kill()
	}
	os.RemoveAll(running.dir)
}

// do sends one command and returns its reply: the text of a string or integer.
func (s *server) do(args ...string) (string, error) {
	s.conn.SetDeadline(time.Now().Add(silence))
	if _, err := io.WriteString(s.conn, newRequest(args...).Text); err != nil {
		return "", err
	}
	line, err := s.reader.ReadString('\n')
	if err != nil {
		return "", err
	}
	line = strings.TrimSuffix(line, "\r\n")
	switch line[0] {
	case '-':
		return "", fmt.Errorf("%s: %s", args[0], line[1:])
	case '$':
		return s.bulk(line[1:])
	}
	return line[1:], nil
}

func (s *server) bulk(length string) (string, error) {
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 {
		return "", err
	}
	b := make([]byte, n+2)
	_, err = io.ReadFull(s.reader, b)
	return string(b[:n]), err
}

func (s *server) number(args ...string) (int, error) {
	text, err := s.do(args...)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

// info returns one field of INFO, "" if the server does not have it.
func (s *server) info(section, field string) (string, error) {
	text, err := s.do("INFO", section)
	for line := range strings.Lines(text) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			return strings.TrimSpace(value), err
		}
	}
	return "", err
}
