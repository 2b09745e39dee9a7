package session

import (
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/latency"
)

// What is noted of single commands: slow ones, large ones, those that MONITOR
// shows and those that HOTKEYS samples. Most commands take part of a microsecond, which
// is no more than it takes to read the clock twice. So a command is measured alone only if
// it might take long: because its Spec says so, because it or its reply is large,
// because somebody wants to know of each, or because of a run of others just
// did. The rest is measured by runs, and a run that took less than tooLong has
// no member that did.

const (
	// tooLong is the shortest time that is noted of a run: below, the limit of
	// SLOWLOG has each command measured, and that of LATENCY cannot be.
	// After such a time the worker's idea of now is stale, too.
	tooLong = time.Millisecond

	// large is how many bytes make a command or a reply worth a look.
	large = 16 << 10

	// wary is how many runs are measured command by command after one that took long.
	wary = 256
)

// forNote is what is to be noted of a command, as gates.
func (w *Worker) forNote(gates uint32, keys []keyspace.Key) uint32 {
	note := gates & (gateEach | gateMonitored)
	switch {
	case gates&gateHot == 0:
	case w.hot.skip > 0:
		w.hot.skip--
	case w.hot.sample(w, keys):
		note |= gateHot
	}
	return note
}

// note notes what there is to note of a command that has just run, under its
// locks. One that waits has not come to its end.
func (w *Worker) note(c *Client, cmd *command, waits bool) {
	took := w.timer.lap(w)
	reply := len(w.reply.Buf) - w.mark + w.spilled
	what := w.noting
	w.noting = 0
	if what&gateMonitored != 0 {
		w.hub.feedMonitors(c, cmd.spec, cmd.argv)
	}
	if what&gateHot != 0 {
		w.hot.add(cmd.keys, took, cmd.size+reply)
	}
	if waits {
		w.tookWaiting = took
		return
	}
	w.hub.log(c, cmd.spec, cmd.argv, took)
	w.hub.logSizes(c, cmd, reply)
}

// begins is what happens before a command of a transaction runs.
func (w *Worker) begins(c *Client, q *queued) {
	w.noting, w.spilled = w.forNote(w.hub.gates.Load(), q.keys), 0
	w.timer.start(w, c, q.spec, q.argv)
}

// noteQueued is note for a command of a transaction, if it is worth a look.
func (w *Worker) noteQueued(c *Client, q *queued) {
	size := wordBytes(q.argv)
	if w.noting != 0 || q.spec.Slow || size > large || len(w.reply.Buf)-w.mark > large || w.streaming {
		w.note(c, &command{spec: q.spec, argv: q.argv, keys: q.keys, size: size}, false)
	}
}

// log logs a command if it took long. Any thread.
func (h *Hub) log(c *Client, spec *cmdspec.Spec, argv [][]byte, took time.Duration) {
	event := latency.Command
	if spec.Flags&cmdspec.Fast != 0 {
		event = latency.FastCommand
	}
	h.ks.Latency.Add(event, took)
	if l := &h.logs[LogSlow]; l.takes(took.Microseconds()) && spec.Flags&cmdspec.SkipSlowlog == 0 {
		l.add(c, spec, argv, took.Microseconds())
	}
}

// logSizes logs a command if it was large, or its reply.
func (h *Hub) logSizes(c *Client, cmd *command, reply int) {
	if cmd.spec.Flags&cmdspec.SkipSlowlog != 0 {
		return
	}
	if l := &h.logs[LogLargeRequest]; l.takes(int64(cmd.size)) {
		l.add(c, cmd.spec, cmd.argv, int64(cmd.size))
	}
	if l := &h.logs[LogLargeReply]; l.takes(int64(reply)) {
		l.add(c, cmd.spec, cmd.argv, int64(reply))
	}
}

// noteServed notes a command that has waited and was run again for its client,
// by whoever made its key ready: his own command did not take that time.
func (w *Worker) noteServed(b *blocked, took time.Duration, reply int) {
	w.timer.began += took
	w.stats.commands[b.spec.ID].nanos.Add(int64(took))
	w.hub.ks.Latency.Add(latency.CommandUnblocking, took)
	w.hub.log(b.client, b.spec, b.argv, b.took+took)
	w.hub.logSizes(b.client, &command{spec: b.spec, argv: b.argv, size: b.input}, reply)
}
