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

// A person is told what to try behind what went wrong; a program is not, nor is one who gives more commands.
func TestSuggestions(t *testing.T) {
	ours := ours(t)
	ca := testutil.NewAuthority(t)
	cert := ca.Issue(t, "server")
	secure := freePort(t)
	s := testutil.Stock(t, "--tls-port", secure, "--tls-cert-file", cert.CertFile, "--tls-key-file", cert.KeyFile, "--tls-ca-cert-file", ca.File, "--requirepass", "secret")
	loading := sayServer(t, "-LOADING Redis is loading the dataset in memory\r\n")
	words := strings.NewReplacer("PLAIN", port(s), "SECURE", secure, "CA", ca.File, "SLOW", loading, "GONE", sayServer(t, ""))
	for args, want := range map[string]string{
		"-p 1 ping":                               "Could not connect to Redis at 127.0.0.1:1: Connection refused\n(No server listens",
		"-h nosuch.invalid ping":                  "Could not connect to Redis at nosuch.invalid:6379: Name or service not known\n(No such host",
		"-s /nosuch --scan":                       "Could not connect to Redis at /nosuch: No such file or directory\n(There is no such",
		"-p PLAIN ping":                           "(error) NOAUTH Authentication required.\n(Log in",
		"-p PLAIN -e ping":                        "NOAUTH Authentication required.\n(Log in",
		"-p PLAIN -a x --no-auth-warning -e ping": "AUTH failed: WRONGPASS invalid username-password pair or user is disabled.\n(The name or the password",
		"-p PLAIN -t 1 --tls ping":                "Could not connect to Redis at 127.0.0.1:PLAIN: Connection timed out\n(Nothing came back",
		"-p SECURE ping":                          "Error: Connection reset by peer\n(The server hung up. Perhaps it speaks only TLS",
		"-p SECURE --tls ping":                    "certificate verify failed\n(No known authority",
		"-p SECURE --tls --cacert CA ping":        "\n(The server hung up",
		"-p SLOW ping":                            "(error) LOADING Redis is loading the dataset in memory\n(The server still reads",
		"-p SLOW --bigkeys":                       "Couldn't determine DBSIZE: LOADING Redis is loading the dataset in memory\n(The server still reads",
		"-p GONE ping":                            "Error: Server closed the connection\n(The server hung up",
		"--nosuch":                                "Unrecognized option or bad number of args for: '--nosuch'\n(--help lists",
	} {
		line := ours + " " + words.Replace(args)
		if seen := onTerminal(t, line); !strings.Contains(seen, words.Replace(want)) {
			t.Errorf("%s: %q, not %q", args, seen, want)
		}
		if seen := onTerminal(t, line+" 2>&1 | cat"); strings.Contains(seen, "\n(") {
			t.Errorf("%s in a pipe: %q", args, seen)
		}
	}
	if seen := onTerminal(t, "echo ping | "+ours+" -p "+port(s)); seen != "(error) NOAUTH Authentication required.\n" {
		t.Errorf("a line of many: %q", seen)
	}
}
