package compat

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// A script is a parsed case file.
type script struct {
	name     string
	server   []string // arguments for both servers
	resp     []int    // protocols to run in
	settings []string // the file runs once with each of these lines of CONFIG SET
	steps    []step
}

// A step is one command, or one directive that acts at once.
type step struct {
	line   int
	source string
	action string   // "command", "raw", "conn", "close", "settle", "blocked"
	args   []string // the command's words, or the directive's
	mode   mode
}

// A mode is how a step's replies are read and compared.
type mode struct {
	compare string // "", or a directive that names a comparison
	param   string // of it
	replies int
	eof     bool
	exits   bool
	scan    bool
	differs string
}

func readScript(path, name string) (*script, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &script{name: name, resp: []int{2, 3}}
	m := mode{replies: 1}
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := s.addLine(i+1, line, &m); err != nil {
			return nil, fmt.Errorf("%s:%d: %v", path, i+1, err)
		}
	}
	return s, nil
}

func (s *script) addLine(n int, line string, m *mode) error {
	if strings.HasPrefix(line, ">") {
		return s.addDirective(n, strings.TrimSpace(line[1:]), m)
	}
	args, err := splitWords(line)
	if err != nil {
		return err
	}
	s.steps = append(s.steps, step{line: n, source: line, action: "command", args: args, mode: *m})
	*m = mode{replies: 1}
	return nil
}

func (s *script) addDirective(n int, line string, m *mode) (err error) {
	name, rest, _ := strings.Cut(line, " ")
	switch name {
	case "server":
		s.server, err = splitWords(rest)
	case "resp":
		v, aerr := strconv.Atoi(rest)
		s.resp, err = []int{v}, aerr
	case "with":
		s.settings = append(s.settings, rest)
	case "raw", "conn", "close", "settle", "blocked":
		err = s.addAction(n, name, rest, m)
	case "unordered", "pairs", "pending", "contains", "shape", "fields", "approx", "mask", "client", "hello", "kind", "docs", "help", "ignore":
		m.compare, m.param = name, rest
	case "scan":
		m.scan = true
	case "noreply":
		m.replies = 0
	case "replies":
		m.replies, err = strconv.Atoi(rest)
	case "eof":
		m.eof = true
	case "exits":
		m.replies, m.eof, m.exits = 0, true, true
	case "differs":
		m.differs = rest
	default:
		err = fmt.Errorf("unknown directive %q", name)
	}
	return err
}

func (s *script) addAction(n int, name, rest string, m *mode) error {
	args, err := splitWords(rest)
	if err != nil {
		return err
	}
	st := step{line: n, source: "> " + name + " " + rest, action: name, args: args, mode: *m}
	if name == "raw" {
		if len(args) != 2 {
			return fmt.Errorf("raw takes a number and a string")
		}
		count, eof := strings.CutSuffix(args[0], "+eof")
		if args[0] == "eof" {
			count, eof = "0", true
		}
		st.mode.eof = eof
		if st.mode.replies, err = strconv.Atoi(count); err != nil {
			return err
		}
	}
	s.steps = append(s.steps, st)
	*m = mode{replies: 1}
	return nil
}

// splitWords cuts a line into words as redis-cli does: "..." with escapes,
// '...' with only \' special.
func splitWords(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t")
		if line == "" {
			return words, nil
		}
		word, rest, err := cutWord(line)
		if err != nil {
			return nil, err
		}
		words, line = append(words, word), rest
	}
}

func cutWord(s string) (word, rest string, err error) {
	var b []byte
	var quote byte
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote == 0 && (c == ' ' || c == '\t'):
			return string(b), s[i:], nil
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case quote != 0 && c == quote:
			if i+1 < len(s) && s[i+1] != ' ' {
				return "", "", fmt.Errorf("a closing quote must be followed by a space: %s", s)
			}
			quote = 0
		case quote == '\'' && c == '\\' && strings.HasPrefix(s[i+1:], "'"):
			b, i = append(b, '\''), i+1
		case quote == '"' && c == '\\' && i+1 < len(s):
			var n int
			b, n = unescape(b, s[i+1:])
			i += n
		default:
			b = append(b, c)
		}
	}
	if quote != 0 {
		return "", "", fmt.Errorf("unbalanced quotes: %s", s)
	}
	return string(b), "", nil
}

// unescape appends the byte that follows a backslash and says how much of s it took.
func unescape(b []byte, s string) ([]byte, int) {
	if s[0] == 'x' && len(s) >= 3 {
		if v, err := strconv.ParseUint(s[1:3], 16, 8); err == nil {
			return append(b, byte(v)), 3
		}
	}
	if i := strings.IndexByte("nrtba", s[0]); i >= 0 {
		return append(b, "\n\r\t\b\a"[i]), 1
	}
	return append(b, s[0]), 1
}
