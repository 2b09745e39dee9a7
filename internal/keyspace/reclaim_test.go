package keyspace

import (
	"bytes"
	"fmt"
	"testing"
)

// setMany makes n strings of a size in the Tx's database.
func (tx *Tx) setMany(n, size int) {
	content := bytes.Repeat([]byte("x"), size)
	for i := range n {
		k := tx.Key(fmt.Appendf(nil, "%d:%d", size, i))
		tx.SetString(k, content, NoTTL)
		tx.Notify(ClassString, "set", k)
	}
}

// The large values of a database that was flushed become jobs of their own only when
// the reclaimer comes to the database; if its arena was flushed too, they must not come after that.
func TestFlushedDatabaseBeforeItsArena(t *testing.T) {
	ks := newTest(t, 1)
	var tx Tx
	for range 3 { // the arena is used again
		ks.BeginAll(&tx, 0, 1)
		tx.setMany(2*flushInline, 10)
		tx.SetDB(1)
		tx.setMany(2*flushInline, 10)
		tx.setMany(3, reclaimSize)
		tx.FlushDB()
		tx.FlushAll()
		tx.End(nil)
		ks.awaitReclaimed(t)
		if m := ks.Memory(); m.Used != 0 || m.LazyfreeBytes != 0 {
			t.Errorf("memory of an empty keyspace: %+v", m)
		}
		if err := ks.check(); err != nil {
			t.Fatal(err)
		}
	}
}
