package server

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestLogLine(t *testing.T) {
	at := time.Date(2026, time.March, 4, 5, 6, 7, 89_000_000, time.UTC)
	for level, mark := range map[slog.Level]string{levelDebug: ".", levelVerbose: "-", levelNotice: "*", levelWarning: "#"} {
		got := string(appendLogLine(nil, 12, 'M', at, level, "hello"))
		if want := "12:M 04 Mar 2026 05:06:07.089 " + mark + " hello\n"; got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestLogLevelAndAttrs(t *testing.T) {
	var out bytes.Buffer
	level := new(slog.LevelVar)
	l := slog.New(&logHandler{level: level, role: 'M', out: &logOutput{stdout: &out}}).With("loop", 3)
	level.Set(levelNotice)
	l.Debug("no")
	l.Info("yes", "n", 5)
	if got := out.String(); strings.Contains(got, "no") || !strings.HasSuffix(got, "* yes loop=3 n=5\n") {
		t.Errorf("logged %q", got)
	}
}

// A log file may be moved away while it is written.
func TestLogFileIsReopened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	l := slog.New(&logHandler{level: new(slog.LevelVar), role: 'M', path: path, out: &logOutput{}})
	l.Info("first")
	if err := os.Rename(path, path+".1"); err != nil {
		t.Fatal(err)
	}
	l.Info("second")
	if b, _ := os.ReadFile(path); !strings.HasSuffix(string(b), "* second\n") || strings.Contains(string(b), "first") {
		t.Errorf("the new file holds %q", b)
	}
}
