package stream

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
)

func newArena(t testing.TB) *arena.Arena {
	t.Helper()
	a, err := arena.New(1 << 30)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// A model is a log as plain Go values.
type model struct {
	entries    []modelEntry
	last       ID
	maxDeleted ID
	added      int64
	groups     map[string]*modelGroup
	names      map[string][]modelName // of each producer, the oldest first
}

type modelEntry struct {
	id    ID
	pairs []string
}

type modelGroup struct {
	last      ID
	pending   map[ID]*modelDelivery
	consumers map[string]bool
	order     int64
}

type modelDelivery struct {
	owner string // empty: released
	time  int64  // of a released one its order
	count int64
}

type modelName struct {
	name string
	id   ID
	time int64
}

// A tape gives the choices of a random run: bytes of a fuzzer's input.
type tape struct{ b []byte }

func (t *tape) more() bool { return len(t.b) > 0 }

func (t *tape) n(below int) int {
	if len(t.b) == 0 {
		return 0
	}
	c := t.b[0]
	t.b = t.b[1:]
	return int(c) % below
}

// A run does the same to a log and its model.
type run struct {
	t *testing.T
	a *arena.Arena
	l Log
	m model
	*tape
	limits Limits
	now    int64
}

func newRun(t *testing.T, input []byte) *run {
	a := newArena(t)
	r := &run{t: t, a: a, l: New(a), tape: &tape{input}, now: 1000}
	r.m.groups = map[string]*modelGroup{}
	r.m.names = map[string][]modelName{}
	r.limits = Limits{Bytes: []int{100, 300, 4096, 0}[r.n(4)], Entries: []int{1, 3, 10, 0}[r.n(4)]}
	return r
}

func (r *run) steps() {
	for r.more() {
		r.now += int64(r.n(4))
		switch r.n(17) {
		case 0, 1, 2, 3, 4:
			r.add()
		case 5:
			r.delete()
		case 6:
			r.trim()
		case 7:
			r.rangeOver()
		case 8:
			r.group()
		case 9, 10:
			r.deliver()
		case 11:
			r.ack()
		case 12:
			r.release()
		case 13:
			r.dropConsumer()
		case 14:
			r.remember()
		case 15:
			r.clone()
		case 16:
			r.setLast()
		}
	}
	r.l.check()
	r.compare(r.l)
}

func (r *run) id() ID {
	if len(r.m.entries) > 0 && r.n(4) > 0 {
		return r.m.entries[r.n(len(r.m.entries))].id
	}
	return ID{uint64(r.n(256)) * 20, uint64(r.n(3))}
}

// setLast goes back as far as the entries let it, or half way.
func (r *run) setLast() {
	top := ID{}
	if n := len(r.m.entries); n > 0 {
		top = r.m.entries[n-1].id
	}
	if r.n(2) == 0 {
		top.MS += (r.m.last.MS - top.MS) / 2
		top.Seq = max(top.Seq, r.m.last.Seq)
	}
	r.m.last = top
	r.l.SetLastID(top)
}

func (r *run) add() {
	id := r.m.last
	switch r.n(4) {
	case 0:
		id = ID{id.MS + 1 + uint64(r.n(256))*uint64(r.n(256)), uint64(r.n(2))}
	case 1:
		id = ID{id.MS + 1, ^uint64(0) - uint64(r.n(200))}
	default:
		id, _ = id.Next()
	}
	pairs := []string{"name", strings.Repeat("v", r.n(20))}
	for range r.n(4) {
		pairs = append(pairs, fmt.Sprint("f", r.n(3)), strings.Repeat("x", r.n(200)))
	}
	words := make([][]byte, len(pairs))
	for i, p := range pairs {
		words[i] = []byte(p)
	}
	r.l.Add(id, words, r.limits)
	r.m.entries = append(r.m.entries, modelEntry{id, pairs})
	r.m.last = id
	r.m.added++
}

func (r *run) indexOf(id ID) (int, bool) {
	return slices.BinarySearchFunc(r.m.entries, id, func(e modelEntry, id ID) int { return compareIDs(e.id, id) })
}

func compareIDs(a, b ID) int {
	return cmp.Or(cmp.Compare(a.MS, b.MS), cmp.Compare(a.Seq, b.Seq))
}

func (r *run) delete() {
	id, refs := r.id(), Refs(r.n(3))
	i, there := r.indexOf(id)
	free := true
	for _, g := range r.m.groups {
		if refs == OnlyAcked && (g.last.Less(id) || g.pending[id] != nil) {
			free = false
		}
		if refs == DeleteRefs {
			delete(g.pending, id)
		}
	}
	found, deleted := r.l.DeleteWith(id, refs)
	if found != there || deleted != (there && free) {
		r.t.Fatalf("deleting %v: %v %v, want %v %v", id, found, deleted, there, free)
	}
	if deleted {
		r.m.entries = slices.Delete(r.m.entries, i, i+1)
		if r.m.maxDeleted.Less(id) {
			r.m.maxDeleted = id
		}
	}
}

func (r *run) trim() {
	t := Trim{ByID: r.n(2) == 0, MinID: r.id(), MaxLen: uint64(r.n(len(r.m.entries) + 2)), Refs: Refs(r.n(3))}
	before := slices.Clone(r.m.entries)
	keep := r.m.entries[:0]
	left := len(before)
	for i, e := range before {
		done := t.ByID && !e.id.Less(t.MinID) || !t.ByID && uint64(left) <= t.MaxLen
		stays := done
		for _, g := range r.m.groups {
			if t.Refs == OnlyAcked && (g.last.Less(e.id) || g.pending[e.id] != nil) {
				stays = true
			}
			if t.Refs == DeleteRefs && !stays {
				delete(g.pending, e.id)
			}
		}
		if stays {
			keep = append(keep, e)
			continue
		}
		if len(keep) > 0 && r.m.maxDeleted.Less(e.id) {
			r.m.maxDeleted = e.id
		}
		left--
		_ = i
	}
	r.m.entries = keep
	if n := r.l.Trim(t); n != len(before)-len(keep) {
		r.t.Fatalf("%+v took %d of %d entries, not %d", t, n, len(before), len(before)-len(keep))
	}
}

func (r *run) rangeOver() {
	from, to := r.id(), r.id()
	want := []string{}
	for _, e := range r.m.entries {
		if !e.id.Less(from) && !to.Less(e.id) {
			want = append(want, e.String())
		}
	}
	if got := entries(r.l.Range(from, to)); !slices.Equal(got, want) {
		r.t.Fatalf("from %v to %v: %v, want %v", from, to, got, want)
	}
	slices.Reverse(want)
	if got := entries(r.l.RangeBack(from, to)); !slices.Equal(got, want) {
		r.t.Fatalf("back from %v to %v: %v, want %v", to, from, got, want)
	}
}

func (e modelEntry) String() string { return e.id.String() + " " + strings.Join(e.pairs, " ") }

func entries(it Iter) []string {
	out := []string{}
	for it.Next() {
		words := []string{it.ID().String()}
		for range it.Fields() {
			name, value := it.Field()
			words = append(words, string(name), string(value))
		}
		out = append(out, strings.Join(words, " "))
	}
	return out
}

func (r *run) groupName() string { return fmt.Sprint("g", r.n(3)) }

func (r *run) group() {
	name := r.groupName()
	g, found := r.l.Group([]byte(name))
	if found != (r.m.groups[name] != nil) {
		r.t.Fatalf("group %s: %v", name, found)
	}
	switch {
	case !found:
		last := r.id()
		if _, ok := r.l.NewGroup([]byte(name), last, 0); !ok {
			r.t.Fatal("no new group")
		}
		r.m.groups[name] = &modelGroup{last: last, pending: map[ID]*modelDelivery{}, consumers: map[string]bool{}}
	case r.n(8) == 0:
		r.l.DropGroup(g)
		delete(r.m.groups, name)
	default:
		last := r.id()
		g.SetLast(last)
		r.m.groups[name].last = last
	}
}

// someGroup returns a group that there is.
func (r *run) someGroup() (g Group, m *modelGroup, ok bool) {
	name := r.groupName()
	if m = r.m.groups[name]; m == nil {
		return g, nil, false
	}
	g, ok = r.l.Group([]byte(name))
	return g, m, ok
}

func (r *run) deliver() {
	g, m, ok := r.someGroup()
	if !ok {
		return
	}
	name := fmt.Sprint("c", r.n(3))
	c, found := g.Consumer([]byte(name))
	if found != m.consumers[name] {
		r.t.Fatalf("consumer %s: %v", name, found)
	}
	if !found {
		c = g.NewConsumer([]byte(name), r.now)
		m.consumers[name] = true
	}
	for range 1 + r.n(8) {
		id, at := r.id(), r.now-int64(r.n(5))
		if d := m.pending[id]; d != nil && d.owner != "" && r.n(2) == 0 {
			g.Touch(id, at)
			d.time, d.count = at, d.count+1
			continue
		}
		g.Deliver(id, c, at, 1)
		m.pending[id] = &modelDelivery{name, at, 1}
	}
}

func (r *run) ack() {
	if g, m, ok := r.someGroup(); ok {
		id := r.id()
		if got := g.Ack(id); got != (m.pending[id] != nil) {
			r.t.Fatalf("acknowledging %v: %v", id, got)
		}
		delete(m.pending, id)
	}
}

func (r *run) release() {
	if g, m, ok := r.someGroup(); ok {
		id := r.id()
		g.Release(id, 7)
		m.order++
		m.pending[id] = &modelDelivery{"", -1<<40 + m.order, 7}
	}
}

func (r *run) dropConsumer() {
	g, m, ok := r.someGroup()
	if !ok {
		return
	}
	name := fmt.Sprint("c", r.n(3))
	if c, found := g.Consumer([]byte(name)); found {
		n := 0
		for id, d := range m.pending {
			if d.owner == name {
				delete(m.pending, id)
				n++
			}
		}
		if got := g.DropConsumer(c); got != n {
			r.t.Fatalf("dropping a consumer with %d pending: %d", n, got)
		}
		delete(m.consumers, name)
	}
}

func (r *run) remember() {
	producer, name := fmt.Sprint("p", r.n(3)), strings.Repeat("m", r.n(30))
	if r.n(20) == 0 {
		most, seconds := int64(1+r.n(10)), int64(1+r.n(3))
		if now := r.l.Idempotence(); now.Most != most || now.Duration != seconds {
			clear(r.m.names)
		}
		r.l.Configure(seconds, most)
	}
	settings := r.l.Idempotence()
	known := func(n modelName) bool { return n.name == name && n.time+settings.Duration*1000 > r.now }
	queue := r.m.names[producer]
	i := slices.IndexFunc(queue, known)
	id, found := r.l.Known([]byte(producer), []byte(name), r.now)
	if found != (i >= 0) || found && id != queue[i].id {
		r.t.Fatalf("message %q: %v %v, want %v", name, id, found, i)
	}
	if found {
		return
	}
	id = ID{uint64(r.now), 1}
	r.l.Remember([]byte(producer), []byte(name), id, r.now)
	for len(queue) > 0 && (int64(len(queue)) >= settings.Most || queue[0].time+settings.Duration*1000 <= r.now) {
		queue = queue[1:]
	}
	r.m.names[producer] = append(queue, modelName{name, id, r.now})
	r.now += int64(r.n(256))
}

// clone goes on with a copy and reclaims the original in small steps.
func (r *run) clone() {
	to := newArena(r.t)
	c := r.l.Clone(to)
	if bytes := to.Used(arena.Element); bytes != c.Bytes() {
		r.t.Fatalf("a copy of %d bytes takes %d", c.Bytes(), bytes)
	}
	r.compare(c)
	for r.l.Reclaim(1 + r.n(5)) {
		if r.a.Used(arena.Element) != r.l.Bytes() {
			r.t.Fatalf("%d bytes are left of %d", r.a.Used(arena.Element), r.l.Bytes())
		}
	}
	if left := r.a.Used(arena.Element); left != 0 {
		r.t.Fatalf("%d bytes are left", left)
	}
	r.a, r.l = to, c
}

// compare compares all of a log with the model.
func (r *run) compare(l Log) {
	want := []string{}
	for _, e := range r.m.entries {
		want = append(want, e.String())
	}
	if got := entries(l.Range(ID{}, MaxID)); !slices.Equal(got, want) {
		r.t.Fatalf("entries %v, want %v", got, want)
	}
	first, top := ID{}, ID{}
	if n := len(r.m.entries); n > 0 {
		first, top = r.m.entries[0].id, r.m.entries[n-1].id
	}
	if l.Len() != len(want) || l.LastID() != r.m.last || l.MaxDeleted() != r.m.maxDeleted || l.Added() != r.m.added ||
		l.FirstID() != first || l.TopID() != top || l.Groups() != len(r.m.groups) {
		r.t.Fatalf("%v: first %v top %v deleted %v added %d, want %+v", l, l.FirstID(), l.TopID(), l.MaxDeleted(), l.Added(), r.m)
	}
	for name, m := range r.m.groups {
		g, _ := l.Group([]byte(name))
		compareGroup(r.t, g, m)
	}
}

func compareGroup(t *testing.T, g Group, m *modelGroup) {
	if g.Last() != m.last || g.Pending() != len(m.pending) || g.Consumers() != len(m.consumers) {
		t.Fatalf("group up to %v with %d pending, want %+v", g.Last(), g.Pending(), m)
	}
	ids := make([]ID, 0, len(m.pending))
	for id := range m.pending {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, compareIDs)
	it := g.PendingFrom(ID{})
	for _, id := range ids {
		d, ok := it.Next()
		want := m.pending[id]
		owner := ""
		if c, owned := d.Owner(); owned {
			owner = string(c.Name())
		}
		if !ok || d.ID != id || owner != want.owner || d.Count != want.count || owner != "" && d.Time != want.time {
			t.Fatalf("pending %+v, want %v %+v", d, id, want)
		}
	}
	if _, ok := it.Next(); ok {
		t.Fatal("more is pending")
	}
	for i := range g.Consumers() {
		c := g.ConsumerAt(i)
		own := g.OwnFrom(c, ID{})
		for _, id := range ids {
			if m.pending[id].owner != string(c.Name()) {
				continue
			}
			if d, ok := own.Next(); !ok || d.ID != id || !d.OwnedBy(c) {
				t.Fatalf("own %+v, want %v", d, id)
			}
		}
	}
	slices.SortFunc(ids, func(a, b ID) int {
		return cmp.Or(cmp.Compare(m.pending[a].time, m.pending[b].time), compareIDs(a, b))
	})
	byTime := g.Oldest()
	for _, id := range ids {
		if d, ok := byTime.Next(); !ok || d.ID != id {
			t.Fatalf("%v waits longer than %v", d.ID, id)
		}
	}
	if _, ok := byTime.Next(); ok {
		t.Fatal("more waits")
	}
}

func FuzzLog(f *testing.F) {
	for seed := range uint64(20) {
		rng := rand.New(rand.NewPCG(seed, 1))
		b := make([]byte, 1000)
		for i := range b {
			b[i] = byte(rng.Uint32())
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, input []byte) {
		newRun(t, input[:min(len(input), 1000)]).steps()
	})
}

// FuzzTree compares a tree with a map, at sizes at which it has several levels.
func FuzzTree(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3}, uint64(1))
	f.Add(bytes.Repeat([]byte{7}, 64), uint64(2))
	f.Add(bytes.Repeat([]byte{1, 200, 3}, 40), uint64(3))
	f.Fuzz(func(t *testing.T, input []byte, seed uint64) {
		l := New(newArena(t))
		rng := rand.New(rand.NewPCG(seed, 0))
		root := tree{}
		x := index{l, &root, recentShape}
		want := map[key]uint32{}
		keys := []key{}
		for _, op := range input[:min(len(input), 100)] {
			for n := range 1 + int(op>>2)*8 {
				switch op % 4 {
				case 0:
					k := key{uint64(len(keys) + n + 1), 1}
					putKey(t, &x, want, &keys, k)
				case 1:
					putKey(t, &x, want, &keys, key{rng.Uint64() % 5000, rng.Uint64() % 3})
				case 2, 3:
					if len(keys) == 0 {
						break
					}
					k := keys[rng.IntN(len(keys))]
					if op%4 == 3 {
						k = keys[n%len(keys)]
					}
					_, there := want[k]
					if x.remove(k) != there {
						t.Fatalf("removing %v: not %v", k, there)
					}
					delete(want, k)
				}
			}
		}
		compareTree(t, &x, want)
	})
}

