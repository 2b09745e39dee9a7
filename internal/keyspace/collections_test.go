package keyspace

import (
	"bytes"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/object"
	"github.com/redstart-db/redstart/internal/stream"
	"github.com/redstart-db/redstart/internal/value"
)

// A full value is what any type holds: list and stream in order, the others by name.
type fullValue struct {
	typ   Type
	at    int64
	order []string
	named map[string]fullElement
}

// A fullElement is what belongs to a name: a score, a field's value and its expiry.
type fullElement struct {
	text string
	at   int64
}

func (v *fullValue) clone() *fullValue {
	return &fullValue{v.typ, v.at, slices.Clone(v.order), maps.Clone(v.named)}
}

func (v *fullValue) len() int { return len(v.order) + len(v.named) }

func (v *fullValue) equal(w *fullValue) bool {
	return v.typ == w.typ && v.at == w.at && slices.Equal(v.order, w.order) && maps.Equal(v.named, w.named)
}

func (v *fullValue) String() string {
	return fmt.Sprintf("type %d until %d: %d elements", v.typ, v.at, v.len())
}

// live is the value without the fields that have expired.
func (v *fullValue) live(now int64) *fullValue {
	if v.typ != TypeHash {
		return v
	}
	w := v.clone()
	maps.DeleteFunc(w.named, func(_ string, f fullElement) bool { return f.at != 0 && f.at < now })
	return w
}

// full reads all of an entry that is alive at a time.
func (e Entry) full(now int64) *fullValue {
	v := &fullValue{typ: e.Type(), at: e.ExpireAt()}
	if v.typ == TypeString {
		v.order = []string{string(e.Bytes(make([]byte, 0, 20)))}
		return v
	}
	v.named = map[string]fullElement{}
	switch c := e.Cell(); v.typ {
	case TypeList:
		l := value.OpenList(c)
		for i := range l.Len() {
			el, _ := l.Get(i)
			v.order = append(v.order, string(el.Append(nil)))
		}
	case TypeSet:
		s := value.Set{Cell: c}
		s.Each(func(member []byte) bool { v.named[string(member)] = fullElement{}; return true })
	case TypeZSet:
		z := value.ZSet{Cell: c}
		it := z.Walk(0, z.Len(), false)
		for m, score, ok := it.Next(); ok; m, score, ok = it.Next() {
			v.named[string(m)] = fullElement{text: strconv.FormatFloat(score, 'g', -1, 64)}
		}
	case TypeHash:
		h := value.OpenHash(c, now)
		h.Each(func(field, text []byte, at int64) bool {
			v.named[string(field)] = fullElement{string(text), at}
			return true
		})
	case TypeStream:
		s := value.OpenStream(c)
		it := s.Log().Range(stream.ID{}, stream.MaxID)
		for it.Next() {
			_, text := it.Field()
			v.order = append(v.order, fmt.Sprint(it.ID().MS, " ", string(text)))
		}
	}
	return v
}

// fullModel is a keyspace with values of all types as Go maps. Keys that have
// expired are in it until it hears that they are gone.
type fullModel struct {
	t    testing.TB
	rng  *rand.Rand
	ks   *Keyspace
	tx   Tx
	x    expirer
	now  int64
	seq  int
	dbs  [3]map[string]*fullValue
	step string // for messages

	told    map[string]bool // keys of which Before was heard in this step
	changed []string        // keys that were changed
	journal int
	flushes int
}

var (
	fullSeed  = flag.Uint64("seed", 1, "first seed of TestCollections")
	fullSeeds = flag.Uint64("seeds", 2, "how many seeds TestCollections plays")
)

const fullKeys = 20

func newFullModel(t testing.TB, shards int, seed uint64) *fullModel {
	m := &fullModel{t: t, rng: rand.New(rand.NewPCG(seed, 11)), ks: newTest(t, shards), now: time.Now().UnixMilli() + 1e9}
	m.ks.Settings.ActiveExpire.Store(false) // but for the steps that run it with the time of the model
	m.ks.Settings.Policy.Store(int32(AllKeysRandom))
	for i := range m.dbs {
		m.dbs[i] = map[string]*fullValue{}
	}
	m.ks.Subscribe(m)
	return m
}

