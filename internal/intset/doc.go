// Package intset reads and edits sets of integers in one run of bytes, in
// exactly Redis's format, so that they go to and come from RDB files as
// they are. It works on []byte and allocates nothing.
//
// # Layout
//
//	bytes 0-3  width of a member: 2, 4 or 8, little endian
//	bytes 4-7  number of members, little endian
//	members    ascending, in two's complement, little endian
//
// All members have the width of the one that needs the most. A set never
// goes back to a smaller width, not even if the wide member is removed; that
// would cost a look at all of them with each removal.
//
// # Invariants
//
// The members are ascending and distinct. The slice of a set may be longer than the set:
// Size says how much of it is in use. Functions trust their set: what comes
// from a file goes through Validate first.
//
// # Growing
//
// Whoever inserts provides the room: the slice must be as long as the result
// (SizeAfterInsert), because the bytes are in the record of a key, which only its
// owner can move.
//
// # Rejected
//
// Differences between neighbours would halve the size, but not be Redis's
// format, and a search could not jump.
package intset
