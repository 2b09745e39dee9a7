package commands

import (
	"fmt"
	"strings"
	"testing"
)

// What Redis 7.0 knows is compared with it, over blocks of several sizes;
// XINFO shows more than it did then, and has tests of its own.

// compareStreams is compare with blocks of up to so many entries on both sides.
func compareStreams(t *testing.T, perBlock int, lines []string) {
	t.Helper()
	b, o := newBench(t), newOracle(t)
	b.ks.Settings.Limits.StreamEntries.Store(int64(perBlock))
	o.conn.Must(t, "CONFIG", "SET", "stream-node-max-entries", fmt.Sprint(perBlock))
	compareStreamLines(t, b, o, lines)
}

func eachBlockSize(t *testing.T, lines []string) {
	for _, n := range []int{1, 3, 100} {
		t.Run(fmt.Sprint(n), func(t *testing.T) { compareStreams(t, n, lines) })
	}
}

func compareStreamLines(t *testing.T, b *bench, o *oracle, lines []string) {
	t.Helper()
	failed := 0
	for _, line := range lines {
		words := split(line)
		b.events, b.journal = nil, nil
		got := oneLine(b.do(words...))
		want, events, journal := o.do(words...)
		want = oneLine(want)
		switch {
		case got != want && !(strings.HasPrefix(line, "XPENDING") && sameButIdle(got, want)):
			t.Errorf("%s\n got %.400q\nwant %.400q", line, got, want)
		case fmt.Sprint(b.events) != fmt.Sprint(events):
			t.Errorf("%s\n got events %v\nwant %v", line, b.events, events)
		case !sameJournal(b.journal, journal):
			t.Errorf("%s\n got journal %.500q\nwant %.500q", line, b.journal, journal)
		default:
			continue
		}
		if failed++; failed == 20 {
			t.Fatal("and so on")
		}
	}
	want, _, _ := o.do("DEBUG", "DIGEST")
	if got := b.do("DEBUG", "DIGEST"); got != want {
		t.Errorf("the data differ: digest %q, not %q", got, want)
	}
}

// sameButIdle compares replies in which integers may differ a little: how long entries have been waiting.
func sameButIdle(got, want string) bool {
	a, b := strings.Split(got, " "), strings.Split(want, " ")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		var x, y int
		n, _ := fmt.Sscanf(a[i], ":%d", &x)
		m, _ := fmt.Sscanf(b[i], ":%d", &y)
		if a[i] != b[i] && (n != 1 || m != 1 || max(x-y, y-x) > 1000) {
			return false
		}
	}
	return true
}