func (m *fullModel) fatalf(format string, args ...any) {
	m.t.Helper()
	for _, tx := range []*Tx{&m.tx, &m.x.tx, &m.ks.evict.mu.tx} { // who closes the keyspace waits for the locks
		m.ks.unlock(tx.locked)
		tx.locked = 0
	}
	m.t.Fatalf(m.step+": "+format, args...)
}

// Before: the old value is what the model still has.
func (m *fullModel) Before(db int, k Key, e Entry, exists bool) {
	key := k.Name
	m.told[id(db, key)] = true
	v := m.dbs[db][string(key)]
	if (v != nil) != exists {
		m.fatalf("Before of %s says %v, the model has %v", id(db, key), exists, v)
	}
	if exists {
		m.compare(e, v)
	}
}

func (m *fullModel) compare(e Entry, v *fullValue) {
	m.t.Helper()
	if got := e.full(m.now); !got.equal(v.live(m.now)) {
		m.fatalf("%s is %v, want %v", e.Name(), got, v.live(m.now))
	}
}

func (m *fullModel) After(db int, k Key, class Class, event string) {
	key := k.Name
	if event != "test" && !m.told[id(db, key)] {
		m.fatalf("%s of %s came without its Before", event, id(db, key))
	}
	switch event {
	case "expired":
		if v := m.dbs[db][string(key)]; v == nil || v.at == 0 || v.at >= m.now {
			m.fatalf("%s expired, the model has %v at %d", id(db, key), v, m.now)
		}
		delete(m.dbs[db], string(key))
	case "evicted":
		delete(m.dbs[db], string(key))
	case "del":
		if v := m.dbs[db][string(key)]; v == nil || v.live(m.now).len() > 0 {
			m.fatalf("%s went with its last field, the model has %v", id(db, key), v)
		}
		delete(m.dbs[db], string(key))
	}
}

func (m *fullModel) Journal(int, [][]byte) { m.journal++ }
func (m *fullModel) Flush(int)             { m.flushes++ }
func (m *fullModel) Swap(int, int)         { m.flushes++ }

// put notes that a key has another value now; nil: none.
func (m *fullModel) put(db int, name string, v *fullValue) {
	m.changed = append(m.changed, id(db, []byte(name)))
	if v == nil {
		delete(m.dbs[db], name)
	} else {
		m.dbs[db][name] = v
	}
}

// settle lets go what has expired of a key, and returns what is left.
func (m *fullModel) settle(db int, k Key) *fullValue {
	back := m.tx.db
	m.tx.SetDB(db)
	defer m.tx.SetDB(back)
	m.tx.Peek(k)
	v := m.dbs[db][string(k.Name)]
	if v == nil || v.at != 0 && v.at < m.now {
		return nil // a pause may keep it
	}
	live := v.live(m.now)
	if v.typ != TypeHash || live.len() == v.len() || m.ks.paused(m.now) {
		return v
	}
	for {
		h, found, err := m.tx.WriteHash(k)
		if err != nil || found != (m.dbs[db][string(k.Name)] != nil) {
			m.fatalf("a hash with fields that expired is found: %v (%v)", found, err)
		}
		if !found {
			return nil
		}
		if h.Len() != live.len() {
			m.fatalf("%d fields, want %d", h.Len(), live.len())
		}
		if h.Stored() == h.Len() {
			m.dbs[db][string(k.Name)] = live
			return live
		}
	}
}

// element is a new element, of one of several sizes, mostly like the one before.
func (m *fullModel) element(size int) []byte {
	m.seq++
	if size == 0 {
		return strconv.AppendInt(nil, int64(m.seq), 10)
	}
	b := fmt.Appendf(nil, "%d:", m.seq)
	return append(b, bytes.Repeat([]byte("x"), size)...)
}

