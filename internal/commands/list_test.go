package commands

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"
)

// listSizes are values of list-max-listpack-size: from a chunk per element to all in one.
var listSizes = []int64{-2, 1, 3, -1, 0}

// compareLists compares with stock under each size.
func compareLists(t *testing.T, lines []string) {
	for _, size := range listSizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			b, o := newBench(t), newOracle(t)
			b.ks.Settings.Limits.ListSize.Store(size)
			compareOn(t, b, o, lines)
		})
	}
}

// long is a word of n bytes.
func long(n int) string { return strings.Repeat("0123456789abcdef", n/16+1)[:n] }

func TestListPushPopAsStock(t *testing.T) {
	compareLists(t, append(lines(`
		SET str x
		RPUSH a 1 2 3
		LPUSH a 0 -1 x
		LPUSH a "" 9223372036854775807 -9223372036854775808 9223372036854775808 01 -0
		LRANGE a 0 -1
		LPUSH a
		RPUSH a
		LPUSH str x
		RPUSH str x
		LPUSHX str x
		RPUSHX str x
		LPUSHX nokey x
		RPUSHX nokey x y
		LPUSHX a x y
		RPUSHX a x y
		LPUSHX a
		LLEN a
		LLEN nokey
		LLEN str
		OBJECT ENCODING a
		TYPE a
		LPOP a
		RPOP a
		LPOP a 2
		RPOP a 2
		LPOP a 0
		RPOP a 0
		LPOP a -1
		LPOP a x
		LPOP a 1 2
		LPOP a 9223372036854775808
		LPOP str
		LPOP str 0
		LPOP str 1
		RPOP str x
		LPOP nokey
		LPOP nokey 0
		LPOP nokey 1
		RPOP nokey
		RPOP nokey -1
		LPOP nokey x
		LRANGE a 0 -1
		LPOP a 100
		EXISTS a
		RPUSH a 1
		LPOP a
		RPUSH a 1
		RPOP a
		RPUSH a 1 2
		RPOP a 2
		RPUSH e 1 2 3
		EXPIRE e 1000
		LPOP e
		LPUSH e 4
		TTL e
		COPY e f
		RENAME f g
		LRANGE g 0 -1
		OBJECT ENCODING g
		MOVE g 1
		DEL e
	`), "RPUSH big "+long(500), "RPUSH big "+long(600)+" 1", "LPUSH big "+long(5000), "LPUSH big "+long(10000)+" x",
		"RPUSH big "+long(40000)+" x", "LRANGE big 0 -1", "COPY big big2", "LRANGE big2 0 -1", "LPOP big 3", "RPOP big", "RPOP big", "RPOP big",
		"LRANGE big 0 -1", "LPUSH big x", "RENAME big big3", "LRANGE big3 0 -1", "COPY big3 big4 DB 2"))
}

func TestListMPopAsStock(t *testing.T) {
	compareLists(t, lines(`
		SET str x
		RPUSH a 1 2 3 4 5 6 7 8
		LMPOP 1 a LEFT
		LMPOP 1 a RIGHT
		LMPOP 2 nokey a left COUNT 2
		LMPOP 2 nokey a right count 2
		LMPOP 1 a LEFT COUNT 0
		LMPOP 1 a LEFT COUNT -1
		LMPOP 1 a LEFT COUNT x
		LMPOP 1 a LEFT COUNT
		LMPOP 1 a LEFT COUNT 1 COUNT 2
		LMPOP 1 a LEFT COUNT 1 x
		LMPOP 1 a LEFT x
		LMPOP 1 a UP
		LMPOP 0 a LEFT
		LMPOP -1 a LEFT
		LMPOP x a LEFT
		LMPOP 2 a LEFT
		LMPOP 3 a LEFT
		LMPOP 9223372036854775807 a LEFT
		LMPOP 9223372036854775808 a LEFT
		LMPOP 2 str a LEFT
		LMPOP 2 a str LEFT COUNT 100
		LMPOP 2 a nokey LEFT
		LMPOP 1 a
		RPUSH b 1 2
		LMPOP 2 b b RIGHT COUNT 9223372036854775807
	`))
}

