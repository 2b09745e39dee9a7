package session

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// Transactions. Between MULTI and EXEC commands are checked as ever, and kept
// in place of being run. EXEC locks what all of them need, and what is watched,
// and runs them in one Tx: nobody sees a part of it.

const (
	errNestedMulti   = cmdspec.Error("ERR MULTI calls can not be nested")
	errExecAlone     = cmdspec.Error("ERR EXEC without MULTI")
	errDiscardAlone  = cmdspec.Error("ERR DISCARD without MULTI")
	errWatchInside   = cmdspec.Error("ERR WATCH inside MULTI is not allowed")
	errNotQueued     = "ERR Command not allowed inside a transaction"
	errAborted       = cmdspec.Error("EXECABORT Transaction discarded because of previous errors.")
	abortedBecauseOf = "EXECABORT Transaction discarded because of: "
)

// A transaction is what a client has queued since MULTI.
type transaction struct {
	queue []queued
	keys  []keyspace.Key // of all of them
	all   bool           // one of them needs every shard
	flags cmdspec.Flags  // of all of them
	bad   bool           // one was refused: EXEC will be, too
	size  int64          // bytes that it takes
}

// queued is one command of a transaction, with words of its own.
type queued struct {
	spec *cmdspec.Spec
	argv [][]byte
	keys []keyspace.Key
}

const queuedSize = 96 // of a queued, and the head of a slice of keys

// queue keeps a command for EXEC, unless that will do nothing anyway.
func (w *Worker) queue(c *Client, cmd *command) {
	w.reply.Simple("QUEUED")
	t := c.multi
	if t.bad || c.dirty.Load() {
		return
	}
	q := queued{spec: cmd.spec, argv: copyWords(cmd.argv)}
	first := len(t.keys)
	t.keys = appendOwn(t.keys, cmd.keys, cmd.argv, q.argv)
	q.keys = t.keys[first:len(t.keys):len(t.keys)]
	t.queue = append(t.queue, q)
	t.flags |= cmd.spec.Flags
	t.all = t.all || cmd.spec.Locks == cmdspec.LockAll || cmd.spec.Locks == cmdspec.LockEach
	size := int64(queuedSize + wordBytes(q.argv) + wordSize*len(q.argv) + 32*len(q.keys))
	t.size += size
	c.pub.queued.Store(int64(len(t.queue)))
	c.pub.multiBytes.Store(t.size)
	c.hold(size)
}

// appendOwn appends keys, whose names are words of from, with the copies of
// these words, to. Keys come mostly in the order of the words.
func appendOwn(own, keys []keyspace.Key, from, to [][]byte) []keyspace.Key {
	at := 0
	for _, k := range keys {
		for tries := 0; tries < len(from) && !sameWord(from[at], k.Name); tries++ {
			at = (at + 1) % len(from)
		}
		own = append(own, keyspace.Key{Name: to[at], Hash: k.Hash})
	}
	return own
}

func sameWord(a, b []byte) bool {
	return len(a) == len(b) && (len(a) == 0 || &a[0] == &b[0])
}

// endMulti forgets the transaction and what is watched for it.
func (c *Client) endMulti() {
	if t := c.multi; t != nil {
		c.hold(-t.size)
		c.multi = nil
		c.gates &^= gateMulti
		c.pub.queued.Store(-1)
		c.pub.multiBytes.Store(0)
	}
}

var multi = cmdspec.Spec{
	Name: "multi", Arity: 1, Since: "1.2.0", Group: cmdspec.GroupTransactions,
	Summary: "Starts a transaction.", Complexity: "O(1)",
	Flags: transactional | cmdspec.Fast | cmdspec.NotQueued | cmdspec.Stateful,
	Run:   runMulti,
}

// transactional are the flags of all of these commands.
const transactional = cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale | cmdspec.AllowBusy

func runMulti(c *cmdspec.Ctx) error {
	me := caller(c)
	if me.multi != nil {
		return errNestedMulti
	}
	me.multi = &transaction{}
	me.gates |= gateMulti
	me.pub.queued.Store(0)
	c.Reply.OK()
	return nil
}

