package server

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"log/syslog"
	"math"
	"os"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// The levels of loglevel. Redis has no error above warning.
const (
	levelDebug   = slog.LevelDebug
	levelVerbose = slog.Level(-2)
	levelNotice  = slog.LevelInfo
	levelWarning = slog.LevelWarn
	levelNothing = slog.Level(math.MaxInt) // no line has it
)

// levels are those of loglevel by its number.
var levels = [...]slog.Level{levelDebug, levelVerbose, levelNotice, levelWarning, levelNothing}

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

// levelName is the word for it in loglevel.
func levelName(l slog.Level) string {
	switch {
	case l >= levelWarning:
		return "warning"
	case l >= levelNotice:
		return "notice"
	case l >= levelVerbose:
		return "verbose"
	}
	return "debug"
}

// The values of log-format: lines as Redis has them, "pid:role date level
// message", which tools parse; key=value; JSON.
const (
	formatLegacy = iota
	formatLogfmt
	formatJSON
)

// The values of log-timestamp-format.
const (
	stampLegacy = iota
	stampISO
	stampMillis
)

// logStyle is how lines look. It may change at any time.
type logStyle struct{ format, stamp atomic.Int32 }

func applyLogStyle(s *Server) error {
	s.logStyle.format.Store(int32(s.num("log-format")))
	s.logStyle.stamp.Store(int32(s.num("log-timestamp-format")))
	return nil
}

const (
	legacyTime = "02 Jan 2006 15:04:05.000"
	isoTime    = "2006-01-02T15:04:05.000Z07:00"
)

// A logHandler writes lines to standard output or a file, and the message
// alone to syslog. The file is opened for each line, so that it may be moved
// away at any time.
type logHandler struct {
	level *slog.LevelVar
	style *logStyle
	role  byte // M: a master; C: a process that only starts another
	path  string
	attrs []slog.Attr
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
	message := h.message(r)
	var line []byte
	if format := h.style.format.Load(); format == formatLegacy {
		line = appendLogLine(nil, os.Getpid(), h.role, h.stamp(r.Time), r.Level, message)
	} else {
		line = h.structured(format, r)
	}
	h.out.mu.Lock()
	defer h.out.mu.Unlock()
	h.out.toSyslog(r.Level, message)
	return h.out.write(h.path, line)
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	c := *h
	c.attrs = append(slices.Clip(h.attrs), attrs...)
	return &c
}

// WithGroup is not used.
func (h *logHandler) WithGroup(string) slog.Handler { return h }

// message is the message with its attributes, for where they are not apart.
func (h *logHandler) message(r slog.Record) string {
	text := r.Message
	add := func(a slog.Attr) bool {
		text += " " + a.String()
		return true
	}
	for _, a := range h.attrs {
		add(a)
	}
	r.Attrs(add)
	return text
}

func (h *logHandler) stamp(t time.Time) string {
	switch h.style.stamp.Load() {
	case stampISO:
		return t.Format(isoTime)
	case stampMillis:
		return strconv.FormatInt(t.UnixMilli(), 10)
	}
	return t.Format(legacyTime)
}

// structured is the line as key=value or JSON. Times are those of ISO 8601
// unless milliseconds are asked for: Redis's have no time zone.
func (h *logHandler) structured(format int32, r slog.Record) []byte {
	var b bytes.Buffer
	o := &slog.HandlerOptions{Level: levelDebug, ReplaceAttr: h.rename}
	var to slog.Handler = slog.NewTextHandler(&b, o)
	if format == formatJSON {
		to = slog.NewJSONHandler(&b, o)
	}
	role := "master"
	if h.role != 'M' {
		role = "child"
	}
	to = to.WithAttrs([]slog.Attr{slog.Int("pid", os.Getpid()), slog.String("role", role)}).WithAttrs(h.attrs)
	to.Handle(context.Background(), r) // a Buffer takes everything
	return b.Bytes()
}

// rename gives what each line has the names that Valkey has for it.
func (h *logHandler) rename(groups []string, a slog.Attr) slog.Attr {
	switch {
	case len(groups) > 0:
	case a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime:
		t := a.Value.Time()
		if h.style.stamp.Load() == stampMillis {
			return slog.Int64("timestamp", t.UnixMilli())
		}
		return slog.String("timestamp", t.Format(isoTime))
	case a.Key == slog.LevelKey:
		if l, ok := a.Value.Any().(slog.Level); ok {
			return slog.String("level", levelName(l))
		}
	case a.Key == slog.MessageKey:
		a.Key = "message"
	}
	return a
}

// appendLogLine appends a whole line of Redis's form.
func appendLogLine(b []byte, pid int, role byte, stamp string, l slog.Level, message string) []byte {
	b = strconv.AppendInt(b, int64(pid), 10)
	b = append(b, ':', role, ' ')
	b = append(b, stamp...)
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
	applyLogStyle(s)
	s.log = slog.New(&logHandler{level: s.level, style: &s.logStyle, role: role, path: s.text("logfile"), out: out})
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
