// Package linear checks what concurrent clients see.
//
// Many connections work on few keys and note for each command when it was sent
// and when its reply came. A history is right if there is one order of all its
// commands that agrees with those times and in which each reply is the one that
// a single-threaded Redis gives (porcupine searches for it). Commands on one
// key are checked key by key, which keeps the search small and, as
// linearizability is a local property, loses nothing. Commands on several keys
// (MSET, MGET, RENAME, COPY), and transactions with WATCH, are checked in
// histories of their own, against a model of all keys together.
package linear
