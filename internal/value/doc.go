// Package value holds the collections: lists, sets, sorted sets, hashes and
// streams, in arena memory. It chooses encodings and converts between them,
// and knows no command and no client.
//
// # Terms
//
// A Cell is the place of one collection: the record of its key. A small
// collection is packed: its bytes, a listpack or an intset, are in the
// record. A large one is rooted: the record holds the ref of its root, the
// first block of a structure of its own (a bucket table, a B+ tree, a
// quicklist, a stream log).
//
// # Changing
//
// A method that is going to change a collection calls Cell.Change first, and
// only if it does change something: that is how subscribers get the old
// value. A method that changes the number of bytes in the record calls
// Cell.Resize, which may move the record; bytes got before are then gone.
// Cells are values: two Cells of one key know nothing of each other's moves, so
// a command that names one key twice uses one Cell.
//
// An empty collection does not exist: who has taken the last element deletes the key.
//
// # Invariants
//
// Every root counts the bytes of all its blocks, as the arena rounds them
// (Bytes), so that accounting, eviction and MEMORY USAGE are exact. Whatever a
// root owns can be freed in steps (Reclaim) once nothing names it.
//
// # Rejected
//
// One Go object per large collection: the collector would walk millions.
// Structures that know their record: a record moves when its collection grows.
package value