func TestListReadAsStock(t *testing.T) {
	compareLists(t, append(lines(`
		SET str x
		RPUSH a 0 1 2 3 4 5 6 7 8 9
		LINDEX a 0
		LINDEX a 9
		LINDEX a 10
		LINDEX a -1
		LINDEX a -10
		LINDEX a -11
		LINDEX a 9223372036854775807
		LINDEX a -9223372036854775808
		LINDEX a x
		LINDEX a 1.0
		LINDEX nokey 0
		LINDEX nokey x
		LINDEX str 0
		LINDEX str x
		LRANGE a 0 -1
		LRANGE a 1 3
		LRANGE a -3 -1
		LRANGE a 5 2
		LRANGE a 0 100
		LRANGE a -100 100
		LRANGE a 100 200
		LRANGE a -200 -100
		LRANGE a 3 3
		LRANGE a 9 9
		LRANGE a -1 -3
		LRANGE a 0 9223372036854775807
		LRANGE a -9223372036854775808 9223372036854775807
		LRANGE a 9223372036854775807 9223372036854775807
		LRANGE a 0 -9223372036854775808
		LRANGE a x 1
		LRANGE a 1 x
		LRANGE nokey x 1
		LRANGE nokey 0 -1
		LRANGE str 0 -1
		LRANGE str 0 x
		RPUSH p a b c 1 2 3 c c 12 x
		LPOS p a
		LPOS p c
		LPOS p 1
		LPOS p 12
		LPOS p nothing
		LPOS p c RANK 1
		LPOS p c RANK 2
		LPOS p c RANK 4
		LPOS p c RANK -1
		LPOS p c RANK -3
		LPOS p c RANK -4
		LPOS p c RANK 0
		LPOS p c RANK x
		LPOS p c RANK -9223372036854775807
		LPOS p c RANK 9223372036854775807
		LPOS p c RANK
		LPOS p c COUNT 0
		LPOS p c COUNT 1
		LPOS p c COUNT 2
		LPOS p c COUNT 100
		LPOS p nothing COUNT 0
		LPOS p c COUNT -1
		LPOS p c COUNT x
		LPOS p c COUNT 0 RANK 2
		LPOS p c COUNT 2 RANK -1
		LPOS p c COUNT 0 RANK -2
		LPOS p c MAXLEN 2
		LPOS p c MAXLEN 3
		LPOS p c MAXLEN 0
		LPOS p c MAXLEN -1
		LPOS p c MAXLEN x
		LPOS p c COUNT 0 MAXLEN 7
		LPOS p c COUNT 0 MAXLEN 3 RANK -1
		LPOS p c COUNT 0 MAXLEN 5 RANK -1
		LPOS p c MAXLEN 7 RANK 2
		LPOS p c rank 2 rank 1 count 0 count 1 maxlen 1 maxlen 100
		LPOS p c foo 1
		LPOS p c 1
		LPOS nokey c
		LPOS nokey c COUNT 0
		LPOS nokey c RANK 0
		LPOS str c
		LPOS str c RANK 0
		LPOS p
	`), "RPUSH big "+long(9000)+" 1 "+long(9000)+" 2 "+long(100), "LPOS big "+long(9000)+" RANK 2", "LINDEX big 2", "LINDEX big -1", "LINDEX big 3"))
}

func TestListChangeAsStock(t *testing.T) {
	compareLists(t, append(lines(`
		SET str x
		RPUSH a 0 1 2 3 4 5 6 7 8 9
		LSET a 0 first
		LSET a -1 last
		LSET a 5 55555
		LSET a -3 x
		LSET a 10 x
		LSET a -11 x
		LSET a 9223372036854775807 x
		LSET a x x
		LSET nokey 0 x
		LSET nokey x x
		LSET str 0 x
		LSET str x x
		LRANGE a 0 -1
		LINSERT a BEFORE first f0
		LINSERT a after first f1
		LINSERT a AFTER last end
		LINSERT a before 3 2.5
		LINSERT a after 3 3.5
		LINSERT a after nothing x
		LINSERT a between 3 x
		LINSERT nokey between 3 x
		LINSERT nokey before 3 x
		LINSERT str before 3 x
		LINSERT a before 3
		LRANGE a 0 -1
		RPUSH r a b a c a d 1 1 1 01 a
		LREM r 1 a
		LREM r -1 a
		LRANGE r 0 -1
		LREM r 0 1
		LREM r 5 a
		LREM r 0 nothing
		LREM r -9223372036854775808 b
		LREM r 9223372036854775807 c
		LREM r x a
		LREM nokey x a
		LREM nokey 0 a
		LREM str 0 a
		LRANGE r 0 -1
		LREM r 0 d
		LREM r 0 01
		EXISTS r
		RPUSH t 0 1 2 3 4 5 6 7 8 9
		LTRIM t 0 -1
		LTRIM t 0 100
		LTRIM t 1 -2
		LRANGE t 0 -1
		LTRIM t -5 -2
		LTRIM t -100 2
		LRANGE t 0 -1
		LTRIM t x 1
		LTRIM t 1 x
		LTRIM nokey x 1
		LTRIM nokey 0 1
		LTRIM str 0 1
		LTRIM t 5 3
		EXISTS t
		RPUSH t 1 2 3
		LTRIM t 100 200
		RPUSH t 1 2 3
		LTRIM t 0 -9223372036854775808
		RPUSH t 1 2 3
		LTRIM t 2 9223372036854775807
		LRANGE t 0 -1
	`), "RPUSH big 1 2 3 4 5", "LSET big 2 "+long(3000), "LSET big 0 "+long(9000), "LINSERT big before 4 "+long(9000),
		"LINSERT big after 4 "+long(800), "LINSERT big after 4 "+long(400), "LINSERT big before 2 "+long(300), "LRANGE big 0 -1",
		"LSET big 0 1", "LSET big 2 3", "LREM big 1 "+long(9000), "LRANGE big 0 -1", "LTRIM big 0 3", "LRANGE big 0 -1"))
}

