package tcl

import (
	"bufio"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// skip is one line of the skip list: `unit <TAB> test <TAB> reason`. The test is an
// exact name, or a regular expression after a slash, as in the suite's own skip files.
type skip struct {
	line               int
	unit, test, reason string
	pattern            *regexp.Regexp // nil for an exact name
}

func (s *skip) matches(name string) bool {
	if s.pattern != nil {
		return s.pattern.MatchString(name)
	}
	return s.test == name
}

func parseSkip(line string) (*skip, error) {
	fields := strings.Split(line, "\t")
	if len(fields) != 3 {
		return nil, fmt.Errorf("want unit, test and reason separated by tabs, got %d fields", len(fields))
	}
	for _, field := range fields {
		if strings.TrimSpace(field) == "" {
			return nil, fmt.Errorf("empty field")
		}
	}
	s := &skip{unit: fields[0], test: fields[1], reason: fields[2]}
	if expr, ok := strings.CutPrefix(s.test, "/"); ok {
		pattern, err := regexp.Compile(expr)
		if err != nil {
			return nil, err
		}
		s.pattern = pattern
	}
	return s, nil
}

// readSkips reads a skip list. Empty lines and lines that start with # are comments.
func readSkips(path string) ([]*skip, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var skips []*skip
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		if lines.Text() == "" || strings.HasPrefix(lines.Text(), "#") {
			continue
		}
		s, err := parseSkip(lines.Text())
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, n, err)
		}
		s.line = n
		skips = append(skips, s)
	}
	return skips, lines.Err()
}

// skipsOf returns the entries of one unit.
func skipsOf(skips []*skip, unit string) []*skip {
	var of []*skip
	for _, s := range skips {
		if s.unit == unit {
			of = append(of, s)
		}
	}
	return of
}

// reasonFor returns the reason of the first entry that names the test.
func reasonFor(skips []*skip, test string) string {
	for _, s := range skips {
		if s.matches(test) {
			return s.reason
		}
	}
	return ""
}

func TestParseSkip(t *testing.T) {
	s, err := parseSkip("unit/scan\t/[SHZ]SCAN with encoding\tneeds sets")
	if err != nil {
		t.Fatal(err)
	}
	if !s.matches("SSCAN with encoding intset") || s.matches("SCAN basic") {
		t.Error("the pattern matches the wrong tests")
	}
	for _, bad := range []string{"unit/scan", "unit/scan\ttest", "unit/scan\ttest\t ", "unit/scan\t/(\treason", "a\tb\tc\td"} {
		if _, err := parseSkip(bad); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
}

func TestSkipListIsSound(t *testing.T) {
	skips, err := readSkips(skipList)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, s := range skips {
		if !named(units, s.unit) && !named(securedUnits, s.unit) {
			t.Errorf("%s:%d: no such unit: %s", skipList, s.line, s.unit)
		}
		key := s.unit + "\t" + s.test
		if before := seen[key]; before != 0 {
			t.Errorf("%s:%d: repeats line %d", skipList, s.line, before)
		}
		seen[key] = s.line
	}
}
