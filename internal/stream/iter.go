package stream

// An Iter goes over entries. It is good until the log changes.
type Iter struct {
	blocks cursor
	b      *block // the current one; nil before the first and behind the last
	at     uint32 // where the next entry begins or, backwards, ends
	from   ID
	to     ID
	back   bool

	e    entry
	name uint32 // where the next master field's name is
	pos  uint32 // where the next value, or field, is
}

// Range starts an iteration over the entries from one ID to another, both included.
func (l Log) Range(from, to ID) Iter {
	it := Iter{from: from, to: to}
	x := l.blocks()
	it.blocks = x.cursor()
	c := &it.blocks
	if to.Less(from) || !c.seekBack(idKey(from)) && !c.first() {
		return it
	}
	it.b = it.block()
	if it.b.last.Less(from) {
		it.nextBlock()
	} else if it.at = it.b.start; it.b.base.Less(from) {
		it.skip(refAt(c.value()) == l.h.tail)
	}
	return it
}

// RangeBack starts an iteration over the same entries, the last first.
func (l Log) RangeBack(from, to ID) Iter {
	it := Iter{from: from, to: to, back: true}
	x := l.blocks()
	it.blocks = x.cursor()
	if to.Less(from) || !it.blocks.seekBack(idKey(to)) {
		return it
	}
	it.b = it.block()
	it.at = it.b.used
	return it
}

func (it *Iter) block() *block { return it.blocks.l.block(refAt(it.blocks.value())) }

// skip goes to the first entry of the block that is not before from. In the
// tail, whose end is what most readers want, it is looked for from there.
func (it *Iter) skip(tail bool) {
	b := it.b
	if tail {
		for it.at = b.used; it.at > b.start; {
			e := b.entryBefore(it.at)
			if e.id.Less(it.from) {
				return
			}
			it.at = e.at
		}
		return
	}
	for it.at = b.start; ; {
		e := b.entry(it.at)
		if !e.id.Less(it.from) {
			return
		}
		it.at = e.end
	}
}

// nextBlock goes to the next block in the direction of the iteration.
func (it *Iter) nextBlock() {
	it.b = nil
	if it.back {
		if it.blocks.prev() {
			it.b = it.block()
			it.at = it.b.used
		}
		return
	}
	if it.blocks.next() {
		it.b = it.block()
		it.at = it.b.start
	}
}

// Next goes to the next entry and says whether there is one.
func (it *Iter) Next() bool {
	for it.b != nil {
		switch {
		case it.back && it.at <= it.b.start, !it.back && it.at >= it.b.used:
			it.nextBlock()
			continue
		case it.back:
			it.e = it.b.entryBefore(it.at)
			it.at = it.e.at
		default:
			it.e = it.b.entry(it.at)
			it.at = it.e.end
		}
		if it.back && it.e.id.Less(it.from) || !it.back && it.to.Less(it.e.id) {
			it.b = nil
			return false
		}
		if it.e.deleted() || it.back && it.to.Less(it.e.id) {
			continue
		}
		it.name, it.pos = uint32(blockHeader), it.e.body
		return true
	}
	return false
}

// ID is the ID of the current entry.
func (it *Iter) ID() ID { return it.e.id }

// Fields is the number of fields of the current entry.
func (it *Iter) Fields() int { return int(it.e.fields) }

// Field returns the next field of the current entry, of which there are
// Fields. The bytes are the log's own.
func (it *Iter) Field() (name, value []byte) {
	p := it.b.bytes()
	if it.e.flags&flagSame != 0 {
		name, it.name = stringAt(p, it.name)
	} else {
		name, it.pos = stringAt(p, it.pos)
	}
	value, it.pos = stringAt(p, it.pos)
	return name, value
}
