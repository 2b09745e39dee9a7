// Package harden attacks a running server, and looks at what is left afterwards.
//
// Three attacks. A million mutated inputs: streams of valid commands, made from
// what the server itself says of its commands (COMMAND DOCS), with words and
// bytes exchanged, cut, repeated, and lengths that lie (inputs_test.go). Clients
// that take their time: that send a byte at a time, read a byte at a time or
// never, or ask for more than they will ever read (slow_test.go). Random
// commands of many clients at once are in internal/server, where there is a
// look inside (TestSoak).
//
// None of them knows what the replies should say; test/compat does. What is
// demanded is this:
//   - the server lives. A crash ends its process, and its log tells where;
//   - nothing hangs. An input ends with the end of its connection, and a keeper,
//     a client on a connection of its own, is served all the time. Waits are bounded by a
//     guard; when it goes off, the server is asked for the stacks of all goroutines;
//   - what comes back is RESP, whatever was sent;
//   - nothing stays. When the last client is gone and the data is flushed, the
//     figures of INFO, open files and goroutines are what they were.
//
// An input is made from the seed and its number alone, so
//
//	go test ./test/harden -run Mutated -harden.seed=S -harden.first=N -harden.inputs=1
//
// makes it again. HARDEN_INPUTS sets how many there are where flags cannot reach.
//
// What would end or stop the server as its documentation says is kept from it
// by settings where there is one: SHUTDOWN has no name, DEBUG is for local
// clients, strings are limited to 1 MB, output to some, and the settings that inputs
// change are set back after each round. corpus_test.go names what is left out.
package harden
