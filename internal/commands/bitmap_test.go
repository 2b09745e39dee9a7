package commands

import (
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"testing"
	"time"
)

func TestBitmapsAsStock(t *testing.T) {
	compare(t, lines(`
		SETBIT b 7 1
		SETBIT b 7 1
		SETBIT b 7 0
		SETBIT b 100 0
		STRLEN b
		SETBIT b 100 1
		GETBIT b 100
		GETBIT b 101
		GETBIT b 4294967295
		GETBIT b 4294967296
		GETBIT b -1
		GETBIT b x
		GETBIT b 01
		GETBIT nokey 5
		OBJECT ENCODING b
		SETBIT b 4294967296 1
		SETBIT b -1 1
		SETBIT b x 1
		SETBIT b 1 2
		SETBIT b 1 x
		SETBIT b 1 -1
		SETBIT b x 2
		SETBIT b 1
		SET n 1234
		SETBIT n 3 1
		OBJECT ENCODING n
		GET n
		SET m 1234
		SETBIT m 2 1
		OBJECT ENCODING m
		GETBIT m 3
		SET e abc
		SETBIT e 1 1
		OBJECT ENCODING e
		SET i 77
		GETBIT i 2
		OBJECT ENCODING i
		SET ttl x EX 1000
		SETBIT ttl 50 1
		TTL ttl
		SET foo foobar
		BITCOUNT foo
		BITCOUNT foo 0 0
		BITCOUNT foo 1 1
		BITCOUNT foo 0 -1 BIT
		BITCOUNT foo 5 30 BIT
		BITCOUNT foo 5 30 bit
		BITCOUNT foo 5 30 BYTE
		BITCOUNT foo 1 1 BYTE
		BITCOUNT foo -2 -1
		BITCOUNT foo -1 -2
		BITCOUNT foo -100 -50
		BITCOUNT foo -50 -100
		BITCOUNT foo -6 -7
		BITCOUNT foo -100 100
		BITCOUNT foo 3 2
		BITCOUNT foo 6 10
		BITCOUNT foo 0
		BITCOUNT foo 0 x
		BITCOUNT foo x 0
		BITCOUNT foo 0 1 foo
		BITCOUNT foo -1 -5 foo
		BITCOUNT foo 0 1 BIT x
		BITCOUNT nokey
		BITCOUNT nokey 0
		BITCOUNT nokey x y z
		BITCOUNT i
		BITCOUNT foo -9223372036854775808 9223372036854775807 BIT
		BITCOUNT foo -9223372036854775808 -9223372036854775808
		SET p "\xff\xf0\x00"
		BITPOS p 0
		BITPOS p 1
		BITPOS p 1 2
		BITPOS p 0 0 0
		BITPOS p 0 0
		BITPOS p 0 1
		BITPOS p 1 1 1
		BITPOS p 1 9 20 BIT
		BITPOS p 1 12 20 BIT
		BITPOS p 0 9 20 BIT
		BITPOS p 0 0 11 BIT
		BITPOS p 0 0 12 BIT
		BITPOS p 0 3 -1
		BITPOS p 0 5
		BITPOS p 1 -1 -1
		BITPOS p 1 -2
		BITPOS p 0 2 1
		BITPOS p 1 -100 100
		BITPOS p 2
		BITPOS p -1
		BITPOS p x
		BITPOS p 1 x
		BITPOS p 1 0 x
		BITPOS p 1 0 1 foo
		BITPOS p 1 0 x foo
		BITPOS p 1 x 1 foo
		BITPOS p 1 0 1 BIT x
		BITPOS nokey 0
		BITPOS nokey 1
		BITPOS nokey 0 x
		BITPOS nokey 1 0 1 foo
		SET ones "\xff\xff\xff"
		BITPOS ones 0
		BITPOS ones 0 0
		BITPOS ones 0 2
		BITPOS ones 0 0 -1
		BITPOS ones 0 0 -1 BIT
		BITPOS ones 0 0 -1 BYTE
		BITPOS ones 0 3
		SET zeros "\x00\x00"
		BITPOS zeros 1
		BITPOS zeros 1 0
		SET empty ""
		BITPOS empty 0
		BITPOS empty 1
		BITPOS empty 0 0
		BITPOS empty 0 0 -1
		BITCOUNT empty
		BITCOUNT empty 0 -1
		BITCOUNT empty 0 -1 BIT
		LPUSH list x
		GETBIT list 1
		SETBIT list 1 1
		BITCOUNT list
		BITPOS list 1
		BITFIELD list GET u8 0
		BITFIELD list SET u8 0 1
		BITFIELD_RO list GET u8 0
		BITOP AND dst list foo
		PFADD list x
		PFCOUNT list
		PFCOUNT list list
		PFMERGE list foo
		PFDEBUG ENCODING list
		DEL list
	`))
}

