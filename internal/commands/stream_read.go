package commands

import (
	"bytes"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/stream"
)

var xreadSpec = cmdspec.Spec{
	Name: "xread", Arity: -4, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Returns the entries of streams that come after given IDs, and waits for some if there are none.",
	Complexity: "O(log N + M) for each stream where N is the number of its entries and M that of entries returned.",
	Flags:      cmdspec.ReadOnly | cmdspec.Blocking | cmdspec.MovableKeys,
	Keys: []cmdspec.KeySpec{{Flags: cmdspec.RO | cmdspec.Access, Keyword: "STREAMS", StartFrom: 1,
		Last: -1, Step: 1, Limit: 2}},
	Args: `[COUNT count] [MAXCOUNT maxcount{integer}]{8.10.0} [MAXSIZE maxsize{integer}]{8.10.0} [BLOCK milliseconds]
		STREAMS <key [key ...] id [id ...]>{streams}`,
	History: [][2]string{{"7.4.0", "The ID `+`."}, {"8.10.0", "The options `MAXCOUNT` and `MAXSIZE`."}},
	Run:     runXRead,
}

var xreadgroupSpec = cmdspec.Spec{
	Name: "xreadgroup", Arity: -7, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary: "Delivers new entries of streams to a consumer of a group, and waits for some if there are none; " +
		"or returns what the consumer has pending.",
	Complexity: "O(M log N) for each stream where N is the number of its entries and M that of entries returned.",
	Flags:      cmdspec.Write | cmdspec.Blocking | cmdspec.MovableKeys,
	Keys: []cmdspec.KeySpec{{Flags: cmdspec.RO | cmdspec.Access, Keyword: "STREAMS", StartFrom: 4,
		Last: -1, Step: 1, Limit: 2}},
	Args: `GROUP <group consumer> [COUNT count] [MAXCOUNT maxcount{integer}]{8.10.0} [MAXSIZE maxsize{integer}]{8.10.0}
		[BLOCK milliseconds] [CLAIM min-idle-time{integer}]{8.4.0} [NOACK] STREAMS <key [key ...] id [id ...]>{streams}`,
	History: [][2]string{{"8.4.0", "The option `CLAIM`."}, {"8.10.0", "The options `MAXCOUNT` and `MAXSIZE`."}},
	Run:     runXReadGroup,
}

const (
	errGroupOption   = cmdspec.Error("ERR The GROUP option is only supported by XREADGROUP. You called XREAD instead.")
	errNoAckOption   = cmdspec.Error("ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.")
	errClaimOption   = cmdspec.Error("ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead.")
	errUnbalanced    = cmdspec.Error("ERR Unbalanced XREAD list of streams: for each stream key an ID or '$' must be specified.")
	errMissingGroup  = cmdspec.Error("ERR Missing GROUP option for XREADGROUP")
	errNewOnly       = cmdspec.Error("ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option.")
	errMaxCount      = cmdspec.Error("ERR MAXCOUNT must be a positive integer")
	errMaxSize       = cmdspec.Error("ERR MAXSIZE must be a positive integer")
	errCountAbove    = cmdspec.Error("ERR MAXCOUNT must be greater than or equal to COUNT")
	errIdleInteger   = cmdspec.Error("ERR min-idle-time is not an integer")
	errIdlePositive  = cmdspec.Error("ERR min-idle-time must be a positive integer")
	errStreamGone    = cmdspec.Error("UNBLOCKED the stream key no longer exists")
	errGroupGone     = cmdspec.Error("NOGROUP the consumer group this client was blocked on no longer exists")
	errDollarInGroup = cmdspec.Error("ERR The $ ID is meaningless in the context of XREADGROUP: you want to read the history of " +
		"this consumer by specifying a proper ID, or use the > ID to get new messages. The $ ID would just return an empty result set.")
	errPlusInGroup = cmdspec.Error("ERR The + ID is meaningless in the context of XREADGROUP: you want to read the history of " +
		"this consumer by specifying a proper ID, or use the > ID to get new messages. The + ID would just return an empty result set.")
)

// A streamRead is a run of XREAD or XREADGROUP.
type streamRead struct {
	c        *cmdspec.Ctx
	grouped  bool // XREADGROUP
	count    int64
	maxCount int64 // of all streams; 0: any number
	maxSize  int64 // of the reply; 0: any size
	blocks   bool
	deadline int64
	noAck    bool
	claims   bool
	minIdle  int64
	group    []byte
	consumer []byte

	first int // index of the first key, behind which come as many IDs
	n     int
	from  []readFrom

	start   int // of the reply
	entries int64
	full    bool
}

