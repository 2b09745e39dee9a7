package commands

import (
	"slices"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/stream"
	"github.com/redstart-db/redstart/internal/value"
)

var xaddSpec = cmdspec.Spec{
	Name: "xadd", Arity: -5, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Appends an entry to a stream, which is made if there is none.",
	Complexity: "O(1), and O(N) with a trim where N is the number of entries that it takes out.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys: []cmdspec.KeySpec{{Flags: cmdspec.RW | cmdspec.Update, Index: 1, Step: 1,
		Notes: "UPDATE instead of INSERT because of the optional trimming feature"}},
	Args: `key [NOMKSTREAM]{6.2.0} [KEEPREF | DELREF | ACKED]{condition 8.2.0}
		[IDMPAUTO producer-id | <IDMP <producer-id idempotent-id>>{block}]{idempotence 8.6.0}
		[<MAXLEN | MINID{6.2.0}>{strategy} [={equal} | ~{approximately}]{operator} threshold [LIMIT count{6.2.0}]]{trim}
		<*{auto_id} | id>{id_or_auto} field value [field value ...]`,
	Tips: []string{"nondeterministic_output"},
	History: [][2]string{{"6.2.0", "The options `NOMKSTREAM`, `MINID` and `LIMIT`."}, {"7.0.0", "IDs of the form `<ms>-*`."},
		{"8.2.0", "The options `KEEPREF`, `DELREF` and `ACKED`."}, {"8.6.0", "The options `IDMP` and `IDMPAUTO`."}},
	Run: runXAdd,
}

