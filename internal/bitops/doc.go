// Package bitops works on strings as arrays of bits: it counts, finds,
// combines, and reads and writes integers of any width. It allocates nothing
// and knows no key.
//
// # Terms
//
// Bit 0 is the most significant bit of byte 0, as in SETBIT. A string is
// followed by as many zero bits as an operation asks for. A field is an
// integer of 1 to 64 bits, most significant bit first, at any bit offset.
//
// # Speed
//
// Strings can be hundreds of megabytes, so whole words are the unit: 64 bytes
// a turn in Count and Combine, which then run as fast as memory delivers.
// Combine with many sources goes over the destination in pieces that stay in
// the first-level cache while one source after the other is folded in.
//
// # Rejected
//
// Assembly with vector instructions: from main memory it is no faster than
// words. A table of the bit counts of bytes: slower than the instruction that
// math/bits compiles to.
package bitops
