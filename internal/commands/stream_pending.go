package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/stream"
)

var xackSpec = cmdspec.Spec{
	Name: "xack", Arity: -4, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Acknowledges entries in a consumer group, and returns how many were pending.",
	Complexity: "O(M log N) where N is the number of entries pending and M that of IDs.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key group id [id ...]",
	Run:        runXAck,
}

var xnackSpec = cmdspec.Spec{
	Name: "xnack", Arity: -7, Since: "8.8.0", Group: cmdspec.GroupStream,
	Summary:    "Gives pending entries back to their consumer group, so that others can have them at once.",
	Complexity: "O(M log N) where N is the number of entries pending and M that of IDs.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key group <SILENT | FAIL | FATAL>{mode} IDS <numids{integer} id [id ...]>{ids} [RETRYCOUNT count] [FORCE]",
	Run:        runXNack,
}

var xpendingSpec = cmdspec.Spec{
	Name: "xpending", Arity: -3, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Returns what a consumer group was delivered and has not acknowledged.",
	Complexity: "O(log N + M) where N is the number of entries pending and M that of those looked at; O(C) without a range where C is the number of consumers.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key group [[IDLE min-idle-time{integer 6.2.0}] start{string} end{string} count [consumer]]{filters}",
	Tips:       []string{"nondeterministic_output"},
	History:    [][2]string{{"6.2.0", "The option `IDLE` and open intervals."}},
	Run:        runXPending,
}

const (
	errNackMode       = cmdspec.Error("ERR mode must be SILENT, FAIL, or FATAL")
	errNackIDs        = cmdspec.Error("ERR syntax error, expected IDS keyword")
	errNackNumber     = cmdspec.Error("ERR numids must be a positive integer")
	errNackMatch      = cmdspec.Error("ERR number of IDs doesn't match numids")
	errNackRetryCount = cmdspec.Error("ERR Invalid RETRYCOUNT value, must be >= 0")
)

func runXAck(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	s, found, err := readStream(c, k)
	if err != nil {
		return err
	}
	var g stream.Group
	if found {
		g, found = s.Log().Group(c.Argv[2])
	}
	if !found {
		c.Reply.Int(0)
		return nil
	}
	ids, err := parseIDs(c.Argv[3:])
	if err != nil {
		return err
	}
	n := 0
	for _, id := range ids {
		if _, pending := g.Delivery(id); pending {
			editGroups(c, &s)
			g.Ack(id)
			n++
		}
	}
	c.Tx.Unannounced(k)
	c.Reply.Int(int64(n))
	return nil
}

var wordXAck = []byte("XACK")

// journalAck journals that an entry is pending no more.
func journalAck(c *cmdspec.Ctx, k keyspace.Key, g stream.Group, id stream.ID) {
	if c.Tx.Journalled() {
		c.Tx.Effect(wordXAck, k.Name, g.Name(), idText(id))
	}
}

// nackMode says what becomes of the number of deliveries.
type nackMode uint8

const (
	nackSilent nackMode = iota // one less
	nackFail                   // the same
	nackFatal                  // as many as can be
)

// nackArgs are the options of XNACK.
type nackArgs struct {
	mode  nackMode
	ids   []stream.ID
	retry int64 // -1: not given
	force bool
}

func parseNack(words [][]byte) (a nackArgs, err error) {
	a.retry = -1
	switch {
	case cmdspec.EqualFold(words[3], "SILENT"):
	case cmdspec.EqualFold(words[3], "FAIL"):
		a.mode = nackFail
	case cmdspec.EqualFold(words[3], "FATAL"):
		a.mode = nackFatal
	default:
		return a, errNackMode
	}
	for i := 4; i < len(words); {
		w, more := words[i], len(words)-1-i
		switch {
		case cmdspec.EqualFold(w, "IDS") && a.ids == nil && more > 0:
			if a.ids, i, err = parseIDBlock(words, i+1, errNackNumber, errNackMatch); err != nil {
				return a, err
			}
			continue
		case cmdspec.EqualFold(w, "RETRYCOUNT") && more > 0:
			n, ok := cmdspec.ParseInt(words[i+1])
			switch {
			case !ok:
				return a, cmdspec.ErrNotInteger
			case n < 0:
				return a, errNackRetryCount
			}
			a.retry = n
			i++
		case cmdspec.EqualFold(w, "FORCE"):
			a.force = true
		default:
			return a, cmdspec.Errorf("ERR Unrecognized XNACK option '%s'", w)
		}
		i++
	}
	if a.ids == nil {
		err = errNackIDs
	}
	return a, err
}

