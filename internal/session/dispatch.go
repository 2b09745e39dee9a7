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
		w.fail(w.hub.table.Unknown(cmd.argv).Error())
		w.afterReply(c)
		return true
	}
	if c.pub.command.Load() != spec {
		c.pub.command.Store(spec)
	}
	if err := w.refuse(c, spec, len(cmd.argv)); err != "" {
		w.stats.commands[spec.ID].rejected.Add(1)
		w.fail(err)
		w.afterReply(c)
		return true
	}
	if w.hub.pause.kind.Load() != pauseNone && w.mustPause(c, spec) {
		w.park(c)
		return false
	}
	w.timer.start(w, spec)
	w.call(c, cmd)
	if w.streaming {
		w.endStream(c)
	}
	if c.reply != replyOn && c.blocked == nil {
		w.afterReply(c)
	}
	return true
}

// isHTTP says whether a command is a line of an HTTP request: a browser was
// made to send it, and what follows is not the user's.
func isHTTP(name []byte) bool {
	return cmdspec.EqualFold(name, "POST") || cmdspec.EqualFold(name, "HOST:")
}

// refuse is the error for a command that the client may not run now; empty: it may.
func (w *Worker) refuse(c *Client, spec *cmdspec.Spec, words int) string {
	switch {
	case !spec.CheckArity(words):
		return spec.ErrArity().Error()
	case !c.authed && c.mustAuthenticate() && spec.Flags&cmdspec.NoAuth == 0:
		return string(cmdspec.ErrNoAuth)
	case !w.hub.ks.MakeRoom(w.now) && spec.Flags&cmdspec.DenyOOM != 0:
		return string(cmdspec.ErrOOM)
	}
	return ""
}

// call locks what the command needs and runs its handler.
func (w *Worker) call(c *Client, cmd *command) {
	spec, ctx := cmd.spec, &w.ctx
	ctx.Spec, ctx.Argv, ctx.Keys, ctx.MayBlock = spec, cmd.argv, cmd.keys, c.conn != nil
	db := int(c.pub.db.Load())
	switch spec.Locks {
	case cmdspec.LockAll:
		w.hub.ks.BeginAll(&w.tx, db, w.now)
	case cmdspec.LockNone:
		w.hub.ks.BeginNone(&w.tx, db, w.now)
	default:
		w.hub.ks.Begin(&w.tx, db, w.now, cmd.keys)
	}
	err := spec.Run(ctx)
	if err == cmdspec.ErrBlocked {
		w.block(c, cmd)
		err = nil
	}
	last := cmd.argv
	if w.tx.AnyReady() {
		last = w.serve(last)
	}
	w.tx.End(last)
	if err != nil {
		w.reply.Buf = w.reply.Buf[:w.mark]
		w.stats.commands[spec.ID].failed.Add(1)
		w.fail(errorText(err))
	}
	ctx.Argv, ctx.Keys = nil, nil
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