var discard = cmdspec.Spec{
	Name: "discard", Arity: 1, Since: "2.0.0", Group: cmdspec.GroupTransactions,
	Summary: "Discards a transaction.", Complexity: "O(N) with N queued commands.",
	Flags: transactional | cmdspec.Fast | cmdspec.NotQueued | cmdspec.EndsMulti | cmdspec.Stateful,
	Locks: cmdspec.LockWatched,
	Run:   runDiscard,
}

func runDiscard(c *cmdspec.Ctx) error {
	me := caller(c)
	if me.multi == nil {
		return errDiscardAlone
	}
	me.endMulti()
	me.unwatch()
	c.Reply.OK()
	return nil
}

// abort discards a transaction whose EXEC was refused.
func (w *Worker) abort(c *Client) {
	c.endMulti()
	w.hub.ks.Begin(&w.tx, c.DB(), w.now, c.watchedKeys(nil))
	c.unwatch()
	w.tx.End(nil)
}

var exec = cmdspec.Spec{
	Name: "exec", Arity: 1, Since: "1.2.0", Group: cmdspec.GroupTransactions,
	Summary: "Executes all commands of a transaction.", Complexity: "As the commands.",
	Flags: transactional&^cmdspec.AllowBusy | cmdspec.SkipSlowlog | cmdspec.NotQueued | cmdspec.EndsMulti | cmdspec.Stateful,
	Locks: cmdspec.LockQueued,
	Run:   runExec,
}

// beginQueued locks what EXEC needs: what the queued commands do, and what is watched.
func (w *Worker) beginQueued(c *Client) {
	switch t := c.multi; {
	case t == nil:
		w.hub.ks.BeginNone(&w.tx, c.DB(), w.now)
	case t.all:
		w.hub.ks.BeginAll(&w.tx, c.DB(), w.now)
	default:
		w.hub.ks.Begin(&w.tx, c.DB(), w.now, c.watchedKeys(t.keys))
	}
}

func runExec(c *cmdspec.Ctx) error {
	me := caller(c)
	t := me.multi
	if t == nil {
		return errExecAlone
	}
	touched := me.touched(c.Tx)
	me.unwatch()
	if !t.bad && !touched {
		me.worker.runQueued(me, t)
	}
	me.endMulti()
	switch {
	case t.bad:
		return errAborted
	case touched:
		c.Reply.NullArray()
	}
	return nil
}

// runQueued runs the commands of a transaction in the Tx of its EXEC. Each is
// measured on its own, and EXEC as a whole.
func (w *Worker) runQueued(c *Client, t *transaction) {
	w.reply.Array(len(t.queue))
	w.dropUnwanted(c)
	ctx, timer, noting := w.ctx, w.timer, w.noting // EXEC's own
	w.timer.spec = nil
	w.tx.Group()
	for i := range t.queue {
		q := &t.queue[i]
		w.mark = len(w.reply.Buf)
		if i > 0 {
			w.tx.Then(t.queue[i-1].argv, c.DB())
		}
		if err := w.refuseQueued(c, q); err != "" {
			w.stats.commands[q.spec.ID].rejected.Add(1)
			w.fail(err)
		} else {
			w.begins(c, q)
			w.ctx.Spec, w.ctx.Argv, w.ctx.Keys, w.ctx.MayBlock = q.spec, q.argv, q.keys, false
			w.run(c, q.spec)
			w.noteQueued(c, q)
		}
		w.dropUnwanted(c)
	}
	w.timer.stop(w)
	var last [][]byte
	if n := len(t.queue); n > 0 {
		last = t.queue[n-1].argv
	}
	w.tx.EndGroup(last)
	w.ctx, w.timer, w.noting = ctx, timer, noting
	w.mark = len(w.reply.Buf) // no part of the reply is dropped for what EXEC's own would be
}

// dropUnwanted drops what was written since the mark if the client has turned
// replies off. A transaction may do that in its midst.
func (w *Worker) dropUnwanted(c *Client) {
	if c.reply == replyOff {
		w.dropReply()
	}
}
