package server

import "os"

// startNote names the running program: in one line of the log, or, for a person at a
// terminal and with always-show-logo, in a few. Tools look for both forms.
func (s *Server) startNote() {
	if !s.showsLogo() {
		s.notice("Running mode=standalone, port=%d.", s.mainPort())
		return
	}
	s.notice("Redstart %s, compatible with Redis %s", Version, RedisVersion)
	s.notice("Running in standalone mode")
	s.notice("Port: %d", s.mainPort())
	s.notice("PID: %d", os.Getpid())
}

func (s *Server) showsLogo() bool {
	atTerminal := s.text("logfile") == "" && !s.yes("syslog-enabled") && isTerminal(os.Stdout)
	return atTerminal || s.yes("always-show-logo")
}

// isTerminal takes any character device for a terminal: what is written to /dev/null
// nobody reads.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
