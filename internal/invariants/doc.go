// Package invariants holds the checks that run in test builds only.
//
// A build with the tag `invariants`, or with the race detector, has Enabled set:
// structures verify themselves after each change, freed memory is overwritten so
// that a use after free shows, and rare paths are taken at random. In every other
// build Enabled is the constant false, the functions are empty, and the compiler
// removes them.
//
// Arguments of Check are evaluated before the call even when the check is off. A
// condition that costs something belongs inside `if invariants.Enabled { ... }`.
//
// A failed check is our own bug, never bad input, so it panics. Rejected: returning
// an error (nobody can continue on a structure that is broken) and a run-time switch
// (it would cost a load and a branch in every hot loop of the product).
package invariants

// Poison is the byte Mangle writes. Read as an offset, a length or a character it is
// out of bounds nearly everywhere, and it is easy to recognise in a dump.
const Poison = 0xCC
