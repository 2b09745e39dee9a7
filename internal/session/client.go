package session

import (
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/pubsub"
	"github.com/redstart-db/redstart/internal/resp"
)

// replyMode is what CLIENT REPLY set.
type replyMode uint8

const (
	replyOn replyMode = iota
	replyOff
	replySkipNext // CLIENT REPLY SKIP runs or has just run
	replySkip     // the command that runs now is the one to be skipped
)

// Client is the state of one connection, or of a Local.
type Client struct {
	hub    *Hub
	worker *Worker      // whose thread the client belongs to
	conn   *evloop.Conn // nil for a Local
	id     int64

	parser resp.Parser
	parsed int   // bytes of the connection's input that were parsed in this batch ...
	done   int   // ... and executed
	kept   int   // bytes of input left over from the last batch
	ran    int64 // commands of this batch

	blocked *blocked // the command that it waits for; nil: none

	multi   *transaction // what it queues; nil: nothing
	watches []*watch
	dirty   atomic.Bool // a watched key has changed. Any thread that holds the key's shard sets it.
	gates   uint32      // see gate.go

	authed  bool // may run commands although the default user has a password
	trusted bool // is the program around the server: it may do everything
	shared  bool // stands for many callers, none of whom may change it (Local.Twin)
	waits   bool // what it ran would have to wait; only without a connection
	halted  bool // takes no more commands now
	reply   replyMode

	created   int64         // Unix milliseconds
	softSince time.Duration // when the output went over the soft limit; 0: it is not

	pub published
}

// published is what other threads may read of a client.
type published struct {
	proto   atomic.Int32
	db      atomic.Int32
	killed  atomic.Bool // will be closed; runs no more commands
	paused  atomic.Bool
	blocked atomic.Pointer[blocked]
	active  atomic.Int64 // last input, Unix milliseconds
	command atomic.Pointer[cmdspec.Spec]
	labels  atomic.Pointer[labels]
	user    atomic.Pointer[acl.User]
	noEvict atomic.Bool
	gone    atomic.Bool // killed for what it takes or who it is; it is not listed any more
	noTouch atomic.Bool

	impatient atomic.Bool // waits for nothing: see Hub.Abandon

	tracking tracking
	monitor  atomic.Bool

	queued     atomic.Int64 // commands since MULTI; -1: there was none
	multiBytes atomic.Int64 // that they take
	watching   atomic.Int64 // keys

	subscriber atomic.Pointer[pubsub.Subscriber[*evloop.Conn]] // nil: it has never subscribed
	subscribed atomic.Bool                                     // to anything
	topics     [pubsub.Kinds]atomic.Int32                      // how many

	freed         atomic.Int64 // bytes that count as free although they are not yet
	held          atomic.Int64 // bytes that the client takes, but for the buffers of its connection
	input         atomic.Int64 // bytes of unfinished input that are not parsed
	parsed        atomic.Int64 // bytes of it that are
	words         atomic.Int64 // bytes that the parser keeps about them
	netIn, netOut atomic.Int64
	commands      atomic.Int64
}

// labels are what a client says about itself; most say nothing.
type labels struct{ name, libName, libVer string }

var noLabels labels

func (l *labels) size() int64 { return int64(len(l.name) + len(l.libName) + len(l.libVer)) }

func (c *Client) labels() *labels {
	if l := c.pub.labels.Load(); l != nil {
		return l
	}
	return &noLabels
}

// relabel replaces the labels by a changed copy.
func (c *Client) relabel(change func(*labels)) {
	l := *c.labels()
	before := l.size()
	change(&l)
	c.hold(l.size() - before)
	if l == noLabels {
		c.pub.labels.Store(nil)
		return
	}
	c.pub.labels.Store(&l)
}

// ID is the client's number. It is never used again.
func (c *Client) ID() int64 { return c.id }

// Name is what CLIENT SETNAME set.
func (c *Client) Name() string { return c.labels().name }

// DB is the selected database.
func (c *Client) DB() int { return int(c.pub.db.Load()) }

// IsLocal says whether the client is on this machine: it came through a unix
// socket or the loopback interface, or has no connection at all.
func (c *Client) IsLocal() bool {
	if c.conn == nil {
		return true
	}
	e := c.conn.Endpoints()
	return !e.Remote.IsValid() || e.Remote.Addr().Unmap().IsLoopback()
}

// addresses are the two ends as CLIENT LIST shows them.
func (c *Client) addresses() (addr, laddr string) {
	if c.conn == nil {
		return "", ""
	}
	e := c.conn.Endpoints()
	if e.Path != "" || !e.Remote.IsValid() {
		return e.Path + ":0", e.Path + ":0"
	}
	return addrText(e.Remote), addrText(e.Local)
}

func addrText(a netip.AddrPort) string {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port()).String()
}

// class is the client's class for limits and filters.
func (c *Client) class() Class {
	if c.subscribed() {
		return ClassPubSub
	}
	return ClassNormal
}

// mustAuthenticate says whether the client may run only what needs no
// authentication.
func (c *Client) mustAuthenticate() bool { return !c.authed && !c.hub.users.Default().Rules().Open() }

// close closes the client now, replies that are not sent are lost. Own thread.
func (c *Client) close() {
	c.halted = true
	c.pub.killed.Store(true)
	if c.conn != nil {
		c.conn.Close()
	}
}

// closeAfterReply closes the client when its replies are sent. Own thread.
func (c *Client) closeAfterReply() {
	c.halted = true
	c.pub.killed.Store(true)
	if c.conn != nil {
		c.conn.CloseAfterWrite()
	}
}

// kill makes the client run no more commands, and be closed soon. Any thread.
func (c *Client) kill() {
	if c.conn == nil { // there is nothing to end
		return
	}
	c.pub.killed.Store(true)
	if b := c.pub.blocked.Load(); b != nil {
		b.GiveUp() // what it gets now nobody would read
	}
	c.conn.Post(c.close)
}
