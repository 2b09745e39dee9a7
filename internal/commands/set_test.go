package commands

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/testutil"
)

// setLimits make the sets of a test packed or not.
type setLimits struct {
	name                   string
	intSet, entries, value int64
	asStock                bool // the encodings are those of 7.0
}

var allSetLimits = []setLimits{
	{"as 7.0", 512, 0, 64, true},
	{"default", 512, 128, 64, false},
	{"tables only", 0, 0, 0, false},
	{"small", 4, 6, 8, false},
}

func (b *bench) limitSets(l setLimits) {
	limits := &b.ks.Settings.Limits
	limits.SetIntSet.Store(l.intSet)
	limits.SetEntries.Store(l.entries)
	limits.SetValue.Store(l.value)
}

// unordered sorts the elements of an array, if the reply is one.
func unordered(reply string) string {
	r, err := testutil.ParseReply(reply)
	if err != nil || len(r.Elem) == 0 {
		return oneLine(reply)
	}
	var parts []string
	for _, e := range r.Elem {
		parts = append(parts, unordered(string(e.Raw)))
	}
	slices.Sort(parts)
	return fmt.Sprintf("%d %q", len(parts), parts)
}

// compareSets runs lines on us and on a stock server, with each of the limits, and compares
// replies but for their order, events, journals and data.
func compareSets(t *testing.T, lines []string) {
	o := newOracle(t)
	for _, l := range allSetLimits {
		t.Run(l.name, func(t *testing.T) {
			b := newBench(t)
			b.limitSets(l)
			o.t = t
			o.do("FLUSHALL")
			for _, line := range lines {
				if words := split(line); l.asStock || words[0] != "OBJECT" {
					compareUnordered(t, b, o, words)
				}
			}
			want, _, _ := o.do("DEBUG", "DIGEST")
			if got := b.do("DEBUG", "DIGEST"); got != want {
				t.Errorf("the data differ: digest %q, not %q", got, want)
			}
		})
	}
}

func compareUnordered(t *testing.T, b *bench, o *oracle, words []string) {
	t.Helper()
	b.events, b.journal = nil, nil
	got := unordered(b.do(words...))
	want, events, journal := o.do(words...)
	want = unordered(want)
	if got != want || fmt.Sprint(b.events) != fmt.Sprint(events) || !sameJournal(b.journal, journal) {
		t.Fatalf("%.300q\n got %.300q %v %.200q\nwant %.300q %v %.200q", words, got, b.events, b.journal, want, events, journal)
	}
}

func TestSetsAsStock(t *testing.T) {
	compareSets(t, lines(`
		SADD s a
		SADD s a
		SADD s b c a
		SADD s
		OBJECT ENCODING s
		SCARD s
		SCARD nokey
		SISMEMBER s a
		SISMEMBER s x
		SISMEMBER nokey x
		SMISMEMBER s a x b
		SMISMEMBER nokey a b
		SMISMEMBER s
		SMEMBERS s
		SMEMBERS nokey
		SREM s x
		SREM s x a
		SREM nokey a
		SREM s b b c z
		EXISTS s
		SADD i 1 2 3
		OBJECT ENCODING i
		SADD i 2 -5 9223372036854775807 -9223372036854775808
		OBJECT ENCODING i
		SISMEMBER i 2
		SISMEMBER i 02
		SISMEMBER i ""
		SISMEMBER i abc
		SREM i 02 abc 2
		SMEMBERS i
		SADD i 01
		OBJECT ENCODING i
		SMEMBERS i
		SADD j 1
		SADD j 9223372036854775808
		OBJECT ENCODING j
		SADD k ""
		SADD k 1 2
		SMEMBERS k
		SADD long aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
		SADD long aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
		SMEMBERS long
		SADD long 1
		SREM long aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
		SMEMBERS long
		SET str x
		SADD str a
		SREM str a
		SCARD str
		SISMEMBER str a
		SMISMEMBER str a
		SMEMBERS str
		SPOP str
		SPOP str 1
		SPOP str 0
		SPOP str -1
		SRANDMEMBER str
		SRANDMEMBER str 1
		SRANDMEMBER str 0
		SMOVE str i a
		SMOVE i str -5
		SMOVE i str nomember
		SMOVE nokey str a
		SMOVE nokey i a
		SADD m1 a b 1
		SADD m2 b
		SMOVE m1 m2 a
		SMOVE m1 m2 b
		SMOVE m1 m2 x
		SMOVE m1 m1 1
		SMOVE m1 m1 x
		SMOVE m1 new 1
		EXISTS m1
		SMEMBERS m2
		SMEMBERS new
		SMOVE m1 m2
		OBJECT ENCODING new
	`))
}