var (
	fullCounts = []int{1, 1, 2, 10, 30, 200, 1500}
	fullSizes  = []int{0, 0, 1, 10, 40, 70, 300}
	fullTypes  = []Type{TypeList, TypeSet, TypeZSet, TypeHash, TypeHash, TypeStream}
)

// grow adds elements to the collection at k, which is made if v is nil, or made anew if fresh is set.
func (m *fullModel) grow(db int, k Key, typ Type, v *fullValue, fresh bool) {
	n, size := fullCounts[m.rng.IntN(len(fullCounts))], fullSizes[m.rng.IntN(len(fullSizes))]
	ttl := NoTTL
	if m.rng.IntN(8) == 0 && fresh {
		ttl = TTL(m.now + m.rng.Int64N(3000))
	}
	elems := make([][]byte, n)
	for i := range elems {
		elems[i] = m.element(size)
	}
	if m.rng.IntN(4) == 0 && size > 0 { // an exceptional one
		elems[m.rng.IntN(n)] = m.element(20_000)
	}
	var w *fullValue
	if v == nil || fresh {
		w = &fullValue{typ: typ, at: int64(ttl), named: map[string]fullElement{}}
	} else {
		w = v.clone()
	}
	cell := func(enc object.Encoding, size int) (value.Cell, bool) {
		if fresh {
			return m.tx.NewCell(k, typ, enc, size, ttl), true
		}
		c, err := m.tx.MakeCell(k, typ, enc, size)
		if err != nil || c.IsNew() != (v == nil) {
			m.fatalf("MakeCell: %v", err)
		}
		return c, c.IsNew()
	}
	lim := m.tx.Limits()
	switch typ {
	case TypeList:
		c, _ := cell(object.Packed, value.NewListSize(lim, elems))
		l := value.OpenList(c)
		l.Push(elems, value.Right)
		for _, e := range elems {
			w.order = append(w.order, string(e))
		}
	case TypeSet:
		c, isNew := cell(value.NewSetBody(lim, elems[0], n))
		s := value.Set{Cell: c}
		if isNew {
			s.Start(elems[0])
		}
		for _, e := range elems {
			s.Add(e)
			w.named[string(e)] = fullElement{}
		}
	case TypeZSet:
		c, isNew := cell(object.Packed, value.NewZSetSize(elems[0], 1))
		z := value.ZSet{Cell: c}
		if isNew {
			z = value.NewZSet(c, elems[0])
		}
		for _, e := range elems {
			score := float64(m.rng.IntN(1000)) / 2
			p := z.Find(e)
			z.Add(&p, e, score)
			w.named[string(e)] = fullElement{text: strconv.FormatFloat(score, 'g', -1, 64)}
		}
	case TypeHash:
		c, isNew := cell(value.NewHashBody(lim, elems[0], elems[0]))
		h := value.OpenHash(c, m.now)
		if isNew {
			h.Start(elems[0], elems[0])
		}
		for _, e := range elems {
			h.Set(e, e, false)
			w.named[string(e)] = fullElement{text: string(e)}
		}
		if at := m.now + 1 + m.rng.Int64N(4000); m.rng.IntN(2) == 0 {
			h.SetExpiry(elems[0], at)
			m.tx.ArmFields(k, &h)
			w.named[string(elems[0])] = fullElement{string(elems[0]), at}
		}
	case TypeStream:
		c, _ := cell(object.Rooted, value.NewStreamSize)
		m.growStream(c, elems, w)
	}
	m.put(db, string(k.Name), w)
}

