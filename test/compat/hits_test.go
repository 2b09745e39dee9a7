package compat

import (
	"regexp"
	"strings"
	"testing"
)

var hitsAndMisses = regexp.MustCompile(`keyspace_(?:hits|misses):\d+`)

// Which commands count as a hit or a miss of the keyspace is Redis's to say:
// monitoring compares the two.
func TestHitsAndMisses(t *testing.T) {
	p := newPair(t, 2)
	for _, line := range []string{"set a 1", "get a", "get b", "exists a b a", "type a", "type b", "ttl a", "pttl b", "expiretime a",
		"object encoding a", "object idletime b", "object refcount a", "memory usage a", "touch a b", "strlen a", "getrange a 0 1",
		"substr a 0 1", "getdel b", "getex a", "getex a ex 100", "getset a 2", "incr a", "incrbyfloat a 1", "append a x", "setrange a 0 y",
		"expire a 100", "expire b 100", "persist a", "set a 1 get", "set a 2 xx", "set a 1 nx get", "setnx a 1", "copy a c", "copy b d",
		"rename c d", "renamenx d e", "move e 1", "randomkey", "keys *", "scan 0", "mget a b", "mset a 1 b 2", "msetnx a 1", "lcs a b",
		"del a", "unlink b", "getdel a"} {
		var seen [2]string
		for i, s := range p.sides {
			s.conn().Must(t, strings.Fields(line)...)
			seen[i] = strings.Join(hitsAndMisses.FindAllString(s.conn().Must(t, "INFO", "stats").Text, -1), " ")
		}
		if seen[0] != seen[1] {
			t.Fatalf("after %q: %s, stock %s", line, seen[1], seen[0])
		}
	}
}