func TestSetPopsAsStock(t *testing.T) {
	compareSets(t, lines(`
		SADD one x
		SPOP one
		EXISTS one
		SPOP nokey
		SPOP nokey 3
		SPOP nokey 0
		SADD one x
		SPOP one 0
		SPOP one -1
		SPOP one x
		SPOP one 1 2
		SPOP one 9223372036854775808
		SPOP one 1
		SADD three 1 2 3
		SPOP three 3
		SADD three a b c
		SPOP three 9223372036854775807
		EXISTS three
		SADD one 5
		SRANDMEMBER one
		SRANDMEMBER nokey
		SRANDMEMBER nokey 5
		SRANDMEMBER nokey -5
		SRANDMEMBER one 0
		SRANDMEMBER one 1
		SRANDMEMBER one -3
		SRANDMEMBER one 7
		SRANDMEMBER one x
		SRANDMEMBER one 1 2
		SRANDMEMBER one -9223372036854775808
		SADD three a b c
		SRANDMEMBER three 3
		SRANDMEMBER three 4
		SPOP
		SRANDMEMBER
	`))
}

func TestSetAlgebraAsStock(t *testing.T) {
	compareSets(t, lines(`
		SADD a 1 2 3 4 5 x y z
		SADD b 2 3 x y
		SADD c 3 y q
		SADD i 1 2 3
		SADD j 2 3 4
		SINTER a
		SINTER a b
		SINTER a b c
		SINTER i j
		SINTER a i
		SINTER a a
		SINTER a nokey
		SINTER nokey
		SINTER
		SUNION a
		SUNION a b
		SUNION i j
		SUNION a b c i j
		SUNION a b c i j a b c i j
		SUNION a a a a a a a a
		SUNION nokey a nokey
		SUNION nokey
		SDIFF a
		SDIFF a b
		SDIFF a b c i
		SDIFF a a
		SDIFF i j
		SDIFF nokey a
		SDIFF a nokey
		SET str s
		SINTER a str
		SINTER nokey str
		SINTER str nokey
		SUNION a str
		SUNION nokey str
		SDIFF a str
		SDIFF nokey str
		SINTERSTORE d a b
		SMEMBERS d
		OBJECT ENCODING d
		SINTERSTORE d i j
		OBJECT ENCODING d
		SINTERSTORE d a i
		OBJECT ENCODING d
		SINTERSTORE d c i
		SMEMBERS d
		SINTERSTORE d a nokey
		EXISTS d
		SINTERSTORE d a nokey
		SINTERSTORE d str
		SINTERSTORE d nokey str
		SINTERSTORE d a str
		SINTERSTORE str a b
		TYPE str
		SINTERSTORE a a b
		SMEMBERS a
		SADD a 1 2 3 4 5 x y z
		SUNIONSTORE d a b c
		SMEMBERS d
		SUNIONSTORE d i j
		OBJECT ENCODING d
		SUNIONSTORE d nokey nokey
		EXISTS d
		SUNIONSTORE d nokey
		SUNIONSTORE b b c
		SMEMBERS b
		SUNIONSTORE e a b c i j a
		SMEMBERS e
		SET str x
		SUNIONSTORE d a str
		SUNIONSTORE str a
		TYPE str
		SDIFFSTORE d a b
		SMEMBERS d
		SDIFFSTORE d i j
		OBJECT ENCODING d
		SDIFFSTORE d a a
		EXISTS d
		SDIFFSTORE i i j
		SMEMBERS i
		SET str x EX 1000
		SDIFFSTORE d a str
		SDIFFSTORE d nokey str
		SDIFFSTORE str a
		TTL str
		SDIFFSTORE d
		SINTERCARD 2 a b
		SINTERCARD 1 a
		SINTERCARD 3 a b c
		SINTERCARD 2 a b LIMIT 0
		SINTERCARD 2 a b LIMIT 1
		SINTERCARD 2 a b limit 100
		SINTERCARD 1 a LIMIT 2
		SINTERCARD 2 a nokey
		SINTERCARD 0 a
		SINTERCARD -1 a
		SINTERCARD x a
		SINTERCARD 3 a b
		SINTERCARD 1 a b
		SINTERCARD 2 a b LIMIT
		SINTERCARD 2 a b LIMIT -1
		SINTERCARD 2 a b LIMIT x
		SINTERCARD 2 a b LIMIT 1 LIMIT 2
		SINTERCARD 2 a b foo 1
		SINTERCARD 9223372036854775807 a b
		SINTERCARD 1
		SET str x
		SINTERCARD 2 a str
		SINTERCARD 2 nokey str
		COMMAND GETKEYS SINTERCARD 2 a b LIMIT 1
		COMMAND GETKEYS SINTERSTORE d a b
		COMMAND GETKEYSANDFLAGS SINTERSTORE d a b
		COMMAND GETKEYSANDFLAGS SUNIONSTORE d a b
		COMMAND GETKEYSANDFLAGS SMOVE a b x
	`))
}

