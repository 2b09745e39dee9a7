package session

import (
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// Local is a client without a connection: its commands run on the thread of who
// calls. It is not safe for concurrent use, but for Get; several Locals are.
type Local struct {
	w *Worker
	c *Client

	epoch int64         // the system's time when the stopwatch of w was at 0, Unix nanoseconds ...
	until time.Duration // ... on which one may rely until the stopwatch says this
}

// keepKeys is how many keys of a command there is room for when it is over.
const keepKeys = 1024

// clockEvery is how often the system's time is read, which takes twice as long as
// to see how much has passed since.
const clockEvery = 50 * time.Millisecond

// now is Hub.now.
func (l *Local) now() int64 {
	passed := time.Since(l.w.timer.base)
	if passed >= l.until {
		l.epoch, l.until = time.Now().UnixNano()-int64(passed), passed+clockEvery
	}
	return (l.epoch+int64(passed))/int64(time.Millisecond) + l.c.hub.ks.Clock.Ahead()
}

// Local makes a client without a connection. Where a client with one would wait for
// keys, the reply is that in a transaction: null.
func (h *Hub) Local() *Local {
	l := h.newLocal()
	h.register(l.c, false)
	return l
}

func (h *Hub) newLocal() *Local {
	w := h.newWorker(nil)
	return &Local{w: w, c: h.newClient(w, nil)}
}

// Twin makes another Local for the same client, to be used at the same time. There may be
// many of them and any of them may run the next command, so each is left as it was made, but for what
// happens between Own and Disown.
func (l *Local) Twin() *Local {
	t := l.c.hub.newLocal()
	t.c.id, t.c.created = l.c.id, l.c.created
	t.c.pub.proto.Store(3)
	t.c.shared = true
	return t
}

// Own makes the next commands those of one caller, who may watch keys and queue commands.
func (l *Local) Own() { l.c.shared = false }

// Disown ends that.
func (l *Local) Disown() {
	if l.c.multi != nil || l.c.watches != nil {
		l.w.abort(l.c)
	}
	l.c.shared = true
}

// Outcome is what became of a command.
type Outcome int

// The outcomes.
const (
	Done     Outcome = iota
	Waits            // nothing has happened: the command would have to wait
	Stateful         // nothing has happened: it would change the client
)

// Try is Do for the commands of users of a Twin.
func (l *Local) Try(argv [][]byte) ([]byte, Outcome) {
	cmd := l.begin(argv)
	if cmd.spec != nil && cmd.spec.Flags&cmdspec.Stateful != 0 {
		return nil, Stateful
	}
	return l.run(&cmd)
}

// Get is GET on a short way that takes half the time, which is there because an application reads more than it
// does anything else: for callers of a Local that has Twins, as many at a time as there are. done is false if
// that way is not open, and nothing has happened: somebody looks on, or the client may not do everything, or
// memory is short, or a Glance is not enough.
func (l *Local) Get(key string) (value string, found, done bool) {
	c, h := l.c, l.c.hub
	if c.gates|h.gates.Load() != 0 || !c.authed || c.restricted() || !h.ks.Roomy() || h.get == nil {
		return "", false, false
	}
	hash := h.ks.HashString(key)
	weight := sampled(h.ks.CountGlance(hash, 1))
	var began time.Duration
	if weight > 0 {
		began = time.Since(l.w.timer.base)
	}
	value, sight := h.ks.Glance(c.DB(), key, hash, h.lately.Load()+h.ks.Clock.Ahead())
	if sight == keyspace.Unclear {
		h.ks.CountGlance(hash, -1)
		return "", false, false
	}
	if weight > 0 {
		l.measured(key, time.Since(l.w.timer.base)-began, weight)
	}
	return value, sight == keyspace.Seen, true
}

// measured notes how long a Glance took that stands for some.
func (l *Local) measured(key string, took time.Duration, weight int64) {
	h := l.c.hub
	l.w.stats.commands[h.get.ID].measured(h, took, 1, weight)
	if took > tooLong {
		h.log(l.c, h.get, [][]byte{[]byte("GET"), []byte(key)}, took)
	}
}

// unskip takes back what skip counted.
func (w *Worker) unskip(spec *cmdspec.Spec) {
	w.stats.commands[spec.ID].calls.Add(-1)
	w.stats.executed.Add(-1)
}

// Any is Try for commands that change the client, between Own and Disown.
func (l *Local) Any(argv [][]byte) ([]byte, Outcome) {
	cmd := l.begin(argv)
	return l.run(&cmd)
}

// Do runs one command and returns the reply, which is valid until the next Do.
func (l *Local) Do(argv [][]byte) []byte {
	if len(argv) == 0 {
		return nil
	}
	cmd := l.begin(argv)
	reply, _ := l.run(&cmd)
	return reply
}

func (l *Local) begin(argv [][]byte) command {
	w := l.w
	w.now = l.now()
	if cap(w.reply.Buf) > keepSize || cap(w.keys) > keepKeys {
		w.reply.Buf, w.keys = nil, nil
	}
	w.reply.Buf, w.keys = w.reply.Buf[:0], w.keys[:0]
	cmd := command{client: l.c, argv: argv}
	w.resolve(&cmd)
	return cmd
}

func (l *Local) run(cmd *command) ([]byte, Outcome) {
	w, c := l.w, l.c
	w.current, w.start = c, 0
	w.become(c)
	ran := w.execute(c, cmd)
	w.tellChanges()
	w.timer.stop(w)
	if !ran || c.waits {
		c.waits = false
		return nil, Waits
	}
	return w.reply.Buf, Done
}

// waitElsewhere undoes what has been counted of a command that a Local cannot wait with: it will come
// again from a client that can.
func (w *Worker) waitElsewhere(c *Client, spec *cmdspec.Spec) {
	w.timer.stop(w)
	w.unskip(spec)
	w.ctx.Wait, w.noting, c.waits = cmdspec.Wait{}, 0, true
}

// Close forgets the client. What it did stays counted.
func (l *Local) Close() {
	l.c.trackingOff()
	l.w.abort(l.c)
	l.c.hub.forget(l.c)
	l.c.hub.retire(l.w)
}

// Retire is Close of a Twin. The keyspace may be closed.
func (l *Local) Retire() { l.c.hub.retire(l.w) }

// Abandon makes what a client waits for, or is about to, end as if its time were over;
// Attend takes that back. What the client has got already it still gets. One that a
// pause holds back is closed. Any thread.
func (h *Hub) Abandon(id int64) {
	c := h.byID(id)
	if c == nil {
		return
	}
	c.pub.impatient.Store(true)
	if !c.unblock(false) && c.pub.paused.Load() {
		c.kill()
	}
}

// Serves says whether a client runs commands: it is there, and was not killed. Any thread.
func (h *Hub) Serves(id int64) bool {
	c := h.byID(id)
	return c != nil && !c.pub.killed.Load()
}

// Attend lets a client wait again.
func (h *Hub) Attend(id int64) {
	if c := h.byID(id); c != nil {
		c.pub.impatient.Store(false)
	}
}
