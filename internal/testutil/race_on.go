//go:build race

package testutil

// RaceEnabled says that the test was built with -race; the subject is then too.
const RaceEnabled = true