func TestBitOpAsStock(t *testing.T) {
	compare(t, lines(`
		SET a "\x0f\xf0\xaa\x55 and more than that"
		SET b "\xff\x00\x3c"
		SET c 123
		SET e ""
		BITOP AND d a b
		GET d
		OBJECT ENCODING d
		BITOP OR d a b c
		GET d
		BITOP XOR d a b c nokey
		GET d
		BITOP NOT d a
		GET d
		BITOP not a a
		GET a
		BITOP AND d a
		GET d
		BITOP OR d nokey a
		GET d
		BITOP AND d nokey a
		GET d
		BITOP NOT d
		BITOP NOT d a b
		BITOP FOO d a
		BITOP FOO d
		BITOP AND d e
		BITOP AND d nokey
		EXISTS d
		BITOP AND d nokey
		SET d x EX 1000
		BITOP XOR d a b
		TTL d
		BITOP XOR d d d
		GET d
		SET d x EX 1000
		BITOP OR d c nokey
		OBJECT ENCODING d
		SETRANGE big 5000 abc
		SETRANGE large 20000 xyz
		BITOP OR big big large a
		STRLEN big
		BITOP XOR big big large
		BITCOUNT big
		BITOP AND big a b
		OBJECT ENCODING big
		EXPIRE large 1000
		BITOP NOT large large
		TTL large
		BITCOUNT large
		BITOP XOR large large large
		BITCOUNT large
	`))
}

func TestBitFieldAsStock(t *testing.T) {
	compare(t, lines(`
		BITFIELD f
		BITFIELD f GET u8 0
		EXISTS f
		BITFIELD f SET u8 0 255 GET u8 0
		BITFIELD f SET i8 #1 -100 GET i8 #1 GET u8 8
		BITFIELD f SET u8 0 255
		BITFIELD f INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
		BITFIELD f INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
		BITFIELD f INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
		BITFIELD f INCRBY u2 100 1 OVERFLOW SAT INCRBY u2 102 1
		BITFIELD f OVERFLOW FAIL INCRBY u2 102 1
		BITFIELD f OVERFLOW FAIL INCRBY u2 102 1 OVERFLOW WRAP INCRBY u2 102 1
		BITFIELD f overflow sat set i8 0 1000 get i8 0
		BITFIELD f OVERFLOW SAT SET i8 0 -1000 GET i8 0
		BITFIELD f OVERFLOW SAT SET i8 0 -9223372036854775808 GET i8 0
		BITFIELD f OVERFLOW SAT SET u8 0 -5 GET u8 0
		BITFIELD f OVERFLOW FAIL SET u8 0 300 GET u8 0
		BITFIELD f OVERFLOW WRAP SET u8 0 300 GET u8 0
		BITFIELD f SET i64 3 9223372036854775807 GET i64 3 INCRBY i64 3 1 OVERFLOW SAT INCRBY i64 3 -1
		BITFIELD f SET u63 3 9223372036854775807 GET u63 3 INCRBY u63 3 1 OVERFLOW SAT INCRBY u63 3 -1
		BITFIELD f SET i1 200 1 GET i1 200 GET u1 200
		BITFIELD f GET u64 0
		BITFIELD f GET u0 0
		BITFIELD f GET i65 0
		BITFIELD f GET i64 0
		BITFIELD f GET x8 0
		BITFIELD f GET u 0
		BITFIELD f GET "" 0
		BITFIELD f GET u8x 0
		BITFIELD f GET u08 0
		BITFIELD f GET u8 -1
		BITFIELD f GET u8 x
		BITFIELD f GET u8 #x
		BITFIELD f GET u8 #-1
		BITFIELD f GET u8 4294967296
		BITFIELD f GET u8 4294967295
		BITFIELD f GET u8 #536870912
		BITFIELD f GET u8 #536870911
		BITFIELD f GET u8 ##1
		BITFIELD f GET u8
		BITFIELD f SET u8 0
		BITFIELD f SET u8 0 x
		BITFIELD f SET u8 0 99999999999999999999
		BITFIELD f INCRBY u8 0 x
		BITFIELD f OVERFLOW
		BITFIELD f OVERFLOW foo
		BITFIELD f OVERFLOW foo GET u8 0
		BITFIELD f OVERFLOW SAT
		BITFIELD f foo
		BITFIELD f GET u8 0 foo
		BITFIELD f SET u8 0 1 GET u9 x
		BITFIELD_RO f GET u8 0 GET i8 #1
		BITFIELD_RO f
		BITFIELD_RO f SET u8 0 1
		BITFIELD_RO f OVERFLOW SAT GET u8 0
		BITFIELD_RO nokey GET u8 0
		BITFIELD_RO f INCRBY u8 0 1
		COMMAND GETKEYSANDFLAGS BITFIELD f
		COMMAND GETKEYSANDFLAGS BITFIELD f GET u8 0
		COMMAND GETKEYSANDFLAGS BITFIELD f GET u8 0 OVERFLOW SAT
		COMMAND GETKEYSANDFLAGS BITFIELD f GET u8 0 SET u8 0 1
		COMMAND GETKEYSANDFLAGS BITFIELD f INCRBY u8 0 1
		COMMAND GETKEYSANDFLAGS BITFIELD f foo
		SET n 12345
		BITFIELD n GET u8 0
		OBJECT ENCODING n
		BITFIELD n SET u8 #2 88
		GET n
		OBJECT ENCODING n
		SET ttl abc EX 1000
		BITFIELD ttl INCRBY i16 #3 5
		TTL ttl
		GET ttl
	`))
}