var xtrimSpec = cmdspec.Spec{
	Name: "xtrim", Arity: -4, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Takes entries out at the start of a stream.",
	Complexity: "O(N) where N is the number of entries taken out.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args: `key <<MAXLEN | MINID{6.2.0}>{strategy} [={equal} | ~{approximately}]{operator} threshold [LIMIT count{6.2.0}]>{trim}
		[KEEPREF | DELREF | ACKED]{condition 8.2.0}`,
	Tips: []string{"nondeterministic_output"},
	History: [][2]string{{"6.2.0", "The options `MINID` and `LIMIT`."},
		{"8.2.0", "The options `KEEPREF`, `DELREF` and `ACKED`."}},
	Run: runXTrim,
}

const (
	errTwoTrims     = cmdspec.Error("ERR syntax error, MAXLEN and MINID options at the same time are not compatible")
	errMaxLen       = cmdspec.Error("ERR The MAXLEN argument must be >= 0.")
	errLimit        = cmdspec.Error("ERR The LIMIT argument must be >= 0.")
	errLimitAlone   = cmdspec.Error("ERR syntax error, LIMIT cannot be used without specifying a trimming strategy")
	errLimitExact   = cmdspec.Error("ERR syntax error, LIMIT cannot be used without the special ~ option")
	errNoTrim       = cmdspec.Error("ERR syntax error, XTRIM must be called with a trimming strategy")
	errZeroID       = cmdspec.Error("ERR The ID specified in XADD must be greater than 0-0")
	errExhausted    = cmdspec.Error("ERR The stream has exhausted the last possible ID, unable to add more items")
	errSmallID      = cmdspec.Error("ERR The ID specified in XADD is equal or smaller than the target stream top item")
	errTooLarge     = cmdspec.Error("ERR Elements are too large to be stored")
	errTwoIdmp      = cmdspec.Error("ERR IDMP/IDMPAUTO specified multiple times")
	errIdmpID       = cmdspec.Error("ERR IDMP/IDMPAUTO can be used only with auto-generated IDs")
	errIdmpProducer = cmdspec.Error("ERR IDMP requires a non-empty producer ID")
	errIdmpName     = cmdspec.Error("ERR IDMP requires a non-empty idempotent ID")
	errAutoProducer = cmdspec.Error("ERR IDMPAUTO requires a non-empty producer ID")
)

// maxEntry bounds the fields and values of an entry together.
const maxEntry = 1 << 30

// addArgs are the options of XADD and XTRIM.
type addArgs struct {
	trim    stream.Trim
	trims   bool
	at      int  // index of the threshold
	limitAt int  // index of the word LIMIT; 0: not given
	refs    bool // what is done with references is given

	noMake        bool
	id            stream.ID
	hasID, hasSeq bool
	idAt          int

	idempotent     bool
	auto           bool
	producer, name []byte
	idmpAt         int // index of the word IDMP or IDMPAUTO
}

// parse reads the options, and of XADD the ID behind them.
func (a *addArgs) parse(c *cmdspec.Ctx, add bool) error {
	words := c.Argv
	for i := 2; i < len(words); i++ {
		next, err := a.option(words, i, add)
		if err != nil {
			return err
		}
		if next < 0 { // not an option
			if !add {
				return cmdspec.ErrSyntax
			}
			a.idAt = i
			break
		}
		i = next
	}
	if add {
		if err := a.parseID(words); err != nil {
			return err
		}
	}
	return a.check(c, add)
}

// option reads the option at word i and returns the index of its last word; -1 if it is none.
func (a *addArgs) option(words [][]byte, i int, add bool) (last int, err error) {
	w, more := words[i], len(words)-1-i
	refs, isRefs := parseRefs(w)
	switch {
	case add && len(w) == 1 && w[0] == '*':
		return -1, nil
	case cmdspec.EqualFold(w, "MAXLEN") && more > 0:
		return a.threshold(words, i, false)
	case cmdspec.EqualFold(w, "MINID") && more > 0:
		return a.threshold(words, i, true)
	case cmdspec.EqualFold(w, "LIMIT") && more > 0:
		return a.limit(words, i)
	case isRefs:
		if a.refs {
			return i, cmdspec.ErrSyntax
		}
		a.refs, a.trim.Refs = true, refs
		return i, nil
	case add && cmdspec.EqualFold(w, "NOMKSTREAM"):
		a.noMake = true
		return i, nil
	case add && cmdspec.EqualFold(w, "IDMP") && more > 1:
		return a.idempotence(words, i, false)
	case add && cmdspec.EqualFold(w, "IDMPAUTO") && more > 0:
		return a.idempotence(words, i, true)
	}
	return -1, nil
}

func (a *addArgs) threshold(words [][]byte, i int, byID bool) (last int, err error) {
	if a.trims {
		return i, errTwoTrims
	}
	a.trims, a.trim.ByID = true, byID
	if w := words[i+1]; len(words)-1-i >= 2 && len(w) == 1 && (w[0] == '~' || w[0] == '=') {
		a.trim.Approx = w[0] == '~'
		i++
	}
	i++
	a.at = i
	if byID {
		a.trim.MinID, err = parseStrictID(words[i], 0)
		return i, err
	}
	n, ok := cmdspec.ParseInt(words[i])
	switch {
	case !ok:
		return i, cmdspec.ErrNotInteger
	case n < 0:
		return i, errMaxLen
	}
	a.trim.MaxLen = uint64(n)
	return i, nil
}

func (a *addArgs) limit(words [][]byte, i int) (last int, err error) {
	n, ok := cmdspec.ParseInt(words[i+1])
	switch {
	case !ok:
		return i, cmdspec.ErrNotInteger
	case n < 0:
		return i, errLimit
	}
	a.limitAt, a.trim.Limit = i, uint64(n)
	return i + 1, nil
}

func (a *addArgs) idempotence(words [][]byte, i int, auto bool) (last int, err error) {
	if a.idempotent {
		return i, errTwoIdmp
	}
	a.idempotent, a.auto, a.idmpAt, a.producer = true, auto, i, words[i+1]
	if auto {
		if len(a.producer) == 0 {
			err = errAutoProducer
		}
		return i + 1, err
	}
	a.name = words[i+2]
	switch {
	case len(a.producer) == 0:
		err = errIdmpProducer
	case len(a.name) == 0:
		err = errIdmpName
	}
	return i + 2, err
}

// parseID reads the ID of the entry; there may be none, which is a question of arity.
func (a *addArgs) parseID(words [][]byte) (err error) {
	if a.idAt == 0 {
		a.idAt = len(words)
		return nil
	}
	if w := words[a.idAt]; len(w) == 1 && w[0] == '*' {
		return nil
	}
	a.hasID = true
	a.id, a.hasSeq, err = parseNewID(words[a.idAt], 0)
	return err
}

// check is about what does not go together.
func (a *addArgs) check(c *cmdspec.Ctx, add bool) error {
	switch {
	case a.trim.Limit > 0 && !a.trims:
		return errLimitAlone
	case !add && !a.trims:
		return errNoTrim
	case a.limitAt > 0 && !a.trim.Approx:
		return errLimitExact
	case a.idempotent && a.hasID:
		return errIdmpID
	}
	if a.limitAt == 0 && a.trim.Approx {
		a.trim.Limit = defaultTrimLimit(c.Tx.Limits())
	}
	return nil
}

// defaultTrimLimit is how many entries an approximate trim takes out at most.
func defaultTrimLimit(l *value.Limits) uint64 {
	n := 100 * l.StreamEntries.Load()
	if n <= 0 {
		n = 10_000
	}
	return uint64(min(n, 1_000_000))
}

func runXAdd(c *cmdspec.Ctx) error {
	var a addArgs
	if err := a.parse(c, true); err != nil {
		return err
	}
	pairs := c.Argv[min(a.idAt+1, len(c.Argv)):]
	if len(pairs) < 2 || len(pairs)%2 == 1 {
		return c.Spec.ErrArity()
	}
	if a.hasID && a.hasSeq && a.id.IsZero() {
		return errZeroID
	}
	if tooLarge(pairs) {
		return errTooLarge
	}
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	switch {
	case err != nil:
		return err
	case !found && a.noMake:
		c.Reply.Null()
		return nil
	case !found:
		if s, err = makeStream(c, k); err != nil {
			return err
		}
	case a.idempotent && a.repeated(c, &s, pairs):
		return nil
	}
	return a.add(c, k, &s, pairs)
}

func tooLarge(pairs [][]byte) bool {
	size := 0
	for _, p := range pairs {
		size += len(p)
	}
	return size > maxEntry
}

// add appends the entry, trims, replies and reports.
func (a *addArgs) add(c *cmdspec.Ctx, k keyspace.Key, s *value.Stream, pairs [][]byte) error {
	id, err := a.newID(s.Log(), c.Tx.Now())
	if err != nil {
		return err
	}
	l := s.Edit()
	l.Add(id, pairs, s.Limits().StreamLimits())
	a.remember(c, l, pairs, id)
	writeID(c.Reply, id)
	c.Tx.Signal(k)
	c.Tx.Notify(keyspace.ClassStream, "xadd", k)
	if a.trims && l.Trim(a.trim) > 0 {
		c.Tx.Notify(keyspace.ClassStream, "xtrim", k)
	}
	if c.Tx.Journalled() && (!a.hasID || !a.hasSeq || a.trims && a.trim.Approx) {
		a.journal(c, k, l, id)
	}
	return nil
}

// newID is the ID of the new entry.
func (a *addArgs) newID(l stream.Log, now int64) (id stream.ID, err error) {
	last := l.LastID()
	ok := true
	switch {
	case last == stream.MaxID:
		return id, errExhausted
	case !a.hasID:
		id, ok = l.NextID(now)
	case a.hasSeq:
		id = a.id
	case a.id.MS == last.MS:
		if id, ok = last.Next(); id.MS != last.MS {
			return id, errTooLarge // what Redis says then
		}
	default:
		id = a.id
	}
	if !ok || !last.Less(id) {
		return id, errSmallID
	}
	return id, nil
}

// journal journals the command with the ID that it gave and what its trim came to.
func (a *addArgs) journal(c *cmdspec.Ctx, k keyspace.Key, l stream.Log, id stream.ID) {
	words := slices.Clone(c.Argv)
	words[a.idAt] = idText(id)
	c.Tx.Effect(a.exactly(words, l)...)
	if a.idempotent {
		c.Tx.Effect(wordXIdmpRecord, k.Name, a.producer, a.name, idText(id))
	}
}

// exactly makes an approximate trim among the words of a command one that takes
// out just what this one did, and drops what concerns this run only.
func (a *addArgs) exactly(words [][]byte, l stream.Log) [][]byte {
	if a.trims && a.trim.Approx {
		words[a.at-1] = wordEqual
		switch first := l.FirstID(); {
		case !a.trim.ByID:
			words[a.at] = intText(int64(l.Len()))
		case l.Len() == 0:
			words[a.at] = idText(stream.MaxID)
		default:
			words[a.at] = idText(first)
		}
	}
	keep := words[:0]
	for i, w := range words {
		switch {
		case a.limitAt > 0 && (i == a.limitAt || i == a.limitAt+1):
		case a.idempotent && i >= a.idmpAt && i < a.idmpAt+a.idmpWords():
		default:
			keep = append(keep, w)
		}
	}
	return keep
}

func (a *addArgs) idmpWords() int {
	if a.auto {
		return 2
	}
	return 3
}

func runXTrim(c *cmdspec.Ctx) error {
	var a addArgs
	if err := a.parse(c, false); err != nil {
		return err
	}
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	if err != nil {
		return err
	}
	n := 0
	if found && a.mayTrim(s.Log()) {
		n = s.Edit().Trim(a.trim)
		c.Tx.Unannounced(k)
	}
	if n > 0 {
		c.Tx.Notify(keyspace.ClassStream, "xtrim", k)
		if c.Tx.Journalled() && a.trim.Approx {
			c.Tx.Effect(a.exactly(slices.Clone(c.Argv), s.Log())...)
		}
	} else {
		c.Tx.Unjournalled()
	}
	c.Reply.Int(int64(n))
	return nil
}

// mayTrim says whether there is anything to take out, as far as can be seen at once.
func (a *addArgs) mayTrim(l stream.Log) bool {
	if a.trim.ByID {
		return l.Len() > 0 && l.FirstID().Less(a.trim.MinID)
	}
	return uint64(l.Len()) > a.trim.MaxLen
}
