// Package arena allocates the memory that keys and values live in, outside
// the Go heap: the collector neither scans nor moves it, and its size is what
// the data needs.
//
// # Terms
//
// An Arena is one reserved range of addresses, grown from its start. A Ref is
// an offset into it in units of 8 bytes; zero is nil, which is why the first
// page is never handed out. A page is 4 KiB. A run is a number of adjacent
// pages that are used, or free, together. A span is a run cut into blocks of
// one size class. A block larger than maxSmall is a run of its own.
//
// # Layout
//
// Sizes up to 128 bytes have a class every 8 bytes; above, eight classes per
// doubling, so that rounding loses at most 1/8 and 1/16 on average. A span is
// as long as it takes to waste little at its end, 1/16 at most and mostly nothing. Blocks of a class whose size
// is a multiple of 64 are aligned to cache lines, because spans start on a
// page.
//
// For each page the page map holds the number of the run it belongs to; the
// first and last page of a free run too, so that neighbours merge when one is
// freed. Runs are described by plain structs in one slice without pointers.
// Free blocks of a span are linked through their first 4 bytes; a span never
// touches blocks that were not handed out yet (fresh counts them), so untouched
// pages take no memory.
//
// # Invariants
//
//   - A Ref that was handed out and not freed lies in a used run, at a
//     multiple of its class size from the run's start.
//   - used of a span is the number of its blocks handed out; a span with
//     used == 0 is a free run.
//   - A span is in its class's list exactly if it has a block to give.
//   - No two free runs are adjacent.
//   - Nothing in the arena is a Go pointer.
//   - Address space is never unmapped while an Arena exists, only given back
//     to the system, so a stale read sees zeros or other data but never faults.
//
// An Arena has no lock: its owner, a shard, has one.
//
// # Rejected
//
// One arena for all shards needs locks or per-thread caches, and a freed
// block's cache line would travel between processors. Chunks found through a
// table instead of one reserved range cost a dependent load on every access.
// Go's own allocator cannot give memory back per shard, rounds larger and
// costs a mark phase proportional to the data.
package arena
