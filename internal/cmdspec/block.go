package cmdspec

import (
	"errors"

	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/resp"
)

// Blocking commands. The handler of one does what its non-blocking form does.
// If there is nothing to be had it returns c.Block(...): the client is parked,
// and the handler is run again, under the locks of whoever changed one of the
// keys, until it does something else than to block again.
//
// At such a run c.Woken is set, Keys holds the key that changed, followed by
// the keys of the command that are not among those waited for, and Argv is a
// copy of the command as Argv was when it blocked: who wants other words then
// (the ID in place of a $) assigns them to Argv before it calls Block. Errors
// and replies go to the client that waited. Block keeps what it was told the
// first time.

// ErrBlocked is what Block returns: there is no reply yet.
var ErrBlocked = errors.New("the client waits")

// BlockNull is the kind of null that answers a command at once where blocking
// is not possible. A client that has waited in vain always gets a null array.
type BlockNull uint8

// The kinds of null.
const (
	BlockNullArray BlockNull = iota
	BlockNullBulk
)

func (n BlockNull) write(w *resp.Writer) {
	if n == BlockNullBulk {
		w.Null()
	} else {
		w.NullArray()
	}
}

// A Wait is what a handler that blocks waits for.
type Wait struct {
	Keys     []keyspace.Key
	Deadline int64 // Unix milliseconds; 0: none
	Existing bool  // it must hear of keys that are deleted or change type, too
	Again    int64 // Unix milliseconds at which there may be something though nothing changed; 0: never
}

// Block makes the client wait until one of keys, which are among c.Keys,
// gets a value of the type that the command's group works on, or a command
// says that such a value has changed (Tx.Signal); at most until deadline (Unix milliseconds; 0: for ever).
// The handler returns the result at once, having changed and written nothing.
// Where the client cannot wait, the reply is null.
func (c *Ctx) Block(keys []keyspace.Key, deadline int64, null BlockNull) error {
	if !c.MayBlock {
		null.write(c.Reply)
		return nil
	}
	c.Wait = Wait{Keys: keys, Deadline: deadline}
	return ErrBlocked
}

// LookAgain adds to what Block was told that the command is to be run again at a
// time (Unix milliseconds; 0: none), too. A run that blocks again says so again.
func (c *Ctx) LookAgain(at int64) { c.Wait.Again = at }

// BlockExisting is Block for a command that can do nothing but fail once a key
// is gone: it is run again then, too.
func (c *Ctx) BlockExisting(keys []keyspace.Key, deadline int64, null BlockNull) error {
	err := c.Block(keys, deadline, null)
	c.Wait.Existing = true
	return err
}