func TestXAddAsStock(t *testing.T) {
	eachBlockSize(t, lines(`
		XADD s 1-1 a 1
		XADD s 1-1 a 1
		XADD s 1-0 a 1
		XADD s 0-0 a 1
		XADD s 0 a 1
		XADD new 0-0 a 1
		XADD new 0-* a 1
		XADD new 0-* a 1
		XADD new 0-2 a 1
		XADD s 1-* a 2 b 3
		XADD s 2-* a 2
		XADD s 1-* a 2
		XADD s 3 a 2 b 3
		XADD s 4-0 a 2 b 3
		XADD s 4-1 b 3 a 2
		XADD s 4-2 a 2 c 3
		XADD s 4-3 a "" "" ""
		XADD s 5-18446744073709551615 a 1
		XADD s 5-* a 1
		XADD s 6-5 a 1
		XLEN s
		XRANGE s - +
		XADD s
		XADD s 9-9
		XADD s 9-9 a
		XADD s 9-9 a 1 b
		XADD s * a
		XADD s x a 1
		XADD s -1 a 1
		XADD s 1-x a 1
		XADD s - a 1
		XADD s + a 1
		XADD s 1-1-1 a 1
		XADD s " 7-1" a 1
		XADD s "+8-1" a 1
		XADD s 09-01 a 1
		XADD s "10- 1" a 1
		XADD s "11-\x001" a 1
		XADD s "12-1\x00x" a 1
		XADD s 13--1 a 1
		XADD s "13- -1" a 1
		XADD s 99999999999999999999-1 a 1
		XADD s 00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000014-1 a 1
		XADD s 18446744073709551615-18446744073709551615 a 1
		XADD s * a 1
		XADD s 5-* a 1
		XADD s 5-5 a 1
		XADD nomk NOMKSTREAM 1-1 a 1
		XADD nomk NOMKSTREAM 1-1 a
		EXISTS nomk
		XADD nomk nomkstream 0-0 a 1
		XADD t 1-1 a 1
		XADD t NOMKSTREAM 2-1 a 1
		XADD t MAXLEN 3 3-1 a 1
		XADD t MAXLEN = 3 4-1 a 1
		XADD t maxlen = 3 5-1 a 1
		XADD t MINID 4 6-1 a 1
		XADD t MINID = 5-1 7-1 a 1
		XADD t MAXLEN ~ 1 8-1 a 1
		XADD t 9-1 a 1
		XADD t MAXLEN -1 10-1 a 1
		XADD t MAXLEN x 10-1 a 1
		XADD t MINID x 10-1 a 1
		XADD t MINID - 10-1 a 1
		XADD t MAXLEN 1 MINID 2 10-2 a 1
		XADD t MAXLEN 1 MAXLEN 2 10-2 a 1
		XADD t MAXLEN 1 LIMIT 3 10-2 a 1
		XADD t MAXLEN = 1 LIMIT 3 10-2 a 1
		XADD t LIMIT 3 10-2 a 1
		XADD t LIMIT 0 10-2 a 1
		XADD t LIMIT 0 MAXLEN 5 10-3 a 1
		XADD t MAXLEN ~ 1 LIMIT -1 10-2 a 1
		XADD t MAXLEN ~ 1 LIMIT x 10-2 a 1
		XADD t MAXLEN ~
		XADD t MAXLEN ~ 5
		XADD t MAXLEN ~ 5 11-1
		XADD t MAXLEN ~ 5 LIMIT 11-1 a 1
		XADD t MAXLEN 0 12-1 a 1
		XLEN t
		XRANGE t - +
		XADD t MINID 100 13-1 a 1
		XLEN t
		XADD t MAXLEN MAXLEN 14-1 a 1
		SET str x
		XADD str 1-1 a 1
		XADD str NOMKSTREAM 1-1 a 1
		XADD str 0-0 a 1
	`))
}

func TestXRangeAsStock(t *testing.T) {
	text := "XGROUP CREATE empty g $ MKSTREAM\n"
	for i := range 20 {
		text += fmt.Sprintf("XADD s %d-%d n %d\n", i/3*7, i%3+1, i)
	}
	text += "XDEL s 7-1 7-2 7-3 14-2 42-2 0-1 99-1\n"
	for _, from := range strings.Fields("- 0 0-1 7 7-2 (7-2 14-1 (14-1 20 42-1 42-2 42 (42 43 + (- (+ ( (x x 7- (18446744073709551615-18446744073709551615") {
		for _, to := range strings.Fields("- 0-2 (0-0 7 (7 14 (14-3 42 43 + (- (+ x") {
			text += fmt.Sprintf("XRANGE s %s %s\nXREVRANGE s %s %s\n", from, to, to, from)
		}
	}
	compareLists := lines(text + `
		XRANGE s - + COUNT 1
		XRANGE s - + COUNT 3
		XRANGE s (0-2 + COUNT 3
		XREVRANGE s + - COUNT 4
		XRANGE s - + COUNT 0
		XRANGE s - + COUNT -1
		XRANGE nokey - + COUNT 0
		XRANGE nokey - +
		XRANGE s - + COUNT x
		XRANGE s - + COUNT
		XRANGE s - + COUNT 1 COUNT 2
		XRANGE s - + foo 2
		XRANGE s -
		XRANGE empty - +
		XREVRANGE empty + -
		SET str x
		XRANGE str - +
		XRANGE str x +
		XLEN str
		XLEN nokey
		XLEN empty
		XLEN s
	`)
	eachBlockSize(t, compareLists)
}

