package value

import (
	"encoding/binary"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/expiry"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// Limits are up to where collections are kept packed, by the settings of
// these names. Anyone may store; they are loaded when a collection grows.
type Limits struct {
	HashEntries, HashValue         atomic.Int64 // hash-max-listpack-entries, -value
	ListSize                       atomic.Int64 // list-max-listpack-size; negative: -1 to -5 for 4 to 64 KiB
	SetIntSet                      atomic.Int64 // set-max-intset-entries
	SetEntries, SetValue           atomic.Int64 // set-max-listpack-entries, -value
	ZSetEntries, ZSetValue         atomic.Int64 // zset-max-listpack-entries, -value
	StreamNodeBytes, StreamEntries atomic.Int64 // stream-node-max-bytes, -entries
	HLLSparse                      atomic.Int64 // hll-sparse-max-bytes
}

// Reset gives the limits Redis's defaults.
func (l *Limits) Reset() {
	l.HashEntries.Store(512)
	l.HashValue.Store(64)
	l.ListSize.Store(-2)
	l.SetIntSet.Store(512)
	l.SetEntries.Store(128)
	l.SetValue.Store(64)
	l.ZSetEntries.Store(128)
	l.ZSetValue.Store(64)
	l.StreamNodeBytes.Store(4096)
	l.StreamEntries.Store(100)
	l.HLLSparse.Store(3000)
}

// Owner is told before a Cell's collection changes for the first time.
type Owner interface {
	Changing(name []byte, hash uint64, db int, ref arena.Ref)
}

// A Home is a part of a database: what its Cells have in common.
type Home struct {
	Arena  *arena.Arena // of the records
	Table  *table.Table // names them; nil for a draft, which has no key
	Wheel  *expiry.Wheel
	Limits *Limits
}

// A Place is where the record of a key is: what a Cell is made of. It is
// copied often, so it is short.
type Place struct {
	Home   *Home
	Blocks *arena.Arena // of the collection's blocks: mostly the same as the record's
	Owner  Owner
	Name   []byte
	Hash   uint64
	DB     int32
	Ref    arena.Ref // the record
}

// A Cell is a collection in the record of its key.
type Cell struct {
	place   Place
	changed bool // the owner knows
	isNew   bool
}

// Open returns the Cell of a record that holds a collection.
func Open(p Place) Cell { return Cell{place: p} }

// At makes c a Cell at the Place that the caller then fills in: Open without a copy.
func (c *Cell) At() *Place {
	c.changed, c.isNew = false, false
	return &c.place
}

// OpenNew returns the Cell of a record that was made just now, its body not set: the owner knows of the change.
func OpenNew(p Place) Cell { return Cell{place: p, changed: true, isNew: true} }

// IsNew says whether the key was made for this Cell: the body holds nothing yet, and must be written.
func (c *Cell) IsNew() bool { return c.isNew }

func (c *Cell) record() object.Record { return object.At(c.place.Home.Arena, c.place.Ref) }

// Arena is where the collection's blocks are.
func (c *Cell) Arena() *arena.Arena { return c.place.Blocks }

// Limits are the settings on encodings.
func (c *Cell) Limits() *Limits { return c.place.Home.Limits }

// Type is the type of the collection.
func (c *Cell) Type() object.Type { return c.record().Type() }

// Encoding is how it is stored: object.Packed, IntSet or Rooted.
func (c *Cell) Encoding() object.Encoding { return c.record().Encoding() }

// Body returns the collection's bytes in the record, to read, and to write
// after Change. They are good until the next Resize.
func (c *Cell) Body() []byte { return c.record().Body() }

// Change must be called before the collection is changed in any way. Calling it again costs nothing.
func (c *Cell) Change() {
	if c.changed {
		return
	}
	c.changed = true
	p := &c.place
	p.Owner.Changing(p.Name, p.Hash, int(p.DB), p.Ref)
}

// Changed says whether Change was called, or the key is new.
func (c *Cell) Changed() bool { return c.changed }

// Resize gives the body n bytes and an encoding, keeps what it held as far as
// that fits, and returns it. What follows the old content is not set.
func (c *Cell) Resize(e object.Encoding, n int) []byte {
	if invariants.Enabled {
		invariants.Check(c.changed, "value: a collection changes without notice")
	}
	r, p := c.record(), &c.place
	if e != object.Rooted {
		p.Blocks = p.Home.Arena // it owns none any more
	}
	old, size := r.Size(), r.SizeWithBody(n)
	if arena.SameBlock(old, size) {
		r.ResizeBody(e, n)
		return r.Body()
	}
	home := p.Home
	from, to := p.Ref, home.Arena.Alloc(size, arena.Record)
	moved := object.At(home.Arena, to)
	r.CopyWithBody(moved, e, n)
	if home.Table != nil {
		home.Table.Replace(p.Hash, from, to)
	}
	if moved.HasTimer() {
		home.Wheel.Moved(to)
	}
	home.Arena.Free(from, old, arena.Record)
	p.Ref = to
	return moved.Body()
}

// rootSize is the size of the body of a rooted collection: the ref of the
// root and the ID of its arena, if that is not the record's.
const rootSize = 6

// Root returns the root of a rooted collection.
func (c *Cell) Root() arena.Ref { return rootOf(c.Body()) }

func rootOf(body []byte) arena.Ref { return arena.Ref(binary.LittleEndian.Uint32(body)) }

// SetRoot makes the collection a rooted one, or changes its root, which is in Arena.
func (c *Cell) SetRoot(root arena.Ref) {
	id := uint16(0)
	if c.place.Blocks != c.place.Home.Arena {
		id = c.place.Blocks.ID
	}
	putRoot(c.Resize(object.Rooted, rootSize), root, id)
}

func putRoot(body []byte, root arena.Ref, id uint16) {
	binary.LittleEndian.PutUint32(body, uint32(root))
	binary.LittleEndian.PutUint16(body[4:], id)
}
