package session

import (
	"slices"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/resp"
)

// Blocked clients. A client whose command waits is stopped, and its command is
// left with the keyspace. Whoever changes one of the keys runs the command
// again, on his own thread, and posts the reply to the client's loop, where
// the client goes on. Until then it takes no processor time at all.

// blocked is the command that a client waits for.
type blocked struct {
	keyspace.Waiter
	client   *Client
	spec     *cmdspec.Spec
	argv     [][]byte     // its own
	deadline int64        // of the system's clock, Unix milliseconds; 0: none
	own      []notice     // follow the reply
	again    atomic.Int64 // when to look again before that, likewise; 0: no need
	alarm    *evloop.Timer
	size     int64 // bytes that it takes

	took  time.Duration // before it had to wait
	input int           // bytes
}

// waitTypes are the types that blocking commands work on.
var waitTypes = map[cmdspec.Group]keyspace.Type{
	cmdspec.GroupList: keyspace.TypeList, cmdspec.GroupSortedSet: keyspace.TypeZSet, cmdspec.GroupStream: keyspace.TypeStream,
}

// block parks the client with the command that has just asked for it. The
// locks of the command are held.
func (w *Worker) block(c *Client, cmd *command) {
	wait := &w.ctx.Wait
	b := &blocked{client: c, spec: cmd.spec, deadline: w.hub.systemTime(wait.Deadline), took: w.tookWaiting, input: cmd.size}
	b.DB, b.Type, b.Existing, b.User = c.DB(), waitTypes[cmd.spec.Group], wait.Existing, b
	b.Wake = func() { c.conn.Post(func() { c.worker.retry(b) }) }
	b.argv = copyWords(cmd.argv)
	b.Keys = copyKeys(wait.Keys)
	b.More = copyKeys(otherKeys(cmd.keys, wait.Keys))
	b.size = b.bytes()
	b.again.Store(w.hub.systemTime(wait.Again))
	w.ctx.Wait = cmdspec.Wait{}
	c.blocked, c.halted = b, true
	c.pub.blocked.Store(b)
	c.conn.Stop()
	c.hold(b.size)
	w.setAlarm(b)
	w.tx.Wait(&b.Waiter)
	if c.pub.impatient.Load() {
		c.unblock(false)
	}
}

// systemTime is the time on the system's clock at which that of data shows at; 0 stays 0.
func (h *Hub) systemTime(at int64) int64 {
	if at == 0 {
		return 0
	}
	return max(at-h.ks.Clock.Ahead(), 1)
}

// copyWords copies a command out of the input.
func copyWords(argv [][]byte) [][]byte {
	n := 0
	for _, word := range argv {
		n += len(word)
	}
	bytes, words := make([]byte, 0, n), make([][]byte, len(argv))
	for i, word := range argv {
		start := len(bytes)
		bytes = append(bytes, word...)
		words[i] = bytes[start:len(bytes):len(bytes)]
	}
	return words
}

func copyKeys(keys []keyspace.Key) []keyspace.Key {
	own := make([]keyspace.Key, len(keys))
	for i, k := range keys {
		own[i] = keyspace.Key{Name: slices.Clone(k.Name), Hash: k.Hash}
	}
	return own
}

// otherKeys are the keys of a command beyond those that it waits for. One that
// is named twice may be both.
func otherKeys(all, waited []keyspace.Key) []keyspace.Key {
	others := slices.Clone(all)
	for _, k := range waited {
		for i := range others {
			if string(others[i].Name) == string(k.Name) {
				others = slices.Delete(others, i, i+1)
				break
			}
		}
	}
	return others
}

const (
	blockedSize = 512 // of a blocked, its timer, its places in queues
	wordSize    = 24  // of a slice
)

func (b *blocked) bytes() int64 {
	n := int64(blockedSize)
	for _, word := range b.argv {
		n += int64(len(word)) + wordSize
	}
	for _, k := range b.Keys {
		n += int64(2*len(k.Name)) + 4*wordSize
	}
	return n
}

// setAlarm arranges for the end of the wait, or for the time to look again if
// that comes first.
func (w *Worker) setAlarm(b *blocked) {
	b.stopAlarm()
	at := b.deadline
	if again := b.again.Load(); again != 0 && (at == 0 || again < at) {
		at = again
	}
	if at == 0 {
		return
	}
	left := max(at-unixMilli(), 0)
	// A wait of centuries must not overflow the timer's clock.
	left = min(left, int64(24*time.Hour/time.Millisecond))
	b.alarm = w.loop.After(time.Duration(left)*time.Millisecond, func() { b.client.worker.timeOut(b) })
}

