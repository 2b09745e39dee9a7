package commands

import (
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/hll"
)

func TestHyperLogLogsAsStock(t *testing.T) {
	compare(t, lines(`
		PFADD h
		PFADD h
		GET h
		OBJECT ENCODING h
		PFADD h a b c d e f g
		PFADD h a b c
		GET h
		PFCOUNT h
		GET h
		PFCOUNT h
		PFADD h h
		PFCOUNT h
		STRLEN h
		PFADD new x
		GET new
		PFCOUNT nokey
		PFCOUNT nokey nokey
		PFCOUNT h new nokey
		PFMERGE m h new nokey
		GET m
		PFMERGE m
		PFMERGE solo
		GET solo
		PFMERGE h h
		GET h
		PFDEBUG ENCODING h
		PFDEBUG DECODE h
		PFDEBUG DECODE solo
		PFDEBUG encoding nokey
		PFDEBUG foo h
		PFDEBUG foo nokey
		PFDEBUG TODENSE m
		PFDEBUG TODENSE m
		PFDEBUG DECODE m
		PFDEBUG ENCODING m
		GET m
		PFDEBUG GETREG new
		PFDEBUG ENCODING new
		PFCOUNT m new
		PFCOUNT m
		PFADD m x y z
		PFMERGE solo m
		GET solo
		PFMERGE m solo
		PFCOUNT solo m h
		EXPIRE h 1000
		PFADD h yes
		TTL h
		PFMERGE h m
		TTL h
		SET s foo
		PFADD s x
		PFCOUNT s
		PFCOUNT h s
		PFMERGE h s
		PFMERGE s h
		PFDEBUG ENCODING s
		SET i 123
		PFADD i x
		PFCOUNT i
		SET s HYLL
		PFADD s x
		SET s "HYLL\x00............"
		PFCOUNT s
		SET s "HYLL\x02...\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xff"
		PFCOUNT s
		SET s "HYLL\x01...\x00\x00\x00\x00\x00\x00\x00\x80\x7f\xfe"
		PFCOUNT s
		PFCOUNT s h
		PFCOUNT h s
		PFMERGE h s
		PFMERGE s h
		PFADD s x
		PFDEBUG GETREG s
		PFDEBUG TODENSE s
		SET s "HYLL\x01...\x05\x00\x00\x00\x00\x00\x00\x00\x7f\xff"
		OBJECT ENCODING s
		PFCOUNT s
		OBJECT ENCODING s
		PFADD s x
		OBJECT ENCODING s
		GET s
		SET s "HYLL\x01...\x05\x00\x00\x00\x00\x00\x00\x80\x7f\xff"
		PFCOUNT s
		GET s
		PFADD h ""
		PFADD h a ab abc abcd abcde abcdef abcdefg abcdefgh abcdefghi
		PFCOUNT h
		PFADD
		PFCOUNT
		PFMERGE
		PFSELFTEST
		PFSELFTEST x
	`))
}

// The same elements leave the same bytes, whatever the encoding, and the same estimates.
func TestRandomHyperLogLogsAsStock(t *testing.T) {
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewSource(seed))
	var commands []string
	key := func() string { return string(rune('a' + r.Intn(4))) }
	for i := range 700 {
		switch r.Intn(12) {
		case 0:
			commands = append(commands, "PFCOUNT "+key())
		case 1:
			commands = append(commands, "PFCOUNT "+key()+" "+key()+" "+key())
		case 2:
			commands = append(commands, "PFMERGE "+key()+" "+key()+" "+key())
		case 3:
			if i%3 == 0 {
				commands = append(commands, "DEL "+key())
			}
		default:
			var b strings.Builder
			b.WriteString("PFADD " + key())
			for range 1 + r.Intn(60) {
				fmt.Fprintf(&b, " %x", r.Intn(100000))
			}
			commands = append(commands, b.String())
		}
	}
	compare(t, append(commands, "GET a", "GET b", "GET c", "GET d", "PFDEBUG DECODE a", "STRLEN a", "STRLEN b"))
}

// Strings of one server are read, changed and estimated in the other.
func TestHyperLogLogsExchange(t *testing.T) {
	b, o := newBench(t), newOracle(t)
	for _, n := range []int{0, 1, 10, 500, 1500, 3000, 100000} {
		for i := 0; i < n; i += 500 {
			words := []string{"PFADD", "h"}
			for j := i; j < min(i+500, n); j++ {
				words = append(words, strconv.Itoa(j*7919))
			}
			b.do(words...)
		}
		if n == 0 {
			b.do("PFADD", "h")
		}
		ours := b.ctxValue(t, "h")
		o.do("SET", "h", ours)
		for _, command := range [][]string{
			{"PFCOUNT", "h"}, {"PFADD", "h", "something", "else"}, {"PFCOUNT", "h"}, {"GET", "h"}, {"PFCOUNT", "h", "h"},
		} {
			want, _, _ := o.do(command...)
			if got := b.do(command...); got != want {
				t.Errorf("%d elements, %v: %.100q, want %.100q", n, command, got, want)
			}
		}
		b.do("DEL", "h")
	}
}

// ctxValue returns the string at a key.
func (b *bench) ctxValue(t *testing.T, key string) string {
	t.Helper()
	_, text, ok := strings.Cut(b.do("GET", key), "\r\n")
	if !ok {
		t.Fatal("no value")
	}
	return strings.TrimSuffix(text, "\r\n")
}

// Whatever string a client sets, the commands answer.
func FuzzHyperLogLogStrings(f *testing.F) {
	f.Add([]byte{0x7f, 0xff}, "x")
	f.Add([]byte{0x84, 0x7f}, "y")
	f.Fuzz(func(t *testing.T, runs []byte, element string) {
		b := newBench(t)
		s := string(hll.AppendEmpty(nil)[:hll.HeaderSize]) + string(runs)
		b.do("SET", "s", s)
		for _, words := range [][]string{
			{"PFCOUNT", "s"}, {"PFCOUNT", "s", "s"}, {"PFADD", "s", element}, {"PFDEBUG", "DECODE", "s"},
			{"PFMERGE", "d", "s"}, {"PFMERGE", "s", "d"}, {"PFDEBUG", "GETREG", "s"},
		} {
			if reply := b.do(words...); reply == "" {
				t.Fatalf("%v: no reply", words)
			}
		}
	})
}
