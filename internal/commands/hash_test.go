package commands

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

// Limits that make hashes of a test listpacks, tables, and each in turn.
var allHashLimits = [][2]int64{{512, 64}, {0, 64}, {3, 64}, {512, 3}}

// compareHashes compares with stock over all encodings. Where a table's order would
// show, the words are sorted.
func compareHashes(t *testing.T, text string) {
	for _, l := range allHashLimits {
		t.Run(fmt.Sprintf("%d of %d", l[0], l[1]), func(t *testing.T) {
			b, o := newBench(t), newOracle(t)
			b.ks.Settings.Limits.HashEntries.Store(l[0])
			b.ks.Settings.Limits.HashValue.Store(l[1])
			o.do("CONFIG", "SET", "hash-max-listpack-entries", strconv.FormatInt(l[0], 10), "hash-max-listpack-value", strconv.FormatInt(l[1], 10))
			for _, line := range lines(text) {
				compareHashLine(t, b, o, line)
			}
			want, _, _ := o.do("DEBUG", "DIGEST")
			if got := b.do("DEBUG", "DIGEST"); got != want {
				t.Errorf("the data differ: digest %q, not %q", got, want)
			}
		})
	}
}

func compareHashLine(t *testing.T, b *bench, o *oracle, line string) {
	t.Helper()
	words := split(line)
	b.events, b.journal = nil, nil
	got := b.do(words...)
	want, events, journal := o.do(words...)
	switch strings.ToUpper(words[0]) {
	case "HGETALL", "HKEYS", "HVALS", "HSCAN", "HRANDFIELD":
		got, want = unordered(got), unordered(want)
	}
	got, want = oneLine(got), oneLine(want)
	switch {
	case got != want:
		t.Errorf("%s\n got %.300q\nwant %.300q", line, got, want)
	case fmt.Sprint(b.events) != fmt.Sprint(events):
		t.Errorf("%s\n got events %v\nwant %v", line, b.events, events)
	case !sameJournal(b.journal, journal):
		t.Errorf("%s\n got journal %.300q\nwant %.300q", line, b.journal, journal)
	}
}

func TestHashesAsStock(t *testing.T) {
	compareHashes(t, `
		HSET h f 1
		OBJECT ENCODING h
		HSET h f 2 g abc
		HSET h f 3 f 4
		HSET h a 1 b 2 c 3 a 4
		HSET new a 1 b 2 c 3 a 4
		HSET new2 a 1 b 2
		HSET new3 abcd 1 b 2
		OBJECT ENCODING new
		OBJECT ENCODING new2
		OBJECT ENCODING new3
		HSET h
		HSET h f
		HSET h f 1 g
		HSET "" "" ""
		HGET "" ""
		HSET h bin "\x00\xff\r\n" 007 007 " 1" " 1"
		HGET h bin
		HGET h 007
		HGET h 7
		HMSET h x 1 y 2
		HMSET h x
		HMSET h x 1 y
		HMSET m x 1
		HSETNX h x 9
		HSETNX h z 9
		HSETNX nx z 9
		HSETNX h z
		HGET h x
		HGET h nofield
		HGET nokey f
		HGET h
		HMGET h x y nofield x
		HMGET nokey x y
		HMGET h
		HLEN h
		HLEN nokey
		HSTRLEN h bin
		HSTRLEN h f
		HSTRLEN h nofield
		HSTRLEN nokey f
		HEXISTS h f
		HEXISTS h nofield
		HEXISTS nokey f
		HGETALL h
		HGETALL nokey
		HKEYS h
		HKEYS nokey
		HVALS h
		HVALS nokey
		HDEL h x nofield x
		HDEL h nofield
		HDEL nokey f
		HDEL h
		HLEN h
		HSET d a 1 b 2
		HDEL d a b c
		EXISTS d
		HSET d a 1
		HDEL d a
		EXISTS d
		HSET d a 1
		EXPIRE d 1000
		HSET d b 2
		TTL d
		HDEL d a b
		TTL d
		SET s 1
		HSET s f 1
		HSETNX s f 1
		HMSET s f 1
		HGET s f
		HMGET s f
		HLEN s
		HSTRLEN s f
		HEXISTS s f
		HGETALL s
		HKEYS s
		HVALS s
		HDEL s f
		HINCRBY s f 1
		HINCRBYFLOAT s f 1
		HRANDFIELD s
		HRANDFIELD s 1
		HSCAN s 0
		HSET long f xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
		OBJECT ENCODING long
		HSET long f xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
		OBJECT ENCODING long
		HDEL long f
		HSET long xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx 1
		OBJECT ENCODING long
		HSET few a 1
		HSET few b 2
		HSET few c 3
		OBJECT ENCODING few
		HSET few c 4
		OBJECT ENCODING few
		HSET few d 5
		OBJECT ENCODING few
		HDEL few d c b
		OBJECT ENCODING few
		SET s 1
		COPY h copy
		HGETALL copy
		RENAME copy renamed
		HGETALL renamed
		COPY h renamed
		COPY m renamed REPLACE
		HGETALL renamed
		COPY h h DB 1
		MOVE m 2
		SET h2 1
		RENAME h h2
		TYPE h2
		EXPIRE h2 100
		HSET h2 ttl 1
		PERSIST h2
		SWAPDB 0 2
		HGETALL m
		SWAPDB 2 0
		DEBUG DIGEST-VALUE h2 new new2 new3
	`)
}