// readFrom is where to read a stream.
type readFrom struct {
	after stream.ID
	kind  readKind
}

type readKind uint8

const (
	readAfter readKind = iota // what comes after an ID; in a group, what is pending
	readNew                   // what nobody in the group got: >
	readLast                  // the last entry: +
)

func runXRead(c *cmdspec.Ctx) error { return runStreamRead(c, false) }

func runXReadGroup(c *cmdspec.Ctx) error { return runStreamRead(c, true) }

func runStreamRead(c *cmdspec.Ctx, grouped bool) error {
	r := streamRead{c: c, grouped: grouped, start: len(c.Reply.Buf)}
	if err := r.parse(); err != nil {
		return err
	}
	if err := r.resolve(); err != nil {
		return err
	}
	if grouped {
		c.Tx.Unjournalled()
	}
	list := openArray(c.Reply)
	for i := 0; i < r.n && !r.full; i++ {
		if r.serve(i) {
			list.n++
		}
	}
	if list.n > 0 {
		list.closePairs()
		return nil
	}
	c.Reply.Abandon(list.at)
	return r.block()
}

// block makes the client wait, for what comes after now if it asked for that.
func (r *streamRead) block() error {
	c := r.c
	if !r.blocks {
		c.Reply.NullArray()
		return nil
	}
	if r.grouped {
		err := c.BlockExisting(c.Keys, r.deadline, cmdspec.BlockNullArray)
		c.LookAgain(r.nextIdle())
		return err
	}
	for i, f := range r.from {
		if w := &c.Argv[r.first+r.n+i]; len(*w) == 1 && (*w)[0] == '$' {
			*w = idText(f.after)
		}
	}
	return c.Block(c.Keys, r.deadline, cmdspec.BlockNullArray)
}

func (r *streamRead) parse() error {
	words := r.c.Argv
	for i := 1; i < len(words); i++ {
		last, err := r.option(words, i)
		if err != nil {
			return err
		}
		i = last
	}
	switch {
	case r.first == 0:
		return cmdspec.ErrSyntax
	case r.grouped && r.group == nil:
		return errMissingGroup
	case r.maxCount > 0 && r.count > r.maxCount:
		return errCountAbove
	}
	return nil
}

// option reads the option at word i and returns the index of its last word.
func (r *streamRead) option(words [][]byte, i int) (last int, err error) {
	w, more := words[i], len(words)-1-i
	switch {
	case cmdspec.EqualFold(w, "BLOCK") && more > 0:
		r.blocks = true
		r.deadline, err = parseMilliTimeout(words[i+1], r.c.Tx.Now())
		return i + 1, err
	case cmdspec.EqualFold(w, "COUNT") && more > 0:
		n, ok := cmdspec.ParseInt(words[i+1])
		if !ok {
			return i, cmdspec.ErrNotInteger
		}
		r.count = max(0, n)
		return i + 1, nil
	case cmdspec.EqualFold(w, "MAXCOUNT") && more > 0:
		r.maxCount, err = positiveWord(words[i+1], errMaxCount)
		return i + 1, err
	case cmdspec.EqualFold(w, "MAXSIZE") && more > 0:
		r.maxSize, err = positiveWord(words[i+1], errMaxSize)
		return i + 1, err
	case cmdspec.EqualFold(w, "STREAMS") && more > 0:
		return r.streams(i + 1)
	case cmdspec.EqualFold(w, "GROUP") && more > 1:
		if !r.grouped {
			return i, errGroupOption
		}
		r.group, r.consumer = words[i+1], words[i+2]
		return i + 2, nil
	case cmdspec.EqualFold(w, "NOACK"):
		if !r.grouped {
			return i, errNoAckOption
		}
		r.noAck = true
		return i, nil
	case cmdspec.EqualFold(w, "CLAIM") && more > 0:
		return i + 1, r.claim(words[i+1])
	}
	return i, cmdspec.ErrSyntax
}

func positiveWord(w []byte, e cmdspec.Error) (int64, error) {
	n, ok := cmdspec.ParseInt(w)
	if !ok || n < 1 {
		return 0, e
	}
	return n, nil
}

func (r *streamRead) claim(w []byte) error {
	n, ok := cmdspec.ParseInt(w)
	switch {
	case !r.grouped:
		return errClaimOption
	case !ok:
		return errIdleInteger
	case n < 0:
		return errIdlePositive
	}
	r.claims, r.minIdle = true, n
	return nil
}

// streams notes where the keys are; they end the command.
func (r *streamRead) streams(first int) (last int, err error) {
	n := len(r.c.Argv) - first
	if n%2 == 1 {
		return first, errUnbalanced
	}
	r.first, r.n = first, n/2
	return len(r.c.Argv), nil
}

