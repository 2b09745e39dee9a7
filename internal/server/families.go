package server

import (
	"errors"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/commands"
	"github.com/redstart-db/redstart/internal/session"
)

// families are all commands there are.
func (s *Server) families() [][]*cmdspec.Spec {
	d := s.deps()
	return [][]*cmdspec.Spec{
		commands.Strings(d),
		commands.Generic(d),
		commands.Server(d),
		commands.Lists(d),
		commands.Sets(d),
		commands.Hashes(d),
		commands.SortedSets(d),
		commands.Streams(d),
		commands.Bitmaps(d),
		commands.HyperLogLogs(d),
		commands.Geo(d),
		session.Commands,
		s.commands(),
	}
}

// deps is what commands on data need of the server.
func (s *Server) deps() *commands.Deps {
	return &commands.Deps{
		Keyspace:     s.ks,
		Databases:    int(s.num("databases")),
		Table:        func() *cmdspec.Table { return s.table },
		MaxBulkLen:   s.live.ProtoMaxBulkLen.Load,
		LazyExpire:   s.lazyExpire.Load,
		DebugAllowed: func(c cmdspec.Client) bool { return s.allowed("enable-debug-command", c) },
		Log:          func(text string) { s.warn("%s", text) },
		Process:      s.process,
		RewriteAll:   func() error { return s.rewriteConfig(true) },
		Version:      Version,
	}
}

// commands are those about the program.
func (s *Server) commands() []*cmdspec.Spec {
	return []*cmdspec.Spec{s.configCommand(), s.infoCommand(), s.shutdownCommand()}
}

var (
	errRenameUnknown = errors.New("No such command in rename-command")
	errRenameTaken   = errors.New("Target command name already exists")
)

// newTable makes the table of the families, with the names that
// rename-command gave: a new one, or none, which removes the command.
func newTable(families [][]*cmdspec.Spec, renames map[string]string) (*cmdspec.Table, error) {
	if len(renames) == 0 {
		return cmdspec.NewTable(families...), nil
	}
	var all []*cmdspec.Spec
	taken := map[string]bool{}
	for _, family := range families {
		for _, spec := range family {
			to, renamed := renames[spec.Name]
			if renamed {
				c := *spec
				c.Name, c.Original = to, spec.Name
				spec = &c
			}
			if spec.Name == "" {
				continue
			}
			if taken[spec.Name] {
				return nil, errRenameTaken
			}
			taken[spec.Name] = true
			all = append(all, spec)
		}
	}
	return cmdspec.NewTable(all), nil
}
