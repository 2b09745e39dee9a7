// Package client is the other end of the protocol: it sends commands to a
// server and reads replies of both versions. The command line client and the
// benchmark tool stand on it.
//
// Terms. A Reply is a tree: its Kind is the first byte of its wire form. A Conn
// is a connection with a buffered writer and a Reader.
//
// A Reply owns its bytes. What a server may claim of sizes is bounded by what
// it sends: lengths are not trusted with memory in advance.
//
// Rejected: a library for Redis clients. It hides what a command line tool
// must show: nulls of two kinds, attributes, pushes, errors inside arrays.
package client
