package keyspace

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/arena"
	"github.com/redstart-db/redstart/internal/object"
)

func newTest(t testing.TB, shards int) *Keyspace {
	ks, err := New(Options{Databases: 4, Shards: shards})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(ks.Close)
	return ks
}

// check verifies every structure of every shard.
func (ks *Keyspace) check() error {
	for i := range ks.shards {
		s := &ks.shards[i]
		s.mu.Lock()
		defer s.mu.Unlock()
		if err := s.arena.CheckInvariants(); err != nil {
			return fmt.Errorf("shard %d: %w", i, err)
		}
		for db := range s.dbs {
			d := s.dbs[db].Load()
			if d == nil {
				continue
			}
			if err := d.table.CheckInvariants(); err != nil {
				return fmt.Errorf("shard %d, database %d: %w", i, db, err)
			}
			timers := 0
			d.table.Each(func(ref arena.Ref) bool {
				if object.At(d.arena, ref).HasTimer() {
					timers++
				}
				return true
			})
			if timers != d.wheel.Len() {
				return fmt.Errorf("shard %d, database %d: %d records with a timer, %d timers", i, db, timers, d.wheel.Len())
			}
		}
	}
	return nil
}

// model is the keyspace as Go maps.
type model struct {
	t   testing.TB
	ks  *Keyspace
	tx  Tx
	now int64
	dbs [4]map[string]modelValue
}

type modelValue struct {
	content string
	at      int64
}

func newModel(t testing.TB, shards int) *model {
	m := &model{t: t, ks: newTest(t, shards), now: time.Now().UnixMilli()}
	m.ks.Settings.ActiveExpire.Store(false)
	for i := range m.dbs {
		m.dbs[i] = map[string]modelValue{}
	}
	return m
}

func (m *model) get(db int, name string) (modelValue, bool) {
	v, ok := m.dbs[db][name]
	if ok && v.at != 0 && v.at < m.now {
		delete(m.dbs[db], name)
		return modelValue{}, false
	}
	return v, ok
}

var contents = []string{"", "1", "-9223372036854775808", "9223372036854775807", "007", "12345678901234567890123",
	"a short value", string(bytes.Repeat([]byte("x"), 44)), string(bytes.Repeat([]byte("y"), 45)),
	string(bytes.Repeat([]byte("z"), 127)), string(bytes.Repeat([]byte("z"), 128)),
	string(bytes.Repeat([]byte("m"), 1024)), string(bytes.Repeat([]byte("n"), 1025)),
	string(bytes.Repeat([]byte("o"), 40_000)), string(bytes.Repeat([]byte("p"), 400_000))}

// step plays one operation on both and compares what it says.
func (m *model) step(op, a, b uint32) {
	db := int(a>>8) % len(m.dbs)
	name := "key:" + strconv.Itoa(int(a%40))
	other := "key:" + strconv.Itoa(int(b%40))
	if a%7 == 0 {
		name = string(bytes.Repeat([]byte(name), 60)) // a length of 4 bytes
	}
	k := Key{[]byte(name), m.ks.Hash([]byte(name))}
	o := Key{[]byte(other), m.ks.Hash([]byte(other))}
	m.ks.Begin(&m.tx, db, m.now, []Key{k, o})
	defer m.tx.End([][]byte{[]byte("step")})
	defer func() {
		m.tx.Notify(ClassGeneric, "test", k)
		m.tx.Notify(ClassGeneric, "test", o)
		m.tx.SetDB((db + 1) % len(m.dbs))
		m.tx.Notify(ClassGeneric, "test", k)
		m.tx.Notify(ClassGeneric, "test", o)
	}()
	old, exists := m.get(db, name)
	content := contents[b>>8%uint32(len(contents))]
	if len(content) > 1025 && b%8 != 0 {
		content = content[:100]
	}
	if op%16 == 4 && len(old.content) > 600_000 {
		op = 0 // long enough
	}
	switch op % 16 {
	case 0, 1:
		m.tx.SetString(k, []byte(content), NoTTL)
		m.dbs[db][name] = modelValue{content: content}
	case 2:
		m.tx.SetString(k, []byte(content), KeepTTL)
		m.dbs[db][name] = modelValue{content, old.at}
	case 3:
		at := m.now + int64(b%5000)
		m.tx.SetString(k, []byte(content), TTL(at))
		m.dbs[db][name] = modelValue{content, at}
	case 4:
		if n := m.tx.Append(k, []byte(content)); n != len(old.content)+len(content) {
			m.t.Fatalf("append to %d bytes %d more: %d", len(old.content), len(content), n)
		}
		m.dbs[db][name] = modelValue{old.content + content, old.at}
	case 5:
		off := int(b % 3000)
		want := []byte(old.content)
		if end := off + len(content); len(want) < end {
			want = append(want, make([]byte, end-len(want))...)
		}
		copy(want[off:], content)
		m.tx.SetRange(k, off, []byte(content))
		m.dbs[db][name] = modelValue{string(want), old.at}
	case 6:
		if m.tx.Delete(k) != exists {
			m.t.Fatalf("delete %q: want %v", name, exists)
		}
		delete(m.dbs[db], name)
	case 7:
		at := TTL(m.now + int64(b)%100_000)
		if b%5 == 0 {
			at = NoTTL
		}
		if m.tx.SetExpire(k, at) != exists {
			m.t.Fatalf("expire %q: want %v", name, exists)
		}
		if exists {
			m.dbs[db][name] = modelValue{old.content, int64(at)}
		}
	case 8:
		if exists && name != other {
			m.tx.Rename(k, o)
			delete(m.dbs[db], name)
			m.dbs[db][other] = old
		}
	case 9:
		to := (db + 1) % len(m.dbs)
		if exists {
			m.tx.CopyTo(k, o, to)
			m.dbs[to][other] = old
		}
	case 10:
		to := (db + 1) % len(m.dbs)
		if _, there := m.get(to, name); exists && !there {
			m.tx.SetDB(to)
			m.tx.Peek(k) // as MOVE does: an expired key there goes first
			m.tx.SetDB(db)
			m.tx.MoveTo(k, to)
			delete(m.dbs[db], name)
			m.dbs[to][name] = old
		}
	case 11:
		m.tx.SetInt(k, int64(b), KeepTTL)
		m.dbs[db][name] = modelValue{strconv.Itoa(int(b)), old.at}
	case 12:
		m.now += int64(b % 500)
	case 13:
		m.ks.Settings.PausedUntil.Store(m.now - 1000 + int64(b%3000))
	default:
		e, ok := m.tx.Read(k)
		if ok != exists {
			m.t.Fatalf("read %q: %v, want %v", name, ok, exists)
		}
		if ok {
			m.compare(name, e, old)
		}
	}
}

