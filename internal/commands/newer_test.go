package commands

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The commands and options that came after 7.0 have no stock server to be
// compared with: their behaviour as documented is written down here.

func TestSetConditions(t *testing.T) {
	b := newBench(t)
	for _, c := range [][2]string{
		{"SET k v IFEQ x", "$-1"},
		{"EXISTS k", ":0"},
		{"SET k v IFDEQ 1234567890", "$-1"}, // a digest is looked at only if there is something to compare
		{"SET k v IFNE x", "+OK"},
		{"SET k w IFNE v", "$-1"},
		{"SET k w IFEQ v", "+OK"},
		{"SET k x IFEQ w GET", "$1 w"},
		{"SET k y IFEQ w GET", "$1 x"},
		{"SET none y IFEQ w GET", "$-1"},
		{"SET new y IFDNE 1234567890 GET", "$-1"},
		{"GET new", "$1 y"},
		{"SET k hello ifeq x", "+OK"},
		{"DIGEST k", "$16 9555e8555c62dcfd"},
		{"SET k hello IFDNE 9555e8555c62dcfd", "$-1"},
		{"SET k hello IFDEQ 9555E8555C62DCFD", "+OK"},
		{"SET k hello IFDEQ 9555e8555c62dcf", "-ERR must be exactly 16 hexadecimal characters"},
		{"SET k hello IFDNE \"\" GET", "-ERR must be exactly 16 hexadecimal characters"},
		{"SET k 12345 IFEQ hello EX 100", "+OK"},
		{"TTL k", ":100"},
		{"SET k 12346 IFEQ 12345 KEEPTTL", "+OK"},
		{"TTL k", ":100"},
		{"SET k x IFEQ", "-ERR syntax error"},
		{"SET k x IFEQ a NX", "-ERR syntax error"},
		{"SET k x XX IFEQ a", "-ERR syntax error"},
		{"SET k x IFEQ a IFNE b", "-ERR syntax error"},
		{"SET k x IFEQ a IFEQ 12346", "+OK"},
	} {
		b.want(c[0], c[1])
	}
	wantJournal(t, b, []string{"SET k v", "SET k w", "SET k x", "SET new y", "SET k hello", "SET k hello",
		"SET k 12345 PXAT *", "SET k 12346 KEEPTTL", "SET k x"})
}

// wantJournal compares what was journalled; a * stands for any word.
func wantJournal(t *testing.T, b *bench, want []string) {
	t.Helper()
	effects := b.effects()
	ok := len(effects) == len(want)
	for i := 0; ok && i < len(want); i++ {
		got, want := strings.Split(effects[i], " "), strings.Split(want[i], " ")
		ok = len(got) == len(want)
		for j := 0; ok && j < len(want); j++ {
			ok = want[j] == "*" || got[j] == want[j]
		}
	}
	if !ok {
		t.Errorf("journal %q, want %q", effects, want)
	}
	b.journal = nil
}

func wantEvents(t *testing.T, b *bench, want ...string) {
	t.Helper()
	if fmt.Sprint(b.events) != fmt.Sprint(want) {
		t.Errorf("events %v, want %v", b.events, want)
	}
	b.events = nil
}

func TestDigest(t *testing.T) {
	b := newBench(t)
	b.want("DIGEST k", "$-1")
	b.do("SET", "k", "v8lf0c11xh8ymlqztfd3eeq16kfn4sspw7fqmnuuq3k3t75em5wdizgcdw7uc26nnf961u2jkfzkjytls2kwlj7626sd")
	b.want("DIGEST k", "$16 00006c38adf31777")
	b.want("SET k 12345", "+OK")
	b.want("SET raw 1234", "+OK")
	b.want("APPEND raw 5", ":5")
	if b.do("DIGEST", "k") != b.do("DIGEST", "raw") {
		t.Error("the digest depends on the encoding")
	}
	b.want("DIGEST", "-ERR wrong number of arguments for 'digest' command")
}