func TestHashIncrementsAsStock(t *testing.T) {
	compareHashes(t, `
		HINCRBY h i 1
		HINCRBY h i -3
		HINCRBY h j 9223372036854775807
		HINCRBY h j 1
		HINCRBY h j -9223372036854775808
		HINCRBY h k x
		HINCRBY h k 1.5
		HINCRBY h k ""
		HINCRBY h k 9223372036854775808
		HSET h text abc space " 1" zero 01 float 1.5
		HINCRBY h text 1
		HINCRBY h space 1
		HINCRBY h zero 1
		HINCRBY h float 1
		HINCRBY h float
		HINCRBY nokey text x
		EXISTS nokey
		HINCRBY longfieldlongfieldlongfieldlongfieldlongfieldlongfieldlongfieldlong longfieldlongfieldlongfieldlongfieldlongfieldlongfieldlongfieldlongx 1
		OBJECT ENCODING longfieldlongfieldlongfieldlongfieldlongfieldlongfieldlongfieldlong
		HINCRBYFLOAT h i 0.1
		HINCRBYFLOAT h i 0.2
		HINCRBYFLOAT h float 1
		HINCRBYFLOAT h float -2.5
		HINCRBYFLOAT h new 3
		HINCRBYFLOAT nokey2 new 10.50
		HINCRBYFLOAT h text 1
		HINCRBYFLOAT h space 1
		HINCRBYFLOAT h zero 1
		HINCRBYFLOAT h i x
		HINCRBYFLOAT h i nan
		HINCRBYFLOAT h i inf
		HINCRBYFLOAT h i -inf
		HINCRBYFLOAT s i inf
		HINCRBYFLOAT h i 1e5000
		HINCRBYFLOAT h i 1e400
		HINCRBYFLOAT h big 1e4932
		HINCRBYFLOAT h big 1e4932
		HINCRBYFLOAT h exp 5.0e3
		HINCRBYFLOAT h exp 2.0e2
		HINCRBYFLOAT h hex 0x10
		HINCRBYFLOAT h i " 1"
		HINCRBYFLOAT h i ""
		HINCRBYFLOAT h i
		HGETALL h
	`)
}

func TestHashWalksAsStock(t *testing.T) {
	compareHashes(t, `
		HSET h a 1 b 2 c 3
		HSCAN h 0
		HSCAN h 0 MATCH a*
		HSCAN h 0 MATCH * COUNT 100
		HSCAN h 0 COUNT 100 MATCH x
		HSCAN h 0 COUNT 0
		HSCAN h 0 COUNT -1
		HSCAN h 0 COUNT x
		HSCAN h 0 COUNT
		HSCAN h 0 MATCH
		HSCAN h 0 TYPE hash
		HSCAN h 0 foo
		HSCAN h x
		HSCAN h " 0"
		HSCAN h -
		HSCAN h 18446744073709551616
		HSCAN h
		HSCAN nokey 0
		HSCAN nokey 0 foo
		HSCAN nokey x
		HSET one f v
		HRANDFIELD one
		HRANDFIELD one 1
		HRANDFIELD one 5
		HRANDFIELD one -3
		HRANDFIELD one 0
		HRANDFIELD one 1 WITHVALUES
		HRANDFIELD one -2 withvalues
		HRANDFIELD one 9 WITHVALUES
		HRANDFIELD one 0 WITHVALUES
		HRANDFIELD h 3
		HRANDFIELD h 10 WITHVALUES
		HRANDFIELD nokey
		HRANDFIELD nokey 1
		HRANDFIELD nokey -1 WITHVALUES
		HRANDFIELD one x
		HRANDFIELD one 1 foo
		HRANDFIELD one 1 WITHVALUES foo
		HRANDFIELD one x foo
		HRANDFIELD one -9223372036854775808
		HRANDFIELD one -9223372036854770000 WITHVALUES
		HRANDFIELD one 9223372036854770000 WITHVALUES
		HRANDFIELD one 9223372036854775807
		HRANDFIELD one 9223372036854775808
		HRANDFIELD
	`)
}

// Listpacks keep the order in which fields came, as stock's do.
func TestHashOrderAsStock(t *testing.T) {
	compare(t, lines(`
		HSET h c 1 a 2 b 3
		HSET h a 4
		HSET h a longer b 7
		HDEL h c
		HSET h c 5
		HGETALL h
		HKEYS h
		HVALS h
		HSCAN h 0
		HRANDFIELD h 5 WITHVALUES
	`))
}

// Random commands on a few keys and fields, over all encodings.
func TestRandomHashesAsStock(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	words := []string{"a", "b", "c", "1", "-20", "3.25", "", "a word that is longer than others and so on, for some more time", "field:1", "field:2"}
	word := func() string { return strconv.Quote(words[rng.IntN(len(words))]) }
	grammar := lines(`
		HSET k w w
		HSET k w w w w
		HSETNX k w w
		HMSET k w w
		HGET k w
		HMGET k w w
		HDEL k w
		HDEL k w w w
		HLEN k
		HEXISTS k w
		HSTRLEN k w
		HINCRBY k w i
		HINCRBYFLOAT k w 1.5
		HGETALL k
		HKEYS k
		HVALS k
		OBJECT ENCODING k
		COPY k k REPLACE
		RENAME k k
		DEL k
		HSCAN k 0 COUNT 100
	`)
	var script strings.Builder
	for range 1500 {
		for w := range strings.FieldsSeq(grammar[rng.IntN(len(grammar))]) {
			switch w {
			case "k":
				w = "key" + strconv.Itoa(rng.IntN(3))
			case "w":
				w = word()
			case "i":
				w = strconv.Itoa(rng.IntN(200) - 100)
			}
			script.WriteString(w + " ")
		}
		script.WriteString("\n")
	}
	compareHashes(t, script.String())
}