func TestRandomBitsAsStock(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	var commands []string
	key := func() string { return string(rune('a' + r.Intn(4))) }
	num := func() int { return r.Intn(80) - 40 }
	for range 1200 {
		unit := []string{"", " BIT", " BYTE"}[r.Intn(3)]
		line := ""
		switch r.Intn(8) {
		case 0:
			line = fmt.Sprintf("SETBIT %s %d %d", key(), r.Intn(300), r.Intn(2))
		case 1:
			line = fmt.Sprintf("BITCOUNT %s %d %d%s", key(), num(), num(), unit)
		case 2:
			line = fmt.Sprintf("BITPOS %s %d %d %d%s", key(), r.Intn(2), num(), num(), unit)
		case 3:
			line = fmt.Sprintf("BITPOS %s %d %d", key(), r.Intn(2), num())
		case 4:
			line = fmt.Sprintf("BITOP %s %s %s %s %s", []string{"AND", "OR", "XOR"}[r.Intn(3)], key(), key(), key(), key())
		case 5:
			line = fmt.Sprintf("BITOP NOT %s %s", key(), key())
		case 6:
			line = "SETRANGE " + key() + fmt.Sprintf(" %d ", r.Intn(40)) + strconv.Quote(string([]byte{byte(r.Int()), byte(r.Int())}))
		default:
			line = randomFieldOps(r, key())
		}
		commands = append(commands, line)
	}
	compare(t, commands)
}

func randomFieldOps(r *rand.Rand, key string) string {
	var b strings.Builder
	b.WriteString("BITFIELD " + key)
	for range r.Intn(3) + 1 {
		typ := fmt.Sprintf("%c%d", "iu"[r.Intn(2)], r.Intn(63)+1)
		at := fmt.Sprintf("%d", r.Intn(200))
		if r.Intn(3) == 0 {
			at = fmt.Sprintf("#%d", r.Intn(5))
		}
		value := (r.Int63() - r.Int63()) >> r.Intn(63)
		switch r.Intn(4) {
		case 0:
			fmt.Fprintf(&b, " GET %s %s", typ, at)
		case 1:
			fmt.Fprintf(&b, " SET %s %s %d", typ, at, value)
		case 2:
			fmt.Fprintf(&b, " INCRBY %s %s %d", typ, at, value)
		case 3:
			fmt.Fprintf(&b, " OVERFLOW %s INCRBY %s %s %d", []string{"WRAP", "SAT"}[r.Intn(2)], typ, at, value)
		}
	}
	return b.String()
}

// What came with Redis 8.2.
func TestNewerBitOps(t *testing.T) {
	b := newBench(t)
	for _, step := range [][2]string{
		{`SET x "\xf0\xff"`, "+OK"}, {`SET y "\xc0"`, "+OK"}, {`SET z "\x30\x0f\x01"`, "+OK"},
		{"BITOP DIFF d x y z", ":3"}, {"BITFIELD d GET u24 0", "*1 :61440"},
		{"BITOP DIFF1 d x y z", ":3"}, {"BITFIELD d GET u24 0", "*1 :1"},
		{"BITOP ANDOR d x y z", ":3"}, {"BITFIELD d GET u24 0", "*1 :15732480"},
		{"BITOP ONE d x y z", ":3"}, {"BITFIELD d GET u24 0", "*1 :61441"},
		{"BITOP ONE d x", ":2"}, {"BITFIELD d GET u16 0", "*1 :61695"},
		{"BITOP one x x x", ":2"}, {"BITCOUNT x", ":0"},
		{"BITOP DIFF y y y", ":1"}, {"BITCOUNT y", ":0"},
		{"BITOP ANDOR y nokey nokey", ":0"}, {"EXISTS y", ":0"},
		{"BITOP DIFF d x", "-ERR BITOP DIFF must be called with at least two source keys."},
		{"BITOP diff1 d x", "-ERR BITOP DIFF1 must be called with at least two source keys."},
		{"BITOP ANDOR d x", "-ERR BITOP ANDOR must be called with at least two source keys."},
	} {
		b.want(step[0], step[1])
	}
}
