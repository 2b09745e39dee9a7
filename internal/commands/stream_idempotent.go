package commands

import (
	"crypto/sha256"
	"encoding/binary"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/stream"
	"github.com/redstart-db/redstart/internal/value"
)

var xcfgsetSpec = cmdspec.Spec{
	Name: "xcfgset", Arity: -2, Since: "8.6.0", Group: cmdspec.GroupStream,
	Summary:    "Sets for how long, and how many, messages of a producer a stream recognises.",
	Complexity: "O(1), and O(N) if a setting changes where N is the number of messages known, which are forgotten.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key [IDMP-DURATION idmp-duration{integer}] [IDMP-MAXSIZE idmp-maxsize{integer}]",
	Run:        runXCfgSet,
}

var xidmprecordSpec = cmdspec.Spec{
	Name: "xidmprecord", Arity: 5, Since: "8.8.0", Group: cmdspec.GroupStream,
	Summary:    "Notes which entry a producer's message became: what the journal has of an idempotent XADD.",
	Complexity: "O(log N) where N is the number of messages known.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Update)},
	Args:       "key pid iid stream-id",
	Run:        runXIdmpRecord,
}

const (
	maxIdmpDuration = 86400
	maxIdmpSize     = 10000

	errIdmpDuration = cmdspec.Error("ERR IDMP-DURATION must be between 1 and 86400 seconds")
	errIdmpSize     = cmdspec.Error("ERR IDMP-MAXSIZE must be between 1 and 10000 entries")
	errIdmpNothing  = cmdspec.Error("ERR At least one parameter must be specified")
	errIdmpEmpty    = cmdspec.Error("ERR pid and iid must be non-empty")
	errIdmpNoEntry  = cmdspec.Error("ERR The stream ID does not refer to an existing entry")
	errIdmpOther    = cmdspec.Error("ERR The pid/iid pair already maps to a different stream ID")
)

// contentName is the name that IDMPAUTO gives to a message: it depends on the
// pairs, not on their order. Each is hashed with its lengths, and the hashes are added.
func contentName(pairs [][]byte) []byte {
	var lo, hi uint64
	var text []byte
	for i := 0; i < len(pairs); i += 2 {
		text = binary.AppendUvarint(text[:0], uint64(len(pairs[i])))
		text = append(append(text, pairs[i]...), pairs[i+1]...)
		sum := sha256.Sum256(text)
		lo += binary.LittleEndian.Uint64(sum[:])
		hi += binary.LittleEndian.Uint64(sum[8:])
	}
	return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(nil, lo), hi)
}

// repeated says whether the stream knows the message; then the ID that it got
// is the reply.
func (a *addArgs) repeated(c *cmdspec.Ctx, s *value.Stream, pairs [][]byte) bool {
	if a.auto {
		a.name = contentName(pairs)
	}
	id, known := s.Log().Known(a.producer, a.name, c.Tx.Now())
	if known {
		s.Edit().CountRepeated()
		c.Tx.Unannounced(c.Keys[0])
		c.Tx.Unjournalled()
		writeID(c.Reply, id)
	}
	return known
}

// remember makes a message known that was added.
func (a *addArgs) remember(c *cmdspec.Ctx, l stream.Log, pairs [][]byte, id stream.ID) {
	if !a.idempotent {
		return
	}
	if a.name == nil {
		a.name = contentName(pairs)
	}
	l.Remember(a.producer, a.name, id, c.Tx.Now())
}

func runXCfgSet(c *cmdspec.Ctx) error {
	duration, size := int64(0), int64(0)
	for a := c.ArgsFrom(2); a.More(); {
		switch {
		case a.MatchValue("IDMP-DURATION"):
			if duration = a.Int(); a.Err() == nil && (duration < 1 || duration > maxIdmpDuration) {
				return errIdmpDuration
			}
		case a.MatchValue("IDMP-MAXSIZE"):
			if size = a.Int(); a.Err() == nil && (size < 1 || size > maxIdmpSize) {
				return errIdmpSize
			}
		default:
			return cmdspec.ErrSyntax
		}
		if err := a.Err(); err != nil {
			return err
		}
	}
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	switch {
	case err != nil:
		return err
	case !found:
		return cmdspec.ErrNoSuchKey
	case duration == 0 && size == 0:
		return errIdmpNothing
	}
	now := s.Log().Idempotence()
	if duration == 0 {
		duration = now.Duration
	}
	if size == 0 {
		size = now.Most
	}
	s.Edit().Configure(duration, size)
	c.Tx.Unannounced(k)
	c.Reply.OK()
	return nil
}

func runXIdmpRecord(c *cmdspec.Ctx) error {
	producer, name := c.Argv[2], c.Argv[3]
	if len(producer) == 0 || len(name) == 0 {
		return errIdmpEmpty
	}
	id, err := parseStrictID(c.Argv[4], 0)
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
	case !s.Log().Has(id):
		return errIdmpNoEntry
	}
	old, known := s.Log().Known(producer, name, c.Tx.Now())
	switch {
	case known && old != id:
		return errIdmpOther
	case !known:
		s.Edit().Remember(producer, name, id, c.Tx.Now())
		c.Tx.Unannounced(k)
	}
	c.Reply.OK()
	return nil
}