func TestListMoveAsStock(t *testing.T) {
	compareLists(t, append(lines(`
		SET str x
		RPUSH a 1 2 3 4 5 6
		RPOPLPUSH a b
		LMOVE a b LEFT LEFT
		LMOVE a b left right
		LMOVE a b RIGHT LEFT
		LMOVE a b right right
		LRANGE a 0 -1
		LRANGE b 0 -1
		RPOPLPUSH b b
		LMOVE b b LEFT LEFT
		LMOVE b b LEFT RIGHT
		LMOVE b b RIGHT LEFT
		LMOVE b b RIGHT RIGHT
		LRANGE b 0 -1
		LMOVE a a LEFT RIGHT
		LMOVE nokey b LEFT RIGHT
		LMOVE nokey str LEFT RIGHT
		LMOVE str b LEFT RIGHT
		LMOVE a str LEFT RIGHT
		LMOVE a b UP RIGHT
		LMOVE a b LEFT DOWN
		LMOVE nokey b LEFT DOWN
		LMOVE a b LEFT
		RPOPLPUSH nokey b
		RPOPLPUSH str b
		RPOPLPUSH a str
		LMOVE a c LEFT LEFT
		LMOVE c c LEFT RIGHT
		RPOPLPUSH c c
		RPOPLPUSH c d
		EXISTS a c
		EXPIRE d 1000
		RPOPLPUSH d d
		TTL d
		LRANGE b 0 -1
	`), "RPUSH big 1 "+long(9000)+" 2 "+long(500)+" "+long(700), "RPOPLPUSH big other", "RPOPLPUSH big other", "LMOVE big other RIGHT RIGHT",
		"LMOVE big big RIGHT RIGHT", "LMOVE big big RIGHT LEFT", "LRANGE big 0 -1", "LRANGE other 0 -1", "RPOPLPUSH big other", "RPOPLPUSH big other"))
}

// Blocking commands that are served at once, or cannot block.
func TestListBlockingAsStock(t *testing.T) {
	compareLists(t, lines(`
		SET str x
		RPUSH a 1 2 3 4 5 6 7 8 9
		BLPOP a 0
		BRPOP nokey a 0
		BLPOP a x
		BLPOP a -1
		BLPOP a nan
		BLPOP str a 0
		BLPOP nokey str 0
		BRPOP a 0.5
		BLMPOP 0 1 a LEFT
		BLMPOP 0 2 nokey a RIGHT COUNT 2
		BLMPOP -1 1 a LEFT
		BLMPOP x 0 a LEFT
		BLMPOP 0 0 a LEFT
		BLMPOP 0 1 a UP
		BLMPOP 0 1 a LEFT COUNT 0
		BLMPOP 0 2 a LEFT
		BLMPOP 0 1 str LEFT
		BRPOPLPUSH a b 0
		BRPOPLPUSH a b x
		BRPOPLPUSH a b -1
		BRPOPLPUSH str b 0
		BRPOPLPUSH a str 0
		BLMOVE a b LEFT RIGHT 0
		BLMOVE a b LEFT UP x
		BLMOVE a b LEFT RIGHT x
		BLMOVE str b LEFT RIGHT 0
		BLMOVE a str LEFT RIGHT 0
		BLMOVE a a LEFT RIGHT 0
		BLMOVE a b LEFT RIGHT 1.5
		LRANGE b 0 -1
		BLPOP b 0
		BLMPOP 0 1 b LEFT COUNT 100
	`))
}

