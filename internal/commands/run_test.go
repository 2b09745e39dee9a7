package commands

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/resp"
	"github.com/redstart-db/redstart/internal/testutil"
)

// A bench runs commands on a keyspace of its own, without sessions, and
// remembers what they reported.
type bench struct {
	t     testing.TB
	ks    *keyspace.Keyspace
	table *cmdspec.Table
	tx    keyspace.Tx
	ctx   cmdspec.Ctx
	reply resp.Writer
	db    int
	runs  bool // a command does

	keys      []keyspace.Key
	positions []int
	events    []string // "del@0:key"
	journal   []string // commands, words separated by spaces
}

const benchDatabases = 16

func newBench(t testing.TB) *bench {
	t.Helper()
	b := newQuietBench(t)
	b.ks.Subscribe(b)
	return b
}

// newQuietBench is a bench to which nothing is reported, as in a server
// without a journal.
func newQuietBench(t testing.TB) *bench {
	t.Helper()
	ks, err := keyspace.New(keyspace.Options{Databases: benchDatabases})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, ks: ks, reply: resp.Writer{Proto: 2}}
	t.Cleanup(func() {
		if !b.runs { // a handler that panicked holds its locks: waiting for them would hide it
			ks.Close()
		}
	})
	deps := &Deps{
		Keyspace: ks, Databases: benchDatabases, Version: "0",
		Table:        func() *cmdspec.Table { return b.table },
		DebugAllowed: func(cmdspec.Client) bool { return true },
	}
	b.table = cmdspec.NewTable(Strings(deps), Generic(deps), Server(deps), Lists(deps), Sets(deps), Hashes(deps), SortedSets(deps), Streams(deps), Bitmaps(deps), HyperLogLogs(deps), Geo(deps))
	return b
}

func (b *bench) Before(int, keyspace.Key, keyspace.Entry, bool) {}
func (b *bench) Flush(int)                                      {}
func (b *bench) Swap(int, int)                                  {}

func (b *bench) After(db int, k keyspace.Key, class keyspace.Class, event string) {
	key := k.Name
	if class != keyspace.ClassNew {
		b.events = append(b.events, fmt.Sprintf("%s@%d:%s", event, db, key))
	}
}

func (b *bench) Journal(_ int, argv [][]byte) {
	words := make([]string, len(argv))
	for i, w := range argv {
		words[i] = string(w)
	}
	b.journal = append(b.journal, strings.Join(words, " "))
}

// effects are what was journalled, without the frames of units of several commands.
func (b *bench) effects() []string {
	return slices.DeleteFunc(slices.Clone(b.journal), func(line string) bool { return line == "MULTI" || line == "EXEC" })
}

// do runs a command and returns the raw reply.
func (b *bench) do(words ...string) string {
	argv := make([][]byte, len(words))
	for i, w := range words {
		argv[i] = []byte(w)
	}
	b.reply.Buf = b.reply.Buf[:0]
	b.run(argv)
	return string(b.reply.Buf)
}

func (b *bench) run(argv [][]byte) {
	s := b.table.Lookup(argv)
	if s == nil {
		b.reply.Error(b.table.Unknown(argv).Error())
		return
	}
	if !s.CheckArity(len(argv)) {
		b.reply.Error(s.ErrArity().Error())
		return
	}
	b.begin(s, argv)
	b.ctx = cmdspec.Ctx{Spec: s, Argv: argv, Keys: b.keys, Tx: &b.tx, Reply: &b.reply, Client: anybody{}}
	b.runs = true
	err := s.Run(&b.ctx)
	b.tx.End(argv)
	b.runs = false
	if errors.Is(err, keyspace.ErrWrongType) {
		err = cmdspec.ErrWrongType
	}
	if err != nil {
		b.reply.Error(err.Error())
	}
}

// anybody is a client that may do everything.
type anybody struct{}

func (anybody) ID() int64                  { return 1 }
func (anybody) ReadsAll(*cmdspec.Ctx) bool { return true }

// begin locks what the command needs.
func (b *bench) begin(s *cmdspec.Spec, argv [][]byte) {
	now := time.Now().UnixMilli()
	b.positions, _ = s.AppendKeyPositions(b.positions[:0], argv)
	b.keys = b.keys[:0]
	for _, i := range b.positions {
		b.keys = append(b.keys, keyspace.Key{Name: argv[i], Hash: b.ks.Hash(argv[i])})
	}
	switch {
	case s.Locks == cmdspec.LockAll:
		b.ks.BeginAll(&b.tx, b.db, now)
	case s.Locks == cmdspec.LockNone || len(b.keys) == 0:
		b.ks.BeginNone(&b.tx, b.db, now)
	default:
		b.ks.Begin(&b.tx, b.db, now, b.keys)
	}
}

// want runs a command and compares the reply, in which \r\n is written as a
// space.
func (b *bench) want(line, reply string) {
	b.t.Helper()
	if got := oneLine(b.do(split(line)...)); got != reply {
		b.t.Errorf("%s: %q, want %q", line, got, reply)
	}
}

