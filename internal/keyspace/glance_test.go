package keyspace

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"
)

// reading is what a read of a key shows, and what it leaves behind.
type reading struct {
	text         string
	found        bool
	clock        uint32
	hits, misses int64
}

func (ks *Keyspace) reading(name []byte, read func(k Key) (string, bool)) reading {
	k := Key{name, ks.Hash(name)}
	before := ks.Stats()
	r := reading{}
	r.text, r.found = read(k)
	after := ks.Stats()
	r.hits, r.misses = after.Hits-before.Hits, after.Misses-before.Misses
	var tx Tx
	ks.Begin(&tx, 0, 0, []Key{k})
	if e, ok := tx.Peek(k); ok {
		r.clock = e.Clock()
	}
	tx.End(nil)
	return r
}

// A Glance reads, counts and touches what a Tx does, or nothing at all.
func TestGlance(t *testing.T) {
	ks := newTest(t, 4)
	ks.Settings.ActiveExpire.Store(false)
	now := time.Now().UnixMilli()
	values := map[string][]byte{
		"empty": {}, "text": []byte("v"), "number": []byte("-12"), "blob": bytes.Repeat([]byte("b"), 1<<20), "moved": bytes.Repeat([]byte("m"), 1<<20),
	}
	var tx Tx
	var there []string
	for name, v := range values {
		for _, suffix := range []string{"", " later"} {
			k := Key{Name: []byte(name + suffix)}
			k.Hash = ks.Hash(k.Name)
			ks.Begin(&tx, 0, now, []Key{k})
			tx.SetString(k, v, map[string]TTL{"": NoTTL, " later": TTL(now + 1e6)}[suffix])
			tx.Notify(ClassString, "set", k)
			tx.End(nil)
			there = append(there, name+suffix)
		}
	}
	for i := range 16 { // some of them in another shard, whose arena the value is not in
		src, dst := "moved", fmt.Sprint("moved", i)
		if i > 0 {
			src = fmt.Sprint("moved", i-1)
		}
		a, b := Key{[]byte(src), ks.Hash([]byte(src))}, Key{[]byte(dst), ks.Hash([]byte(dst))}
		ks.Begin(&tx, 0, now, []Key{a, b})
		tx.Rename(a, b)
		tx.Notify(ClassGeneric, "rename", a)
		tx.Notify(ClassGeneric, "rename", b)
		tx.End(nil)
	}
	there = append(there, "moved15")
	for i, name := range append(there, "none", "moved") {
		at := now + int64(i+1)*10_000
		short := ks.reading([]byte(name), func(k Key) (string, bool) {
			text, sight := ks.Glance(0, name, ks.HashString(name), at)
			if sight == Unclear {
				t.Errorf("%s is unclear", name)
			}
			return text, sight == Seen
		})
		long := ks.reading([]byte(name), func(k Key) (text string, found bool) {
			ks.Begin(&tx, 0, at, []Key{k})
			defer tx.End(nil)
			e, found := tx.Read(k)
			if found {
				text = string(e.Bytes(nil))
			}
			return text, found
		})
		if short != long {
			t.Errorf("%s: %.100v on the short way, %.100v on the long one", name, short, long)
		}
	}
	if _, sight := ks.Glance(3, "text", ks.HashString("text"), now); sight != Absent {
		t.Errorf("in an empty database: %d", sight)
	}

	before := ks.Stats()
	unclear := func(why, name string) {
		t.Helper()
		if _, sight := ks.Glance(0, name, ks.HashString(name), now); sight != Unclear {
			t.Errorf("%s: %d", why, sight)
		}
	}
	ks.Clock.ahead.Add(2e6)
	unclear("expired", "text later")
	ks.wants.Store(uint32(WantMisses))
	unclear("somebody wants to hear of it", "none")
	ks.wants.Store(0)
	if after := ks.Stats(); after.Hits != before.Hits || after.Misses != before.Misses || after.Expired != 0 {
		t.Errorf("what is unclear is counted: %+v after %+v", after, before)
	}
}

// A Glance that comes while the keyspace is closed, or later, does not touch memory that is gone.
func TestGlanceAtTheEnd(t *testing.T) {
	ks, err := New(Options{Databases: 1, Shards: 4})
	if err != nil {
		t.Fatal(err)
	}
	k := Key{[]byte("k"), ks.Hash([]byte("k"))}
	var tx Tx
	ks.Begin(&tx, 0, 0, []Key{k})
	tx.SetString(k, []byte("v"), NoTTL)
	tx.Notify(ClassString, "set", k)
	tx.End(nil)
	var all sync.WaitGroup
	seen := make(chan bool, 4)
	for range cap(seen) {
		all.Go(func() {
			for n := 0; ; n++ {
				text, sight := ks.Glance(0, "k", k.Hash, 0)
				if sight == Unclear {
					return
				}
				if sight != Seen || text != "v" {
					t.Errorf("%q, %d", text, sight)
					return
				}
				if n == 100 {
					seen <- true
				}
			}
		})
	}
	<-seen
	ks.Close()
	all.Wait()
}