// The smallest rank has no positive counterpart; Redis refuses it since 7.2.
func TestLPosSmallestRank(t *testing.T) {
	newBench(t).want("LPOS nokey c RANK -9223372036854775808",
		"-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807")
}

// What is not there cannot be waited for by a bench.
func TestListBlockingNulls(t *testing.T) {
	b := newBench(t)
	for line, want := range map[string]string{
		"BLPOP nokey 0": "*-1", "BRPOP nokey nokey2 1": "*-1", "BLMPOP 0 1 nokey LEFT": "*-1", "BLMOVE nokey b LEFT LEFT 0": "$-1",
		"BRPOPLPUSH nokey b 0": "$-1", "BLMOVEM nokey b LEFT LEFT 0": "*-1",
	} {
		b.want(line, want)
	}
	b.reply.Proto = 3
	b.want("BLPOP nokey 0", "_")
	b.want("LPOP nokey 0", "_")
	b.want("LMPOP 1 nokey LEFT", "_")
	b.want("LMOVEM nokey b LEFT LEFT", "_")
	if len(b.events) > 0 || len(b.journal) > 0 {
		t.Errorf("events %v, journal %v", b.events, b.journal)
	}
}

// LMOVEM is newer than the stock server: it is tested by what is documented.
func TestLMoveM(t *testing.T) {
	for _, size := range listSizes {
		b := newBench(t)
		b.ks.Settings.Limits.ListSize.Store(size)
		for _, c := range []struct{ line, want, src, dst string }{
			{"LMOVEM a b LEFT LEFT", "1", "2 3 4", "1 7 8"},
			{"LMOVEM a b LEFT LEFT COUNT 2 OBO", "2 1", "3 4", "2 1 7 8"},
			{"LMOVEM a b left left count 2 bulk", "1 2", "3 4", "1 2 7 8"},
			{"LMOVEM a b LEFT RIGHT COUNT 2 OBO", "1 2", "3 4", "7 8 1 2"},
			{"LMOVEM a b LEFT RIGHT COUNT 2 BULK", "1 2", "3 4", "7 8 1 2"},
			{"LMOVEM a b RIGHT LEFT COUNT 2 OBO", "3 4", "1 2", "3 4 7 8"},
			{"LMOVEM a b RIGHT LEFT COUNT 2 BULK", "3 4", "1 2", "3 4 7 8"},
			{"LMOVEM a b RIGHT RIGHT COUNT 2 OBO", "4 3", "1 2", "7 8 4 3"},
			{"LMOVEM a b RIGHT RIGHT COUNT 2 BULK", "3 4", "1 2", "7 8 3 4"},
			{"LMOVEM a b LEFT RIGHT EXACTLY 4 BULK", "1 2 3 4", "", "7 8 1 2 3 4"},
			{"LMOVEM a b LEFT RIGHT COUNT 100 BULK", "1 2 3 4", "", "7 8 1 2 3 4"},
			{"LMOVEM a new LEFT RIGHT EXACTLY 3 OBO", "1 2 3", "4", "7 8"},
			{"BLMOVEM a b LEFT LEFT 0 EXACTLY 2 OBO", "2 1", "3 4", "2 1 7 8"},
			{"BLMOVEM a b LEFT LEFT 1.5", "1", "2 3 4", "1 7 8"},
		} {
			b.do("DEL", "a", "b", "new")
			b.do("RPUSH", "a", "1", "2", "3", "4")
			b.do("RPUSH", "b", "7", "8")
			b.want(c.line, bulks(c.want))
			b.want("LRANGE a 0 -1", bulks(c.src))
			b.want("LRANGE b 0 -1", bulks(c.dst))
		}
	}
}

// bulks is an array of words, as want compares it.
func bulks(words string) string {
	all := strings.Fields(words)
	out := fmt.Sprintf("*%d", len(all))
	for _, w := range all {
		out += fmt.Sprintf(" $%d %s", len(w), w)
	}
	return out
}

