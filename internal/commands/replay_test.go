package commands

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/keyspace"
)

var replaySeed = flag.Uint64("replay-seed", 0, "seed of TestJournalReplays; 0: by the clock")

// What is written is one command, its words made up: k a key, v a value, i an
// integer, f a float, o an offset, s and ms a time to live, S and MS a time, D a database.
var replayGrammar = strings.Split(strings.TrimSpace(`
SET k v
SET k v EX s
SET k v PX ms NX
SET k v EXAT S XX
SET k v PXAT MS GET
SET k v KEEPTTL
SET k v IFEQ v
SETNX k v
SETEX k s v
PSETEX k ms v
GETSET k v
GETDEL k
GETEX k EX s
GETEX k PXAT MS
GETEX k PERSIST
APPEND k v
SETRANGE k o v
INCR k
DECRBY k i
INCRBY k i
INCRBYFLOAT k f
INCREX k BYINT i UBOUND 1000 SATURATE EX s
INCREX k BYFLOAT f
MSET k v k v
MSETNX k v k v
MSETEX 2 k v k v EX s
DELEX k
DELEX k IFEQ v
DEL k k
UNLINK k
EXPIRE k s
PEXPIRE k ms XX
EXPIREAT k S GT
PEXPIREAT k MS LT
EXPIRE k -1
PERSIST k
RENAME k k
RENAMENX k k
COPY k k REPLACE
COPY k k DB D REPLACE
MOVE k D
TOUCH k
GET k
STRLEN k
RANDOMKEY
SWAPDB D D
FLUSHDB
FLUSHALL
`), "\n")

type replayer struct {
	rng *rand.Rand
	now time.Time
}

func (r *replayer) command() [][]byte {
	line := replayGrammar[r.rng.IntN(len(replayGrammar))]
	if strings.HasPrefix(line, "FLUSH") && r.rng.IntN(20) > 0 {
		line = "SET k v"
	}
	var argv [][]byte
	for word := range strings.FieldsSeq(line) {
		argv = append(argv, []byte(r.word(word)))
	}
	return argv
}

var replayValues = []string{"", "0", "1", "-7", "9223372036854775807", "3.5", "abc", "with space", "\x00\r\n\xff",
	strings.Repeat("x", 45), strings.Repeat("y", 2000)}

func (r *replayer) word(w string) string {
	later := 1000 + r.rng.IntN(100_000) // no test runs as long
	switch w {
	case "k":
		return "key:" + strconv.Itoa(r.rng.IntN(8))
	case "v":
		return replayValues[r.rng.IntN(len(replayValues))]
	case "i":
		return strconv.Itoa(r.rng.IntN(2000) - 1000)
	case "f":
		return strconv.FormatFloat(r.rng.NormFloat64()*100, 'f', 5, 64)
	case "o":
		return strconv.Itoa(r.rng.IntN(60))
	case "s":
		return strconv.Itoa(later)
	case "ms":
		return strconv.Itoa(later * 1000)
	case "S":
		return strconv.FormatInt(r.now.Unix()+int64(later), 10)
	case "MS":
		return strconv.FormatInt(r.now.UnixMilli()+int64(later)*1000, 10)
	case "D":
		return strconv.Itoa(r.rng.IntN(3))
	}
	return w
}

// journal is what one bench reported, for another to repeat.
type journal struct {
	dbs      []int
	commands [][][]byte
}

func (j *journal) Before(int, keyspace.Key, keyspace.Entry, bool)  {}
func (j *journal) After(int, keyspace.Key, keyspace.Class, string) {}
func (j *journal) Flush(int)                                       {}
func (j *journal) Swap(int, int)                                   {}
func (j *journal) Journal(db int, argv [][]byte) {
	if len(argv) == 1 && (string(argv[0]) == "MULTI" || string(argv[0]) == "EXEC") {
		return // what runs them is the session
	}
	own := make([][]byte, len(argv))
	for i, w := range argv {
		own[i] = bytes.Clone(w)
	}
	j.dbs, j.commands = append(j.dbs, db), append(j.commands, own)
}

// state is all that a replica must have in common with its master; digests do
// not tell when a key expires. Encodings may differ, as they do with Redis: the text that
// INCRBYFLOAT leaves is journalled as a SET, which stores an integer.
func (b *bench) state() string {
	var all strings.Builder
	for db := range 3 {
		b.db = db
		b.ks.BeginAll(&b.tx, db, time.Now().UnixMilli())
		lines := []string{} // sorted: the order is by a hash that is seeded per keyspace
		b.tx.Each(func(e keyspace.Entry) bool {
			lines = append(lines, strconv.Itoa(db)+" "+strconv.Quote(string(e.Name()))+" "+strconv.FormatInt(e.ExpireAt(), 10)+" "+strconv.Quote(string(e.Bytes(nil))))
			return true
		})
		b.tx.End(nil)
		slices.Sort(lines)
		all.WriteString(strings.Join(lines, "\n") + "\n")
	}
	return all.String()
}

// What is journalled reproduces the keyspace: contents, and the very millisecond of each expiry. A replica and a reloaded file stand on it.
func TestJournalReplays(t *testing.T) {
	seed := *replaySeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	master, replica := newQuietBench(t), newQuietBench(t)
	var j journal
	master.ks.Subscribe(&j)
	r := replayer{rand.New(rand.NewPCG(seed, 9)), time.Now()}
	for i := range 5000 {
		j.dbs, j.commands = j.dbs[:0], j.commands[:0]
		argv := r.command()
		master.db = r.rng.IntN(3)
		master.reply.Buf = master.reply.Buf[:0]
		master.run(argv)
		for n, effect := range j.commands {
			replica.db = j.dbs[n]
			replica.reply.Buf = replica.reply.Buf[:0]
			replica.run(effect)
			if bytes.HasPrefix(replica.reply.Buf, []byte("-")) {
				t.Fatalf("%q was journalled as %q, which fails: %s", argv, effect, replica.reply.Buf)
			}
		}
		if i%20 != 0 && i > 500 {
			continue
		}
		if want, got := master.state(), replica.state(); got != want {
			t.Fatalf("command %d, %q, journalled as %q: master\n%s\nreplica\n%s", i, argv, j.commands, want, got)
		}
	}
}
