package quicklist

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/listpack"
)

func newArena(t testing.TB) *arena.Arena {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// A model is a list, a slice that should hold the same, and where to get
// decisions from.
type model struct {
	t     testing.TB
	a     *arena.Arena
	l     List
	lim   Limit
	want  []string
	in    []byte
	bytes int // of want, to keep the input from growing it without end
}

func (m *model) byte() int {
	if len(m.in) == 0 {
		return 0
	}
	c := m.in[0]
	m.in = m.in[1:]
	return int(c)
}

// elem takes a string: one of a few, a number, or a long one.
func (m *model) elem() string {
	n := m.byte()
	switch {
	case n < 100:
		return string(rune('a' + n%20))
	case n < 180:
		return strconv.Itoa((n - 140) << (n % 40))
	case n < 230 || m.bytes > 1<<20:
		return strings.Repeat("m", n)
	case n < 250:
		return strings.Repeat("l", (n-229)*400)
	}
	return strings.Repeat("h", (n-245)*3000)
}

func entry(s string) listpack.Entry { return listpack.Of([]byte(s)) }

func (m *model) step() {
	switch op := m.byte() % 16; {
	case op < 3:
		s := m.elem()
		m.l.PushBack(entry(s), m.lim)
		m.want = append(m.want, s)
	case op < 6:
		s := m.elem()
		m.l.PushFront(entry(s), m.lim)
		m.want = slices.Insert(m.want, 0, s)
	case op == 6:
		m.lim = LimitOf([]int64{-2, 3, 1, -1, 128, -5, 0, 20}[m.byte()%8])
	case len(m.want) == 0:
	case op == 7:
		if got := text(m.l.Front()); got != m.want[0] {
			m.t.Fatalf("the first is %.50q, want %.50q", got, m.want[0])
		}
		m.l.DropFront()
		m.want = m.want[1:]
	case op == 8:
		if got := text(m.l.Back()); got != m.want[len(m.want)-1] {
			m.t.Fatalf("the last is %.50q", got)
		}
		m.l.DropBack()
		m.want = m.want[:len(m.want)-1]
	default:
		m.inside(op, (m.byte()<<8|m.byte())%len(m.want))
	}
}

func text(e listpack.Entry) string { return string(e.Append(nil)) }

// inside does something with the i-th entry.
func (m *model) inside(op, i int) {
	cur, ok := m.l.Seek(i)
	if !ok || text(m.l.Get(cur)) != m.want[i] {
		m.t.Fatalf("entry %d of %d is %v %.50q", i, len(m.want), ok, text(m.l.Get(cur)))
	}
	switch op {
	case 9, 10:
		s := m.elem()
		m.l.InsertBefore(cur, entry(s), m.lim)
		m.want = slices.Insert(m.want, i, s)
	case 11:
		s := m.elem()
		m.l.InsertAfter(cur, entry(s), m.lim)
		m.want = slices.Insert(m.want, i+1, s)
	case 12:
		s := m.elem()
		m.l.Replace(cur, entry(s), m.lim)
		m.want[i] = s
	case 13, 14:
		n := min(m.byte()*m.byte()/64, len(m.want)-i)
		m.l.DeleteRange(i-len(m.want)*(op-13), n, m.lim)
		m.want = slices.Delete(m.want, i, i+n)
	case 15:
		m.remove(strings.Clone(m.want[i]), m.byte()%8-3)
	}
}

func (m *model) remove(s string, n int) {
	if n == 0 {
		n = len(m.want)
	}
	want := slices.Clone(m.want)
	if n < 0 {
		slices.Reverse(want)
	}
	left := max(n, -n)
	want = slices.DeleteFunc(want, func(e string) bool {
		if e != s || left == 0 {
			return false
		}
		left--
		return true
	})
	if n < 0 {
		slices.Reverse(want)
	}
	if _, ok := m.l.Find(entry(s)); !ok {
		m.t.Fatalf("%.50q is not found", s)
	}
	if gone := m.l.Remove(entry(s), n, m.lim); gone != len(m.want)-len(want) {
		m.t.Fatalf("%d of %.50q removed, want %d", gone, s, len(m.want)-len(want))
	}
	m.want = want
}

func forwards(l List) []string {
	all := []string{}
	if cur, ok := l.Seek(0); ok {
		for it := l.From(cur); it.More(); {
			other := it
			all = append(all, text(it.Next()))
			if got := string(other.NextText(nil)); got != all[len(all)-1] || other.More() != it.More() {
				panic("NextText and Next do not agree")
			}
		}
	}
	return all
}

func backwards(l List) []string {
	all := []string{}
	if cur, ok := l.Seek(-1); ok {
		for it := l.From(cur); it.More(); {
			all = append(all, text(it.Prev()))
		}
	}
	slices.Reverse(all)
	return all
}

// verify compares a list with the model's slice.
func (m *model) verify(l List) {
	m.t.Helper()
	if err := l.CheckInvariants(); err != nil {
		m.t.Fatal(err)
	}
	if l.Len() != len(m.want) || !slices.Equal(forwards(l), m.want) || !slices.Equal(backwards(l), m.want) {
		m.t.Fatalf("%.300q\nwant %.300q", forwards(l), m.want)
	}
	m.bytes = 0
	for _, s := range m.want {
		m.bytes += len(s)
	}
}

// finish clones, reclaims, and looks whether everything is given back.
func (m *model) finish() {
	before := m.a.Used(arena.Element)
	other := newArena(m.t)
	clone := m.l.Clone(other)
	m.verify(clone)
	if got := m.a.Used(arena.Element); got != before || m.l.Bytes() != before || clone.Bytes() != other.Used(arena.Element) {
		m.t.Fatalf("used %d, then %d, the list says %d, the copy %d", before, got, m.l.Bytes(), clone.Bytes())
	}
	for _, l := range []List{m.l, clone} {
		for l.Reclaim(2) {
			if err := l.CheckInvariants(); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	if m.a.Used(arena.Element) != 0 || other.Used(arena.Element) != 0 {
		m.t.Fatalf("left over: %d, %d bytes", m.a.Used(arena.Element), other.Used(arena.Element))
	}
}

func FuzzQuicklist(f *testing.F) {
	f.Add([]byte("\x00\x00\x03\x01\x00\x64"))
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		b := make([]byte, 2000)
		for i := range b {
			b[i] = byte(rnd.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		a := newArena(t)
		m := &model{t: t, a: a, l: New(a), lim: LimitOf(-2), in: in}
		for steps := 0; len(m.in) > 0; steps++ {
			m.step()
			if len(in) < 300 || steps%16 == 0 {
				m.verify(m.l)
			}
		}
		m.verify(m.l)
		m.finish()
	})
}

// Long sequences with one kind of work each.
func TestPatterns(t *testing.T) {
	patterns := map[string]func(m *model, i int) string{
		"queue":        func(m *model, i int) string { return []string{"rpush", "rpush", "lpop"}[i%3] },
		"queue left":   func(m *model, i int) string { return []string{"lpush", "lpush", "rpop"}[i%3] },
		"stack":        func(m *model, i int) string { return []string{"rpush", "rpush", "rpop"}[i%3] },
		"both ends":    func(m *model, i int) string { return []string{"rpush", "lpush"}[i%2] },
		"steady queue": func(m *model, i int) string { return []string{"rpush", "lpop"}[min(i/1000, i%2)] },
	}
	for name, op := range patterns {
		for _, fill := range []int64{-2, -1, -5, 3, 128} {
			t.Run(fmt.Sprint(name, fill), func(t *testing.T) {
				a := newArena(t)
				m := &model{t: t, a: a, l: New(a), lim: LimitOf(fill)}
				for i := range 3000 {
					m.run(op(m, i), fmt.Sprintf("elem:%06d", i))
				}
				m.verify(m.l)
				if fill < 0 && m.l.Bytes() > int64(len(m.want)*14+3*m.lim.Bytes) {
					t.Errorf("%d bytes for %d entries", m.l.Bytes(), len(m.want))
				}
				for len(m.want) > 0 {
					m.run([]string{"lpop", "rpop"}[len(m.want)%2], "")
				}
				m.verify(m.l)
				m.finish()
			})
		}
	}
}

func (m *model) run(op, s string) {
	switch op {
	case "rpush":
		m.l.PushBack(entry(s), m.lim)
		m.want = append(m.want, s)
	case "lpush":
		m.l.PushFront(entry(s), m.lim)
		m.want = append([]string{s}, m.want...)
	case "lpop":
		m.l.DropFront()
		m.want = m.want[1:]
	case "rpop":
		m.l.DropBack()
		m.want = m.want[:len(m.want)-1]
	}
}

// A million entries of 11 bytes take hardly more than their listpacks.
func TestBytesPerEntry(t *testing.T) {
	if invariants.Enabled {
		t.Skip("what is measured is the same with the checks, which take most of the time")
	}
	for name, push := range map[string]func(l List, e listpack.Entry, lim Limit){"back": List.PushBack, "front": List.PushFront} {
		l := New(newArena(t))
		for i := range 200_000 {
			push(l, listpack.Of(fmt.Appendf(nil, "elem:%06d", i)), LimitOf(-2))
		}
		if per := float64(l.Bytes()) / 200_000; per > 13.15 {
			t.Errorf("%s: %.2f bytes per entry", name, per)
		}
	}
}

// A list that was long and has become short gives its memory back.
func TestShrinks(t *testing.T) {
	l := New(newArena(t))
	for range 3000 {
		l.PushBack(entry("some element"), LimitOf(-2))
	}
	for l.Len() > 3 {
		l.DropFront()
	}
	if l.Bytes() > 512 {
		t.Errorf("%d bytes for 3 entries", l.Bytes())
	}
}

func TestFromPack(t *testing.T) {
	b := listpack.AppendEmpty(nil)
	for _, s := range []string{"a", "1", "b"} {
		b = listpack.AppendTo(b, entry(s))
	}
	l := FromPack(newArena(t), b)
	if got := forwards(l); !slices.Equal(got, []string{"a", "1", "b"}) || !bytes.Equal(l.Pack(), b) {
		t.Errorf("%q", got)
	}
}

func TestNoAllocations(t *testing.T) {
	if invariants.Enabled {
		t.Skip("the checks allocate")
	}
	l, lim := New(newArena(t)), LimitOf(-2)
	elem := []byte("some element")
	if n := testing.AllocsPerRun(5000, func() {
		l.PushBack(listpack.Of(elem), lim)
		l.PushFront(listpack.Of(elem), lim)
		l.PushFront(listpack.Of(elem), lim)
		cur, _ := l.Seek(l.Len() / 2)
		l.Replace(cur, listpack.OfInt(5), lim)
		for it := l.From(cur); it.More(); {
			it.Next()
		}
		l.DropBack()
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func benchList(b *testing.B, n int) (List, Limit) {
	l, lim := New(newArena(b)), LimitOf(-2)
	for i := range n {
		l.PushBack(listpack.Of(fmt.Appendf(nil, "elem:%06d", i)), lim)
	}
	return l, lim
}

func BenchmarkPush(b *testing.B) {
	e := entry("elem:000000")
	for name, push := range map[string]func(l List, e listpack.Entry, lim Limit){"Back": List.PushBack, "Front": List.PushFront} {
		b.Run(name, func(b *testing.B) {
			l, lim := benchList(b, 0)
			for b.Loop() {
				if push(l, e, lim); l.Len() == 1_000_000 {
					l.DeleteRange(0, l.Len(), lim)
				}
			}
		})
	}
}

func BenchmarkQueue(b *testing.B) {
	l, lim := benchList(b, 1000)
	e := entry("elem:000000")
	for b.Loop() {
		l.PushFront(e, lim)
		l.DropBack()
	}
}

func BenchmarkRange100(b *testing.B) {
	l, _ := benchList(b, 100_000)
	for b.Loop() {
		cur, _ := l.Seek(300)
		it := l.From(cur)
		for range 100 {
			it.Next()
		}
	}
}

func BenchmarkSeekMiddleOfMillion(b *testing.B) {
	l, _ := benchList(b, 1_000_000)
	for b.Loop() {
		l.Seek(500_000)
	}
}
