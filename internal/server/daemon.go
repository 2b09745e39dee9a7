package server

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"github.com/redstart-db/redstart/internal/config"
)

// defaultPidFile is written with daemonize if pidfile names none.
const defaultPidFile = "/var/run/redis.pid"

// background starts the program again, detached from the terminal, with what
// this process got: the arguments, the working directory and what came
// through standard input. A Go program cannot fork: its threads would be gone.
func (s *Server) background(p *plan) int {
	if err := startDetached(p); err != nil {
		fmt.Fprintf(os.Stderr, "Can't start in the background: %s\n", config.Reason(err))
		return 1
	}
	return 0
}

func startDetached(p *plan) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	in, feed, err := os.Pipe()
	if err != nil {
		return err
	}
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	_, err = os.StartProcess(exe, os.Args, &os.ProcAttr{
		Dir:   p.dir,
		Env:   append(os.Environ(), daemonMark+"=1"),
		Files: []*os.File{in, null, null},
		Sys:   &syscall.SysProcAttr{Setsid: true},
	})
	if err != nil {
		return err
	}
	in.Close()
	_, err = feed.WriteString(p.stdin)
	feed.Close()
	return err
}

// writePidFile writes the process id, with daemonize or if pidfile is set.
func (s *Server) writePidFile() error {
	path := s.text("pidfile")
	if path == "" && s.yes("daemonize") {
		path = defaultPidFile
		s.conf.Put("pidfile", config.Value{Text: path})
	}
	if path == "" {
		return nil
	}
	path, err := filepath.Abs(path) // dir may change before the end
	if err == nil {
		err = os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o644)
	}
	if err == nil {
		s.pidPath = path
	}
	return err
}

// removeFiles removes, once, what would be in the way, or mislead, after the end.
func (s *Server) removeFiles() {
	s.removed.Do(func() {
		if s.pidPath != "" {
			s.notice("Removing the pid file.")
			os.Remove(s.pidPath)
		}
		if s.unixPath != "" {
			s.notice("Removing the unix socket file.")
			os.Remove(s.unixPath)
		}
	})
}

// A supervisor is what started us and wants to know when we are ready.
type supervisor string

const (
	byNobody  supervisor = "no"
	bySystemd supervisor = "systemd"
	byUpstart supervisor = "upstart"
)

// supervised says whether somebody supervises us as the setting wants it.
func (s *Server) supervised() bool { return s.findSupervisor() != byNobody }

func (s *Server) findSupervisor() supervisor {
	mode := s.text("supervised")
	systemd := os.Getenv("NOTIFY_SOCKET") != ""
	upstart := os.Getenv("UPSTART_JOB") != ""
	switch {
	case systemd && (mode == "systemd" || mode == "auto"):
		return bySystemd
	case upstart && (mode == "upstart" || mode == "auto"):
		return byUpstart
	}
	return byNobody
}

// superviseStart tells the supervisor that we begin. Upstart takes a stopped
// process for one that is ready.
func (s *Server) superviseStart() {
	s.managed = s.findSupervisor()
	switch mode := s.text("supervised"); {
	case s.managed == bySystemd:
		s.notice("supervised by systemd. Please make sure you set appropriate values for TimeoutStartSec and " +
			"TimeoutStopSec in your service unit.")
		s.notify("STATUS=Redstart is loading...\n")
	case s.managed == byUpstart:
		s.notice("supervised by upstart, will stop to signal readiness.")
		os.Unsetenv("UPSTART_JOB")
		syscall.Kill(os.Getpid(), syscall.SIGSTOP)
	case mode == "systemd":
		s.warn("systemd supervision requested or auto-detected, but Redstart is not run from systemd: NOTIFY_SOCKET not found!")
	case mode == "upstart":
		s.warn("upstart supervision requested, but UPSTART_JOB not found!")
	}
}

func (s *Server) superviseReady() { s.notify("STATUS=Ready to accept connections\nREADY=1\n") }
func (s *Server) superviseStop()  { s.notify("STOPPING=1\n") }

// notify sends a message to systemd.
func (s *Server) notify(message string) {
	path := os.Getenv("NOTIFY_SOCKET")
	if s.managed != bySystemd || path == "" {
		return
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		s.warn("Can't send to systemd: %s", config.Reason(err))
		return
	}
	defer c.Close()
	if _, err := c.Write([]byte(message)); err != nil {
		s.warn("Can't send to systemd: %s", config.Reason(err))
	}
}
