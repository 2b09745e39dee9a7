package value

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/listpack"
	"github.com/redstart-db/redstart/internal/object"
)

// listFixture is a list without a key, with the model that it should equal.
type listFixture struct {
	t    *testing.T
	a    *arena.Arena
	l    List
	want []string
}

func newListFixture(t *testing.T, size int64) *listFixture {
	a, err := arena.New(1 << 28)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	limits := &Limits{}
	limits.Reset()
	limits.ListSize.Store(size)
	return &listFixture{t: t, a: a, l: OpenList(NewDraft(a, limits, object.TypeList, object.Packed, listpack.EmptySize))}
}

func (f *listFixture) push(elems ...string) {
	words := make([][]byte, len(elems))
	for i, e := range elems {
		words[i] = []byte(e)
	}
	f.l.Push(words, Right)
	f.want = append(f.want, elems...)
}

func (f *listFixture) check(encoding object.Encoding) {
	f.t.Helper()
	got := []string{}
	for it := f.l.Iter(0); it.More(); {
		e := it.Next()
		got = append(got, string(e.Append(nil)))
	}
	if !slices.Equal(got, f.want) || f.l.Len() != len(f.want) {
		f.t.Fatalf("%.300q\nwant %.300q", got, f.want)
	}
	if f.l.Encoding() != encoding {
		f.t.Fatalf("encoding %d with %d elements, want %d", f.l.Encoding(), len(got), encoding)
	}
	if b := f.l.Body(); encoding == object.Packed && len(b) != listpack.Size(b) {
		f.t.Fatalf("a body of %d bytes for a listpack of %d", len(b), listpack.Size(b))
	}
	used := f.a.Used(arena.Element)
	if bytes := Bytes(f.a, f.l.Record()); bytes != used {
		f.t.Fatalf("the list says that it takes %d bytes, the arena %d", bytes, used)
	}
}

// A list is packed up to the bound, rooted above, and packed again when it is
// half as large, whatever made it smaller.
func TestListConversion(t *testing.T) {
	shrinks := map[string]func(f *listFixture){
		"drop":   func(f *listFixture) { f.l.Drop(Right); f.want = f.want[:len(f.want)-1] },
		"range":  func(f *listFixture) { f.l.DeleteRange(len(f.want)-2, 2); f.want = f.want[:len(f.want)-2] },
		"remove": func(f *listFixture) { f.l.Remove([]byte(f.want[0]), 0); f.want = f.want[1:] },
	}
	for name, shrink := range shrinks {
		t.Run(name, func(t *testing.T) {
			f := newListFixture(t, -2)
			f.push("x")
			for i := 0; f.l.Encoding() == object.Packed; i++ {
				f.push(fmt.Sprintf("element %06d", i))
				f.check(f.l.Encoding())
			}
			if n := len(f.want); n < 50 || n > 70 {
				t.Errorf("rooted at %d elements", n)
			}
			full := len(f.want)
			for f.l.Encoding() == object.Rooted {
				shrink(f)
				f.check(f.l.Encoding())
			}
			if n := len(f.want); n < full/2-4 || n > full/2 {
				t.Errorf("packed at %d elements of %d", n, full)
			}
		})
	}
}

func TestListEntriesLimit(t *testing.T) {
	f := newListFixture(t, 4)
	f.push("1", "2", "3", "4")
	f.check(object.Packed)
	f.push("5")
	f.check(object.Rooted)
	f.l.DeleteRange(0, 2)
	f.want = f.want[2:]
	f.check(object.Rooted)
	f.l.Drop(Left)
	f.want = f.want[1:]
	f.check(object.Packed)
}

// An element that does not fit makes the list a rooted one on any way in.
func TestListLongElements(t *testing.T) {
	long := strings.Repeat("long", 1000)
	for name, put := range map[string]func(f *listFixture){
		"push": func(f *listFixture) { f.push(long) },
		"set":  func(f *listFixture) { f.l.Set(-1, []byte(long)); f.want[2] = long },
		"insert": func(f *listFixture) {
			f.l.Insert([]byte("b"), []byte(long), true)
			f.want = []string{"a", "b", long, "c"}
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newListFixture(t, -2)
			f.push("a", "b", "c")
			put(f)
			f.check(object.Rooted)
			f.l.Remove([]byte(long), 1)
			f.want = slices.DeleteFunc(f.want, func(s string) bool { return s == long })
			f.check(object.Packed)
		})
	}
}

// What changes nothing does not tell the owner.
func TestListChangesAreAnnounced(t *testing.T) {
	for _, rooted := range []bool{false, true} {
		f := newListFixture(t, -2)
		f.push("a", "b")
		if rooted {
			f.push(strings.Repeat("x", 2000))
		}
		l := List{Open(f.l.place)}
		l.DeleteRange(0, 0)
		l.Remove([]byte("c"), 0)
		l.Set(17, []byte("c"))
		l.Insert([]byte("c"), []byte("d"), true)
		if l.Changed() {
			t.Errorf("rooted %v: the owner was told of a change", rooted)
		}
		f.check(f.l.Encoding())
	}
}
