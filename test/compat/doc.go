// Package compat compares our replies with those of a stock redis-server 7.0,
// byte for byte. Nothing here states what a reply should be: the stock server
// is asked.
//
// Two sources of commands. The files under testdata are written, one per
// command or topic, and cover each command and each option; every file runs
// against a fresh pair of servers, once in RESP2 and once in RESP3. Random
// sequences come from a grammar and a printed seed; a sequence whose replies
// differ is shrunk before it is reported. After a sequence the whole keyspace
// is compared too.
//
// The servers under test get set-max-listpack-entries 0: Redis 7.0 has no
// packed sets. A file about collections runs once for each encoding that they
// have, by settings on both sides of its thresholds; a random sequence draws
// settings too.
//
// A case file is a list of commands, one a line, quoted as redis-cli takes
// them. In a word, {{x*1000}} is x a thousand times, {{now+100}} and
// {{nowms-5}} are Unix times, {{id}} and {{id:name}} the id of this or a named
// connection (a named one that is blocked must have been asked before), {{addr}} and {{laddr}} its addresses. Lines that begin with # are
// comments. Lines that begin with > are directives. These act at once:
//
//	> server --flag value   start the servers with these arguments (first line only)
//	> resp 2                run the file in this protocol only (first lines only)
//	> with NAME VALUE ...   run the file with these settings; once for each such line (first lines only)
//	> conn name             go on with this connection, opened if it is new
//	> close                 close this connection
//	> raw N "bytes"         send bytes, read N replies; eof: read to the closing of the connection
//	> raw N+eof "bytes"     both
//	> settle                wait until both servers have noticed closed connections
//	> blocked N             wait until N clients of each server are blocked
//
// and these say how the reply of the next command is compared:
//
//	> unordered             as a multiset, at every level
//	> pairs                 as a map, where RESP2 sends an array: the order of the pairs does not matter
//	> pending               as what XPENDING says, but for how long messages have been idle
//	> contains [NAME ...]   as what XINFO says, but for the fields named and fields that ours has more
//	> shape                 kinds and lengths only
//	> fields [PREFIX]       in texts made of name:value or name=value, each name of stock's must be in ours
//	                        (but for those that begin with the prefix)
//	> approx N              integers may differ by N
//	> mask REGEXP           what matches counts as equal (RE2, on the raw reply)
//	> client                as lines of CLIENT LIST, but for what differs by nature
//	> docs                  as what COMMAND INFO and DOCS say, but for sentences
//	> help                  the frame of what HELP says
//	> hello                 as what HELLO says of a server, but for its version
//	> kind                  the kind of reply only
//	> ignore                not at all
//	> scan                  run to the end from cursor 0; the elements of all replies, as a set
//	> noreply               there is no reply
//	> replies N             there are N replies
//	> eof                   one reply, then the connection is closed
//	> exits                 no reply; the connection is closed and the server ends, with the same exit code
//	> differs reason        the replies are known to differ; it is a failure if they do not
package compat