func TestXDelXTrimAsStock(t *testing.T) {
	text := ""
	for i := range 30 {
		text += fmt.Sprintf("XADD s %d-1 n %d\nXADD u %d-1 n %d m x\n", i+1, i, i+1, i)
	}
	eachBlockSize(t, lines(text+`
		XDEL s 5-1
		XDEL s 5-1
		XDEL s 5-1 6-1 6-1 7 8-1 x
		XDEL s 6-1 6-1 7-1 8 99-1
		XDEL nokey 1-1
		XDEL nokey x
		XDEL s x
		XDEL s
		XTRIM s MAXLEN 25
		XTRIM s MAXLEN 25
		XTRIM s MAXLEN = 24
		XTRIM s MAXLEN ~ 20
		XTRIM s MAXLEN ~ 12
		XTRIM s MINID 15
		XTRIM s MINID 15-1
		XTRIM s MINID = 16-1
		XTRIM s MINID ~ 22
		XTRIM s
		XTRIM s MAXLEN
		XTRIM s MAXLEN =
		XTRIM s MAXLEN ~
		XTRIM s MAXLEN -1
		XTRIM s MAXLEN x
		XTRIM s foo 3
		XTRIM s MAXLEN 3 foo
		XTRIM s MAXLEN 3 MINID 3
		XTRIM s MAXLEN 3 LIMIT 3
		XTRIM s LIMIT 3
		XTRIM s LIMIT 0
		XTRIM s NOMKSTREAM MAXLEN 5
		XTRIM s * MAXLEN 5
		XTRIM nokey MAXLEN 3
		XTRIM nokey MAXLEN x
		XRANGE s - +
		XDEL s 30-1
		XADD s 30-1 a 1
		XADD s 31-1 a 1
		XTRIM s MAXLEN 0
		XRANGE s - +
		XLEN s
		EXISTS s
		XADD s 31-1 a 1
		XADD s 32-1 a 1
		XDEL s 32-1
		XADD s 32-1 a 1
		XADD s 32-2 a 1
		XTRIM s MINID + 
		XTRIM s MINID -
		XTRIM u MAXLEN ~ 0
		XRANGE u - + COUNT 1
		XADD u 50-1 a 1
		COPY u v
		XADD v 51-1 b 2
		XRANGE v - + COUNT 3
		RENAME v w
		XADD w 52-1 b 2
		OBJECT ENCODING w
		TYPE w
		DEL w
		SET str x
		XDEL str 1-1
		XTRIM str MAXLEN 3
		XTRIM str foo
	`))
}

func TestXSetIDAsStock(t *testing.T) {
	eachBlockSize(t, lines(`
		XSETID nokey 1-1
		XADD s 5-5 a 1
		XSETID s 5-4
		XSETID s 5-5
		XSETID s 10-1
		XADD s 9-1 a 1
		XADD s 10-2 a 1
		XSETID s x
		XSETID s *
		XSETID s -
		XSETID s 20 ENTRIESADDED 1
		XSETID s 20 ENTRIESADDED 2
		XSETID s 20 ENTRIESADDED -1
		XSETID s 20 ENTRIESADDED x
		XSETID s 20 ENTRIESADDED
		XSETID s 20 MAXDELETEDID 21
		XSETID s 20 MAXDELETEDID x
		XSETID s 20 MAXDELETEDID 19-3
		XSETID s 19-2
		XSETID s 19-3 ENTRIESADDED 100 MAXDELETEDID 0-0
		XSETID s 21 foo
		XSETID s
		XDEL s 5-5 10-2
		XSETID s 19-3
		XSETID s 19-2
		XADD s 19-4 a 1
		SET str x
		XSETID str 1-1
		XSETID str x
	`))
}

// An ID that XSETID lets come again below that of a deleted entry once hung the stream.
func TestXSetIDBelowDeletedAsStock(t *testing.T) {
	eachBlockSize(t, lines(`
		XADD s 5-1 a 1
		XADD s 23-0 a 1
		XADD s 23-1 a 1
		XDEL s 23-1 23-0
		XSETID s 10
		XADD s 13-0 a 1
		XADD s 13-1 b 1
		XRANGE s - +
		XREVRANGE s + -
		XDEL s 23-0
		XADD s 30-0 a 1
		XRANGE s 13-0 23-0
		XREVRANGE s + -
	`))
}

