package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/stream"
)

var xinfoSpec = cmdspec.Spec{
	Name: "xinfo", Arity: -2, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Commands that show the state of streams.",
	Complexity: "Depends on subcommand.",
	Sub:        []*cmdspec.Spec{&xinfoConsumers, &xinfoGroups, &xinfoHelp, &xinfoStream},
	Run:        nil,
}

var xinfoStream = cmdspec.Spec{
	Name: "stream", Arity: -3, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Returns the state of a stream.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RO|cmdspec.Access)},
	Args:       "key [FULL <[COUNT count]>{block full}]",
	History: [][2]string{{"6.0.0", "The option `FULL`."},
		{"7.0.0", "The fields `max-deleted-entry-id`, `entries-added`, `recorded-first-entry-id`, `entries-read` and `lag`."}},
	Run: runXInfoStream,
}

var xinfoGroups = cmdspec.Spec{
	Name: "groups", Arity: 3, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Returns the consumer groups of a stream.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	History:    [][2]string{{"7.0.0", "The fields `entries-read` and `lag`."}},
	Run:        runXInfoGroups,
}

var xinfoConsumers = cmdspec.Spec{
	Name: "consumers", Arity: 4, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Returns the consumers of a group.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RO|cmdspec.Access)},
	Args:       "key groupname",
	Tips:       []string{"nondeterministic_output"},
	Run:        runXInfoConsumers,
}

var xinfoHelp = cmdspec.Spec{
	Name: "help", Arity: 2, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Shows what the subcommands do.",
	Complexity: "O(1)",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Run:        runHelp,
}

// defaultInfoCount is how many entries XINFO STREAM FULL shows.
const defaultInfoCount = 10

func runXInfoStream(c *cmdspec.Ctx) error {
	s, err := existingStream(c, c.Keys[0])
	if err != nil {
		return err
	}
	full, count := false, int64(defaultInfoCount)
	if words := c.Argv[3:]; len(words) > 0 {
		full = true
		if len(words) != 1 && len(words) != 3 || !cmdspec.EqualFold(words[0], "FULL") ||
			len(words) == 3 && !cmdspec.EqualFold(words[1], "COUNT") {
			return errSubcommandSyntax(c)
		}
		if len(words) == 3 {
			n, ok := cmdspec.ParseInt(words[2])
			if !ok {
				return cmdspec.ErrNotInteger
			}
			if n >= 0 {
				count = n
			}
		}
	}
	in := streamInfo{c, s.Log(), count}
	if full {
		in.full()
	} else {
		in.brief()
	}
	return nil
}

// A streamInfo writes the reply of XINFO STREAM.
type streamInfo struct {
	*cmdspec.Ctx
	l     stream.Log
	count int64 // entries of each list; 0: all
}

func (in *streamInfo) int(name string, n int64) {
	in.Reply.BulkString(name)
	in.Reply.Int(n)
}

func (in *streamInfo) id(name string, id stream.ID) {
	in.Reply.BulkString(name)
	writeID(in.Reply, id)
}

// headFields is the number of fields that head writes.
func (in *streamInfo) headFields() int {
	if in.l.HasProducers() {
		return 13
	}
	return 7
}

func (in *streamInfo) head() {
	l := in.l
	in.int("length", int64(l.Len()))
	in.int("radix-tree-keys", int64(l.Blocks()))
	in.int("radix-tree-nodes", int64(l.Blocks())+1)
	in.id("last-generated-id", l.LastID())
	in.id("max-deleted-entry-id", l.MaxDeleted())
	in.int("entries-added", l.Added())
	in.id("recorded-first-entry-id", l.FirstID())
	if !l.HasProducers() {
		return
	}
	idmp := l.Idempotence()
	in.int("idmp-duration", idmp.Duration)
	in.int("idmp-maxsize", idmp.Most)
	in.int("pids-tracked", idmp.Producers)
	in.int("iids-tracked", idmp.Tracked)
	in.int("iids-added", idmp.Added)
	in.int("iids-duplicates", idmp.Repeated)
}

func (in *streamInfo) brief() {
	in.Reply.Map(in.headFields() + 3)
	in.head()
	in.int("groups", int64(in.l.Groups()))
	in.entry("first-entry", in.l.FirstID())
	in.entry("last-entry", in.l.TopID())
}

