package commands

import (
	"bytes"
	"math"
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/stream"
	"github.com/redstart-db/redstart/internal/value"
)

// Streams are the commands on streams.
func Streams(*Deps) []*cmdspec.Spec {
	return []*cmdspec.Spec{
		&xaddSpec, &xtrimSpec, &xlenSpec, &xrangeSpec, &xrevrangeSpec,
		&xdelSpec, &xdelexSpec, &xackdelSpec, &xsetidSpec, &xcfgsetSpec, &xidmprecordSpec,
		&xreadSpec, &xreadgroupSpec, &xgroupSpec, &xackSpec, &xnackSpec, &xpendingSpec,
		&xclaimSpec, &xautoclaimSpec, &xinfoSpec,
	}
}

const (
	errStreamID      = cmdspec.Error("ERR Invalid stream ID specified as stream command argument")
	errIntervalStart = cmdspec.Error("ERR invalid start ID for the interval")
	errIntervalEnd   = cmdspec.Error("ERR invalid end ID for the interval")
)

// readStream and writeStream open the stream of a key, if there is one.

func readStream(c *cmdspec.Ctx, k keyspace.Key) (s value.Stream, found bool, err error) {
	cell, found, err := c.Tx.ReadCell(k, keyspace.TypeStream)
	if !found {
		return s, false, err
	}
	return value.OpenStream(cell), true, nil
}

func writeStream(c *cmdspec.Ctx, k keyspace.Key) (s value.Stream, found bool, err error) {
	cell, found, err := c.Tx.WriteCell(k, keyspace.TypeStream)
	if !found {
		return s, false, err
	}
	return value.OpenStream(cell), true, nil
}

// makeStream opens the stream of a key, a new one if there is none.
func makeStream(c *cmdspec.Ctx, k keyspace.Key) (s value.Stream, err error) {
	cell, err := c.Tx.MakeCell(k, keyspace.TypeStream, object.Rooted, value.NewStreamSize)
	if err != nil {
		return s, err
	}
	return value.OpenStream(cell), nil
}

// existingStream is readStream that takes a missing key for an error.
func existingStream(c *cmdspec.Ctx, k keyspace.Key) (s value.Stream, err error) {
	s, found, err := readStream(c, k)
	if err == nil && !found {
		err = cmdspec.ErrNoSuchKey
	}
	return s, err
}

// groupOf opens a group and the stream of a key that it is of; both must be there.
func groupOf(c *cmdspec.Ctx, k keyspace.Key, name []byte) (s value.Stream, g stream.Group, err error) {
	s, found, err := readStream(c, k)
	if err != nil {
		return s, g, err
	}
	if found {
		g, found = s.Log().Group(name)
	}
	if !found {
		return s, g, cmdspec.Errorf("NOGROUP No such key '%s' or consumer group '%s'", k.Name, name)
	}
	return s, g, nil
}

// IDs. What clients write for one has more forms than what they get: - and +
// for the least and the greatest, a ( for what an interval leaves out,
// milliseconds alone.

// maxIDText bounds the text of an ID.
const maxIDText = 127

// parseID reads an ID; seq is what stands for a number that is left out.
func parseID(w []byte, seq uint64) (stream.ID, error) {
	if len(w) == 1 && w[0] == '-' {
		return stream.ID{}, nil
	}
	if len(w) == 1 && w[0] == '+' {
		return stream.MaxID, nil
	}
	return parseStrictID(w, seq)
}

// parseStrictID is parseID without - and +.
func parseStrictID(w []byte, seq uint64) (stream.ID, error) {
	id, hasSeq, err := parseNewID(w, seq)
	if err == nil && !hasSeq {
		err = errStreamID
	}
	return id, err
}

// parseNewID is parseStrictID of an ID that may have a star for its number:
// then hasSeq is false.
func parseNewID(w []byte, seq uint64) (id stream.ID, hasSeq bool, err error) {
	if len(w) > maxIDText {
		return id, false, errStreamID
	}
	if i := bytes.IndexByte(w, 0); i >= 0 {
		w = w[:i]
	}
	ms, number, both := bytes.Cut(w, []byte{'-'})
	id.Seq = seq
	hasSeq = true
	ok := true
	if both && len(number) == 1 && number[0] == '*' {
		hasSeq = false
		id.Seq = 0
	} else if both {
		id.Seq, ok = parseIDPart(number)
	}
	var okMS bool
	if id.MS, okMS = parseIDPart(ms); !ok || !okMS {
		return stream.ID{}, false, errStreamID
	}
	return id, hasSeq, nil
}

// parseIDPart reads a number as Redis reads one half of an ID: an integer, else
// whatever C's strtoull takes, which leaves out space in front and wraps negative numbers.
func parseIDPart(w []byte) (uint64, bool) {
	if n, ok := cmdspec.ParseInt(w); ok {
		return uint64(n), n >= 0
	}
	if len(w) == 0 {
		return 0, false
	}
	w = bytes.TrimLeft(w, " \t\n\v\f\r")
	if len(w) == 0 {
		return 0, false
	}
	return parseCursor(w)
}

// parseInterval reads the two ends of an interval as the least and the greatest
// ID in it. A text that begins with ( stands for what comes next.
func parseInterval(from, to []byte) (first, last stream.ID, err error) {
	if first, err = parseStart(from); err != nil {
		return first, last, err
	}
	to, open := cutParen(to)
	if last, err = parseEnd(to, open, math.MaxUint64); err != nil || !open {
		return first, last, err
	}
	last, ok := last.Prev()
	if !ok {
		err = errIntervalEnd
	}
	return first, last, err
}

func parseStart(from []byte) (first stream.ID, err error) {
	from, open := cutParen(from)
	if first, err = parseEnd(from, open, 0); err != nil || !open {
		return first, err
	}
	first, ok := first.Next()
	if !ok {
		err = errIntervalStart
	}
	return first, err
}

