package commands

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/testutil"
)

func wantAll(b *bench, cases [][2]string) {
	b.t.Helper()
	for _, c := range cases {
		b.want(c[0], c[1])
	}
}

// entriesOf adds n entries 1-0, 2-0 and so on.
func (b *bench) entriesOf(key string, n int) {
	for i := range n {
		b.do("XADD", key, fmt.Sprintf("%d-0", i+1), "f", fmt.Sprint("v", i+1))
	}
}

func TestXAddAllocatesNothing(t *testing.T) {
	if testutil.RaceEnabled || invariants.Enabled {
		t.Skip("the race detector and the checks of invariants allocate")
	}
	b := newQuietBench(t)
	for _, words := range []string{"XADD s * field value", "XADD s MAXLEN ~ 1000 * field value", "XADD s MAXLEN 1000 * field value more 2", "XLEN s"} {
		p := b.prepare(strings.Split(words, " "))
		if err := b.execute(&p); err != nil {
			t.Fatal(words, err)
		}
		if n := testing.AllocsPerRun(1000, func() { b.execute(&p) }); n != 0 {
			t.Errorf("%v allocates %v times", words, n)
		}
	}
}

func BenchmarkXAdd(b *testing.B) {
	for _, words := range []string{"XADD s * field value", "XADD s MAXLEN ~ 1000 * field value", "XADD s MAXLEN 1000 * field value"} {
		b.Run(words, func(b *testing.B) {
			bench := newQuietBench(b)
			p := bench.prepare(strings.Split(words, " "))
			b.ReportAllocs()
			for b.Loop() {
				bench.execute(&p)
			}
		})
	}
}

// LIMIT has to do with the run at hand only, so that it is not journalled.
func TestTrimLimit(t *testing.T) {
	b := newBench(t)
	b.ks.Settings.Limits.StreamEntries.Store(2)
	b.entriesOf("s", 10)
	b.journal = nil
	wantAll(b, [][2]string{
		{"XTRIM s MAXLEN ~ 2 LIMIT 3", ":2"},
		{"XADD s MAXLEN ~ 2 LIMIT 4 20-0 a 1", "$4 20-0"},
		{"XTRIM s MINID ~ 19 LIMIT 1", ":0"},
		{"XTRIM s MAXLEN ~ 0 LIMIT 0", ":5"},
		{"XLEN s", ":0"},
	})
	wantJournal(t, b, []string{"XTRIM s MAXLEN = 8", "XADD s MAXLEN = 5 20-0 a 1", "XTRIM s MAXLEN = 0"})
}

