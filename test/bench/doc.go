//go:build linux

// Command bench measures Redstart against a stock redis-server on the same
// machine, in the same run, and writes docs/benchmarks.md.
//
// # Terms
//
// A work is one thing to measure (SET with pipelines of 16, bytes per key, ...).
// A run is one work on one server and yields figures (requests per second,
// nanoseconds of server CPU per request, ...). A pair is a run on the stock
// server followed by the same run on ours. A row is one figure of one work in
// the report, with its target.
//
// # How figures are made comparable
//
// Nothing absolute is trusted: a machine is faster at noon than at one. Runs
// alternate stock, ours, stock, ours; the ratio is taken inside each pair, and
// the report shows the median of the ratios with their range. Both servers get
// the same settings. No figure fails the program; only a server that does not
// start, hangs, or answers wrongly does.
//
// The client is one OS thread (see load.go). On a small machine the client
// competes with the server for the cores, so what it does not burn the server
// may use, and a slow client would make two different servers look alike.
// That is why redis-benchmark is not used here; `-client` compares the two.
//
// # Rejected
//
// Client and server pinned to different cores: steadier figures, but a server
// that may use several cores is then measured as if it had one.
// CPU from utime and stime of /proc/PID/stat: ticks of 10 ms, attributed by
// sampling on some kernels; the process's CPU clock counts nanoseconds.
package main
