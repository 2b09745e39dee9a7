// Package cmdspec is the contract between what knows commands and the commands
// themselves. It holds none of them.
//
// # Terms
//
// A Spec is all that is known of a command, as data: arity, flags, where its keys are,
// its syntax, its function. A Table finds the Spec of a name. A KeySpec finds the keys
// among the words of a command. Args is a cursor over the words, with an error that
// sticks. A Ctx is one command being run: its words, its keys, the locked part of the
// keyspace, the reply.
//
// Everything that must know commands reads Specs: dispatch, COMMAND and its
// documentation, and later ACL, transactions, scripts and cluster. A command is
// therefore added in one place, beside its handler.
//
// # Invariants
//
//   - A Spec does not change after NewTable, so any thread may read it.
//   - Handlers keep nothing of a Ctx: the words are the read buffer.
//   - The table panics on two commands of one name: that is a mistake in a literal,
//     found at the first start.
//
// Rejected: registration from init functions (the order and the whole list are then
// nowhere to be read), and an interface per command (a struct of data can be printed,
// compared with another server's, and walked by tests).
package cmdspec
