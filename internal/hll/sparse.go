package hll

// A run is an opcode of the sparse encoding.
type run struct {
	n     int  // registers
	size  int  // bytes
	value byte // of each register
}

const (
	maxShortZeros = 64
	maxValueRun   = 4
	maxValue      = 32
)

// runAt reads the run at byte at, which exists. A second byte that is missing
// counts as 0; the size tells.
func runAt(b []byte, at int) run {
	c := b[at]
	switch {
	case c&0x80 != 0:
		return run{int(c&3) + 1, 1, c>>2&31 + 1}
	case c&0x40 == 0:
		return run{int(c) + 1, 1, 0}
	}
	n := int(c&0x3f) << 8
	if at+1 < len(b) {
		n |= int(b[at+1])
	}
	return run{n + 1, 2, 0}
}

// appendZeros appends a run of n registers that are 0.
func appendZeros(b []byte, n int) []byte {
	if n <= maxShortZeros {
		return append(b, byte(n-1))
	}
	return append(b, 0x40|byte((n-1)>>8), byte(n-1))
}

func valueRun(value byte, n int) byte { return 0x80 | (value-1)<<2 | byte(n-1) }

// appendRun appends n registers with a value, if n is not 0: at most 4 if the value is not 0.
func appendRun(b []byte, value byte, n int) []byte {
	switch {
	case n == 0:
		return b
	case value == 0:
		return appendZeros(b, n)
	}
	return append(b, valueRun(value, n))
}

// An Editor changes registers of one HyperLogLog that was sparse, in memory of
// its own.
type Editor struct {
	b       []byte
	limit   int
	scratch *[]byte // where b is moved before the first change; nil: it is there

	// Where the search for a register starts if it is not before that one: a
	// run behind which nothing has been looked for yet. Ascending registers are
	// then found in one pass.
	at, first int
}

// Edit begins to change b, which becomes dense when it would be longer than
// limit. b itself stays as it is; the result is in scratch.
func Edit(b []byte, limit int, scratch *[]byte) Editor {
	return Editor{b: b, limit: limit, scratch: scratch, at: HeaderSize}
}

// Bytes returns the HyperLogLog as it is now.
func (e *Editor) Bytes() []byte { return e.b }

// Own returns the HyperLogLog in memory that may be changed.
func (e *Editor) Own() []byte {
	e.own()
	return e.b
}

// own moves the HyperLogLog to memory that may be changed.
func (e *Editor) own() {
	if e.scratch == nil {
		return
	}
	*e.scratch = append((*e.scratch)[:0], e.b...)
	e.b, e.scratch = *e.scratch, nil
}

// Raise raises a register to a rank and says whether it was lower.
func (e *Editor) Raise(index int, rank byte) (raised bool, err error) {
	if Dense(e.b) {
		if Get(e.b, index) >= rank {
			return false, nil
		}
		Set(e.b, index, rank)
		return true, nil
	}
	if rank > maxValue {
		return true, e.raiseDense(index, rank)
	}
	at, first, prev := e.find(index)
	if at >= len(e.b) {
		return false, ErrCorrupt
	}
	r := runAt(e.b, at)
	if at+r.size > len(e.b) {
		return false, ErrCorrupt
	}
	if r.value >= rank {
		return false, nil
	}
	var seq [5]byte
	s := appendRun(seq[:0], r.value, index-first)
	s = append(s, valueRun(rank, 1))
	s = appendRun(s, r.value, first+r.n-1-index)
	if len(s) > r.size && len(e.b)+len(s)-r.size > e.limit {
		return true, e.raiseDense(index, rank)
	}
	e.own()
	e.b = splice(e.b, at, r.size, s)
	e.join(max(prev, HeaderSize))
	return true, nil
}

// Merge raises all registers to those of a union, and returns the result in
// memory that may be changed.
func (e *Editor) Merge(m *Max) ([]byte, error) {
	for index, rank := range m {
		if rank == 0 {
			continue
		}
		if _, err := e.Raise(index, rank); err != nil {
			return nil, err
		}
	}
	return e.Own(), nil
}

// find returns where the run of a register starts, in bytes and registers, and
// the run before it (-1: none). It returns the end if there is no such run.
func (e *Editor) find(index int) (at, first, prev int) {
	if index < e.first {
		e.at, e.first = HeaderSize, 0
	}
	start := e.at
	at, first, prev = e.search(index)
	if prev < 0 && start != HeaderSize { // in the very run where the search began: it has another before it
		e.at, e.first = HeaderSize, 0
		return e.search(index)
	}
	return at, first, prev
}

func (e *Editor) search(index int) (at, first, prev int) {
	at, first, prev = e.at, e.first, -1
	for at < len(e.b) {
		r := runAt(e.b, at)
		if index < first+r.n {
			break
		}
		prev, e.at, e.first = at, at, first
		at += r.size
		first += r.n
	}
	return at, first, prev
}

// splice replaces size bytes at a place.
func splice(b []byte, at, size int, by []byte) []byte {
	grow := len(by) - size
	old := len(b)
	for range grow {
		b = append(b, 0)
	}
	copy(b[at+len(by):], b[at+size:old])
	copy(b[at:], by)
	return b[:old+grow]
}

// joinReach is how many runs are looked at after a change.
const joinReach = 5

// join joins runs of one value behind a place. What is out of reach stays.
func (e *Editor) join(at int) {
	for range joinReach {
		if at >= len(e.b) {
			return
		}
		r := runAt(e.b, at)
		if r.value == 0 || at+1 >= len(e.b) {
			at += r.size
			continue
		}
		next := runAt(e.b, at+1)
		if next.value != r.value || next.n+r.n > maxValueRun {
			at++
			continue
		}
		e.b[at] = valueRun(r.value, r.n+next.n)
		e.b = splice(e.b, at+1, 1, nil)
	}
}

// raiseDense makes the HyperLogLog dense and sets a register.
func (e *Editor) raiseDense(index int, rank byte) error {
	if err := e.Densify(); err != nil {
		return err
	}
	Set(e.b, index, rank)
	return nil
}

// Densify makes the HyperLogLog dense.
func (e *Editor) Densify() error {
	if Dense(e.b) {
		return nil
	}
	var m Max
	if err := m.Add(e.b); err != nil {
		return err
	}
	var header [HeaderSize]byte
	copy(header[:], e.b)
	header[encodingAt] = dense
	e.own()
	b := append(e.b[:0], header[:]...)
	for len(b) < DenseSize {
		b = append(b, 0)
	}
	m.Pack(b)
	e.b = b
	return nil
}
