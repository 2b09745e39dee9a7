package acl

import (
	"errors"
	"fmt"
	"strings"
)

// LoadFile reads the text of a file of users. The error names all that is wrong
// with it, by the file's name and the numbers of lines; then nothing of it is to be used.
func (s *Users) LoadFile(name, text string) (map[string]*Rules, error) {
	l := fileLoader{users: s, name: name, loaded: map[string]*Rules{}}
	for i, line := range strings.Split(text, "\n") {
		if line = strings.Trim(line, " \t\r\n"); line != "" {
			l.line(i+1, strings.Split(line, " "))
		}
	}
	if l.errors.Len() > 0 {
		return nil, errors.New(l.errors.String() +
			"WARNING: ACL errors detected, no change to the previously active ACL rules was performed")
	}
	return l.loaded, nil
}

type fileLoader struct {
	users  *Users
	name   string
	loaded map[string]*Rules
	errors strings.Builder
}

func (l *fileLoader) wrong(format string, args ...any) { fmt.Fprintf(&l.errors, format, args...) }

func (l *fileLoader) line(number int, words []string) {
	switch {
	case words[0] != "user" || len(words) < 2:
		l.wrong("%s:%d should start with user keyword followed by the username. ", l.name, number)
		return
	case hasSpaces(words[1]):
		l.wrong("'%s:%d: username '%s' contains invalid characters. ", l.name, number, words[1])
		return
	case l.loaded[words[1]] != nil:
		l.wrong("WARNING: Duplicate user '%s' found on line %d. ", words[1], number)
		return
	}
	allChannels := l.users.AllChannels.Load()
	r := newRules(l.users.catalog, allChannels)
	l.loaded[words[1]] = r
	merged, open := MergeSelectors(words[2:])
	if open >= 0 {
		l.wrong("%s:%d: Unmatched parenthesis in selector definition.", l.name, number)
		return
	}
	told := false // an error may be the cause of those after it, but not of unknown names
	for _, word := range merged {
		word = strings.Trim(word, "\t\r\n")
		switch err := r.apply(word, allChannels); {
		case err == errUnknown:
			l.wrong("%s:%d: Error in applying operation '%s': %s. ", l.name, number, word, err)
		case err != nil && !told:
			l.wrong("%s:%d: %s. ", l.name, number, err)
			told = true
		}
	}
	r.seal()
}

// A Declaration is a user line of the configuration file.
type Declaration struct {
	Name  string
	Rules []string
}

// Declare reads a user line, whose words begin with "user". known are the lines
// before it. Names of commands are looked at only by LoadDeclared: more of them may be
// known by then.
func (s *Users) Declare(words []string, known []Declaration) (d Declaration, err error) {
	d.Name = words[1]
	for _, other := range known {
		if other.Name == d.Name {
			return d, fmt.Errorf("Error in user declaration '%s': Duplicate user found. "+
				"A user can only be defined once in config files", d.Name)
		}
	}
	var open int
	if d.Rules, open = MergeSelectors(words[2:]); open >= 0 {
		return d, fmt.Errorf("Error in user declaration '%s': Unmatched parenthesis in acl selector starting at '%s'",
			d.Name, words[2+open])
	}
	r := newRules(s.catalog, s.AllChannels.Load())
	for i, rule := range d.Rules {
		if err := r.apply(rule, s.AllChannels.Load()); err != nil && err != errUnknown {
			return d, fmt.Errorf("Error in user declaration '%s': %s", words[i], err) // Redis counts from the wrong word, too
		}
	}
	return d, nil
}

// LoadDeclared makes the users of the configuration file. Those that are disabled, which may be a
// mistake, are returned.
func (s *Users) LoadDeclared(all []Declaration) (disabled []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	allChannels := s.AllChannels.Load()
	for _, d := range all {
		if hasSpaces(d.Name) {
			return disabled, errors.New("Spaces not allowed in ACL usernames")
		}
		r := newRules(s.catalog, allChannels)
		if d.Name == DefaultName {
			_ = r.apply("reset", allChannels) // always right
		}
		for _, rule := range d.Rules {
			if err := r.apply(rule, allChannels); err != nil {
				return disabled, fmt.Errorf("Error loading ACL rule '%s' for the user named '%s': %s", rule, d.Name, err)
			}
		}
		if !r.enabled {
			disabled = append(disabled, d.Name)
		}
		if d.Name == DefaultName {
			s.standard.rules.Store(r.seal())
		} else {
			s.byName[d.Name] = newUser(d.Name, r.seal())
		}
	}
	return disabled, nil
}

// Lines are the users as lines of a file, by name.
func (s *Users) Lines() (lines []string) {
	for _, u := range s.All() {
		lines = append(lines, "user "+u.name+" "+u.Rules().Describe())
	}
	return lines
}
