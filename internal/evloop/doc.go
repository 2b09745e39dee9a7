// Package evloop moves bytes between sockets and a Handler, on a few threads.
//
// Terms. A loop is one goroutine locked to one operating system thread, with
// its own poller, connections, timers, mailbox and Handler. A group is all
// loops of a server with its listeners. A cycle is one turn of a loop: wait,
// read, hand over, write. A batch is the connections whose input is handed to
// the handler at once.
//
// Why batches. Per request the kernel's work outweighs ours; what is left to
// gain is cache misses, and those are gained by knowing many commands before
// executing the first. A loop therefore reads every ready connection before
// it calls the handler, up to what stays in the second-level cache
// (batchConns, batchBytes), and writes each connection once, after the batch.
//
// Buffers. Input is read into one buffer per loop. A connection has a buffer
// of its own only while it holds an unfinished command, so idle connections
// cost their structs and nothing else. A handler that knows how much is
// missing says so (Conn.Need), and the rest is read in place in large pieces.
// What a socket does not take is queued in chunks with the connection, and
// the loop goes on: a slow client delays nobody.
//
// System calls. Polling is level-triggered: edge-triggered needs another
// recv per request just to hear EAGAIN. recvfrom and sendto skip a layer of
// the file system that read and write go through. They never block, and are
// made without telling the Go scheduler (RawSyscall): it would only hand our
// processor (the P) to another thread and fight to get it back. The price is
// that a stop-the-world waits for the system call under way, microseconds.
// The wait is first tried without blocking in the same way; only when nothing
// is ready does the loop block with the scheduler's knowledge, so that the
// collector and background work get the processor. A loop under full load
// never blocks, and is pre-empted by the scheduler's signal every 10 ms if
// others wait for a processor. No loop waits for a P that another, or background
// work, holds: there are more Ps than processors (widenScheduler).
//
// Rejected: io_uring (5 % less CPU unpipelined, nothing pipelined, and often
// forbidden in containers); the runtime's own poller (a goroutine switch per
// request).
//
// How many loops are active follows the load (balance.go): one loop sees more
// ready connections per wait than two do, and on a machine shared with its
// clients that is worth more than the second processor. Connections start on
// the first loop and are handed over through mailboxes.
//
// Invariants. Everything about a connection except Post belongs to the thread
// of its loop. Mail for a connection arrives in the order it was posted, also
// when the connection changes loops meanwhile (mailbox.go). A connection that
// was opened is closed exactly once.
//
// Where there is no epoll, and for what is not a plain socket, a connection is
// driven by a reading goroutine that posts what it reads (netconn.go); the
// handler cannot tell.
//
// TLS (tls.go): the handshake has a goroutine, and the loop drives the socket
// afterwards. crypto/tls reads ciphertext from memory, and gets an error that
// calls itself temporary when there is no more; what it writes is queued like
// other output. Rejected: goroutines for each connection, which hand every
// request over twice (twice the processor time, with and without pipelining).
package evloop
