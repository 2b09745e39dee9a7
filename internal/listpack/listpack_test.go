package listpack

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/invariants"
)

// pack builds a listpack by appending.
func pack(elems ...string) []byte {
	b := AppendEmpty(nil)
	for _, s := range elems {
		b = AppendTo(b, Of([]byte(s)))
	}
	return b
}

// texts returns all strings of a listpack, read forwards.
func texts(b []byte) []string {
	all := []string{}
	for pos := First(b); pos != 0; {
		e, next := Read(b, pos)
		text, after := Text(b, pos, nil)
		if string(text) != string(e.Bytes(nil)) || after != next {
			panic("Text and Read do not agree")
		}
		all, pos = append(all, string(text)), next
	}
	return all
}

// textsBack returns all strings, read backwards, in order.
func textsBack(b []byte) []string {
	all := []string{}
	for pos := Last(b); pos != 0; pos = Prev(b, pos) {
		all = append(all, string(Get(b, pos).Append(nil)))
	}
	slices.Reverse(all)
	return all
}

// check compares all that a listpack says with what it should hold.
func check(t testing.TB, b []byte, want []string) {
	t.Helper()
	if !Validate(b[:Size(b)], true) {
		t.Fatalf("not valid: %x", b)
	}
	if got := texts(b); !slices.Equal(got, want) {
		t.Fatalf("forwards %.200q\nwant %.200q", got, want)
	}
	if got := textsBack(b); !slices.Equal(got, want) {
		t.Fatalf("backwards %.200q\nwant %.200q", got, want)
	}
	if Len(b) != len(want) {
		t.Fatalf("length %d, want %d", Len(b), len(want))
	}
	if got := pack(want...); !bytes.Equal(got, b[:Size(b)]) {
		t.Fatalf("%x\nbuilt at once %x", b[:Size(b)], got)
	}
}

// The bytes as Redis writes them.
func TestFormat(t *testing.T) {
	for _, c := range []struct{ elem, want string }{
		{"0", "0001"},
		{"127", "7f01"},
		{"128", "c08002"},
		{"-1", "dfff02"},
		{"4095", "cfff02"},
		{"-4096", "d00002"},
		{"4096", "f1001003"},
		{"-32768", "f1008003"},
		{"32768", "f200800004"},
		{"8388607", "f2ffff7f04"},
		{"-8388609", "f3ffff7fff05"},
		{"2147483648", "f4000000800000000009"},
		{"", "8001"},
		{"ab", "82616203"},
		{"01", "82303103"},
		{strings.Repeat("a", 64), "e040" + strings.Repeat("61", 64) + "42"},
		{strings.Repeat("a", 200), "e0c8" + strings.Repeat("61", 200) + "01ca"},
		{strings.Repeat("a", 4096), "f000100000" + strings.Repeat("61", 4096) + "2085"},
	} {
		b := pack(c.elem)
		if got := hex.EncodeToString(b[headerSize : len(b)-1]); got != c.want {
			t.Errorf("%.20q is %s, want %s", c.elem, got, c.want)
		}
	}
}

// Every length of text and of integer comes back, and its length at the end has the right size.
func TestBoundaries(t *testing.T) {
	var elems []string
	for _, n := range []int{0, 1, 63, 64, 125, 126, 127, 128, 4095, 4096, 16377, 16378, 16379, 16380, 2097145, 2097146, 2097147} {
		elems = append(elems, strings.Repeat("x", n))
	}
	for shift := range 64 {
		for d := int64(-2); d <= 2; d++ {
			elems = append(elems, fmt.Sprint(int64(1)<<shift+d), fmt.Sprint(-(int64(1)<<shift)+d))
		}
	}
	elems = append(elems, "9223372036854775808", "-9223372036854775809", "-0", "00", "+1", " 1", "1e3")
	check(t, pack(elems...), elems)
	for _, s := range elems {
		e := Of([]byte(s))
		if e.Len() != len(s) {
			t.Errorf("%.30q: length %d", s, e.Len())
		}
		if n, ok := e.Int(); ok && OfInt(n).Len() != len(s) {
			t.Errorf("%q: %d digits", s, OfInt(n).Len())
		}
	}
}

// From 65535 entries on the header does not tell the number.
func TestManyEntries(t *testing.T) {
	b := AppendEmpty(nil)
	var want []string
	for i := range 70000 {
		b, want = AppendTo(b, OfInt(int64(i))), append(want, strconv.Itoa(i))
		if i == 65533 || i == 65534 || i == 65535 {
			check(t, b, want)
		}
	}
	check(t, b, want)
	for _, i := range []int{0, 1, 34999, 69999, -1, -70000, -35001} {
		at := (i + 70000) % 70000
		if n, _ := Get(b, Seek(b, i)).Int(); n != int64(at) {
			t.Errorf("index %d is %d", i, n)
		}
	}
	if Seek(b, 70000) != 0 || Seek(b, -70001) != 0 {
		t.Error("an entry out of range")
	}
	Delete(b, First(b), 69999)
	if got := texts(b); !slices.Equal(got, []string{"69999"}) || Len(b) != 1 {
		t.Errorf("%q, length %d", got, Len(b))
	}
}

