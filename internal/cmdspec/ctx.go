package cmdspec

import (
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/resp"
)

// Ctx is what a handler gets: one command of one client, its shards locked.
// It is reused for the next command; nothing of it may be kept, nor Argv's
// bytes, which are the read buffer.
type Ctx struct {
	Spec   *Spec
	Argv   [][]byte       // all words; Argv[0] is the name as it came
	Keys   []keyspace.Key // the keys that Spec.Keys finds, in order
	Tx     *keyspace.Tx   // the locked part of the keyspace, in the client's database
	Reply  *resp.Writer
	Client Client

	MayBlock bool // Block can make the client wait
	Woken    bool // it has waited, and the command is run again
	Wait     Wait // what Block was told
}

// Client is what handlers outside the session may know of who asks.
type Client interface {
	ID() int64
	// ReadsAll says whether the client's user may let the command read keys that it does not name.
	ReadsAll(*Ctx) bool
}
