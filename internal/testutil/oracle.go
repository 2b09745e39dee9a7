package testutil

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

// Missing ends a test whose oracle is not installed: skipped on somebody's
// machine, failed where CI=true, because there a test that silently does not
// run is a hole.
func Missing(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("missing: %s", what)
	}
	fmt.Fprintf(os.Stderr, "skipped: %s: missing: %s\n", t.Name(), what) // without -v nobody would see it
	t.Skipf("missing: %s", what)
}

// Need returns the path of a program that a test cannot do without.
func Need(t testing.TB, program, hint string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		Missing(t, program+" ("+hint+")")
	}
	return path
}
