// Package bptree keeps the elements of a collection in order: a counted B+
// tree in arena memory. It finds by key and by rank, tells ranks, and walks in
// both directions.
//
// # Terms
//
// An element is a block of its owner's; the tree holds its Ref. An Order tells
// an element's key, 64 bits compared as an unsigned number, and its tie, bytes
// that decide between equal keys. No two elements have the same key and tie. A
// leaf holds refs of elements in order; an inner node holds children with the
// number of elements below each, and separators.
//
// # Layout
//
//	leaf  [ base 8 | prev 4 | next 4 | n 2 | shift 1 | 61 prefixes of 4 | 61 refs of 4 ]   512 bytes
//	inner [ n 2 | 50 keys of 8 | 50 refs of 4 | 50 children of 4 | 50 counts of 4 ]        1008 bytes
//
// A separator is the key and the ref of the first element below a child; that
// of the first child is not used. Only equal keys make a search look at
// elements there.
//
// A leaf has 4 bytes per element to compare by: its prefix (key-base)>>shift.
// base and shift, the frame of the leaf, are chosen so that the keys of the
// leaf take about a third of the range: 50 neighbours of a million are told
// apart whether they are random floats or timestamps of one second, where the
// top bits of the key would be all the same. base is a multiple of 1<<shift,
// so a prefix can be turned into one of a coarser frame without a look at the
// element; a frame becomes finer when elements are spread over leaves and it
// has become much too coarse. A key outside the frame makes the leaf choose another.
//
// # Growth
//
// A full leaf gives to its emptier neighbour under the same parent; if that is
// full too, to both; if all three are, they become four. Random insertion fills
// leaves to about 0.87, which makes 10 bytes per element. At the ends of the order a full leaf is left as it
// is and a new one begun: ascending insertion fills leaves completely. Inner
// nodes, 1/40 of the memory, are simply split. A leaf or inner node that gets half
// empty is joined with a neighbour if both fit into one with room to spare.
//
// # Invariants
//
//   - No node is empty; a root that is an inner node has two children or more.
//   - Every leaf is equally deep, and linked with its neighbours.
//   - counts are exact, and their sum is the length.
//   - A separator names the first element below its child, so no separator
//     refers to an element that was deleted.
//   - Every prefix is exactly (key-base)>>shift of its element.
//
// # Rejected
//
// A skip list takes 37 bytes per element where this takes 10, and each step of
// a search is a miss. Keys of 8 bytes in the leaves would cost 5 bytes per
// element more. A fixed prefix, the top half of the key, fails where it
// matters most: scores that are times differ only in their lower half.
// Positions that survive changes (iterators registered with the tree): nobody
// changes a collection while walking it.
package bptree