func TestXReadAsStock(t *testing.T) {
	eachBlockSize(t, lines(`
		XADD a 1-1 n 1
		XADD a 2-1 n 2
		XADD a 3-1 n 3
		XADD b 5-1 m 1 n 2
		XGROUP CREATE e g $ MKSTREAM
		XREAD STREAMS a 0
		XREAD STREAMS a 1-1
		XREAD STREAMS a 3-1
		XREAD STREAMS a $
		XREAD STREAMS a 3-0
		XREAD COUNT 1 STREAMS a b 0 0
		XREAD COUNT 0 STREAMS a b 2-1 0
		XREAD COUNT -5 STREAMS a b nokey e 2-1 0 0 0
		XREAD STREAMS a a 2-1 1-1
		XREAD BLOCK 1 STREAMS a 0
		XREAD COUNT 2 BLOCK 1 STREAMS a 0
		XREAD STREAMS nokey 0
		XREAD STREAMS nokey $
		XREAD STREAMS e 0
		XREAD STREAMS a
		XREAD STREAMS a b 0
		XREAD STREAMS
		XREAD COUNT 1
		XREAD COUNT 1 a 0
		XREAD COUNT x STREAMS a 0
		XREAD COUNT STREAMS a 0
		XREAD BLOCK x STREAMS a 0
		XREAD BLOCK -1 STREAMS a 0
		XREAD BLOCK 1.5 STREAMS a 0
		XREAD GROUP g c STREAMS a 0
		XREAD NOACK STREAMS a 0
		XREAD STREAMS a >
		XREAD STREAMS a x
		XREAD STREAMS a -
		XREAD STREAMS a 18446744073709551615-18446744073709551615
		XREAD STREAMS a 18446744073709551615
		XDEL a 3-1
		XREAD STREAMS a 2-1
		XREAD STREAMS a 2-0
		XDEL a 1-1 2-1
		XREAD STREAMS a 0
		SET str x
		XREAD STREAMS str 0
		XREAD STREAMS b str 0 0
		XREAD STREAMS b str 0 x
		XREAD STREAMS b str x 0
		xread streams b 0
		XREADGROUP GROUP g c STREAMS a >
		XREADGROUP GROUP g c STREAMS nokey >
		XREADGROUP GROUP g c STREAMS a
		XREADGROUP GROUP g c COUNT 1 STREAMS a b >
		XREADGROUP STREAMS a b c d e f
		XREADGROUP COUNT 1 STREAMS a b > >
		XREADGROUP GROUP g c STREAMS e $
		XREADGROUP GROUP g c STREAMS e x
		XREADGROUP GROUP g c STREAMS e -
		XREADGROUP GROUP g c STREAMS str >
		XREADGROUP GROUP nogroup c STREAMS e >
		XREADGROUP GROUP g c foo STREAMS e >
	`))
}

