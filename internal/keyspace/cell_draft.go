package keyspace

import (
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/value"
)

// Limits are the settings on encodings.
func (tx *Tx) Limits() *value.Limits { return &tx.ks.Settings.Limits }

// DraftCell returns a collection that is not yet the value of k, with a body
// of n bytes that the caller must write: for what is made of other
// collections, of which k's own may be one. It must go to StoreDraft or DropDraft.
func (tx *Tx) DraftCell(k Key, t Type, enc object.Encoding, n int) value.Cell {
	return value.NewDraft(tx.shard(k.Hash).arena, &tx.ks.Settings.Limits, t, enc, n)
}

// StoreDraft makes a draft the value of the key that it was made for, in place of
// whatever that held, without expiry.
func (tx *Tx) StoreDraft(k Key, draft *value.Cell) {
	body := draft.Body()
	c := tx.NewCell(k, draft.Type(), draft.Encoding(), len(body), NoTTL)
	copy(c.Body(), body)
	draft.DropRecord()
}

// DropDraft gives back the memory of a draft made for k.
func (tx *Tx) DropDraft(k Key, draft *value.Cell) {
	if draft.Encoding() == object.Rooted {
		tx.ks.dropCollection(tx.shard(k.Hash), draft.Arena(), draft.Record())
	}
	draft.DropRecord()
}