func oneLine(reply string) string {
	return strings.ReplaceAll(strings.TrimSuffix(reply, "\r\n"), "\r\n", " ")
}

// split cuts a line into words; a word in double quotes is a Go string.
func split(line string) []string {
	var words []string
	for line = strings.TrimLeft(line, " "); line != ""; line = strings.TrimLeft(line, " ") {
		if quoted, err := strconv.QuotedPrefix(line); err == nil {
			word, _ := strconv.Unquote(quoted)
			words = append(words, word)
			line = line[len(quoted):]
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		words = append(words, word)
		line = rest
	}
	return words
}

// An oracle is a stock server whose events and journal are read along.
type oracle struct {
	t           testing.TB
	conn, event *testutil.Conn
	aof         *os.File
	rest        []byte
}

const eventsMark = "__keyevent@mark"

func newOracle(t testing.TB) *oracle {
	t.Helper()
	s := testutil.Stock(t, "--appendonly", "yes", "--appendfsync", "no", "--save", "", "--enable-debug-command", "yes",
		"--notify-keyspace-events", "EA", "--auto-aof-rewrite-percentage", "0")
	o := &oracle{t: t, conn: s.Dial(t), event: s.Dial(t)}
	o.event.Must(t, "PSUBSCRIBE", "__keyevent@*")
	files, err := filepath.Glob(filepath.Join(s.Dir, "appendonlydir", "*.incr.aof"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the stock server has no journal: %v %v", files, err)
	}
	if o.aof, err = os.Open(files[0]); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.aof.Close() })
	return o
}

// do runs a command and returns its reply, events and journal.
func (o *oracle) do(words ...string) (reply string, events, journal []string) {
	reply = string(o.conn.Must(o.t, words...).Raw)
	o.conn.Must(o.t, "PUBLISH", eventsMark, "")
	for {
		m, err := o.event.Receive()
		if err != nil {
			o.t.Fatal(err)
		}
		channel, key := m.Elem[2].Text, m.Elem[3].Text
		if channel == eventsMark {
			break
		}
		db, event, _ := strings.Cut(strings.TrimPrefix(channel, "__keyevent@"), "__:")
		events = append(events, event+"@"+db+":"+key)
	}
	return reply, events, o.readJournal()
}

func (o *oracle) readJournal() (commands []string) {
	buf := make([]byte, 1<<16)
	for {
		n, _ := o.aof.Read(buf)
		if n == 0 {
			break
		}
		o.rest = append(o.rest, buf[:n]...)
	}
	for len(o.rest) > 0 {
		r, err := testutil.ParseReply(string(o.rest))
		if err != nil {
			o.t.Fatalf("journal of the stock server: %v", err)
		}
		o.rest = o.rest[len(r.Raw):]
		var words []string
		for _, e := range r.Elem {
			words = append(words, e.Text)
		}
		if w := strings.ToLower(words[0]); w != "select" {
			commands = append(commands, strings.Join(words, " "))
		}
	}
	return commands
}

// sameJournal compares journals: case does not matter, and points in time may
// differ by what the two servers' commands were apart.
func sameJournal(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		x, y := strings.Split(strings.ToLower(a[i]), " "), strings.Split(strings.ToLower(b[i]), " ")
		if len(x) != len(y) {
			return false
		}
		for j := range x {
			if x[j] != y[j] && !closeTimes(x[j], y[j]) {
				return false
			}
		}
	}
	return true
}

func closeTimes(a, b string) bool {
	const year2001 = 1e12 // in milliseconds
	x, err1 := strconv.ParseInt(a, 10, 64)
	y, err2 := strconv.ParseInt(b, 10, 64)
	return err1 == nil && err2 == nil && x > year2001 && y > year2001 && max(x-y, y-x) < 60_000
}

// compare runs lines on both and reports the first few differences in reply,
// events, journal, and data.
func compare(t *testing.T, lines []string) {
	t.Helper()
	compareOn(t, newBench(t), newOracle(t), lines)
}

// compareOn is compare of a bench and an oracle that have been set up.
func compareOn(t *testing.T, b *bench, o *oracle, lines []string) {
	t.Helper()
	failed := 0
	for _, line := range lines {
		words := split(line)
		b.events, b.journal = nil, nil
		got := b.do(words...)
		want, events, journal := o.do(words...)
		got, want = oneLine(got), oneLine(want)
		switch {
		case got != want && !strings.HasPrefix(line, "OBJECT IDLETIME"):
			t.Errorf("%s\n got %.300q\nwant %.300q", line, got, want)
		case fmt.Sprint(b.events) != fmt.Sprint(events):
			t.Errorf("%s\n got events %v\nwant %v", line, b.events, events)
		case !sameJournal(b.journal, journal):
			t.Errorf("%s\n got journal %.300q\nwant %.300q", line, b.journal, journal)
		default:
			continue
		}
		if failed++; failed == 40 {
			t.Fatal("and so on")
		}
	}
	want, _, _ := o.do("DEBUG", "DIGEST")
	if got := b.do("DEBUG", "DIGEST"); got != want {
		t.Errorf("the data differ: digest %q, not %q", got, want)
	}
}
