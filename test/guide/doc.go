// Package guide runs what docs/guide.md shows, and compares what comes out with what the
// page says comes out. It types what a reader would type, from the first line on: the server is
// the one that the page starts.
//
// A page is executed from its fenced blocks, in their order. The first word after the fence
// is the language, the second a name:
//
//	```conf redis.conf      a block of any language with the name of a file: is written to it
//	```console              a transcript. "$ " starts a command of the shell, "127.0.0.1:6379> " a line
//	                        that is typed into it; all else is what it prints, as on a terminal
//	```console server       the same in a terminal of its own, whose last command goes on running
//	```output server        what is printed there meanwhile
//	```python               the blocks of a language are one program, which stops after each:
//	```go                   in Go one with "package" is its head, those with "func" and "type" stand
//	                        beside main, the others one after another in main, each in a scope of its own
//	```output               what the block before it prints; without one it prints nothing
//
// In an output, ... is any part of a line, and a line of nothing else any number of lines. A block
// that fits none of this is an error: nothing on the page is only to be believed.
//
// The page talks of port 6379; the run takes a free one in its place.
package guide
