// Package table is the hash index from keys to records: extendible hashing
// over buckets of one cache line, in arena memory.
//
// # Terms
//
// A record is anything with a key; the table holds its Ref and never looks
// inside, but for re-hashing, for which it is given a function. A bucket is a
// cache line with 12 slots. A segment is 1 to 64 buckets. The directory maps
// the first bits of a hash to segments; a segment's depth says how many bits
// all of its keys have in common.
//
// # Where a key is
//
//	hash  [ depth bits: directory | 13 bits: fraction | rest ]
//
// (Keyspaces cut their shards by the lowest bits, which the table does not
// use.) In a segment of n buckets the home of a key is bucket
// fraction*n >> 13: keys are in the order of their hashes, whatever n. The
// fingerprint is the low 8 bits of the fraction. A key that finds its home
// full goes to one of the next three buckets (around the end of the segment)
// and notes in its slot how far it went: its displacement. Each bucket it passed
// over counts it in its overflow byte, so a search stops at the first bucket
// that nobody passed over: most touch one line.
//
//	bucket [ 12 refs, 4 bytes each | 12 fingerprints | 12 displacements of 2 bits | overflow ]
//
// # Growth
//
// A segment that cannot place a key becomes the next size of 1, 2, 4, 8, 16,
// 24, 32, 40, 48, 56, 64 buckets; at 64 it is split in two by the next hash bit.
// The load is about 0.7 after a step and 0.9 before the next; plain doubling
// would go down to 0.45. From 32 buckets on a bucket spans at most 256
// fractions, so home and fingerprint give the fraction back and growing needs
// no look at the records; only a split and the smallest segments ask for
// hashes. Nothing is ever rehashed as a whole: the longest pause is one
// segment, 600 keys.
//
// Removal leaves segments as they are; Shrink, called now and then, makes
// sparse ones smaller and joins halves again.
//
// # Scanning
//
// A cursor is a prefix of the hash, and buckets are in hash order in every
// geometry, so a scan that goes on after growth or shrinking starts at the bucket
// that holds its place: it may repeat a bucket, never skip a key.
//
// # Two holders
//
// A Table is the index of a keyspace: its counts and its directory are in Go
// memory. A Root is the table of one large collection, of which there may be
// millions: all its state is in a block in the arena, and a small value is
// opened over it for each command. While there is one segment, the root is the directory.
// Everything but where the directory is kept is the same code (core). Nobody
// tidies collections, so a Root shrinks a segment when a removal leaves it three quarters empty.
//
// # Reading without a lock
//
// A Table's Prefetch may run while another thread changes the table: it loads the
// directory atomically and only computes addresses, which stay mapped (see
// package arena); what it reads there may be stale and is used for nothing
// but a hint.
//
// # Rejected
//
// Chained records cost a miss per link; open addressing over one large array
// stalls when it doubles; Go's swiss map has no off-heap form, no stable scan
// cursor, and its groups of 8 slots with 8-byte pointers need 12 bytes per key at best.
//
// Sources: Fagin et al., Extendible hashing (1979); Lu et al., Dash (VLDB
// 2020) for fingerprints and displacement inside segments; Bruce and Nagar
// (F14, 2019) for overflow counts.
package table
