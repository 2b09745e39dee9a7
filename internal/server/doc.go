// Package server puts the parts together into a program: it reads the
// configuration, makes the keyspace, the table of commands, the sessions and
// the event loops, listens, and ends it all in order. It also holds the
// commands that are about the program itself: CONFIG, INFO, SHUTDOWN.
//
// # Start
//
//  1. The arguments become a launch: a file, standard input, and further lines.
//  2. The store is filled: file, then standard input, then arguments. Any
//     mistake ends the program here, with the line it is in.
//  3. With daemonize, the program starts itself again in a session of its own,
//     with standard input and arguments as they were, and this process ends.
//  4. Limits of the system are raised (files, huge pages, OOM score).
//  5. Keyspace, hub, loops; every apply hook of the settings runs once.
//  6. Listeners, pid file, notification of the supervisor.
//
// # End
//
// A shutdown is asked for by a signal or by SHUTDOWN and carried out by the
// goroutine that started the server: no new connections, what can be flushed
// is, then the pid file and the unix socket's file are removed. A SIGINT while
// that lasts ends the process at once. After a kill -9 those two files stay; the
// next start replaces both, the socket only if nobody answers on it.
//
// # Settings
//
// One table (settings.go) has every directive with type, default, flags and
// apply hook. Readers on the path of a command never look at the store: the
// hooks copy values into atomics of the session and the engine.
//
// # The Go heap
//
// Keys and values are outside of it, so it holds connections, buffers and
// little else: a few megabytes that the collector walks in under a
// millisecond. GOGC is 50 instead of 100 unless the environment says
// otherwise: half the garbage in memory, for a collector that has next to
// nothing to do. There is no memory limit (GOMEMLIMIT): near one the collector
// would run all the time, and maxmemory, which is about the data, is kept by
// eviction, not by collecting.
//
// # Compatibility
//
// Log lines, key phrases of the start, INFO's fields and the texts of errors
// are those that tools look for.
package server

// Version is Redstart's own; RedisVersion the version of Redis whose
// commands, settings and answers it has, which clients look at.
const (
	Version      = "0.1.0"
	RedisVersion = "7.2.4"
)