func putKey(t *testing.T, x *index, want map[key]uint32, keys *[]key, k key) {
	v, isNew := x.insert(k)
	old, there := want[k]
	p := (*[4]byte)(v)
	if isNew == there || there && binary.LittleEndian.Uint32(p[:]) != old {
		t.Fatalf("inserting %v: new %v, was there %v", k, isNew, there)
	}
	want[k] = uint32(len(*keys)) + 1
	binary.LittleEndian.PutUint32(p[:], want[k])
	*keys = append(*keys, k)
}

func compareTree(t *testing.T, x *index, want map[key]uint32) {
	x.check()
	keys := make([]key, 0, len(want))
	for k := range want {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b key) int { return slices.Compare(a[:], b[:]) })
	c := x.cursor()
	ok := c.first()
	for _, k := range keys {
		if !ok || c.key() != k || uint32(refAt(c.value())) != want[k] {
			t.Fatalf("at %v instead of %v", c.key(), k)
		}
		if p := x.find(k); p != c.value() {
			t.Fatalf("%v is not found", k)
		}
		ok = c.next()
	}
	if ok {
		t.Fatal("more keys")
	}
	ok = c.last()
	for i := len(keys) - 1; i >= 0; i-- {
		if !ok || c.key() != keys[i] {
			t.Fatal("backwards is another order")
		}
		ok = c.prev()
	}
	for n := uint64(0); n < 5100; n += 97 {
		k := key{n, 1}
		i, found := slices.BinarySearchFunc(keys, k, func(a, b key) int { return slices.Compare(a[:], b[:]) })
		if ok := c.seek(k); ok != (i < len(keys)) || ok && c.key() != keys[i] {
			t.Fatalf("seeking %v", k)
		}
		if !found {
			i--
		}
		if ok := c.seekBack(k); ok != (i >= 0) || ok && c.key() != keys[i] {
			t.Fatalf("seeking back %v", k)
		}
	}
}

