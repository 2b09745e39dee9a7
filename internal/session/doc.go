// Package session is between the event loop and the commands: it turns the
// bytes of a client into commands, checks whether the client may run them,
// locks what they need, runs them, and counts.
//
// Terms. A Client is one connection's state. A Worker is the state of one
// thread that executes commands: its transaction handle, reply buffer and
// counters; it is the Handler of an event loop, or belongs to a Local. The Hub
// knows all clients and workers and holds what they share.
//
// A wave is up to waveSize commands, of one client or of many, that were
// parsed before the first of them is executed, so that their keys can be
// prefetched together. Commands are executed in each client's order. What a
// command changes about how the next one is parsed (its limits, until the
// client has authenticated) makes the wave end behind it.
//
// A client that must stop (it is closed, or paused) leaves its commands where
// they are, in its input; the rest of the wave goes on without it, and they
// are parsed again when it resumes. A client whose command waits stops behind
// that command, of which a copy is left with the keyspace; who makes one of its
// keys ready runs it again, under the locks held, and posts the reply (block.go).
//
// Replies of a batch share one buffer, which is sent when the batch ends. A
// reply too large for that goes to its connection in chunks (stream.go).
//
// Threads. A Client belongs to the thread of its loop. The fields that others
// read (CLIENT LIST, INFO) are atomics, named in one struct. Whoever wants
// something of a client on another thread posts it to its connection.
//
// Counters are per worker, written by their own thread alone, so that counting
// is never contended, and added up when somebody asks. The clock is read once
// per batch and once per run of equal commands: what a run took is shared by
// its commands, so that the sums are true and the reading costs nothing. What may
// take long is measured alone (note.go).
package session
