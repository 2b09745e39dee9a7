package stream

import (
	"math/bits"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
)

// block is the head of a block of entries: the names of the first entry's
// fields follow, then the entries.
type block struct {
	base  ID     // of the first entry ever put in; the others are differences from it
	last  ID     // of the last entry that is there, even if deleted
	size  uint32 // bytes of the block
	used  uint32 // of them up to the end of the last entry
	start uint32 // where the first entry is that is not deleted
	count uint32 // entries put in, with those that cutDeletedEnd took
	live  uint32 // of them not deleted
	names uint32 // number of master fields
}

const (
	blockHeader = int(unsafe.Sizeof(block{}))

	// firstBlock is the size of the first block of a log, maxSlack what a
	// growing block gets in advance at most.
	firstBlock = 128
	maxSlack   = 64 << 10

	// entryOverhead is about what an entry takes besides its values.
	entryOverhead = 16
)

// The flags of an entry.
const (
	flagDeleted = 1 << iota
	flagSame    // has the master fields: only the values are there
)

func (l Log) block(ref arena.Ref) *block { return (*block)(l.a.Ptr(ref)) }

// bytes are the bytes of the block up to its used end.
func (b *block) bytes() []byte { return unsafe.Slice((*byte)(unsafe.Pointer(b)), b.used) }

// whole are all bytes of the block.
func (b *block) whole() []byte { return unsafe.Slice((*byte)(unsafe.Pointer(b)), b.size) }

// Numbers are written 7 bits per byte, the lowest first, the top bit set in
// all bytes but the last.

func numberSize(n uint64) int { return (bits.Len64(n|1) + 6) / 7 }

func putNumber(p []byte, n uint64) int {
	i := 0
	for n >= 0x80 {
		p[i] = byte(n) | 0x80
		n >>= 7
		i++
	}
	p[i] = byte(n)
	return i + 1
}

func number(p []byte, at uint32) (n uint64, end uint32) {
	c := p[at]
	if c < 0x80 {
		return uint64(c), at + 1
	}
	n = uint64(c & 0x7f)
	for shift := 7; ; shift += 7 {
		at++
		c = p[at]
		n |= uint64(c&0x7f) << shift
		if c < 0x80 {
			return n, at + 1
		}
	}
}

// An entry ends with its size, for walking backwards: written so that it is
// read from its end, the lowest 7 bits last, the top bit set in all bytes but the first.

func putSizeBack(p []byte, n int) int {
	k := numberSize(uint64(n))
	for i := k - 1; i >= 0; i-- {
		p[i] = byte(n)&0x7f | 0x80
		n >>= 7
	}
	p[0] &^= 0x80
	return k
}

func sizeBack(p []byte, end uint32) (n, start uint32) {
	for shift := 0; ; shift += 7 {
		end--
		n |= uint32(p[end]&0x7f) << shift
		if p[end] < 0x80 {
			return n, end
		}
	}
}

func masterSize(pairs [][]byte) (n int) {
	for i := 0; i < len(pairs); i += 2 {
		n += stringSize(pairs[i])
	}
	return n
}

func stringSize(s []byte) int { return numberSize(uint64(len(s))) + len(s) }

func putString(p, s []byte) int {
	n := putNumber(p, uint64(len(s)))
	return n + copy(p[n:], s)
}

func stringAt(p []byte, at uint32) (s []byte, end uint32) {
	n, at := number(p, at)
	end = at + uint32(n)
	return p[at:end:end], end
}

// setMaster writes the names of the block's master fields: those of its first entry.
func (b *block) setMaster(pairs [][]byte) {
	p, at := b.whole(), blockHeader
	for i := 0; i < len(pairs); i += 2 {
		at += putString(p[at:], pairs[i])
	}
	b.names = uint32(len(pairs) / 2)
	b.used, b.start = uint32(at), uint32(at)
}

