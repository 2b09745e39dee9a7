package testutil

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience bounds every wait. It is a guard against hanging, not an
// expectation: nothing is judged by how long it takes.
const patience = time.Minute

// Server is a running server process.
type Server struct {
	Name string // "stock" or "subject", for messages
	Addr string // host:port
	Dir  string // its working directory
	cmd  *exec.Cmd
	log  string // file with its output
	done chan struct{}
	err  error // of Wait; valid once done is closed
	dies bool  // ending is expected
}

// Stock starts the distribution's redis-server.
func Stock(t testing.TB, args ...string) *Server {
	t.Helper()
	return start(t, "stock", Need(t, "redis-server", "Debian package redis-server"), args)
}

// Subject starts the server under test.
func Subject(t testing.TB, args ...string) *Server {
	t.Helper()
	return start(t, "subject", Binary(t), args)
}

// start runs a server on a free port until the test ends. Another process may
// take the port between our finding it and the server's binding it, so a
// server that ends at once is tried again.
func start(t testing.TB, name, bin string, args []string) *Server {
	t.Helper()
	var s *Server
	for range 5 {
		s = launch(t, name, bin, args)
		if s.waitReady() {
			t.Cleanup(func() { s.stop(t) })
			return s
		}
		s.Kill()
	}
	t.Fatalf("%s does not start:\n%s", name, s.Log())
	return nil
}

func launch(t testing.TB, name, bin string, args []string) *Server {
	t.Helper()
	dir := t.TempDir()
	port := freePort(t)
	s := &Server{Name: name, Addr: "127.0.0.1:" + port, Dir: dir, log: filepath.Join(dir, "log"), done: make(chan struct{})}
	out, err := os.Create(s.log)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	s.cmd = exec.Command(bin, serverArgs(name, port, dir, args)...)
	s.cmd.Stdout, s.cmd.Stderr, s.cmd.Dir = out, out, dir
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		s.err = s.cmd.Wait()
		close(s.done)
	}()
	return s
}

// serverArgs puts the caller's arguments last, so that they win.
func serverArgs(name, port, dir string, args []string) []string {
	all := []string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", dir, "--enable-debug-command", "yes"}
	if name == "subject" {
		all = append([]string{"server"}, all...)
	}
	return append(all, args...)
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// waitReady asks for PING until it is answered, by whatever: an error reply
// (NOAUTH) is as good as PONG. It gives up when the process ends.
func (s *Server) waitReady() bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		if c, err := Dial(s.Addr); err == nil {
			_, err = c.Do("PING")
			c.Close()
			if err == nil {
				return true
			}
		}
		select {
		case <-s.done:
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
	return false
}

// PID is the process.
func (s *Server) PID() int { return s.cmd.Process.Pid }

// Log is all that the server has printed.
func (s *Server) Log() string {
	b, _ := os.ReadFile(s.log)
	return string(b)
}

// Alive says whether the process runs.
func (s *Server) Alive() bool {
	select {
	case <-s.done:
		return false
	default:
		return true
	}
}

// Kill ends the server with SIGKILL and waits for its end.
func (s *Server) Kill() {
	s.dies = true
	s.cmd.Process.Kill()
	<-s.done
}

// AwaitExit waits for a server that ends by itself, and returns its exit error.
func (s *Server) AwaitExit() error {
	s.dies = true
	select {
	case <-s.done:
		return s.err
	case <-time.After(patience):
		return errors.New("the server does not end")
	}
}

// ExpectExit says that the server's end is no failure.
func (s *Server) ExpectExit() { s.dies = true }

// stop ends the server as an administrator would, and fails the test if the
// server had crashed, does not end, or printed what no server should.
func (s *Server) stop(t testing.TB) {
	if s.Alive() {
		s.cmd.Process.Signal(syscall.SIGTERM)
		select {
		case <-s.done:
		case <-time.After(patience):
			s.cmd.Process.Kill()
			<-s.done
			t.Errorf("%s ignores SIGTERM", s.Name)
		}
	} else if !s.dies {
		t.Errorf("%s ended by itself: %v\n%s", s.Name, s.err, tail(s.Log()))
	}
	if report := bad(s.Log()); report != "" {
		t.Errorf("%s printed:\n%s", s.Name, report)
	}
}

// bad finds a crash or race report in a server's output.
func bad(log string) string {
	for _, sign := range []string{"WARNING: DATA RACE", "panic:", "fatal error:", "SIGSEGV"} {
		if i := strings.Index(log, sign); i >= 0 {
			return log[i:min(len(log), i+6000)]
		}
	}
	return ""
}

func tail(log string) string {
	lines := bytes.Split([]byte(log), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-40):], []byte("\n")))
}

func (s *Server) String() string { return fmt.Sprintf("%s at %s", s.Name, s.Addr) }
