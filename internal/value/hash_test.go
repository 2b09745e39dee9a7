package value

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

// A hashModel does with a Go map what a Hash does.
type hashModel struct {
	t      testing.TB
	h      Hash
	fields map[string]modelField
}

type modelField struct {
	value string
	at    int64
}

func newHashModel(t testing.TB, a *arena.Arena, l *Limits, field, value string) *hashModel {
	e, n := NewHashBody(l, []byte(field), []byte(value))
	h := OpenHash(NewDraft(a, l, object.TypeHash, e, n), 1)
	h.Start([]byte(field), []byte(value))
	return &hashModel{t, h, map[string]modelField{field: {value, 0}}}
}

func (m *hashModel) get(field string) (modelField, bool) {
	f, found := m.fields[field]
	return f, found && m.h.alive(f.at)
}

func (m *hashModel) set(field, value string, keep bool) {
	old, found := m.get(field)
	at := int64(0)
	if found && keep {
		at = old.at
	}
	if created := m.h.Set([]byte(field), []byte(value), keep); created == found {
		m.t.Fatalf("Set %q: created %v", field, created)
	}
	m.fields[field] = modelField{value, at}
}

func (m *hashModel) delete(field string) {
	_, want := m.get(field)
	if got := m.h.Delete([]byte(field)); got != want {
		m.t.Fatalf("Delete %q: %v", field, got)
	}
	delete(m.fields, field)
}

func (m *hashModel) expireAt(field string, at int64) {
	f, want := m.get(field)
	if got := m.h.SetExpiry([]byte(field), at); got != want {
		m.t.Fatalf("SetExpiry %q: %v", field, got)
	}
	if want {
		m.fields[field] = modelField{f.value, at}
	}
}

func (m *hashModel) expire(limit int) {
	last := int64(0)
	n := m.h.Expire(limit, func(field []byte) {
		f, found := m.fields[string(field)]
		if !found || m.h.alive(f.at) || f.at < last {
			m.t.Fatalf("%q goes, which expires at %d: now is %d, the one before did at %d", field, f.at, m.h.now, last)
		}
		last = f.at
		delete(m.fields, string(field))
	})
	if n < limit && m.h.Stored() != m.h.Len() {
		m.t.Fatalf("%d of %d fields went, %d are left that have expired", n, limit, m.h.Stored()-m.h.Len())
	}
}

// compare looks at everything there is to see.
func (m *hashModel) compare() {
	if err := m.h.Validate(); err != nil {
		m.t.Fatal(err)
	}
	seen := map[string]bool{}
	m.h.Each(func(field, value []byte, at int64) bool {
		seen[string(field)] = true
		if f, found := m.get(string(field)); !found || f.value != string(value) || f.at != at {
			m.t.Fatalf("Each: %q is %q until %d, want %q until %d (%v)", field, value, at, f.value, f.at, found)
		}
		return true
	})
	scanned := map[string]bool{}
	for cursor := uint64(0); ; {
		cursor = m.h.Scan(cursor, 5, func(field, _ []byte) { scanned[string(field)] = true })
		if cursor == 0 {
			break
		}
	}
	live, earliest := 0, int64(0)
	for field, f := range m.fields {
		if f.at != 0 && (earliest == 0 || f.at < earliest) {
			earliest = f.at
		}
		m.compareField(field)
		if m.h.alive(f.at) {
			live++
			if !seen[field] || !scanned[field] {
				m.t.Fatalf("%q was not seen: %v, not scanned: %v", field, !seen[field], !scanned[field])
			}
		}
	}
	if m.h.Len() != live || len(seen) != live || len(scanned) != live || m.h.Stored() != len(m.fields) || m.h.Earliest() != earliest {
		m.t.Fatalf("%d fields of %d, %d seen, %d scanned, the first until %d; want %d of %d, until %d",
			m.h.Len(), m.h.Stored(), len(seen), len(scanned), m.h.Earliest(), live, len(m.fields), earliest)
	}
	m.compareRandom(live)
}

func (m *hashModel) compareField(field string) {
	var scratch [24]byte
	f, want := m.get(field)
	value, found := m.h.Get([]byte(field), scratch[:])
	at, there := m.h.ExpireAt([]byte(field))
	if found != want || there != want || want && (string(value) != f.value || at != f.at) {
		m.t.Fatalf("%q is %q until %d (%v, %v), want %q until %d (%v)", field, value, at, found, there, f.value, f.at, want)
	}
}

func (m *hashModel) compareRandom(live int) {
	if live == 0 {
		return
	}
	known := func(field, value []byte) {
		if f, found := m.get(string(field)); !found || f.value != string(value) {
			m.t.Fatalf("a random field is %q with %q", field, value)
		}
	}
	m.h.Random(known)
	for _, n := range []int{1, live/4 + 1, live} {
		picked := map[string]bool{}
		m.h.RandomSome(min(n, live), func(field, value []byte) {
			known(field, value)
			picked[string(field)] = true
		})
		if len(picked) != min(n, live) {
			m.t.Fatalf("%d random fields, not %d", len(picked), n)
		}
	}
}

