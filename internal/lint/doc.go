// Package lint holds the rules of this repository as Go tests, so that `go test ./...`
// is the one gatekeeper: the import graph, what a package must not import, where a
// panic is allowed, the form of comments and files.
//
// A rule that stands in the way is changed here, with its reason, in a commit of its
// own; it is not worked round.
package lint