func TestSetScanAsStock(t *testing.T) {
	compareSets(t, lines(`
		SADD i 1 2 3 10 11
		SSCAN i 0 COUNT 1000
		SSCAN i 0 COUNT 1000 MATCH *1
		SSCAN i 0 COUNT 1000 MATCH *
		SSCAN i 5 COUNT 0
		SSCAN i 0 COUNT x
		SSCAN i 0 COUNT
		SSCAN i 0 TYPE set
		SSCAN i 0 foo
		SSCAN i x
		SSCAN nokey 0
		SSCAN nokey 0 foo
		SSCAN nokey x
		SSCAN i
		SET str x
		SSCAN str 0
		SSCAN str x
		SSCAN str 0 foo
		SADD few x1 x2 y
		SSCAN few 0 COUNT 100
		SSCAN few 0 COUNT 100 MATCH x?
	`))
}

func TestSetProtocol3AsStock(t *testing.T) {
	b, o := newBench(t), newOracle(t)
	o.conn.Must(t, "HELLO", "3")
	b.reply.Proto = 3
	for _, line := range lines(`
		SADD s a
		SMEMBERS s
		SMEMBERS nokey
		SINTER s
		SINTER s nokey
		SUNION s s
		SDIFF s nokey
		SDIFF s s
		SPOP nokey
		SPOP nokey 1
		SPOP s 0
		SRANDMEMBER s
		SRANDMEMBER nokey
		SRANDMEMBER s 1
		SRANDMEMBER s 10
		SRANDMEMBER s -2
		SRANDMEMBER nokey 1
		SMISMEMBER s a b
		SISMEMBER s a
		SSCAN s 0
		SPOP s 1
		SADD s a
		SPOP s 5
	`) {
		got, want := b.do(split(line)...), string(o.conn.Must(t, split(line)...).Raw)
		if got != want {
			t.Errorf("%s: %q, want %q", line, got, want)
		}
	}
}

