package cli

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// maxHistory is how many lines the file keeps.
const maxHistory = 1000

// history are the lines typed before. It is the source that the line editor searches.
type history struct {
	path  string // empty: not kept
	lines []string
}

// dotFile is the path of a file of the user's: what a variable of the environment says, or in the home
// directory; empty if it is switched off.
func dotFile(variable, name string) string {
	if path := os.Getenv(variable); path != "" {
		if path == "/dev/null" {
			return ""
		}
		return path
	}
	home := os.Getenv("HOME")
	if home == "" {
		return ""
	}
	return filepath.Join(home, name)
}

// openHistory reads the file; one that cannot be read is an empty one.
func openHistory(path string) *history {
	h := &history{path: path}
	content, err := os.ReadFile(path)
	if path == "" || err != nil {
		return h
	}
	for line := range bytes.Lines(content) {
		if text := strings.TrimRight(string(line), "\r\n"); text != "" {
			h.lines = append(h.lines, text)
		}
	}
	if len(h.lines) > maxHistory {
		h.lines = slices.Clone(h.lines[len(h.lines)-maxHistory:])
		h.rewrite()
	}
	return h
}

// rewrite shortens the file. As with each writing, that it is not possible is no reason to stop.
func (h *history) rewrite() {
	os.WriteFile(h.path, []byte(strings.Join(h.lines, "\n")+"\n"), 0o600)
}

// add keeps a line, unless it is the last one again.
func (h *history) add(line string) {
	if len(h.lines) > 0 && h.lines[len(h.lines)-1] == line {
		return
	}
	h.lines = append(h.lines, line)
	if h.path == "" {
		return
	}
	f, err := os.OpenFile(h.path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return
	}
	f.WriteString(line + "\n")
	f.Close()
}

var errNoLine = errors.New("no such line")

// Write is asked by the line editor, which does not know what must not be kept: see add.
func (h *history) Write(string) (int, error) { return len(h.lines), nil }

// GetLine is a line of the history.
func (h *history) GetLine(i int) (string, error) {
	if i < 0 || i >= len(h.lines) {
		return "", errNoLine
	}
	return h.lines[i], nil
}

// Len is how many lines there are.
func (h *history) Len() int { return len(h.lines) }

// Dump are all lines.
func (h *history) Dump() any { return h.lines }

// isPrivate says whether a line is not for the history: somebody else may read the file.
func (k *Known) isPrivate(argv [][]byte) bool {
	if n, err := strconv.Atoi(string(argv[0])); err == nil && len(argv) > 1 {
		return n <= 0 || k.isPrivate(argv[1:])
	}
	if k.HasSecret(argv) {
		return true
	}
	words := make([]string, len(argv))
	for i := range argv {
		words[i] = strings.ToLower(string(argv[i]))
	}
	switch words[0] {
	case "migrate": // only behind the five words it begins with can one be AUTH
		return len(words) > 6 && (slices.Contains(words[6:], "auth") || slices.Contains(words[6:], "auth2"))
	case "sentinel":
		return len(words) > 3 && (slices.Contains(words[3:], "auth-pass") || slices.Contains(words[2:], "sentinel-pass"))
	}
	return false
}
