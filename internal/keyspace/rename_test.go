package keyspace

import (
	"bytes"
	"fmt"
	"sync"
	"testing"
	"time"
)

// keyIn returns a key whose name begins with prefix in shard i.
func (ks *Keyspace) keyIn(i int, prefix string) Key {
	for n := 0; ; n++ {
		name := fmt.Appendf(nil, "%s%d", prefix, n)
		if h := ks.Hash(name); h&ks.mask == uint64(i) {
			return Key{name, h}
		}
	}
}

func (ks *Keyspace) rename(tx *Tx, src, dst Key) {
	ks.Begin(tx, 0, 1, []Key{src, dst})
	tx.Rename(src, dst)
	tx.Notify(ClassGeneric, "rename_from", src)
	tx.Notify(ClassGeneric, "rename_to", dst)
	tx.End(nil)
}

// A large value that is renamed to a key of another shard is not copied: it
// stays in the arena it is in, and can be used, grown, renamed again, copied and freed from there.
func TestRenamedValueStays(t *testing.T) {
	ks := newTest(t, 4)
	var tx Tx
	content := bytes.Repeat([]byte("0123456789"), 30_000)
	a, b, c := ks.keyIn(0, "a"), ks.keyIn(1, "b"), ks.keyIn(2, "c")
	ks.Begin(&tx, 0, 1, []Key{a})
	tx.SetString(a, content, NoTTL)
	tx.Notify(ClassString, "set", a)
	before := &tx.Bytes(a)[0]
	tx.End(nil)
	for _, k := range [][2]Key{{a, b}, {b, c}, {c, a}, {a, b}} {
		ks.rename(&tx, k[0], k[1])
	}
	ks.Begin(&tx, 0, 1, []Key{b, c})
	if got := tx.Bytes(b); &got[0] != before || !bytes.Equal(got, content) {
		t.Error("the value was copied, or is another one")
	}
	tx.CopyTo(b, c, 0)
	tx.Notify(ClassGeneric, "copy_to", c)
	tx.Append(b, content)
	tx.Notify(ClassString, "append", b)
	if !bytes.Equal(tx.Bytes(b), append(content, content...)) || !bytes.Equal(tx.Bytes(c), content) {
		t.Error("after appending, the value or its copy is another one")
	}
	tx.Delete(b)
	tx.Notify(ClassGeneric, "del", b)
	tx.Delete(c)
	tx.Notify(ClassGeneric, "del", c)
	tx.End(nil)
	ks.awaitReclaimed(t)
	if m := ks.Memory(); m.Blobs != 0 || m.Records != 0 {
		t.Errorf("%d bytes of blobs and %d of records are left", m.Blobs, m.Records)
	}
}

// crowd gives shard i so many keys that a flush replaces its arena.
func (ks *Keyspace) crowd(tx *Tx, i int) {
	for n, made := 0, 0; made <= flushInline; n++ {
		name := fmt.Appendf(nil, "crowd%d", n)
		k := Key{name, ks.Hash(name)}
		if k.Hash&ks.mask != uint64(i) {
			continue
		}
		made++
		ks.Begin(tx, 0, 1, []Key{k})
		tx.SetInt(k, 1, NoTTL)
		tx.Notify(ClassString, "set", k)
		tx.End(nil)
	}
}

func (ks *Keyspace) awaitReclaimed(t testing.TB) {
	for start := time.Now(); ks.Memory().LazyfreePending > 0; time.Sleep(time.Millisecond) { // there is no event to wait for
		if time.Since(start) > 10*time.Second {
			t.Fatal("what was deleted is not reclaimed")
		}
	}
}

// Bytes returns the string at k, in the arena.
func (tx *Tx) Bytes(k Key) []byte {
	e, _ := tx.Peek(k)
	return e.Bytes(nil)
}

// Shards use each other's arenas once values were renamed, from several
// threads at once, with flushes in between.
func TestRenamedValuesConcurrently(t *testing.T) {
	ks := newTest(t, 4)
	content := bytes.Repeat([]byte("x"), shareSize)
	var threads sync.WaitGroup
	for n := range 4 {
		threads.Go(func() {
			var tx Tx
			keys := make([]Key, 4)
			for i := range keys {
				keys[i] = ks.keyIn(i, fmt.Sprintf("t%d:", n))
			}
			for round := range 200 {
				src, dst := keys[round%4], keys[(round+1+n)%4]
				ks.Begin(&tx, 0, 1, keys)
				if _, ok := tx.Peek(src); !ok {
					tx.SetString(src, content, NoTTL)
					tx.Notify(ClassString, "set", src)
				}
				tx.End(nil)
				ks.Begin(&tx, 0, 1, keys)
				if _, ok := tx.Peek(src); ok && !bytes.Equal(src.Name, dst.Name) {
					tx.Rename(src, dst)
					tx.Notify(ClassGeneric, "rename_from", src)
					tx.Notify(ClassGeneric, "rename_to", dst)
				}
				tx.End(nil)
				ks.Begin(&tx, 0, 1, []Key{dst})
				if _, ok := tx.Peek(dst); ok {
					if tx.Append(dst, []byte("y")); tx.Bytes(dst)[0] != 'x' {
						t.Errorf("%s holds %.20q", dst.Name, tx.Bytes(dst))
					}
					tx.Notify(ClassString, "append", dst)
				}
				tx.End(nil)
				if round%50 == 49 {
					ks.crowd(&tx, n)
					ks.BeginAll(&tx, 0, 1)
					if n%2 == 0 {
						tx.FlushAll()
					} else {
						tx.FlushDB()
					}
					tx.End(nil)
				}
			}
		})
	}
	threads.Wait()
	var tx Tx
	ks.BeginAll(&tx, 0, 1)
	tx.FlushDB()
	tx.End(nil)
	ks.awaitReclaimed(t)
	if m := ks.Memory(); m.Blobs != 0 || m.Records != 0 {
		t.Errorf("%d bytes of blobs and %d of records are left", m.Blobs, m.Records)
	}
}

// A value can go from the second shard to a third while the first, in whose
// arena it is, is not locked and in use.
func TestRenamedAgainWhileTheArenaIsInUse(t *testing.T) {
	ks := newTest(t, 4)
	a, b, c, other := ks.keyIn(0, "a"), ks.keyIn(1, "b"), ks.keyIn(2, "c"), ks.keyIn(0, "other")
	var tx Tx
	ks.Begin(&tx, 0, 1, []Key{a})
	tx.SetString(a, bytes.Repeat([]byte("x"), shareSize), NoTTL)
	tx.Notify(ClassString, "set", a)
	tx.End(nil)
	ks.rename(&tx, a, b)
	var user sync.WaitGroup
	user.Go(func() {
		for i := range 1000 {
			ks.set(new(Tx), 1, string(other.Name), bytes.Repeat([]byte("y"), i), NoTTL)
		}
	})
	for range 200 {
		ks.rename(&tx, b, c)
		ks.rename(&tx, c, b)
	}
	user.Wait()
}
