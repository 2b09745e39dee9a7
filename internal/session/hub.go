package session

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/pubsub"
)

// Options are what a Hub is made of.
type Options struct {
	Table     *cmdspec.Table
	Keyspace  *keyspace.Keyspace
	Databases int
	Settings  *Settings
	Version   string                           // for HELLO
	Users     *acl.Users                       // nil: the default one, who may do everything
	Log       func(format string, args ...any) // about clients; may be nil
	Notice    func(format string, args ...any) // of more weight; likewise
	Warn      func(format string, args ...any) // of still more

	// LoadUsers reads the file of users, SaveUsers writes it. nil: there is no such file.
	LoadUsers func() (map[string]*acl.Rules, error)
	SaveUsers func() error
}

// A Hub knows all clients and holds what they share.
type Hub struct {
	table     *cmdspec.Table
	ks        *keyspace.Keyspace
	databases int
	settings  *Settings
	version   string
	logf      func(format string, args ...any)
	noticef   func(format string, args ...any)
	warnf     func(format string, args ...any)

	get    *cmdspec.Spec // of GET, if there is one by that name
	lately atomic.Int64  // the system's time, Unix milliseconds, a second ago at most

	gates    atomic.Uint32 // see gate.go
	watches  *watches
	tracker  *tracker
	logs     [logKinds]commandLog
	monitors monitors
	hot      hotkeys
	topics   *pubsub.Registry[*evloop.Conn]
	notifier *notifier
	users    *acl.Users
	aclLog   aclLog

	loadUsers func() (map[string]*acl.Rules, error) // see Options
	saveUsers func() error

	pause    pause
	nextID   atomic.Int64
	eviction eviction
	errors   errorCounts
	rates    rates

	mu      sync.Mutex // guards what follows
	clients map[int64]*Client
	workers []*Worker
	retired *Worker // runs nothing; holds the counters of those that are gone

	memory atomic.Int64 // bytes of clients, but for the buffers of their connections

	connections, rejected   atomic.Int64
	outputKills, queryKills atomic.Int64
}

// New makes a hub without clients.
func New(o Options) *Hub {
	h := &Hub{
		table: o.Table, ks: o.Keyspace, databases: o.Databases, settings: o.Settings,
		version: o.Version, logf: o.Log, noticef: o.Notice, warnf: o.Warn, clients: map[int64]*Client{},
	}
	if get := h.table.Lookup([][]byte{[]byte("get")}); get != nil && get.Name == "get" {
		h.get = get
	}
	h.lately.Store(unixMilli())
	h.pause.keys, h.pause.gates = &h.ks.Settings.PausedUntil, &h.gates
	h.watches = newWatches(h.ks)
	h.tracker = newTracker(h)
	h.SetLog(LogSlow, 10000, 128)
	h.SetLog(LogLargeRequest, 1<<20, 128)
	h.SetLog(LogLargeReply, 1<<20, 128)
	h.topics = pubsub.New[*evloop.Conn]()
	h.notifier = newNotifier(h)
	if h.settings == nil {
		h.settings = NewSettings()
	}
	if h.users = o.Users; h.users == nil {
		h.users = acl.NewUsers(acl.NewCatalog(h.table, nil))
	}
	h.loadUsers, h.saveUsers = o.LoadUsers, o.SaveUsers
	if h.databases == 0 {
		h.databases = 16
	}
	for _, f := range []*func(string, ...any){&h.logf, &h.noticef, &h.warnf} {
		if *f == nil {
			*f = func(string, ...any) {}
		}
	}
	return h
}

// Handler makes the handler of one loop: evloop.Options.NewHandler.
func (h *Hub) Handler(l *evloop.Loop) evloop.Handler { return h.newWorker(l) }

// Users are who clients can be.
func (h *Hub) Users() *acl.Users { return h.users }

// register gives a client its number and makes it known. It fails if there
// are as many clients as maxclients allows.
func (h *Hub) register(c *Client, limited bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if limited && int64(len(h.clients)) >= h.settings.MaxClients.Load() {
		return false
	}
	c.id = h.nextID.Add(1)
	h.clients[c.id] = c
	c.hold(c.fixedSize())
	return true
}

func (h *Hub) forget(c *Client) {
	if c.pub.killed.Load() {
		defer h.eviction.lookAgain()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.clients[c.id] == c {
		delete(h.clients, c.id)
		c.hold(-c.pub.held.Load())
		h.ks.Settings.Overhead.Add(c.pub.freed.Load())
	}
}

// everyClient returns all clients.
func (h *Hub) everyClient() []*Client {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Values(h.clients))
}

// snapshot returns all clients, oldest first, without those that are gone.
func (h *Hub) snapshot() []*Client {
	list := slices.DeleteFunc(h.everyClient(), func(c *Client) bool { return c.pub.gone.Load() })
	slices.SortFunc(list, func(a, b *Client) int { return int(a.id - b.id) })
	return list
}

// byID finds a client; nil if there is none.
func (h *Hub) byID(id int64) *Client {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clients[id]
}

// everyWorker calls f with each worker of a loop on its thread, soon.
func (h *Hub) everyWorker(f func(*Worker)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range h.workers {
		if w.loop != nil {
			w.loop.Post(func() { f(w) })
		}
	}
}

// now is the time of data in Unix milliseconds, which may be ahead of the system's.
func (h *Hub) now() int64 { return h.ks.Clock.UnixMilli() }

// unixMilli is the system's time: that of waits and pauses.
func unixMilli() int64 { return time.Now().UnixMilli() }
