package tcl

import (
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// outcome is what the suite said about one test.
type outcome struct {
	status string // ok, err, skip, ignore or exception
	test   string
	detail string // what follows the name: the message of a failure
}

var (
	statusLine = regexp.MustCompile(`^\[(ok|err|skip|ignore|exception|ready|testing|TIMEOUT)\]: (.*)$`)
	doneLine   = regexp.MustCompile(`^\[\d+/\d+ done\]: `)
	elapsed    = regexp.MustCompile(` \(\d+ ms\)$`)
	inFile     = regexp.MustCompile(` in tests/\S+\.tcl$`)
)

// parseOutput turns what the suite printed for one unit into outcomes, and tells
// whether the unit ran to its end. A failure's message spans lines.
func parseOutput(output string) (outcomes []outcome, done bool) {
	var current *outcome
	for line := range strings.Lines(output) {
		line = strings.TrimSuffix(line, "\n")
		if doneLine.MatchString(line) {
			done = true
			current = nil
			continue
		}
		m := statusLine.FindStringSubmatch(line)
		if m == nil {
			if current != nil {
				current.detail += line + "\n"
			}
			continue
		}
		outcomes = append(outcomes, outcome{status: m[1], test: testName(m[1], m[2])})
		current = &outcomes[len(outcomes)-1]
	}
	return outcomes, done
}

// testName takes the time or the file off the text after the status.
func testName(status, text string) string {
	switch status {
	case "ok":
		return elapsed.ReplaceAllString(text, "")
	case "err":
		return inFile.ReplaceAllString(text, "")
	}
	return text
}

func TestParseOutput(t *testing.T) {
	output := `Starting test server at port 21079
[ready]: 4711
Testing unit/type/incr
[ok]: INCR (over 32bit) (3 ms)
[skip]: INCR needs lists
[ignore]: INCR big: large memory flag not provided
[err]: INCR spaces in tests/unit/type/incr.tcl
Expected 'a'
to equal 'b'
[1/1 done]: unit/type/incr (2 seconds)

The End
`
	got, done := parseOutput(output)
	want := []outcome{
		{"ready", "4711", "Testing unit/type/incr\n"},
		{"ok", "INCR (over 32bit)", ""},
		{"skip", "INCR needs lists", ""},
		{"ignore", "INCR big: large memory flag not provided", ""},
		{"err", "INCR spaces", "Expected 'a'\nto equal 'b'\n"},
	}
	if !done || !reflect.DeepEqual(got, want) {
		t.Errorf("done %v, got %q", done, got)
	}
	if _, done := parseOutput("[ok]: x (1 ms)\n[exception]: Executing test client: broken\n"); done {
		t.Error("a unit that broke off counts as done")
	}
}
