package keyspace

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// recorder is a subscriber that writes down what it hears of one Tx.
type recorder struct {
	before  map[string]modelValue // by database and key: the value before the first change
	existed map[string]bool
	after   map[string]int
	errs    []string
	journal int
}

func (r *recorder) reset() {
	*r = recorder{before: map[string]modelValue{}, existed: map[string]bool{}, after: map[string]int{}}
}

func id(db int, key []byte) string { return fmt.Sprintf("%d/%s", db, key) }

func (r *recorder) Before(db int, k Key, e Entry, exists bool) {
	key := k.Name
	at := id(db, key)
	if _, twice := r.existed[at]; twice {
		return // an expired key, then the same key again
	}
	r.existed[at] = exists
	if exists {
		r.before[at] = modelValue{string(e.Bytes(nil)), e.ExpireAt()}
	}
	if r.after[at] > 0 {
		r.errs = append(r.errs, "an effect on "+at+" came before its change")
	}
}

func (r *recorder) After(db int, k Key, class Class, event string) {
	key := k.Name
	if _, ok := r.existed[id(db, key)]; ok {
		r.after[id(db, key)]++
	}
}

func (r *recorder) Journal(int, [][]byte) { r.journal++ }
func (r *recorder) Flush(int)             {}
func (r *recorder) Swap(int, int)         {}

// state copies the model, expired keys included: they are there until someone meets them.
func (m *model) state() map[string]modelValue {
	all := map[string]modelValue{}
	for db := range m.dbs {
		for name, v := range m.dbs[db] {
			all[id(db, []byte(name))] = v
		}
	}
	return all
}

// Subscribers hear of every change: the old value before, an effect after, a
// command for the journal at the end, and of nothing that did not happen.
func TestEventsAreOrderedAndComplete(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	m := newModel(t, 4)
	var r recorder
	m.ks.Subscribe(&r)
	for range 3000 {
		r.reset()
		was := m.state()
		m.step(rng.Uint32(), rng.Uint32(), rng.Uint32())
		is := m.state()
		for at, v := range was {
			if is[at] == v || v.at != 0 && v.at < m.now {
				continue // the model forgets an expired key when it likes
			}
			if _, heard := r.existed[at]; !heard {
				t.Fatalf("%s changed from %.40q and nobody was told", at, v.content)
			}
			if r.existed[at] && r.before[at] != v {
				t.Fatalf("%s was %.40q, subscribers got %.40q", at, v.content, r.before[at].content)
			}
		}
		for at := range is {
			if _, old := was[at]; !old && r.after[at] == 0 {
				t.Fatalf("%s was made and nobody was told", at)
			}
		}
		if len(r.existed) > 0 && r.journal == 0 {
			t.Fatalf("%v changed and nothing was journalled", r.existed)
		}
		if len(r.errs) > 0 {
			t.Fatal(r.errs)
		}
	}
}
