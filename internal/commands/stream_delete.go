package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/stream"
)

var xdelSpec = cmdspec.Spec{
	Name: "xdel", Arity: -3, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Deletes entries of a stream and returns how many there were.",
	Complexity: "O(M log N) where N is the number of entries in the stream and M that of IDs.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args:       "key id [id ...]",
	Run:        runXDel,
}

var xdelexSpec = cmdspec.Spec{
	Name: "xdelex", Arity: -5, Since: "8.2.0", Group: cmdspec.GroupStream,
	Summary:    "Deletes entries of a stream, with a say in what becomes of references to them.",
	Complexity: "O(M log N) where N is the number of entries in the stream and M that of IDs.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Args:       "key [KEEPREF | DELREF | ACKED]{condition} IDS <numids{integer} id [id ...]>{ids}",
	Run:        runXDelEx,
}

var xackdelSpec = cmdspec.Spec{
	Name: "xackdel", Arity: -6, Since: "8.2.0", Group: cmdspec.GroupStream,
	Summary:    "Acknowledges entries in a group and deletes them, with a say in what becomes of references to them.",
	Complexity: "O(M log N) where N is the number of entries in the stream and M that of IDs.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update|cmdspec.Delete)},
	Args:       "key group [KEEPREF | DELREF | ACKED]{condition} IDS <numids{integer} id [id ...]>{ids}",
	Run:        runXAckDel,
}

var xsetidSpec = cmdspec.Spec{
	Name: "xsetid", Arity: -3, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Sets what a stream remembers of the entries it had: for replication.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key last-id [ENTRIESADDED entries_added{7.0.0}] [MAXDELETEDID max_deleted_entry_id{7.0.0}]",
	History:    [][2]string{{"7.0.0", "The arguments `entries_added` and `max_deleted_entry_id`."}},
	Run:        runXSetID,
}

const (
	errNumIDs      = cmdspec.Error("ERR Number of IDs must be a positive integer")
	errNumIDsMatch = cmdspec.Error("ERR The `numids` parameter must match the number of arguments")

	errEntriesAdded  = cmdspec.Error("ERR entries_added must be positive")
	errIDBelowGiven  = cmdspec.Error("ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id")
	errIDBelowTop    = cmdspec.Error("ERR The ID specified in XSETID is smaller than the target stream top item")
	errAddedBelowLen = cmdspec.Error("ERR The entries_added specified in XSETID is smaller than the target stream length")
)

func runXDel(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Int(0)
		return nil
	}
	ids, err := parseIDs(c.Argv[2:])
	if err != nil {
		return err
	}
	n := 0
	for _, id := range ids {
		if s.Log().Has(id) {
			s.Edit().Delete(id)
			n++
		}
	}
	if n > 0 {
		c.Tx.Notify(keyspace.ClassStream, "xdel", k)
	}
	c.Reply.Int(int64(n))
	return nil
}

// deletion is the options of XDELEX and XACKDEL.
type deletion struct {
	refs stream.Refs
	ids  []stream.ID
}

func parseDeletion(words [][]byte, i int) (d deletion, err error) {
	refsGiven := false
	for i < len(words) {
		refs, isRefs := parseRefs(words[i])
		switch {
		case isRefs && !refsGiven:
			d.refs, refsGiven = refs, true
			i++
		case cmdspec.EqualFold(words[i], "IDS") && d.ids == nil:
			if d.ids, i, err = parseIDBlock(words, i+1, errNumIDs, errNumIDsMatch); err != nil {
				return d, err
			}
		default:
			return d, cmdspec.ErrSyntax
		}
	}
	if d.ids == nil {
		err = cmdspec.ErrSyntax
	}
	return d, err
}

// The replies of XDELEX and XACKDEL for each ID.
const (
	delMissing = -1
	delDone    = 1
	delInUse   = 2
)

func runXDelEx(c *cmdspec.Ctx) error {
	d, err := parseDeletion(c.Argv, 2)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	if err != nil {
		return err
	}
	c.Reply.Array(len(d.ids))
	deleted := false
	for _, id := range d.ids {
		code := int64(delMissing)
		if found {
			there, gone := s.Edit().DeleteWith(id, d.refs)
			code = delCode(there, gone)
			deleted = deleted || gone
		}
		c.Reply.Int(code)
	}
	reportDeletion(c, k, deleted)
	return nil
}

func delCode(there, gone bool) int64 {
	switch {
	case gone:
		return delDone
	case there:
		return delInUse
	}
	return delMissing
}

func reportDeletion(c *cmdspec.Ctx, k keyspace.Key, deleted bool) {
	if deleted {
		c.Tx.Notify(keyspace.ClassStream, "xdel", k)
	}
	c.Tx.Unannounced(k)
}

func runXAckDel(c *cmdspec.Ctx) error {
	d, err := parseDeletion(c.Argv, 3)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	if err != nil {
		return err
	}
	var g stream.Group
	if found {
		g, found = s.Log().Group(c.Argv[2])
	}
	c.Reply.Array(len(d.ids))
	deleted := false
	for _, id := range d.ids {
		code := int64(delMissing)
		if found {
			l := s.Edit()
			if g.Ack(id) {
				there, gone := l.DeleteWith(id, d.refs)
				deleted = deleted || gone
				if code = delCode(there, gone); code == delMissing {
					code = delDone
				}
			} else if d.refs == stream.DeleteRefs && !l.Has(id) {
				l.DeleteWith(id, d.refs)
			}
		}
		c.Reply.Int(code)
	}
	reportDeletion(c, k, deleted)
	return nil
}

// setIDArgs are the options of XSETID.
type setIDArgs struct {
	id, deleted stream.ID
	added       int64 // -1: not given
}

func parseSetID(c *cmdspec.Ctx) (a setIDArgs, err error) {
	a.added = -1
	if a.id, err = parseStrictID(c.Argv[2], 0); err != nil {
		return a, err
	}
	for args := c.ArgsFrom(3); args.More(); {
		switch {
		case args.MatchValue("ENTRIESADDED"):
			a.added = args.Int()
			if args.Err() == nil && a.added < 0 {
				return a, errEntriesAdded
			}
		case args.MatchValue("MAXDELETEDID"):
			if a.deleted, err = parseStrictID(args.Next(), 0); err != nil {
				return a, err
			}
			if a.id.Less(a.deleted) {
				return a, errIDBelowGiven
			}
		default:
			return a, cmdspec.ErrSyntax
		}
		if err := args.Err(); err != nil {
			return a, err
		}
	}
	return a, nil
}

func (a *setIDArgs) check(l stream.Log) error {
	switch {
	case l.Len() == 0:
		return nil
	case a.id.Less(l.TopID()):
		return errIDBelowTop
	case a.added != -1 && int64(l.Len()) > a.added:
		return errAddedBelowLen
	}
	return nil
}

func runXSetID(c *cmdspec.Ctx) error {
	a, err := parseSetID(c)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	switch {
	case err != nil:
		return err
	case !found:
		return cmdspec.ErrNoSuchKey
	}
	if err := a.check(s.Log()); err != nil {
		return err
	}
	c.Tx.Aside() // no entry is another
	l := s.Edit()
	l.SetLastID(a.id)
	if a.added != -1 {
		l.SetAdded(a.added)
	}
	if !a.deleted.IsZero() {
		l.SetMaxDeleted(a.deleted)
	}
	c.Tx.Notify(keyspace.ClassStream, "xsetid", k)
	c.Reply.OK()
	return nil
}
