package keyspace

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/invariants"
)

func (ks *Keyspace) set(tx *Tx, now int64, name string, content []byte, ttl TTL) {
	k := Key{[]byte(name), ks.Hash([]byte(name))}
	ks.Begin(tx, 0, now, []Key{k})
	tx.SetString(k, content, ttl)
	tx.Notify(ClassString, "set", k)
	tx.End(nil)
}

func (ks *Keyspace) has(tx *Tx, now int64, name string) bool {
	k := Key{[]byte(name), ks.Hash([]byte(name))}
	ks.Begin(tx, 0, now, []Key{k})
	defer tx.End(nil)
	_, ok := tx.Read(k)
	return ok
}

func TestEvictionKeepsTheLimit(t *testing.T) {
	for policy := VolatileLRU; policy <= AllKeysRandom; policy++ {
		t.Run(fmt.Sprint(policy), func(t *testing.T) {
			ks := newTest(t, 16)
			ks.Settings.Policy.Store(int32(policy))
			ks.Settings.Tenacity.Store(100)
			const limit = 1 << 20
			ks.Settings.MaxMemory.Store(limit)
			var tx Tx
			now := time.Now().UnixMilli()
			for i := range 25_000 {
				if !ks.MakeRoom(now, nil) {
					t.Fatalf("no room after %d keys", i)
				}
				ks.set(&tx, now, fmt.Sprintf("key:%d", i), bytes.Repeat([]byte("v"), 100), TTL(now+1e6))
			}
			ks.MakeRoom(now, nil)
			if used := ks.Memory().Used; used > limit || used < limit*9/10 {
				t.Fatalf("%d bytes used of %d", used, limit)
			}
			if st := ks.Stats(); st.Evicted+st.Keys[0].Keys != 25_000 {
				t.Fatalf("%d keys left, %d evicted", st.Keys[0].Keys, st.Evicted)
			}
			if err := ks.check(); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestNothingToEvict(t *testing.T) {
	ks := newTest(t, 16)
	ks.Settings.Policy.Store(int32(VolatileLRU))
	var tx Tx
	now := time.Now().UnixMilli()
	for i := range 1000 {
		ks.set(&tx, now, fmt.Sprintf("key:%d", i), []byte("value"), NoTTL)
	}
	ks.Settings.MaxMemory.Store(1)
	if ks.MakeRoom(now, nil) {
		t.Fatal("room was made of keys without expiry under a volatile policy")
	}
	if st := ks.Stats(); st.Keys[0].Keys != 1000 {
		t.Fatalf("%d keys left", st.Keys[0].Keys)
	}
}

// The keys used last survive, under LRU with one access long after, under LFU with many.
func TestEvictionSparesTheUsed(t *testing.T) {
	for _, policy := range []Policy{AllKeysLRU, VolatileLRU, AllKeysLFU, VolatileLFU, VolatileTTL} {
		ks := newTest(t, 16)
		ks.Settings.Policy.Store(int32(policy))
		ks.Settings.Tenacity.Store(100)
		var tx Tx
		now := time.Now().UnixMilli()
		const n = 20_000
		hot := func(i int) bool { return i%10 == 0 }
		for i := range n {
			ttl := TTL(now + 1e8)
			if hot(i) {
				ttl += 1e6
			}
			ks.set(&tx, now, fmt.Sprintf("key:%d", i), []byte("some value"), ttl)
		}
		for round := range 20 {
			for i := 0; i < n; i += 10 {
				ks.has(&tx, now+int64(round)*1000, fmt.Sprintf("key:%d", i))
			}
		}
		now += 20_000
		ks.Settings.MaxMemory.Store(ks.Memory().Used / 2)
		ks.MakeRoom(now, nil)
		kept, keptHot := 0, 0
		for i := range n {
			if ks.has(&tx, now, fmt.Sprintf("key:%d", i)) {
				kept++
				if hot(i) {
					keptHot++
				}
			}
		}
		if kept < n/4 || kept > n*3/4 || keptHot < n/10*95/100 {
			t.Errorf("policy %d: %d of %d keys are left, of %d used ones %d", policy, kept, n, n/10, keptHot)
		}
	}
}

func TestBackgroundExpiry(t *testing.T) {
	ks := newTest(t, 16)
	var tx Tx
	now := time.Now().UnixMilli()
	for i := range 10_000 {
		ttl := TTL(now + 20)
		if i%10 == 0 {
			ttl = NoTTL
		}
		ks.set(&tx, now, fmt.Sprintf("key:%d", i), []byte("value"), ttl)
	}
	for ks.Stats().Keys[0].Keys != 1000 {
		time.Sleep(time.Millisecond) // the test's own time limit bounds it
	}
	st := ks.Stats()
	if st.Keys[0].Expires != 0 || st.Expired != 9000 {
		t.Fatalf("%+v", st)
	}
	if err := ks.check(); err != nil {
		t.Fatal(err)
	}
}

func TestShrinksAfterDeletion(t *testing.T) {
	ks := newTest(t, 1)
	var tx Tx
	now := time.Now().UnixMilli()
	for i := range 50_000 {
		ks.set(&tx, now, fmt.Sprintf("key:%d", i), []byte("some value or other"), NoTTL)
	}
	full := ks.Memory()
	for i := range 49_900 {
		name := fmt.Appendf(nil, "key:%d", i)
		k := Key{name, ks.Hash(name)}
		ks.Begin(&tx, 0, now, []Key{k})
		tx.Delete(k)
		tx.Notify(ClassGeneric, "del", k)
		tx.End(nil)
	}
	for range 1000 {
		ks.housekeep(&ks.shards[0])
	}
	if m := ks.Memory(); m.Index > full.Index/20 || m.Committed+m.Idle > full.Committed/2 {
		t.Fatalf("full: %+v; nearly empty: %+v", full, m)
	}
	if err := ks.check(); err != nil {
		t.Fatal(err)
	}
}

// Everything at once, for the race detector and the invariants.
func TestConcurrentUse(t *testing.T) {
	ks := newTest(t, 4)
	ks.Settings.Policy.Store(int32(AllKeysLRU))
	ks.Settings.MaxMemory.Store(1 << 20)
	big := bytes.Repeat([]byte("b"), 300_000)
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			rng := rand.New(rand.NewPCG(uint64(worker), 5))
			var tx Tx
			for range 3000 {
				now := time.Now().UnixMilli()
				name := fmt.Sprintf("key:%d", rng.IntN(2000))
				switch rng.IntN(100) {
				case 0:
					ks.BeginAll(&tx, 0, now)
					tx.FlushAll()
					tx.End(nil)
				case 1:
					ks.BeginAll(&tx, 0, now)
					tx.SwapDB(0, 1)
					tx.End(nil)
				case 2:
					ks.set(&tx, now, name, big, NoTTL)
				case 3:
					ks.BeginAll(&tx, 0, now)
					tx.Random()
					tx.Scan(rng.Uint64()>>20, 10, func(Entry) {})
					tx.End(nil)
				default:
					ks.Prefetch(0, []Key{{[]byte(name), ks.Hash([]byte(name))}, {[]byte("other"), ks.Hash([]byte("other"))}})
					ks.MakeRoom(now, nil)
					ks.set(&tx, now, name, []byte(name), TTL(now+rng.Int64N(50)))
					ks.has(&tx, now, name)
				}
			}
		})
	}
	all.Wait()
	if err := ks.check(); err != nil {
		t.Fatal(err)
	}
}

// The steady state allocates nothing on the Go heap.
func TestNoAllocations(t *testing.T) {
	if invariants.Enabled {
		t.Skip("the arguments of the checks allocate")
	}
	ks := newTest(t, 16)
	var tx Tx
	k := Key{[]byte("counter"), ks.Hash([]byte("counter"))}
	keys, content := []Key{k}, bytes.Repeat([]byte("v"), 64)
	allocs := testing.AllocsPerRun(1000, func() {
		ks.Begin(&tx, 0, 1, keys)
		tx.SetString(k, content, NoTTL)
		tx.SetInt(k, 7, KeepTTL)
		tx.Read(k)
		tx.Notify(ClassString, "set", k)
		tx.End(nil)
	})
	if allocs != 0 {
		t.Fatalf("%v allocations", allocs)
	}
}

func BenchmarkSetGet1M(b *testing.B) {
	ks := newTest(b, 16)
	var tx Tx
	const n = 1 << 20
	names := make([][]byte, n)
	value := bytes.Repeat([]byte("v"), 64)
	for i := range names {
		names[i] = fmt.Appendf(nil, "key:%013d", i)
		ks.set(&tx, 1, string(names[i]), value, NoTTL)
	}
	for _, batch := range []int{1, 16, 64} {
		for _, write := range []bool{false, true} {
			b.Run(fmt.Sprintf("batch=%d/write=%v", batch, write), func(b *testing.B) {
				keys := make([]Key, batch)
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if i%batch == 0 {
						for j := range keys {
							name := names[rand.Uint32()%n]
							keys[j] = Key{name, ks.Hash(name)}
						}
						if batch > 1 {
							ks.Prefetch(0, keys)
						}
					}
					k := keys[i%batch]
					ks.Begin(&tx, 0, 1, keys[i%batch:i%batch+1])
					if write {
						tx.SetString(k, value, NoTTL)
						tx.Notify(ClassString, "set", k)
					} else if _, ok := tx.Read(k); !ok {
						b.Fatal("lost")
					}
					tx.End(nil)
				}
			})
		}
	}
}

// A key's share of background expiry, a million at once.
func BenchmarkExpire1M(b *testing.B) {
	ks := newTest(b, 16)
	ks.Settings.ActiveExpire.Store(false)
	var tx Tx
	var x expirer
	for b.Loop() {
		b.StopTimer()
		for i := range 1_000_000 {
			ks.set(&tx, 1000, fmt.Sprintf("key:%013d", i), []byte("v1234567"), 2000)
		}
		ks.Settings.ActiveExpire.Store(true)
		b.StartTimer()
		x.run(ks)
		b.StopTimer()
		ks.Settings.ActiveExpire.Store(false)
		if n := ks.Stats().Keys[0].Keys; n != 0 {
			b.Fatal(n)
		}
		b.StartTimer()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/key")
}