var hashWords = []string{"", "0", "-1", "127", "4096", "9223372036854775807", "-9223372036854775808", "007", "field", "abcdefghijk",
	strings.Repeat("x", 30), strings.Repeat("y", 63), strings.Repeat("z", 64), strings.Repeat("long", 40), strings.Repeat("longer", 1000)}

// step does what three bytes say.
func (m *hashModel) step(op, x, y byte) {
	field := "f" + strconv.Itoa(int(x%40))
	if x >= 200 {
		field = hashWords[int(x)%len(hashWords)]
	}
	value := hashWords[int(y)%len(hashWords)]
	switch op % 10 {
	case 0, 1, 2:
		m.set(field, value, false)
	case 3:
		m.set(field, value, true)
	case 4:
		m.delete(field)
	case 5, 6:
		m.expireAt(field, m.h.now+int64(y%50))
	case 7:
		m.expireAt(field, 0)
	case 8:
		m.h.now += int64(x % 8)
	case 9:
		m.expire(int(x%16) + 1)
	}
}

func testHash(t testing.TB, entries, length int64, script []byte) {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var l Limits
	l.Reset()
	l.HashEntries.Store(entries)
	l.HashValue.Store(length)
	m := newHashModel(t, a, &l, "first", "1")
	for i := 0; i+2 < len(script); i += 3 {
		m.step(script[i], script[i+1], script[i+2])
		if i%150 == 0 {
			m.compare()
		}
	}
	m.compare()
	if m.h.Encoding() == object.Rooted {
		m.cloneAndReclaim(a)
	}
	m.h.DropRecord()
	if used := a.TotalUsed(); used != 0 {
		t.Fatalf("%d bytes are left", used)
	}
}

// cloneAndReclaim copies a rooted hash and takes both apart.
func (m *hashModel) cloneAndReclaim(a *arena.Arena) {
	root := m.h.Root()
	if used := a.Used(arena.Element); used != hBytes(a, root) {
		m.t.Fatalf("%d bytes are in use, the hash says %d", used, hBytes(a, root))
	}
	copied := hClone(a, root, a)
	for hReclaim(a, root, 7) {
	}
	m.h.SetRoot(copied)
	m.compare()
	for hReclaim(a, copied, 7) {
	}
}

func FuzzHash(f *testing.F) {
	for seed := range uint64(4) {
		rng := rand.New(rand.NewPCG(seed, 1))
		script := make([]byte, 1200)
		for i := range script {
			script[i] = byte(rng.Uint32())
		}
		f.Add(byte(seed*5), byte(64), script)
	}
	f.Fuzz(func(t *testing.T, entries, length byte, script []byte) {
		if len(script) > 3000 { // each step costs
			script = script[:3000]
		}
		testHash(t, int64(entries), int64(length), script)
	})
}

func TestHashLarge(t *testing.T) {
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	var l Limits
	l.Reset()
	m := newHashModel(t, a, &l, "first", "1")
	for i := range 5000 {
		field := fmt.Sprint("field:", i)
		m.set(field, strconv.Itoa(i), false)
		if i%3 == 0 {
			m.expireAt(field, int64(10+i%100))
		}
	}
	m.compare()
	m.h.now = 60
	m.compare()
	m.expire(100)
	m.expire(5000)
	m.compare()
	for i := range 4000 {
		m.delete(fmt.Sprint("field:", i))
	}
	m.compare()
}

// A field of 11 bytes with a value of 8 takes a block of 24.
func TestHashFieldSize(t *testing.T) {
	if n := arena.UsableSize(fieldSize(11, 8, false)); n != 24 {
		t.Errorf("%d bytes", n)
	}
}

func BenchmarkHash(b *testing.B) {
	for _, n := range []int{100, 100_000} {
		a, _ := arena.New(4 << 30)
		var l Limits
		l.Reset()
		m := newHashModel(b, a, &l, "first", "1")
		fields := make([][]byte, n)
		for i := range fields {
			fields[i] = fmt.Appendf(nil, "field:%05d", i)
			m.h.Set(fields[i], []byte("12345678"), false)
		}
		b.Run(fmt.Sprint("Get-", n), func(b *testing.B) {
			var scratch [24]byte
			for i := range b.N {
				m.h.Get(fields[i*7919%n], scratch[:])
			}
		})
		b.Run(fmt.Sprint("Set-", n), func(b *testing.B) {
			for i := range b.N {
				m.h.Set(fields[i*7919%n], []byte("87654321"), false)
			}
		})
		a.Close()
	}
}