// lookAgain brings the alarm forward. Any thread may call it.
func (b *blocked) lookAgain(at int64) {
	if now := b.again.Load(); at == 0 || now != 0 && now <= at {
		return
	}
	b.again.Store(at)
	b.client.conn.Post(func() {
		if b.client.blocked == b {
			b.client.worker.setAlarm(b)
		}
	})
}

// timeOut looks again if it is time for that, and ends a wait in vain.
func (w *Worker) timeOut(b *blocked) {
	if at := b.again.Load(); at != 0 && at <= unixMilli() {
		b.again.Store(0)
		w.retry(b)
		if b.client.blocked != b {
			return
		}
	}
	if b.deadline == 0 || unixMilli() < b.deadline {
		w.setAlarm(b)
		return
	}
	if b.GiveUp() {
		w.endWait(b, b.nothing())
	}
}

// nothing is the reply to a client that has waited in vain.
func (b *blocked) nothing() []byte {
	r := resp.Writer{Proto: int(b.client.pub.proto.Load())}
	r.NullArray()
	return r.Buf
}

// serve runs the waiting commands for which the running one, argv, has made
// keys ready, and returns the last command of the Tx.
func (w *Worker) serve(argv [][]byte) [][]byte {
	for {
		waiter, key := w.tx.Ready()
		if waiter == nil {
			return argv
		}
		b := waiter.User.(*blocked)
		w.tx.Then(argv, b.DB)
		argv = b.argv
		w.wakeKeys = append(append(w.wakeKeys[:0], key), b.More...)
		if reply, ok := w.rerun(b, w.wakeKeys); ok {
			b.client.conn.Post(func() { b.client.worker.endWait(b, reply) })
			w.tx.Served(waiter) // after Post: who kills the client now comes later
		} else {
			waiter.Release()
		}
	}
}

// rerun runs the command of a waiting client again. It is false if the client
// must go on waiting.
func (w *Worker) rerun(b *blocked, keys []keyspace.Key) (reply []byte, ok bool) {
	c := b.client
	if c.pub.killed.Load() {
		return nil, false
	}
	r, ctx := &w.wakeReply, &w.wakeCtx
	*r = resp.Writer{Proto: int(c.pub.proto.Load())}
	*ctx = cmdspec.Ctx{Spec: b.spec, Argv: b.argv, Keys: keys, Tx: &w.tx, Reply: r, Client: c, MayBlock: true, Woken: true}
	w.tx.SetNoTouch(c.pub.noTouch.Load())
	began := time.Now()
	err := w.runServed(b, ctx)
	took := time.Since(began)
	w.tx.SetNoTouch(w.noTouch)
	if err == cmdspec.ErrBlocked {
		b.lookAgain(w.hub.systemTime(ctx.Wait.Again))
		return nil, false
	}
	if err != nil {
		r.Buf = r.Buf[:0]
		w.stats.commands[b.spec.ID].failed.Add(1)
		text := errorText(err)
		r.Error(text)
		w.hub.errors.count(text)
	}
	w.noteServed(b, took, len(r.Buf))
	return r.Buf, true
}

// retry looks again on behalf of a client of this worker that still waits: one of its
// keys has changed, and nobody was there to serve it.
func (w *Worker) retry(b *blocked) {
	if b.client.blocked != b {
		return
	}
	keys := append(slices.Clone(b.Keys), b.More...)
	w.hub.ks.Begin(&w.tx, b.DB, w.hub.now(), keys)
	if !b.Claim() {
		w.tx.End(nil)
		return
	}
	reply, ok := w.rerun(b, keys)
	if ok {
		w.tx.Served(&b.Waiter)
	} else {
		b.Release()
	}
	w.tx.End(w.serve(b.argv))
	w.tellChanges()
	if ok {
		w.endWait(b, reply)
	}
}

// endWait lets a client of this worker go on with a reply, if b is what it still waits for.
func (w *Worker) endWait(b *blocked, reply []byte) {
	c := b.client
	if c.blocked != b {
		return
	}
	w.dropWait(c)
	if c.reply == replyOn {
		w.stats.netOut.Add(int64(len(reply)))
		c.pub.netOut.Add(int64(len(reply)))
		if w.checkOutput(c, len(reply)) {
			return
		}
		c.conn.Write(reply)
	} else if c.reply == replySkip {
		c.reply = replyOn
	}
	c.afterWait(b)
	c.pub.active.Store(w.hub.now())
	c.conn.Resume()
}

// dropWait makes a client wait no more.
func (w *Worker) dropWait(c *Client) {
	b := c.blocked
	if b == nil {
		return
	}
	c.blocked = nil
	c.pub.blocked.Store(nil)
	b.stopAlarm()
	b.GiveUp()
	c.hold(-b.size)
	w.hub.ks.Forget(&b.Waiter)
}

func (b *blocked) stopAlarm() {
	if b.alarm != nil {
		b.alarm.Stop()
	}
}