// hasFields says whether an entry of these pairs has the master fields.
func (b *block) hasFields(pairs [][]byte) bool {
	if len(pairs)/2 != int(b.names) {
		return false
	}
	p, at := b.bytes(), uint32(blockHeader)
	for i := 0; i < len(pairs); i += 2 {
		var s []byte
		if s, at = stringAt(p, at); string(s) != string(pairs[i]) {
			return false
		}
	}
	return true
}

// delta is what is written for an ID.
func (b *block) delta(id ID) (ms, seq uint64) {
	if ms = id.MS - b.base.MS; ms == 0 {
		return 0, id.Seq - b.base.Seq
	}
	return ms, id.Seq
}

// contentSize is the size of an entry without the size at its end.
func (b *block) contentSize(id ID, pairs [][]byte, same bool) int {
	ms, seq := b.delta(id)
	n := 1 + numberSize(ms) + numberSize(seq)
	if !same {
		n += numberSize(uint64(len(pairs)/2)) + masterSize(pairs)
	}
	for i := 1; i < len(pairs); i += 2 {
		n += stringSize(pairs[i])
	}
	return n
}

func (b *block) entrySize(id ID, pairs [][]byte, same bool) int {
	n := b.contentSize(id, pairs, same)
	return n + numberSize(uint64(n))
}

// append writes an entry for which there is room.
func (b *block) append(id ID, pairs [][]byte, same bool) {
	p := b.whole()[b.used:]
	flags := byte(0)
	if same {
		flags = flagSame
	}
	p[0] = flags
	at := 1
	ms, seq := b.delta(id)
	at += putNumber(p[at:], ms)
	at += putNumber(p[at:], seq)
	if !same {
		at += putNumber(p[at:], uint64(len(pairs)/2))
	}
	for i, s := range pairs {
		if i&1 == 1 || !same {
			at += putString(p[at:], s)
		}
	}
	at += putSizeBack(p[at:], at)
	b.used += uint32(at)
	b.count++
	b.live++
	b.last = id
}

// An entry is where and what one is in its block.
type entry struct {
	id     ID
	at     uint32 // of its first byte
	fields uint32
	body   uint32 // where the values, or fields with values, begin
	end    uint32
	flags  byte
}

func (e *entry) deleted() bool { return e.flags&flagDeleted != 0 }

// head reads an entry up to its fields.
func (b *block) head(at uint32) (e entry) {
	p := b.bytes()
	e.at, e.flags = at, p[at]
	ms, at := number(p, at+1)
	seq, at := number(p, at)
	if ms == 0 {
		seq += b.base.Seq
	}
	e.id = ID{b.base.MS + ms, seq}
	e.fields = b.names
	if e.flags&flagSame == 0 {
		var n uint64
		n, at = number(p, at)
		e.fields = uint32(n)
	}
	e.body = at
	return e
}

// entry reads the entry at a place.
func (b *block) entry(at uint32) entry {
	e := b.head(at)
	p, at := b.bytes(), e.body
	strings := e.fields
	if e.flags&flagSame == 0 {
		strings *= 2
	}
	for ; strings > 0; strings-- {
		n, from := number(p, at)
		at = from + uint32(n)
	}
	e.end = at + uint32(numberSize(uint64(at-e.at)))
	return e
}

// entryBefore reads the entry that ends at a place.
func (b *block) entryBefore(end uint32) entry {
	n, from := sizeBack(b.bytes(), end)
	e := b.head(from - n)
	e.end = end
	return e
}

// delete marks an entry. If it was the first, start goes on to the next that is left.
func (b *block) delete(e entry) {
	b.bytes()[e.at] |= flagDeleted
	b.live--
	if e.at != b.start || b.live == 0 {
		return
	}
	for e.deleted() || e.at == b.start {
		e = b.entry(e.end)
	}
	b.start = e.at
}

// cutDeletedEnd forgets the deleted entries after the last live one.
func (b *block) cutDeletedEnd() {
	e := b.entryBefore(b.used)
	for e.deleted() {
		b.used = e.at
		e = b.entryBefore(b.used)
	}
	b.last = e.id
}
