package server

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/config"
	"github.com/redstart-db/redstart/internal/evloop"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/session"
)

// A Server is the running program.
type Server struct {
	conf       *config.Store
	hooks      map[*config.Directive]func(*Server) error
	configFile string // absolute; empty: none

	log   *slog.Logger
	level *slog.LevelVar

	logStyle logStyle

	ks       *keyspace.Keyspace
	table    *cmdspec.Table
	hub      *session.Hub
	live     *session.Settings
	loops    *evloop.Group
	listen   listeners
	tls      secrets
	stop     chan stopRequest
	web      webServer
	serving  atomic.Bool // commands are taken
	memory   memoryFigures
	started  time.Time
	runID    string
	replID   string
	unixPath string    // of the socket we made
	pidPath  string    // of the file we wrote
	removed  sync.Once // the two files
	managed  supervisor
	oomBase  oomScore

	lazyExpire atomic.Bool // lazyfree-lazy-expire

	tasks sync.WaitGroup // what has to end before the keyspace is closed

	guest    bool  // the program is not ours: see embed.go
	reserve  int64 // of address space for each shard; 0: as much as possible
	loopsSet bool  // io-threads was given
	running  bool  // the hooks may touch the parts below the settings
}

// newServer makes a server that has its settings and nothing else.
func newServer(table []setting) *Server {
	conf, hooks := newStore(table)
	return &Server{
		conf:    conf,
		hooks:   hooks,
		level:   new(slog.LevelVar),
		live:    session.NewSettings(),
		stop:    make(chan stopRequest, 1),
		started: time.Now(),
		runID:   randomID(),
		replID:  randomID(),
	}
}

// randomID is 40 hexadecimal digits.
func randomID() string {
	var b [20]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func (s *Server) yes(name string) bool    { return s.conf.Value(name).Yes() }
func (s *Server) num(name string) int64   { return s.conf.Value(name).Num }
func (s *Server) text(name string) string { return s.conf.Value(name).Text }

// build makes the parts that serve: engine, commands, sessions, loops.
func (s *Server) build(renames map[string]string) error {
	ks, err := keyspace.New(keyspace.Options{Databases: int(s.num("databases")), Reserve: s.reserve})
	if err != nil {
		return err
	}
	s.ks = ks
	if s.table, err = newTable(s.families(), renames); err != nil {
		return err
	}
	users := acl.NewUsers(acl.NewCatalog(s.table, removedCommands(s.families(), renames)))
	s.hub = session.New(session.Options{
		Table: s.table, Keyspace: ks, Databases: int(s.num("databases")), Settings: s.live,
		Users: users, LoadUsers: s.readUsers(users), SaveUsers: s.writeUsers(users),
		Version: RedisVersion, Log: s.logf(levelVerbose), Notice: s.notice, Warn: s.warn,
	})
	s.loops, err = evloop.New(evloop.Options{
		Loops:      s.loopCount(),
		NewHandler: s.hub.Handler,
		KeepAlive:  func() int { return int(s.live.TCPKeepAlive.Load()) },
		Log:        s.logf(levelWarning),
		Ahead:      ks.Clock.Ahead,
		Guest:      s.guest,
		Memory:     &ks.Settings.Overhead,
	})
	return err
}

// loopCount is how many loops may be busy: as many as there are processors (0), unless io-threads
// was given. Redis's default of 1 stands for what is best, which here is to adapt.
func (s *Server) loopCount() int {
	if !s.loopsSet {
		return 0
	}
	return int(s.num("io-threads"))
}
