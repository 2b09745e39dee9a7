package value

import (
	"fmt"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
)

// check looks at hashes up to some size after each change: large ones would make every test quadratic.
func (h *Hash) check() {
	const small = 64
	if invariants.Enabled && h.Stored() <= small {
		err := h.Validate()
		invariants.Check(err == nil, "value: hash: %v", err)
	}
}

// Validate says what is wrong with a hash, if anything is.
func (h *Hash) Validate() error {
	switch h.Encoding() {
	case object.Packed:
		return checkTuples(h.Body(), 2)
	case object.Timed:
		if err := checkTuples(h.triples(), 3); err != nil {
			return err
		}
		return checkTripleOrder(h.triples())
	}
	var r hroot
	h.open(&r)
	return r.validate()
}

func checkTuples(lp []byte, width int) error {
	if !listpack.Validate(lp, true) || listpack.Len(lp)%width != 0 {
		return fmt.Errorf("listpack of %d entries is not one of tuples of %d", listpack.Len(lp), width)
	}
	seen := map[string]bool{}
	for i := 0; i < listpack.Len(lp); i += width {
		field := string(listpack.Get(lp, listpack.Seek(lp, i)).Append(nil))
		if seen[field] {
			return fmt.Errorf("field %q is there twice", field)
		}
		seen[field] = true
	}
	return nil
}

func checkTripleOrder(lp []byte) error {
	before := int64(1)
	for pos := listpack.First(lp); pos != 0; pos = skipTriple(lp, pos) {
		at := tripleExpiry(lp, pos)
		if before == 0 && at != 0 || at != 0 && at < before {
			return fmt.Errorf("a field that expires at %d after one that does at %d", at, before)
		}
		before = at
	}
	return nil
}

func (r *hroot) validate() error {
	if err := r.table.CheckInvariants(); err != nil {
		return err
	}
	if err := r.tree().CheckInvariants(); err != nil {
		return err
	}
	timed, bytes := 0, r.table.Bytes()
	var err error
	r.table.Each(func(ref arena.Ref) bool {
		f := fieldAt(r.arena, ref)
		bytes -= int64(arena.UsableSize(f.size()))
		if f.timed {
			timed++
			if r.tree().RankOf(ref) < 0 {
				err = fmt.Errorf("field %q expires but is not in the tree", f.field())
			}
		}
		return err == nil
	})
	if err != nil {
		return err
	}
	if timed != r.tree().Len() || bytes < 0 {
		return fmt.Errorf("%d fields expire, %d are in the tree; %d bytes more than blocks", timed, r.tree().Len(), bytes)
	}
	was := hEarliest(r.arena, r.ref)
	if r.noteEarliest(); was != hEarliest(r.arena, r.ref) {
		return fmt.Errorf("the first field was noted to expire at %d, not %d", was, hEarliest(r.arena, r.ref))
	}
	return nil
}
