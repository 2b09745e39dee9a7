package session

import (
	"errors"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// execute runs one command if the client may. It is false if the command
// must wait: then nothing has happened.
func (w *Worker) execute(c *Client, cmd *command) bool {
	spec := cmd.spec
	w.mark = len(w.reply.Buf)
	if spec == nil && isHTTP(cmd.argv[0]) {
		w.hub.logf("Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to the server. " +
			"This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise it. Connection aborted.")
		c.closeAfterReply()
		return true
	}
	if spec == nil {
		w.reject(c, nil, w.hub.table.Unknown(cmd.argv).Error())
		return true
	}
	if c.pub.command.Load() != spec {
		c.pub.command.Store(spec)
	}
	gates := c.gates | w.hub.gates.Load()
	if gates != 0 {
		w.tx.Release()
	}
	if gates&gateEvict != 0 && w.evicted(c) {
		return false
	}
	if err := w.refuse(c, cmd); err != "" {
		w.reject(c, spec, err)
		return true
	}
	switch {
	case gates == 0:
	case gates == gateHot && w.hot.skip > 0: // see forNote: of most commands that is all a hunt is for
		w.hot.skip--
	default:
		if done, again := w.gated(c, cmd, gates); done {
			return !again
		}
	}
	if cmd.size > large {
		w.noting |= gateEach
	}
	w.timer.start(w, c, spec, cmd.argv)
	w.call(c, cmd)
	if w.streaming {
		w.endStream(c)
	}
	if c.reply != replyOn && c.blocked == nil {
		w.afterReply(c)
	}
	if c.gates&gateTracking != 0 {
		w.afterTracked(c, spec)
	}
	return true
}

// isHTTP says whether a command is a line of an HTTP request: a browser was
// made to send it, and what follows is not the user's.
func isHTTP(name []byte) bool {
	return cmdspec.EqualFold(name, "POST") || cmdspec.EqualFold(name, "HOST:")
}

// call locks what the command needs and runs its handler.
func (w *Worker) call(c *Client, cmd *command) {
	spec, ctx := cmd.spec, &w.ctx
	ctx.Spec, ctx.Argv, ctx.Keys, ctx.MayBlock = spec, cmd.argv, cmd.keys, c.conn != nil || c.shared
	if spec.Locks == cmdspec.LockKeys { // most do; a call less
		w.hub.ks.Begin(&w.tx, c.DB(), w.now, cmd.keys)
	} else {
		w.begin(c, cmd)
	}
	waits := w.run(c, spec) == cmdspec.ErrBlocked
	if waits && c.conn == nil {
		w.waitElsewhere(c, spec)
	} else if w.noting != 0 || spec.Slow || len(w.reply.Buf)-w.mark > large || w.streaming {
		w.note(c, cmd, waits)
	}
	if waits && c.conn != nil {
		w.block(c, cmd)
	}
	last := cmd.argv
	if w.tx.AnyReady() {
		last = w.serve(last)
	}
	if w.holds {
		w.tx.EndHolding(last)
	} else {
		w.tx.End(last)
	}
	ctx.Argv, ctx.Keys = nil, nil
}

// begin locks what a command needs that needs more, or less, than its keys.
func (w *Worker) begin(c *Client, cmd *command) {
	ks, db := w.hub.ks, c.DB()
	switch cmd.spec.Locks {
	case cmdspec.LockAll:
		ks.BeginAll(&w.tx, db, w.now)
	case cmdspec.LockNone, cmdspec.LockEach:
		ks.BeginNone(&w.tx, db, w.now)
	case cmdspec.LockWatched:
		ks.Begin(&w.tx, db, w.now, c.watchedKeys(nil))
	case cmdspec.LockQueued:
		w.beginQueued(c)
	}
}

// run runs the handler of a command whose Ctx is complete and whose locks are
// held, alone or as a part of EXEC. Its error has become the reply, unless it is ErrBlocked.
func (w *Worker) run(c *Client, spec *cmdspec.Spec) error {
	err := spec.Run(&w.ctx)
	if c.gates&gateTracking != 0 {
		w.track(c, spec)
	}
	if err != nil && err != cmdspec.ErrBlocked {
		w.reply.Buf = w.reply.Buf[:w.mark]
		w.stats.commands[spec.ID].failed.Add(1)
		w.fail(errorText(err))
		return nil
	}
	return err
}

// fail answers with an error and counts it by its code.
func (w *Worker) fail(text string) {
	w.reply.Error(text)
	w.hub.errors.count(text)
}

// errorText is the one place where errors become replies.
func errorText(err error) string {
	var e cmdspec.Error
	switch {
	case errors.As(err, &e):
		return string(e)
	case errors.Is(err, keyspace.ErrWrongType):
		return string(cmdspec.ErrWrongType)
	}
	return "ERR " + err.Error()
}

// afterReply drops the reply just written if the client does not want it.
func (w *Worker) afterReply(c *Client) {
	switch c.reply {
	case replyOff:
		w.dropReply()
	case replySkipNext:
		w.dropReply()
		c.reply = replySkip
	case replySkip:
		w.dropReply()
		c.reply = replyOn
	}
}

// dropReply takes back what the running command answered.
func (w *Worker) dropReply() { w.reply.Buf = w.reply.Buf[:w.mark] }
