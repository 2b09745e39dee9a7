package server

import (
	"fmt"
	"slices"
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/session"
)

// A section of INFO.
type section struct {
	name  string
	title string
	extra bool // not part of the default
	asked bool // only if it is asked for by its name: it costs much
	write func(*Server, *report)
}

// sections are all of INFO, in order.
var sections = []section{
	{name: "server", title: "Server", write: infoServer},
	{name: "clients", title: "Clients", write: infoClients},
	{name: "memory", title: "Memory", write: infoMemory},
	{name: "persistence", title: "Persistence", write: infoPersistence},
	{name: "threads", title: "Threads", extra: true, write: infoThreads},
	{name: "stats", title: "Stats", write: infoStats},
	{name: "replication", title: "Replication", write: infoReplication},
	{name: "cpu", title: "CPU", write: infoCPU},
	{name: "modules", title: "Modules", write: func(*Server, *report) {}},
	{name: "commandstats", title: "Commandstats", extra: true, write: infoCommands},
	{name: "errorstats", title: "Errorstats", write: infoErrors},
	{name: "latencystats", title: "Latencystats", extra: true, write: infoLatency},
	{name: "cluster", title: "Cluster", write: infoCluster},
	{name: "keyspace", title: "Keyspace", write: infoKeyspace},
	{name: "keysizes", title: "Keysizes", asked: true, write: infoKeySizes},
}

func (s *Server) infoCommand() *cmdspec.Spec {
	return &cmdspec.Spec{
		Name: "info", Arity: -1, Since: "1.0.0", Group: cmdspec.GroupServer,
		Summary:    "Tells about the server and its statistics.",
		Complexity: "O(1)",
		Flags:      cmdspec.Loading | cmdspec.Stale,
		Categories: "dangerous",
		Args:       "[section [section ...]]",
		Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
		History:    [][2]string{{"7.0.0", "Several sections in one call."}},
		Locks:      cmdspec.LockEach,
		Run:        s.runInfo,
	}
}

func (s *Server) runInfo(c *cmdspec.Ctx) error {
	var names []string
	for _, w := range c.Argv[1:] {
		names = append(names, strings.ToLower(string(w)))
	}
	c.Reply.Verbatim("txt", s.info(c.Tx, names))
	return nil
}

// info writes the sections asked for, each once, in their own order.
func (s *Server) info(tx *keyspace.Tx, names []string) string {
	r := &report{tx: tx, clients: s.hub.Stats(), keys: tx.Stats(), memory: tx.Memory()}
	for _, sec := range sections {
		if !sec.wanted(names) {
			continue
		}
		if r.b.Len() > 0 {
			r.b.WriteString("\r\n")
		}
		fmt.Fprintf(&r.b, "# %s\r\n", sec.title)
		sec.write(s, r)
	}
	return r.b.String()
}

func (sec section) wanted(names []string) bool {
	has := func(name string) bool { return slices.Contains(names, name) }
	if sec.asked {
		return has(sec.name)
	}
	return has(sec.name) || has("all") || has("everything") ||
		!sec.extra && (len(names) == 0 || has("default"))
}

// A report is INFO in the making, with the figures that sections share.
type report struct {
	b       strings.Builder
	tx      *keyspace.Tx
	clients session.Stats
	keys    keyspace.Stats
	memory  keyspace.Memory
}

// add writes a field.
func (r *report) add(name string, value any) { fmt.Fprintf(&r.b, "%s:%v\r\n", name, value) }

// addf writes a field with a format.
func (r *report) addf(name, format string, args ...any) {
	r.add(name, fmt.Sprintf(format, args...))
}

// bytes writes a number of bytes and the same for people.
func (r *report) bytes(name string, n int64) {
	r.add(name, n)
	r.add(name+"_human", human(n))
}

// same writes fields that all have one value: of what does not exist yet.
func (r *report) same(value any, names string) {
	for name := range strings.FieldsSeq(names) {
		r.add(name, value)
	}
}

// human writes bytes with a unit and two decimals.
func human(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%dB", n)
	}
	f := float64(n)
	for _, unit := range "KMGTP" {
		if f /= 1024; f < 1024 {
			return fmt.Sprintf("%.2f%c", f, unit)
		}
	}
	return fmt.Sprintf("%dB", n)
}

// percent is part of whole in hundredths; 0 of nothing.
func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// ratio is a over b; 0 of nothing.
func ratio(a, b int64) float64 { return percent(a, b) / 100 }
