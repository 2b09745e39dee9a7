package keyspace

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/object"
)

// waitFor leaves a waiter, as a command would that found nothing.
func waitFor(ks *Keyspace, w *Waiter, more ...Key) *Waiter {
	var tx Tx
	w.More = more
	ks.Begin(&tx, w.DB, 1, append(append([]Key(nil), w.Keys...), more...))
	tx.Wait(w)
	tx.End(nil)
	return w
}

func listWaiter(keys ...Key) *Waiter { return &Waiter{Type: TypeList, Keys: keys} }

// ready asks for one waiter, and serves it.
func ready(t *testing.T, tx *Tx, want *Waiter, key Key) {
	t.Helper()
	w, k := tx.Ready()
	if w != want || w != nil && string(k.Name) != string(key.Name) {
		t.Fatalf("ready is %p for %q, want %p for %q", w, k.Name, want, key.Name)
	}
	if w != nil {
		tx.Served(w)
	}
}

func waitKeyspace(t *testing.T) (*Keyspace, func(string) Key) {
	ks, err := New(Options{Databases: 4, Shards: 16})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ks.Close)
	return ks, func(name string) Key { return Key{[]byte(name), ks.Hash([]byte(name))} }
}

// makeKey gives k an (unreadable) value of a type.
func makeKey(tx *Tx, k Key, typ Type) {
	c := tx.NewCell(k, typ, object.Packed, 1, NoTTL)
	c.Body()[0] = 0
	tx.Notify(ClassGeneric, "made", k)
}

func TestWaitersAreReadyInOrder(t *testing.T) {
	ks, key := waitKeyspace(t)
	a, b := key("a"), key("b")
	first, zset, both, twice := waitFor(ks, listWaiter(a)), waitFor(ks, &Waiter{Type: TypeZSet, Keys: []Key{a}}),
		waitFor(ks, listWaiter(b, a)), waitFor(ks, listWaiter(a, a))
	elsewhere := waitFor(ks, &Waiter{DB: 1, Type: TypeList, Keys: []Key{a}})
	var tx Tx
	ks.Begin(&tx, 0, 1, []Key{a, b})
	if tx.AnyReady() {
		t.Error("ready before anything happened")
	}
	makeKey(&tx, b, TypeList)
	makeKey(&tx, a, TypeList)
	ready(t, &tx, both, b)
	ready(t, &tx, first, a)
	ready(t, &tx, twice, a)
	ready(t, &tx, nil, a)
	makeKey(&tx, a, TypeZSet)
	ready(t, &tx, zset, a)
	ready(t, &tx, nil, a)
	tx.SetString(b, []byte("v"), NoTTL)
	tx.Notify(ClassString, "set", b)
	ready(t, &tx, nil, a)
	tx.End(nil)
	ks.BeginAll(&tx, 0, 1)
	tx.SwapDB(0, 1)
	ready(t, &tx, nil, a)
	makeKey(&tx, a, TypeList)
	tx.SwapDB(0, 1)
	ready(t, &tx, elsewhere, a)
	tx.End(nil)
	if st := ks.Stats(); st.Waits != 0 {
		t.Errorf("%d keys are waited for", st.Waits)
	}
}

func TestReleasedWaiterStays(t *testing.T) {
	ks, key := waitKeyspace(t)
	a := key("a")
	w, next := waitFor(ks, listWaiter(a)), waitFor(ks, listWaiter(a))
	var tx Tx
	ks.Begin(&tx, 0, 1, []Key{a})
	makeKey(&tx, a, TypeList)
	if got, _ := tx.Ready(); got != w {
		t.Fatal("the first is not ready")
	}
	w.Release()
	ready(t, &tx, next, a)
	ready(t, &tx, nil, a)
	tx.Signal(a)
	ready(t, &tx, w, a)
	tx.End(nil)
}

func TestWhoGaveUpIsNotReady(t *testing.T) {
	ks, key := waitKeyspace(t)
	a := key("a")
	w := waitFor(ks, listWaiter(a))
	if !w.GiveUp() || w.GiveUp() || w.Claim() {
		t.Error("it can be decided once")
	}
	var tx Tx
	ks.Begin(&tx, 0, 1, []Key{a})
	makeKey(&tx, a, TypeList)
	ready(t, &tx, nil, a)
	tx.End(nil)
	ks.Forget(w)
	if st := ks.Stats(); st.Waits != 0 {
		t.Errorf("%d keys are waited for", st.Waits)
	}
}

