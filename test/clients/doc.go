// Package clients runs real client libraries against the server: redis-py as
// the distribution packages it, and go-redis. Each session is written with that
// library's own calls, checks what the library hands back, and is first run
// against a stock server, so that a failure is ours and not the session's.
//
// go-redis lives in a module of its own (goredis), so that a client library
// never becomes a dependency of the server.
package clients