func cutParen(w []byte) (rest []byte, open bool) {
	if len(w) > 1 && w[0] == '(' {
		return w[1:], true
	}
	return w, false
}

func parseEnd(w []byte, open bool, seq uint64) (stream.ID, error) {
	if open {
		return parseStrictID(w, seq)
	}
	return parseID(w, seq)
}

// parseIDs reads IDs, all or none.
func parseIDs(words [][]byte) ([]stream.ID, error) {
	ids := make([]stream.ID, len(words))
	for i, w := range words {
		id, err := parseStrictID(w, 0)
		if err != nil {
			return nil, err
		}
		ids[i] = id
	}
	return ids, nil
}

// parseIDBlock reads the IDs behind the word IDS, after their number. next
// is the index of the word behind them.
func parseIDBlock(words [][]byte, i int, notNumber, notMatching error) (ids []stream.ID, next int, err error) {
	if i >= len(words) {
		return nil, i, cmdspec.ErrSyntax
	}
	n, ok := cmdspec.ParseInt(words[i])
	if !ok || n < 1 {
		return nil, i, notNumber
	}
	if n > int64(len(words)-i-1) {
		return nil, i, notMatching
	}
	next = i + 1 + int(n)
	ids, err = parseIDs(words[i+1 : next])
	return ids, next, err
}

// parseRefs reads what is done with references to entries that go.
func parseRefs(w []byte) (refs stream.Refs, ok bool) {
	switch {
	case cmdspec.EqualFold(w, "KEEPREF"):
		return stream.KeepRefs, true
	case cmdspec.EqualFold(w, "DELREF"):
		return stream.DeleteRefs, true
	case cmdspec.EqualFold(w, "ACKED"):
		return stream.OnlyAcked, true
	}
	return 0, false
}

// Replies.

func writeID(w *resp.Writer, id stream.ID) {
	var text [44]byte
	w.Bulk(id.AppendText(text[:0]))
}

// writeEntry writes the entry that an iteration stands on.
func writeEntry(w *resp.Writer, it *stream.Iter) {
	w.Array(2)
	writeID(w, it.ID())
	writeFields(w, it)
}

func writeFields(w *resp.Writer, it *stream.Iter) {
	n := it.Fields()
	w.Array(2 * n)
	for range n {
		name, value := it.Field()
		w.Bulk(name)
		w.Bulk(value)
	}
}

// writeEntryAt writes the entry of an ID, if there is one.
func writeEntryAt(w *resp.Writer, l stream.Log, id stream.ID) (found bool) {
	it := l.Range(id, id)
	if found = it.Next(); found {
		writeEntry(w, &it)
	}
	return found
}

// countAhead is from how many entries on a reply is counted before it is written: it then need
// not be there as a whole.
const countAhead = 1000

// writeEntries writes an array of up to count entries; 0: of all.
func writeEntries(w *resp.Writer, it stream.Iter, count int64) {
	if count == 0 || count > countAhead {
		counted := it
		n := 0
		for (count == 0 || int64(n) < count) && counted.Next() {
			n++
		}
		w.Array(n)
		for ; n > 0 && it.Next(); n-- {
			writeEntry(w, &it)
		}
		return
	}
	list := openArray(w)
	for int64(list.n) < count && it.Next() {
		list.n++
		writeEntry(w, &it)
	}
	list.close()
}

// An openList is an array whose length is known at its end.
type openList struct {
	w  *resp.Writer
	at int
	n  int
}

func openArray(w *resp.Writer) openList { return openList{w: w, at: w.Open()} }

func (l *openList) close() { l.w.CloseArray(l.at, l.n) }

// closePairs closes a list of pairs, each of which is an array in RESP2: in RESP3 it is a map.
func (l *openList) closePairs() {
	if l.w.Proto == 3 {
		l.w.CloseMap(l.at, l.n)
	} else {
		l.close()
	}
}

// Journal.

var (
	wordXClaim, wordXGroup, wordSetID     = []byte("XCLAIM"), []byte("XGROUP"), []byte("SETID")
	wordTime, wordRetryCount, wordForce   = []byte("TIME"), []byte("RETRYCOUNT"), []byte("FORCE")
	wordJustID, wordLastID, wordZero      = []byte("JUSTID"), []byte("LASTID"), []byte("0")
	wordEntriesRead, wordCreateConsumer   = []byte("ENTRIESREAD"), []byte("CREATECONSUMER")
	wordXIdmpRecord, wordEqual, wordXTrim = []byte("XIDMPRECORD"), []byte("="), []byte("XTRIM")
)

func idText(id stream.ID) []byte { return id.AppendText(nil) }

func intText(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

// journalDelivery journals what a group knows of a pending entry as a claim.
func journalDelivery(c *cmdspec.Ctx, k keyspace.Key, g stream.Group, id stream.ID) {
	if !c.Tx.Journalled() {
		return
	}
	d, _ := g.Delivery(id)
	var owner []byte
	if consumer, owned := d.Owner(); owned {
		owner = consumer.Name()
	}
	c.Tx.Effect(wordXClaim, k.Name, g.Name(), owner, wordZero, idText(id), wordTime, intText(d.Time),
		wordRetryCount, intText(d.Count), wordForce, wordJustID, wordLastID, idText(g.Last()))
}

// journalGroup journals how far a group is.
func journalGroup(c *cmdspec.Ctx, k keyspace.Key, g stream.Group) {
	if c.Tx.Journalled() {
		c.Tx.Effect(wordXGroup, wordSetID, k.Name, g.Name(), idText(g.Last()), wordEntriesRead, intText(g.Read()))
	}
}
