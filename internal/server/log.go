package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"log/syslog"
	"os"
	"strconv"
	"sync"
	"time"
)

// The levels of loglevel. Redis has no error above warning.
const (
	levelDebug   = slog.LevelDebug
	levelVerbose = slog.Level(-2)
	levelNotice  = slog.LevelInfo
	levelWarning = slog.LevelWarn
)

// levels are those of loglevel by its number.
var levels = [...]slog.Level{levelDebug, levelVerbose, levelNotice, levelWarning}

// levelMark is the character in the line.
func levelMark(l slog.Level) byte {
	switch {
	case l >= levelWarning:
		return '#'
	case l >= levelNotice:
		return '*'
	case l >= levelVerbose:
		return '-'
	}
	return '.'
}

// A logHandler writes lines as Redis does, "pid:role date level message", to
// standard output or a file, and the message alone to syslog. The file is
// opened for each line, so that it may be moved away at any time.
type logHandler struct {
	level *slog.LevelVar
	role  byte // M: a master; C: a process that only starts another
	path  string
	attrs string
	out   *logOutput
}

// logOutput is what handlers made from one another share.
type logOutput struct {
	mu     sync.Mutex
	stdout io.Writer
	syslog *syslog.Writer
}

func (h *logHandler) Enabled(_ context.Context, l slog.Level) bool { return l >= h.level.Level() }

func (h *logHandler) Handle(_ context.Context, r slog.Record) error {
	message := r.Message + h.attrs
	r.Attrs(func(a slog.Attr) bool {
		message += " " + a.String()
		return true
	})
	line := appendLogLine(nil, os.Getpid(), h.role, r.Time, r.Level, message)
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	h.out.toSyslog(r.Level, message)
	return h.out.write(h.path, line)
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	for _, a := range attrs {
		c.attrs += " " + a.String()
	}
	return &c
}

// WithGroup is not used: lines have no structure.
func (h *logHandler) WithGroup(string) slog.Handler { return h }

// appendLogLine appends a whole line.
func appendLogLine(b []byte, pid int, role byte, t time.Time, l slog.Level, message string) []byte {
	b = strconv.AppendInt(b, int64(pid), 10)
	b = append(b, ':', role, ' ')
	b = t.AppendFormat(b, "02 Jan 2006 15:04:05.000")
	b = append(b, ' ', levelMark(l), ' ')
	b = append(b, message...)
	return append(b, '\n')
}

func (o *logOutput) write(path string, line []byte) error {
	if path == "" {
		_, err := o.stdout.Write(line)
		return err
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.Write(line)
	return err
}

func (o *logOutput) toSyslog(l slog.Level, message string) {
	if o.syslog == nil {
		return
	}
	switch {
	case l >= levelWarning:
		o.syslog.Warning(message)
	case l >= levelNotice:
		o.syslog.Notice(message)
	case l >= levelVerbose:
		o.syslog.Info(message)
	default:
		o.syslog.Debug(message)
	}
}

// facilities are those of syslog-facility by its number.
var facilities = [...]syslog.Priority{syslog.LOG_USER, syslog.LOG_LOCAL0, syslog.LOG_LOCAL1, syslog.LOG_LOCAL2,
	syslog.LOG_LOCAL3, syslog.LOG_LOCAL4, syslog.LOG_LOCAL5, syslog.LOG_LOCAL6, syslog.LOG_LOCAL7}

// openLog makes the log that the settings ask for.
func (s *Server) openLog(role byte) {
	out := &logOutput{stdout: os.Stdout}
	if s.yes("syslog-enabled") {
		// Without a syslog on this machine the other output must do.
		out.syslog, _ = syslog.New(facilities[s.num("syslog-facility")], s.text("syslog-ident"))
	}
	s.level.Set(levels[s.num("loglevel")])
	s.log = slog.New(&logHandler{level: s.level, role: role, path: s.text("logfile"), out: out})
}

// logf is the log at one level as a function for parts that know no slog.
func (s *Server) logf(l slog.Level) func(string, ...any) {
	return func(format string, args ...any) {
		if s.log.Enabled(context.Background(), l) {
			s.log.Log(context.Background(), l, fmt.Sprintf(format, args...))
		}
	}
}

func (s *Server) warn(format string, args ...any)   { s.logf(levelWarning)(format, args...) }
func (s *Server) notice(format string, args ...any) { s.logf(levelNotice)(format, args...) }
