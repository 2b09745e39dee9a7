package server

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/testutil"
)

// journalCases are commands, of a second client behind "b:". What is journalled of each case
// is compared with what a stock server writes into its append only file.
var journalCases = strings.Split(strings.TrimSpace(`
multi; set a 1; exec
multi; set a 1; set b 2; exec
multi; get a; get b; exec
multi; exec
multi; del none; set x y; exec
multi; del none; setnx x y; exec
multi; set a 1; set b 2; discard
multi; set a 1; nosuch; set b 2; exec
multi; set a 1; lpush a 1; set b 2; exec
multi; set a 1; lpush a 1; exec
multi; select 3; set a 1; select 0; set a 2; select 3; exec; select 0
multi; select 3; exec; set in3 1; select 0; set in0 1
multi; incrbyfloat f 1.5; getset f 2; getdel f; exec
multi; set t v ex 1000; expire t 5000; getex t persist; exec
multi; sadd s one; spop s; sadd s two; exec
multi; mset a 1 b 2; rename a c; copy b d; move d 4; flushdb; set a 1; exec
multi; flushall; exec
multi; flushall; set a 1; swapdb 0 5; swapdb 0 5; exec
watch a; b: set a touched; multi; set a 1; set b 2; exec
watch a; multi; set a 1; set b 2; exec
debug set-active-expire 0; set e v px 30; debug sleep 0.05; get e
set e v px 30; debug sleep 0.05; incr e
set e v px 30; debug sleep 0.05; set e w
set e v px 30; debug sleep 0.05; multi; get e; exec
set e v px 30; debug sleep 0.05; multi; get e; set x 1; exec
set e v px 30; debug sleep 0.05; multi; set y 1; set e 1; get e; exec
mset a 1 b 2; pexpire a 30; pexpire b 30; debug sleep 0.05; del a b
mset a 1 b 2; pexpire a 30; pexpire b 30; debug sleep 0.05; mget a b
set e1 v px 30; debug sleep 0.05; multi; scan 0 count 1000; exec
flushall; b: blpop l 0; multi; rpush l 1; rpush l 2; set z 1; exec
flushall; b: blpop l 0; multi; rpush l 1; exec
flushall; b: blmove l m left right 0; multi; rpush l 1; lpush m 2; exec
flushall; b: blmove l m left right 0; rpush l 1 2
flushall; b: bzpopmin z 0; multi; zadd z 1 a; zadd z 2 b; zincrby z 5 a; exec
xadd st 1-1 f v; xgroup create st g 0; multi; xreadgroup group g c streams st >; set x 1; exec
multi; xack st g 1-1; xgroup setid st g 0; xreadgroup group g d noack streams st >; exec
multi; xadd st 2-* f v; xtrim st maxlen 1; xdel st 1-1; exec
multi; bitop not d none; pfadd p a; pfadd p a; geoadd g 1 1 m; georadius g 1 1 9 km store g2; exec
multi; client setname x; config resetstat; publish ch hello; exec
multi; blpop none 0; blmove none n left right 0; exec
`), "\n")

// keptJournal keeps what is journalled.
type keptJournal struct {
	mu    sync.Mutex
	lines []string
}

func (j *keptJournal) Before(int, keyspace.Key, keyspace.Entry, bool)  {}
func (j *keptJournal) After(int, keyspace.Key, keyspace.Class, string) {}
func (j *keptJournal) Flush(int)                                       {}
func (j *keptJournal) Swap(int, int)                                   {}

func (j *keptJournal) Journal(db int, argv [][]byte) {
	words := make([]string, len(argv))
	for i, w := range argv {
		words[i] = string(w)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, journalLine(db, words))
}

func (j *keptJournal) take() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	lines := j.lines
	j.lines = nil
	return lines
}

// journalLine prints a command without what need not be equal: where a transaction begins, and points in time.
func journalLine(db int, words []string) string {
	for i, w := range words {
		if n, err := strconv.ParseInt(w, 10, 64); err == nil && max(n-time.Now().UnixMilli(), time.Now().UnixMilli()-n) < 1e8 {
			words[i] = "TIME"
		}
	}
	line := strings.ToLower(strings.Join(words, " "))
	if line != "multi" && line != "exec" {
		line = fmt.Sprint(db, " ", line)
	}
	return line
}

// appendOnly reads what a stock server adds to its append only file.
type appendOnly struct {
	t    *testing.T
	file *os.File
	db   int
}

func (a *appendOnly) take() (lines []string) {
	var text []byte
	buf := make([]byte, 1<<16)
	for n, _ := a.file.Read(buf); n > 0; n, _ = a.file.Read(buf) {
		text = append(text, buf[:n]...)
	}
	for len(text) > 0 {
		r, err := testutil.ParseReply(string(text))
		if err != nil {
			a.t.Fatal(err)
		}
		text = text[len(r.Raw):]
		var words []string
		for _, e := range r.Elem {
			words = append(words, e.Text)
		}
		if strings.EqualFold(words[0], "select") {
			a.db, _ = strconv.Atoi(words[1])
			continue
		}
		lines = append(lines, journalLine(a.db, words))
	}
	return lines
}

// A transaction with several effects is one unit, one with a single effect is
// that alone; a command that took several is a unit, too; what is served because of it comes after it.
func TestTransactionsJournalAsStock(t *testing.T) {
	stock := testutil.Stock(t, "--appendonly", "yes", "--appendfsync", "no", "--save", "", "--enable-debug-command", "yes", "--auto-aof-rewrite-percentage", "0")
	files, err := filepath.Glob(filepath.Join(stock.Dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the stock server has no journal: %v %v", files, err)
	}
	file, err := os.Open(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	want := &appendOnly{t: t, file: file}
	got := &keptJournal{}
	s, addr := serveForTest(t)
	s.ks.Subscribe(got)
	total := 0
	for _, line := range journalCases {
		runJournalCase(t, stock.Addr, line)
		runJournalCase(t, addr, line)
		w, g := strings.Join(want.take(), "\n"), strings.Join(got.take(), "\n")
		if w != g {
			t.Errorf("%s\nwant\n%s\ngot\n%s", line, w, g)
		}
		total += len(w)
	}
	if t.Logf("%d bytes are equal", total); total < 1000 {
		t.Error("the journals are too short to be true")
	}
}

// runJournalCase runs a case, each with connections of its own.
func runJournalCase(t *testing.T, addr, line string) {
	t.Helper()
	var conns [2]*testutil.Conn
	for i := range conns {
		c, err := testutil.Dial(addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
	}
	waits := false
	for _, command := range strings.Split(line, ";") {
		command = strings.TrimSpace(command)
		other, isOther := strings.CutPrefix(command, "b: ")
		if !isOther {
			conns[0].Must(t, strings.Fields(command)...)
			continue
		}
		if waits = strings.HasPrefix(other, "b"); !waits {
			conns[1].Must(t, strings.Fields(other)...)
			continue
		}
		conns[1].Send(strings.Fields(other)...)
		for !strings.Contains(conns[0].Must(t, "INFO", "clients").Text, "\nblocked_clients:1\r\n") {
			time.Sleep(time.Millisecond) // there is no event to wait for
		}
	}
	if waits {
		if _, err := conns[1].Receive(); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
}