func TestLMoveMSameKey(t *testing.T) {
	for line, want := range map[string]string{
		"LMOVEM a a LEFT RIGHT COUNT 2 OBO":     "3 4 1 2",
		"LMOVEM a a RIGHT LEFT COUNT 3 BULK":    "2 3 4 1",
		"LMOVEM a a LEFT LEFT COUNT 3 BULK":     "1 2 3 4",
		"LMOVEM a a LEFT RIGHT EXACTLY 4 BULK":  "1 2 3 4",
		"LMOVEM a a RIGHT RIGHT EXACTLY 4 BULK": "1 2 3 4",
		"LMOVEM a a LEFT RIGHT":                 "2 3 4 1",
		"LMOVEM a a LEFT RIGHT EXACTLY 5 BULK":  "1 2 3 4",
	} {
		b := newBench(t)
		b.do("RPUSH", "a", "1", "2", "3", "4")
		b.do(split(line)...)
		b.want("LRANGE a 0 -1", bulks(want))
	}
}

func TestLMoveMErrors(t *testing.T) {
	b := newBench(t)
	b.do("SET", "str", "x")
	b.do("RPUSH", "a", "1", "2")
	b.events, b.journal = nil, nil
	for line, want := range map[string]string{
		"LMOVEM a b LEFT":                              "-ERR wrong number of arguments for 'lmovem' command",
		"LMOVEM a b UP LEFT":                           "-ERR syntax error",
		"LMOVEM a b LEFT LEFT COUNT":                   "-ERR syntax error",
		"LMOVEM a b LEFT LEFT COUNT 1":                 "-ERR syntax error",
		"LMOVEM a b LEFT LEFT COUNT 1 OBO BULK":        "-ERR syntax error",
		"LMOVEM a b LEFT LEFT COUNT 1 FOO":             "-ERR syntax error",
		"LMOVEM a b LEFT LEFT FOO 1 OBO":               "-ERR syntax error",
		"LMOVEM a b LEFT LEFT COUNT 0 OBO":             "-ERR count should be greater than 0",
		"LMOVEM a b LEFT LEFT COUNT x OBO":             "-ERR count should be greater than 0",
		"LMOVEM a b LEFT LEFT EXACTLY 3 OBO":           "*-1",
		"LMOVEM nokey b LEFT LEFT":                     "*-1",
		"LMOVEM nokey str LEFT LEFT":                   "*-1",
		"LMOVEM str b LEFT LEFT":                       "-WRONGTYPE Operation against a key holding the wrong kind of value",
		"LMOVEM a str LEFT LEFT":                       "-WRONGTYPE Operation against a key holding the wrong kind of value",
		"BLMOVEM a b LEFT LEFT":                        "-ERR wrong number of arguments for 'blmovem' command",
		"BLMOVEM a b LEFT LEFT x":                      "-ERR timeout is not a float or out of range",
		"BLMOVEM a b LEFT LEFT -1":                     "-ERR timeout is negative",
		"BLMOVEM a b LEFT LEFT 0 EXACTLY 3 OBO":        "*-1",
		"BLMOVEM a b LEFT LEFT 0 COUNT -1 OBO":         "-ERR count should be greater than 0",
		"BLMOVEM a str LEFT LEFT 0 EXACTLY 2 BULK":     "-WRONGTYPE Operation against a key holding the wrong kind of value",
		"BLMOVEM a b LEFT LEFT 0 EXACTLY 2 BULK x":     "-ERR syntax error",
		"BLMOVEM a b LEFT LEFT 0 EXACTLY BULK 2":       "-ERR syntax error",
		"BLMOVEM a b LEFT SIDE 0 EXACTLY 1000000 BULK": "-ERR syntax error",
	} {
		b.want(line, want)
	}
	if len(b.events) > 0 || len(b.journal) > 0 {
		t.Errorf("events %v, journal %v", b.events, b.journal)
	}
}

func TestLMoveMEvents(t *testing.T) {
	b := newBench(t)
	b.do("RPUSH", "a", "1", "2")
	for _, c := range []struct{ line, events, journal string }{
		{"LMOVEM a b LEFT RIGHT", "[rpush@0:b lpop@0:a]", "[LMOVEM a b LEFT RIGHT]"},
		{"LMOVEM a b RIGHT LEFT COUNT 9 OBO", "[lpush@0:b rpop@0:a del@0:a]", "[LMOVEM a b RIGHT LEFT COUNT 9 OBO]"},
		{"LMOVEM b b LEFT RIGHT COUNT 2 OBO", "[rpush@0:b lpop@0:b]", "[LMOVEM b b LEFT RIGHT COUNT 2 OBO]"},
		{"BLMOVEM b c LEFT RIGHT 0 COUNT 2 OBO", "[rpush@0:c lpop@0:b del@0:b]", "[LMOVEM b c LEFT RIGHT COUNT 2 OBO]"},
		{"BLMOVEM c b LEFT RIGHT 0", "[rpush@0:b lpop@0:c]", "[LMOVEM c b LEFT RIGHT]"},
	} {
		b.events, b.journal = nil, nil
		b.do(split(c.line)...)
		if fmt.Sprint(b.events) != c.events || fmt.Sprint(b.journal) != c.journal {
			t.Errorf("%s: %v %v", c.line, b.events, b.journal)
		}
	}
}

