// Package resp speaks RESP2 and RESP3: it splits bytes into commands and
// appends replies to bytes. It does no input or output and knows no command.
//
// A Parser is fed whatever has arrived and yields whole commands whose
// arguments are slices of that input: nothing is copied. Replies are appended
// (the strconv.Append idiom), so a reply costs no object.
//
// Source: the Redis serialization protocol specification, versions 2 and 3.
package resp
