package session

import (
	"time"

	"github.com/redstart-db/redstart/internal/acl"
)

// Local is a client without a connection, for in-process use and tests. It is
// not safe for concurrent use; several Locals are.
type Local struct {
	w *Worker
	c *Client
}

// Local makes a client without a connection.
func (h *Hub) Local() *Local {
	w := h.newWorker(nil)
	c := h.newClient(w, nil)
	c.authed = true
	c.pub.user.Store(h.users.Superuser(acl.DefaultName)) // not the one whose rules change
	h.register(c, false)
	return &Local{w, c}
}

// Do runs one command and returns the reply, which is valid until the next Do.
func (l *Local) Do(argv [][]byte) []byte {
	w := l.w
	w.now = time.Now().UnixMilli()
	w.reply.Buf = w.reply.Buf[:0]
	if len(argv) == 0 {
		return nil
	}
	w.current, w.start = l.c, 0
	w.become(l.c)
	w.keys = w.keys[:0]
	cmd := command{client: l.c, argv: argv}
	w.resolve(&cmd)
	w.execute(l.c, &cmd)
	w.tellChanges()
	w.timer.stop(w)
	return w.reply.Buf
}

// Close forgets the client. What it did stays counted.
func (l *Local) Close() {
	l.c.trackingOff()
	l.w.abort(l.c)
	l.c.hub.forget(l.c)
	l.c.hub.retire(l.w)
}