func TestConcat(t *testing.T) {
	for _, c := range [][2][]string{{{}, {}}, {{"a"}, {}}, {{}, {"b", "1"}}, {{"a", "2"}, {"c"}}} {
		a, b := pack(c[0]...), pack(c[1]...)
		a = append(a, make([]byte, len(b))...)
		Concat(a, b)
		check(t, a, append(c[0], c[1]...))
	}
}

// A text that Redis would have written as an integer is found by either.
func TestFindForeignText(t *testing.T) {
	b := pack("x", "yz", "77")
	b[7+3], b[7+4] = '4', '2' // "yz" becomes "42", as text
	if !Validate(b, true) || Find(b, First(b), Of([]byte("42")), 0) != Seek(b, 1) {
		t.Errorf("42 in %x is at %d", b, Find(b, First(b), Of([]byte("42")), 0))
	}
}

// FuzzOps replays edits on a listpack and on a slice.
func FuzzOps(f *testing.F) {
	f.Add([]byte("\x00\x05hello\x00\x02-1\x01\x0212\x03\x00\x04\x01\x02\x00"))
	f.Fuzz(func(t *testing.T, ops []byte) {
		m := model{t: t, b: AppendEmpty(nil), in: ops}
		for len(m.in) > 0 {
			m.step()
			check(t, m.b, m.want)
		}
	})
}

// A model is a listpack, a slice that should hold the same, and the input that says what to do.
type model struct {
	t    testing.TB
	b    []byte
	want []string
	in   []byte
}

func (m *model) byte() int {
	if len(m.in) == 0 {
		return 0
	}
	c := m.in[0]
	m.in = m.in[1:]
	return int(c)
}

// elem takes a string: of the input, or a long or a numeric one.
func (m *model) elem() string {
	n := m.byte()
	switch {
	case n >= 250:
		return strings.Repeat("long", (n-249)*1024)
	case n >= 240:
		return strconv.FormatInt(math.MinInt64>>(7*(n-240))+int64(m.byte()), 10)
	case n >= 200:
		return strings.Repeat("m", n)
	}
	n = min(n, len(m.in))
	s := string(m.in[:n])
	m.in = m.in[n:]
	return s
}

// room makes the slice n bytes long, and longer at times.
func (m *model) room(n int) {
	old := m.b[:Size(m.b)]
	m.b = bytes.Repeat([]byte{0xee}, n+n%3)
	copy(m.b, old)
}

// index takes an index of an entry.
func (m *model) index() int { return m.byte() % len(m.want) }

func (m *model) step() {
	op := m.byte() % 12
	if op == 0 || len(m.want) == 0 {
		m.insert(len(m.want))
		return
	}
	switch op {
	case 1:
		m.insert(0)
	case 2:
		m.insert(m.byte() % (len(m.want) + 1))
	case 3:
		m.replace(m.index())
	case 4:
		m.delete(m.index(), m.byte()%4)
	case 5:
		m.deleteBack(m.index(), m.byte()%4)
	case 6:
		m.find(m.index(), m.byte()%3)
	case 7:
		m.seek(m.byte() - 128)
	case 8:
		m.pushFront()
	case 9:
		m.cutFront(m.byte() % 4)
	case 10:
		m.copyTail(m.index())
	case 11:
		m.remove(m.want[m.index()], m.byte()%8-4)
	}
}

func (m *model) pushFront() {
	s := m.elem()
	e := Of([]byte(s))
	b := append(make([]byte, e.Size()+3), m.b...)
	at := PushFront(b, e.Size()+3, e)
	if at != 3 {
		m.t.Fatalf("an entry of %d bytes pushed to the front takes the listpack to %d", e.Size(), at)
	}
	m.b = b[at:]
	m.want = slices.Insert(m.want, 0, s)
}

func (m *model) cutFront(n int) {
	m.b = m.b[CutFront(m.b, 0, n):]
	m.want = m.want[min(n, len(m.want)):]
}

func (m *model) insert(i int) {
	s := m.elem()
	e := Of([]byte(s))
	m.room(Size(m.b) + e.Size())
	switch {
	case i == len(m.want):
		Append(m.b, e)
	case i == 0:
		Prepend(m.b, e)
	default:
		Insert(m.b, Seek(m.b, i), e)
	}
	m.want = slices.Insert(m.want, i, s)
}

func (m *model) replace(i int) {
	s := m.elem()
	e, pos := Of([]byte(s)), Seek(m.b, i)
	size := SizeAfterReplace(m.b, pos, e)
	m.room(max(size, Size(m.b)))
	if got := Replace(m.b, pos, e); got != size {
		m.t.Fatalf("size %d, announced %d", got, size)
	}
	m.want[i] = s
}

func (m *model) delete(i, n int) {
	Delete(m.b, Seek(m.b, i), n)
	m.want = slices.Delete(m.want, i, min(i+n, len(m.want)))
}

