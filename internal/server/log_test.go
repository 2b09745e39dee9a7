package server

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

func TestLogLine(t *testing.T) {
	at := time.Date(2026, time.March, 4, 5, 6, 7, 89_000_000, time.UTC)
	h := &logHandler{style: new(logStyle)}
	for level, mark := range map[slog.Level]string{levelDebug: ".", levelVerbose: "-", levelNotice: "*", levelWarning: "#"} {
		got := string(appendLogLine(nil, 12, 'M', h.stamp(at), level, "hello"))
		if want := "12:M 04 Mar 2026 05:06:07.089 " + mark + " hello\n"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for stamp, want := range map[int32]string{stampISO: "2026-03-04T05:06:07.089Z", stampMillis: "1772600767089"} {
		h.style.stamp.Store(stamp)
		if got := h.stamp(at); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// testLog is a log into a buffer.
func testLog(format int32) (*slog.Logger, *bytes.Buffer, *slog.LevelVar) {
	var out bytes.Buffer
	level, style := new(slog.LevelVar), new(logStyle)
	style.format.Store(format)
	return slog.New(&logHandler{level: level, style: style, role: 'M', out: &logOutput{stdout: &out}}), &out, level
}

func TestLogLevelAndAttrs(t *testing.T) {
	l, out, level := testLog(formatLegacy)
	l = l.With("loop", 3)
	level.Set(levelNotice)
	l.Debug("no")
	l.Info("yes", "n", 5)
	if got := out.String(); strings.Contains(got, "no") || !strings.HasSuffix(got, "* yes loop=3 n=5\n") {
		t.Errorf("logged %q", got)
	}
}

func TestLogfmt(t *testing.T) {
	l, out, _ := testLog(formatLogfmt)
	l.With("loop", 3).Warn("two words and a \"quote\"\n", "n", 5)
	want := regexp.MustCompile(`^timestamp=\d{4}-\d\d-\d\dT\S+ level=warning message="two words and a \\"quote\\"\\n" pid=\d+ role=master loop=3 n=5\n$`)
	if !want.Match(out.Bytes()) {
		t.Errorf("logged %q", out)
	}
}

func TestLogJSON(t *testing.T) {
	l, out, level := testLog(formatJSON)
	level.Set(levelDebug)
	l.With("loop", 3).Log(t.Context(), levelVerbose, "a \"quote\"\n", "n", 5)
	var line struct {
		Timestamp            time.Time
		Level, Message, Role string
		PID, Loop, N         int
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if line.Level != "verbose" || line.Message != "a \"quote\"\n" || line.Role != "master" || line.PID != os.Getpid() ||
		line.Loop != 3 || line.N != 5 || time.Since(line.Timestamp).Abs() > time.Hour {
		t.Errorf("%q is %+v", out, line)
	}
}

// All that a server says is in the format that is set, also while it runs.
func TestLogFormatIsLive(t *testing.T) {
	s := testutil.Subject(t, "--log-format", "json")
	c := s.Dial(t)
	for line := range strings.Lines(s.Log()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("%q is no JSON", line)
		}
	}
	for _, set := range []struct{ format, stamp, want string }{
		{"text", "milliseconds", `timestamp=\d{13} level=warning message="DEBUG LOG: here" pid=\d+ role=master\n$`},
		{"legacy", "iso8601", `\d+:M \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\S+ # DEBUG LOG: here\n$`},
	} {
		c.Must(t, "CONFIG", "SET", "log-format", set.format, "log-timestamp-format", set.stamp)
		c.Must(t, "DEBUG", "LOG", "here")
		if !regexp.MustCompile(set.want).MatchString(s.Log()) {
			t.Errorf("%s and %s: %q", set.format, set.stamp, s.Log())
		}
	}
}

// The level "nothing", of Redis 7.2, is above everything; the oracle does not have it.
func TestLogNothing(t *testing.T) {
	s := testutil.Subject(t)
	c := s.Dial(t)
	c.Must(t, "CONFIG", "SET", "loglevel", "nothing")
	c.Must(t, "DEBUG", "LOG", "unheard")
	c.Must(t, "CONFIG", "SET", "loglevel", "warning")
	c.Must(t, "DEBUG", "LOG", "heard")
	if log := s.Log(); strings.Contains(log, "unheard") || !strings.Contains(log, "heard") {
		t.Errorf("logged %q", log)
	}
	const want = "ERR CONFIG SET failed (possibly related to argument 'loglevel') - argument(s) must be one of the following: debug, verbose, notice, warning, nothing"
	if got := c.Must(t, "CONFIG", "SET", "loglevel", "quiet").Text; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A log file may be moved away while it is written.
func TestLogFileIsReopened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l := slog.New(&logHandler{level: new(slog.LevelVar), style: new(logStyle), role: 'M', path: path, out: &logOutput{}})
	l.Info("first")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	l.Info("second")
	if b, _ := os.ReadFile(path); !strings.HasSuffix(string(b), "* second\n") || strings.Contains(string(b), "first") {
		t.Errorf("the new file holds %q", b)
	}
}