// growStream adds entries, and now and then a group to which they are delivered.
func (m *fullModel) growStream(c value.Cell, elems [][]byte, w *fullValue) {
	s := value.OpenStream(c)
	log := s.Edit()
	for _, e := range elems {
		m.seq++
		log.Add(stream.ID{MS: uint64(m.seq)}, [][]byte{[]byte("field"), e}, m.tx.Limits().StreamLimits())
		w.order = append(w.order, fmt.Sprint(m.seq, " ", string(e)))
	}
	if g, ok := log.NewGroup([]byte(strconv.Itoa(m.rng.IntN(3))), stream.ID{}, 0); ok {
		consumer := g.NewConsumer([]byte("consumer"), m.now)
		it := log.Range(stream.ID{}, stream.MaxID)
		for n := m.rng.IntN(200); it.Next() && n > 0; n-- {
			g.Deliver(it.ID(), consumer, m.now, 1)
		}
	}
}

// shrink removes elements of the collection at k, and k with the last one.
func (m *fullModel) shrink(db int, k Key, v *fullValue) {
	n := min(fullCounts[m.rng.IntN(len(fullCounts))], v.len())
	w := v.clone()
	names := slices.Sorted(maps.Keys(v.named))
	m.rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names[:min(n, len(names))] {
		delete(w.named, name)
	}
	var c value.Cell
	if v.typ != TypeHash {
		c, _, _ = m.tx.WriteCell(k, v.typ)
	}
	switch v.typ {
	case TypeList:
		l := value.OpenList(c)
		l.DeleteRange(0, n)
		w.order = w.order[n:]
	case TypeSet:
		s := value.Set{Cell: c}
		for _, name := range names[:n] {
			s.Remove([]byte(name))
		}
	case TypeZSet:
		z := value.ZSet{Cell: c}
		for _, name := range names[:n] {
			p := z.Find([]byte(name))
			z.Remove(&p)
		}
	case TypeHash:
		h, _, _ := m.tx.WriteHash(k)
		for _, name := range names[:n] {
			h.Delete([]byte(name))
		}
		if h.Stored() > 0 && h.Len() == 0 { // during a pause
			m.put(db, string(k.Name), w)
			return
		}
	case TypeStream:
		s := value.OpenStream(c)
		log := s.Edit()
		for range n {
			log.Delete(log.FirstID())
		}
		w.order = w.order[n:]
	}
	if w.len() == 0 {
		m.tx.Delete(k)
		w = nil
	}
	m.put(db, string(k.Name), w)
}

// expireFields gives some fields of the hash at k an expiry, or takes it from them.
func (m *fullModel) expireFields(db int, k Key, v *fullValue) {
	w := v.clone()
	h, found, err := m.tx.WriteHash(k)
	if !found || err != nil {
		m.fatalf("no hash (%v)", err)
	}
	n := fullCounts[m.rng.IntN(len(fullCounts))]
	for _, name := range slices.Sorted(maps.Keys(v.live(m.now).named)) {
		if n--; n < 0 {
			break
		}
		at := int64(0)
		if m.rng.IntN(5) > 0 {
			at = m.now + 1 + m.rng.Int64N(4000)
		}
		h.SetExpiry([]byte(name), at)
		w.named[name] = fullElement{w.named[name].text, at}
	}
	m.tx.ArmFields(k, &h)
	if h.Changed() {
		m.put(db, string(k.Name), w)
	}
}

// draft makes a set beside the key and stores it, or drops it.
func (m *fullModel) draft(db int, k Key) {
	n, size := fullCounts[m.rng.IntN(len(fullCounts))], fullSizes[m.rng.IntN(len(fullSizes))]
	first := m.element(size)
	enc, body := value.NewSetBody(m.tx.Limits(), first, n)
	s := value.Set{Cell: m.tx.DraftCell(k, TypeSet, enc, body)}
	s.Start(first)
	w := &fullValue{typ: TypeSet, named: map[string]fullElement{string(first): {}}}
	for range n {
		e := m.element(size)
		s.Add(e)
		w.named[string(e)] = fullElement{}
	}
	if m.rng.IntN(3) == 0 {
		m.tx.DropDraft(k, &s.Cell)
		return
	}
	m.tx.StoreDraft(k, &s.Cell)
	m.put(db, string(k.Name), w)
}