// count is the number of deliveries of an entry that had n.
func (a *nackArgs) count(n int64) int64 {
	switch {
	case a.retry >= 0:
		return a.retry
	case a.mode == nackFatal:
		return math.MaxInt64
	case a.mode == nackSilent:
		return max(0, n-1)
	}
	return n
}

func runXNack(c *cmdspec.Ctx) error {
	a, err := parseNack(c.Argv)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	s, g, err := groupOf(c, k, c.Argv[2])
	if err != nil {
		return err
	}
	n := 0
	for _, id := range a.ids {
		d, pending := g.Delivery(id)
		if !pending && !(a.force && s.Log().Has(id)) {
			continue
		}
		editGroups(c, &s)
		g.Release(id, a.count(d.Count))
		n++
	}
	if n > 0 {
		c.Tx.Signal(k) // somebody may wait to claim them
	}
	c.Tx.Unannounced(k)
	c.Reply.Int(int64(n))
	return nil
}

// pendingArgs are the options of XPENDING.
type pendingArgs struct {
	minIdle     int64
	first, last stream.ID
	count       int64
	consumer    []byte // nil: of all
}

func parsePending(words [][]byte) (a pendingArgs, err error) {
	if len(words) < 6 || len(words) > 9 {
		return a, cmdspec.ErrSyntax
	}
	i, ok := 3, true
	if cmdspec.EqualFold(words[3], "IDLE") {
		if a.minIdle, ok = cmdspec.ParseInt(words[4]); !ok {
			return a, cmdspec.ErrNotInteger
		}
		if len(words) < 8 {
			return a, cmdspec.ErrSyntax
		}
		i += 2
	}
	if a.count, ok = cmdspec.ParseInt(words[i+2]); !ok {
		return a, cmdspec.ErrNotInteger
	}
	a.count = max(0, a.count)
	if a.first, a.last, err = parseInterval(words[i], words[i+1]); err != nil {
		return a, err
	}
	if i+3 < len(words) {
		a.consumer = words[i+3]
	}
	return a, nil
}

func runXPending(c *cmdspec.Ctx) error {
	var a pendingArgs
	if len(c.Argv) != 3 {
		var err error
		if a, err = parsePending(c.Argv); err != nil {
			return err
		}
	}
	_, g, err := groupOf(c, c.Keys[0], c.Argv[2])
	if err != nil {
		return err
	}
	if len(c.Argv) == 3 {
		writePendingSummary(c, g)
		return nil
	}
	it := g.PendingFrom(a.first)
	if a.consumer != nil {
		consumer, found := g.Consumer(a.consumer)
		if !found {
			c.Reply.Array(0)
			return nil
		}
		it = g.OwnFrom(consumer, a.first)
	}
	a.write(c, it)
	return nil
}

func writePendingSummary(c *cmdspec.Ctx, g stream.Group) {
	w := c.Reply
	w.Array(4)
	w.Int(int64(g.Pending()))
	if g.Pending() == 0 {
		w.Null()
		w.Null()
		w.NullArray()
		return
	}
	it := g.PendingFrom(stream.ID{})
	first, _ := it.Next()
	writeID(w, first.ID)
	writeID(w, g.LastPending())
	list := openArray(w)
	for i := range g.Consumers() {
		if consumer := g.ConsumerAt(i); consumer.Pending() > 0 {
			w.Array(2)
			w.Bulk(consumer.Name())
			w.BulkInt(int64(consumer.Pending()))
			list.n++
		}
	}
	list.close()
}

func (a *pendingArgs) write(c *cmdspec.Ctx, it stream.PendingIter) {
	w, now := c.Reply, c.Tx.Now()
	list := openArray(w)
	for int64(list.n) < a.count {
		d, ok := it.Next()
		if !ok || a.last.Less(d.ID) {
			break
		}
		if a.minIdle != 0 && d.Idle(now) < a.minIdle {
			continue
		}
		list.n++
		w.Array(4)
		writeID(w, d.ID)
		if consumer, owned := d.Owner(); owned {
			w.Bulk(consumer.Name())
			w.Int(max(0, d.Idle(now)))
		} else {
			w.BulkString("")
			w.Int(-1)
		}
		w.Int(d.Count)
	}
	list.close()
}
