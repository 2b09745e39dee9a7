package lint

import (
	"slices"
	"strings"
	"testing"
)

// imports is the policy: which package may import which. See graph for the notation.
//
// Do not change this to mend a build. A new arrow is a decision about the shape of the
// program, and deserves the thought: most often what is wanted belongs lower, or the
// lower package should declare a small interface that the upper one implements.
const imports = `
	NONE < invariants, resp, config, glob, xxh3, ciphers, testutil, lint;

	# The engine: data off the Go heap. It knows nothing of RESP, clients or files.
	invariants < arena < table, object, bptree;
	object < expiry;
	invariants < listpack, intset;
	arena, listpack < quicklist, stream;
	table, expiry, listpack, intset, bptree, quicklist, stream < value;
	NONE < latency, topk;
	value, latency < keyspace;
	NONE < hll, geohash, bitops;

	# The contract between the engine and the commands, and the commands.
	keyspace, resp < cmdspec;
	cmdspec, glob, xxh3, hll, geohash, bitops < commands;

	# Who may do what: rules over Specs. It knows no clients and no files.
	cmdspec, glob, config < acl;

	# The event loop sees bytes and a Handler.
	invariants < evloop;

	# Who listens to what. It knows no clients.
	glob < pubsub;

	# One client: it finds the Spec, checks, locks, runs.
	evloop, cmdspec, pubsub, glob, config, acl, topk < session;

	commands, session, ciphers < server;

	# The other end of the protocol, and the client for people.
	resp, ciphers < client < cli, benchmark;

	# The server without a program of its own, for those of others.
	server, client < redstart;

	# One program.
	server, cli, benchmark < cmd/redstart;

	# For programs that use a store, this one or another.
	NONE < callcount;

	# Oracles and measurements talk to a server over its socket, like any client.
	testutil < test/tcl, test/compat, test/clients, test/linear, test/harden, test/guide;
	redstart < examples/connect < examples/capitals, examples/chat, examples/jobs, examples/leaderboard,
		examples/purchase, examples/ratelimit, examples/sessions;
	examples/connect, callcount < examples/counter;
	benchmark, redstart < test/bench;
	NONE < test/clients/rueidis;
	redstart < test/clients/goredis; # in process, as well as over a socket

	resp !< keyspace;
	commands !< evloop;
	evloop !< commands;
	resp, cmdspec, config !< keyspace;
	server !< session;
`

// thirdParty names who may import what is neither ours nor Go's.
var thirdParty = map[string][]string{
	"golang.org/x/sys":                  {"arena", "evloop", "session", "server", "testutil", "benchmark", "test/bench"},
	"golang.org/x/term":                 {"cli"},
	"github.com/anishathalye/porcupine": {"test/linear"},
	"github.com/reeflective/readline":   {"cli"},
	"github.com/creack/pty":             {"cli"},
	"github.com/prometheus":             {"server"},
	"github.com/redis/go-redis/v9": {"test/clients/goredis", "examples/connect", "examples/capitals", "examples/chat", "examples/counter", "examples/jobs",
		"examples/leaderboard", "examples/purchase", "examples/ratelimit", "examples/sessions"},
	"github.com/redis/rueidis": {"test/clients/rueidis"},
}

// forbidden names imports that do not belong into a package, with the reason.
var forbidden = []struct {
	pkgs, imports []string
	reason        string
}{
	{engine, []string{"net", "net/http", "os/exec", "log", "log/slog", "encoding/json", "reflect"},
		"the engine knows nothing of clients, files or logs"},
	{hot, []string{"log", "reflect", "regexp", "encoding/json", "container/list"},
		"on the way of each command: it allocates"},
	{product, []string{"log", "encoding/gob", "testing"},
		"not part of the server, or there is another way to say it"},
}

var (
	engine  = []string{"arena", "table", "object", "expiry", "listpack", "intset", "bptree", "quicklist", "stream", "value", "keyspace"}
	hot     = append([]string{"glob", "xxh3", "resp", "evloop"}, engine...)
	product = append([]string{"acl", "cmdspec", "commands", "config", "session", "server", "cmd/redstart", "redstart"}, hot...)
)

// counted tells whether the imports of a file fall under the graph: tests may reach
// for more, except those that have to see the server only from outside.
func counted(s *source) bool {
	return !s.test || strings.HasPrefix(s.pkg, "test/")
}

func TestImportGraph(t *testing.T) {
	g, err := parseGraph(imports)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range tree(t) {
		if !g.has(s.pkg) {
			t.Errorf("%s: package %s is not in the graph", s.path, s.pkg)
			continue
		}
		for _, path := range s.imports() {
			lower, ours := short(path)
			if ours && counted(s) && !g.may(s.pkg, lower) {
				t.Errorf("%s: %s must not import %s", s.path, s.pkg, lower)
			}
		}
	}
}

// A name without a package would hide a missing rule behind a misspelt one.
func TestGraphNamesExist(t *testing.T) {
	g, err := parseGraph(imports)
	if err != nil {
		t.Fatal(err)
	}
	packages := map[string]bool{}
	for _, s := range tree(t) {
		packages[s.pkg] = true
	}
	for name := range g.below {
		if !packages[name] {
			t.Errorf("there is no package %s", name)
		}
	}
}

func TestThirdParty(t *testing.T) {
	for _, s := range tree(t) {
		for _, path := range s.imports() {
			if _, ours := short(path); ours || !strings.Contains(path, ".") {
				continue
			}
			if !allowedThirdParty(s.pkg, path) {
				t.Errorf("%s: %s must not import %s", s.path, s.pkg, path)
			}
		}
	}
}

func allowedThirdParty(pkg, path string) bool {
	for mod, pkgs := range thirdParty {
		if path == mod || strings.HasPrefix(path, mod+"/") {
			return slices.Contains(pkgs, pkg)
		}
	}
	return false
}

func TestForbiddenImports(t *testing.T) {
	for _, s := range tree(t) {
		for _, f := range forbidden {
			if s.test || !slices.Contains(f.pkgs, s.pkg) {
				continue
			}
			for _, path := range s.imports() {
				if slices.Contains(f.imports, path) {
					t.Errorf("%s imports %s: %s", s.path, path, f.reason)
				}
			}
		}
	}
}