// play does one step on both.
func (m *fullModel) play() {
	m.told, m.changed, m.journal, m.flushes = map[string]bool{}, m.changed[:0], 0, 0
	db, to := m.rng.IntN(len(m.dbs)), m.rng.IntN(len(m.dbs))
	name, other := fmt.Sprint("key:", m.rng.IntN(fullKeys)), fmt.Sprint("key:", m.rng.IntN(fullKeys))
	op := m.rng.IntN(40)
	m.step = fmt.Sprintf("op %d, %d/%s, %d/%s", op, db, name, to, other)
	k, o := Key{[]byte(name), m.ks.Hash([]byte(name))}, Key{[]byte(other), m.ks.Hash([]byte(other))}
	switch op {
	case 0, 1:
		m.now += m.rng.Int64N(500)
	case 2:
		m.ks.Settings.PausedUntil.Store(m.now - 1500 + m.rng.Int64N(2500))
	case 3:
		m.evict()
	case 4, 5:
		m.expireActively()
	case 6, 7:
		m.whole(db, to, op == 7)
	default:
		m.ks.Begin(&m.tx, db, m.now, []Key{k, o})
		v := m.settle(db, k)
		m.onKey(op, db, to, k, o, v)
		for i := range m.dbs { // what the commands would say
			m.tx.SetDB(i)
			m.tx.Notify(ClassGeneric, "test", k)
			m.tx.Notify(ClassGeneric, "test", o)
		}
		m.tx.End([][]byte{[]byte("step")})
	}
	for _, at := range m.changed {
		if !m.told[at] {
			m.fatalf("%s changed and nobody was told", at)
		}
	}
	if len(m.changed) > 0 && m.journal == 0 {
		m.fatalf("a change was not journalled")
	}
}

// onKey plays what is about one key or two; v is what k holds.
func (m *fullModel) onKey(op, db, to int, k, o Key, v *fullValue) {
	name := string(k.Name)
	typ := fullTypes[m.rng.IntN(len(fullTypes))]
	mostly := v
	if mostly != nil && (mostly.len() > 5000 || mostly.typ == TypeString) {
		mostly = nil
	}
	switch {
	case op < 14 && mostly != nil:
		m.grow(db, k, mostly.typ, v, false)
	case op < 18 && v == nil:
		m.grow(db, k, typ, nil, m.rng.IntN(2) == 0)
	case op < 20:
		m.grow(db, k, typ, v, true)
	case op < 22:
		text := bytes.Repeat([]byte("s"), []int{1, 100, 2000, 70_000, 300_000}[m.rng.IntN(5)])
		m.tx.SetString(k, text, NoTTL)
		m.put(db, name, &fullValue{typ: TypeString, order: []string{string(text)}})
	case op < 23:
		m.draft(db, k)
	case v == nil:
		if e, found := m.tx.Peek(k); found {
			m.fatalf("found a value of type %d", e.Type())
		}
		if m.tx.Delete(k) {
			m.fatalf("deleted nothing")
		}
	case op < 26 && v.typ != TypeString:
		m.shrink(db, k, v)
	case op < 27:
		m.tx.Delete(k)
		m.put(db, name, nil)
	case op < 31 && name != string(o.Name):
		m.tx.Rename(k, o)
		m.put(db, string(o.Name), v)
		m.put(db, name, nil)
	case op < 33 && (name != string(o.Name) || db != to):
		m.tx.CopyTo(k, o, to)
		m.put(to, string(o.Name), v.clone())
	case op < 34 && db != to:
		if m.settle(to, k) == nil {
			m.tx.MoveTo(k, to)
			m.put(to, name, v)
			m.put(db, name, nil)
		}
	case op < 35:
		at := NoTTL
		if m.rng.IntN(3) > 0 {
			at = TTL(m.now + m.rng.Int64N(3000))
		}
		m.tx.SetExpire(k, at)
		w := v.clone()
		w.at = int64(at)
		m.put(db, name, w)
	case op < 38 && v.typ == TypeHash:
		m.expireFields(db, k, v)
	default:
		if e, found := m.tx.Peek(k); !found {
			m.fatalf("%v is not found", v)
		} else {
			m.compare(e, v)
		}
	}
}

