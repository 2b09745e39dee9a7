package guide

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// patience bounds every wait. Nothing is judged by how long it takes.
const patience = time.Minute

// A process is a program that runs while others do: a terminal, or the session of a language.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended

	mu      sync.Mutex
	out     bytes.Buffer  // what it has printed and nobody has taken
	changed chan struct{} // closed and replaced when out grows
}

func start(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{}), changed: make(chan struct{})}
	cmd.Stdout = p
	if cmd.Stderr == nil {
		cmd.Stderr = p
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // stop reaches what a shell has started
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.out.Write(b)
	close(p.changed)
	p.changed = make(chan struct{})
	return len(b), nil
}

// take waits until what was printed is enough, and takes it. If the process ends before that, or
// nothing comes any more, it takes what there is.
func (p *process) take(enough func(out string) bool) (string, error) {
	timeout := time.After(patience)
	for ended := false; ; {
		p.mu.Lock()
		out, changed := p.out.String(), p.changed
		fits := enough(out)
		if fits || ended {
			p.out.Reset()
			p.mu.Unlock()
			if !fits {
				return out, errors.New("the program has ended")
			}
			return out, nil
		}
		p.mu.Unlock()
		select {
		case <-changed:
		case <-p.done:
			ended = true
		case <-timeout:
			return out, errors.New("it goes on, but prints no more")
		}
	}
}

// stop ends the process and all it has started.
func (p *process) stop() {
	select {
	case <-p.done:
		return
	default:
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGTERM)
	}
	select {
	case <-p.done:
	case <-time.After(patience):
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
	}
}

// finish waits for the end of a process that ends by itself, and returns all that it has printed.
func (p *process) finish() (out string, err error) {
	select {
	case <-p.done:
	case <-time.After(patience):
		p.stop()
		err = errors.New("it does not end")
	}
	return p.out.String(), err // nobody writes any more
}

// A session is a program that runs a block whenever it is told to, and prints a mark after it.
type session struct {
	*process
	tell   func()
	errors *bytes.Buffer // its standard error
}

const mark = "\x00\n"

func startSession(cmd *exec.Cmd) (*session, error) {
	s := &session{errors: &bytes.Buffer{}}
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	s.tell = func() { stdin.Write([]byte("\n")) }
	cmd.Stderr = s.errors
	s.process, err = start(cmd)
	return s, err
}

// next runs the next block and returns what it prints.
func (s *session) next() (string, error) {
	s.tell()
	out, err := s.take(func(out string) bool { return strings.HasSuffix(out, mark) })
	if err != nil {
		<-s.done // standard error is complete
		return out + s.errors.String(), err
	}
	return strings.TrimSuffix(out, mark), nil
}
