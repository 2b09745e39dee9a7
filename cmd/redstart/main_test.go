package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

func TestMain(m *testing.M) { testutil.Main(m) }

// The first word, or the name the program is called by, chooses what it is.
func TestApplets(t *testing.T) {
	const version = "Redis server v="
	dir := t.TempDir()
	for _, c := range []struct {
		name, args string
		status     int
		want       string
	}{
		{"redstart", "-v", 0, version}, {"redstart", "server --version", 0, version}, {"redis-server", "-v", 0, version},
		{"redis-server", "server", 1, "can't open config file"}, {"redstart", "server server", 1, "can't open config file"},
		{"whatever", "-v", 0, version},
		{"redis-cli", "-v", 0, "redis-cli "}, {"redstart", "cli -v", 0, "redis-cli "},
		{"redis-benchmark", "--version", 0, "redis-benchmark "}, {"redstart", "benchmark --version", 0, "redis-benchmark "},
		{"redstart", "nosuch.conf", 1, "can't open config file"}, {"redstart", "server --foo bar", 1, "FATAL CONFIG FILE ERROR"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.Symlink(testutil.Binary(t), path); err != nil && !errors.Is(err, os.ErrExist) {
			t.Fatal(err)
		}
		cmd := exec.Command(path, strings.Fields(c.args)...)
		cmd.Dir = t.TempDir()
		out, _ := cmd.CombinedOutput()
		if got := cmd.ProcessState.ExitCode(); got != c.status || !strings.Contains(string(out), c.want) {
			t.Errorf("%s %s: status %d, %q; want %d, %q", c.name, c.args, got, out, c.status, c.want)
		}
	}
}