// whole plays what is about whole databases.
func (m *fullModel) whole(db, to int, seldom bool) {
	m.ks.BeginAll(&m.tx, db, m.now)
	defer m.tx.End([][]byte{[]byte("step")})
	switch {
	case !seldom:
		m.tx.SwapDB(db, to)
		m.dbs[db], m.dbs[to] = m.dbs[to], m.dbs[db]
	case m.rng.IntN(3) > 0:
		return
	case m.rng.IntN(2) == 0:
		crowd := m.crowd()
		if n := m.tx.FlushDB(); n != len(m.dbs[db])+crowd {
			m.fatalf("%d keys flushed of %d", n, len(m.dbs[db])+crowd)
		}
		clear(m.dbs[db])
	default:
		m.crowd()
		m.tx.FlushAll()
		for i := range m.dbs {
			clear(m.dbs[i])
		}
	}
	if m.flushes != 1 {
		m.fatalf("%d calls of Flush and Swap", m.flushes)
	}
}

// crowd makes, mostly, so many keys that a flush leaves them to the reclaimer.
func (m *fullModel) crowd() int {
	if m.rng.IntN(3) == 0 {
		return 0
	}
	n := 2 * flushInline * len(m.ks.shards)
	m.tx.setMany(n, 1)
	return n
}

// evict makes room for a tenth of what is used.
func (m *fullModel) evict() {
	m.ks.Settings.MaxMemory.Store(max(m.ks.used.Load()*9/10, 1))
	m.ks.MakeRoom(m.now, nil)
	m.ks.Settings.MaxMemory.Store(0)
}

// expireActively lets the background expiry work with the time of the model.
func (m *fullModel) expireActively() {
	m.ks.Settings.ActiveExpire.Store(true)
	for range 3 {
		for i := range m.ks.shards {
			m.x.shard(m.ks, i, m.now)
		}
	}
	m.ks.Settings.ActiveExpire.Store(false)
}

// compareAll compares all keys.
func (m *fullModel) compareAll() {
	m.step = "at the end of some steps"
	m.ks.Settings.PausedUntil.Store(0)
	m.told = map[string]bool{}
	m.ks.BeginAll(&m.tx, 0, m.now)
	defer m.tx.End(nil)
	for db := range m.dbs {
		m.tx.SetDB(db)
		for _, name := range slices.Collect(maps.Keys(m.dbs[db])) {
			m.settle(db, m.tx.Key([]byte(name)))
		}
		n := 0
		m.tx.Each(func(e Entry) bool {
			n++
			v := m.dbs[db][string(e.Name())]
			if v == nil {
				m.fatalf("%d/%s should not be there", db, e.Name())
			}
			m.compare(e, v)
			return true
		})
		if n != len(m.dbs[db]) || n != m.tx.DBSize() {
			m.fatalf("database %d: %d keys, %d by its size, want %d", db, n, m.tx.DBSize(), len(m.dbs[db]))
		}
	}
}

// account sums up what the records say that they take, and compares with what
// the arenas say was taken. The background work must be done.
func (m *fullModel) account() {
	m.ks.awaitReclaimed(m.t)
	if err := m.ks.check(); err != nil {
		m.t.Fatal(err)
	}
	m.ks.BeginAll(&m.tx, 0, m.now)
	defer m.tx.End(nil)
	taken := map[*arena.Arena]*[arena.NumPurposes]int64{}
	for i := range m.ks.shards {
		taken[m.ks.shards[i].arena] = new([arena.NumPurposes]int64)
	}
	for i := range m.ks.shards {
		for db := range m.ks.shards[i].dbs {
			if d := m.ks.shards[i].dbs[db].Load(); d != nil {
				m.accountDatabase(d, taken)
			}
		}
	}
	used := int64(0)
	for i := range m.ks.shards {
		s := &m.ks.shards[i]
		for _, p := range []arena.Purpose{arena.Record, arena.Blob, arena.Index, arena.Element} {
			if got, want := s.arena.Used(p), taken[s.arena][p]; got != want {
				m.fatalf("shard %d: %d bytes of purpose %d are taken, the records know of %d", i, got, p, want)
			}
		}
		m.ks.reportOf(s)
		used += s.arena.TotalUsed()
	}
	if got := m.ks.used.Load(); got != used || m.ks.reclaim.bytes.Load() != 0 {
		m.fatalf("used is %d, and the sum of the arenas %d; %d bytes are to be reclaimed", got, used, m.ks.reclaim.bytes.Load())
	}
}

