// Package cli is the command line client: redstart cli, or redis-cli.
//
// Terms. Options are the words before the command, one table (options.go). A
// session is a connection with what was asked of it, so that it can be made
// again: the user, the database, the protocol (session.go). A mode is what is done
// over it: one command (oneshot.go), a prompt, a measurement.
//
// What a program reads is as with redis-cli, byte by byte: replies in all
// formats, exit status, which of the two outputs a message goes to. What a
// person reads may say more.
package cli