func TestHashesInRESP3(t *testing.T) {
	b := newBench(t)
	b.reply.Proto = 3
	for _, c := range [][2]string{
		{"HSET h f v", ":1"},
		{"HGETALL h", "%1 $1 f $1 v"},
		{"HGETALL nokey", "%0"},
		{"HRANDFIELD h 1 WITHVALUES", "*1 *2 $1 f $1 v"},
		{"HRANDFIELD h -2 WITHVALUES", "*2 *2 $1 f $1 v *2 $1 f $1 v"},
		{"HRANDFIELD h 2", "*1 $1 f"},
		{"HRANDFIELD nokey", "_"},
		{"HGET h g", "_"},
		{"HMGET h f g", "*2 $1 v _"},
		{"HINCRBYFLOAT h x 1.5", "$3 1.5"},
	} {
		b.want(c[0], c[1])
	}
}

func TestHScanNoValues(t *testing.T) {
	for _, l := range allHashLimits {
		b := newBench(t)
		b.ks.Settings.Limits.HashEntries.Store(l[0])
		for _, c := range [][2]string{
			{"HSET h f v", ":1"},
			{"HSCAN h 0 NOVALUES", "*2 $1 0 *1 $1 f"},
			{"HSCAN h 0 novalues COUNT 10 MATCH f", "*2 $1 0 *1 $1 f"},
			{"HSCAN h 0 MATCH g NOVALUES", "*2 $1 0 *0"},
			{"SCAN 0 NOVALUES", "-ERR syntax error"},
		} {
			b.want(c[0], c[1])
		}
	}
}

func TestHScanSeesAll(t *testing.T) {
	b := newBench(t)
	for i := range 2000 {
		b.do("HSET", "h", fmt.Sprint("field:", i), "v")
	}
	seen, calls := map[string]bool{}, 0
	for cursor := "0"; ; calls++ {
		reply := strings.Split(b.do("HSCAN", "h", cursor, "NOVALUES", "COUNT", "50"), "\r\n")
		cursor = reply[2]
		for _, word := range reply[3:] {
			if strings.HasPrefix(word, "field:") {
				seen[word] = true
			}
		}
		if cursor == "0" {
			break
		}
	}
	if len(seen) != 2000 || calls < 20 {
		t.Errorf("%d of 2000 fields in %d calls", len(seen), calls)
	}
}

// at runs a command at a time.
func (b *bench) at(now int64, line string) string {
	words := split(line)
	argv := make([][]byte, len(words))
	for i, w := range words {
		argv[i] = []byte(w)
	}
	b.runAt(now, argv)
	return oneLine(string(b.reply.Buf))
}

func (b *bench) runAt(now int64, argv [][]byte) {
	s := b.table.Lookup(argv)
	b.reply.Buf = b.reply.Buf[:0]
	b.ks.BeginAll(&b.tx, b.db, now)
	positions, _ := s.AppendKeyPositions(nil, argv)
	keys := make([]keyspace.Key, 0, len(positions))
	for _, i := range positions {
		keys = append(keys, b.tx.Key(argv[i]))
	}
	b.ctx = cmdspec.Ctx{Spec: s, Argv: argv, Keys: keys, Tx: &b.tx, Reply: &b.reply}
	err := s.Run(&b.ctx)
	b.tx.End(argv)
	if errors.Is(err, keyspace.ErrWrongType) {
		err = cmdspec.ErrWrongType
	}
	if err != nil {
		b.reply.Error(err.Error())
	}
}

// A step is a command with its reply, events and journal at some milliseconds
// after the test began.
type step struct {
	at                             int64
	line, reply, events, journaled string
}

// play runs steps over all encodings. In the journal, BASE+n stands for n
// milliseconds after the beginning.
func play(t *testing.T, steps []step) {
	for _, l := range allHashLimits[:3] {
		t.Run(fmt.Sprint(l[0]), func(t *testing.T) {
			b := newBench(t)
			b.ks.Settings.Limits.HashEntries.Store(l[0])
			base := time.Now().UnixMilli() + 1_000_000_000 // the background expiry is not there yet
			for _, s := range steps {
				b.events, b.journal = nil, nil
				line := strings.ReplaceAll(s.line, "BASE", strconv.FormatInt(base, 10))
				got := b.at(base+s.at, line)
				events := strings.ReplaceAll(strings.Join(b.events, " "), "@0:h", "")
				journal := strings.Join(b.effects(), "; ")
				for _, w := range strings.Fields(journal) {
					if n, err := strconv.ParseInt(w, 10, 64); err == nil && n > base/2 {
						journal = strings.ReplaceAll(journal, w, fmt.Sprintf("BASE+%d", n-base))
					}
				}
				if got != s.reply || events != s.events || journal != s.journaled {
					t.Errorf("%d: %s\n got %q, %q, %q\nwant %q, %q, %q", s.at, s.line, got, events, journal, s.reply, s.events, s.journaled)
				}
			}
		})
	}
}

