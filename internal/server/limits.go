package server

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"github.com/redstart-db/redstart/internal/config"
)

// reservedFiles are descriptors for things that are not clients: listeners,
// loops, files.
const reservedFiles = 32

// prepareSystem changes the limits of the system that the settings need.
func (s *Server) prepareSystem() error {
	disableHugePages(s.yes("disable-thp"))
	s.warnAboutBacklog()
	return s.raiseFileLimit()
}

// raiseFileLimit makes room for maxclients, or lowers maxclients to what there is room for.
func (s *Server) raiseFileLimit() error {
	clients := s.num("maxclients")
	need := uint64(clients) + reservedFiles
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		s.warn("Unable to obtain the current NOFILE limit (%s), assuming 1024 and setting the max clients "+
			"configuration accordingly.", config.Reason(err))
		s.putMaxClients(1024 - reservedFiles)
		return nil
	}
	before := limit.Cur
	if before >= need {
		return nil
	}
	got, why := setFileLimit(limit, need)
	switch {
	case got >= need:
		s.notice("Increased maximum number of open files to %d (it was originally set to %d).", need, before)
	case got <= reservedFiles:
		return fmt.Errorf("Your current 'ulimit -n' of %d is not enough for the server to start. Please increase "+
			"your open file limit to at least %d. Exiting.", before, need)
	default:
		s.warn("You requested maxclients of %d requiring at least %d max file descriptors.", clients, need)
		s.warn("Server can't set maximum open files to %d because of OS error: %s.", need, config.Reason(why))
		s.warn("Current maximum open files is %d. maxclients has been reduced to %d to compensate for low ulimit. "+
			"If you need higher maxclients increase 'ulimit -n'.", got, got-reservedFiles)
		s.putMaxClients(int64(got) - reservedFiles)
	}
	return nil
}

// setFileLimit raises the limit to need, the hard one too where that is
// allowed, or as far as it goes; it returns the limit then, and what was in the way.
func setFileLimit(limit syscall.Rlimit, need uint64) (uint64, error) {
	before := limit.Cur
	want := syscall.Rlimit{Cur: need, Max: max(need, limit.Max)}
	err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &want)
	if err == nil {
		return need, nil
	}
	want = syscall.Rlimit{Cur: min(need, limit.Max), Max: limit.Max}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &want) != nil {
		return before, err
	}
	return want.Cur, err
}

func (s *Server) putMaxClients(n int64) {
	s.conf.Put("maxclients", config.Value{Text: strconv.FormatInt(n, 10), Num: n})
}

// applyMaxClients makes maxclients effective; at run time it is refused rather
// than lowered if there are too few files.
func applyMaxClients(s *Server) error {
	want := s.num("maxclients")
	if s.running && !s.guest {
		if err := s.raiseFileLimit(); err != nil {
			return err
		}
		if got := s.num("maxclients"); got != want {
			return fmt.Errorf("The operating system is not able to handle the specified number of clients, try with %d", got)
		}
	}
	s.live.MaxClients.Store(want)
	return nil
}

// warnAboutBacklog compares tcp-backlog with what the kernel allows.
func (s *Server) warnAboutBacklog() {
	text, err := os.ReadFile("/proc/sys/net/core/somaxconn")
	if err != nil {
		return // not Linux
	}
	limit, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if backlog := s.num("tcp-backlog"); err == nil && limit < backlog {
		s.warn("WARNING: The TCP backlog setting of %d cannot be enforced because /proc/sys/net/core/somaxconn is "+
			"set to the lower value of %d.", backlog, limit)
	}
}
