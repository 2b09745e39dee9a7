// Package listpack reads and edits listpacks: a list of strings and integers
// in one run of bytes, in exactly Redis's format, so that they go to and come
// from RDB files as they are. It works on []byte and allocates nothing.
//
// # Terms
//
// The bytes of a listpack begin a slice that may be longer: Size says how much
// of it is in use. A position is the offset of an entry, or End, the
// offset of the byte after the last; 0, where no entry can be, means "none". An
// Entry is a value read from a listpack or to be put into one.
//
// # Layout
//
//	bytes 0-3   size of all, this included, little endian
//	bytes 4-5   number of entries, little endian; 65535: count them
//	entries
//	0xff
//
// An entry is a head, its data, and the length of both written so that it
// can be read backwards:
//
//	0xxxxxxx                   integer 0 to 127
//	10nnnnnn  data             text of n bytes
//	110xxxxx xxxxxxxx          integer of 13 bits
//	1110nnnn nnnnnnnn  data    text of n bytes
//	11110000  n (4)    data    text of n bytes
//	11110001 .. 11110100       integer of 2, 3, 4, 8 bytes
//
// Integers are in two's complement; those in whole bytes and the long n are
// little endian, the others big endian. The length at the end has 7 bits a
// byte, the most significant first; all bytes but the first have the top bit
// set, so a reader from behind stops at a byte without it.
//
// # Invariants
//
// A text that is the canonical form of a 64-bit integer is written as an
// integer, in the shortest way there is. Files may hold others: Find
// takes them for what they say. Functions trust their listpack: what comes
// from a file goes through Validate first.
//
// # Growing
//
// Whoever inserts provides the room: the slice must be as long as the result
// (SizeAfterInsert, SizeAfterReplace). That is because the bytes are in the
// record of a key or a block of an arena, which only their owner can move.
//
// # Rejected
//
// Iterators and callbacks: a position is an int, and a loop over positions
// allocates nothing. Remembering the size apart from the bytes: every owner
// would have to store it.
package listpack
