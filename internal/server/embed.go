package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/redstart-db/redstart/internal/config"
	"github.com/redstart-db/redstart/internal/session"
)

// Embedded is a server that is a part of another program, a guest: it has an engine, commands,
// sessions and loops, and touches nothing that belongs to the whole process. Signals,
// limits, the collector, the scheduler, the working directory, the title and standard
// output stay as they are, and it listens only where it is told to by Serve.
type Embedded struct {
	s            *Server
	stopSampling func()
}

// programOnly are the settings about a process or its addresses, which a guest has not. CONFIG GET shows their
// defaults, and nothing changes them.
var programOnly = []string{
	"bind", "port", "tcp-backlog", "unixsocket", "unixsocketperm", "socket-mark-id",
	"daemonize", "supervised", "pidfile", "loglevel", "logfile", "syslog-enabled", "syslog-ident", "syslog-facility",
	"crash-log-enabled", "always-show-logo", "set-proc-title", "proc-title-template", "dir",
	"oom-score-adj", "oom-score-adj-values", "disable-thp", "shutdown-on-sigint", "shutdown-on-sigterm",
	"log-format", "log-timestamp-format",
}

// smallReserve is the address space of a shard of a small guest.
const smallReserve = 1 << 30

func isProgramOnly(name string) bool {
	return slices.Contains(programOnly, name) || strings.HasPrefix(name, "tls-")
}

// guestSettings are the settings of a guest.
func guestSettings() []setting {
	table := slices.Clone(settings)
	for i := range table {
		if isProgramOnly(table[i].Name) {
			table[i].Flags |= config.Immutable
			table[i].apply = nil
		}
	}
	return table
}

// Embed starts a guest. lines are those of a configuration file; log may be nil. Of a
// small one there can be many: it reserves little address space, and cannot hold more than some gigabytes.
func Embed(lines []string, log *slog.Logger, small bool) (*Embedded, error) {
	s := newServer(guestSettings())
	s.guest = true
	if small {
		s.reserve = smallReserve
	}
	if s.log = log; log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	s.conf.Put("port", config.Value{Text: "0"})
	p := &plan{renames: map[string]string{}}
	if err := s.configureGuest(p, lines); err != nil {
		return nil, err
	}
	e := &Embedded{s: s}
	if err := e.start(p); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

func (s *Server) configureGuest(p *plan, lines []string) error {
	loader := &config.Loader{Store: s.conf, Keywords: s.keywords(p), Set: s.loadedGuest}
	for _, line := range lines {
		err := loader.Load(line)
		var at *config.LineError
		if errors.As(err, &at) {
			return fmt.Errorf("%s: %w", at.Text, at.Reason)
		}
		if err != nil {
			return err
		}
	}
	if len(p.modules) > 0 {
		return errors.New("loadmodule: redstart does not load modules")
	}
	return s.checkTogether()
}

// loadedGuest is loaded for a guest.
func (s *Server) loadedGuest(d *config.Directive) error {
	if isProgramOnly(d.Name) {
		return errors.New("this directive is for a server that is a program of its own")
	}
	return s.loaded(d)
}

func (e *Embedded) start(p *plan) error {
	s := e.s
	if err := s.build(p.renames); err != nil {
		return err
	}
	if err := s.applyAll(); err != nil {
		return err
	}
	if err := s.loadUsers(p.users); err != nil {
		return err
	}
	s.warnings()
	e.stopSampling = s.sampleMemory()
	s.serving.Store(true)
	return nil
}

// Hub is what makes Locals.
func (e *Embedded) Hub() *session.Hub { return e.s.hub }

// Advance moves the clock of data ahead.
func (e *Embedded) Advance(d time.Duration) { e.s.ks.Advance(d) }

// Serve lets clients in through a listener, which belongs to the server from now on.
func (e *Embedded) Serve(l net.Listener) error { return e.s.loops.Serve(l) }

// Connect makes nc a client's connection. One that is trusted is the program's own: it may do everything.
func (e *Embedded) Connect(nc net.Conn, trusted bool) error { return e.s.loops.ServePipe(nc, trusted) }

// Close ends everything. No Local may be in use.
func (e *Embedded) Close() {
	s := e.s
	s.serving.Store(false)
	if s.loops != nil {
		s.loops.Close()
	}
	s.web.close()
	if e.stopSampling != nil {
		e.stopSampling()
	}
	s.tasks.Wait()
	if s.ks != nil {
		s.ks.Close()
	}
}

// close ends the service of pages, and waits for those that are being made.
func (w *webServer) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.server != nil {
		w.server.Shutdown(context.Background())
		w.addr, w.server = "", nil
	}
}
