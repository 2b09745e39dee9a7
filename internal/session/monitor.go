package session

import (
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/evloop"
)

// MONITOR. Who runs a command hands its line to the mailboxes of all monitors,
// under the locks of the command: they see commands on the same key in the order in
// which they were executed, and those of one client in their own. As long as nobody
// monitors, no command knows of it: it is a gate of the hub.

const errMonitorReads = "ERR Replica can't interact with the keyspace"

// monitors are the clients that see all commands.
type monitors struct {
	mu   sync.Mutex // held to change the list
	list atomic.Pointer[[]*evloop.Conn]
}

func (h *Hub) addMonitor(conn *evloop.Conn) {
	h.changeMonitors(func(list []*evloop.Conn) []*evloop.Conn { return append(list, conn) })
}

func (h *Hub) removeMonitor(conn *evloop.Conn) {
	h.changeMonitors(func(list []*evloop.Conn) []*evloop.Conn {
		return slices.DeleteFunc(list, func(c *evloop.Conn) bool { return c == conn })
	})
}

// changeMonitors replaces the list by a changed copy.
func (h *Hub) changeMonitors(change func([]*evloop.Conn) []*evloop.Conn) {
	m := &h.monitors
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []*evloop.Conn
	if old := m.list.Load(); old != nil {
		list = slices.Clone(*old)
	}
	list = change(list)
	m.list.Store(&list)
	if len(list) > 0 {
		h.gates.Or(gateMonitored)
	} else {
		h.gates.And(^gateMonitored)
	}
}

// feedMonitors shows a command that a client has run to all monitors.
func (h *Hub) feedMonitors(c *Client, spec *cmdspec.Spec, argv [][]byte) {
	list := h.monitors.list.Load()
	if list == nil || len(*list) == 0 || spec.Flags&(cmdspec.SkipMonitor|cmdspec.Admin) != 0 {
		return
	}
	evloop.PostAll(*list, showMonitor, monitorLine(c, spec, argv))
}

// monitorLine is a command as monitors see it: when, where, by whom, and its words.
func monitorLine(c *Client, spec *cmdspec.Spec, argv [][]byte) []byte {
	now := time.Now()
	b := make([]byte, 0, 64+4*len(argv)+wordBytes(argv))
	b = append(b, '+')
	b = strconv.AppendInt(b, now.Unix(), 10)
	b = append(b, '.')
	micros := strconv.Itoa(1e6 + now.Nanosecond()/1000)
	b = append(b, micros[1:]...)
	b = append(b, " ["...)
	b = strconv.AppendInt(b, int64(c.DB()), 10)
	b = append(b, ' ')
	b = append(b, c.monitoredAs()...)
	b = append(b, ']')
	for i := range argv {
		b = append(b, ' ')
		b = appendRepr(b, spec.Shown(argv, i))
	}
	return append(b, "\r\n"...)
}

// monitoredAs is where the client comes from, for monitors.
func (c *Client) monitoredAs() string {
	if c.conn == nil {
		return "local"
	}
	if e := c.conn.Endpoints(); !e.Remote.IsValid() {
		return "unix:" + e.Path
	}
	addr, _ := c.addresses()
	return addr
}

// appendRepr appends a word in quotes, with escapes for what is not printable ASCII.
func appendRepr(b, word []byte) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	for _, ch := range word {
		switch ch {
		case '"', '\\':
			b = append(b, '\\', ch)
		case '\a':
			b = append(b, `\a`...)
		case '\b':
			b = append(b, `\b`...)
		case '\n':
			b = append(b, `\n`...)
		case '\r':
			b = append(b, `\r`...)
		case '\t':
			b = append(b, `\t`...)
		default:
			if ch >= ' ' && ch <= '~' {
				b = append(b, ch)
			} else {
				b = append(b, '\\', 'x', hex[ch>>4], hex[ch&15])
			}
		}
	}
	return append(b, '"')
}

// showMonitor shows a line to one monitor, on its thread.
func showMonitor(conn *evloop.Conn, line []byte) {
	c := conn.User.(*Client)
	if c.gates&gateMonitor == 0 || c.reply == replyOff { // it may have left meanwhile
		return
	}
	w := c.worker
	w.stats.netOut.Add(int64(len(line)))
	c.pub.netOut.Add(int64(len(line)))
	if !w.checkOutput(c, len(line)) {
		conn.QueueMail(line)
	}
}

// leaveMonitors makes a client a monitor no more.
func (c *Client) leaveMonitors() {
	if c.gates&gateMonitor != 0 {
		c.gates &^= gateMonitor
		c.pub.monitor.Store(false)
		c.hub.removeMonitor(c.conn)
	}
}

var monitor = cmdspec.Spec{
	Name: "monitor", Arity: 1, Since: "1.0.0", Group: cmdspec.GroupServer,
	Summary: "Shows all commands that the server executes from now on.",
	Flags:   cmdspec.Admin | cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale | cmdspec.Stateful,
	Run:     runMonitor,
}

func runMonitor(c *cmdspec.Ctx) error {
	me := caller(c)
	switch {
	case !c.MayBlock: // each command has one reply, and no more
		return cmdspec.Error("ERR MONITOR isn't allowed for DENY BLOCKING client")
	case me.gates&gateMonitor != 0:
		return nil
	}
	me.gates |= gateMonitor
	me.pub.monitor.Store(true)
	me.hub.addMonitor(me.conn)
	c.Reply.OK()
	return nil
}