// entry writes an entry, or null if there is none.
func (in *streamInfo) entry(name string, id stream.ID) {
	in.Reply.BulkString(name)
	if in.l.Len() == 0 {
		in.Reply.Null()
		return
	}
	writeEntryAt(in.Reply, in.l, id)
}

func (in *streamInfo) full() {
	w := in.Reply
	w.Map(in.headFields() + 2)
	in.head()
	w.BulkString("entries")
	writeEntries(w, in.l.Range(stream.ID{}, stream.MaxID), in.count)
	w.BulkString("groups")
	w.Array(in.l.Groups())
	for i := range in.l.Groups() {
		in.group(in.l.GroupAt(i))
	}
}

func (in *streamInfo) group(g stream.Group) {
	w := in.Reply
	w.Map(8)
	in.name(g.Name())
	in.id("last-delivered-id", g.Last())
	in.progress(g)
	in.int("pel-count", int64(g.Pending()))
	in.int("nacked-count", int64(g.Released()))
	w.BulkString("pending")
	in.pending(g.PendingFrom(stream.ID{}), true)
	w.BulkString("consumers")
	w.Array(g.Consumers())
	for i := range g.Consumers() {
		consumer := g.ConsumerAt(i)
		w.Map(5)
		in.name(consumer.Name())
		in.int("seen-time", consumer.Seen())
		in.int("active-time", consumer.Active())
		in.int("pel-count", int64(consumer.Pending()))
		w.BulkString("pending")
		in.pending(g.OwnFrom(consumer, stream.ID{}), false)
	}
}

func (in *streamInfo) name(name []byte) {
	in.Reply.BulkString("name")
	in.Reply.Bulk(name)
}

// progress writes how far a group is.
func (in *streamInfo) progress(g stream.Group) {
	w := in.Reply
	w.BulkString("entries-read")
	if n := g.Read(); n != stream.NotCounted {
		w.Int(n)
	} else {
		w.Null()
	}
	w.BulkString("lag")
	if n, ok := g.Lag(); ok {
		w.Int(n)
	} else {
		w.Null()
	}
}

// pending writes a list of pending entries, with their consumers or without.
func (in *streamInfo) pending(it stream.PendingIter, consumers bool) {
	w := in.Reply
	list := openArray(w)
	for in.count == 0 || int64(list.n) < in.count {
		d, ok := it.Next()
		if !ok {
			break
		}
		list.n++
		if !consumers {
			w.Array(3)
			writeID(w, d.ID)
		} else {
			w.Array(4)
			writeID(w, d.ID)
			if owner, owned := d.Owner(); owned {
				w.Bulk(owner.Name())
			} else {
				w.BulkString("")
			}
		}
		w.Int(d.Time)
		w.Int(d.Count)
	}
	list.close()
}

func runXInfoGroups(c *cmdspec.Ctx) error {
	s, err := existingStream(c, c.Keys[0])
	if err != nil {
		return err
	}
	l := s.Log()
	in := streamInfo{c, l, 0}
	c.Reply.Array(l.Groups())
	for i := range l.Groups() {
		g := l.GroupAt(i)
		c.Reply.Map(6)
		in.name(g.Name())
		in.int("consumers", int64(g.Consumers()))
		in.int("pending", int64(g.Pending()))
		in.id("last-delivered-id", g.Last())
		in.progress(g)
	}
	return nil
}

func runXInfoConsumers(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	s, err := existingStream(c, k)
	if err != nil {
		return err
	}
	g, found := s.Log().Group(c.Argv[3])
	if !found {
		return errNoGroup(c.Argv[3], k)
	}
	in := streamInfo{c, s.Log(), 0}
	now := c.Tx.Now()
	c.Reply.Array(g.Consumers())
	for i := range g.Consumers() {
		consumer := g.ConsumerAt(i)
		inactive := int64(-1)
		if at := consumer.Active(); at != stream.NeverActive {
			inactive = max(0, now-at)
		}
		c.Reply.Map(4)
		in.name(consumer.Name())
		in.int("pending", int64(consumer.Pending()))
		in.int("idle", max(0, now-consumer.Seen()))
		in.int("inactive", inactive)
	}
	return nil
}
