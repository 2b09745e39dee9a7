package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// A LineError is a line of a file that cannot be obeyed.
type LineError struct {
	Line   int // from 1
	Text   string
	Reason error
}

func (e *LineError) Error() string {
	return fmt.Sprintf("Reading the configuration file, at line %d\n>>> '%s'\n%v", e.Line, e.Text, e.Reason)
}

func (e *LineError) Unwrap() error { return e.Reason }

// A FileError is a file that cannot be read.
type FileError struct {
	Path   string
	Reason error
}

func (e *FileError) Error() string {
	return fmt.Sprintf("Fatal error, can't open config file '%s': %s", e.Path, Reason(e.Reason))
}

// Reason is the text of the system's own error in err, capitalised as C
// libraries have it, or err's text if there is none.
func Reason(err error) string {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return err.Error()
	}
	text := errno.Error()
	return strings.ToUpper(text[:1]) + text[1:]
}

// maxIncludes is how deep files may include one another. Without it a file that includes
// itself would never be read to its end.
const maxIncludes = 32

// A Loader obeys the lines of files, for a store.
type Loader struct {
	Store *Store
	// Keywords are what may begin a line without being a directive. The words
	// begin with the keyword itself. include is built in.
	Keywords map[string]func(words []string) error
	// Set, which may be nil, is called after a line set a directive.
	Set func(*Directive) error

	met   map[*Directive]bool
	depth int
}

// LoadFile obeys a file and then the text that follows it: what stands in the
// program's arguments, as lines. path may be empty.
func (l *Loader) LoadFile(path, after string) error {
	var text string
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return &FileError{path, err}
		}
		text = string(b)
	}
	return l.Load(text + after)
}

// Load obeys lines.
func (l *Loader) Load(text string) error {
	if l.met == nil {
		l.met = map[*Directive]bool{}
	}
	for i, line := range strings.Split(text, "\n") {
		line = trimLine(line)
		if line == "" || line[0] == '#' {
			continue
		}
		if err := l.line(line); err != nil {
			if isNested(err) {
				return err
			}
			return &LineError{i + 1, line, err}
		}
	}
	return nil
}

func trimLine(line string) string {
	if i := strings.IndexByte(line, 0); i >= 0 {
		line = line[:i]
	}
	return strings.Trim(line, " \t\r\n")
}

// isNested: the error belongs to an included file, and names its place already.
func isNested(err error) bool {
	var line *LineError
	var file *FileError
	return errors.As(err, &line) || errors.As(err, &file)
}

func (l *Loader) line(line string) error {
	words, ok := SplitWords(line)
	if !ok {
		return errors.New("Unbalanced quotes in configuration line")
	}
	if len(words) == 0 {
		return nil
	}
	words[0] = strings.ToLower(words[0])
	if d := l.Store.byName[words[0]]; d != nil {
		return l.set(d, words[1:])
	}
	if words[0] == "include" && len(words) == 2 {
		return l.include(words[1])
	}
	if f := l.Keywords[words[0]]; f != nil {
		return f(words)
	}
	return ErrBadDirective
}

// ErrBadDirective is what Redis says of a line it does not know; keywords
// return it for a wrong number of words.
var ErrBadDirective = errors.New("Bad directive or wrong number of arguments")

func (l *Loader) set(d *Directive, words []string) error {
	if !d.Type.Several && len(words) != 1 {
		return errWords
	}
	if d.Type.Several && len(words) == 1 && words[0] != "" {
		var ok bool
		if words, ok = SplitWords(words[0]); !ok { // --bind "a b" as a single argument
			return errors.New("Unbalanced quotes in configuration line")
		}
	}
	l.Store.mu.Lock()
	v, err := d.parse(words, l.Store.values[d], l.met[d])
	if err == nil {
		l.Store.values[d] = v
		l.met[d] = true
	}
	l.Store.mu.Unlock()
	if err == nil && l.Set != nil {
		err = l.Set(d)
	}
	return err
}

// include obeys the files that a pattern finds, which may be none, or the one
// file of that name.
func (l *Loader) include(pattern string) error {
	l.depth++
	defer func() { l.depth-- }()
	if l.depth > maxIncludes {
		return errors.New("include is nested too deeply")
	}
	if !strings.ContainsAny(pattern, "*?[") {
		return l.LoadFile(pattern, "")
	}
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil // a pattern that is none finds nothing
	}
	var text strings.Builder // one text, as the line numbers of errors count through all files
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			return &FileError{path, err}
		}
		text.Write(b)
	}
	return l.Load(text.String())
}
