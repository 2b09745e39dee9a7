package commands

import (
	"cmp"
	"slices"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// Intersection, union and difference. Each walks one set after the other in
// waves (see value.Wave) and leaves in a wave what is part of the result:
//
//   - of the intersection, the members of the smallest set that are in all others;
//   - of the difference, the members of the first that are in no other;
//   - of the union, the members of each that are in none before it.
//
// So members come one by one, each once, and no set of them has to be made
// unless it is to be stored. Only a union of many sets is gathered in one (see joinMax).

// setOperation is which of them.
type setOperation int

const (
	opInter setOperation = iota
	opUnion
	opDiff
)

// algebra is an operation on some sets.
type algebra struct {
	op   setOperation
	sets []value.Set // those that exist; none if the result is empty for sure
}

// fewSets is room for the sets of most commands.
type fewSets [8]value.Set

// sources appends the sets at keys to room, in the order in which the operation wants
// them. It looks at all of them, so that one of another type is an error in any case.
func (g *algebra) sources(c *cmdspec.Ctx, keys []keyspace.Key, room []value.Set) error {
	g.sets = room
	empty := false
	for i, k := range keys {
		s, found, err := readSet(c, k)
		if err != nil {
			return err
		}
		switch {
		case found:
			g.sets = append(g.sets, s)
		case g.op == opInter, g.op == opDiff && i == 0:
			empty = true
		}
	}
	if empty {
		g.sets = g.sets[:0]
	}
	switch g.op {
	case opInter:
		slices.SortStableFunc(g.sets, func(a, b value.Set) int { return cmp.Compare(a.Len(), b.Len()) })
	case opUnion: // the largest is not looked up
		slices.SortStableFunc(g.sets, func(a, b value.Set) int { return cmp.Compare(b.Len(), a.Len()) })
	}
	return nil
}

// A wanderer goes through the result of an operation.
type wanderer struct {
	g    *algebra
	at   int // the set that walk is in
	walk value.SetWalk
}

func (g *algebra) wander() wanderer {
	w := wanderer{g: g}
	if len(g.sets) > 0 {
		w.walk = g.sets[0].Walk()
	}
	return w
}

// next fills the wave with members of the result and says whether there may be more of them;
// the wave may be empty then.
func (w *wanderer) next(wave *value.Wave) (more bool) {
	sets := w.g.sets
	if len(sets) == 0 {
		return false
	}
	for !w.walk.Next(wave) {
		w.at++
		if w.g.op != opUnion || w.at >= len(sets) {
			return false
		}
		w.walk = sets[w.at].Walk()
	}
	others := sets[1:]
	if w.g.op == opUnion {
		others = sets[:w.at]
	}
	for i := range others {
		if wave.Len() == 0 {
			break
		}
		others[i].Filter(wave, w.g.op == opInter)
	}
	return true
}

// joinMax is up to how many sets a union looks for a member in those before;
// beyond, gathering the members in a set of their own costs less.
const joinMax = 5

// card counts the members of the result, up to limit unless that is 0.
func (g *algebra) card(c *cmdspec.Ctx, k keyspace.Key, limit int64) int64 {
	if g.gathers() {
		return g.cardGathered(c, k, limit)
	}
	if len(g.sets) == 1 {
		return capped(int64(g.sets[0].Len()), limit)
	}
	var n int64
	var wave value.Wave
	for w := g.wander(); w.next(&wave); {
		if n += int64(wave.Len()); limit > 0 && n >= limit {
			return limit
		}
	}
	return n
}

func capped(n, limit int64) int64 {
	if limit > 0 {
		return min(n, limit)
	}
	return n
}

// gathers says whether it is better to make a set of the result, even if it is not stored.
func (g *algebra) gathers() bool { return g.op == opUnion && len(g.sets) > joinMax }

// cardGathered is card of a union of many sets; k says where the draft may be.
func (g *algebra) cardGathered(c *cmdspec.Ctx, k keyspace.Key, limit int64) int64 {
	d := draftSet{c: c, k: k}
	defer d.drop()
	var wave value.Wave
	for i := range g.sets {
		for walk := g.sets[i].Walk(); walk.Next(&wave); {
			if d.add(&wave, false); limit > 0 && int64(d.len()) >= limit {
				return limit
			}
		}
	}
	return int64(d.len())
}

// write replies with the result; k says where a draft may be.
func (g *algebra) write(c *cmdspec.Ctx, k keyspace.Key) {
	switch {
	case len(g.sets) == 0:
		c.Reply.Set(0)
	case len(g.sets) == 1:
		writeMembers(c, &g.sets[0])
	case g.gathers():
		d := g.gather(c, k)
		writeMembers(c, &d.set)
		d.drop()
	default:
		g.writeWaves(c)
	}
}

func (g *algebra) writeWaves(c *cmdspec.Ctx) {
	at, n := c.Reply.Open(), 0
	var wave value.Wave
	for w := g.wander(); w.next(&wave); {
		n += wave.Len()
		for i := range wave.Len() {
			c.Reply.Bulk(wave.Member(i))
		}
	}
	c.Reply.CloseSet(at, n)
}

// gather makes a set of the result, in the arena of k.
func (g *algebra) gather(c *cmdspec.Ctx, k keyspace.Key) draftSet {
	d := draftSet{c: c, k: k}
	var wave value.Wave
	if g.op != opUnion {
		for w := g.wander(); w.next(&wave); {
			d.add(&wave, true)
		}
		return d
	}
	for i := range g.sets {
		if i == 0 && d.copies(&g.sets[0]) {
			continue
		}
		for walk := g.sets[i].Walk(); walk.Next(&wave); {
			d.add(&wave, false)
		}
	}
	return d
}

// A draftSet is a set in the making, which may become the value of k.
type draftSet struct {
	c      *cmdspec.Ctx
	k      keyspace.Key
	set    value.Set
	exists bool
}

// add adds a wave; all says that none of it is in the draft.
func (d *draftSet) add(w *value.Wave, all bool) {
	if w.Len() == 0 {
		return
	}
	if !d.exists {
		d.start(w.Member(0))
		all = false
	}
	d.set.AddWave(w, all)
}

// copies makes the draft a copy of s, if s is so large that its structure will do whatever it holds,
// and says whether it did: that costs a fraction of adding its members.
func (d *draftSet) copies(s *value.Set) bool {
	l := d.c.Tx.Limits()
	if int64(s.Len()) <= max(l.SetEntries.Load(), l.SetIntSet.Load()) || s.Encoding() != object.Rooted {
		return false
	}
	cell := d.c.Tx.DraftCell(d.k, keyspace.TypeSet, object.Rooted, len(s.Body()))
	value.CloneBody(s.Arena(), s.Record(), cell.Arena(), cell.Body())
	d.set = value.Set{Cell: cell}
	d.exists = true
	return true
}

func (d *draftSet) start(first []byte) {
	enc, size := value.NewSetBody(d.c.Tx.Limits(), first, 1)
	d.set = value.Set{Cell: d.c.Tx.DraftCell(d.k, keyspace.TypeSet, enc, size)}
	d.set.Start(first)
	d.exists = true
}

func (d *draftSet) len() int {
	if !d.exists {
		return 0
	}
	return d.set.Len()
}

func (d *draftSet) drop() {
	if d.exists {
		d.c.Tx.DropDraft(d.k, &d.set.Cell)
	}
}

// store makes the draft the value of k, or deletes k if it is empty, and replies with its size.
func (d *draftSet) store(event string) {
	c, n := d.c, d.len()
	switch {
	case n > 0:
		c.Tx.StoreDraft(d.k, &d.set.Cell)
		c.Tx.Notify(keyspace.ClassSet, event, d.k)
	case c.Tx.Delete(d.k):
		c.Tx.Notify(keyspace.ClassGeneric, "del", d.k)
	}
	c.Reply.Int(int64(n))
}

// runSetOperation is SINTER, SUNION and SDIFF.
func runSetOperation(op setOperation) func(c *cmdspec.Ctx) error {
	return func(c *cmdspec.Ctx) error {
		var room fewSets
		g := algebra{op: op}
		if err := g.sources(c, c.Keys, room[:0]); err != nil {
			return err
		}
		g.write(c, c.Keys[0])
		return nil
	}
}

// runSetStore is SINTERSTORE, SUNIONSTORE and SDIFFSTORE.
func runSetStore(op setOperation, event string) func(c *cmdspec.Ctx) error {
	return func(c *cmdspec.Ctx) error {
		var room fewSets
		g := algebra{op: op}
		if err := g.sources(c, c.Keys[1:], room[:0]); err != nil {
			return err
		}
		d := g.gather(c, c.Keys[0])
		d.store(event)
		return nil
	}
}

// runSetCard is SINTERCARD, SUNIONCARD and SDIFFCARD.
func runSetCard(op setOperation) func(c *cmdspec.Ctx) error {
	return func(c *cmdspec.Ctx) error {
		limit, err := parseSetCard(c, op)
		if err != nil {
			return err
		}
		var room fewSets
		g := algebra{op: op}
		if err := g.sources(c, c.Keys, room[:0]); err != nil {
			return err
		}
		c.Reply.Int(g.card(c, c.Keys[0], limit))
		return nil
	}
}

// parseSetCard reads what is around the keys of SINTERCARD and its like.
func parseSetCard(c *cmdspec.Ctx, op setOperation) (limit int64, err error) {
	n, ok := cmdspec.ParseInt(c.Argv[1])
	switch {
	case !ok || n <= 0:
		return 0, errNoSets
	case n > int64(len(c.Argv)-2):
		return 0, errTooManyKeys
	}
	a := c.ArgsFrom(2 + int(n))
	for a.More() {
		switch {
		case a.MatchValue("LIMIT"):
			if limit, ok = cmdspec.ParseInt(a.Next()); !ok || limit < 0 {
				return 0, errNegativeLimit
			}
		case op == opUnion && a.Match("APPROX"):
			// the exact number is as good an estimate as any
		default:
			return 0, cmdspec.ErrSyntax
		}
	}
	return limit, a.Done()
}

const (
	errNoSets        = cmdspec.Error("ERR numkeys should be greater than 0")
	errTooManyKeys   = cmdspec.Error("ERR Number of keys can't be greater than number of args")
	errNegativeLimit = cmdspec.Error("ERR LIMIT can't be negative")
)
