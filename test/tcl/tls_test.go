package tcl

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// securedUnits run with all connections over TLS: the one about it, and some that
// send much, in many pieces, or at odd moments. Not unit/limits: it wants that a client too
// many is not told why, which here it is.
var securedUnits = []struct{ name, tags string }{
	{"unit/tls", ""},
	{"unit/protocol", ""},
	{"unit/type/string", "-needs:repl"},
	{"unit/networking", ""},
	{"unit/pubsub", ""},
	{"unit/multi", "-needs:repl"},
	{"integration/redis-benchmark", ""},
}

// TestSuiteOverTLS is TestSuite for securedUnits.
func TestSuiteOverTLS(t *testing.T) {
	if os.Getenv("REDSTART_TCL") == "" {
		t.Skip("the suite takes minutes: `make tcl` runs it")
	}
	tclsh := testutil.Need(t, "tclsh", "Debian package tcl")
	if err := exec.Command("/bin/sh", "-c", "echo 'exit [catch {package require tls}]' | "+tclsh).Run(); err != nil {
		testutil.Missing(t, "TLS for Tcl (Debian package tcl-tls)")
	}
	openssl := testutil.Need(t, "openssl", "Debian package openssl")
	fetch(t)
	server, skips := testutil.Binary(t), skipsToday(t)
	certs := suiteCertificates(t, openssl)
	var tallies []tally
	for i, u := range securedUnits {
		if only := os.Getenv("REDSTART_TCL_UNIT"); only != "" && only != u.name {
			continue
		}
		t.Run(u.name, func(t *testing.T) {
			dir := runDirectory(t, server, u.name)
			link(t, certs, filepath.Join(dir, "tests/tls"))
			port := basePort + (len(units)+i)*portCount
			output := runUnit(t, dir, u.name, u.tags, skipsOf(skips, u.name), port, "--tls")
			for tries := 0; portTaken(output) && tries < 3; tries++ {
				output = runUnit(t, dir, u.name, u.tags, skipsOf(skips, u.name), port+portCount/2, "--tls")
			}
			tallies = append(tallies, judge(t, u.name, output, skipsOf(skips, u.name)))
		})
	}
	printTable(tallies)
}

// suiteCertificates makes the certificates that the suite wants, with its own script.
func suiteCertificates(t *testing.T, openssl string) string {
	t.Helper()
	dir := t.TempDir()
	certs := filepath.Join(dir, "tests/tls")
	if err := os.MkdirAll(certs, 0o755); err != nil {
		t.Fatal(err)
	}
	script, err := filepath.Abs(suite + "/utils/gen-test-certs.sh")
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{
		// The script's own way of making these parameters, which nothing uses, takes a minute.
		{openssl, "dhparam", "-dsaparam", "-out", "tests/tls/redis.dh", "2048"},
		{"bash", script},
	} {
		cmd := exec.Command(words[0], words[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%q: %v\n%s", words, err, out)
		}
	}
	return certs
}

// isSecuredUnit: see isUnit.
func isSecuredUnit(name string) bool {
	return slices.ContainsFunc(securedUnits, func(u struct{ name, tags string }) bool { return u.name == name })
}