func TestXDelEx(t *testing.T) {
	b := newBench(t)
	wantAll(b, [][2]string{
		{"XDELEX nokey IDS 2 1-1 2-2", "*2 :-1 :-1"},
		{"XDELEX nokey IDS 1 x", "-ERR Invalid stream ID specified as stream command argument"},
		{"XDELEX s KEEPREF", "-ERR wrong number of arguments for 'xdelex' command"},
		{"XDELEX s IDS x 1-0", "-ERR Number of IDs must be a positive integer"},
		{"XDELEX s IDS 0 1-0", "-ERR Number of IDs must be a positive integer"},
		{"XDELEX s IDS -5 1-0", "-ERR Number of IDs must be a positive integer"},
		{"XDELEX s IDS 3 1-0 2-0", "-ERR The `numids` parameter must match the number of arguments"},
		{"XDELEX s IDS 1 1-0 2-0", "-ERR syntax error"},
		{"XDELEX s KEEPREF DELREF IDS 1 1-0", "-ERR syntax error"},
		{"XDELEX s foo IDS 1 1-0", "-ERR syntax error"},
		{"XDELEX s KEEPREF foo 1 1-0", "-ERR syntax error"},
	})
	b.entriesOf("s", 6)
	wantAll(b, [][2]string{
		{"XDELEX s IDS 2 1-0 99-0", "*2 :1 :-1"},
		{"XDELEX s IDS 1 2-0 ACKED", "*1 :1"}, // no group: nobody needs it
		{"XGROUP CREATE s g 0", "+OK"},
		{"XGROUP CREATE s h 0", "+OK"},
		{"XDELEX s ACKED IDS 1 3-0", "*1 :2"}, // not read
		{"XLEN s", ":4"},
	})
	b.do("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">")
	b.do("XREADGROUP", "GROUP", "h", "c", "COUNT", "2", "STREAMS", "s", ">")
	b.events, b.journal = nil, nil
	wantAll(b, [][2]string{
		{"XDELEX s ACKED IDS 2 3-0 4-0", "*2 :2 :2"}, // pending
		{"XACK s g 3-0", ":1"},
		{"XDELEX s ACKED IDS 1 3-0", "*1 :2"},
		{"XACK s h 3-0", ":1"},
		{"XDELEX s ACKED IDS 1 3-0", "*1 :1"},
		{"XDELEX s KEEPREF IDS 1 4-0", "*1 :1"},
		{"XPENDING s h", "*4 :1 $3 4-0 $3 4-0 *1 *2 $1 c $1 1"},
		{"XDELEX s DELREF IDS 2 4-0 5-0", "*2 :-1 :1"}, // the dangling reference goes, too
		{"XPENDING s h", "*4 :0 $-1 $-1 *-1"},
		{"XPENDING s g", "*4 :1 $3 6-0 $3 6-0 *1 *2 $1 c $1 1"},
	})
	wantEvents(t, b, "xdel@0:s", "xdel@0:s", "xdel@0:s")
	b.want("SET str x", "+OK")
	b.want("XDELEX str IDS 1 1-0", "-"+string(keyspaceWrongType))
}

const keyspaceWrongType = "WRONGTYPE Operation against a key holding the wrong kind of value"

func TestXAckDel(t *testing.T) {
	b := newBench(t)
	b.want("XACKDEL s g IDS 2 1-1 2-2", "*2 :-1 :-1")
	b.entriesOf("s", 4)
	wantAll(b, [][2]string{
		{"XACKDEL s g IDS 2 1-0 2-0", "*2 :-1 :-1"}, // no group
		{"XACKDEL s g", "-ERR wrong number of arguments for 'xackdel' command"},
		{"XACKDEL s g IDS abc 1-1", "-ERR Number of IDs must be a positive integer"},
		{"XACKDEL s g IDS 3 1-1 2-2", "-ERR The `numids` parameter must match the number of arguments"},
		{"XACKDEL s g IDS 1 1-1 2-2", "-ERR syntax error"},
		{"XACKDEL s g KEEPREF DELREF IDS 1 1-1", "-ERR syntax error"},
		{"XGROUP CREATE s g 0", "+OK"},
		{"XGROUP CREATE s h 0", "+OK"},
	})
	b.do("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">")
	b.do("XREADGROUP", "GROUP", "h", "c", "STREAMS", "s", ">")
	wantAll(b, [][2]string{
		{"XACKDEL s g ACKED IDS 1 1-0", "*1 :2"},
		{"XACKDEL s h ACKED IDS 1 1-0", "*1 :1"},
		{"XACKDEL s g IDS 1 1-0", "*1 :-1"},
		{"XACKDEL s g KEEPREF IDS 1 2-0", "*1 :1"},
		{"XPENDING s h - + 10 nobody", "*0"},
		{"XACKDEL s h KEEPREF IDS 1 2-0", "*1 :1"}, // the entry is gone, the reference was there
		{"XACKDEL s g DELREF IDS 1 3-0", "*1 :1"},
		{"XACKDEL s h DELREF IDS 1 3-0", "*1 :-1"},
		{"XPENDING s h", "*4 :1 $3 4-0 $3 4-0 *1 *2 $1 c $1 1"},
		{"XLEN s", ":1"},
	})
}

func TestTrimWithReferences(t *testing.T) {
	b := newBench(t)
	b.ks.Settings.Limits.StreamEntries.Store(2)
	b.entriesOf("s", 6)
	b.do("XGROUP", "CREATE", "s", "g", "0")
	b.do("XREADGROUP", "GROUP", "g", "c", "COUNT", "5", "STREAMS", "s", ">")
	wantAll(b, [][2]string{
		{"XACK s g 1-0 3-0", ":2"},
		{"XTRIM s MAXLEN 1 ACKED", ":2"},
		{"XLEN s", ":4"},
		{"XTRIM s MAXLEN = 3 KEEPREF", ":1"},
		{"XPENDING s g", "*4 :3 $3 2-0 $3 5-0 *1 *2 $1 c $1 3"},
		{"XADD s DELREF MAXLEN 2 7-0 a 1", "$3 7-0"},
		{"XPENDING s g", "*4 :1 $3 2-0 $3 2-0 *1 *2 $1 c $1 1"},
		{"XRANGE s - +", "*2 *2 $3 6-0 *2 $1 f $2 v6 *2 $3 7-0 *2 $1 a $1 1"},
		{"XADD s KEEPREF ACKED 8-0 a 1", "-ERR syntax error"},
		{"XTRIM s DELREF MAXLEN 1 ACKED", "-ERR syntax error"},
		{"XTRIM s MINID 100 ACKED", ":0"},
		{"XTRIM s DELREF MINID ~ 100", ":2"},
	})
}

func TestXNack(t *testing.T) {
	b := newBench(t)
	b.want("XNACK nokey g FAIL IDS 1 1-0", "-NOGROUP No such key 'nokey' or consumer group 'g'")
	b.entriesOf("s", 3)
	wantAll(b, [][2]string{
		{"XNACK s g FAIL IDS 1 1-0", "-NOGROUP No such key 's' or consumer group 'g'"},
		{"XGROUP CREATE s g 0", "+OK"},
	})
	b.do("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">")
	wantAll(b, [][2]string{
		{"XNACK s g FAIL BADOPT IDS 1 1-0", "-ERR Unrecognized XNACK option 'BADOPT'"},
		{"XNACK s g FAIL IDS 1 1-0 BADOPT", "-ERR Unrecognized XNACK option 'BADOPT'"},
		{"XNACK s g BADMODE IDS 1 1-0", "-ERR mode must be SILENT, FAIL, or FATAL"},
		{"XNACK s g FAIL FATAL IDS 1 1-0", "-ERR Unrecognized XNACK option 'FATAL'"},
		{"XNACK s g SILENT FORCE RETRYCOUNT 5", "-ERR syntax error, expected IDS keyword"},
		{"XNACK s g SILENT IDS abc 1-0", "-ERR numids must be a positive integer"},
		{"XNACK s g SILENT IDS 0 1-0", "-ERR numids must be a positive integer"},
		{"XNACK s g SILENT IDS 2 1-0", "-ERR number of IDs doesn't match numids"},
		{"XNACK s g FAIL IDS 1 x", "-ERR Invalid stream ID specified as stream command argument"},
		{"XNACK s g FAIL IDS 1 1-0 RETRYCOUNT abc", "-ERR value is not an integer or out of range"},
		{"XNACK s g FAIL IDS 1 1-0 RETRYCOUNT -1", "-ERR Invalid RETRYCOUNT value, must be >= 0"},
		{"XNACK s g FAIL IDS 1 1-0 RETRYCOUNT", "-ERR Unrecognized XNACK option 'RETRYCOUNT'"},
		{"XNACK s g FAIL RETRYCOUNT", "-ERR wrong number of arguments for 'xnack' command"},
		{"XNACK s g FAIL IDS 1 1-0 2-0", "-ERR Unrecognized XNACK option '2-0'"},
		{"XNACK s g SILENT IDS 2 1-0 99-0", ":1"},
		{"XPENDING s g - + 1", "*1 *4 $3 1-0 $0  :-1 :0"},
		{"XNACK s g SILENT IDS 1 1-0", ":1"},
		{"XPENDING s g IDLE 100000 - + 9", "*1 *4 $3 1-0 $0  :-1 :0"},
		{"XNACK s g FAIL IDS 2 2-0 2-0", ":2"},
		{"XNACK s g FATAL IDS 1 3-0", ":1"},
		{"XPENDING s g", "*4 :3 $3 1-0 $3 3-0 *0"},
		{"XPENDING s g 3-0 + 9", "*1 *4 $3 3-0 $0  :-1 :9223372036854775807"},
		{"XNACK s g FATAL IDS 1 3-0 RETRYCOUNT 42", ":1"},
		{"XPENDING s g 3-0 + 9", "*1 *4 $3 3-0 $0  :-1 :42"},
		{"XREADGROUP GROUP g c STREAMS s 0", "*1 *2 $1 s *0"},
		{"XNACK s g FAIL IDS 1 2-0", ":1"}, // it is the last of them now
		{"XREADGROUP GROUP g d COUNT 2 CLAIM 1000 STREAMS s >",
			"*1 *2 $1 s *2 *4 $3 1-0 *2 $1 f $2 v1 :-1 :0 *4 $3 3-0 *2 $1 f $2 v3 :-1 :42"},
		{"XCLAIM s g e 100000 2-0", "*1 *2 $3 2-0 *2 $1 f $2 v2"},
		{"XACK s g 1-0 2-0 3-0", ":3"},
		{"XNACK s g FAIL IDS 1 1-0", ":0"},
		{"XNACK s g FAIL IDS 2 1-0 99-0 FORCE", ":1"},
		{"XNACK s g FATAL RETRYCOUNT 7 FORCE IDS 1 2-0", ":1"},
		{"XNACK s g FATAL IDS 1 3-0 FORCE", ":1"},
		{"XPENDING s g - + 9", "*3 *4 $3 1-0 $0  :-1 :0 *4 $3 2-0 $0  :-1 :7 *4 $3 3-0 $0  :-1 :9223372036854775807"},
		{"XDEL s 1-0", ":1"},
		{"XAUTOCLAIM s g e 9999999 0 JUSTID", "*3 $3 0-0 *2 $3 2-0 $3 3-0 *1 $3 1-0"},
	})
}

func TestIdempotentXAdd(t *testing.T) {
	b := newBench(t)
	wantAll(b, [][2]string{
		{"XADD s IDMP p1 * f v", "-ERR Invalid stream ID specified as stream command argument"},
		{"XADD s IDMP p1 i1 1-1 f v", "-ERR IDMP/IDMPAUTO can be used only with auto-generated IDs"},
		{"XADD s IDMP p1 i1 IDMP p2 i2 * f v", "-ERR IDMP/IDMPAUTO specified multiple times"},
		{"XADD s IDMPAUTO p1 IDMP p2 i2 * f v", "-ERR IDMP/IDMPAUTO specified multiple times"},
		{`XADD s IDMP "" i1 * f v`, "-ERR IDMP requires a non-empty producer ID"},
		{`XADD s IDMP p1 "" * f v`, "-ERR IDMP requires a non-empty idempotent ID"},
		{`XADD s IDMPAUTO "" * f v`, "-ERR IDMPAUTO requires a non-empty producer ID"},
		{"XADD s NOMKSTREAM IDMP p1 i1 * f v", "$-1"},
		{"XCFGSET s IDMP-DURATION 5", "-ERR no such key"},
		{"XADD s 1-1 f v", "$3 1-1"},
		{"XCFGSET s", "-ERR At least one parameter must be specified"},
		{"XCFGSET s IDMP-DURATION", "-ERR syntax error"},
		{"XCFGSET s foo 3", "-ERR syntax error"},
		{"XCFGSET s IDMP-DURATION x", "-ERR value is not an integer or out of range"},
		{"XCFGSET s IDMP-DURATION 0", "-ERR IDMP-DURATION must be between 1 and 86400 seconds"},
		{"XCFGSET s IDMP-DURATION 86401", "-ERR IDMP-DURATION must be between 1 and 86400 seconds"},
		{"XCFGSET s IDMP-MAXSIZE 0", "-ERR IDMP-MAXSIZE must be between 1 and 10000 entries"},
		{"XCFGSET s IDMP-MAXSIZE 10001", "-ERR IDMP-MAXSIZE must be between 1 and 10000 entries"},
	})
	b.journal = nil
	first := b.do("XADD", "s", "IDMP", "p1", "i1", "MAXLEN", "~", "100", "*", "f", "v")
	id := strings.Fields(oneLine(first))[1]
	wantJournal(t, b, []string{"XADD s MAXLEN = 2 " + id + " f v", "XIDMPRECORD s p1 i1 " + id})
	b.want("XADD s MAXLEN 1 IDMP p1 i1 * other 1", oneLine(first))
	wantJournal(t, b, nil)
	b.want("XLEN s", ":2")
	if b.do("XADD", "s", "IDMP", "p2", "i1", "*", "f", "v") == first {
		t.Error("producers share names")
	}
	auto := b.do("XADD", "s", "IDMPAUTO", "p1", "*", "a", "1", "b", "2")
	b.want("XADD s IDMPAUTO p1 * b 2 a 1", oneLine(auto))
	if b.do("XADD", "s", "IDMPAUTO", "p1", "*", "a", "2", "b", "1") == auto {
		t.Error("other content is taken for the same")
	}
	b.want("XIDMPRECORD s p1 i1 "+id, "+OK")
	b.want("XIDMPRECORD s p1 i1 1-1", "-ERR The pid/iid pair already maps to a different stream ID")
	b.want("XIDMPRECORD s p1 i9 9-9", "-ERR The stream ID does not refer to an existing entry")
	b.want("XIDMPRECORD nokey p1 i9 9-9", "-ERR no such key")
	b.want(`XIDMPRECORD s "" i9 9-9`, "-ERR pid and iid must be non-empty")
	b.want("XIDMPRECORD s p3 i3 1-1", "+OK")
	b.want("XADD s IDMP p3 i3 * f v", "$3 1-1")
	info := oneLine(b.do("XINFO", "STREAM", "s"))
	want := "$13 idmp-duration :100 $12 idmp-maxsize :100 $12 pids-tracked :3 $12 iids-tracked :5 $10 iids-added :5 $15 iids-duplicates :3 "
	if !strings.Contains(info, want) {
		t.Errorf("%s, want %s", info, want)
	}
	b.want("XCFGSET s IDMP-MAXSIZE 100", "+OK") // no change: nothing is forgotten
	b.want("XADD s IDMP p1 i1 * f v", oneLine(first))
	b.want("XCFGSET s IDMP-MAXSIZE 2 IDMP-DURATION 50", "+OK")
	if b.do("XADD", "s", "IDMP", "p1", "i1", "*", "f", "v") == first {
		t.Error("a change of settings forgets nothing")
	}
}

func TestReadLimits(t *testing.T) {
	b := newBench(t)
	b.entriesOf("s", 3)
	b.entriesOf("t", 3)
	wantAll(b, [][2]string{
		{"XREAD MAXCOUNT 0 STREAMS s 0", "-ERR MAXCOUNT must be a positive integer"},
		{"XREAD MAXSIZE x STREAMS s 0", "-ERR MAXSIZE must be a positive integer"},
		{"XREAD COUNT 3 MAXCOUNT 2 STREAMS s 0", "-ERR MAXCOUNT must be greater than or equal to COUNT"},
		{"XREAD COUNT 2 MAXCOUNT 3 STREAMS s t 0 0", "*2 *2 $1 s *2 *2 $3 1-0 *2 $1 f $2 v1 *2 $3 2-0 *2 $1 f $2 v2" +
			" *2 $1 t *1 *2 $3 1-0 *2 $1 f $2 v1"},
		{"XREAD MAXCOUNT 3 STREAMS s t 0 0", "*1 *2 $1 s *3 *2 $3 1-0 *2 $1 f $2 v1 *2 $3 2-0 *2 $1 f $2 v2 *2 $3 3-0 *2 $1 f $2 v3"},
		{"XREAD MAXSIZE 1 STREAMS s t 0 0", "*1 *2 $1 s *1 *2 $3 1-0 *2 $1 f $2 v1"},
		{"XREAD MAXSIZE 1 STREAMS s t 9 9", "*-1"},
		{"XREAD STREAMS s t nokey + + +", "*2 *2 $1 s *1 *2 $3 3-0 *2 $1 f $2 v3 *2 $1 t *1 *2 $3 3-0 *2 $1 f $2 v3"},
		{"XREAD COUNT 5 STREAMS s +", "*1 *2 $1 s *1 *2 $3 3-0 *2 $1 f $2 v3"},
		{"XREAD CLAIM 5 STREAMS s 0", "-ERR The CLAIM option is only supported by XREADGROUP. You called XREAD instead."},
		{"XGROUP CREATE s g 0", "+OK"},
		{"XGROUP CREATE t g 0", "+OK"},
		{"XREADGROUP GROUP g c CLAIM x STREAMS s >", "-ERR min-idle-time is not an integer"},
		{"XREADGROUP GROUP g c CLAIM -1 STREAMS s >", "-ERR min-idle-time must be a positive integer"},
		{"XREADGROUP GROUP g c MAXSIZE 1 STREAMS s t > >", "*1 *2 $1 s *1 *2 $3 1-0 *2 $1 f $2 v1"},
		{"XPENDING s g - + 9 d", "*0"},
		{"XPENDING t g", "*4 :0 $-1 $-1 *-1"}, // what is not in the reply is not delivered
		{"XREADGROUP GROUP g c MAXCOUNT 3 STREAMS s t > >", "*2 *2 $1 s *2 *2 $3 2-0 *2 $1 f $2 v2 *2 $3 3-0 *2 $1 f $2 v3" +
			" *2 $1 t *1 *2 $3 1-0 *2 $1 f $2 v1"},
	})
}

func TestReadGroupClaim(t *testing.T) {
	b := newBench(t)
	b.entriesOf("s", 4)
	b.do("XGROUP", "CREATE", "s", "g", "0")
	b.do("XREADGROUP", "GROUP", "g", "a", "COUNT", "2", "STREAMS", "s", ">")
	b.journal = nil
	wantAll(b, [][2]string{
		{"XCLAIM s g a 0 1-0 IDLE 60000 JUSTID", "*1 $3 1-0"},
		{"XREADGROUP GROUP g b COUNT 1 CLAIM 9223372036854775807 STREAMS s >", "*1 *2 $1 s *1 *4 $3 3-0 *2 $1 f $2 v3 :0 :0"},
		{"XREADGROUP GROUP g b NOACK CLAIM 9223372036854775807 STREAMS s >", "*1 *2 $1 s *1 *4 $3 4-0 *2 $1 f $2 v4 :0 :0"},
		{"XREADGROUP GROUP g b CLAIM 9223372036854775807 STREAMS s >", "*-1"},
		{"XPENDING s g - + 9 nobody", "*0"},
	})
	reply := oneLine(b.do("XREADGROUP", "GROUP", "g", "c", "CLAIM", "50000", "STREAMS", "s", ">"))
	var idle, count int
	if n, _ := fmt.Sscanf(reply, "*1 *2 $1 s *1 *4 $3 1-0 *2 $1 f $2 v1 :%d :%d", &idle, &count); n != 2 || idle < 60000 || count != 1 {
		t.Errorf("claimed: %s", reply)
	}
	if got := b.journal[len(b.journal)-1]; !strings.HasPrefix(got, "XCLAIM s g c 0 1-0 TIME ") || !strings.HasSuffix(got, " RETRYCOUNT 2 FORCE JUSTID LASTID 4-0") {
		t.Errorf("journal %s", got)
	}
	b.do("XCLAIM", "s", "g", "a", "0", "2-0", "IDLE", "70000")
	b.do("XDEL", "s", "2-0")
	b.journal = nil
	b.want("XREADGROUP GROUP g c CLAIM 50000 STREAMS s >", "*-1")
	wantJournal(t, b, []string{"XACK s g 2-0"})
}

// XINFO as it is now, with what 7.0 did not have.
func TestXInfo(t *testing.T) {
	b := newBench(t)
	b.ks.Settings.Limits.StreamEntries.Store(2)
	b.entriesOf("s", 3)
	wantAll(b, [][2]string{
		{"XGROUP CREATE s g 0 ENTRIESREAD 0", "+OK"},
		{"XINFO STREAM s", "*20 $6 length :3 $15 radix-tree-keys :2 $16 radix-tree-nodes :3 $17 last-generated-id $3 3-0 " +
			"$20 max-deleted-entry-id $3 0-0 $13 entries-added :3 $23 recorded-first-entry-id $3 1-0 $6 groups :1 " +
			"$11 first-entry *2 $3 1-0 *2 $1 f $2 v1 $10 last-entry *2 $3 3-0 *2 $1 f $2 v3"},
		{"XINFO GROUPS s", "*1 *12 $4 name $1 g $9 consumers :0 $7 pending :0 $17 last-delivered-id $3 0-0 $12 entries-read :0 $3 lag :3"},
		{"XINFO CONSUMERS s g", "*0"},
		{"XINFO CONSUMERS s h", "-NOGROUP No such consumer group 'h' for key name 's'"},
		{"XINFO STREAM nokey", "-ERR no such key"},
		{"XINFO GROUPS nokey", "-ERR no such key"},
		{"XINFO CONSUMERS nokey g", "-ERR no such key"},
		{"XINFO STREAM s foo", "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP."},
		{"XINFO STREAM s FULL COUNT", "-ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP."},
		{"XINFO STREAM s FULL COUNT x", "-ERR value is not an integer or out of range"},
		{"XINFO foo", "-ERR unknown subcommand 'foo'. Try XINFO HELP."},
		{"XGROUP CREATECONSUMER s g c", ":1"},
		{"XDEL s 1-0 2-0 3-0", ":3"},
		{"XINFO STREAM s FULL COUNT 1", ""},
	}[:14])
	b.reply.Proto = 3
	defer func() { b.reply.Proto = 2 }()
	got := oneLine(b.do("XINFO", "STREAM", "s", "FULL", "COUNT", "1"))
	for _, part := range []string{"%9 $6 length :0 ", "$20 max-deleted-entry-id $3 3-0 $13 entries-added :3 $23 recorded-first-entry-id $3 0-0 $7 entries *0 $6 groups *1 %8 $4 name $1 g ",
		"$9 pel-count :0 $12 nacked-count :0 $7 pending *0 $9 consumers *1 %5 $4 name $1 c $9 seen-time :", "$11 active-time :-1 $9 pel-count :0 $7 pending *0"} {
		if !strings.Contains(got, part) {
			t.Errorf("XINFO STREAM FULL: %s, want %s", got, part)
		}
	}
	b.want("XREAD STREAMS s 0", "_")
	b.want("XADD s 9-0 a 1", "$3 9-0")
	b.want("XREAD STREAMS s 0", "%1 $1 s *1 *2 $3 9-0 *2 $1 a $1 1")
}

// Random commands: the same on stock and here, with blocks of a few sizes.
// No XSETID: with an ID below that of a deleted entry, stock's XTRIM MINID
// later stops at the deleted one.
func TestRandomStreamsAsStock(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 0))
	t.Log("seed", seed)
	for _, perBlock := range []int{1, 4, 100} {
		list := make([]string, 1500)
		for i := range list {
			list[i] = randomStreamLine(rng)
		}
		compareStreams(t, perBlock, list)
	}
}

// randomStreamLine is a command on one of two streams. IDs repeat often.
func randomStreamLine(r *rand.Rand) string {
	id := func() string { return fmt.Sprintf("%d-%d", r.IntN(40), r.IntN(3)) }
	grammar := []string{
		"XADD k j-* f v", "XADD k j-* f v g w", "XADD k j-* f v", "XADD k j-* f v g w", "XADD k j-* g v", "XADD k MAXLEN n j-* f v",
		"XADD k MAXLEN ~ n j-* f v", "XADD k i f v", "XRANGE k i i", "XREVRANGE k + i COUNT n", "XRANGE k - (i COUNT n", "XLEN k",
		"XDEL k i i i", "XTRIM k MAXLEN n", "XTRIM k MAXLEN ~ n", "XTRIM k MINID i", "XREAD COUNT n STREAMS k k i i",
		"XGROUP CREATE k G i MKSTREAM", "XGROUP CREATE k G i ENTRIESREAD n", "XGROUP SETID k G i", "XGROUP SETID k G $ ENTRIESREAD n", "XGROUP DESTROY k G",
		"XGROUP CREATECONSUMER k G C", "XGROUP DELCONSUMER k G C", "XREADGROUP GROUP G C COUNT n STREAMS k >", "XREADGROUP GROUP G C COUNT n STREAMS k >",
		"XREADGROUP GROUP G C COUNT n NOACK STREAMS k >", "XREADGROUP GROUP G C COUNT n STREAMS k i", "XACK k G i i i", "XPENDING k G", "XPENDING k G - + 100",
		"XPENDING k G i i n C", "XCLAIM k G C 0 i i", "XCLAIM k G C 0 i FORCE JUSTID", "XCLAIM k G C 0 i i RETRYCOUNT n LASTID i", "XAUTOCLAIM k G C 0 i COUNT 3",
		"XINFO GROUPS k", "DEL k", "COPY k k REPLACE", "RENAME k k",
	}
	line := grammar[r.IntN(len(grammar))]
	if (strings.HasPrefix(line, "DEL") || strings.HasPrefix(line, "XGROUP DE")) && r.IntN(4) > 0 {
		line = grammar[0]
	}
	words := strings.Fields(line)
	for i, w := range words {
		switch w {
		case "k":
			words[i] = fmt.Sprint("s", r.IntN(2))
		case "G":
			words[i] = fmt.Sprint("g", r.IntN(2))
		case "C":
			words[i] = fmt.Sprint("c", r.IntN(3))
		case "i":
			words[i] = id()
		case "(i":
			words[i] = "(" + id()
		case "j-*":
			words[i] = fmt.Sprintf("%d-*", r.IntN(40))
		case "n":
			words[i] = fmt.Sprint(1 + r.IntN(12))
		}
	}
	return strings.Join(words, " ")
}

// What is journalled makes the same streams again.
func TestStreamJournalReplays(t *testing.T) {
	seed := uint64(time.Now().UnixNano())
	rng := rand.New(rand.NewPCG(seed, 1))
	t.Log("seed", seed)
	more := []string{"XADD s0 * f v", "XADD s1 MAXLEN ~ 3 LIMIT 4 * f v", "XADD s0 IDMP p a MINID ~ 9 * f v", "XADD s1 DELREF MAXLEN 4 * f v",
		"XTRIM s0 MAXLEN ~ 2 LIMIT 3", "XTRIM s1 ACKED MAXLEN 1", "XDELEX s0 DELREF IDS 2 3-1 7-0", "XACKDEL s0 g0 ACKED IDS 2 3-1 7-0",
		"XNACK s0 g0 FATAL IDS 2 3-1 9-0 FORCE", "XNACK s1 g1 SILENT IDS 1 9-0", "XREADGROUP GROUP g0 c1 COUNT 2 CLAIM 0 STREAMS s0 >",
		"XREADGROUP GROUP g1 c2 MAXCOUNT 3 STREAMS s0 s1 > >", "XCFGSET s0 IDMP-MAXSIZE 7", "XSETID s0 9-1", "XSETID s1 20-0"}
	b, replica := newBench(t), newBench(t)
	for _, side := range []*bench{b, replica} {
		side.ks.Settings.Limits.StreamEntries.Store(3)
	}
	for range 4000 {
		line := randomStreamLine(rng)
		if rng.IntN(3) == 0 {
			line = more[rng.IntN(len(more))]
		}
		if strings.HasPrefix(line, "XREADGROUP") && !strings.HasSuffix(line, ">") {
			continue // a read of history counts deliveries, which is not journalled
		}
		b.do(split(line)...)
		for _, effect := range b.effects() {
			if reply := replica.do(strings.Split(effect, " ")...); strings.HasPrefix(reply, "-") {
				t.Fatalf("%s: journalled %s: %s", line, effect, reply)
			}
		}
		b.journal, replica.journal = nil, nil
		if got, want := replica.streamState(), b.streamState(); got != want {
			t.Fatalf("after %s:\n%s\nwant\n%s", line, got, want)
		}
	}
}

// streamState is all that a replica must know of two streams.
func (b *bench) streamState() string {
	var out strings.Builder
	out.WriteString(b.do("DEBUG", "DIGEST"))
	for _, key := range []string{"s0", "s1"} {
		for _, group := range []string{"g0", "g1"} {
			for _, line := range strings.Split(oneLine(b.do("XPENDING", key, group, "-", "+", "1000")), " *4 ") {
				words := strings.Split(line, " ")
				if len(words) > 5 {
					words[4] = "" // idle
				}
				fmt.Fprintln(&out, key, group, words)
			}
		}
	}
	return out.String()
}