func TestFieldsExpire(t *testing.T) {
	play(t, []step{
		{0, "HSET h a 1 b 2 c 3 d x", ":4", "hset", "HSET h a 1 b 2 c 3 d x"},
		{0, "HPEXPIRE h 100 FIELDS 2 a z", "*2 :1 :-2", "hexpire", "HPEXPIREAT h BASE+100 FIELDS 1 a"},
		{0, "HPEXPIRE h 200 NX FIELDS 2 a b", "*2 :0 :1", "hexpire", "HPEXPIREAT h BASE+200 FIELDS 1 b"},
		{0, "HPEXPIRE h 300 XX FIELDS 2 a c", "*2 :1 :0", "hexpire", "HPEXPIREAT h BASE+300 FIELDS 1 a"},
		{0, "HPEXPIRE h 300 GT FIELDS 3 a b c", "*3 :0 :1 :0", "hexpire", "HPEXPIREAT h BASE+300 FIELDS 1 b"},
		{0, "HPEXPIRE h 300 LT FIELDS 3 a b c", "*3 :0 :0 :1", "hexpire", "HPEXPIREAT h BASE+300 FIELDS 1 c"},
		{0, "HPEXPIRE h 100 LT FIELDS 1 a", "*1 :1", "hexpire", "HPEXPIREAT h BASE+100 FIELDS 1 a"},
		{0, "HPEXPIRE h 200 FIELDS 1 b", "*1 :1", "hexpire", "HPEXPIREAT h BASE+200 FIELDS 1 b"},
		{1, "HPTTL h FIELDS 5 a b c d e", "*5 :99 :199 :299 :-1 :-2", "", ""},
		{1, "HTTL h FIELDS 2 a d", "*2 :1 :-1", "", ""},
		{50, "HSET h b 3", ":0", "hset", "HSET h b 3"},
		{50, "HPTTL h FIELDS 1 b", "*1 :-1", "", ""},
		{50, "HINCRBY h a 5", ":6", "hincrby", "HINCRBY h a 5"},
		{50, "HPTTL h FIELDS 1 a", "*1 :50", "", ""},
		{50, "HINCRBYFLOAT h a 0.5", "$3 6.5", "hincrbyfloat", "HSETEX h KEEPTTL FIELDS 1 a 6.5"},
		{50, "HPTTL h FIELDS 1 a", "*1 :50", "", ""},
		{100, "HGET h a", "$3 6.5", "", ""},
		{100, "HLEN h", ":4", "", ""},
		{101, "HGET h a", "$-1", "hexpired", "HDEL h a"},
		{101, "HLEN h", ":3", "", ""},
		{101, "HEXISTS h a", ":0", "", ""},
		{101, "HSET h a 9", ":1", "hset", "HSET h a 9"},
		{101, "HPERSIST h FIELDS 3 c d e", "*3 :1 :-1 :-2", "hpersist", "HPERSIST h FIELDS 3 c d e"},
		{101, "HPERSIST h FIELDS 1 c", "*1 :-1", "", ""},
		{101, "HPEXPIRE h 0 FIELDS 2 a c", "*2 :2 :2", "hdel", "HDEL h a c"},
		{101, "HPEXPIREAT h 5 FIELDS 2 b d", "*2 :2 :2", "hdel del", "HDEL h b d"},
		{101, "HLEN h", ":0", "", ""},
		{101, "HPEXPIRE h 10 FIELDS 2 b d", "*2 :-2 :-2", "", ""},
		{101, "HSET h a 1 b 2", ":2", "hset", "HSET h a 1 b 2"},
		{101, "HPEXPIRE h 10 FIELDS 2 a b", "*2 :1 :1", "hexpire", "HPEXPIREAT h BASE+111 FIELDS 2 a b"},
		{112, "HMGET h a b", "*2 $-1 $-1", "hexpired del", "HDEL h a b"},
		{112, "HGETALL h", "*0", "", ""},
		{112, "HSET h a 1 b 2", ":2", "hset", "HSET h a 1 b 2"},
		{112, "HPEXPIRE h 10 FIELDS 2 a b", "*2 :1 :1", "hexpire", "HPEXPIREAT h BASE+122 FIELDS 2 a b"},
		{123, "HINCRBY h a 5", ":5", "hexpired del hincrby", "HDEL h a b; HINCRBY h a 5"},
		{123, "HPTTL h FIELDS 1 a", "*1 :-1", "", ""},
	})
}

func TestFieldExpiryTimes(t *testing.T) {
	b := newBench(t)
	for _, c := range [][2]string{
		{"HSET h a 1 b 2", ":2"},
		{"HEXPIREAT h 33177117420 FIELDS 1 a", "*1 :1"},
		{"HEXPIRETIME h FIELDS 3 a b c", "*3 :33177117420 :-1 :-2"},
		{"HPEXPIRETIME h FIELDS 1 a", "*1 :33177117420000"},
		{"HPEXPIREAT h 33177117420999 FIELDS 1 a", "*1 :1"},
		{"HEXPIRETIME h FIELDS 1 a", "*1 :33177117421"},
		{"HPEXPIREAT h 70368744177663 FIELDS 1 a", "*1 :1"},
		{"HPEXPIRETIME h FIELDS 1 a", "*1 :70368744177663"},
		{"HPEXPIREAT h 70368744177664 FIELDS 1 a", "-ERR invalid expire time in 'hpexpireat' command"},
		{"HEXPIREAT h 70368744178 FIELDS 1 a", "-ERR invalid expire time in 'hexpireat' command"},
		{"HPEXPIRE h 70368744177663 FIELDS 1 a", "-ERR invalid expire time in 'hpexpire' command"},
		{"HEXPIRE h 9223372036854775807 FIELDS 1 a", "-ERR invalid expire time in 'hexpire' command"},
		{"HEXPIRE h -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0"},
		{"HEXPIRE h x FIELDS 1 a", "-ERR value is not an integer or out of range"},
		{"HEXPIRE h 9223372036854775808 FIELDS 1 a", "-ERR value is not an integer or out of range"},
		{"HTTL nokey FIELDS 2 a b", "*2 :-2 :-2"},
		{"HPTTL nokey FIELDS 1 a", "*1 :-2"},
		{"HEXPIRETIME nokey FIELDS 1 a", "*1 :-2"},
		{"HPEXPIRETIME nokey FIELDS 1 a", "*1 :-2"},
		{"HPERSIST nokey FIELDS 2 a b", "*2 :-2 :-2"},
		{"HEXPIRE nokey 10 FIELDS 2 a b", "*2 :-2 :-2"},
		{"OBJECT ENCODING h", "$10 listpackex"},
		{"HPERSIST h FIELDS 1 a", "*1 :1"},
		{"OBJECT ENCODING h", "$10 listpackex"},
	} {
		b.want(c[0], c[1])
	}
}

