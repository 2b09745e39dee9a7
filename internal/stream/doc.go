// Package stream holds streams: logs of entries in the order of their IDs, and
// the groups of consumers that read them, in arena memory.
//
// # Terms
//
// An entry is an ID and a list of fields, each with a value. Entries are
// appended, and taken out at the start (Trim) or anywhere (Delete), never
// changed. A block is some entries in a row, so many or so large as Limits
// say. A group remembers up to where it was delivered (Last), and what was
// delivered to whom and not acknowledged (pending). A delivery that was given
// back (released) has no consumer and waits longer than all others.
//
// # Blocks
//
//	block  [ head | names of the master fields | entry ... | room ]
//	entry  [ flags | ms | seq | count of fields | name, value ... | size ]
//	       [ flags | ms | seq | value ... | size ]     with the master fields
//
// The master fields of a block are those of its first entry; who has the same
// ones, in the same order, leaves their names out. The ID is written as the
// difference of the milliseconds from the block's first and, if that is 0, of
// the numbers, too. All numbers take 7 bits per byte, so that an entry with
// one value of 11 bytes takes 17. The size at the end serves to walk
// backwards; forwards one walks over the lengths of the strings. A deleted entry
// is marked; the block remembers where the first live one begins, so that
// trimming one entry per added one costs no more the more are dead. With its last
// entry the block goes.
//
// Only the last block grows: by doubling, or at once to the size of the one before, which
// is cut to what it needs then.
//
// # Trees
//
// What is in order is in B+ trees: blocks by their first ID, the pending
// entries of a group by ID and by time of delivery, those of a consumer by ID,
// remembered names by hash. Keys are two or three words, the size of values
// is the shape's. Nodes start small and double up to 2 KiB; in growing order
// they stay full. A node that is nearly empty is shrunk or joined with a neighbour.
//
// Groups, consumers and producers are found by name in a sorted array of refs:
// there are few, and they are shown in this order.
//
// # Invariants
//
// Each block has a live entry. A block's first live entry is at its start.
// Every pending entry is once in the group's tree by ID, once in that by time,
// and once in its consumer's, if it has one. Consumers and groups stay where
// they are in memory. The bytes in the header are those of all blocks, as the arena rounds them.
//
// # Rejected
//
// Redis's listpacks in a radix tree: 11 bytes of marks around an entry of one
// field where this takes 5, a search through a node per step, and the pending
// entries of a consumer group twice in radix trees of 16-byte keys. To
// read and write them is for who dumps and loads.
// Differences from the entry before rather than from the first: smaller by a
// byte at best, and nobody could walk backwards.
// A linked list of deliveries by time, as newer Redis has: claiming with a
// time in the past has to walk it.
package stream