func TestGroupsAsStock(t *testing.T) {
	text := ""
	for i := range 12 {
		text += fmt.Sprintf("XADD s %d-1 n %d\n", i+1, i)
	}
	eachBlockSize(t, lines(text+`
		XGROUP CREATE s g 0
		XGROUP CREATE s g 0
		XGROUP CREATE s g2 $
		XGROUP CREATE s g3 5-1 ENTRIESREAD 5
		XGROUP CREATE s g4 5-1 ENTRIESREAD -1
		XGROUP CREATE s g5 5-1 ENTRIESREAD -2
		XGROUP CREATE s g5 5-1 ENTRIESREAD x
		XGROUP CREATE s g5 5-1 ENTRIESREAD
		XGROUP CREATE s g5 5-1 foo
		XGROUP CREATE s g5 x
		XGROUP CREATE s g5 -
		XGROUP CREATE s g5
		XGROUP CREATE nokey g $
		XGROUP CREATE nokey g x MKSTREAM
		EXISTS nokey
		XGROUP CREATE made g $ MKSTREAM
		XGROUP CREATE made g $ MKSTREAM
		XGROUP CREATE made h 7-7 MKSTREAM ENTRIESREAD 3
		XGROUP SETID s g2 5-1
		XGROUP SETID s g2 $ ENTRIESREAD 12
		XGROUP SETID s g2 - ENTRIESREAD 3
		XGROUP SETID s g2 +
		XGROUP SETID s g2 x
		XGROUP SETID s g2 0 MKSTREAM
		XGROUP SETID s nogroup 0
		XGROUP SETID nokey g 0
		XGROUP SETID s g2 0
		XGROUP CREATECONSUMER s g c1
		XGROUP CREATECONSUMER s g c1
		XGROUP CREATECONSUMER s nogroup c1
		XGROUP CREATECONSUMER nokey g c1
		XGROUP DELCONSUMER s g nobody
		XGROUP DELCONSUMER s nogroup c
		XGROUP DELCONSUMER nokey g c
		XGROUP DESTROY s nogroup
		XGROUP DESTROY nokey g
		XGROUP FOO
		XGROUP FOO s g
		XGROUP
		XREADGROUP GROUP g c1 COUNT 2 STREAMS s >
		XREADGROUP GROUP g c2 COUNT 2 STREAMS s >
		XREADGROUP GROUP g c1 STREAMS s 0
		XREADGROUP GROUP g c1 STREAMS s 1-1
		XREADGROUP GROUP g c1 COUNT 1 STREAMS s 0
		XREADGROUP GROUP g c3 STREAMS s 0
		XREADGROUP GROUP g c3 NOACK COUNT 1 STREAMS s >
		XREADGROUP GROUP g c4 NOACK STREAMS s 0
		XREADGROUP GROUP g c5 NOACK BLOCK 1 COUNT 1 STREAMS s >
		XREADGROUP GROUP g3 c1 COUNT 3 STREAMS s >
		XREADGROUP GROUP g c1 STREAMS s made > >
		XPENDING s g
		XPENDING s g - + 10
		XPENDING s g - + 10 c1
		XPENDING s g - + 10 nobody
		XPENDING s g 2 4-1 10
		XPENDING s g (1-1 (4-1 10
		XPENDING s g - + 2
		XPENDING s g - + 0
		XPENDING s g - + -1
		XPENDING s g IDLE 0 - + 10
		XPENDING s g IDLE 1000000 - + 10
		XPENDING s g IDLE x - + 10
		XPENDING s g IDLE 0 - +
		XPENDING s g IDLE 0 - + 10 c1
		XPENDING s g - +
		XPENDING s g -
		XPENDING s g x + 10
		XPENDING s g - x 10
		XPENDING s g - + x
		XPENDING s g (+ + 10
		XPENDING s g - + 1 c d e
		XPENDING s nogroup
		XPENDING s nogroup - + 10
		XPENDING nokey g
		XPENDING made h
		XPENDING made h - + 10
		XACK s g 1-1
		XACK s g 1-1
		XACK s g 1-1 2-1 99-1
		XACK s g 3-1 x
		XACK s nogroup 1-1
		XACK s nogroup x
		XACK nokey g 1-1
		XACK s g
		XDEL s 3-1
		XREADGROUP GROUP g c2 STREAMS s 0
		XPENDING s g - + 20
		XREADGROUP GROUP g c1 STREAMS s >
		XPENDING s g
		XGROUP SETID s g 7
		XREADGROUP GROUP g c2 STREAMS s >
		XPENDING s g - + 20
		XGROUP DELCONSUMER s g c1
		XGROUP DELCONSUMER s g c2
		XPENDING s g
		XGROUP DESTROY s g
		XGROUP DESTROY s g
		XREADGROUP GROUP g c1 STREAMS s >
		XADD s MAXLEN 2 20-1 n 20
		XREADGROUP GROUP g3 c1 STREAMS s >
		XREADGROUP GROUP g3 c1 STREAMS s 0
		COPY s t
		XPENDING t g3 - + 20
		XREADGROUP GROUP g4 c1 COUNT 1 STREAMS t >
		SET str x
		XGROUP CREATE str g 0
		XGROUP CREATE str g 0 MKSTREAM
		XGROUP DESTROY str g
		XACK str g 1-1
		XPENDING str g
	`))
}