// Random commands on a few lists that grow long and short again.
func TestListRandomAsStock(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	compareLists(t, randomListLines(r, 1500))
}

func randomListLines(r *rand.Rand, n int) []string {
	var all []string
	key := func() string { return string(rune('a' + r.Intn(3))) }
	end := func() string { return []string{"LEFT", "RIGHT"}[r.Intn(2)] }
	elem := func() string {
		switch k := r.Intn(20); {
		case k < 8:
			return fmt.Sprint(r.Intn(12))
		case k < 14:
			return string(rune('p' + r.Intn(5)))
		case k < 17:
			return fmt.Sprint(r.Int63() >> r.Intn(60))
		case k < 19:
			return long(r.Intn(300) + 1)
		}
		return long(r.Intn(3000) + 1)
	}
	elems := func() string {
		s := elem()
		for r.Intn(3) > 0 {
			s += " " + elem()
		}
		return s
	}
	index := func() int { return r.Intn(60) - 30 }
	for range n {
		k := key()
		line := ""
		switch r.Intn(22) {
		case 0, 1, 2, 3:
			line = "RPUSH " + k + " " + elems()
		case 4, 5, 6, 7:
			line = "LPUSH " + k + " " + elems()
		case 8:
			line = "LPOP " + k
		case 9:
			line = fmt.Sprint("RPOP ", k, " ", r.Intn(4))
		case 10:
			line = fmt.Sprint("LINDEX ", k, " ", index())
		case 11:
			line = fmt.Sprint("LSET ", k, " ", index(), " ", elem())
		case 12, 13:
			line = fmt.Sprint("LINSERT ", k, " ", []string{"BEFORE", "AFTER"}[r.Intn(2)], " ", elem(), " ", elem())
		case 14:
			line = fmt.Sprint("LREM ", k, " ", r.Intn(7)-3, " ", elem())
		case 15:
			line = fmt.Sprint("LTRIM ", k, " ", r.Intn(4), " ", -1-r.Intn(4))
		case 16:
			line = fmt.Sprint("LPOS ", k, " ", elem(), " RANK ", r.Intn(3)+1-5*r.Intn(2), " COUNT ", r.Intn(3), " MAXLEN ", r.Intn(20))
		case 17, 18:
			line = "LMOVE " + k + " " + key() + " " + end() + " " + end()
		case 19:
			line = fmt.Sprint("LMPOP 2 ", k, " ", key(), " ", end(), " COUNT ", r.Intn(4)+1)
		case 20:
			line = fmt.Sprint("LRANGE ", k, " ", index(), " ", index())
		case 21:
			line = []string{"LTRIM " + k + " 0 2", "COPY " + k + " " + key() + " REPLACE", "DEL " + k}[r.Intn(3)]
		}
		all = append(all, line)
	}
	return append(all, "LRANGE a 0 -1", "LRANGE b 0 -1", "LRANGE c 0 -1")
}

// A list with a thousand chunks; everything is freed when it goes.
func TestLongList(t *testing.T) {
	b := newBench(t)
	b.ks.Settings.Limits.ListSize.Store(-1)
	for i := range 4000 {
		b.do("RPUSH", "l", fmt.Sprint("element number ", i), long(900))
	}
	b.want("LLEN l", ":8000")
	b.want("LINDEX l 4000", "$19 element number 2000")
	b.want("LINDEX l -8000", "$16 element number 0")
	b.want("LPOS l "+long(900)+" RANK 3000", ":5999")
	b.do("COPY", "l", "m")
	b.want("DEL l", ":1")
	b.want("LTRIM m 10 12", "+OK")
	b.want("LLEN m", ":3")
	b.want("LINDEX m 0", "$16 element number 5")
	b.want("LREM m 0 nothing", ":0")
}
