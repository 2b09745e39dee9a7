package keyspace

import (
	"bytes"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/object"
)

// Drafts, Resize and MakeRaw at random, over the sizes where the layout of a
// string changes, against a Go slice.
func TestStringsInPlace(t *testing.T) {
	ks := newTest(t, 1)
	ks.Settings.ActiveExpire.Store(false)
	now := time.Now().UnixMilli()
	r := rand.New(rand.NewPCG(1, 2))
	model := map[string][]byte{}
	sizes := []int{1, 20, 44, 127, 128, 1000, object.InlineMax, object.InlineMax + 1, 3000, 5000, 40000, 300000, 1300000}
	var tx Tx
	for range 3000 {
		name := string(rune('a' + r.IntN(4)))
		k := Key{[]byte(name), ks.Hash([]byte(name))}
		ks.Begin(&tx, 0, now, []Key{k})
		n := sizes[r.IntN(len(sizes))] + r.IntN(3)
		old, had := model[name]
		timed := false
		switch r.IntN(6) {
		case 0, 1:
			f := tx.Draft(k, n)
			for i := range f.Bytes {
				f.Bytes[i] = byte(i + n)
			}
			model[name] = bytes.Clone(f.Bytes)
			tx.SetDraft(k, &f)
		case 2, 3:
			want := make([]byte, n)
			copy(want, old)
			b := tx.Resize(k, n)
			if !bytes.Equal(b, want) {
				t.Fatalf("from %d to %d bytes: content differs", len(old), n)
			}
			b[n-1]++
			want[n-1]++
			model[name] = want
			e, _ := tx.Peek(k)
			timed = e.Expires()
		case 4:
			tx.SetString(k, []byte("12345"), TTL(now+1e6))
			if b := tx.MakeRaw(k); string(b) != "12345" || tx.Dirty() != 1 {
				t.Fatalf("raw: %q, %d changes", b, tx.Dirty())
			}
			model[name], timed = []byte("12345"), true
		case 5:
			if had {
				tx.Delete(k)
				delete(model, name)
			}
		}
		tx.Unannounced(k)
		e, found := tx.Peek(k)
		want, ok := model[name]
		if found != ok || found && (!bytes.Equal(e.Bytes(nil), want) || e.Encoding() != "raw" || e.Expires() != timed) {
			t.Fatalf("key %s: %v, %d bytes wanted", name, found, len(want))
		}
		tx.End(nil)
	}
	if err := ks.check(); err != nil {
		t.Fatal(err)
	}
}
