package commands

import (
	"testing"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/invariants"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/testutil"
)

// hotCommands are what must not touch the Go heap once they have run.
var hotCommands = [][]string{
	{"SET", "key", "some value of some length that is not an integer"},
	{"GET", "key"},
	{"SET", "number", "123"},
	{"GET", "number"},
	{"INCR", "number"},
	{"INCRBY", "number", "-3"},
	{"MGET", "key", "number", "missing"},
	{"STRLEN", "key"},
	{"EXISTS", "key"},
	{"GETRANGE", "key", "2", "5"},
	{"TTL", "key"},
	{"RPUSH", "list", "some element"},
	{"LPUSH", "list", "12345"},
	{"LINDEX", "list", "5"},
	{"LRANGE", "list", "0", "20"},
	{"LMOVE", "list", "list", "LEFT", "RIGHT"},
	{"LMOVE", "list", "other", "LEFT", "RIGHT"},
	{"LLEN", "list"},
	{"LPOP", "list"},
	{"RPOP", "other"},
	{"HSET", "hash", "field", "a value of the field"},
	{"HGET", "hash", "field"},
	{"HSET", "hash", "number", "1"},
	{"HINCRBY", "hash", "number", "7"},
	{"HGET", "hash", "number"},
	{"HMGET", "hash", "number", "field", "missing"},
	{"HDEL", "hash", "missing", "number"},
	{"HEXISTS", "hash", "field"},
	{"HLEN", "hash"},
}

// prepared is a command as the session hands it over.
type prepared struct {
	spec *cmdspec.Spec
	argv [][]byte
	keys []keyspace.Key
}

func (b *bench) prepare(words []string) prepared {
	p := prepared{}
	for _, w := range words {
		p.argv = append(p.argv, []byte(w))
	}
	p.spec = b.table.Lookup(p.argv)
	positions, _ := p.spec.AppendKeyPositions(nil, p.argv)
	for _, i := range positions {
		p.keys = append(p.keys, keyspace.Key{Name: p.argv[i], Hash: b.ks.Hash(p.argv[i])})
	}
	return p
}

func (b *bench) execute(p *prepared) error {
	b.reply.Buf = b.reply.Buf[:0]
	b.ks.Begin(&b.tx, 0, 1_800_000_000_000, p.keys)
	b.ctx = cmdspec.Ctx{Spec: p.spec, Argv: p.argv, Keys: p.keys, Tx: &b.tx, Reply: &b.reply}
	err := p.spec.Run(&b.ctx)
	b.tx.End(p.argv)
	return err
}

func TestHotCommandsAllocateNothing(t *testing.T) {
	if testutil.RaceEnabled || invariants.Enabled {
		t.Skip("the race detector and the checks of invariants allocate")
	}
	b := newQuietBench(t)
	for _, words := range hotCommands {
		p := b.prepare(words)
		if err := b.execute(&p); err != nil {
			t.Fatal(words, err)
		}
		if n := testing.AllocsPerRun(200, func() { b.execute(&p) }); n != 0 {
			t.Errorf("%v allocates %v times", words, n)
		}
	}
}

func BenchmarkCommands(b *testing.B) {
	for _, words := range hotCommands {
		b.Run(words[0]+"-"+words[1], func(b *testing.B) {
			bench := newQuietBench(b)
			for _, set := range hotCommands[:3] {
				p := bench.prepare(set)
				bench.execute(&p)
			}
			p := bench.prepare(words)
			b.ReportAllocs()
			for b.Loop() {
				bench.execute(&p)
			}
		})
	}
}
