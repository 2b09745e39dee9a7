package compat

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

func scripts(t testing.TB) []*script {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no case files: %v", err)
	}
	var all []*script
	for _, path := range paths {
		s, err := readScript(path, strings.TrimSuffix(filepath.Base(path), ".txt"))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

// TestCases runs every case file in both protocols, with each of its settings.
// The race detector gets each once: which threads do what is the same in all.
func TestCases(t *testing.T) {
	for _, s := range scripts(t) {
		settings, protocols := s.settings, s.resp
		if len(settings) == 0 {
			settings = []string{""}
		}
		if testutil.RaceEnabled {
			settings, protocols = settings[:1], protocols[len(protocols)-1:]
		}
		for _, line := range settings {
			for _, resp := range protocols {
				name := fmt.Sprintf("%s/resp%d", s.name, resp)
				if line != "" {
					name += "/" + line
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					runScript(t, s, resp, line)
				})
			}
		}
	}
}

func runScript(t *testing.T, s *script, resp int, settings string) {
	p := newPair(t, resp, s.server...)
	p.configure(settings)
	failures := 0
	for _, st := range s.steps {
		problem, err := p.run(st)
		if err != nil {
			t.Fatalf("testdata/%s.txt:%d: %.200s\n%v", s.name, st.line, st.source, err)
		}
		if problem == "" {
			continue
		}
		t.Errorf("testdata/%s.txt:%d: %.200s\n%s", s.name, st.line, st.source, problem)
		if failures++; failures == 40 {
			t.Fatal("more differences are not listed")
		}
	}
	checkDrained(t, s, p)
}

// checkDrained fails if a reply is left over: then each step was compared
// with the reply to the one before.
func checkDrained(t *testing.T, s *script, p *pair) {
	for _, side := range p.sides {
		if c := side.conn(); c != nil && side.server.Alive() {
			if r, err := c.Do("ECHO", "the end"); err == nil && r.Kind == '$' && r.Text != "the end" || err == nil && r.Kind == '+' {
				t.Errorf("%s: in the end %s has the reply %q left", s.name, side.server.Name, r.Raw)
			}
		}
	}
}

// builtGroups are the documentation groups whose commands are there.
var builtGroups = append([]string{"string", "generic", "connection", "server"}, typeGroups...)

// typeGroups are those of the collections, and of what strings are used as.
var typeGroups = []string{"list", "set", "sorted-set", "hash", "stream", "geo", "bitmap", "hyperloglog"}

// untested are the commands of the groups below that no case file names, with the reason.
var untested = map[string]string{
	"bgrewriteaof": "persistence", "bgsave": "persistence",
	"dump": "value serialisation", "failover": "replication", "lastsave": "persistence", "latency": "latency monitor",
	"migrate": "value serialisation", "module": "modules", "monitor": "monitor", "psync": "replication",
	"replconf": "replication", "replicaof": "replication", "restore": "value serialisation",
	"restore-asking": "value serialisation", "role": "replication", "save": "persistence", "slaveof": "replication",
	"slowlog": "slow log", "sync": "replication", "wait": "replication",
}

// TestEveryCommandHasCases asks the stock server for the commands of the groups
// that are built, and looks for each in the case files.
func TestEveryCommandHasCases(t *testing.T) {
	names := writtenCommands(t)
	c := testutil.Stock(t).Dial(t)
	var missing []string
	for _, group := range builtGroups {
		for _, name := range commandsOf(t, c, group) {
			parent, _, _ := strings.Cut(name, "|")
			if !names[name] && untested[name] == "" && untested[parent] == "" {
				missing = append(missing, name)
			}
		}
	}
	if len(missing) > 0 {
		t.Errorf("no case file names: %s", strings.Join(missing, " "))
	}
}

// writtenCommands collects the first word, and the first two, of every case.
func writtenCommands(t *testing.T) map[string]bool {
	names := map[string]bool{}
	for _, s := range scripts(t) {
		for _, st := range s.steps {
			if st.action != "command" {
				continue
			}
			first := strings.ToLower(st.args[0])
			names[first] = true
			if len(st.args) > 1 {
				names[first+"|"+strings.ToLower(st.args[1])] = true
			}
		}
	}
	return names
}

// commandsOf lists the commands of a documentation group; a container only by its subcommands.
func commandsOf(t *testing.T, c *testutil.Conn, group string) []string {
	var names []string
	docs := c.Must(t, "COMMAND", "DOCS").Elem
	for i := 0; i < len(docs); i += 2 {
		if field(docs[i+1], "group").Text != group {
			continue
		}
		subs := field(docs[i+1], "subcommands").Elem
		if len(subs) == 0 {
			names = append(names, docs[i].Text)
		}
		for j := 0; j < len(subs); j += 2 {
			names = append(names, subs[j].Text)
		}
	}
	slices.Sort(names)
	return names
}

// field finds a value in a map, which RESP2 sends as an array.
func field(m testutil.Reply, name string) testutil.Reply {
	for i := 0; i+1 < len(m.Elem); i += 2 {
		if m.Elem[i].Text == name {
			return m.Elem[i+1]
		}
	}
	return testutil.Reply{}
}

// sorted prints a set.
func sorted(set map[string]bool) string {
	var items []string
	for item := range set {
		items = append(items, fmt.Sprintf("%q", item))
	}
	slices.Sort(items)
	return strings.Join(items, " ")
}
