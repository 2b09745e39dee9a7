// Package redstart is Redstart inside a Go program: all commands of the server without a
// server. A DB has its own memory, settings and clients; several of them live side by
// side, and each ends with its Close.
//
//	db, err := redstart.Open(redstart.Options{})
//	...
//	defer db.Close()
//	db.Do(ctx, "ZADD", "scores", 42, "ann")
//	name, err := db.Get(ctx, "name")
//
// # How commands run
//
// Do runs a command on the goroutine of the caller: no socket, no protocol to parse, no other
// goroutine. A GET through Get takes a fraction of a microsecond and allocates once, for the string that
// it returns; through Do twice, as the string is put into an interface. A DB may be used by any number of
// goroutines. Commands on different keys run at the same time on as many processors as there are.
//
// A command that has to wait (BLPOP on an empty list, or any command while CLIENT PAUSE lasts)
// is handed to a connection inside the program, and the goroutine waits for the reply. If the context ends
// meanwhile, the wait does; an element that had been taken from the database by then is returned
// in place of the context's error, so none is lost. Timeouts of commands, 0 for ever among them, count as well.
//
// Do has no client of its own that commands could change, so SELECT, MULTI, WATCH, SUBSCRIBE and their
// like are errors there. [DB.Conn] is a client with a state; [DB.Pipelined], [DB.TxPipelined], [DB.Watch] and
// [DB.Subscribe] are what they are mostly wanted for.
//
// # Words and replies
//
// The words of a command are strings, byte slices, integers, floats and booleans, which become 1 and 0. Replies are
// those of RESP3: string, int64, float64, bool, *big.Int, []any (also for sets), map[any]any. Null is the error [Nil], within a reply nil. What the
// server would answer as an error is an [Error]; within a reply (of EXEC) it is an element.
//
// # Clients of others
//
// [DB.Dial] is a connection without a port for any client library, [DB.Serve] lets the rest of the world in.
// Do and Conn may do everything, whatever ACL rules there are; connections from Dial and Serve have to
// authenticate as with any server.
//
// # The program around
//
// A DB leaves the process alone: signals, limits, the collector's settings, GOMAXPROCS, the working directory,
// standard output. Its data is outside of the Go heap. Directives about these things are refused by
// Open, and so is SHUTDOWN. There is no persistence yet: what a DB holds ends with it.
//
// # Tests
//
// [OpenT] opens a DB that is closed with the test. Its clock can be moved ahead, so that what expires in
// an hour needs no hour.
package redstart
