package ciphers

import (
	"crypto/tls"
	"os/exec"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// A list of ciphers means what it means to OpenSSL, of the suites that both have.
func TestLists(t *testing.T) {
	openssl := testutil.Need(t, "openssl", "Debian package openssl")
	for _, list := range []string{
		"ALL", "HIGH:!aNULL:!MD5", "ECDHE+AESGCM", "ECDHE-RSA-AES128-GCM-SHA256", "AESGCM:CHACHA20", "ALL:!kRSA",
		"ALL:!AES128:!SHA1", "ECDHE+aRSA+AES256", "kRSA", "RSA+AES128", "ALL:-AES256:AES256-SHA", "ALL:!AES256:AES256-SHA",
		"EECDH+AESGCM:EECDH+CHACHA20", "ECDHE:!SHA1:@STRENGTH", "AES+SHA256", "aECDSA", "CHACHA20,AES128-SHA", "nosuch:AES128-SHA256",
		"AES128-SHA AES256-SHA", "ECDHE+ECDSA:+AES256",
	} {
		out, err := exec.Command(openssl, "ciphers", "-s", "-tls1_2", list).Output()
		if err != nil {
			t.Fatalf("openssl ciphers %s: %v", list, err)
		}
		theirs := strings.Split(strings.TrimSpace(string(out)), ":")
		ids, err := Suites(list)
		if err != nil {
			t.Errorf("%s: %v", list, err)
		}
		for i := range suites {
			s := &suites[i]
			ours, want := false, false
			for _, id := range ids {
				ours = ours || id == s.id
			}
			for _, name := range theirs {
				want = want || name == s.name
			}
			if ours != want {
				t.Errorf("%s: %s is in: %v, OpenSSL: %v", list, s.name, ours, want)
			}
		}
	}
	for _, list := range []string{"nosuch", "!ALL", "ALL:!ALL", ":", "@STRENGTH", "-", "!"} {
		if ids, err := Suites(list); err == nil {
			t.Errorf("%q leaves %v", list, ids)
		}
	}
}

// Every suite of crypto/tls for TLS 1.2 is known by the names of both worlds.
func TestSuitesAreNamed(t *testing.T) {
	known := map[uint16]bool{}
	for _, s := range suites {
		known[s.id] = true
	}
	for _, s := range append(tls.CipherSuites(), tls.InsecureCipherSuites()...) {
		weak := strings.Contains(s.Name, "RC4") || strings.Contains(s.Name, "3DES")
		if s.SupportedVersions[0] < tls.VersionTLS13 && !weak && !known[s.ID] {
			t.Errorf("%s has no name", s.Name)
		}
	}
}

// Any list leads to suites that there are, or to an error.
func FuzzSuites(f *testing.F) {
	for _, list := range []string{"ALL:!AES", "ECDHE+AESGCM", "-,;: !", "+:@", "AES128-SHA"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		if ids, err := Suites(list); err == nil && len(ids) == 0 {
			t.Errorf("%q: nothing, and no error", list)
		}
	})
}
