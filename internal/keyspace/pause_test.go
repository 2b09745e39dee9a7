package keyspace

import (
	"testing"
	"time"
)

// While the server is paused, an expired key is missing for everyone, and stays.
func TestPauseKeepsExpiredKeys(t *testing.T) {
	ks := newTest(t, 4)
	now := time.Now().UnixMilli()
	ks.Settings.PausedUntil.Store(now + 1e6)
	k := Key{[]byte("k"), ks.Hash([]byte("k"))}
	var tx Tx
	ks.Begin(&tx, 0, now, []Key{k})
	tx.SetString(k, []byte("v"), TTL(now-1))
	tx.Notify(ClassString, "set", k)
	tx.End(nil)
	var x expirer
	x.run(ks)
	if st := ks.Stats(); st.Keys[0].Keys != 1 || st.Expired != 0 {
		t.Fatalf("%d keys, %d expired", st.Keys[0].Keys, st.Expired)
	}
	ks.BeginAll(&tx, 0, now)
	if _, found := tx.Read(k); found {
		t.Error("an expired key is found")
	}
	if _, found := tx.Random(); found {
		t.Error("an expired key is drawn")
	}
	tx.Each(func(e Entry) bool { t.Errorf("%q is listed", e.Name()); return true })
	tx.End(nil)

	// A write ends the wait of the key that it replaces.
	ks.Begin(&tx, 0, now, []Key{k})
	tx.SetString(k, []byte("w"), NoTTL)
	tx.Notify(ClassString, "set", k)
	tx.End(nil)
	if st := ks.Stats(); st.Keys[0].Keys != 1 || st.Keys[0].Expires != 0 || st.Expired != 1 {
		t.Errorf("after a write %+v, %d expired", st.Keys[0], st.Expired)
	}
}

func TestPauseKeepsAllKeys(t *testing.T) {
	ks := newTest(t, 4)
	now := time.Now().UnixMilli()
	k := Key{[]byte("k"), ks.Hash([]byte("k"))}
	var tx Tx
	ks.Begin(&tx, 0, now, []Key{k})
	tx.SetString(k, []byte("v"), NoTTL)
	tx.Notify(ClassString, "set", k)
	tx.End(nil)
	ks.Settings.Policy.Store(int32(AllKeysRandom))
	ks.Settings.PausedUntil.Store(now + 1e6)
	ks.Settings.MaxMemory.Store(1)
	if !ks.MakeRoom(now, nil) || ks.Stats().Evicted != 0 {
		t.Error("a paused server evicts, or refuses to")
	}
	ks.Settings.PausedUntil.Store(now)
	ks.MakeRoom(now, nil)
	if ks.Stats().Evicted != 1 {
		t.Error("after the pause nothing is evicted")
	}
}
