package value

import (
	"strconv"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/intset"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/table"
)

// Operations on several large sets miss the cache for nearly every member
// they look at. They take members in waves, so that the misses of a wave
// overlap: first all its buckets are asked for, then all elements, and
// only then is anything compared.

const setWave = 2 * table.MinBatch

// A Wave is some members of a set.
type Wave struct {
	n       int
	hashed  bool
	text    [setWave][]byte // nil for an integer that is not text
	integer [setWave]int64
	hash    [setWave]uint64 // if hashed
	digits  [20]byte
}

// Len is the number of members in the wave.
func (w *Wave) Len() int { return w.n }

// Member is the i-th; its bytes are good until the next call of any method of the wave.
func (w *Wave) Member(i int) []byte {
	if w.text[i] == nil {
		return strconv.AppendInt(w.digits[:0], w.integer[i], 10)
	}
	return w.text[i]
}

func (w *Wave) clear() { w.n, w.hashed = 0, false }

// add adds text, which is not nil.
func (w *Wave) add(b []byte) {
	w.text[w.n] = b
	w.n++
}

func (w *Wave) addInt(v int64) {
	w.text[w.n], w.integer[w.n] = nil, v
	w.n++
}

func (w *Wave) needHashes() {
	if w.hashed {
		return
	}
	w.hashed = true
	for i := range w.n {
		w.hash[i] = hashOf(w.Member(i))
	}
}

// move makes the i-th member the j-th.
func (w *Wave) move(i, j int) {
	w.text[j], w.integer[j], w.hash[j] = w.text[i], w.integer[i], w.hash[i]
}

// A SetWalk goes through a set in waves. The set must not change meanwhile.
type SetWalk struct {
	enc   object.Encoding
	body  []byte
	at    int // index in an intset, position in a listpack
	arena *arena.Arena
	iter  table.Iter
	batch [setWave]arena.Ref // the elements after the wave, already asked for
	ahead int
}

// Walk starts before the first wave.
func (s *Set) Walk() SetWalk {
	w := SetWalk{enc: s.Encoding()}
	switch w.enc {
	case object.IntSet:
		w.body = s.Body()
	case object.Packed:
		w.body = s.Body()
		w.at = listpack.First(w.body)
	default:
		var t table.Root
		s.open(&t)
		w.arena, w.iter = s.Arena(), t.Iter()
		w.ahead = len(w.iter.Next(w.batch[:]))
	}
	return w
}

// Next fills the wave and says whether there is anything in it.
func (k *SetWalk) Next(w *Wave) bool {
	w.clear()
	switch k.enc {
	case object.IntSet:
		for ; w.n < setWave && k.at < intset.Len(k.body); k.at++ {
			w.addInt(intset.At(k.body, k.at))
		}
	case object.Packed:
		k.nextPacked(w)
	default:
		for _, ref := range k.batch[:k.ahead] {
			w.add(elementAt(k.arena, ref))
		}
		k.ahead = len(k.iter.Next(k.batch[:]))
	}
	return w.n > 0
}

func (k *SetWalk) nextPacked(w *Wave) {
	for w.n < setWave && k.at != 0 {
		var e listpack.Entry
		e, k.at = listpack.Read(k.body, k.at)
		if v, ok := e.Int(); ok {
			w.addInt(v)
		} else {
			w.add(e.Bytes(nil))
		}
	}
}

// Filter leaves in the wave the members that are in s, too, or, with in false, those that are not.
func (s *Set) Filter(w *Wave, in bool) {
	rooted := s.Encoding() == object.Rooted
	var t table.Root
	if rooted {
		w.needHashes()
		s.open(&t)
		w.prefetch(&t)
	}
	n := 0
	for i := range w.n {
		found := false
		if rooted {
			_, found = probeElement(&t, w.hash[i], w.Member(i))
		} else {
			found = s.Has(w.Member(i))
		}
		if found == in {
			w.move(i, n)
			n++
		}
	}
	w.n = n
}

// prefetch asks for what looking up the wave in t will need.
func (w *Wave) prefetch(t *table.Root) {
	for i := range w.n {
		t.Prefetch(w.hash[i])
	}
	for i := range w.n {
		if ref := t.Candidate(w.hash[i]); ref != 0 {
			arena.PrefetchAddr(t.Arena().Ptr(ref))
		}
	}
}

// AddWave adds the members of a wave of other sets to a draft; all says that
// none of them is in it yet.
func (s *Set) AddWave(w *Wave, all bool) {
	if s.Encoding() == object.Rooted {
		s.addToTable(w, all)
		return
	}
	for i := range w.n {
		s.Add(w.Member(i))
	}
}

func (s *Set) addToTable(w *Wave, all bool) {
	s.Change()
	w.needHashes()
	var t table.Root
	s.open(&t)
	w.prefetch(&t)
	for i := range w.n {
		b := w.Member(i)
		if !all {
			if _, found := probeElement(&t, w.hash[i], b); found {
				continue
			}
		}
		insertElement(&t, w.hash[i], b)
	}
}
