// Package testutil is what the tests that talk to servers share: starting a
// server process (ours, or a stock redis-server as the oracle), a plain
// client connection, and the policy for an oracle that is missing.
//
// Terms: the subject is the server under test, built from this tree; stock is
// the redis-server of the distribution, which is asked instead of guessed.
//
// The reply reader here is deliberately not internal/resp: a test that read
// replies with the code that wrote them could agree with itself on a mistake.
//
// A package whose tests start the subject ends its TestMain with Main, which
// removes the binary that was built for the run.
package testutil
