package keyspace

import (
	"slices"
	"testing"
)

// teller writes down who changes what, as Before tells.
type teller struct{ told []string }

func (s *teller) Before(_ int, k Key, e Entry, _ bool) {
	what := string(k.Name) + " by " + e.Tx().User.(string)
	if e.Tx().Passing() {
		what += ", passing"
	}
	s.told = append(s.told, what)
}
func (s *teller) After(int, Key, Class, string) {}
func (s *teller) Journal(int, [][]byte)         {}
func (s *teller) Flush(int)                     {}
func (s *teller) Swap(int, int)                 {}

func TestWhoChangesAKey(t *testing.T) {
	ks, err := New(Options{Databases: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer ks.Close()
	var s teller
	sub := ks.Subscribe(&s)
	sub.Want(0)
	set := func(tx *Tx, k Key, ttl TTL) {
		tx.SetString(k, []byte("v"), ttl)
		tx.Notify(ClassString, "set", k)
	}
	k := Key{Name: []byte("k"), Hash: ks.Hash([]byte("k"))}
	tx := Tx{User: "me"}

	ks.Begin(&tx, 0, 1000, []Key{k})
	set(&tx, k, NoTTL) // nobody listens yet
	sub.Want(WantBefore)
	set(&tx, k, NoTTL) // this Tx began before
	tx.TellAgain(k)
	tx.Heed()
	set(&tx, k, NoTTL)
	set(&tx, k, NoTTL) // the first change is enough
	tx.TellAgain(k)
	set(&tx, k, 2000)
	tx.End(nil)
	ks.Begin(&tx, 0, 3000, []Key{k})
	if _, there := tx.Read(k); there {
		t.Error("the key has not expired")
	}
	tx.End(nil)
	want := []string{"k by me", "k by me", "k by me, passing"}
	if !slices.Equal(s.told, want) {
		t.Errorf("told of %q, want %q", s.told, want)
	}
}
