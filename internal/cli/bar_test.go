package cli

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// drawn is a bar, and what takes it away.
var drawn = regexp.MustCompile(`\r[^\r\n]*\x1b\[K`)

// onTerminal is what a terminal gets to see of a command.
func onTerminal(t *testing.T, command string) string {
	t.Helper()
	script := testutil.Need(t, "script", "Debian package bsdutils")
	return strings.ReplaceAll(shown(t, result(t, "", script, "-qec", command, "/dev/null")), "\r\n", "\n")
}

// shown is what a result shows of standard output.
func shown(t *testing.T, result string) string {
	t.Helper()
	quoted, _, _ := strings.Cut(strings.TrimPrefix(result, "out "), "\nerr ")
	text, err := strconv.Unquote(quoted)
	if err != nil {
		t.Fatalf("%s: %v", quoted, err)
	}
	return text
}

// On a terminal there is a bar below the same text that a program gets.
func TestBar(t *testing.T) {
	ours, s := ours(t), testutil.Stock(t, "--enable-debug-command", "yes")
	s.Dial(t).Must(t, "DEBUG", "POPULATE", "2000")
	for _, mode := range []string{"--bigkeys", "--memkeys", "--keystats", "--scan --no-raw"} {
		seen := onTerminal(t, ours+" -p "+port(s)+" "+mode)
		if !regexp.MustCompile(`\r *\d+\.\d\d% \[\|* *\] \d+ of \d+ keys`).MatchString(seen) {
			t.Errorf("%s: no bar in %.300q", mode, seen)
		}
		want := shown(t, result(t, "", ours, append([]string{"-p", port(s)}, strings.Fields(mode)...)...))
		if got := drawn.ReplaceAllString(seen, ""); got != want {
			t.Errorf("%s: %s", mode, difference(got, want))
		}
	}
	if seen := onTerminal(t, ours+" --intrinsic-latency 2"); !strings.Contains(seen, "1 of 2 seconds") || strings.Contains(drawn.ReplaceAllString(seen, ""), "of 2") {
		t.Errorf("--intrinsic-latency: %q", seen)
	}
	seen := onTerminal(t, "yes '' | head -c 100000 | "+ours+" -p "+port(s)+" --pipe")
	if !strings.Contains(seen, " bytes\x1b[K") || !strings.HasSuffix(drawn.ReplaceAllString(seen, ""), "errors: 0, replies: 0\n") {
		t.Errorf("--pipe: %q", seen)
	}
}
