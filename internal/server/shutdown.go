package server

import (
	"os"
	"os/signal"
	"syscall"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// A stopRequest asks for the end.
type stopRequest struct {
	save bool // asked for by name, or by shutdown-on-...
}

// The bits of shutdown-on-sigint and shutdown-on-sigterm that matter.
const stopSave = 1 << 0

// handleSignals turns SIGTERM and SIGINT into a shutdown, and a SIGINT after
// that into an immediate end. A second SIGTERM is none: supervisors and
// timeout(1) send it to a process and to its group. A closed terminal or pipe
// is no reason to end.
func (s *Server) handleSignals() {
	signal.Ignore(syscall.SIGHUP, syscall.SIGPIPE)
	c := make(chan os.Signal, 2)
	signal.Notify(c, syscall.SIGTERM, syscall.SIGINT)
	go func() {
		sig := <-c
		name, setting := "SIGTERM", "shutdown-on-sigterm"
		if sig == syscall.SIGINT {
			name, setting = "SIGINT", "shutdown-on-sigint"
		}
		s.warn("Received %s scheduling shutdown...", name)
		s.requestStop(stopRequest{save: s.num(setting)&stopSave != 0})
		for <-c != syscall.SIGINT {
		}
		s.warn("You insist... exiting now.")
		s.removeFiles()
		os.Exit(1)
	}()
}

// requestStop asks for the end; one request is enough.
func (s *Server) requestStop(r stopRequest) {
	select {
	case s.stop <- r:
	default:
	}
}

// waitForStop carries the end out when it is asked for.
func (s *Server) waitForStop() error {
	r := <-s.stop
	s.serving.Store(false)
	s.warn("User requested shutdown...")
	if r.save {
		s.warn("There is no saving to disk yet: what is in memory is lost.")
	}
	s.superviseStop()
	s.loops.StopAccepting()
	s.loops.Close()
	s.removeFiles()
	s.warn("Redis is now ready to exit, bye bye...")
	return nil
}

var errShutdownFailed = cmdspec.Error("ERR Errors trying to SHUTDOWN. Check logs.")

var errShutdownGuest = cmdspec.Error("ERR SHUTDOWN is not possible: the database is a part of another program, which closes it")

func (s *Server) shutdownCommand() *cmdspec.Spec {
	return &cmdspec.Spec{
		Name: "shutdown", Arity: -1, Since: "1.0.0", Group: cmdspec.GroupServer,
		Summary:    "Ends the server, after saving the data if that is configured.",
		Complexity: "O(N) when saving, where N is the number of keys in all databases, otherwise O(1)",
		Flags: cmdspec.Admin | cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale | cmdspec.NoMulti |
			cmdspec.AllowBusy,
		Args:    "[NOSAVE | SAVE]{=nosave_save} [NOW]{7.0.0} [FORCE]{7.0.0} [ABORT]{7.0.0}",
		Locks:   cmdspec.LockNone,
		History: [][2]string{{"7.0.0", "NOW, FORCE and ABORT."}},
		Run:     s.runShutdown,
	}
}

// runShutdown answers only if the server goes on: the connection ends with it.
func (s *Server) runShutdown(c *cmdspec.Ctx) error {
	var nosave, save, now, force, abort bool
	a := c.Args()
	for a.More() {
		switch {
		case a.Match("NOSAVE"):
			nosave = true
		case a.Match("SAVE"):
			save = true
		case a.Match("NOW"):
			now = true
		case a.Match("FORCE"):
			force = true
		case a.Match("ABORT"):
			abort = true
		default:
			return cmdspec.ErrSyntax
		}
	}
	if nosave && save || abort && (nosave || save || now || force) {
		return cmdspec.ErrSyntax
	}
	if abort {
		return cmdspec.Error("ERR No shutdown in progress.")
	}
	if save && !force {
		s.warn("SHUTDOWN SAVE: there is no saving to disk yet; FORCE ends the server all the same.")
		return errShutdownFailed
	}
	if s.guest {
		return errShutdownGuest
	}
	s.requestStop(stopRequest{save: save})
	return nil
}