func TestFieldExpiryErrors(t *testing.T) {
	b := newBench(t)
	b.do("HSET", "h", "a", "1")
	b.do("SET", "s", "1")
	for _, c := range [][2]string{
		{"HEXPIRE h 10 a", "-ERR wrong number of arguments for 'hexpire' command"},
		{"HEXPIRE h 10 FIELDS 1", "-ERR wrong number of arguments for 'hexpire' command"},
		{"HEXPIRE h 10 FIELDS 2 a", "-ERR wrong number of arguments"},
		{"HEXPIRE h 10 FIELDS 1 a b", "-ERR unknown argument: b"},
		{"HEXPIRE h 10 FIELDS 0 a", "-ERR Parameter `numFields` should be greater than 0"},
		{"HEXPIRE h 10 FIELDS -1 a", "-ERR Parameter `numFields` should be greater than 0"},
		{"HEXPIRE h 10 FIELDS x a", "-ERR Parameter `numFields` should be greater than 0"},
		{"HEXPIRE h 10 FIELDS 2147483648 a", "-ERR Parameter `numFields` should be greater than 0"},
		{"HEXPIRE h 10 FIELDS 2147483647 a", "-ERR wrong number of arguments"},
		{"HEXPIRE h 10 FIELDS 1 a FIELDS 1 a", "-ERR FIELDS keyword specified multiple times"},
		{"HEXPIRE h 10 NX XX FIELDS 1 a", "-ERR Multiple condition flags specified"},
		{"HEXPIRE h 10 FIELDS 1 a GT LT", "-ERR Multiple condition flags specified"},
		{"HEXPIRE h 10 NX NX 1 a", "-ERR unknown argument: 1"},
		{"HEXPIRE h 10 NX NX NX", "-ERR missing FIELDS argument"},
		{"HEXPIRE h 10 NX GT FIELDS", "-ERR FIELDS requires at least numfields and one field argument"},
		{"HEXPIRE h NX FIELDS 1 a", "-ERR value is not an integer or out of range"},
		{"HPEXPIRE h 10 foo FIELDS 1 a", "-ERR unknown argument: foo"},
		{"HEXPIRE s 10 FIELDS 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"HEXPIRE h 1000 fields 1 a nx", "*1 :1"},
		{"HEXPIRE h 1000 NX NX FIELDS 1 a", "*1 :0"},
		{"HTTL h FIELDS 1", "-ERR wrong number of arguments for 'httl' command"},
		{"HTTL h FOO 1 a", "-ERR Mandatory argument FIELDS is missing or not at the right position"},
		{"HTTL h FIELDS 0 a", "-ERR Number of fields must be a positive integer"},
		{"HTTL h FIELDS x a", "-ERR Number of fields must be a positive integer"},
		{"HPTTL h FIELDS 2 a", "-ERR The `numfields` parameter must match the number of arguments"},
		{"HEXPIRETIME h FIELDS 1 a b", "-ERR The `numfields` parameter must match the number of arguments"},
		{"HPEXPIRETIME s FIELDS 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"HTTL s FIELDS 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"HPERSIST h FIELDS 2 a", "-ERR The `numfields` parameter must match the number of arguments"},
		{"HPERSIST s FIELDS 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"HGETDEL h FIELDS 0 a", "-ERR Number of fields must be a positive integer"},
		{"HGETDEL h FIELDS 9223372036854775808 a", "-ERR Number of fields must be a positive integer"},
		{"HGETDEL h XX 1 a", "-ERR Mandatory argument FIELDS is missing or not at the right position"},
		{"HGETDEL h FIELDS 2 a", "-ERR The `numfields` parameter must match the number of arguments"},
		{"HGETDEL h FIELDS 1", "-ERR wrong number of arguments for 'hgetdel' command"},
		{"HGETDEL s FIELDS 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"HGETEX h FIELDS 1", "-ERR wrong number of arguments for 'hgetex' command"},
		{"HGETEX h FIELDS 0 a", "-ERR invalid number of fields"},
		{"HGETEX h FIELDS 2 a", "-ERR wrong number of arguments"},
		{"HGETEX h EX 10 FIELDS", "-ERR FIELDS requires at least numfields and one field argument"},
		{"HGETEX h EX 10 PERSIST", "-ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified"},
		{"HGETEX h PERSIST PERSIST FIELDS 1 a", "-ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified"},
		{"HGETEX h PERSIST FIELDS 1 a PX", "-ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified"},
		{"HGETEX h FIELDS 1 a EX", "-ERR missing expire time"},
		{"HGETEX h EX FIELDS 1 a", "-ERR value is not an integer or out of range"},
		{"HGETEX h PX -1 FIELDS 1 a", "-ERR invalid expire time, must be >= 0"},
		{"HGETEX h PXAT 70368744177664 FIELDS 1 a", "-ERR invalid expire time in 'hgetex' command"},
		{"HGETEX h KEEPTTL FIELDS 1 a", "-ERR unknown argument: KEEPTTL"},
		{"HGETEX h FNX FIELDS 1 a", "-ERR unknown argument: FNX"},
		{"HGETEX h EX 10 UNKNOWN", "-ERR unknown argument: UNKNOWN"},
		{"HGETEX h EX 10 EX", "-ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified"},
		{"HGETEX s FIELDS 0 a", "-ERR invalid number of fields"},
		{"HGETEX s FIELDS 1 a", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"HSETEX h FIELDS 1 a", "-ERR wrong number of arguments for 'hsetex' command"},
		{"HSETEX h FIELDS 2 a 1", "-ERR wrong number of arguments"},
		{"HSETEX h FIELDS 1 a 1 b", "-ERR unknown argument: b"},
		{"HSETEX h FIELDS 0 a 1", "-ERR invalid number of fields"},
		{"HSETEX h FIELDS x a 1", "-ERR invalid number of fields"},
		{"HSETEX h FIELDS 2147483648 a 1", "-ERR invalid number of fields"},
		{"HSETEX h FIELDS 1 a x FIELDS 1 b y", "-ERR FIELDS keyword specified multiple times"},
		{"HSETEX h FIELDS 1 a x FIELDS", "-ERR FIELDS keyword specified multiple times"},
		{"HSETEX h FNX FXX FIELDS 1 a 1", "-ERR Only one of FXX or FNX arguments can be specified"},
		{"HSETEX h FXX FXX FIELDS 1 a 1", "-ERR Only one of FXX or FNX arguments can be specified"},
		{"HSETEX h EX 10 KEEPTTL FIELDS 1 a 1", "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"},
		{"HSETEX h KEEPTTL KEEPTTL FIELDS 1 a 1", "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"},
		{"HSETEX h FIELDS 1 a 1 EX", "-ERR missing expire time"},
		{"HSETEX h EXAT x FIELDS 1 a 1", "-ERR value is not an integer or out of range"},
		{"HSETEX h EX -1 FIELDS 1 a 1", "-ERR invalid expire time, must be >= 0"},
		{"HSETEX h EX 70368744178 FIELDS 1 a 1", "-ERR invalid expire time in 'hsetex' command"},
		{"HSETEX h PERSIST FIELDS 1 a 1", "-ERR unknown argument: PERSIST"},
		{"HSETEX h NX FIELDS 1 a 1", "-ERR unknown argument: NX"},
		{"HSETEX h FNX FNX", "-ERR wrong number of arguments for 'hsetex' command"},
		{"HSETEX h EX 10 FNX KEEPTTL", "-ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"},
		{"HSETEX h EX 10 FNX FIELDS", "-ERR FIELDS requires at least numfields and one field argument"},
		{"HSETEX s FIELDS 0 a 1", "-ERR invalid number of fields"},
		{"HSETEX s FIELDS 1 a 1", "-WRONGTYPE Operation against a key holding the wrong kind of value"},
		{"HGET h a", "$1 1"},
		{"HLEN h", ":1"},
		{"GET s", "$1 1"},
	} {
		b.want(c[0], c[1])
	}
}

func TestHGetDelGetExSetEx(t *testing.T) {
	play(t, []step{
		{0, "HSETEX h FIELDS 2 a 1 b 2", ":1", "hset", "HSETEX h FIELDS 2 a 1 b 2"},
		{0, "HSETEX h FXX FIELDS 2 a 1 c 2", ":0", "", ""},
		{0, "HSETEX h FNX FIELDS 2 b 1 c 2", ":0", "", ""},
		{0, "HSETEX h FNX FIELDS 1 c 3", ":1", "hset", "HSETEX h FNX FIELDS 1 c 3"},
		{0, "HSETEX h FXX PX 100 FIELDS 1 a 4", ":1", "hset hexpire", "HSETEX h PXAT BASE+100 FIELDS 1 a 4"},
		{0, "HSETEX h FIELDS 1 a 5 KEEPTTL", ":1", "hset", "HSETEX h FIELDS 1 a 5 KEEPTTL"},
		{0, "HPTTL h FIELDS 1 a", "*1 :100", "", ""},
		{0, "HSETEX h FIELDS 1 a 6", ":1", "hset", "HSETEX h FIELDS 1 a 6"},
		{0, "HPTTL h FIELDS 1 a", "*1 :-1", "", ""},
		{0, "HSETEX h EX 1 FIELDS 1 a 6", ":1", "hset hexpire", "HSETEX h PXAT BASE+1000 FIELDS 1 a 6"},
		{0, "HGETEX h FIELDS 2 a x", "*2 $1 6 $-1", "", ""},
		{0, "HGETEX h PERSIST FIELDS 2 a b", "*2 $1 6 $1 2", "hpersist", "HPERSIST h FIELDS 1 a"},
		{0, "HGETEX h PERSIST FIELDS 2 a b", "*2 $1 6 $1 2", "", ""},
		{0, "HGETEX h FIELDS 2 a x PX 50", "*2 $1 6 $-1", "hexpire", "HPEXPIREAT h BASE+50 FIELDS 1 a"},
		{51, "HGETEX h PX 100 FIELDS 2 a b", "*2 $-1 $1 2", "hexpired hexpire", "HDEL h a; HPEXPIREAT h BASE+151 FIELDS 1 b"},
		{51, "HGETEX h PX 0 FIELDS 2 a b", "*2 $-1 $1 2", "hdel", "HDEL h b"},
		{51, "HGETDEL h FIELDS 2 x y", "*2 $-1 $-1", "", ""},
		{51, "HGETDEL h FIELDS 2 c c", "*2 $1 3 $1 3", "hdel del", "HDEL h c c"},
		{51, "HGETDEL h FIELDS 1 c", "*1 $-1", "", ""},
		{51, "HGETEX h PX 10 FIELDS 1 c", "*1 $-1", "", ""},
		{51, "HSETEX h FXX FIELDS 1 c 1", ":0", "", ""},
		{51, "HSETEX h PXAT 5 FIELDS 2 c 1 d 1", ":1", "hset hdel del", "HDEL h c d"},
		{51, "HLEN h", ":0", "", ""},
		{51, "HSETEX h PX 10 FIELDS 1 c 1", ":1", "hset hexpire", "HSETEX h PXAT BASE+61 FIELDS 1 c 1"},
		{51, "HSET h d 2", ":1", "hset", "HSET h d 2"},
		{62, "HGETDEL h FIELDS 2 c d", "*2 $-1 $1 2", "hexpired hdel del", "HDEL h c; HDEL h c d"},
		{62, "HSETEX h PX 10 FIELDS 1 c 1", ":1", "hset hexpire", "HSETEX h PXAT BASE+72 FIELDS 1 c 1"},
		{73, "HSETEX h FNX PX 10 FIELDS 1 c 1", ":1", "hexpired del hset hexpire", "HDEL h c; HSETEX h PXAT BASE+83 FIELDS 1 c 1"},
		{84, "HSETEX h FXX FIELDS 1 c 1", ":0", "hexpired del", "HDEL h c"},
		{84, "HSETEX h PXAT BASE FIELDS 1 a 1", ":1", "hset hdel del", "HDEL h a"},
		{84, "HSETEX h FIELDS 2 EX 60 FIELDS value", ":1", "hset", "HSETEX h FIELDS 2 EX 60 FIELDS value"},
		{84, "HGETEX h FIELDS 2 EX FIELDS PERSIST", "*2 $2 60 $5 value", "", ""},
	})
}

// A paused server removes nothing, and shows nothing that has expired.
func TestExpiredFieldsAreHidden(t *testing.T) {
	for _, l := range allHashLimits[:3] {
		b := newBench(t)
		b.ks.Settings.Limits.HashEntries.Store(l[0])
		base := time.Now().UnixMilli() + 1_000_000_000
		b.ks.Settings.PausedUntil.Store(base * 2)
		b.at(base, "HSET h a 1 b 2 c 3 d 4")
		b.at(base, "HPEXPIRE h 10 FIELDS 3 a b c")
		for _, c := range [][2]string{
			{"HLEN h", ":1"},
			{"HGETALL h", "*2 $1 d $1 4"},
			{"HKEYS h", "*1 $1 d"},
			{"HVALS h", "*1 $1 4"},
			{"HMGET h a d", "*2 $-1 $1 4"},
			{"HSCAN h 0 COUNT 100", "*2 $1 0 *2 $1 d $1 4"},
			{"HRANDFIELD h", "$1 d"},
			{"HRANDFIELD h 5", "*1 $1 d"},
			{"HRANDFIELD h -2", "*2 $1 d $1 d"},
			{"HTTL h FIELDS 2 a d", "*2 :-2 :-1"},
			{"HSTRLEN h a", ":0"},
			{"HEXISTS h b", ":0"},
			{"HSETNX h a 7", ":1"},
			{"HINCRBY h b 1", ":1"},
			{"HDEL h c d", ":1"},
			{"HLEN h", ":2"},
		} {
			if got := b.at(base+20, c[0]); got != c[1] {
				t.Errorf("%s: %q, want %q", c[0], got, c[1])
			}
		}
	}
}

// watcher tells of events as they come.
type watcher struct{ events chan string }

func (w watcher) Before(int, keyspace.Key, keyspace.Entry, bool) {}
func (w watcher) Flush(int)                                      {}
func (w watcher) Swap(int, int)                                  {}
func (w watcher) Journal(_ int, argv [][]byte) {
	if string(argv[0]) == "HDEL" {
		for _, field := range argv[2:] {
			w.events <- fmt.Sprintf("%s %s", argv[1], field)
		}
	}
}
func (w watcher) After(db int, k keyspace.Key, _ keyspace.Class, event string) {
	key := k.Name
	if event == "del" {
		w.events <- fmt.Sprintf("del %d %s", db, key)
	}
}

// Fields go though nobody asks for them, wherever their hash is by then.
func TestFieldsExpireInTheBackground(t *testing.T) {
	const ttl = 400 * time.Millisecond
	for _, l := range allHashLimits[:2] {
		var b *bench
		var w watcher
		for ok := false; !ok; { // again, if the machine was too slow to do it all in time
			b = newQuietBench(t)
			b.ks.Settings.Limits.HashEntries.Store(l[0])
			w = watcher{make(chan string, 10_000)}
			b.ks.Subscribe(w)
			start := time.Now()
			moveHashes(b, ttl)
			ok = time.Since(start) < ttl
		}
		awaitFields(t, w)
		b.want("HLEN stays", ":1")
		b.want("HLEN persisted", ":2")
		b.want("EXISTS big", ":0")
		if problem := checkTimers(b); problem != "" {
			t.Error(problem)
		}
		b.do("FLUSHALL")
		if n := b.ks.Memory().Expiry; n != 0 {
			t.Errorf("%d bytes are left of timers", n)
		}
	}
}

// moveHashes makes hashes with a field x that expires, and moves them about.
func moveHashes(b *bench, ttl time.Duration) {
	px := strconv.FormatInt(ttl.Milliseconds(), 10)
	for i := range 300 {
		b.do("HSETEX", "big", "PX", px, "FIELDS", "1", fmt.Sprint("f", i), "v")
	}
	for _, name := range []string{"stays", "renamed", "copied", "moved", "swapped", "deleted", "overwritten", "persisted"} {
		b.do("HSET", name, "x", "1", "y", "2")
		b.do("HPEXPIRE", name, px, "FIELDS", "1", "x")
	}
	b.do("RENAME", "renamed", "other")
	b.do("COPY", "copied", "copy")
	b.do("MOVE", "moved", "3")
	b.do("DEL", "deleted")
	b.do("SET", "overwritten", "1")
	b.do("HPERSIST", "persisted", "FIELDS", "1", "x")
	b.db = 4
	b.do("HSET", "alone", "x", "1")
	b.do("HPEXPIRE", "alone", px, "FIELDS", "1", "x")
	b.do("SWAPDB", "4", "5")
	b.db = 0
}

// awaitFields waits until all is removed that moveHashes left to expire.
func awaitFields(t *testing.T, w watcher) {
	want, allowed := map[string]bool{}, map[string]bool{"del 0 deleted": true}
	for i := range 300 {
		want[fmt.Sprint("big f", i)] = true
	}
	for _, e := range []string{"del 0 big", "stays x", "other x", "copied x", "copy x", "moved x", "swapped x", "alone x", "del 5 alone"} {
		want[e] = true
	}
	deadline := time.After(20 * time.Second)
	for len(want) > 0 {
		select {
		case e := <-w.events:
			if !want[e] && !allowed[e] {
				t.Fatalf("%q was not to be removed", e)
			}
			delete(want, e)
		case <-deadline:
			t.Fatalf("not removed: %v", want)
		}
	}
}

// checkTimers looks for hashes whose first expiry is past; there should be none once all is quiet.
func checkTimers(b *bench) (problem string) {
	for db := range benchDatabases {
		b.ks.BeginAll(&b.tx, db, time.Now().UnixMilli())
		b.tx.Each(func(e keyspace.Entry) bool {
			if e.Type() == keyspace.TypeHash {
				h := value.OpenHash(e.Cell(), b.tx.Now())
				if h.Len() != h.Stored() {
					problem = fmt.Sprintf("hash %q has %d fields that expired", e.Name(), h.Stored()-h.Len())
				}
			}
			return true
		})
		b.tx.End(nil)
	}
	return problem
}

// Deleted hashes leave no timers behind, however far in the future.
func TestFieldTimersGoWithTheirHash(t *testing.T) {
	for _, l := range allHashLimits[:2] {
		b := newBench(t)
		b.ks.Settings.Limits.HashEntries.Store(l[0])
		empty := b.ks.Memory().Expiry
		for i := range 100 {
			key := fmt.Sprint("key", i)
			b.do("HSETEX", key, "EX", "100000", "FIELDS", "2", "a", "1", "b", "2")
			b.do("HEXPIRE", key, "5000", "FIELDS", "1", "a")
			b.do("RENAME", key, key+"x")
			b.do("COPY", key+"x", key)
			b.do("COPY", key+"x", key, "DB", "1")
			b.do("MOVE", key+"x", "2")
			b.do("HDEL", key, "a", "b")
			b.db = 1
			b.do("SET", key, "1")
			b.do("DEL", key)
			b.db = 2
			b.do("UNLINK", key+"x")
			b.db = 0
		}
		if n := b.ks.Memory().Expiry; n != empty {
			t.Errorf("%d bytes are left of timers", n-empty)
		}
	}
}

// Writes to a hash of which all fields have expired, but stay for now.
func TestWritesAmongExpiredFields(t *testing.T) {
	for _, l := range allHashLimits[:2] {
		b := newBench(t)
		b.ks.Settings.Limits.HashEntries.Store(l[0])
		base := time.Now().UnixMilli() + 1_000_000_000
		b.ks.Settings.PausedUntil.Store(base * 2)
		fill := func() {
			b.at(base, "DEL h")
			b.at(base, "HSETEX h PX 10 FIELDS 3 a 1 b 2 c 3")
		}
		for _, c := range [][2]string{
			{"HSET h a 1 z 2", ":2"},
			{"HSETNX h a 1", ":1"},
			{"HINCRBY h a 1", ":1"},
			{"HINCRBYFLOAT h a 1.5", "$3 1.5"},
			{"HDEL h a b c", ":0"},
			{"HGETDEL h FIELDS 2 a b", "*2 $-1 $-1"},
			{"HGETEX h PERSIST FIELDS 1 a", "*1 $-1"},
			{"HSETEX h FXX FIELDS 1 a 1", ":0"},
			{"HSETEX h FNX EX 10 FIELDS 1 a 1", ":1"},
			{"HPERSIST h FIELDS 1 a", "*1 :-2"},
			{"HEXPIRE h 10 FIELDS 1 a", "*1 :-2"},
			{"HLEN h", ":0"},
			{"HGETALL h", "*0"},
			{"HKEYS h", "*0"},
			{"HRANDFIELD h", "$-1"},
			{"HRANDFIELD h 5", "*0"},
			{"HRANDFIELD h -5", "*0"},
			{"HSCAN h 0", "*2 $1 0 *0"},
		} {
			fill()
			if got := b.at(base+20, c[0]); got != c[1] {
				t.Errorf("%s: %q, want %q", c[0], got, c[1])
			}
		}
	}
}
