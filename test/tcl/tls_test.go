package tcl

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// securedUnits run with all connections over TLS: the one about it, and some that
// send much, in many pieces, or at odd moments. Not unit/limits: it wants that a client too
// many is not told why, which here it is.
var securedUnits = []unit{
	{name: "unit/tls"},
	{name: "unit/protocol"},
	{name: "unit/type/string", tags: "-needs:repl", busy: true},
	{name: "unit/networking"},
	{name: "unit/pubsub"},
	{name: "unit/multi", tags: "-needs:repl"},
	{name: "integration/redis-benchmark"},
}

// TestSuiteOverTLS is TestSuite for securedUnits.
func TestSuiteOverTLS(t *testing.T) {
	needSuite(t)
	tclsh := testutil.Need(t, "tclsh", "Debian package tcl")
	if err := exec.Command("/bin/sh", "-c", "echo 'exit [catch {package require tls}]' | "+tclsh).Run(); err != nil {
		testutil.Missing(t, "TLS for Tcl (Debian package tcl-tls)")
	}
	certs := suiteCertificates(t, testutil.Need(t, "openssl", "Debian package openssl"))
	plan{
		server:  testutil.Binary(t),
		skips:   skipsToday(t),
		options: []string{"--tls"},
		prepare: func(t *testing.T, dir string, _ unit) { link(t, certs, filepath.Join(dir, "tests/tls")) },
	}.run(t, securedUnits)
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