func TestClaimsAsStock(t *testing.T) {
	text := ""
	for i := range 12 {
		text += fmt.Sprintf("XADD s %d-1 n %d\n", i+1, i)
	}
	eachBlockSize(t, lines(text+`
		XGROUP CREATE s g 0
		XREADGROUP GROUP g a COUNT 8 STREAMS s >
		XCLAIM s g b 0 1-1
		XCLAIM s g b 1000000 2-1
		XCLAIM s g b -5 2-1 2-1 3-1 99-1
		XCLAIM s g c 0 4-1 JUSTID
		XCLAIM s g c 0 5-1 6-1 IDLE 5000 RETRYCOUNT 7
		XCLAIM s g c 0 5-1 TIME 1000 JUSTID
		XCLAIM s g c 0 5-1 TIME 99999999999999
		XCLAIM s g c 0 5-1 TIME -1
		XCLAIM s g c 0 5-1 IDLE -1000
		XCLAIM s g c 0 9-1
		XCLAIM s g c 0 9-1 FORCE
		XCLAIM s g c 0 10-1 FORCE JUSTID
		XCLAIM s g c 0 77-1 FORCE
		XCLAIM s g c 0 5-1 LASTID 10-1
		XCLAIM s g c 1000000 5-1 LASTID 11-1
		XCLAIM s g newconsumer 1000000 5-1
		XCLAIM s g c 0 LASTID 1-1
		XCLAIM s g c x 5-1
		XCLAIM s g c 0 5-1 x
		XCLAIM s g c 0 x
		XCLAIM s g c 0 5-1 IDLE
		XCLAIM s g c 0 5-1 IDLE x
		XCLAIM s g c 0 5-1 TIME x
		XCLAIM s g c 0 5-1 RETRYCOUNT x
		XCLAIM s g c 0 5-1 RETRYCOUNT -1
		XCLAIM s g c 0 5-1 RETRYCOUNT 0
		XCLAIM s g c 0 5-1 LASTID x
		XCLAIM s g c 0 5-1 FORCE 6-1
		XCLAIM s nogroup c 0 5-1
		XCLAIM nokey g c 0 5-1
		XCLAIM nokey g c x 5-1
		XCLAIM s g c 0
		XPENDING s g - + 20
		XDEL s 1-1 2-1 7-1
		XCLAIM s g c 0 1-1
		XCLAIM s g c 0 1-1
		XCLAIM s g c 0 2-1 JUSTID
		XPENDING s g
		XAUTOCLAIM s g d 0 - COUNT 3
		XAUTOCLAIM s g d 0 0 COUNT 3 JUSTID
		XAUTOCLAIM s g d 0 5-1 COUNT 2
		XAUTOCLAIM s g d 0 (5-1 COUNT 2
		XAUTOCLAIM s g d 1000000 0
		XAUTOCLAIM s g e 0 0
		XAUTOCLAIM s g e 0 99
		XAUTOCLAIM s g e 0 +
		XAUTOCLAIM s g e 0 0 COUNT 0
		XAUTOCLAIM s g e 0 0 COUNT -1
		XAUTOCLAIM s g e 0 0 COUNT x
		XAUTOCLAIM s g e 0 0 COUNT 9223372036854775807
		XAUTOCLAIM s g e 0 0 COUNT
		XAUTOCLAIM s g e 0 0 foo
		XAUTOCLAIM s g e x 0
		XAUTOCLAIM s g e 0 x
		XAUTOCLAIM s g e -5 0 COUNT 1
		XAUTOCLAIM s g e 0 (18446744073709551615-18446744073709551615
		XAUTOCLAIM s nogroup e 0 0
		XAUTOCLAIM nokey g e 0 0
		XAUTOCLAIM nokey g e 0 x
		XAUTOCLAIM nokey g e 0 0 foo
		XDEL s 3-1 4-1 5-1 6-1
		XAUTOCLAIM s g f 0 0 COUNT 2
		XAUTOCLAIM s g f 0 0
		XPENDING s g - + 20
		SET str x
		XCLAIM str g c 0 5-1
		XAUTOCLAIM str g c 0 0
	`))
}
