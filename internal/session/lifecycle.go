package session

import (
	"time"

	"github.com/redstart-db/redstart/internal/evloop"
)

const (
	errMaxClients = "-ERR max number of clients reached\r\n"
	errProtected  = "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. " +
		"In this mode connections are only accepted from the loopback interface. " +
		"If you want to connect from external computers to Redis you may adopt one of the following solutions: " +
		"1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, " +
		"however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. " +
		"2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. " +
		"3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. " +
		"4) Setup a an authentication password for the default user. " +
		"NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n"
)

// Open makes a client for a connection, unless there are too many or it comes
// from where it is not allowed to.
func (w *Worker) Open(conn *evloop.Conn) bool {
	h := w.hub
	c := h.newClient(w, conn)
	if !h.register(c, !c.trusted) {
		h.rejected.Add(1)
		conn.Write([]byte(errMaxClients))
		return false
	}
	if h.settings.ProtectedMode.Load() && h.users.Default().Rules().NoPass() && !c.IsLocal() {
		h.rejected.Add(1)
		h.forget(c)
		conn.Write([]byte(errProtected))
		return false
	}
	if name := conn.Endpoints().User; name != "" {
		c.beNamed(name)
	}
	conn.User = c
	h.connections.Add(1)
	return true
}

func (h *Hub) newClient(w *Worker, conn *evloop.Conn) *Client {
	now := h.now()
	c := &Client{hub: h, worker: w, conn: conn, created: now, trusted: conn == nil || conn.Endpoints().Trusted}
	c.beDefault()
	c.pub.active.Store(now)
	c.pub.proto.Store(2)
	c.pub.queued.Store(-1)
	return c
}

// Close forgets the client of a connection that is gone.
func (w *Worker) Close(conn *evloop.Conn) {
	c := conn.User.(*Client)
	w.unparkOne(c)
	w.dropWait(c)
	c.unsubscribeAll()
	c.trackingOff()
	c.leaveMonitors()
	w.abort(c)
	w.hub.forget(c)
}

// Attach takes over a client from another loop's worker.
func (w *Worker) Attach(conn *evloop.Conn) {
	c := conn.User.(*Client)
	c.worker = w
	if c.pub.paused.Load() {
		w.park(c)
	}
	if c.blocked != nil {
		w.setAlarm(c.blocked)
	}
}

// Detach lets a client go.
func (w *Worker) Detach(conn *evloop.Conn) {
	c := conn.User.(*Client)
	w.unparkOne(c)
	if c.blocked != nil {
		c.blocked.stopAlarm()
	}
}

// Tick looks after a part of the clients, so that each has its turn once a second.
func (w *Worker) Tick(since time.Duration) {
	w.shrinkReply()
	if w.loop.Index() == 0 {
		w.hub.lately.Store(unixMilli())
		var t rateTotals
		t.commands, t.in, t.out, _, _ = w.hub.totals()
		w.hub.rates.sample(time.Now(), t)
		w.hub.eviction.lookAgain()
		if w.evictionDue() {
			w.hub.evictClients()
		}
	}
	slots := w.loop.Slots()
	part := int(float64(slots) * min(since.Seconds(), 1))
	for range min(max(part, 50), slots) {
		w.swept++
		if w.swept >= slots {
			w.swept = 0
		}
		if conn := w.loop.Slot(w.swept); conn != nil {
			w.sweep(conn.User.(*Client))
		}
	}
}

// sweep closes a client that was idle for too long or does not read its replies.
func (w *Worker) sweep(c *Client) {
	timeout := w.hub.settings.Timeout.Load()
	if timeout > 0 && !c.trusted && !c.pub.paused.Load() && c.blocked == nil && !c.subscribed() && c.gates&gateMonitor == 0 && w.loop.Now()-c.pub.active.Load() > timeout*1000 {
		w.hub.logf("Closing idle client")
		c.close()
		return
	}
	w.checkOutput(c, 0)
	w.recent.note(w.loop.Now()/1000, c)
}

// unauthOutput is what a client that has to authenticate may leave unread, beyond what
// its socket takes: room for the error, none to fill memory with.
const unauthOutput = 1024

// checkOutput closes a client whose output, with extra bytes that are about
// to be sent, is over a limit of its class. It says whether it did.
func (w *Worker) checkOutput(c *Client, extra int) bool {
	limit := &w.hub.settings.OutputLimits[c.class()]
	hard, soft := limit.Hard.Load(), limit.Soft.Load()
	unauth := c.mustAuthenticate()
	if hard == 0 && soft == 0 && !unauth {
		return false
	}
	w.tx.Release()
	bytes, _ := c.conn.Queued()
	queued := int64(bytes)
	if hard > 0 && queued+int64(extra) > hard || soft > 0 && queued > soft { // or waits for its turn
		c.conn.SendMail()
		bytes, _ = c.conn.Queued()
		queued = int64(bytes)
	}
	over := hard > 0 && queued+int64(extra) > hard || unauth && queued > unauthOutput
	if soft == 0 || queued <= soft {
		c.softSince = 0
	} else if c.softSince == 0 {
		c.softSince = w.loop.Clock()
	} else if w.loop.Clock()-c.softSince > time.Duration(limit.SoftSeconds.Load())*time.Second {
		over = true
	}
	if over && !c.pub.killed.Load() { // it is counted once, however much is still written for it
		w.hub.outputKills.Add(1)
		w.hub.logf("Client %s scheduled to be closed ASAP for overcoming of output buffer limits.", c.describe(w))
		c.pub.gone.Store(true)
		c.close()
	}
	return over
}
