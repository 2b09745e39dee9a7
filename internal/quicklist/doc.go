// Package quicklist is the list of any length: a chain of listpacks, in arena
// memory.
//
// # Terms
//
// A chunk is a block with the links of the chain and a listpack. A Limit says how
// many bytes and entries a chunk may have; it comes with each call, for it is a
// setting that may change. A Cursor names an entry and lasts until the list
// changes; an index counts from 0, or, negative, from the end.
//
// # Layout
//
// The root, one block: first and last chunk (ref 4, ref 4), number of chunks (8),
// of entries (8), bytes of all blocks, the root's too (8). A chunk:
//
//	ref of the previous chunk   4
//	ref of the next             4
//	where the listpack begins   4
//	size of the block           4
//	room, listpack, room
//
// The listpack may begin anywhere in its block. So pushing to the front writes
// the entry before the others and moves nothing, where a listpack that begins
// its block has to move whole; and popping from the front is a matter of
// forgetting. A chunk that grew at one end has all its room there; when one side
// is exhausted the room of both is shared out again, if there is so much
// that the move pays.
//
// # Growth
//
// The limit in bytes is for the whole block. It is a class of the arena (4 to 64
// KiB), so a full chunk wastes less than one entry. The first chunk of a list
// grows by quarters; the next begin as large as their neighbour. A chunk that
// stops being an end gives back what it does not fill. An entry that is larger than the
// limit has a chunk for itself, as large as it needs.
//
// An insertion into a full chunk splits it. Chunks are merged with a neighbour
// after an insertion that split and after removals in the middle, if the two
// fill less than three quarters of one: without that distance a list
// that is pushed to and trimmed would split and merge in turn.
//
// # Invariants
//
//   - No chunk is empty, and the chain is the same in both directions.
//   - The root's counts are right; bytes is the sum of the usable sizes.
//   - The size of a chunk is a usable size of the arena.
//   - A chunk with more than one entry was within the limit when it last grew.
//
// # Rejected
//
// Chunks apart from their nodes, as in Redis: two blocks and two misses for
// each. A tree over the chunks: reaching the middle of a million short entries
// means 800 steps now, a tree would make every push dearer. Compressing inner
// chunks: list-compress-depth saves memory only for text that repeats, and
// every read pays.
package quicklist