// TestBeginLocksWhatWaitersNeed: a chain of waiters over many shards.
func TestBeginLocksWhatWaitersNeed(t *testing.T) {
	ks, key := waitKeyspace(t)
	var keys []Key
	need := uint64(0)
	for i := range 8 {
		keys = append(keys, key(fmt.Sprint("key", i)))
		need |= 1 << (keys[i].Hash & ks.mask)
	}
	var waiters []*Waiter
	for i := range 7 {
		waiters = append(waiters, waitFor(ks, listWaiter(keys[i]), keys[i+1]))
	}
	var tx Tx
	ks.Begin(&tx, 0, 1, keys[:1])
	if tx.locked&need != need {
		t.Errorf("locked %b, needed %b", tx.locked, need)
	}
	for i := range 7 {
		makeKey(&tx, keys[i], TypeList)
		ready(t, &tx, waiters[i], keys[i])
	}
	tx.End(nil)
	other := key("other")
	ks.Begin(&tx, 0, 1, []Key{other})
	if tx.locked != 1<<(other.Hash&ks.mask) {
		t.Errorf("locked %b although nobody waits", tx.locked)
	}
	tx.End(nil)
	if ks.wide.Load() != 0 {
		t.Errorf("%d wide waiters are left", ks.wide.Load())
	}
}

// TestEndWakesWhoIsNotServed: background expiry serves nobody.
func TestEndWakesWhoIsNotServed(t *testing.T) {
	ks, key := waitKeyspace(t)
	a := key("a")
	woken := make(chan string, 10)
	waiter := func(name string, existing bool) {
		waitFor(ks, &Waiter{Type: TypeStream, Existing: existing, Keys: []Key{a}, Wake: func() { woken <- name }})
	}
	waiter("reader", false)
	waiter("group", true)
	var tx Tx
	now := time.Now().UnixMilli()
	ks.Begin(&tx, 0, now, []Key{a})
	tx.SetString(a, []byte("v"), TTL(now+1))
	tx.Notify(ClassString, "set", a)
	tx.End(nil)
	for range 2 { // it was overwritten, then it expired
		if got := <-woken; got != "group" {
			t.Errorf("%s was woken", got)
		}
	}
	if len(woken) > 0 {
		t.Errorf("%s was woken, too", <-woken)
	}
}

// TestClaimsExclude: of many who decide about one waiter, one does.
func TestClaimsExclude(t *testing.T) {
	for range 200 {
		var w Waiter
		var decided atomic.Int32
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				if i%2 == 0 {
					if w.Claim() {
						w.Release()
					}
				} else if w.GiveUp() {
					decided.Add(1)
				}
			})
		}
		all.Wait()
		if decided.Load() != 1 {
			t.Fatalf("%d decided", decided.Load())
		}
	}
}

func FuzzWaitQueues(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 128, 64, 7, 200})
	f.Fuzz(func(t *testing.T, program []byte) {
		ks, key := waitKeyspace(t)
		keys := []Key{key("a"), key("b"), key("c")}
		queues := map[int][]*Waiter{} // the model: who waits for key i, in order
		remove := func(w *Waiter) {
			for i := range queues {
				for j, other := range queues[i] {
					if other == w {
						queues[i] = append(queues[i][:j:j], queues[i][j+1:]...)
						break
					}
				}
			}
		}
		var tx Tx
		for _, op := range program {
			i := int(op>>2) % 3
			switch op & 3 {
			case 0: // wait for one key
				queues[i] = append(queues[i], waitFor(ks, listWaiter(keys[i])))
			case 1: // or two
				j := (i + 1) % 3
				w := waitFor(ks, listWaiter(keys[i], keys[j]))
				queues[i], queues[j] = append(queues[i], w), append(queues[j], w)
			case 2: // the first of a queue gives up
				if len(queues[i]) > 0 {
					w := queues[i][0]
					w.GiveUp()
					ks.Forget(w)
					remove(w)
				}
			case 3: // some are served
				ks.Begin(&tx, 0, 1, keys[i:i+1])
				makeKey(&tx, keys[i], TypeList)
				for range int(op>>4)%3 + 1 {
					if len(queues[i]) == 0 {
						ready(t, &tx, nil, keys[i])
						break
					}
					w := queues[i][0]
					ready(t, &tx, w, keys[i])
					remove(w)
				}
				tx.Delete(keys[i])
				tx.Notify(ClassGeneric, "del", keys[i])
				ready(t, &tx, nil, keys[i])
				tx.End(nil)
				for _, w := range queues[i] { // whose places in other shards are left
					if w.state.Load() != waiting {
						t.Fatal("a waiter in the model is not waiting")
					}
				}
			}
		}
	})
}
