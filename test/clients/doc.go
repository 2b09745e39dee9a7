// Package clients runs real client libraries against the server: redis-py as
// the distribution packages it, and go-redis. Each session is written with that
// library's own calls. There are two kinds: one checks what the library hands back, and
// is first run against a stock server (-subject stock), so that a failure is ours and not
// the session's; the other, over all data types, prints it, and the transcripts of a
// stock server and of ours are compared. In them, what has no order is sorted, and what
// tells of the moment is masked.
// A third is not ours: what go-redis tests itself with, which knows commands that no stock
// server of the oracle's version has.
//
// go-redis and rueidis live in modules of their own (goredis, rueidis), so that a client library
// never becomes a dependency of the server.
package clients
