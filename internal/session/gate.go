package session

import (
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// What is between a command and its run. Most clients do nothing but run
// commands, and nobody looks on: then all gates are zero, and one look at them is all
// it costs. A gate of a client is set and read by its own thread.

// The gates of a client.
const (
	gateMulti      uint32 = 1 << iota // commands are queued
	gateSubscribed                    // RESP2 and subscribed: few commands may run
	gateTracking                      // the keys it reads are remembered
	gateMonitor                       // it is a monitor

	// The gates of the hub.
	gatePause     // some commands wait
	gateEvict     // clients that take too much are closed
	gateEach      // each command is measured alone
	gateMonitored // there are monitors
	gateHot       // commands are sampled for HOTKEYS
)

// refuse is the error for a command that the client may not run now; empty: it may.
func (w *Worker) refuse(c *Client, cmd *command) string {
	spec := cmd.spec
	if !spec.CheckArity(len(cmd.argv)) {
		return spec.ErrArity().Error()
	}
	if c.gates == 0 && c.authed && !c.restricted() && w.hub.ks.Unlimited() {
		return "" // as for nearly all
	}
	w.tx.Release()
	flags := c.flagsOf(spec)
	if !c.authed && c.mustAuthenticate() && flags&cmdspec.NoAuth == 0 {
		return string(cmdspec.ErrNoAuth)
	}
	if c.gates&gateMulti != 0 && flags&cmdspec.NoMulti != 0 {
		return errNotQueued
	}
	if c.restricted() {
		if err := w.refuseACL(c, spec, cmd.argv); err != "" {
			return err
		}
	}
	if !w.hub.ks.MakeRoom(w.now, w) && (flags&cmdspec.DenyOOM != 0 || c.multi != nil && flags&cmdspec.EndsMulti == 0) {
		return string(cmdspec.ErrOOM)
	}
	if c.gates&gateSubscribed != 0 {
		return refuseSubscribed(spec)
	}
	if c.gates&gateMonitor != 0 && flags&(cmdspec.Write|cmdspec.ReadOnly|cmdspec.MayReplicate) != 0 {
		return errMonitorReads
	}
	return ""
}

// flagsOf are the flags of a command; those of EXEC are those of what it runs, too.
func (c *Client) flagsOf(spec *cmdspec.Spec) cmdspec.Flags {
	if c.multi != nil && spec.Locks == cmdspec.LockQueued {
		return spec.Flags | c.multi.flags&^cmdspec.NoAuth
	}
	return spec.Flags
}

// refuseQueued is refuse for a command that EXEC runs, which has been looked at before.
func (w *Worker) refuseQueued(c *Client, q *queued) string {
	return w.refuseChanged(c, q.spec, q.argv)
}

// reject answers a command with the reason why it was not run.
func (w *Worker) reject(c *Client, spec *cmdspec.Spec, err string) {
	w.tx.Release()
	if c.multi != nil {
		c.multi.bad = true
	}
	if spec != nil && spec.Locks == cmdspec.LockQueued {
		w.abort(c)
		err = abortedBecauseOf + strings.TrimPrefix(err, "ERR ")
	}
	if spec != nil {
		w.stats.commands[spec.ID].rejected.Add(1)
	}
	w.fail(err)
	w.afterReply(c)
	if c.gates&gateTracking != 0 {
		w.afterTracked(c, spec)
	}
}

// gated does what the gates ask for. done: the command is not to be run now;
// again: it is to be parsed again later.
func (w *Worker) gated(c *Client, cmd *command, gates uint32) (done, again bool) {
	if gates&gateTracking != 0 {
		w.pushOwn(c) // what was evicted for this command
	}
	if gates&gatePause != 0 && w.mustPause(c, cmd.spec) {
		if c.conn == nil {
			c.waits = true
			return true, false
		}
		w.park(c)
		return true, true
	}
	if gates&gateMulti != 0 && cmd.spec.Flags&cmdspec.NotQueued == 0 {
		w.queue(c, cmd)
		w.afterReply(c)
		return true, false
	}
	w.noting = w.forNote(gates, cmd.keys)
	return false, false
}
