// Package benchmark loads a server and tells how it bears that: redstart
// benchmark, or redis-benchmark. Its generator and its comparisons of two servers
// are also those of test/bench.
//
// Terms. A test is one thing to measure, with the name it has in redis-benchmark
// (tests.go). A load says what is sent and how; a generator has the connections and
// drives the load over them, with a worker for each thread (load.go). A batch is
// what a connection sends at once: as many requests as the pipeline is deep. A
// tally is what came of it.
//
// A request is built once; before it is sent its slots are patched with digits.
// Replies are counted, not parsed. So one thread makes more load than most servers
// bear from one core, and the client does not make two servers look alike.
//
// The latency of a request is that of its batch, from the write, or, with a rate,
// from when the write was due, to the last reply. A server that stalls holds up
// requests that were due meanwhile, and their wait is counted: a client that waits
// with the server and then measures one slow request omits them.
//
// Two workers: with epoll and raw system calls, and a portable one with a goroutine
// for each connection, which also does TLS.
//
// Rejected: client and server pinned to cores (a server that may use several would
// be measured as if it had one); the first byte of the replies as the end of the
// latency, which flatters deep pipelines.
package benchmark
