package config

import (
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Flags of a directive.
type DirectiveFlags uint8

const (
	Immutable DirectiveFlags = 1 << iota // set at start only
	Protected                            // set at run time only if enable-protected-configs allows
	Hidden                               // not found by patterns
	Sensitive                            // its value is kept out of logs
	Volatile                             // it names something that changes: set to what it is, it is applied again
)

// A Directive is a row of the table of settings.
type Directive struct {
	Name, Alias string
	Type        Type
	Default     string // its words, as in a file
	Flags       DirectiveFlags
}

// A Store is a table of directives and what each is set to. Its methods may
// be called at the same time.
type Store struct {
	order  []*Directive
	byName map[string]*Directive // lower case, aliases as well

	mu     sync.Mutex // guards values; taken for a moment, never during an apply
	values map[*Directive]Value

	change sync.Mutex // one Change at a time, from checking to applying
}

// NewStore makes a store with every directive at its default. A table with a
// name twice, or a default its type refuses, is a mistake in the program, and
// panics.
func NewStore(table []*Directive) *Store {
	s := &Store{order: table, byName: map[string]*Directive{}, values: map[*Directive]Value{}}
	for _, d := range table {
		s.name(d.Name, d)
		if d.Alias != "" {
			s.name(d.Alias, d)
		}
		s.values[d] = d.defaultValue()
	}
	return s
}

// name enters a name; it panics if there is one like it.
func (s *Store) name(name string, d *Directive) {
	if s.byName[name] != nil {
		panic("config: two directives are called " + name)
	}
	s.byName[name] = d
}

// defaultValue parses the default; it panics if the type refuses it.
func (d *Directive) defaultValue() Value {
	if d.Default == "" && d.Type.emptyIsAbsent {
		return Value{}
	}
	v, err := d.parse(d.setWords(d.Default), Value{}, false)
	if err != nil {
		panic(fmt.Sprintf("config: the default of %s is refused: %v", d.Name, err))
	}
	return v
}

// parse gives the words to the type, one exactly unless it takes several.
func (d *Directive) parse(words []string, old Value, again bool) (Value, error) {
	if !d.Type.Several && len(words) == 0 {
		words = []string{""}
	}
	return d.Type.parse(words, old, again)
}

// Lookup finds a directive by its name or alias in any case.
func (s *Store) Lookup(name string) *Directive { return s.byName[strings.ToLower(name)] }

// Value returns what the directive of that name is set to. An unknown name is
// a mistake in the program, and panics.
func (s *Store) Value(name string) Value {
	d := s.byName[name]
	if d == nil {
		panic("config: no directive is called " + name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.values[d]
}

// Put sets a directive to a value that the system decided: maxclients when
// files are few, or the absolute path of dir.
func (s *Store) Put(name string, v Value) {
	d := s.byName[name]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.values[d] = v
}

// A Setting is a name with its value, as text.
type Setting struct{ Name, Text string }

// Get answers CONFIG GET: the settings that the names and patterns find, each
// once. A name is answered in the case it was asked in; match compares a
// pattern with a name.
func (s *Store) Get(patterns []string, match func(pattern, name string) bool) []Setting {
	s.mu.Lock()
	defer s.mu.Unlock()
	var found []Setting
	seen := map[string]bool{}
	add := func(name string, d *Directive) {
		if key := strings.ToLower(name); !seen[key] {
			seen[key] = true
			found = append(found, Setting{name, s.values[d].Text})
		}
	}
	for _, p := range patterns {
		if !strings.ContainsAny(p, "[*?") {
			if d := s.Lookup(p); d != nil {
				add(p, d)
			}
			continue
		}
		for _, d := range s.order {
			for _, name := range d.names() {
				if d.Flags&Hidden == 0 && match(p, name) {
					add(name, d)
				}
			}
		}
	}
	return found
}

func (d *Directive) names() []string {
	if d.Alias == "" {
		return []string{d.Name}
	}
	return []string{d.Name, d.Alias}
}

// A ChangeError says which argument of a change was wrong, and why.
type ChangeError struct {
	Name    string
	Reason  error
	Unknown bool // there is no such directive
}

func (e *ChangeError) Error() string {
	if e.Unknown {
		shown, _, _ := strings.Cut(e.Name, "\x00") // as C shows it
		return fmt.Sprintf("Unknown option or number of arguments for CONFIG SET - '%s'", shown)
	}
	return fmt.Sprintf("CONFIG SET failed (possibly related to argument '%s') - %v", e.Name, e.Reason)
}

// Change sets several directives, in whole or not at all. allowed is the
// question whether protected directives may be set; apply makes the new value
// of a directive, which Value returns already, effective, and is called for
// those that changed or are volatile, and again with the old values if one of the calls fails.
func (s *Store) Change(pairs []Setting, allowed bool, apply func(*Directive) error) *ChangeError {
	s.change.Lock()
	defer s.change.Unlock()
	ds, err := s.changeable(pairs, allowed)
	if err != nil {
		return err
	}
	old, changed, err := s.store(ds, pairs)
	if err != nil {
		return err
	}
	for _, d := range changed {
		if reason := apply(d); reason != nil {
			s.restore(old)
			for _, d := range changed {
				_ = apply(d) // it was in effect a moment ago; apply logs its failures itself
			}
			return &ChangeError{Name: d.Name, Reason: reason}
		}
	}
	return nil
}

// changeable looks up the names, and refuses what must not be changed.
func (s *Store) changeable(pairs []Setting, allowed bool) ([]*Directive, *ChangeError) {
	var ds []*Directive
	seen := map[string]bool{} // by name: a directive and its alias may both be given, and the later wins
	for _, p := range pairs {
		d, name := s.Lookup(p.Name), strings.ToLower(p.Name)
		switch {
		case d == nil:
			return nil, &ChangeError{Name: p.Name, Unknown: true}
		case d.Flags&Immutable != 0:
			return nil, &ChangeError{Name: p.Name, Reason: errors.New("can't set immutable config")}
		case d.Flags&Protected != 0 && !allowed:
			return nil, &ChangeError{Name: p.Name, Reason: errors.New("can't set protected config")}
		case seen[name]:
			return nil, &ChangeError{Name: p.Name, Reason: errors.New("duplicate parameter")}
		}
		seen[name] = true
		ds = append(ds, d)
	}
	return ds, nil
}

// store parses all values and then stores them. It returns the values before
// and the directives that differ now.
func (s *Store) store(ds []*Directive, pairs []Setting) (old map[*Directive]Value, changed []*Directive, _ *ChangeError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	values := make([]Value, len(ds))
	for i, d := range ds {
		v, err := d.parse(d.setWords(pairs[i].Text), s.values[d], false)
		if err != nil {
			return nil, nil, &ChangeError{Name: d.Name, Reason: err}
		}
		values[i] = v
	}
	old = map[*Directive]Value{}
	for i, d := range ds {
		if _, twice := old[d]; !twice {
			old[d] = s.values[d]
		}
		if values[i].Text != s.values[d].Text || d.Flags&Volatile != 0 {
			changed = append(changed, d)
		}
		s.values[d] = values[i]
	}
	return old, changed, nil
}

// setWords splits the value of CONFIG SET: at each space, without regard to
// quotes, if the type takes several words.
func (d *Directive) setWords(text string) []string {
	if !d.Type.Several {
		return []string{text}
	}
	if text == "" {
		return nil
	}
	return strings.Split(text, " ")
}

func (s *Store) restore(old map[*Directive]Value) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d, v := range old {
		s.values[d] = v
	}
}
