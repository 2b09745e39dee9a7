package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/stream"
	"github.com/redstart-db/redstart/internal/value"
)

var xclaimSpec = cmdspec.Spec{
	Name: "xclaim", Arity: -6, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Gives pending entries to a consumer of the group, as if they had been delivered to it.",
	Complexity: "O(log N) for each ID where N is the number of entries pending.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args: `key group consumer min-idle-time id [id ...] [IDLE ms] [TIME unix-time-milliseconds] [RETRYCOUNT count] [FORCE]
		[JUSTID] [LASTID id]`,
	Tips: []string{"nondeterministic_output"},
	Run:  runXClaim,
}

var xautoclaimSpec = cmdspec.Spec{
	Name: "xautoclaim", Arity: -6, Since: "6.2.0", Group: cmdspec.GroupStream,
	Summary:    "Gives a consumer of the group entries that are pending for long, whichever they are.",
	Complexity: "O(1) if COUNT is small.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args:       "key group consumer min-idle-time start{string} [COUNT count] [JUSTID]",
	Tips:       []string{"nondeterministic_output"},
	History:    [][2]string{{"7.0.0", "The IDs of entries that are gone from the stream, at the end of the reply."}},
	Run:        runXAutoClaim,
}

const (
	errClaimIdle     = cmdspec.Error("ERR Invalid min-idle-time argument for XCLAIM")
	errClaimIdleOpt  = cmdspec.Error("ERR Invalid IDLE option argument for XCLAIM")
	errClaimTime     = cmdspec.Error("ERR Invalid TIME option argument for XCLAIM")
	errClaimRetry    = cmdspec.Error("ERR Invalid RETRYCOUNT option argument for XCLAIM")
	errAutoClaimIdle = cmdspec.Error("ERR Invalid min-idle-time argument for XAUTOCLAIM")
	errClaimCount    = cmdspec.Error("ERR COUNT must be > 0")
)

// A claim is a run of XCLAIM or XAUTOCLAIM.
type claim struct {
	c        *cmdspec.Ctx
	k        keyspace.Key
	s        value.Stream
	g        stream.Group
	consumer stream.Consumer
	opened   bool // consumer is

	minIdle int64
	time    int64 // of the delivery
	hasTime bool
	retry   int64 // -1: not given
	force   bool
	justID  bool
	lastID  stream.ID
}

func runXClaim(c *cmdspec.Ctx) (err error) {
	cl := claim{c: c, k: c.Keys[0], retry: -1}
	if cl.s, cl.g, err = groupOf(c, cl.k, c.Argv[2]); err != nil {
		return err
	}
	ids, err := cl.parse()
	if err != nil {
		return err
	}
	c.Tx.Unjournalled()
	advanced := cl.g.Last().Less(cl.lastID)
	if advanced {
		editGroups(cl.c, &cl.s)
		cl.g.SetLast(cl.lastID)
	}
	seenConsumer(c, cl.g, c.Argv[3])
	list := openArray(c.Reply)
	journalled := false
	for _, id := range ids {
		wrote, changed := cl.claim(id)
		if wrote {
			list.n++
		}
		journalled = journalled || changed
	}
	list.close()
	if advanced && !journalled {
		journalGroup(c, cl.k, cl.g)
	}
	if cl.time < c.Tx.Now() {
		c.Tx.Signal(cl.k) // somebody may wait to claim what has been idle for long
	}
	c.Tx.Unannounced(cl.k)
	return nil
}

// parse reads IDs up to the first word that is none, then options.
func (cl *claim) parse() (ids []stream.ID, err error) {
	words := cl.c.Argv
	var ok bool
	if cl.minIdle, ok = cmdspec.ParseInt(words[4]); !ok {
		return nil, errClaimIdle
	}
	cl.minIdle = max(0, cl.minIdle)
	i := 5
	for ; i < len(words); i++ {
		id, err := parseStrictID(words[i], 0)
		if err != nil {
			break
		}
		ids = append(ids, id)
	}
	for i < len(words) {
		if i, err = cl.option(words, i); err != nil {
			return nil, err
		}
	}
	now := cl.c.Tx.Now()
	if !cl.hasTime || cl.time < 0 || cl.time > now {
		cl.time = now
	}
	return ids, nil
}

// option reads the option at word i and returns the index of the next.
func (cl *claim) option(words [][]byte, i int) (next int, err error) {
	w, more := words[i], i+1 < len(words)
	switch {
	case cmdspec.EqualFold(w, "FORCE"):
		cl.force = true
		return i + 1, nil
	case cmdspec.EqualFold(w, "JUSTID"):
		cl.justID = true
		return i + 1, nil
	case cmdspec.EqualFold(w, "IDLE") && more:
		n, ok := cmdspec.ParseInt(words[i+1])
		if !ok {
			return i, errClaimIdleOpt
		}
		cl.time = cl.c.Tx.Now() - n
		cl.hasTime = cl.time != -1
	case cmdspec.EqualFold(w, "TIME") && more:
		n, ok := cmdspec.ParseInt(words[i+1])
		if !ok {
			return i, errClaimTime
		}
		cl.time, cl.hasTime = n, true
	case cmdspec.EqualFold(w, "RETRYCOUNT") && more:
		n, ok := cmdspec.ParseInt(words[i+1])
		if !ok {
			return i, errClaimRetry
		}
		cl.retry = n
	case cmdspec.EqualFold(w, "LASTID") && more:
		cl.lastID, err = parseStrictID(words[i+1], 0)
	default:
		err = cmdspec.Errorf("ERR Unrecognized XCLAIM option '%s'", w)
	}
	return i + 2, err
}

// claim gives an entry to the consumer, if it is there and pending for long
// enough. wrote says that it is in the reply, changed that it was journalled.
func (cl *claim) claim(id stream.ID) (wrote, changed bool) {
	d, pending := cl.g.Delivery(id)
	if !cl.s.Log().Has(id) {
		if pending {
			cl.drop(id)
		}
		return false, pending
	}
	if !pending && !cl.force {
		return false, false
	}
	_, owned := d.Owner()
	if owned && d.Idle(cl.c.Tx.Now()) < cl.minIdle {
		return false, false
	}
	if !pending {
		d.Count = 1
	}
	cl.take(id, d.Count)
	return true, true
}

// drop acknowledges an entry that is gone from the stream.
func (cl *claim) drop(id stream.ID) {
	editGroups(cl.c, &cl.s)
	journalDelivery(cl.c, cl.k, cl.g, id)
	cl.g.Ack(id)
}

// take gives an entry that was delivered count times to the consumer and writes it.
func (cl *claim) take(id stream.ID, count int64) {
	switch {
	case cl.retry >= 0:
		count = cl.retry
	case !cl.justID:
		count = increased(count)
	}
	if !cl.opened { // who claims nothing is not made
		cl.consumer, _ = consumerOf(cl.c, cl.k, &cl.s, cl.g, cl.c.Argv[3])
		cl.opened = true
	}
	editGroups(cl.c, &cl.s)
	cl.g.Deliver(id, cl.consumer, cl.time, count)
	cl.consumer.SetActive(cl.c.Tx.Now())
	if cl.justID {
		writeID(cl.c.Reply, id)
	} else {
		writeEntryAt(cl.c.Reply, cl.s.Log(), id)
	}
	journalDelivery(cl.c, cl.k, cl.g, id)
}

// autoClaimFactor bounds how many entries XAUTOCLAIM looks at, by how many it claims.
const autoClaimFactor = 10

func runXAutoClaim(c *cmdspec.Ctx) error {
	cl := claim{c: c, k: c.Keys[0], retry: -1, time: c.Tx.Now()}
	start, count, err := cl.parseAuto()
	if err != nil {
		return err
	}
	if cl.s, cl.g, err = groupOf(c, cl.k, c.Argv[2]); err != nil {
		return err
	}
	c.Tx.Unjournalled()
	seenConsumer(c, cl.g, c.Argv[3])
	cl.auto(start, count)
	c.Tx.Unannounced(cl.k)
	return nil
}

func (cl *claim) parseAuto() (start stream.ID, count int64, err error) {
	c := cl.c
	var ok bool
	if cl.minIdle, ok = cmdspec.ParseInt(c.Argv[4]); !ok {
		return start, 0, errAutoClaimIdle
	}
	cl.minIdle = max(0, cl.minIdle)
	if start, err = parseStart(c.Argv[5]); err != nil {
		return start, 0, err
	}
	count = 100
	for a := c.ArgsFrom(6); a.More(); {
		switch {
		case a.MatchValue("COUNT"):
			n, ok := cmdspec.ParseInt(a.Next())
			if !ok || n < 1 || n > math.MaxInt64/16 {
				return start, 0, errClaimCount
			}
			count = n
		case a.Match("JUSTID"):
			cl.justID = true
		default:
			return start, 0, cmdspec.ErrSyntax
		}
	}
	return start, count, nil
}

// auto claims up to count entries from start on. It writes where to go on, what
// was claimed, and the IDs of entries that are gone.
func (cl *claim) auto(start stream.ID, count int64) {
	c := cl.c
	all := openArray(c.Reply)
	list := openArray(c.Reply)
	var gone []stream.ID
	l, now := cl.s.Log(), c.Tx.Now()
	it := cl.g.PendingFrom(start)
	d, ok := it.Next()
	for attempts := count * autoClaimFactor; attempts > 0 && count > 0 && ok; attempts-- {
		switch {
		case !l.Has(d.ID):
			cl.drop(d.ID)
			gone = append(gone, d.ID)
			count--
		case d.Idle(now) >= cl.minIdle:
			cl.take(d.ID, d.Count)
			list.n++
			count--
		}
		next, more := d.ID.Next()
		if ok = more; ok {
			it = cl.g.PendingFrom(next)
			d, ok = it.Next()
		}
	}
	list.close()
	if !ok {
		d.ID = stream.ID{}
	}
	end := len(c.Reply.Buf)
	writeID(c.Reply, d.ID)
	insertTail(c.Reply.Buf, all.at, end)
	c.Reply.Array(len(gone))
	for _, id := range gone {
		writeID(c.Reply, id)
	}
	all.n = 3
	all.close()
}

// insertTail moves what is behind end, an ID, to place at.
func insertTail(b []byte, at, end int) {
	var tail [64]byte
	n := copy(tail[:], b[end:])
	copy(b[at+n:], b[at:end])
	copy(b[at:], tail[:n])
}
