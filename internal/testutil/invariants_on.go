//go:build invariants

package testutil

// buildTags are those of the test; the subject is built with them, too.
const buildTags = "invariants"