// Trimming in order, one out per one in, must not walk over the dead.
func TestTrimOneByOne(t *testing.T) {
	l := New(newArena(t))
	pairs := [][]byte{[]byte("f"), []byte("v")}
	for i := range 10_000 {
		l.Add(ID{uint64(i + 1), 0}, pairs, Limits{Entries: 100})
		l.Trim(Trim{MaxLen: 5})
	}
	if l.Len() != 5 || l.Blocks() > 2 || l.FirstID().MS != 9996 {
		t.Error(l)
	}
	l.check()
}

// The memory that a log of many small entries takes.
func TestBytesPerEntry(t *testing.T) {
	if invariants.Enabled {
		t.Skip("what is measured is the same with the checks, which take most of the time")
	}
	a := newArena(t)
	l := New(a)
	const n = 200_000
	pairs := [][]byte{[]byte("field"), []byte("eleven char")}
	for i := range n {
		l.Add(ID{1_700_000_000_000 + uint64(i/20), uint64(i % 20)}, pairs, Limits{4096, 100})
	}
	if per := float64(a.Spanned()) / n; per > 20 {
		t.Errorf("%.1f bytes per entry", per)
	} else {
		t.Logf("%.1f bytes per entry", per)
	}
}

func TestSizesBothWays(t *testing.T) {
	var p [16]byte
	for _, n := range []int{0, 1, 127, 128, 129, 16383, 16384, 1 << 20, 1<<30 - 1} {
		size := putSizeBack(p[3:], n)
		if got, start := sizeBack(p[:], uint32(3+size)); int(got) != n || start != 3 || size != numberSize(uint64(n)) {
			t.Errorf("%d: %d at %d", n, got, start)
		}
		size = putNumber(p[3:], uint64(n))
		if got, end := number(p[:], 3); int(got) != n || int(end) != 3+size || size != numberSize(uint64(n)) {
			t.Errorf("%d: %d up to %d", n, got, end)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	a := newArena(b)
	l := New(a)
	pairs := [][]byte{[]byte("field"), []byte("eleven char")}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		i++
		l.Add(ID{uint64(i), 0}, pairs, Limits{4096, 100})
		if i%1_000_000 == 0 {
			l.Trim(Trim{MaxLen: 1000})
		}
	}
}

func BenchmarkDeliverAck(b *testing.B) {
	l := New(newArena(b))
	g, _ := l.NewGroup([]byte("g"), ID{}, 0)
	c := g.NewConsumer([]byte("c"), 0)
	b.ReportAllocs()
	i := uint64(0)
	for b.Loop() {
		i++
		g.Deliver(ID{i, 0}, c, int64(i/10), 1)
		if i > 100_000 {
			g.Ack(ID{i - 100_000, 0})
		}
	}
}

func BenchmarkRange10(b *testing.B) {
	l := New(newArena(b))
	pairs := [][]byte{[]byte("field"), []byte("eleven char")}
	for i := range 1_000_000 {
		l.Add(ID{uint64(i + 1), 0}, pairs, Limits{4096, 100})
	}
	b.ReportAllocs()
	rng := rand.New(rand.NewPCG(1, 1))
	for b.Loop() {
		it := l.Range(ID{rng.Uint64() % 1_000_000, 0}, MaxID)
		for n := 0; n < 10 && it.Next(); n++ {
			it.Field()
		}
	}
}
