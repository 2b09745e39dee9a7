package session

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// Options are what a Hub is made of.
type Options struct {
	Table     *cmdspec.Table
	Keyspace  *keyspace.Keyspace
	Databases int
	Settings  *Settings
	Log       func(format string, args ...any) // verbose and warnings about clients; may be nil
}

// A Hub knows all clients and holds what they share.
type Hub struct{}

// New makes a hub without clients.
func New(o Options) *Hub { panic("stub") }

// Handler makes the handler of one loop: evloop.Options.NewHandler.
func (h *Hub) Handler(l *evloop.Loop) evloop.Handler { panic("stub") }

// SetPassword sets requirepass: the password of the default user; empty: none needed.
func (h *Hub) SetPassword(p string) { panic("stub") }

// Password returns requirepass.
func (h *Hub) Password() string { panic("stub") }

// Stats adds up the counters of all loops.
func (h *Hub) Stats() Stats { panic("stub") }

// ResetStats zeroes what CONFIG RESETSTAT zeroes.
func (h *Hub) ResetStats() { panic("stub") }

// Local makes a client without a connection, for in-process use and tests. It is not safe for concurrent use.
func (h *Hub) Local() *Local { panic("stub") }

// Local is a client without a connection.
type Local struct{}

// Do runs one command and returns the reply, which is valid until the next Do.
func (l *Local) Do(argv [][]byte) []byte { panic("stub") }

// Close forgets the client.
func (l *Local) Close() { panic("stub") }

// Stats are counters since start or ResetStats, and gauges of now.
type Stats struct {
	// INFO clients
	Clients, Blocked, MaxInput, MaxOutput int64
	// INFO stats
	Connections, Rejected          int64 // total_connections_received, rejected_connections
	Commands                       int64
	NetIn, NetOut                  int64
	OpsPerSec                      int64
	InKbps, OutKbps                float64
	ErrorReplies                   int64
	OutputLimitDisconnections      int64
	QueryBufferLimitDisconnections int64
	Reads, Writes                  int64 // read and write events processed
	// INFO commandstats, errorstats
	ByCommand []CommandStats // those that were called or rejected
	ByError   []ErrorStats   // sorted by code
}

// CommandStats are the counters of one command.
type CommandStats struct {
	Name             string // full name
	Calls, Micros    int64
	Rejected, Failed int64
}

// ErrorStats count the error replies of one code.
type ErrorStats struct {
	Code  string
	Count int64
}

// Commands are the connection commands.
var Commands []*cmdspec.Spec