// What came after 7.0, as documented.
func TestSetCards(t *testing.T) {
	for _, l := range allSetLimits {
		b := newBench(t)
		b.limitSets(l)
		b.want("SADD k1 a b c", ":3")
		b.want("SADD k2 c d e", ":3")
		b.want("SUNIONCARD 2 k1 k2", ":5")
		b.want("SUNIONCARD 2 k1 k2 LIMIT 3", ":3")
		b.want("SUNIONCARD 2 k1 k2 LIMIT 0", ":5")
		b.want("SUNIONCARD 2 k1 k2 APPROX", ":5")
		b.want("SUNIONCARD 2 k1 k2 APPROX LIMIT 4", ":4")
		b.want("SUNIONCARD 2 k1 k2 LIMIT 9 APPROX", ":5")
		b.want("SUNIONCARD 7 k1 k2 nokey k1 k2 k1 k2", ":5")
		b.want("SUNIONCARD 7 k1 k2 nokey k1 k2 k1 k2 LIMIT 2", ":2")
		b.want("SUNIONCARD 1 nokey", ":0")
		b.want("SUNIONCARD 1 k1 LIMIT 2", ":2")
		b.want("SUNIONCARD 0 k1", "-ERR numkeys should be greater than 0")
		b.want("SUNIONCARD 3 k1 k2", "-ERR Number of keys can't be greater than number of args")
		b.want("SUNIONCARD 1 k1 LIMIT -1", "-ERR LIMIT can't be negative")
		b.want("SUNIONCARD 1 k1 foo", "-ERR syntax error")
		b.want("SDIFFCARD 2 k1 k2", ":2")
		b.want("SDIFFCARD 2 k1 k2 LIMIT 1", ":1")
		b.want("SDIFFCARD 2 k1 k2 LIMIT 0", ":2")
		b.want("SDIFFCARD 2 nokey k1", ":0")
		b.want("SDIFFCARD 2 k1 nokey", ":3")
		b.want("SDIFFCARD 2 k1 k1", ":0")
		b.want("SDIFFCARD 2 k1 k2 APPROX", "-ERR syntax error")
		b.want("SET str x", "+OK")
		b.want("SDIFFCARD 2 nokey str", "-WRONGTYPE Operation against a key holding the wrong kind of value")
		b.want("SUNIONCARD 2 k1 str", "-WRONGTYPE Operation against a key holding the wrong kind of value")
	}
}

// The steady state of commands on one member allocates nothing, in any encoding.
func TestSetCommandsAllocateNothing(t *testing.T) {
	if testutil.RaceEnabled || invariants.Enabled {
		t.Skip("the race detector and the checks of invariants allocate")
	}
	for _, l := range allSetLimits {
		b := newQuietBench(t)
		b.limitSets(l)
		for _, set := range []string{"ints 1 2 3", "words a b c"} {
			b.do(split("SADD " + set)...)
		}
		var all []prepared
		for _, line := range lines(`
			SADD ints 17
			SISMEMBER ints 17
			SREM ints 17
			SADD words member
			SISMEMBER words member
			SMISMEMBER words member x
			SCARD words
			SREM words member
			SADD new member
			SREM new member
			SRANDMEMBER words
			SRANDMEMBER ints
		`) {
			all = append(all, b.prepare(split(line)))
		}
		n := testing.AllocsPerRun(100, func() {
			for i := range all {
				b.execute(&all[i])
			}
		})
		if n != 0 {
			t.Errorf("%s: %v allocations", l.name, n)
		}
	}
}

// Large sets do not make Go objects by the member.
func TestSetAlgebraAllocatesLittle(t *testing.T) {
	if testutil.RaceEnabled || invariants.Enabled {
		t.Skip("the race detector and the checks of invariants allocate")
	}
	b := newQuietBench(t)
	for i := range 3000 {
		b.do("SADD", "a", fmt.Sprint("m", i))
		b.do("SADD", "b", fmt.Sprint("m", 2*i))
	}
	for _, line := range lines(`
		SINTER a b
		SUNION a b
		SDIFF a b
		SUNION a b a b a b a b
		SINTERCARD 2 a b
		SUNIONCARD 2 a b
		SINTERSTORE c a b
		SUNIONSTORE c a b
		SDIFFSTORE c a b
		SMEMBERS a
	`) {
		p := b.prepare(split(line))
		b.execute(&p)
		if n := testing.AllocsPerRun(10, func() { b.execute(&p) }); n > 12 {
			t.Errorf("%s: %v allocations", line, n)
		}
	}
}

// Random commands on a few keys that grow through all encodings.
func TestRandomSetsAsStock(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := randomSets{rand.New(rand.NewSource(seed))}
	var commands []string
	for range 1500 {
		commands = append(commands, r.command())
	}
	compareSets(t, commands)
}

type randomSets struct{ *rand.Rand }

func (r randomSets) key() string { return fmt.Sprintf("s%d", r.Intn(5)) }

func (r randomSets) member() string {
	switch r.Intn(12) {
	case 0:
		return fmt.Sprintf("word%d", r.Intn(200))
	case 1:
		return fmt.Sprint(r.Int63() - r.Int63())
	case 2:
		return strings.Repeat("long", r.Intn(40)) + fmt.Sprint(r.Intn(5))
	}
	return fmt.Sprint(r.Intn(1000) - 300)
}

