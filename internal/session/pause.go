package session

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// What CLIENT PAUSE holds back.
const (
	pauseNone int32 = iota
	pauseWrite
	pauseAll
)

// pause is the state of CLIENT PAUSE. Commands look at the gate alone, unless
// there is a pause.
type pause struct {
	kind atomic.Int32
	end  atomic.Int64  // Unix milliseconds
	keys *atomic.Int64 // the keyspace's copy of end: it rests as long
	mu   sync.Mutex    // held to change them

	gates *atomic.Uint32 // the hub's
}

func (p *pause) set(kind int32) {
	p.kind.Store(kind)
	if kind == pauseNone {
		p.gates.And(^gatePause)
	} else {
		p.gates.Or(gatePause)
	}
}

// begin starts a pause. A stricter or longer one that is under way stays so.
func (p *pause) begin(kind int32, end, now int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end.Load() <= now {
		p.set(pauseNone)
	}
	if p.kind.Load() != pauseNone {
		kind, end = max(kind, p.kind.Load()), max(end, p.end.Load())
	}
	p.end.Store(end)
	p.keys.Store(end)
	p.set(kind)
}

// stop ends the pause.
func (p *pause) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.end.Store(0)
	p.keys.Store(0)
	p.set(pauseNone)
}

// expire ends the pause if its time has come.
func (p *pause) expire(now int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end.Load() <= now {
		p.set(pauseNone)
	}
}

func (p *pause) state(now int64) (kind string, left int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.end.Load() <= now {
		return "none", 0
	}
	return [...]string{"none", "write", "all"}[p.kind.Load()], p.end.Load() - now
}

// mustPause says whether a pause holds the command back.
func (w *Worker) mustPause(c *Client, spec *cmdspec.Spec) bool {
	p := &w.hub.pause
	now := unixMilli()
	if p.end.Load() <= now {
		p.expire(now)
		return false
	}
	if c.gates&gateMonitor != 0 { // it only looks on
		return false
	}
	return p.kind.Load() == pauseAll || c.flagsOf(spec)&(cmdspec.Write|cmdspec.MayReplicate) != 0
}

// park stops a client before the command that it cannot run yet.
func (w *Worker) park(c *Client) {
	c.halted = true
	c.pub.paused.Store(true)
	if c.pub.impatient.Load() { // looked at after paused was set, as Abandon does it the other way round
		c.kill()
	}
	c.conn.Stop()
	w.parked = append(w.parked, c)
	if len(w.parked) == 1 {
		w.wakeParked()
	}
}

// wakeParked arranges for the end of the pause.
func (w *Worker) wakeParked() {
	left := w.hub.pause.end.Load() - unixMilli()
	// A pause of centuries must not overflow the timer's clock.
	left = min(max(left, 1), int64(24*time.Hour/time.Millisecond))
	if w.alarm != nil {
		w.alarm.Stop()
	}
	w.alarm = w.loop.After(time.Duration(left)*time.Millisecond, w.unpark)
}

// unpark resumes the parked clients if the pause is over.
func (w *Worker) unpark() {
	if len(w.parked) == 0 {
		return
	}
	p := &w.hub.pause
	p.expire(unixMilli())
	if p.kind.Load() != pauseNone {
		w.wakeParked()
		return
	}
	list := w.parked
	w.parked = nil
	for _, c := range list {
		c.pub.paused.Store(false)
		c.conn.Resume()
	}
}

// unparkOne forgets a parked client that goes away, or to another loop.
func (w *Worker) unparkOne(c *Client) {
	if c.pub.paused.Load() {
		w.parked = slices.DeleteFunc(w.parked, func(p *Client) bool { return p == c })
	}
}
