package server

import (
	"errors"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/session"
)

// families are all commands there are.
func (s *Server) families() [][]*cmdspec.Spec {
	return [][]*cmdspec.Spec{
		session.Commands,
		s.commands(),
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
				c.Name = to
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
