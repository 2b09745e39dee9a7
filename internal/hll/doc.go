// Package hll counts distinct elements in 12 KB, or much less while they are
// few: HyperLogLogs, as strings in exactly Redis's format, so that a string
// from one server can be set in the other, and with the same estimates.
//
// # Terms
//
// An element is hashed to 64 bits (MurmurHash64A). The low 14 bits choose one
// of 16384 registers; the position of the lowest bit set in the other 50,
// counted from 1, is the element's rank. A register holds the highest rank it
// has met: 6 bits.
//
// # Layout
//
//	bytes 0-3    "HYLL"
//	byte 4       0: dense, 1: sparse
//	bytes 5-7    not used
//	bytes 8-15   the last estimate, little endian; the top bit says that it is out of date
//	bytes 16-    the registers
//
// Dense: 12288 bytes, 6 bits a register, the low bits of a byte first.
//
// Sparse: runs of registers that are equal, in one or two bytes each:
//
//	00xxxxxx           x+1 registers (1 to 64) are 0
//	01xxxxxx yyyyyyyy  xy+1 registers (1 to 16384) are 0
//	1vvvvvxx           x+1 registers (1 to 4) are v+1 (1 to 32)
//
// It becomes dense when a rank above 32 comes, or when it would be longer than
// a limit (hll-sparse-max-bytes).
//
// # Invariants
//
// The runs of a sparse one make up 16384 registers. Strings come from clients,
// so every function here takes any bytes that Valid accepted and answers with
// ErrCorrupt where runs do not add up.
//
// Runs are split and joined in the same way as in Redis, so that the same
// commands leave the same bytes: a digest of the data compares servers.
//
// # Speed
//
// 24 bytes hold 32 registers exactly. Three words are loaded, cut into groups
// of 48 bits, and each group spread to 8 bytes in a word, where 8 registers are
// compared at once.
package hll
