package quicklist

import (
	"fmt"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/listpack"
)

// check is called after each change: it looks at short lists always, at longer
// ones when their length is a round number.
func (l List) check() {
	if !invariants.Enabled {
		return
	}
	if n := l.Len(); n > 4096 && n%4096 != 0 || n > 64 && n%16 != 0 {
		return
	}
	err := l.CheckInvariants()
	invariants.Check(err == nil, "quicklist: %v", err)
}

// CheckInvariants says what is wrong with a list, if anything is.
func (l List) CheckInvariants() error {
	r := l.head()
	chunks, entries, bytes, prev := int64(0), int64(0), int64(arena.UsableSize(rootSize)), arena.Ref(0)
	for c := r.first; c != 0; c = l.chunk(c).next {
		if err := l.checkChunk(c, prev); err != nil {
			return fmt.Errorf("chunk %d at %d: %w", chunks, c, err)
		}
		chunks++
		entries += int64(l.count(c))
		bytes += int64(l.chunk(c).size)
		prev = c
	}
	if prev != r.last || chunks != r.chunks || entries != r.entries || bytes != r.bytes {
		return fmt.Errorf("%d chunks, %d entries, %d bytes, the last chunk at %d; the root says %+v", chunks, entries, bytes, prev, *r)
	}
	return nil
}

func (l List) checkChunk(c, prev arena.Ref) error {
	h := *l.chunk(c)
	switch {
	case h.prev != prev:
		return fmt.Errorf("%d is before it, not %d", h.prev, prev)
	case int(h.size) != arena.UsableSize(int(h.size)):
		return fmt.Errorf("a block of %d bytes", h.size)
	case int(h.at) < chunkSize || h.width == 0 && int(h.at)+listpack.EmptySize > int(h.size):
		return fmt.Errorf("entries at %d of %d bytes", h.at, h.size)
	case h.width != 0:
		return checkEven(h)
	case h.n != 0:
		return fmt.Errorf("%d entries and a listpack", h.n)
	}
	b := l.pack(c)
	if n := listpack.Size(b); n > len(b) || !listpack.Validate(b[:n], true) {
		return fmt.Errorf("a listpack of %d bytes at %d of %d is not valid", n, h.at, h.size)
	}
	if listpack.First(b) == 0 {
		return fmt.Errorf("it is empty")
	}
	return nil
}

func checkEven(h chunk) error {
	if used := int(h.n) * int(h.width); h.n == 0 || h.n > maxEntries || int(h.at)+used > int(h.size) {
		return fmt.Errorf("%d texts of %d bytes at %d of %d", h.n, h.width, h.at, h.size)
	}
	return nil
}