func (m *model) deleteBack(i, n int) {
	DeleteBack(m.b, Seek(m.b, i), n)
	m.want = slices.Delete(m.want, max(0, i-n), i)
}

func (m *model) find(i, skip int) {
	want := 0
	for j := i; j < len(m.want) && want == 0; j += skip + 1 {
		if m.want[j] == m.want[len(m.want)-1] {
			want = Seek(m.b, j)
		}
	}
	needle := []byte(m.want[len(m.want)-1])
	if got := Find(m.b, Seek(m.b, i), Of(needle), skip); got != want {
		m.t.Fatalf("%.20q found at %d, want %d", needle, got, want)
	}
}

func (m *model) seek(i int) {
	pos, at := Seek(m.b, i), i
	if i < 0 {
		at += len(m.want)
	}
	if at < 0 || at >= len(m.want) {
		if pos != 0 {
			m.t.Fatalf("index %d of %d is at %d", i, len(m.want), pos)
		}
		return
	}
	if got := string(Get(m.b, pos).Bytes(nil)); got != m.want[at] {
		m.t.Fatalf("index %d is %.20q, want %.20q", i, got, m.want[at])
	}
}

func (m *model) copyTail(i int) {
	pos := Seek(m.b, i)
	b := make([]byte, len(m.b))
	CopyTail(b, m.b, pos)
	if !Equal(m.b, pos, Get(b, First(b))) {
		m.t.Fatalf("a copy from %d begins with %q", i, Get(b, First(b)).Bytes(nil))
	}
	m.b = b
	m.want = m.want[i:]
}

func (m *model) remove(s string, n int) {
	left := max(n, -n)
	want := slices.Clone(m.want)
	if n < 0 {
		slices.Reverse(want)
	}
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
	if gone := Remove(m.b, Of([]byte(s)), n); gone != len(m.want)-len(want) {
		m.t.Fatalf("%d of %.20q removed", gone, s)
	}
	m.want = want
}

// FuzzValidate: what is valid can be read and edited, anything else only refused.
func FuzzValidate(f *testing.F) {
	f.Add(pack("a", "1", "-5000", strings.Repeat("x", 300)))
	f.Add([]byte{7, 0, 0, 0, 0, 0, 0xff})
	f.Add([]byte{8, 0, 0, 0, 1, 0, 0xf0, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= EmptySize { // most inputs would fail at the header only
			b = slices.Clone(b)
			setHeader(b, len(b), uncounted)
			b[len(b)-1] = end
		}
		Validate(b, false)
		if !Validate(b, true) {
			return
		}
		want := texts(b)
		if got := textsBack(b); !slices.Equal(got, want) {
			t.Fatalf("backwards %q, forwards %q", got, want)
		}
		Find(b, First(b), Of([]byte("123")), 0)
		for Len(b) > 0 {
			Delete(b, First(b), 1)
		}
	})
}

func FuzzParseInt(f *testing.F) {
	for _, s := range []string{"", "0", "-0", "01", "-", "9223372036854775808", "-9223372036854775808", "99999999999999999999"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		want, err := strconv.ParseInt(string(b), 10, 64)
		canonical := err == nil && strconv.FormatInt(want, 10) == string(b)
		if got, ok := parseInt(b); ok != canonical || ok && got != want {
			t.Fatalf("%q: %d %v, want %d %v", b, got, ok, want, canonical)
		}
	})
}

func TestNoAllocations(t *testing.T) {
	if invariants.Enabled {
		t.Skip("the checks allocate")
	}
	b := make([]byte, 1000)
	elem := []byte("some element")
	scratch := make([]byte, 0, 32)
	n := testing.AllocsPerRun(100, func() {
		Init(b)
		Append(b, Of(elem))
		Prepend(b, OfInt(12345))
		Replace(b, First(b), Of(elem))
		Find(b, First(b), Of(elem), 1)
		scratch = Get(b, Last(b)).Bytes(scratch)
		Delete(b, First(b), 2)
	})
	if n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func benchPack(n int) []byte {
	b := AppendEmpty(nil)
	for i := range n {
		b = AppendTo(b, Of(fmt.Appendf(nil, "elem:%06d", i)))
	}
	return b
}

func BenchmarkFindMiss128(b *testing.B) {
	lp, e := benchPack(128), Of([]byte("elem:999999"))
	for b.Loop() {
		Find(lp, First(lp), e, 0)
	}
}

func BenchmarkSeekMiddle128(b *testing.B) {
	lp := benchPack(128)
	for b.Loop() {
		Seek(lp, 64)
	}
}

func BenchmarkAppendDelete(b *testing.B) {
	lp, e := benchPack(128), Of([]byte("elem:999999"))
	lp = append(lp, make([]byte, 64)...)
	for b.Loop() {
		Append(lp, e)
		DeleteBack(lp, End(lp), 1)
	}
}

func BenchmarkPrependDelete(b *testing.B) {
	lp, e := benchPack(128), Of([]byte("elem:999999"))
	lp = append(lp, make([]byte, 64)...)
	for b.Loop() {
		Prepend(lp, e)
		Delete(lp, First(lp), 1)
	}
}
