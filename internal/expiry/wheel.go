// Package expiry keeps the records that expire in the order of time: a
// hierarchical timer wheel in arena memory.
//
// # Terms and layout
//
// A tick is 4 ms. The wheel has 6 levels of 64 slots; a slot of level l
// spans 64^l ticks, so the wheel covers 8 years; what expires later waits in the farthest
// slot and is put again when that comes up. A slot is a list of chunks of 256 bytes,
// each with up to 60 refs of records; only the first chunk of a list is not
// full. A record knows its chunk and index, so that it is taken out by moving
// the last ref of the first chunk to its place: every change touches at most
// two records. A timer costs 4.3 bytes here and 13 in the record.
//
// When the first tick of a slot of a higher level comes, its records move to
// the levels below ("cascade"). Due does that, too, in steps as small as the caller
// wants, so that a million records in one slot delay nobody.
//
// # Rejected
//
// Sampling a second hash table, as Redis does, leaves up to a quarter of the
// expired keys in memory and costs a table entry per timer. A heap needs
// 16 bytes per timer and touches log n records per change. Lists linked
// through the records touch two neighbours per change and cannot be prefetched or sampled.
//
// Source: Varghese and Lauck, Hashed and hierarchical timing wheels (1987).
package expiry

import (
	"math/bits"
	"unsafe"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

const (
	tickShift  = 2              // a tick is 4 ms
	Tick       = 1 << tickShift // milliseconds after which what has expired is certainly due
	levels     = 6
	levelBits  = 6
	slots      = 1 << levelBits
	slotMask   = slots - 1
	maxTicks   = 1<<(levels*levelBits) - 1
	chunkSize  = 256
	chunkSlots = 60
)

// chunk holds refs of records; it lives in the arena.
type chunk struct {
	next  arena.Ref // in the slot's list
	index uint32    // in Wheel.chunks
	slot  uint16
	n     uint16
	_     uint32
	refs  [chunkSlots]arena.Ref
}

// A Wheel holds the records of one database and shard that expire. It is not
// safe for concurrent use. The zero Wheel needs Init.
type Wheel struct {
	arena     *arena.Arena
	heads     []arena.Ref    // levels*slots lists, made with the first timer
	used      [levels]uint64 // a bit per slot that is not empty
	chunks    []arena.Ref    // all chunks, for Sample
	tick      int64          // the next tick to process
	cascaded  int            // levels of tick that were cascaded already
	count     int
	sumExpiry int64 // of all timers, each capped, for the average
}

// sumCap bounds what a timer adds to the sum: in 2109 the average starts to lie.
const sumCap = 1 << 42

// Init makes w an empty wheel at time now.
func (w *Wheel) Init(a *arena.Arena, now int64) { *w = Wheel{arena: a, tick: now >> tickShift} }

// Len is the number of timers.
func (w *Wheel) Len() int { return w.count }

// AverageTTL is the average time left at time now, in milliseconds.
func (w *Wheel) AverageTTL(now int64) int64 {
	if w.count == 0 {
		return 0
	}
	return max(w.sumExpiry/int64(w.count)-now, 0)
}

// Add puts in a record that has a timer, by its expiry; one that has passed
// is due with the current tick.
func (w *Wheel) Add(ref arena.Ref) {
	at := object.At(w.arena, ref).ExpireAt()
	w.count++
	w.sumExpiry += min(at, sumCap)
	w.put(ref, at)
}

// Remove takes out a record, which still has the expiry it was added with.
// One that Due returned is out already.
func (w *Wheel) Remove(ref arena.Ref) {
	r := object.At(w.arena, ref)
	at, i := r.TimerPos()
	if at == 0 {
		return
	}
	w.count--
	w.sumExpiry -= min(r.ExpireAt(), sumCap)
	c := w.chunk(at)
	slot := int(c.slot)
	last := w.pop(slot)
	if last == ref {
		return
	}
	c.refs[i] = last
	object.At(w.arena, last).SetTimerPos(at, i)
}

// Moved notes that the content of a record was copied to another place.
func (w *Wheel) Moved(to arena.Ref) {
	at, i := object.At(w.arena, to).TimerPos()
	w.chunk(at).refs[i] = to
}

func (w *Wheel) chunk(ref arena.Ref) *chunk { return (*chunk)(w.arena.Ptr(ref)) }

func (w *Wheel) put(ref arena.Ref, at int64) {
	if w.heads == nil {
		w.heads = make([]arena.Ref, levels*slots)
	}
	slot := w.slotFor(at >> tickShift)
	head := w.heads[slot]
	if head == 0 || w.chunk(head).n == chunkSlots {
		head = w.newChunk(slot)
	}
	c := w.chunk(head)
	c.refs[c.n] = ref
	object.At(w.arena, ref).SetTimerPos(head, int(c.n))
	c.n++
}

// slotFor returns the slot of a tick: on the lowest level that reaches it.
func (w *Wheel) slotFor(tick int64) int {
	delta := min(max(tick-w.tick, 0), maxTicks)
	level := 0
	if delta >= slots {
		level = (bits.Len64(uint64(delta)) - 1) / levelBits
	}
	return level*slots + int((w.tick+delta)>>(level*levelBits))&slotMask
}

func (w *Wheel) newChunk(slot int) arena.Ref {
	ref := w.arena.Alloc(chunkSize, arena.Expiry)
	*w.chunk(ref) = chunk{next: w.heads[slot], index: uint32(len(w.chunks)), slot: uint16(slot)}
	w.chunks = append(w.chunks, ref)
	w.heads[slot] = ref
	w.used[slot/slots] |= 1 << (slot & slotMask)
	return ref
}

// pop takes the last ref of a slot's first chunk; the slot is not empty.
func (w *Wheel) pop(slot int) arena.Ref {
	head := w.heads[slot]
	c := w.chunk(head)
	c.n--
	ref := c.refs[c.n]
	if c.n == 0 {
		w.freeHead(slot, head, c)
	}
	return ref
}

func (w *Wheel) freeHead(slot int, head arena.Ref, c *chunk) {
	last := w.chunks[len(w.chunks)-1]
	w.chunks[c.index] = last
	w.chunk(last).index = c.index
	w.chunks = w.chunks[:len(w.chunks)-1]
	w.heads[slot] = c.next
	if c.next == 0 {
		w.used[slot/slots] &^= 1 << (slot & slotMask)
	}
	w.arena.Free(head, chunkSize, arena.Expiry)
}

// Due takes out up to cap(dst) records whose time passed before now and
// returns them; more says that work is left for another call. A record is
// due at most one tick after it expired.
func (w *Wheel) Due(now int64, dst []arena.Ref) (due []arena.Ref, more bool) {
	dst = dst[:0]
	work := 4 * cap(dst) // moving a record down costs less than removing one
	for target := now >> tickShift; w.tick < target; {
		if w.count == 0 {
			w.tick, w.cascaded = target, 0
			break
		}
		if w.tick&slotMask == 0 && !w.cascade(&work) {
			return dst, true
		}
		for slot := int(w.tick & slotMask); w.heads[slot] != 0; {
			if len(dst) == cap(dst) {
				return dst, true
			}
			ref := w.pop(slot)
			w.prefetch(slot)
			r := object.At(w.arena, ref)
			w.count--
			w.sumExpiry -= min(r.ExpireAt(), sumCap)
			r.SetTimerPos(0, 0)
			dst = append(dst, ref)
		}
		w.advance(target)
	}
	return dst, false
}

// prefetch asks for a record that Due will pop soon.
func (w *Wheel) prefetch(slot int) {
	const ahead = 12
	if head := w.heads[slot]; head != 0 {
		if c := w.chunk(head); c.n >= ahead {
			w.arena.Prefetch(c.refs[c.n-ahead])
		}
	}
}

// advance goes to the next tick that has something to do: the next one, or,
// past levels that are empty, the first of the next slot of the level above them.
func (w *Wheel) advance(target int64) {
	w.cascaded = 0
	level := 0
	for level < levels && w.used[level] == 0 {
		level++
	}
	w.tick = min(w.tick|(1<<(level*levelBits)-1)+1, target)
}

// cascade moves the records of the higher slots that begin with the current
// tick down, within the work left, and says whether all are.
func (w *Wheel) cascade(work *int) bool {
	for level := w.cascaded + 1; level < levels; level++ {
		slot := level*slots + int(w.tick>>(level*levelBits))&slotMask
		for w.heads[slot] != 0 {
			if *work--; *work < 0 {
				return false
			}
			ref := w.pop(slot)
			w.put(ref, object.At(w.arena, ref).ExpireAt())
		}
		w.cascaded = level
		if w.tick>>(level*levelBits)&slotMask != 0 {
			break // the levels above begin later
		}
	}
	w.cascaded = levels // done for this tick
	return true
}

// Sample returns a record at a place that the random number r chooses, or 0
// if there are none. Records are about equally likely.
func (w *Wheel) Sample(r uint64) arena.Ref {
	if len(w.chunks) == 0 {
		return 0
	}
	c := w.chunk(w.chunks[r>>32%uint64(len(w.chunks))])
	return c.refs[r&0xffffffff%uint64(c.n)]
}

// Drop frees all chunks and forgets the timers without touching the records.
func (w *Wheel) Drop() {
	for _, ref := range w.chunks {
		w.arena.Free(ref, chunkSize, arena.Expiry)
	}
	*w = Wheel{arena: w.arena, tick: w.tick}
}

var _ = [1]struct{}{}[unsafe.Sizeof(chunk{})-chunkSize]