func TestDelEx(t *testing.T) {
	b := newBench(t)
	for _, c := range [][2]string{
		{"DELEX k", ":0"},
		{"DELEX k IFEQ x", ":0"},
		{"DELEX k IFDNE 1", ":0"},
		{"DELEX k FOO x", ":0"},
		{"DELEX k IFEQ", "-ERR wrong number of arguments for 'delex' command"},
		{"DELEX k IFEQ a b", "-ERR wrong number of arguments for 'delex' command"},
		{"SET k 12345", "+OK"},
		{"DELEX k IFEQ 1", ":0"},
		{"DELEX k IFNE 12345", ":0"},
		{"DELEX k FOO 12345", "-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE"},
		{"DELEX k IFDEQ 123", "-ERR must be exactly 16 hexadecimal characters"},
		{"DELEX k IFEQ 12345", ":1"},
		{"SET k hello", "+OK"},
		{"DELEX k IFDNE 9555e8555c62dcfd", ":0"},
		{"DELEX k ifdeq 9555E8555C62DCFD", ":1"},
		{"SET k hello", "+OK"},
		{"DELEX k", ":1"},
		{"EXISTS k", ":0"},
		{"COMMAND GETKEYSANDFLAGS DELEX k", "*1 *2 $1 k *2 +RM +delete"},
	} {
		b.want(c[0], c[1])
	}
	wantJournal(t, b, []string{"SET k 12345", "DEL k", "SET k hello", "DEL k", "SET k hello", "DEL k"})
	wantEvents(t, b, "set@0:k", "del@0:k", "set@0:k", "del@0:k", "set@0:k", "del@0:k")
}

func TestMSetEx(t *testing.T) {
	b := newBench(t)
	for _, c := range [][2]string{
		{"MSETEX 2 a 1 b 2 EX 100", ":1"},
		{"TTL b", ":100"},
		{"MSETEX 2 a 3 c 4 NX", ":0"},
		{"EXISTS c", ":0"},
		{"MSETEX 2 a 3 c 4 XX", ":0"},
		{"MSETEX 2 a 3 b 4 xx keepttl", ":1"},
		{"TTL a", ":100"},
		{"MGET a b", "*2 $1 3 $1 4"},
		{"MSETEX 2 c 1 d 2 NX PX 100000", ":1"},
		{"MSETEX 1 a 5", ":1"},
		{"TTL a", ":-1"},
		{"MSETEX 1 a EX PX 1000", ":1"}, // EX is the value
		{"MSETEX x a 1", "-ERR invalid numkeys value"},
		{"MSETEX 0 a 1", "-ERR invalid numkeys value"},
		{"MSETEX -1 a 1", "-ERR invalid numkeys value"},
		{"MSETEX 2147483648 a 1", "-ERR invalid numkeys value"},
		{"MSETEX 2147483647 a 1", "-ERR wrong number of key-value pairs"},
		{"MSETEX 2 a 1 b", "-ERR wrong number of key-value pairs"},
		{"MSETEX 1 a", "-ERR wrong number of arguments for 'msetex' command"},
		{"MSETEX 1 a 1 foo", "-ERR syntax error"},
		{"MSETEX 1 a 1 EX", "-ERR syntax error"},
		{"MSETEX 1 a 1 NX XX", "-ERR syntax error"},
		{"MSETEX 1 a 1 EX 1 PX 1", "-ERR syntax error"},
		{"MSETEX 1 a 1 KEEPTTL EX 1", "-ERR syntax error"},
		{"MSETEX 1 a 1 EX 0", "-ERR invalid expire time in 'msetex' command"},
		{"MSETEX 1 a 1 EX x", "-ERR value is not an integer or out of range"},
		{"COMMAND GETKEYS MSETEX 2 a 1 b 2 EX 1", "*2 $1 a $1 b"},
	} {
		b.want(c[0], c[1])
	}
	wantJournal(t, b, []string{"SET a 1 PXAT *", "SET b 2 PXAT *", "SET a 3 KEEPTTL", "SET b 4 KEEPTTL",
		"SET c 1 PXAT *", "SET d 2 PXAT *", "MSET a 5", "SET a EX PXAT *"})
	b.events = nil
	b.do("MSETEX", "2", "a", "1", "b", "2", "EX", "9")
	wantEvents(t, b, "set@0:a", "expire@0:a", "set@0:b", "expire@0:b")
}

