// Package quicklist is the list of any length: a chain of listpacks, or of texts of
// one length, in arena memory.
//
// # Terms
//
// A chunk is a block with the links of the chain and entries: a listpack or, if the
// chunk is even, texts that all have the same length, its width. An entry suits a
// chunk if it can be put there as the chunk is: an even one takes texts of its
// width only. A Limit says how many bytes and entries a chunk may have; it comes
// with each call, for it is a setting that may change. A Cursor names an entry
// and lasts until the list changes; an index counts from 0, or, negative, from
// the end.
//
// # Layout
//
// The root, one block: first and last chunk (ref 4, ref 4), number of chunks (8),
// of entries (8), bytes of all blocks, the root's too (8). A chunk:
//
//	ref of the previous chunk   4
//	ref of the next             4
//	where the entries begin     4
//	size of the block           4
//	number of entries           2, if it is even
//	width                       1, 0 if it is not
//	room, entries, room
//
// The entries may begin anywhere in their block. So pushing to the front writes
// the entry before the others and moves nothing, where a listpack that begins
// its block has to move whole; and popping from the front is a matter of
// forgetting. A chunk that grew at one end has all its room there; when one side
// is exhausted the room of both is shared out again, if there is so much
// that the move pays.
//
// # Even chunks
//
// Ids, hashes and timestamps as text have one length. In a listpack each of them
// costs two bytes or more for its length, before and behind it; in an even chunk
// nothing, and the way to the n-th is a multiplication. An end of the list that is
// full is made even, in its block, if its entries allow it; then there is room for
// more of the kind. The chunk begun after it is even from the start if
// what is pushed suits the last one, so a list of ids converts one chunk in its life.
//
// An entry that does not suit the end of the list makes that a listpack again if
// the chunk is half empty even so, and else begins another chunk: so many
// pushes pay for a conversion. Inside the list an even chunk becomes a listpack when an entry
// that does not suit it is put there, if it has the room.
//
// # Growth
//
// The limit in bytes is for the whole block. It is a class of the arena (4 to 64
// KiB), so a full chunk wastes less than one entry. The first chunk of a list
// grows by quarters; the next begin as large as their neighbour. A chunk that
// stops being an end gives back what it does not fill. An entry that is larger than the
// limit has a chunk for itself, as large as it needs.
//
// The limit in entries is the same for both kinds, that in bytes gives an even chunk more of them.
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
//   - An even chunk has a width from 1 to 255; its entries are texts, not integers.
//
// # Rejected
//
// Chunks apart from their nodes, as in Redis: two blocks and two misses for
// each. A tree over the chunks: reaching the middle of a million short entries
// means 800 steps now, a tree would make every push dearer. Compressing inner
// chunks: list-compress-depth saves memory only for text that repeats, and
// every read pays. Even chunks of integers: a listpack has them in 4 to 11 bytes, each
// as short as it can be, and numbers of one list rarely need the same.
package quicklist