func many(n int, f func() string) string {
	var b strings.Builder
	for range n {
		b.WriteString(" " + f())
	}
	return b.String()
}

func (r randomSets) command() string {
	algebra := []string{"SINTER", "SUNION", "SDIFF"}[r.Intn(3)]
	switch r.Intn(12) {
	case 0, 1, 2:
		return "SADD " + r.key() + many(1+r.Intn(8), r.member)
	case 3:
		if r.Intn(10) == 0 {
			return "SADD " + r.key() + many(700, r.member)
		}
		return "SADD " + r.key() + many(60, r.member)
	case 4:
		return "SREM " + r.key() + many(1+r.Intn(100), r.member)
	case 5:
		return "SMISMEMBER " + r.key() + many(1+r.Intn(20), r.member)
	case 6:
		return "SMOVE " + r.key() + " " + r.key() + " " + r.member()
	case 7:
		return algebra + many(1+r.Intn(8), r.key)
	case 8:
		return algebra + "STORE " + r.key() + many(1+r.Intn(7), r.key)
	case 9:
		n := 1 + r.Intn(4)
		return fmt.Sprintf("SINTERCARD %d%s LIMIT %d", n, many(n, r.key), r.Intn(30))
	case 10:
		return []string{"SMEMBERS ", "SCARD ", "OBJECT ENCODING "}[r.Intn(3)] + r.key()
	}
	if r.Intn(3) == 0 {
		return "DEL " + r.key()
	}
	return "COPY " + r.key() + " " + r.key()
}

// What SPOP takes is journalled as what it was.
func TestSPopJournal(t *testing.T) {
	for _, l := range allSetLimits {
		b := newBench(t)
		b.limitSets(l)
		for _, prefix := range []string{"", "m"} {
			for _, count := range []string{"", "1", "7", "1500"} {
				b.testSPop(prefix, count)
			}
		}
	}
}

// testSPop pops from 2000 members and replays the journal on a copy.
func (b *bench) testSPop(prefix, count string) {
	b.t.Helper()
	b.do("DEL", "s", "copy")
	for i := range 2000 {
		b.do("SADD", "s", prefix+fmt.Sprint(i))
	}
	b.do("COPY", "s", "copy")
	b.events, b.journal = nil, nil
	b.do(split("SPOP s " + count)...)
	if fmt.Sprint(b.events) != "[spop@0:s]" {
		b.t.Errorf("SPOP s %s: events %v", count, b.events)
	}
	for _, line := range b.effects() {
		words := split(line)
		if words[0] != "SREM" || words[1] != "s" || len(words) > popBatch+2 {
			b.t.Fatalf("SPOP s %s: journal %.100q", count, line)
		}
		words[1] = "copy"
		b.do(words...)
	}
	if got, want := unordered(b.do("SMEMBERS", "copy")), unordered(b.do("SMEMBERS", "s")); got != want {
		b.t.Errorf("SPOP s %s: replayed %.100q, not %.100q", count, got, want)
	}
	popped := 1
	fmt.Sscan(count, &popped)
	b.want("SCARD s", fmt.Sprintf(":%d", 2000-popped))
}

// A scan returns all members that stay, also while the set changes its size.
func TestSScanMeetsAll(t *testing.T) {
	b := newQuietBench(t)
	for i := range 3000 {
		b.do("SADD", "s", fmt.Sprint("m", i))
	}
	seen, cursor := map[string]bool{}, "0"
	for step := 0; step == 0 || cursor != "0"; step++ {
		r, err := testutil.ParseReply(b.do("SSCAN", "s", cursor, "COUNT", "20", "MATCH", "m*"))
		if err != nil {
			t.Fatal(err)
		}
		cursor = r.Elem[0].Text
		for _, e := range r.Elem[1].Elem {
			seen[e.Text] = true
		}
		for i := range 30 {
			b.do("SREM", "s", fmt.Sprint("m", 1000+(step*30+i)%2000))
			b.do("SADD", "s", fmt.Sprint("x", step*30+i))
		}
	}
	for i := range 1000 {
		if !seen[fmt.Sprint("m", i)] {
			t.Fatalf("m%d was not returned", i)
		}
	}
}
