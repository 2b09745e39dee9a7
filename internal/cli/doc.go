// Package cli is the command line client: redstart cli, or redis-cli.
//
// Terms. Options are the words before the command, one table (options.go). A
// session is a connection with what was asked of it, so that it can be made
// again: the user, the database, the protocol (session.go). A mode is what is done
// over it: one command (oneshot.go), a prompt, a measurement.
//
// The prompt (prompt*.go) is a dialogue on top of the same session. A library
// (help.go) is the documentation of commands, the reply of COMMAND DOCS: the
// server's, or, of the same form, the program's own. Help, completion and
// hints all read it; nothing about a command is written down here. A hint
// (hint.go) is what remains of a syntax after the words typed.
//
// Only the goroutine of the dialogue uses the session. Ctrl-C closes the
// connection from beside it, which ends whatever waits for it.
//
// What a program reads is as with redis-cli, byte by byte: replies in all
// formats, exit status, which of the two outputs a message goes to. What a
// person reads may say more.
package cli