func TestIncrEx(t *testing.T) {
	b := newBench(t)
	for _, c := range [][2]string{
		{"INCREX k", "*2 :1 :1"},
		{"INCREX k BYINT 10", "*2 :11 :10"},
		{"INCREX k UBOUND 15 BYINT 10", "*2 :11 :0"},
		{"INCREX k UBOUND 15 BYINT 10 SATURATE", "*2 :15 :4"},
		{"INCREX k BYINT -10 LBOUND 10", "*2 :15 :0"},
		{"INCREX k BYINT -10 LBOUND 10 SATURATE", "*2 :10 :-5"},
		{"INCREX none BYINT 15 UBOUND 10", "*2 :0 :0"},
		{"EXISTS none", ":0"},
		{"SET k 50", "+OK"},
		{"INCREX k BYINT 5 UBOUND 30", "*2 :50 :0"},
		{"INCREX k BYINT -25 UBOUND 30", "*2 :25 :-25"},
		{"SET k 50", "+OK"},
		{"INCREX k BYINT 5 UBOUND 30 SATURATE", "*2 :30 :-20"},
		{"SET k 9223372036854775800", "+OK"},
		{"INCREX k BYINT 9223372036854775800", "*2 :9223372036854775800 :0"},
		{"INCREX k BYINT 9223372036854775800 SATURATE", "*2 :9223372036854775807 :7"},
		{"SET k -9223372036854775800", "+OK"},
		{"INCREX k BYINT -9223372036854775800 LBOUND -9223372036854775808", "*2 :-9223372036854775800 :0"},
		{"INCREX k BYINT -9223372036854775800 SATURATE", "*2 :-9223372036854775808 :-8"},
		{"SET f 1.5", "+OK"},
		{"INCREX f BYFLOAT 0.25", "*2 $4 1.75 $4 0.25"},
		{"INCREX f BYFLOAT 10 UBOUND 5.5", "*2 $4 1.75 $1 0"},
		{"INCREX f BYFLOAT 10 UBOUND 5.5 SATURATE", "*2 $3 5.5 $4 3.75"},
		{"INCREX f BYFLOAT -10 LBOUND -1 SATURATE", "*2 $2 -1 $4 -6.5"},
		{"INCREX f", "*2 :0 :1"},
		{"SET f 1.5", "+OK"},
		{"INCREX f BYINT 1", "-ERR value is not an integer or out of range"},
		{"SET f hello", "+OK"},
		{"INCREX f BYFLOAT 1", "-ERR value is not a valid float"},
		{"INCREX k ENX", "-ERR ENX flag requires an expiration"},
		{"INCREX k PERSIST ENX", "-ERR syntax error"},
		{"INCREX k ENX PERSIST", "-ERR syntax error"},
		{"INCREX k EX 1 PERSIST", "-ERR syntax error"},
		{"INCREX k EX 1 EX 1", "-ERR syntax error"},
		{"INCREX k EX 1 PX 1", "-ERR syntax error"},
		{"INCREX k BYINT 1 BYINT 1", "-ERR syntax error"},
		{"INCREX k BYINT 1 BYFLOAT 1", "-ERR syntax error"},
		{"INCREX k LBOUND 1 LBOUND 1", "-ERR syntax error"},
		{"INCREX k SATURATE SATURATE", "-ERR syntax error"},
		{"INCREX k ENX ENX EX 1", "-ERR syntax error"},
		{"INCREX k LBOUND", "-ERR syntax error"},
		{"INCREX k foo", "-ERR syntax error"},
		{"INCREX k BYINT x", "-ERR Increment is not an integer or out of range"},
		{"INCREX k BYFLOAT x", "-ERR Increment is not a valid float"},
		{"INCREX k LBOUND x", "-ERR LBOUND is not an integer or out of range"},
		{"INCREX k UBOUND 1.5", "-ERR UBOUND is not an integer or out of range"},
		{"INCREX k BYFLOAT 1 UBOUND x", "-ERR UBOUND is not a valid float"},
		{"INCREX k LBOUND 10 UBOUND 5", "-ERR LBOUND can't be greater than UBOUND"},
		{"INCREX k BYFLOAT 1 LBOUND 10.5 UBOUND 5", "-ERR LBOUND can't be greater than UBOUND"},
		{"INCREX k EX 0", "-ERR invalid expire time in 'increx' command"},
		{"INCREX k PX x", "-ERR value is not an integer or out of range"},
		{"INCREX", "-ERR wrong number of arguments for 'increx' command"},
	} {
		b.want(c[0], c[1])
	}
	b.reply.Proto = 3
	b.want("SET f 1", "+OK")
	b.want("INCREX f BYFLOAT 0.5", "*2 ,1.5 ,0.5")
}