func (m *model) compare(name string, e Entry, want modelValue) {
	var scratch [20]byte
	if got := string(e.Bytes(scratch[:])); got != want.content || e.Len() != len(want.content) || e.ExpireAt() != want.at {
		m.t.Fatalf("%q: %d bytes (%.40q) until %d, want %d (%.40q) until %d", name, e.Len(), got, e.ExpireAt(), len(want.content), want.content, want.at)
	}
	if string(e.Name()) != name {
		m.t.Fatalf("entry of %q is named %q", name, e.Name())
	}
}

// compareAll checks that both hold the same, by Each and by Scan.
func (m *model) compareAll() {
	m.t.Helper()
	if err := m.ks.check(); err != nil {
		m.t.Fatal(err)
	}
	m.ks.BeginAll(&m.tx, 0, m.now)
	defer m.tx.End(nil)
	for db := range m.dbs {
		m.tx.SetDB(db)
		live := 0
		for name := range m.dbs[db] {
			if _, ok := m.get(db, name); ok {
				live++
			}
		}
		each, scanned := 0, map[string]bool{}
		m.tx.Each(func(e Entry) bool {
			each++
			m.compare(string(e.Name()), e, m.dbs[db][string(e.Name())])
			return true
		})
		for cursor := uint64(0); ; {
			if cursor = m.tx.Scan(cursor, 3, func(e Entry) { scanned[string(e.Name())] = true }); cursor == 0 {
				break
			}
		}
		if each != live || len(scanned) != live {
			m.t.Fatalf("database %d: Each saw %d, Scan %d, want %d", db, each, len(scanned), live)
		}
	}
}

// drain waits until the reclaimer has nothing left, then all memory must be accounted for.
func (m *model) drain() {
	m.ks.BeginAll(&m.tx, 0, m.now)
	m.tx.FlushAll()
	m.tx.End(nil)
	for m.ks.Memory().LazyfreePending > 0 {
		time.Sleep(time.Millisecond) // no event tells: the count is what a user sees, too
	}
	if mem := m.ks.Memory(); mem.Records != 0 || mem.Blobs != 0 || mem.Index != 0 || mem.Expiry != 0 {
		m.t.Fatalf("memory of an empty keyspace: %+v", mem)
	}
}

func TestModel(t *testing.T) {
	for _, shards := range []int{1, 16} {
		for seed := uint64(0); seed < 4; seed++ {
			rng := rand.New(rand.NewPCG(seed, 4))
			m := newModel(t, shards)
			for i := range 6000 {
				m.step(rng.Uint32(), rng.Uint32(), rng.Uint32())
				if i%2000 == 0 {
					m.compareAll()
				}
			}
			m.compareAll()
			m.drain()
		}
	}
}

func FuzzKeyspace(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x00\x04\x01\x02\x00\x08\x01\x02\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		m := newModel(t, 4)
		for ; len(data) >= 4; data = data[4:] {
			m.step(uint32(data[0]), uint32(data[1]), uint32(binary.LittleEndian.Uint16(data[2:])))
		}
		m.compareAll()
		m.drain()
	})
}

// A Tx remembers its last search by the address of the name; another name in
// the same buffer is another key.
func TestNamesInOneBuffer(t *testing.T) {
	ks := newTest(t, 4)
	var tx Tx
	ks.BeginAll(&tx, 0, 1)
	defer tx.End(nil)
	buffer := []byte("key:a")
	tx.SetString(tx.Key(buffer), []byte("first"), NoTTL)
	tx.Notify(ClassString, "set", tx.Key(buffer))
	if _, ok := tx.Read(tx.Key(buffer)); !ok {
		t.Fatal("not found")
	}
	buffer[4] = 'b'
	if e, ok := tx.Read(tx.Key(buffer)); ok {
		t.Fatalf("found %q", e.Bytes(nil))
	}
}
