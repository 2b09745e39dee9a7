// Package commands holds the commands on data, each a Spec beside its
// handler, and those that describe commands and the server's data.
//
// A handler parses its words, fetches what it needs through c.Tx, acts and
// replies. It locks nothing and keeps nothing: c and the words in it belong to
// the next command as soon as it returns. An error that it returns becomes the
// reply; it must not have written one.
//
// Every effect on a key is followed by c.Tx.Notify with the event that Redis
// has for it, in Redis's order. What is journalled is the command as it came,
// unless that would not give the same result again (a relative expiry, a sum
// of floats, a condition): then c.Tx.Effect names what does.
//
// What handlers need of the rest of the server comes through Deps. The
// families are functions of it, listed in the server's families.go; each call
// gives fresh Specs.
package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// Deps is what handlers need beyond the keyspace that their Tx shows. A nil
// function stands for the default that it names.
type Deps struct {
	Keyspace  *keyspace.Keyspace
	Databases int
	Table     func() *cmdspec.Table // asked when a command runs: the table is made of the families

	MaxBulkLen   func() int64              // proto-max-bulk-len; nil: 512 MB
	LazyExpire   func() bool               // lazyfree-lazy-expire; nil: no
	DebugAllowed func(cmdspec.Client) bool // enable-debug-command and where the client is; nil: nobody
	Log          func(text string)         // DEBUG LOG; nil: nowhere
	Process      func() Process            // for MEMORY; nil: all zero
	RewriteAll   func() error              // DEBUG CONFIG-REWRITE-FORCE-ALL; nil: not possible
	Version      string                    // for LOLWUT
}

// Process is what MEMORY tells of the process, in bytes.
type Process struct {
	Used, Peak, Startup        int64
	RSS                        int64
	Clients, Replicas, Backlog int64
	AOF                        int64
}

func (d *Deps) maxBulkLen() int64 {
	if d.MaxBulkLen == nil {
		return 512 << 20
	}
	return d.MaxBulkLen()
}

func (d *Deps) process() Process {
	if d.Process == nil {
		return Process{}
	}
	return d.Process()
}

// with is spec with a handler that needs Deps.
func with(spec cmdspec.Spec, run func(*cmdspec.Ctx) error) *cmdspec.Spec {
	spec.Run = run
	return &spec
}

// The words of journalled commands.
var (
	wordDel       = []byte("DEL")
	wordKeepTTL   = []byte("KEEPTTL")
	wordMSet      = []byte("MSET")
	wordPersist   = []byte("PERSIST")
	wordPExpireAt = []byte("PEXPIREAT")
	wordPXAt      = []byte("PXAT")
	wordSet       = []byte("SET")
	wordUnlink    = []byte("UNLINK")
)

// deleteExpired removes a key that a command gave an expiry in the past.
func (d *Deps) deleteExpired(c *cmdspec.Ctx, k keyspace.Key) {
	if !c.Tx.Delete(k) {
		return
	}
	word := wordDel
	if d.LazyExpire != nil && d.LazyExpire() {
		word = wordUnlink
	}
	c.Tx.Effect(word, k.Name)
	c.Tx.Notify(keyspace.ClassGeneric, "del", k)
}

// cInt takes a word that must be an integer that fits in C's int: database
// indexes and the like.
func cInt(w []byte) (int, error) {
	n, ok := cmdspec.ParseInt(w)
	if !ok {
		return 0, cmdspec.ErrNotInteger
	}
	if n < math.MinInt32 || n > math.MaxInt32 {
		return 0, errCInt
	}
	return int(n), nil
}

const errCInt = cmdspec.Error("ERR value is out of range, value must between -2147483648 and 2147483647")

// database takes a word that must be the index of a database.
func (d *Deps) database(w []byte) (int, error) {
	db, err := cInt(w)
	if err == nil && (db < 0 || db >= d.Databases) {
		err = cmdspec.ErrDBIndex
	}
	return db, err
}
