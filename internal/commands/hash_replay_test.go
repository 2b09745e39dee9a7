package commands

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

// hashGrammar is as replayGrammar, with f for a field, t and T for a time to
// live and a time in milliseconds, so short that some pass.
var hashGrammar = lines(`
	HSET k f v
	HSET k f v f v f v
	HSETNX k f v
	HMSET k f v f v
	HDEL k f
	HDEL k f f f
	HINCRBY k n 7
	HINCRBYFLOAT k n 1.25
	HEXPIRE k 100 FIELDS 2 f f
	HPEXPIRE k t FIELDS 1 f
	HPEXPIRE k t NX FIELDS 3 f f f
	HPEXPIREAT k T GT FIELDS 2 f f
	HPEXPIREAT k T LT FIELDS 2 f f
	HPEXPIRE k t FIELDS 1 n
	HPEXPIRE k t XX FIELDS 1 n
	HPEXPIRE k 0 FIELDS 1 f
	HPERSIST k FIELDS 2 f f
	HGETDEL k FIELDS 2 f f
	HGETEX k PX t FIELDS 2 f f
	HGETEX k PXAT T FIELDS 1 f
	HGETEX k PERSIST FIELDS 2 f f
	HGETEX k PX 0 FIELDS 1 f
	HSETEX k FNX PX t FIELDS 2 f v f v
	HSETEX k FXX EX 10 FIELDS 1 f v
	HSETEX k KEEPTTL FIELDS 2 f v n 5
	HSETEX k PXAT 1 FIELDS 1 f v
	HSETEX k FIELDS 1 f v
	HGET k f
	HMGET k f f
	HLEN k
	HGETALL k
	RENAME k k
	COPY k k REPLACE
	COPY k k DB D REPLACE
	MOVE k D
	PEXPIRE k 10000
	DEL k
	SET k v
	SWAPDB D D
`)

func hashCommand(rng *rand.Rand, now int64) string {
	line := hashGrammar[rng.IntN(len(hashGrammar))]
	if strings.HasPrefix(line, "SWAPDB") && rng.IntN(10) > 0 {
		line = "HSET k f v"
	}
	var words []string
	for w := range strings.FieldsSeq(line) {
		switch w {
		case "k":
			w = "key:" + strconv.Itoa(rng.IntN(4))
		case "f":
			w = "f" + strconv.Itoa(rng.IntN(12))
		case "v":
			w = strconv.Quote(replayValues[rng.IntN(len(replayValues))])
		case "t":
			w = strconv.Itoa(rng.IntN(60))
		case "T":
			w = strconv.FormatInt(now+int64(rng.IntN(60)), 10)
		case "D":
			w = strconv.Itoa(rng.IntN(3))
		}
		words = append(words, w)
	}
	return strings.Join(words, " ")
}

// hashes is what the live fields of all hashes are, and when they expire.
func (b *bench) hashes(now int64) string {
	all := []string{}
	for db := range 3 {
		b.ks.BeginAll(&b.tx, db, now)
		b.tx.Each(func(e keyspace.Entry) bool {
			if e.Type() != keyspace.TypeHash {
				return true
			}
			h := value.OpenHash(e.Cell(), now)
			if err := h.Validate(); err != nil {
				b.t.Fatal(err)
			}
			h.Each(func(field, v []byte, at int64) bool {
				all = append(all, fmt.Sprintf("%d %s until %d: %s = %q until %d", db, e.Name(), e.ExpireAt(), field, v, at))
				return true
			})
			return true
		})
		b.tx.End(nil)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// What is journalled reproduces hashes with the very millisecond of each
// field's expiry, while fields expire all the time.
func TestHashJournalReplays(t *testing.T) {
	seed := *replaySeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	for _, entries := range []int64{512, 0, 5} {
		rng := rand.New(rand.NewPCG(seed, uint64(entries)))
		master, replica := newQuietBench(t), newQuietBench(t)
		master.ks.Settings.Limits.HashEntries.Store(entries)
		replica.ks.Settings.Limits.HashEntries.Store(entries)
		var j journal
		master.ks.Subscribe(&j)
		now := time.Now().UnixMilli() + 1_000_000_000
		for i := range 4000 {
			j.dbs, j.commands = j.dbs[:0], j.commands[:0]
			now += int64(rng.IntN(4))
			line := hashCommand(rng, now)
			master.db = rng.IntN(3)
			master.at(now, line)
			for n, effect := range j.commands {
				replica.db = j.dbs[n]
				replica.runAt(now, effect)
				if bytes.HasPrefix(replica.reply.Buf, []byte("-")) {
					t.Fatalf("%q was journalled as %q, which fails: %s", line, effect, replica.reply.Buf)
				}
			}
			if i%10 != 0 {
				continue
			}
			if want, got := master.hashes(now), replica.hashes(now); got != want {
				t.Fatalf("command %d, %s, journalled as %q: master\n%s\nreplica\n%s", i, line, j.commands, want, got)
			}
		}
	}
}
