package commands

import (
	"fmt"
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var memorySpec = cmdspec.Spec{
	Name: "memory", Arity: -2, Since: "4.0.0", Group: cmdspec.GroupServer,
	Summary:    "Looks at the use of memory.",
	Complexity: "As the subcommand.",
}

var memoryHelpSpec = cmdspec.Spec{
	Name: "help", Arity: 2, Since: "4.0.0", Group: cmdspec.GroupServer,
	Summary:    "Describes the subcommands.",
	Complexity: "O(1)",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Run:        runHelp,
}

var memoryUsageSpec = cmdspec.Spec{
	Name: "usage", Arity: -3, Since: "4.0.0", Group: cmdspec.GroupServer,
	Summary:    "Returns how many bytes a key and its value take.",
	Complexity: "O(N) where N is the number of samples.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RO)},
	Args:       "key [SAMPLES count]",
	Run:        runMemoryUsage,
}

// runMemoryUsage answers exactly, so it needs no samples.
func runMemoryUsage(c *cmdspec.Ctx) error {
	a := c.ArgsFrom(3)
	for a.More() {
		if !a.MatchValue("SAMPLES") {
			return cmdspec.ErrSyntax
		}
		if a.Int() < 0 {
			a.Fail(cmdspec.ErrSyntax)
		}
	}
	if err := a.Done(); err != nil {
		return err
	}
	e, found := c.Tx.Peek(c.Keys[0])
	if !found {
		c.Reply.Null()
		return nil
	}
	c.Reply.Int(e.Memory())
	return nil
}

var memoryPurgeSpec = cmdspec.Spec{
	Name: "purge", Arity: 2, Since: "4.0.0", Group: cmdspec.GroupServer,
	Summary:    "Gives unused pages back to the system.",
	Complexity: "O(N) where N is the number of free pages.",
	Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
	Locks:      cmdspec.LockEach,
}

func (d *Deps) runMemoryPurge(c *cmdspec.Ctx) error {
	c.Tx.Purge()
	c.Reply.OK()
	return nil
}

var memoryStatsSpec = cmdspec.Spec{
	Name: "stats", Arity: 2, Since: "4.0.0", Group: cmdspec.GroupServer,
	Summary:    "Returns where the memory is.",
	Complexity: "O(1)",
	Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
	Locks:      cmdspec.LockEach,
}

// memoryReport is what MEMORY STATS, DOCTOR and MALLOC-STATS look at.
type memoryReport struct {
	Process
	keyspace.Memory
	dbs  []int64 // keys of each database
	keys int64
}

func (d *Deps) memoryReport(tx *keyspace.Tx) memoryReport {
	r := memoryReport{Process: d.process(), Memory: tx.Memory()}
	for _, db := range tx.Stats().Keys {
		r.dbs = append(r.dbs, db.Keys)
		r.keys += db.Keys
	}
	return r
}

// total is the memory in use, of which overhead is not data.
func (r *memoryReport) total() int64 { return max(r.Process.Used, r.Memory.Used) }

func (r *memoryReport) overhead() int64 {
	return min(r.total(), r.Startup+r.Backlog+r.Clients+r.Replicas+r.AOF+r.Index+r.Expiry)
}

func (d *Deps) runMemoryStats(c *cmdspec.Ctx) error {
	r := d.memoryReport(c.Tx)
	s := statsMap{}
	peak := max(r.Peak, r.total())
	data := r.total() - r.overhead()
	s.int("peak.allocated", peak)
	s.int("total.allocated", r.total())
	s.int("startup.allocated", r.Startup)
	s.int("replication.backlog", r.Backlog)
	s.int("clients.slaves", r.Replicas)
	s.int("clients.normal", r.Clients)
	s.int("cluster.links", 0)
	s.int("aof.buffer", r.AOF)
	s.int("lua.caches", 0)
	s.int("functions.caches", 0)
	for i, keys := range r.dbs {
		if keys > 0 {
			s.db(i, share(r.Index, keys, r.keys), share(r.Expiry, keys, r.keys))
		}
	}
	s.int("overhead.total", r.overhead())
	s.int("keys.count", r.keys)
	s.int("keys.bytes-per-key", share(max(r.total()-r.Startup, 0), 1, r.keys))
	s.int("dataset.bytes", data)
	s.double("dataset.percentage", 100*ratio(data, r.total()-r.Startup))
	s.double("peak.percentage", 100*ratio(r.total(), peak))
	s.int("allocator.allocated", r.Memory.Used)
	s.int("allocator.active", r.Committed)
	s.int("allocator.resident", r.Committed)
	s.double("allocator-fragmentation.ratio", ratio(r.Committed, r.Memory.Used))
	s.int("allocator-fragmentation.bytes", r.Committed-r.Memory.Used)
	s.double("allocator-rss.ratio", 1)
	s.int("allocator-rss.bytes", 0)
	s.double("rss-overhead.ratio", ratio(r.RSS, r.Committed))
	s.int("rss-overhead.bytes", r.RSS-r.Committed)
	s.double("fragmentation", ratio(r.RSS, r.total()))
	s.int("fragmentation.bytes", r.RSS-r.total())
	s.write(c)
	return nil
}

// share is part of a total in proportion; 0 of nothing.
func share(total, part, whole int64) int64 {
	if whole == 0 {
		return 0
	}
	return int64(float64(total) * float64(part) / float64(whole))
}

func ratio(a, b int64) float64 {
	if b <= 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// statsMap is a map reply that is written when it is complete.
type statsMap []func(*cmdspec.Ctx)

func (s *statsMap) int(name string, n int64) {
	*s = append(*s, func(c *cmdspec.Ctx) {
		c.Reply.BulkString(name)
		c.Reply.Int(n)
	})
}

func (s *statsMap) double(name string, f float64) {
	*s = append(*s, func(c *cmdspec.Ctx) {
		c.Reply.BulkString(name)
		c.Reply.Double(f)
	})
}

func (s *statsMap) db(i int, index, expiry int64) {
	*s = append(*s, func(c *cmdspec.Ctx) {
		c.Reply.BulkString(fmt.Sprint("db.", i))
		sub := statsMap{}
		sub.int("overhead.hashtable.main", index)
		sub.int("overhead.hashtable.expires", expiry)
		sub.int("overhead.hashtable.slot-to-keys", 0)
		sub.write(c)
	})
}

func (s statsMap) write(c *cmdspec.Ctx) {
	c.Reply.Map(len(s))
	for _, line := range s {
		line(c)
	}
}

var memoryMallocStatsSpec = cmdspec.Spec{
	Name: "malloc-stats", Arity: 2, Since: "4.0.0", Group: cmdspec.GroupServer,
	Summary:    "Returns what the allocators have to say.",
	Complexity: "O(1)",
	Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
	Locks:      cmdspec.LockEach,
}

func (d *Deps) runMallocStats(c *cmdspec.Ctx) error {
	m := c.Tx.Memory()
	var b strings.Builder
	for _, line := range []struct {
		name  string
		bytes int64
	}{
		{"used", m.Used}, {"records", m.Records}, {"blobs", m.Blobs}, {"elements", m.Elements}, {"index", m.Index}, {"expiry", m.Expiry},
		{"committed", m.Committed}, {"free", m.Committed - m.Used}, {"lazyfree", m.LazyfreeBytes},
	} {
		fmt.Fprintf(&b, "%-10s %d\n", line.name, line.bytes)
	}
	c.Reply.Verbatim("txt", b.String())
	return nil
}

var memoryDoctorSpec = cmdspec.Spec{
	Name: "doctor", Arity: 2, Since: "4.0.0", Group: cmdspec.GroupServer,
	Summary:    "Reports what is unusual about the use of memory.",
	Complexity: "O(1)",
	Tips:       []string{"nondeterministic_output", "request_policy:all_shards", "response_policy:special"},
	Locks:      cmdspec.LockEach,
}

// doctorMinimum is the memory below which a diagnosis means nothing.
const doctorMinimum = 5 << 20

func (d *Deps) runMemoryDoctor(c *cmdspec.Ctx) error {
	r := d.memoryReport(c.Tx)
	c.Reply.Verbatim("txt", r.diagnosis())
	return nil
}

// diagnosis names what is unusual, by the thresholds that Redis has.
func (r *memoryReport) diagnosis() string {
	if r.total() < doctorMinimum {
		return "There is too little data for a diagnosis: the figures mean something from 5 MB on.\n"
	}
	var found []string
	add := func(unusual bool, text string) {
		if unusual {
			found = append(found, " * "+text)
		}
	}
	add(ratio(r.Peak, r.total()) > 1.5,
		"Peak: there was a time when more than 1.5 times the present memory was in use; MEMORY PURGE gives back what is still free.")
	add(ratio(r.Committed, r.Memory.Used) > 1.1 && r.Committed-r.Memory.Used > 10<<20,
		"Fragmentation: over a tenth of the pages taken from the system holds no data.")
	add(ratio(r.RSS, r.Committed) > 1.4 && r.RSS-r.Committed > 10<<20,
		"Overhead: the process takes far more memory than the data; buffers of clients are the usual reason.")
	add(r.Clients > 0 && r.Clients/max(r.keys, 1) > 200<<10,
		"Clients: their buffers are large; a client may not be reading its replies.")
	add(r.LazyfreeBytes > r.total()/4, "Deleted data: over a quarter of the memory waits to be reclaimed in the background.")
	if len(found) == 0 {
		return "Nothing unusual about the use of memory.\n"
	}
	return "Worth a look:\n\n" + strings.Join(found, "\n") + "\n"
}
