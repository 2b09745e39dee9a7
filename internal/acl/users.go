package acl

import (
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// A User is a name with its present rules.
type User struct {
	name  string
	rules atomic.Pointer[Rules]
}

// Name is the user's name.
func (u *User) Name() string { return u.name }

// Rules are the present ones.
func (u *User) Rules() *Rules { return u.rules.Load() }

// DefaultName is the user that each new client is.
const DefaultName = "default"

// Users are all users by name. The methods may be called at the same time.
type Users struct {
	catalog  *Catalog
	standard *User // the default user

	// AllChannels is acl-pubsub-default: new users and selectors may use every channel.
	AllChannels atomic.Bool

	mu     sync.Mutex // guards byName, and is held while rules are replaced
	byName map[string]*User
}

// NewUsers are the default user, who may do everything, and nobody else.
func NewUsers(c *Catalog) *Users {
	s := &Users{catalog: c, standard: newUser(DefaultName, everythingAllowed(c))}
	s.byName = map[string]*User{DefaultName: s.standard}
	return s
}

func newUser(name string, r *Rules) *User {
	u := &User{name: strings.Clone(name)}
	u.rules.Store(r)
	return u
}

// Superuser makes a user that may do everything whatever happens, and whom nobody else can be.
func (s *Users) Superuser(name string) *User { return newUser(name, everythingAllowed(s.catalog)) }

// Catalog are the commands that rules may name.
func (s *Users) Catalog() *Catalog { return s.catalog }

// Default is the default user. It is always the same object.
func (s *Users) Default() *User { return s.standard }

// Get finds a user, nil if there is none.
func (s *Users) Get(name string) *User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byName[name]
}

// All are the users by name.
func (s *Users) All() []*User {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Values(s.byName), func(a, b *User) int { return strings.Compare(a.name, b.name) })
}

// Login is the user of that name, if the password is the user's. Whether there
// is no such user or the password is another cannot be told apart, nor by the time.
func (s *Users) Login(name, password []byte) *User {
	h := sha256.Sum256(password)
	u := s.Get(string(name))
	if u == nil || !u.Rules().passes(h) {
		return nil
	}
	return u
}

// A Change is what happened to a user.
type Change struct {
	User        *User
	Before, Now *Rules
}

// Set changes a user by rules, all of them or none, and makes the user if there is none. Its error is a reply.
func (s *Users) Set(name string, words []string) (Change, error) {
	if hasSpaces(name) {
		return Change{}, cmdspec.Error("ERR Usernames can't contain spaces or null characters")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, before := s.byName[name], newRules(s.catalog, s.AllChannels.Load())
	if u != nil {
		before = u.Rules()
	}
	now, err := before.change(words, s.AllChannels.Load())
	if err != nil {
		return Change{}, err
	}
	if u == nil {
		u = newUser(name, now)
		s.byName[u.name] = u
	}
	u.rules.Store(now)
	return Change{u, before, now}, nil
}

// SetDefaultPassword is requirepass: the one password of the default user; none if it is empty.
func (s *Users) SetDefaultPassword(password string) {
	rule := "nopass"
	if password != "" {
		rule = ">" + password
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.standard.Rules().clone()
	for _, rule := range []string{"resetpass", rule} {
		_ = r.apply(rule, false) // these two are always right
	}
	s.standard.rules.Store(r.seal())
}

// Delete removes users, and returns those that there were. The default user cannot be removed: then none is.
func (s *Users) Delete(names []string) ([]*User, error) {
	if slices.Contains(names, DefaultName) {
		return nil, cmdspec.Error("ERR The 'default' user cannot be removed")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var gone []*User
	for _, name := range names {
		if u := s.byName[name]; u != nil {
			delete(s.byName, name)
			u.rules.Store(newRules(s.catalog, false).seal())
			gone = append(gone, u)
		}
	}
	return gone, nil
}

// Replace makes the users those of a file. The default user, if the file has
// none, is what it is in the beginning. Users that stay remain the same objects.
func (s *Users) Replace(loaded map[string]*Rules) (changes []Change, gone []*User) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, u := range s.byName {
		now := loaded[name]
		switch {
		case now == nil && u == s.standard:
			now = everythingAllowed(s.catalog)
		case now == nil:
			delete(s.byName, name)
			u.rules.Store(newRules(s.catalog, false).seal())
			gone = append(gone, u)
			continue
		}
		changes = append(changes, Change{u, u.Rules(), now})
		u.rules.Store(now)
	}
	for name, now := range loaded {
		if s.byName[name] == nil {
			s.byName[name] = newUser(name, now)
		}
	}
	return changes, gone
}

// LostChannels says whether what was allowed of channels is not all allowed any more.
func (c Change) LostChannels() bool {
	var allowed []string
	for _, s := range c.Now.selectors {
		if s.allChannels {
			return false
		}
		allowed = append(allowed, s.channels...)
	}
	for _, s := range c.Before.selectors {
		if s.allChannels {
			return true
		}
		for _, pattern := range s.channels {
			if !slices.Contains(allowed, pattern) {
				return true
			}
		}
	}
	return false
}