// key is the key of stream i. A client that was woken for one of them has
// only that: ok is false for the others.
func (r *streamRead) key(i int) (k keyspace.Key, ok bool) {
	if len(r.c.Keys) == r.n && !r.c.Woken {
		return r.c.Keys[i], true
	}
	for _, k := range r.c.Keys {
		if bytes.Equal(k.Name, r.c.Argv[r.first+i]) {
			return k, true
		}
	}
	return k, false
}

// resolve checks the streams and groups, and makes IDs of the words for them.
func (r *streamRead) resolve() error {
	r.from = make([]readFrom, r.n)
	for i := range r.n {
		if k, ok := r.key(i); ok {
			if err := r.resolveStream(i, k); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *streamRead) resolveStream(i int, k keyspace.Key) (err error) {
	s, found, err := readStream(r.c, k)
	switch {
	case err != nil && r.c.Woken:
		return errStreamGone // something else is in its place
	case err != nil:
		return err
	}
	if r.grouped {
		if err := r.checkGroup(k); err != nil {
			return err
		}
	}
	f, w := &r.from[i], r.c.Argv[r.first+r.n+i]
	switch {
	case string(w) == "$" && r.grouped:
		return errDollarInGroup
	case string(w) == "$":
		if found {
			f.after = s.Log().LastID()
		}
	case string(w) == ">" && !r.grouped:
		return errNewOnly
	case string(w) == ">":
		f.kind = readNew
	case string(w) == "+" && r.grouped:
		return errPlusInGroup
	case string(w) == "+":
		f.kind = readLast
	default:
		f.after, err = parseStrictID(w, 0)
	}
	return err
}

func (r *streamRead) checkGroup(k keyspace.Key) error {
	s, found, err := writeStream(r.c, k)
	if err != nil {
		return err
	}
	hasGroup := false
	if found {
		_, hasGroup = s.Log().Group(r.group)
	}
	switch {
	case hasGroup:
		return nil
	case !r.c.Woken:
		return cmdspec.Errorf("NOGROUP No such key '%s' or consumer group '%s' in XREADGROUP with GROUP option", k.Name, r.group)
	case !found:
		return errStreamGone
	}
	return errGroupGone
}

// serve writes what there is of stream i, and says whether it wrote anything.
func (r *streamRead) serve(i int) bool {
	k, ok := r.key(i)
	if !ok {
		return false
	}
	if r.grouped {
		return r.serveGroup(k, r.from[i])
	}
	s, found, _ := readStream(r.c, k)
	if !found || s.Log().Len() == 0 {
		return false
	}
	l, f := s.Log(), r.from[i]
	if f.kind == readLast {
		top := l.TopID()
		return r.list(k, false, func() { r.write(l.Range(top, top), 1, nil) })
	}
	next, ok := f.after.Next()
	if !ok || !f.after.Less(l.TopID()) {
		return false
	}
	return r.list(k, false, func() { r.write(l.Range(next, stream.MaxID), r.count, nil) })
}

// list writes the name of a stream and the array of what f writes, if that is
// anything or empty ones are wanted, too.
func (r *streamRead) list(k keyspace.Key, empty bool, f func()) bool {
	w, before := r.c.Reply, r.entries
	at := len(w.Buf)
	if w.Proto != 3 {
		w.Array(2)
	}
	w.Bulk(k.Name)
	list := openArray(w)
	f()
	if list.n = int(r.entries - before); list.n == 0 && !empty {
		w.Abandon(list.at)
		w.Buf = w.Buf[:at]
		return false
	}
	list.close()
	return true
}

// write writes up to count entries (0: all), and says of each that it did.
func (r *streamRead) write(it stream.Iter, count int64, wrote func(id stream.ID)) {
	for n := int64(0); (count == 0 || n < count) && it.Next(); n++ {
		at := r.mark()
		writeEntry(r.c.Reply, &it)
		if !r.take(at) {
			return
		}
		if wrote != nil {
			wrote(it.ID())
		}
		if r.full {
			return
		}
	}
}

func (r *streamRead) mark() int { return len(r.c.Reply.Buf) }

// take says whether the entry that was written from a mark on is part of the
// reply. It is not if the reply is too long with it, unless it is the first.
func (r *streamRead) take(mark int) bool {
	w := r.c.Reply
	if r.maxSize > 0 && r.entries > 0 && int64(len(w.Buf)-r.start) > r.maxSize {
		w.Buf = w.Buf[:mark]
		r.full = true
		return false
	}
	r.entries++
	if r.entries == r.maxCount {
		r.full = true
	}
	return true
}