func TestIncrExExpiry(t *testing.T) {
	b := newBench(t)
	for _, c := range [][2]string{
		{"SET k 10", "+OK"},
		{"INCREX k EX 100", "*2 :11 :1"},
		{"TTL k", ":100"},
		{"INCREX k", "*2 :12 :1"},
		{"TTL k", ":100"},
		{"INCREX k PX 500000 ENX", "*2 :13 :1"},
		{"TTL k", ":100"},
		{"INCREX k BYINT 9 UBOUND 15 EX 500", "*2 :13 :0"},
		{"TTL k", ":100"},
		{"INCREX k EXAT 1 ENX", "*2 :14 :1"},
		{"INCREX k PERSIST", "*2 :15 :1"},
		{"TTL k", ":-1"},
		{"INCREX k PERSIST", "*2 :16 :1"},
		{"INCREX k EX 100 ENX", "*2 :17 :1"},
		{"TTL k", ":100"},
		{"INCREX k BYFLOAT 0.5", "*2 $4 17.5 $3 0.5"},
		{"SET k 1", "+OK"},
		{"INCREX k EXAT 1", "*2 :2 :1"},
		{"EXISTS k", ":0"},
	} {
		b.want(c[0], c[1])
	}
	wantJournal(t, b, []string{"SET k 10", "SET k 11 PXAT *", "SET k 12 KEEPTTL", "SET k 13 KEEPTTL", "SET k 14 KEEPTTL",
		"SET k 15", "SET k 16 KEEPTTL", "SET k 17 PXAT *", "SET k 17.5 KEEPTTL", "SET k 1", "DEL k"})
	wantEvents(t, b, "set@0:k", "incrby@0:k", "expire@0:k", "incrby@0:k", "incrby@0:k", "incrby@0:k", "incrby@0:k", "persist@0:k",
		"incrby@0:k", "incrby@0:k", "expire@0:k", "incrbyfloat@0:k", "set@0:k", "del@0:k")
}

// Everything a key expires by is journalled as a point in time.
func TestExpiryIsJournalledAbsolute(t *testing.T) {
	b := newBench(t)
	before := time.Now().UnixMilli()
	b.do("SET", "k", "v", "EX", "100")
	var at int64
	if _, err := fmt.Sscanf(b.journal[0], "SET k v PXAT %d", &at); err != nil || at < before+100_000 {
		t.Errorf("journal %q (%v)", b.journal, err)
	}
}

func TestScanSeesAll(t *testing.T) {
	b := newBench(t)
	b.do("DEBUG", "POPULATE", "1000")
	seen := map[string]bool{}
	for cursor := "0"; ; {
		reply := strings.Split(b.do("SCAN", cursor, "COUNT", "7"), "\r\n")
		cursor = reply[2]
		for _, word := range reply[3:] {
			if strings.HasPrefix(word, "key:") {
				seen[word] = true
			}
		}
		if cursor == "0" {
			break
		}
	}
	if len(seen) != 1000 {
		t.Errorf("SCAN found %d of 1000 keys", len(seen))
	}
}

// A cursor is whatever a client sends.
func TestScanAnyCursor(t *testing.T) {
	b := newBench(t)
	b.do("DEBUG", "POPULATE", "100")
	for _, cursor := range []string{"18446744073709551615", "-1", "9223372036854775808", "255", "1"} {
		if reply := b.do("SCAN", cursor, "COUNT", "1000000000000"); !strings.HasPrefix(reply, "*2\r\n$") {
			t.Errorf("SCAN %s: %q", cursor, reply)
		}
	}
}

func FuzzParseCursor(f *testing.F) {
	for _, s := range []string{"0", "-1", "+7", "18446744073709551616", ""} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		n, ok := parseCursor(b)
		var want uint64
		if _, err := fmt.Sscanf(string(b), "%d", &want); err == nil && fmt.Sprint(want) == string(b) && (!ok || n != want) {
			t.Fatalf("%q is %d, %v", b, n, ok)
		}
	})
}
