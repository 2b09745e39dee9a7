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
	width int // of nearly all strings that elem takes, or 0
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
	case m.width > 0 && n < 250:
		return strings.Repeat(string(rune('A'+n/8)), m.width)
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
		if i := m.byte(); i < 64 {
			m.width = []int{0, 1, 3, 11, 63, 64, 255, 256}[i%8]
		}
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

// What is done with even chunks, by the model's rules, beginning with many.
func TestEvenEdits(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	for _, width := range []int{1, 3, 11, 64, 255} {
		for _, size := range []int64{-1, -2, 20} {
			in := make([]byte, 2000)
			for i := range in {
				in[i] = byte(rnd.Uint32())
			}
			a := newArena(t)
			m := &model{t: t, a: a, l: New(a), lim: LimitOf(size), in: in, width: width}
			for steps := 0; len(m.in) > 0; steps++ {
				for len(m.want) < 10_000/(width+1) {
					s := strings.Repeat(string(rune('A'+rnd.IntN(32))), width)
					m.l.PushBack(entry(s), m.lim)
					m.want = append(m.want, s)
				}
				if op := m.byte() % 16; op >= 9 {
					m.inside(op, rnd.IntN(len(m.want)))
				} else if op < 7 {
					m.run([]string{"rpush", "lpush", "lpop", "rpop"}[op%4], m.elem())
				}
				if steps%32 == 0 {
					m.verify(m.l)
				}
			}
			m.verify(m.l)
			m.finish()
		}
	}
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
		if per := float64(l.Bytes()) / 200_000; per > 11.1 {
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
	if got := forwards(l); !slices.Equal(got, []string{"a", "1", "b"}) || !bytes.Equal(packOf(l), b) {
		t.Errorf("%q", got)
	}
}

func packOf(l List) []byte {
	b := make([]byte, l.PackSize())
	l.CopyPack(b)
	return b
}

// Chunks of texts of one length are made even when they are full, and are a listpack again
// for who asks.
func TestEven(t *testing.T) {
	l, lim, want := New(newArena(t)), LimitOf(128), listpack.AppendEmpty(nil)
	for i := range 300 {
		l.PushBack(entry(fmt.Sprintf("elem:%06d", i)), lim)
	}
	for c := l.head().first; c != 0; c = l.chunk(c).next {
		if l.width(c) != 11 {
			t.Errorf("the width of a chunk is %d", l.width(c))
		}
	}
	l.DeleteRange(0, 280, lim)
	for i := range 20 {
		want = listpack.AppendTo(want, entry(fmt.Sprintf("elem:%06d", 280+i)))
	}
	if !bytes.Equal(packOf(l), want) {
		t.Errorf("%q", packOf(l))
	}
	l.PushFront(entry("x"), lim)
	if got := forwards(l); l.Chunks() != 1 || len(got) != 21 || got[0] != "x" || got[20] != "elem:000299" {
		t.Errorf("%d chunks, %q", l.Chunks(), got)
	}
}

// Files may have integers as text. Such entries are found by the integer.
func TestEvenDigits(t *testing.T) {
	l, lim := New(newArena(t)), LimitOf(20)
	for i := range 40 {
		l.PushBack(listpack.OfText(fmt.Appendf(nil, "%d", 100+i%25)), lim)
	}
	cur, ok := l.Find(listpack.OfInt(107))
	if !ok || text(l.Get(cur)) != "107" || l.width(cur.chunk) != 3 {
		t.Errorf("%v %v", cur, ok)
	}
	if gone := l.Remove(listpack.OfInt(107), -1, lim); gone != 1 || l.Len() != 39 || forwards(l)[7] != "107" {
		t.Errorf("%d gone of %q", gone, forwards(l))
	}
}

// Who pushes and pops another kind of element at a boundary does not have the chunk converted each time.
func TestEvenIsSteady(t *testing.T) {
	l, lim := New(newArena(t)), LimitOf(-2)
	for i := range 700 {
		l.PushBack(entry(fmt.Sprintf("elem:%06d", i)), lim)
	}
	c := l.head().last
	for range 10 {
		l.PushBack(entry("x"), lim)
		l.DropBack()
	}
	if l.width(l.head().last) != 11 || l.chunk(c).n != 700 {
		t.Error("the chunk was converted")
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
