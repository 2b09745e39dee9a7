package commands

import (
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"testing"
	"time"
)

// bothZSets compares lines with stock with sorted sets packed as long as they
// are small, and with all of them rooted.
func bothZSets(t *testing.T, text string) {
	t.Helper()
	for _, entries := range []string{"128", "0", "3"} {
		t.Run("entries="+entries, func(t *testing.T) {
			compareWith(t, entries, lines(text))
		})
	}
}

func compareWith(t *testing.T, entries string, lines []string) {
	t.Helper()
	b, o := zsetPair(t, entries)
	compareOn(t, b, o, lines)
}

// zsetPair is us and stock with a limit on packed sorted sets.
func zsetPair(t *testing.T, entries string) (*bench, *oracle) {
	b, o := newBench(t), newOracle(t)
	n, err := strconv.ParseInt(entries, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	b.ks.Settings.Limits.ZSetEntries.Store(n)
	b.ks.Settings.Limits.SetEntries.Store(0)
	o.conn.Must(t, "CONFIG", "SET", "zset-max-listpack-entries", entries)
	return b, o
}

func TestZAddAsStock(t *testing.T) {
	bothZSets(t, `
		ZADD z 1 a
		ZADD z 2 b 3 c
		ZADD z 1 a
		ZADD z 5 a
		ZADD z CH 6 a 7 d
		ZADD z NX 9 a 9 e
		ZADD z XX 9 a 9 f
		ZADD z XX CH 10 a 10 f
		ZADD z GT 3 a 12 b
		ZADD z GT CH 20 a 1 b
		ZADD z LT CH 1 a 100 b 50 new
		ZADD z GT XX CH 2 a 2 nope
		ZADD z INCR 5 a
		ZADD z INCR -7.25 fresh
		ZADD z NX INCR 5 a
		ZADD z XX INCR 5 missing
		ZADD z GT INCR -5 a
		ZADD z LT INCR 5 a
		ZADD z LT INCR -5 a
		ZADD z GT XX INCR 5 a
		ZADD z INCR 1 a 2 b
		ZADD z nx xx 1 a
		ZADD z gt lt 1 a
		ZADD z gt nx 1 a
		ZADD z lt nx 1 a
		ZADD z 1
		ZADD z 1 a 2
		ZADD z NX
		ZADD z NX 1
		ZADD z foo 1
		ZADD z x a
		ZADD z 1 a x b
		ZADD z nan a
		ZADD z NaN a
		ZADD z inf a -inf b +inf c Infinity d
		ZRANGE z 0 -1 WITHSCORES
		ZADD z INCR -inf a
		ZINCRBY z -inf c
		ZINCRBY z inf b
		ZINCRBY z 1 a
		ZADD z 1e400 big
		ZADD z 1e-400 small
		ZADD z " 1" a
		ZADD z "1 " a
		ZADD z "" a
		ZADD z 0x10 hex
		ZADD z 1.5e3 e
		ZADD z -0 zero
		ZADD z 0 zero
		ZSCORE z zero
		ZADD zz 0 zero
		ZADD zz -0 zero
		ZSCORE zz zero
		ZADD z 3.0 three
		ZADD z 0.1 tenth
		ZADD z 1e17 a1 1e18 a2 9223372036854775807 a3 4611686018427387904 a4 -9223372036854775808 a5 123456789012345678 a6
		ZADD z 3.141592653589793 pi 2.718281828459045 e 1e-10 tiny 1.7976931348623157e308 huge 5e-324 least
		ZRANGE z 0 -1 WITHSCORES
		ZINCRBY z 0.2 tenth
		ZINCRBY z 1 nosuch
		ZINCRBY new -3 m
		ZINCRBY new x m
		ZINCRBY new NX m
		ZINCRBY new 1
		ZADD new XX 1 n
		ZADD none XX 1 n
		ZADD none XX INCR 1 n
		ZADD none XX CH 1 n
		EXISTS none
		SET s x
		ZADD s 1 a
		ZADD s x a
		ZADD s XX 1 a
		ZINCRBY s 1 a
		ZADD n 1 1 2 2 3 10 4 -5 5 007 6 9223372036854775807 7 "" 8 "\x00"
		ZADD n 1 10 1 9 1 1
		ZRANGE n 0 -1 WITHSCORES
		ZADD t 1 a 1 A 1 aa 1 "" 1 "\xff" 1 b
		ZRANGE t 0 -1
		ZADD dup 1 a 2 a 3 a
		ZADD dup CH 5 a 5 a 3 a
		ZRANGE dup 0 -1 WITHSCORES
		OBJECT ENCODING dup
	`)
}

func TestZSetReadsAsStock(t *testing.T) {
	bothZSets(t, `
		ZADD z 1 a 2 b 3 c 4 d 5.5 e -1 f inf g -inf h 2 bb 2 ba
		ZCARD z
		ZCARD none
		ZSCORE z a
		ZSCORE z e
		ZSCORE z g
		ZSCORE z none
		ZSCORE none a
		ZMSCORE z a none g h
		ZMSCORE none a b
		ZMSCORE z
		ZRANK z a
		ZRANK z h
		ZRANK z none
		ZRANK none a
		ZREVRANK z a
		ZREVRANK z g
		ZREVRANK z none
		ZCOUNT z -inf +inf
		ZCOUNT z (-inf (inf
		ZCOUNT z 2 2
		ZCOUNT z (2 2
		ZCOUNT z (2 (4
		ZCOUNT z 4 2
		ZCOUNT z 100 200
		ZCOUNT z "" ""
		ZCOUNT z " 1" 3
		ZCOUNT z "1 " 3
		ZCOUNT z "(" 3
		ZCOUNT z (x 3
		ZCOUNT z 1 nan
		ZCOUNT z -1e999 1e999
		ZCOUNT none x 3
		ZCOUNT none 1 3
		ZLEXCOUNT z - +
		ZADD l 0 a 0 b 0 c 0 d 0 aa 0 "" 0 zz
		ZLEXCOUNT l - +
		ZLEXCOUNT l [a [c
		ZLEXCOUNT l (a (c
		ZLEXCOUNT l + -
		ZLEXCOUNT l [c [a
		ZLEXCOUNT l [ [b
		ZLEXCOUNT l ( [b
		ZLEXCOUNT l [a +
		ZLEXCOUNT l - (zz
		ZLEXCOUNT l a b
		ZLEXCOUNT l -a b
		ZLEXCOUNT l "" b
		ZLEXCOUNT none a b
		ZLEXCOUNT none - +
		SET s x
		ZCARD s
		ZSCORE s a
		ZMSCORE s a
		ZRANK s a
		ZREVRANK s a
		ZCOUNT s 1 2
		ZCOUNT s x 2
		ZLEXCOUNT s - +
		ZCARD
		ZCARD z z
		ZSCORE z
	`)
}

func TestZRangeAsStock(t *testing.T) {
	bothZSets(t, `
		ZADD z 1 a 2 b 3 c 4 d 5.5 e -1 f inf g -inf h 2 bb 2 ba
		ZRANGE z 0 -1
		ZRANGE z 0 -1 WITHSCORES
		ZRANGE z 0 -1 withscores WITHSCORES
		ZRANGE z 1 3
		ZRANGE z -3 -2
		ZRANGE z 5 1
		ZRANGE z 100 200
		ZRANGE z -100 0
		ZRANGE z 0 100
		ZRANGE z x 1
		ZRANGE z 0 1.5
		ZRANGE z 0 -1 REV
		ZRANGE z 1 3 REV
		ZRANGE z -2 -1 REV WITHSCORES
		ZRANGE z 0 -1 REV REV
		ZRANGE z 0 -1 LIMIT 0 1
		ZRANGE z 0 -1 LIMIT 0 -1
		ZRANGE z 0 -1 LIMIT 0
		ZRANGE z 0 -1 LIMIT x 1
		ZRANGE z 1 3 BYSCORE
		ZRANGE z (1 (3 BYSCORE WITHSCORES
		ZRANGE z 3 1 BYSCORE
		ZRANGE z 3 1 BYSCORE REV
		ZRANGE z (3 -inf BYSCORE REV LIMIT 1 2 WITHSCORES
		ZRANGE z -inf inf BYSCORE LIMIT 2 3
		ZRANGE z -inf inf BYSCORE LIMIT 0 0
		ZRANGE z -inf inf BYSCORE LIMIT 0 -1
		ZRANGE z -inf inf BYSCORE LIMIT -1 5
		ZRANGE z -inf inf BYSCORE LIMIT 100 5
		ZRANGE z -inf inf BYSCORE LIMIT 2 -5
		ZRANGE z inf -inf REV BYSCORE LIMIT 1 2
		ZRANGE z -inf inf BYSCORE BYLEX
		ZRANGE z x 1 BYSCORE
		ZRANGE z - + BYLEX WITHSCORES
		ZRANGE z 1 2 BYLEX
		ZRANGE z 1 2 foo
		ZRANGE z 1
		ZREVRANGE z 0 -1
		ZREVRANGE z 1 2 WITHSCORES
		ZREVRANGE z 1 2 REV
		ZREVRANGE z 1 2 BYSCORE
		ZREVRANGE z 1 2 LIMIT 0 1
		ZRANGEBYSCORE z -inf 3
		ZRANGEBYSCORE z (1 3 WITHSCORES
		ZRANGEBYSCORE z (1 3 WITHSCORES LIMIT 1 1
		ZRANGEBYSCORE z (1 3 LIMIT 1 1 WITHSCORES
		ZRANGEBYSCORE z 1 3 REV
		ZRANGEBYSCORE z 1 3 BYSCORE
		ZRANGEBYSCORE z 1 3 LIMIT 1
		ZRANGEBYSCORE z 1 3 LIMIT 1 x
		ZRANGEBYSCORE z 1 x
		ZREVRANGEBYSCORE z 3 (1
		ZREVRANGEBYSCORE z +inf -inf WITHSCORES LIMIT 2 3
		ZREVRANGEBYSCORE z 1 3
		ZADD l 0 a 0 b 0 c 0 d 0 aa 0 "" 0 zz
		ZRANGEBYLEX l - +
		ZRANGEBYLEX l [a [c
		ZRANGEBYLEX l (a (c
		ZRANGEBYLEX l (a (a
		ZRANGEBYLEX l [a [a
		ZRANGEBYLEX l (a [a
		ZRANGEBYLEX l - [b LIMIT 1 2
		ZRANGEBYLEX l - [b LIMIT 1 -2
		ZRANGEBYLEX l - [b LIMIT -1 2
		ZRANGEBYLEX l - [b WITHSCORES
		ZRANGEBYLEX l + -
		ZRANGEBYLEX l a b
		ZRANGEBYLEX l -x +x
		ZREVRANGEBYLEX l + -
		ZREVRANGEBYLEX l - +
		ZREVRANGEBYLEX l (c [a
		ZREVRANGEBYLEX l [c - LIMIT 1 2
		ZRANGE l [b (zz BYLEX
		ZRANGE l (zz [b BYLEX REV
		ZRANGE l (zz [b BYLEX REV LIMIT 1 1
		ZRANGE none 0 -1
		ZRANGE none x -1
		ZRANGE none 0 -1 WITHSCORES
		ZRANGEBYSCORE none 0 1
		ZRANGEBYLEX none - +
		SET s x
		ZRANGE s 0 -1
		ZRANGE s x -1
		ZRANGEBYSCORE s 0 1
		ZRANGESTORE d z 0 -1
		ZRANGE d 0 -1 WITHSCORES
		OBJECT ENCODING d
		ZRANGESTORE d z 1 3 REV
		ZRANGE d 0 -1 WITHSCORES
		ZRANGESTORE d z (1 5 BYSCORE LIMIT 1 2
		ZRANGE d 0 -1 WITHSCORES
		ZRANGESTORE d l [b + BYLEX
		ZRANGE d 0 -1
		ZRANGESTORE d z 100 200
		EXISTS d
		ZRANGESTORE d none 0 -1
		ZRANGESTORE d z 0 -1 WITHSCORES
		ZRANGESTORE d z 0 -1 LIMIT 0 1
		ZRANGESTORE d z x -1
		ZRANGESTORE d s 0 -1
		ZRANGESTORE s z 0 1
		TYPE s
		ZRANGESTORE s none 0 1
		EXISTS s
		ZRANGESTORE z z 2 4
		ZRANGE z 0 -1 WITHSCORES
		ZRANGESTORE z z 5 1
		EXISTS z
	`)
}

func TestZRemAsStock(t *testing.T) {
	bothZSets(t, `
		ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i
		ZREM z a none
		ZREM z none
		ZREM z b b c
		ZREM none a
		ZREMRANGEBYRANK z 0 0
		ZREMRANGEBYRANK z -1 -1
		ZREMRANGEBYRANK z 5 3
		ZREMRANGEBYRANK z 100 200
		ZREMRANGEBYRANK z x 1
		ZRANGE z 0 -1
		ZREMRANGEBYSCORE z (5 6
		ZREMRANGEBYSCORE z 100 200
		ZREMRANGEBYSCORE z x 200
		ZREMRANGEBYSCORE none x 200
		ZREMRANGEBYSCORE none 1 200
		ZRANGE z 0 -1
		ZREM z e g h
		EXISTS z
		ZADD z 0 a 0 b 0 c 0 d
		ZREMRANGEBYLEX z [b (d
		ZREMRANGEBYLEX z x y
		ZREMRANGEBYLEX z (d +
		ZRANGE z 0 -1
		ZREMRANGEBYLEX z - +
		EXISTS z
		ZADD z 1 a
		ZREMRANGEBYRANK z 0 -1
		ZADD z 1 a
		ZREMRANGEBYSCORE z -inf inf
		ZADD z 1 a 2 b
		ZREM z a b c
		SET s x
		ZREM s a
		ZREMRANGEBYRANK s 0 1
		ZREMRANGEBYRANK s x 1
		ZREMRANGEBYSCORE s 0 1
		ZREMRANGEBYLEX s - +
		ZREM z
	`)
}

func TestZPopAsStock(t *testing.T) {
	bothZSets(t, `
		ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i
		ZPOPMIN z
		ZPOPMAX z
		ZPOPMIN z 2
		ZPOPMAX z 2
		ZPOPMIN z 0
		ZPOPMAX z 0
		ZPOPMIN z -1
		ZPOPMIN z x
		ZPOPMIN z 1 2
		ZPOPMIN none
		ZPOPMIN none 3
		ZPOPMIN none x
		ZPOPMAX z 100
		EXISTS z
		ZADD z 1 a
		ZPOPMIN z
		SET s x
		ZPOPMIN s
		ZPOPMAX s 0
		ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i
		ZMPOP 1 z MIN
		ZMPOP 2 none z MAX
		ZMPOP 2 none z MAX COUNT 2
		ZMPOP 1 none MIN
		ZMPOP 0 z MIN
		ZMPOP x z MIN
		ZMPOP -1 z MIN
		ZMPOP 1 z FOO
		ZMPOP 1 z
		ZMPOP 2 z MIN
		ZMPOP 3 z MIN
		ZMPOP 1 z MIN COUNT 0
		ZMPOP 1 z MIN COUNT x
		ZMPOP 1 z MIN COUNT
		ZMPOP 1 z MIN COUNT 1 COUNT 2
		ZMPOP 1 z MIN FOO 2
		ZMPOP 2 s z MIN
		ZMPOP 2 z s MIN
		ZMPOP 1 z MAX COUNT 100
		EXISTS z
		ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g 8 h 9 i
		BZPOPMIN z 0
		BZPOPMAX none z 0.5
		BZPOPMIN z x
		BZPOPMIN z -1
		BZPOPMIN z
		BZPOPMIN s z 1
		BZPOPMIN none s z 1
		BZMPOP 0 1 z MIN
		BZMPOP 1 2 none z MAX COUNT 2
		BZMPOP x 1 z MIN
		BZMPOP -1 1 z MIN
		BZMPOP 1 0 z MIN
		BZMPOP 1 x z MIN
		BZMPOP 1 1 z FOO
		BZMPOP 1 1 z MIN COUNT 0
		BZMPOP 1 1 s MIN
		BZMPOP 1 1 z MIN COUNT 100
		ZADD z 1 a
		BZPOPMAX z 1
		EXISTS z
	`)
}

func TestZCombineAsStock(t *testing.T) {
	bothZSets(t, `
		ZADD a 1 x 2 y 3 z 4 w
		ZADD b 10 x 20 y 50 v
		ZADD c 100 y 200 z 300 u
		SADD s x y q
		SADD i 1 2 3
		ZADD n 5 1 6 2 7 4 8 x
		ZUNION 2 a b
		ZUNION 2 a b WITHSCORES
		ZUNION 3 a b c WITHSCORES WEIGHTS 1 2 3
		ZUNION 2 a b WITHSCORES AGGREGATE MIN
		ZUNION 2 a b WITHSCORES AGGREGATE max WEIGHTS 1 -1
		ZUNION 2 a none WITHSCORES
		ZUNION 1 none
		ZUNION 3 a s i WITHSCORES
		ZUNION 2 s i WITHSCORES WEIGHTS 2 3
		ZUNION 2 n i WITHSCORES
		ZUNION 2 a a WITHSCORES
		ZUNION 0 a
		ZUNION -1 a
		ZUNION x a
		ZUNION 3 a b
		ZUNION 2 a b WEIGHTS 1
		ZUNION 2 a b WEIGHTS 1 x
		ZUNION 2 a b WEIGHTS 1 nan
		ZUNION 2 a b AGGREGATE foo
		ZUNION 2 a b AGGREGATE
		ZUNION 2 a b LIMIT 1
		ZUNION 2 a b foo
		ZINTER 2 a b
		ZINTER 2 a b WITHSCORES
		ZINTER 3 a b c WITHSCORES WEIGHTS 1 2 3
		ZINTER 2 a b WITHSCORES AGGREGATE MIN
		ZINTER 2 a b WITHSCORES AGGREGATE MAX
		ZINTER 2 a none
		ZINTER 2 none a
		ZINTER 2 a s WITHSCORES
		ZINTER 2 s a WITHSCORES WEIGHTS 3 5
		ZINTER 2 s i
		ZINTER 2 n i WITHSCORES
		ZINTER 2 a a WITHSCORES WEIGHTS 2 3
		ZINTER 3 a a b WITHSCORES
		ZINTER 1 a WITHSCORES WEIGHTS 2
		ZINTER 0 a
		ZINTER 2 a b WITHSCORES AGGREGATE MIN AGGREGATE SUM
		ZDIFF 2 a b
		ZDIFF 2 a b WITHSCORES
		ZDIFF 3 a b c WITHSCORES
		ZDIFF 2 a none WITHSCORES
		ZDIFF 2 none a
		ZDIFF 2 a a
		ZDIFF 2 a s WITHSCORES
		ZDIFF 2 s a WITHSCORES
		ZDIFF 1 a
		ZDIFF 2 n i WITHSCORES
		ZDIFF 2 i n WITHSCORES
		ZDIFF 0 a
		ZDIFF 2 a b WEIGHTS 1 2
		ZDIFF 2 a b AGGREGATE MIN
		ZINTERCARD 2 a b
		ZINTERCARD 2 a b LIMIT 1
		ZINTERCARD 2 a b LIMIT 0
		ZINTERCARD 2 a b LIMIT 10
		ZINTERCARD 2 a b LIMIT -1
		ZINTERCARD 2 a b LIMIT x
		ZINTERCARD 2 a b LIMIT
		ZINTERCARD 2 a b WITHSCORES
		ZINTERCARD 2 a b WEIGHTS 1 2
		ZINTERCARD 2 a none
		ZINTERCARD 0 a
		ZINTERCARD x a
		ZINTERCARD 2 a s
		ZUNIONSTORE d 2 a b
		ZRANGE d 0 -1 WITHSCORES
		OBJECT ENCODING d
		ZUNIONSTORE d 2 a b WITHSCORES
		ZUNIONSTORE d 2 a b WEIGHTS 2 3 AGGREGATE MAX
		ZRANGE d 0 -1 WITHSCORES
		ZUNIONSTORE a 2 a b
		ZRANGE a 0 -1 WITHSCORES
		ZUNIONSTORE d 1 none
		EXISTS d
		ZUNIONSTORE d 1 none
		ZUNIONSTORE d 0 a
		ZUNIONSTORE d 3 a b
		ZUNIONSTORE d x a b
		ZINTERSTORE d 2 a b
		ZRANGE d 0 -1 WITHSCORES
		ZINTERSTORE d 2 a none
		EXISTS d
		ZINTERSTORE d 2 a s WEIGHTS 1 100
		ZRANGE d 0 -1 WITHSCORES
		ZINTERSTORE d 0 a
		ZDIFFSTORE d 2 a b
		ZRANGE d 0 -1 WITHSCORES
		ZDIFFSTORE d 2 a a
		EXISTS d
		ZDIFFSTORE d 2 a b WEIGHTS 1 2
		ZDIFFSTORE d 0 a
		SET str x
		ZUNION 2 a str
		ZUNION 2 a str foo
		ZUNIONSTORE d 2 str a
		ZINTER 2 none str
		ZINTERCARD 2 a str
		ZDIFF 2 a str
		ZUNIONSTORE str 1 a
		TYPE str
		ZADD inf inf x -inf y
		ZADD ninf -inf x inf y
		ZUNION 2 inf ninf WITHSCORES
		ZINTER 2 inf ninf WITHSCORES
		ZUNION 2 inf ninf WITHSCORES WEIGHTS 0 1
		ZINTER 2 inf ninf WITHSCORES WEIGHTS 0 1 AGGREGATE MAX
		ZUNION 2 inf ninf WITHSCORES WEIGHTS inf -inf AGGREGATE MIN
		ZADD f1 0.1 x
		ZADD f2 0.2 x 1 y
		ZADD f3 0.3 x 1 y 2 z
		ZUNION 3 f3 f2 f1 WITHSCORES
		ZUNION 3 f1 f2 f3 WITHSCORES
		ZINTER 3 f3 f1 f2 WITHSCORES
		ZUNIONSTORE s 1 s
		ZRANGE s 0 -1 WITHSCORES
		TYPE s
		EXPIRE d 1000
		ZUNIONSTORE d 1 a
		TTL d
	`)
}

func TestZRandMemberAndZScanAsStock(t *testing.T) {
	bothZSets(t, `
		ZADD z 1.5 a
		ZRANDMEMBER z
		ZRANDMEMBER none
		ZRANDMEMBER z 1
		ZRANDMEMBER z 5
		ZRANDMEMBER z 5 WITHSCORES
		ZRANDMEMBER z -3
		ZRANDMEMBER z -3 WITHSCORES
		ZRANDMEMBER z 0
		ZRANDMEMBER none 3
		ZRANDMEMBER none -3 WITHSCORES
		ZRANDMEMBER z x
		ZRANDMEMBER z 1 foo
		ZRANDMEMBER z 1 WITHSCORES foo
		ZRANDMEMBER z -9223372036854775808
		ZRANDMEMBER z -9223372036854775807 WITHSCORES
		ZRANDMEMBER z 9223372036854775807 WITHSCORES
		ZRANDMEMBER z 9223372036854775807
		ZSCAN z 0
		ZSCAN z 0 MATCH a
		ZSCAN z 0 MATCH b*
		ZSCAN z 0 COUNT 5
		ZSCAN z 0 COUNT 0
		ZSCAN z 0 COUNT x
		ZSCAN z 0 COUNT
		ZSCAN z 0 TYPE zset
		ZSCAN z x
		ZSCAN none 0
		ZSCAN none x
		ZSCAN none 0 COUNT 0
		ZADD f 0.1 m
		ZSCAN f 0
		ZADD g inf m
		ZSCAN g 0
		ZADD h 1e20 m
		ZSCAN h 0
		SET s x
		ZRANDMEMBER s
		ZRANDMEMBER s 1
		ZSCAN s 0
	`)
}

// In RESP3 scores are doubles, and come in pairs with their members.
func TestZSetsInRESP3AsStock(t *testing.T) {
	for _, entries := range []string{"128", "0"} {
		t.Run(entries, func(t *testing.T) {
			b, o := zsetPair(t, entries)
			b.reply.Proto = 3
			o.conn.Must(t, "HELLO", "3")
			compareOn(t, b, o, lines(`
				ZADD z 1 a 2.5 b inf c
				ZADD z INCR 1 a
				ZADD z NX INCR 1 a
				ZINCRBY z 1 a
				ZSCORE z a
				ZSCORE z none
				ZMSCORE z a none
				ZRANK z none
				ZRANGE z 0 -1
				ZRANGE z 0 -1 WITHSCORES
				ZRANGE z 5 6 WITHSCORES
				ZRANGE z 0 10 BYSCORE WITHSCORES
				ZREVRANGEBYSCORE z inf 0 WITHSCORES
				ZRANDMEMBER none 1 WITHSCORES
				ZRANDMEMBER z 3 WITHSCORES
				ZUNION 1 z WITHSCORES
				ZINTER 1 z
				ZDIFF 1 z WITHSCORES
				ZSCAN none 0
				ZPOPMIN z
				ZPOPMAX z 1
				ZPOPMAX none 1
				ZADD z 1 x 2 y 3 w 4 v
				ZMPOP 1 z MIN COUNT 2
				ZMPOP 1 none MIN
				BZPOPMIN z 0
				BZMPOP 0 1 z MIN
				ZSCAN z 0
			`))
		})
	}
}

// randomZSetLines are commands on a few keys with few members, so that most
// of them meet something.
func randomZSetLines(r *rand.Rand, n int) []string {
	key := func() string { return string("abc"[r.Intn(3)]) }
	member := func() string {
		if r.Intn(3) == 0 {
			return fmt.Sprint(r.Intn(30) - 5)
		}
		return "m" + fmt.Sprint(r.Intn(20))
	}
	score := func() string {
		switch r.Intn(8) {
		case 0:
			return []string{"inf", "-inf", "0", "-1"}[r.Intn(4)]
		case 1:
			return fmt.Sprint(r.NormFloat64())
		}
		return fmt.Sprint(r.Intn(10))
	}
	bound := func() string { return []string{"", "("}[r.Intn(2)] + score() }
	index := func() string { return fmt.Sprint(r.Intn(30) - 10) }
	pick := func(words ...string) string { return words[r.Intn(len(words))] }
	makers := []func() string{
		func() string { return "ZADD " + key() + " " + score() + " " + member() },
		func() string {
			return "ZADD " + key() + " " + score() + " " + member() + " " + score() + " " + member() + " " + score() + " " + member()
		},
		func() string {
			return "ZADD " + key() + " " + pick("NX", "XX", "GT", "LT", "CH", "GT CH", "XX LT", "INCR") + " " + score() + " " + member()
		},
		func() string { return "ZINCRBY " + key() + " " + score() + " " + member() },
		func() string { return "ZREM " + key() + " " + member() + " " + member() },
		func() string { return "ZRANK " + key() + " " + member() },
		func() string { return "ZREVRANK " + key() + " " + member() },
		func() string { return "ZSCORE " + key() + " " + member() },
		func() string {
			return "ZRANGE " + key() + " " + index() + " " + index() + pick("", " REV", " WITHSCORES", " REV WITHSCORES")
		},
		func() string {
			return "ZRANGE " + key() + " " + bound() + " " + bound() + " BYSCORE" + pick("", " REV", " WITHSCORES", " LIMIT 1 2", " REV LIMIT 1 3")
		},
		func() string { return "ZCOUNT " + key() + " " + bound() + " " + bound() },
		func() string { return "ZREVRANGEBYSCORE " + key() + " " + bound() + " " + bound() },
		func() string { return "ZREMRANGEBYRANK " + key() + " " + index() + " " + index() },
		func() string { return "ZREMRANGEBYSCORE " + key() + " " + bound() + " " + bound() },
		func() string { return pick("ZPOPMIN ", "ZPOPMAX ") + key() + pick("", " 2") },
		func() string {
			return pick("ZUNIONSTORE ", "ZINTERSTORE ", "ZDIFFSTORE ") + key() + " 2 " + key() + " " + key()
		},
		func() string {
			return pick("ZUNION", "ZINTER") + " 2 " + key() + " " + key() + " WITHSCORES" + pick("", " WEIGHTS 2 -1.5", " AGGREGATE MIN", " AGGREGATE MAX")
		},
		func() string { return "ZDIFF 2 " + key() + " " + key() },
		func() string { return "ZINTERCARD 2 " + key() + " " + key() },
		func() string { return "ZRANGESTORE " + key() + " " + key() + " " + index() + " " + index() },
		func() string { return "COPY " + key() + " " + key() + " REPLACE" },
		func() string { return "RENAME " + key() + " " + key() },
		func() string { return "OBJECT ENCODING " + key() },
		func() string { return "ZCARD " + key() },
	}
	list := make([]string, n)
	for i := range list {
		if r.Intn(3) == 0 {
			list[i] = makers[r.Intn(3)]()
		} else {
			list[i] = makers[r.Intn(len(makers))]()
		}
	}
	return list
}

func TestRandomZSetsAsStock(t *testing.T) {
	for _, entries := range []string{"128", "0", "5"} {
		t.Run(entries, func(t *testing.T) {
			seed := time.Now().UnixNano()
			t.Logf("seed %d", seed)
			compareWith(t, entries, randomZSetLines(rand.New(rand.NewSource(seed)), 1500))
		})
	}
}

// What came after 7.0.
func TestNewerZSets(t *testing.T) {
	for _, entries := range []int64{128, 0} {
		b := newBench(t)
		b.ks.Settings.Limits.ZSetEntries.Store(entries)
		for _, l := range lines(`
			ZADD z 1 a 2.5 b => :2
			ZRANK z b WITHSCORE => *2 :1 $3 2.5
			ZREVRANK z b withscore => *2 :0 $3 2.5
			ZRANK z none WITHSCORE => *-1
			ZRANK none a WITHSCORE => *-1
			ZRANK z a foo => -ERR syntax error
			ZRANK z a WITHSCORE x => -ERR wrong number of arguments for 'zrank' command
			ZADD y 7 b 8 c => :2
			SADD s b d => :2
			ZUNION 3 z y s WITHSCORES AGGREGATE COUNT => *8 $1 a $1 1 $1 c $1 1 $1 d $1 1 $1 b $1 3
			ZUNION 2 z y AGGREGATE count WEIGHTS 2 10 WITHSCORES => *6 $1 a $1 2 $1 c $2 10 $1 b $2 12
			ZINTER 3 z y s WITHSCORES AGGREGATE COUNT => *2 $1 b $1 3
			ZINTER 2 z y WITHSCORES WEIGHTS inf -inf AGGREGATE COUNT => *2 $1 b $1 0
			ZUNIONSTORE d 2 z y AGGREGATE COUNT => :3
			ZRANGE d 0 -1 WITHSCORES => *6 $1 a $1 1 $1 c $1 1 $1 b $1 2
			ZINTERSTORE d 2 z y AGGREGATE COUNT WEIGHTS 3 4 => :1
			ZSCORE d b => $1 7
			ZDIFF 2 z y AGGREGATE COUNT => -ERR syntax error
			ZINTERCARD 2 z y AGGREGATE COUNT => -ERR syntax error
		`) {
			line, reply, _ := strings.Cut(l, " => ")
			b.want(line, reply)
		}
	}
}