func (m *fullModel) accountDatabase(d *database, taken map[*arena.Arena]*[arena.NumPurposes]int64) {
	timers := 0
	d.table.Each(func(ref arena.Ref) bool {
		r := object.At(d.arena, ref)
		taken[d.arena][arena.Record] += int64(arena.UsableSize(r.Size()))
		switch a := m.ks.blocksOf(d.arena, r); r.Encoding() {
		case object.Blob:
			_, _, capacity := r.BlobInfo()
			taken[a][arena.Blob] += int64(arena.UsableSize(capacity))
		case object.Rooted:
			taken[a][arena.Element] += value.Bytes(a, r)
		}
		if timer := m.ks.fieldTimer(d, r); timer != 0 {
			timers++
			if name := object.At(d.arena, timer).Key(); !bytes.Equal(name, r.Key()) {
				m.fatalf("the timer of %s is that of %s", r.Key(), name)
			}
		} else if m.needsTimer(d, ref) {
			m.fatalf("%s has fields that expire and no timer", r.Key())
		}
		return true
	})
	taken[d.arena][arena.Index] += d.table.Bytes()
	if n := d.fields.Len() + len(d.due); n != timers {
		m.fatalf("%d timers of hashes, %d in the wheel", timers, n)
	}
}

func (m *fullModel) needsTimer(d *database, ref arena.Ref) bool {
	r := object.At(d.arena, ref)
	if r.Type() != TypeHash {
		return false
	}
	h := value.OpenHash(value.Open(value.Place{Home: &d.home, Blocks: m.ks.blocksOf(d.arena, r), Ref: ref}), m.now)
	return h.Earliest() != 0
}

// end empties the keyspace one way or the other; then nothing is taken.
func (m *fullModel) end(byKey bool) {
	m.ks.BeginAll(&m.tx, 0, m.now)
	if byKey {
		for db := range m.dbs {
			m.tx.SetDB(db)
			for name := range m.dbs[db] {
				k := m.tx.Key([]byte(name))
				m.tx.Delete(k)
				m.tx.Notify(ClassGeneric, "test", k)
			}
		}
	}
	for db := range m.dbs { // the index of an empty database, too
		m.tx.SetDB(db)
		m.tx.FlushDB()
	}
	m.tx.End(nil)
	m.ks.awaitReclaimed(m.t)
	if mem := m.ks.Memory(); mem.Used != 0 || mem.LazyfreeBytes != 0 {
		m.t.Fatalf("memory of an empty keyspace: %+v", mem)
	}
}

// Values of all types, packed and large, go through everything that happens to
// keys, and are what they should be; subscribers hear of every change, with the
// old value; and every byte is accounted for.
func TestCollections(t *testing.T) {
	steps := 1500
	if invariants.Enabled {
		steps = 300
	}
	for _, shards := range []int{1, 8} {
		for seed := range *fullSeeds {
			t.Run(fmt.Sprintf("shards=%d/seed=%d", shards, *fullSeed+seed), func(t *testing.T) {
				m := newFullModel(t, shards, *fullSeed+seed)
				for i := range steps {
					m.play()
					if i%50 == 0 {
						m.compareAll()
						m.account()
					}
				}
				m.compareAll()
				m.account()
				m.end(seed%2 == 0)
			})
		}
	}
}
