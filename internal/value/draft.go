package value

import (
	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

// NewDraft returns the Cell of a collection that no key has yet, for what a
// command makes of several others. Its record has no name, and its body of n
// bytes must be written. It ends as the value of a key or is dropped.
func NewDraft(a *arena.Arena, l *Limits, t object.Type, e object.Encoding, n int) Cell {
	ref := a.Alloc(object.CollectionSize(0, false, n), arena.Record)
	r := object.At(a, ref)
	r.FillCollection(nil, false, 0, t, e, n)
	if e == object.Rooted {
		clear(r.Body())
	}
	return OpenNew(Place{Home: &Home{Arena: a, Limits: l}, Blocks: a, Ref: ref})
}

// DropRecord frees the record of a draft, but no block that its body names.
func (c *Cell) DropRecord() {
	c.place.Home.Arena.Free(c.place.Ref, c.record().Size(), arena.Record)
	c.place.Ref = 0
}

// Record is the record of the collection.
func (c *Cell) Record() object.Record { return c.record() }
