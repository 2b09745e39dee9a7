package server

import (
	"errors"
	"os"
	"strings"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/config"
)

// Users come from lines of the configuration file, or from a file of their own.
// Both begin with the word user, and are written back by CONFIG REWRITE or ACL SAVE.

// removedCommands are those that rename-command takes away. Rules may name them nevertheless.
func removedCommands(families [][]*cmdspec.Spec, renames map[string]string) (removed []*cmdspec.Spec) {
	for _, family := range families {
		for _, spec := range family {
			if to, renamed := renames[spec.Name]; renamed && to == "" {
				removed = append(removed, spec)
			}
		}
	}
	return removed
}

// declareUser notes a user line. Whether the commands that it names exist is
// looked at when all lines are known.
func (s *Server) declareUser(p *plan, words []string) error {
	if len(words) < 2 {
		return config.ErrBadDirective
	}
	if p.rules == nil {
		p.rules = acl.NewUsers(acl.NewCatalog(cmdspec.NewTable(s.families()...), nil))
	}
	p.rules.AllChannels.Store(s.text("acl-pubsub-default") == "allchannels")
	d, err := p.rules.Declare(words, p.users)
	if err == nil {
		p.users = append(p.users, d)
	}
	return err
}

// loadUsers makes the users that the configuration asks for. Its error is the last line of the log.
func (s *Server) loadUsers(declared []acl.Declaration) error {
	users := s.hub.Users()
	if s.text("aclfile") != "" && len(declared) > 0 {
		return errors.New("Configuring Redis with users defined in redis.conf and at the same setting an ACL file path is invalid. " +
			"This setup is very likely to lead to configuration errors and security holes, please define either an ACL file or " +
			"declare users directly in your redis.conf, but not both.")
	}
	disabled, err := users.LoadDeclared(declared)
	for _, name := range disabled {
		s.notice("The user '%s' is disabled (there is no 'on' modifier in the user description). "+
			"Make sure this is not a configuration error.", name)
	}
	if err != nil {
		s.warn("%v", err)
		return errors.New("Critical error while loading ACLs. Exiting.")
	}
	read := s.readUsers(users)
	if read == nil {
		return nil
	}
	loaded, err := read()
	if err != nil {
		return errors.New("Aborting Redis startup because of ACL errors: " + err.Error())
	}
	users.Replace(loaded)
	return nil
}

// readUsers is what reads the file of users, and changes nothing; nil if there is no such file.
func (s *Server) readUsers(users *acl.Users) func() (map[string]*acl.Rules, error) {
	path := s.text("aclfile")
	if path == "" {
		return nil
	}
	return func() (map[string]*acl.Rules, error) {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, errors.New("Error loading ACLs, opening file '" + path + "': " + config.Reason(err))
		}
		return users.LoadFile(path, string(text))
	}
}

// writeUsers is what writes the file of users; nil if there is no such file.
func (s *Server) writeUsers(users *acl.Users) func() error {
	path := s.text("aclfile")
	if path == "" {
		return nil
	}
	return func() error {
		err := config.ReplaceFile(path, []byte(strings.Join(append(users.Lines(), ""), "\n")))
		if err != nil {
			s.warn("Writing ACL file for ACL SAVE: %s", config.Reason(err))
		}
		return err
	}
}

// userLines are what CONFIG REWRITE makes of the user lines; none if the users have a file of their own.
func (s *Server) userLines() []string {
	if s.text("aclfile") != "" {
		return nil
	}
	return s.hub.Users().Lines()
}

func applyPassword(s *Server) error {
	s.hub.Users().SetDefaultPassword(s.text("requirepass"))
	return nil
}

func applyACLLog(s *Server) error {
	s.live.ACLLogMaxLen.Store(s.num("acllog-max-len"))
	return nil
}

func applyChannelDefault(s *Server) error {
	s.hub.Users().AllChannels.Store(s.text("acl-pubsub-default") == "allchannels")
	return nil
}
