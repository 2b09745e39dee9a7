package acl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/redstart-db/redstart/internal/config"
)

// A selector is a set of permissions.
type selector struct {
	commands    commandSet
	allKeys     bool
	keys        []keyPattern
	allChannels bool
	channels    []string // patterns
	someDBs     bool     // only those of dbs
	dbs         []int32  // ascending
}

// access is what may be done to keys.
type access uint8

const (
	read access = 1 << iota
	write
)

type keyPattern struct {
	pattern string
	access  access
}

func (k keyPattern) String() string {
	switch k.access {
	case read:
		return "%R~" + k.pattern
	case write:
		return "%W~" + k.pattern
	}
	return "~" + k.pattern
}

func newSelector(c *Catalog, allChannels bool) *selector {
	return &selector{commands: newCommandSet(c), allChannels: allChannels}
}

func (s *selector) clone() *selector {
	t := *s
	t.commands = s.commands.clone()
	t.keys, t.channels, t.dbs = slices.Clone(s.keys), slices.Clone(s.channels), slices.Clone(s.dbs)
	return &t
}

// unrestricted: it allows everything.
func (s *selector) unrestricted() bool {
	return s.commands.all && s.allKeys && s.allChannels && !s.someDBs
}

// ruleError is what is wrong with a rule.
type ruleError string

func (e ruleError) Error() string { return string(e) }

const (
	errUnknown  = ruleError("Unknown command or category name in ACL")
	errSyntax   = ruleError("Syntax error")
	errKeys     = ruleError("Adding a pattern after the * pattern (or the 'allkeys' flag) is not valid and does not have any effect. Try 'resetkeys' to start with an empty list of patterns")
	errChannels = ruleError("Adding a pattern after the * pattern (or the 'allchannels' flag) is not valid and does not have any effect. Try 'resetchannels' to start with an empty list of channels")
	errPassword = ruleError("The password you are trying to remove from the user does not exist")
	errHash     = ruleError("The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters")
	errDatabase = ruleError("The provided database ID is out of range")
	errFirstArg = ruleError("Allowing first-arg of a subcommand is not supported")
)

// apply obeys a rule. The rule may be any bytes; its words end at a NUL, as in C.
func (s *selector) apply(rule string) error {
	word, _, _ := strings.Cut(rule, "\x00")
	switch strings.ToLower(word) {
	case "allkeys", "~*":
		s.allKeys, s.keys = true, nil
	case "resetkeys":
		s.allKeys, s.keys = false, nil
	case "allchannels", "&*":
		s.allChannels, s.channels = true, nil
	case "resetchannels":
		s.allChannels, s.channels = false, nil
	case "allcommands", "+@all":
		s.commands.everything(true)
	case "nocommands", "-@all":
		s.commands.everything(false)
	case "alldbs":
		s.someDBs, s.dbs = false, nil
	case "resetdbs":
		s.someDBs, s.dbs = true, nil
	case "":
		return errSyntax
	default:
		return s.applyPrefixed(rule, word)
	}
	return nil
}

func (s *selector) applyPrefixed(rule, word string) error {
	switch {
	case rule[0] == '~':
		return s.addKeys(rule[1:], read|write)
	case rule[0] == '%':
		return s.addKeysFor(rule[1:])
	case rule[0] == '&':
		return s.addChannels(rule[1:])
	case strings.HasPrefix(word, "+@"), strings.HasPrefix(word, "-@"):
		bit := s.commands.catalog.category(word[2:])
		if bit == 0 {
			return errUnknown
		}
		s.commands.changeCategory(bit, word[0] == '+')
		return nil
	case word[0] == '+':
		return s.allow(word[1:])
	case word[0] == '-':
		id := s.commands.catalog.find(word[1:])
		if id < 0 {
			return errUnknown
		}
		s.commands.change(id, false)
		return nil
	case len(word) > 3 && strings.EqualFold(word[:3], "db="):
		return s.setDatabases(word[3:])
	}
	return errSyntax
}

// allow allows a command, a subcommand, or a command with a first argument.
func (s *selector) allow(name string) error {
	catalog := s.commands.catalog
	bar := strings.LastIndexByte(name, '|')
	if bar < 0 {
		id := catalog.find(name)
		if id < 0 {
			return errUnknown
		}
		s.commands.change(id, true)
		return nil
	}
	id, arg := catalog.find(name[:bar]), name[bar+1:]
	switch {
	case id < 0:
		return errUnknown
	case catalog.commands[id].parent >= 0:
		return errFirstArg
	case arg == "":
		return errSyntax
	case len(catalog.commands[id].subs) == 0:
		s.commands.allowFirst(id, arg)
		return nil
	}
	if id = catalog.find(name); id < 0 {
		return errUnknown
	}
	s.commands.change(id, true)
	return nil
}

// addKeysFor reads the letters before the pattern that say what for.
func (s *selector) addKeysFor(rule string) error {
	if s.allKeys {
		return errKeys
	}
	var a access
	for rule != "" {
		c := rule[0]
		rule = rule[1:]
		switch {
		case c == '~':
			if a == 0 {
				return errSyntax
			}
			return s.addKeys(rule, a)
		case (c == 'R' || c == 'r') && a&read == 0:
			a |= read
		case (c == 'W' || c == 'w') && a&write == 0:
			a |= write
		default:
			return errSyntax
		}
	}
	if a == 0 {
		return errSyntax
	}
	return s.addKeys("", a) // Redis takes "%R" for "%R~"
}

func (s *selector) addKeys(pattern string, a access) error {
	switch {
	case s.allKeys:
		return errKeys
	case hasSpaces(pattern):
		return errSyntax
	}
	for i := range s.keys {
		if s.keys[i].pattern == pattern {
			s.keys[i].access |= a
			return nil
		}
	}
	s.keys = append(s.keys, keyPattern{pattern, a})
	return nil
}

func (s *selector) addChannels(pattern string) error {
	switch {
	case s.allChannels:
		return errChannels
	case hasSpaces(pattern):
		return errSyntax
	case !slices.Contains(s.channels, pattern):
		s.channels = append(s.channels, pattern)
	}
	return nil
}

// setDatabases replaces the databases by those of a list.
func (s *selector) setDatabases(list string) error {
	var dbs []int32
	for _, word := range strings.Split(list, ",") {
		n, err := strconv.ParseInt(word, 10, 64)
		switch {
		case err != nil || word != strconv.FormatInt(n, 10):
			return errSyntax
		case n < 0 || n > 1<<31-1:
			return errDatabase
		}
		dbs = append(dbs, int32(n))
	}
	slices.Sort(dbs)
	s.someDBs, s.dbs = true, slices.Compact(dbs)
	return nil
}

// hasSpaces says whether a text has white space or a NUL, neither of which a line of rules could hold.
func hasSpaces(text string) bool { return strings.ContainsAny(text, " \t\n\v\f\r\x00") }

// parseSelector makes a selector of a rule in parentheses. Quotes that do not
// balance make one that allows nothing, as in Redis.
func parseSelector(c *Catalog, rule string, allChannels bool) (*selector, error) {
	s := newSelector(c, allChannels)
	inner, _, _ := strings.Cut(rule[1:len(rule)-1], "\x00")
	words, _ := config.SplitWords(inner)
	for _, word := range words {
		if err := s.apply(word); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// describeKeys, describeChannels and describeDatabases are rules as GETUSER shows them.
func (s *selector) describeKeys() string {
	if s.allKeys {
		return "~*"
	}
	words := make([]string, len(s.keys))
	for i, k := range s.keys {
		words[i] = k.String()
	}
	return strings.Join(words, " ")
}

func (s *selector) describeChannels() string {
	if s.allChannels {
		return "&*"
	}
	words := make([]string, len(s.channels))
	for i, pattern := range s.channels {
		words[i] = "&" + pattern
	}
	return strings.Join(words, " ")
}

func (s *selector) describeDatabases() string {
	switch {
	case !s.someDBs:
		return "alldbs"
	case len(s.dbs) == 0:
		return "resetdbs"
	}
	words := make([]string, len(s.dbs))
	for i, db := range s.dbs {
		words[i] = strconv.Itoa(int(db))
	}
	return "db=" + strings.Join(words, ",")
}

// describe are the rules that make the selector.
func (s *selector) describe() string {
	var words []string
	if s.allKeys || len(s.keys) > 0 {
		words = append(words, s.describeKeys())
	}
	if !s.allChannels {
		words = append(words, "resetchannels")
	}
	if s.allChannels || len(s.channels) > 0 {
		words = append(words, s.describeChannels())
	}
	if s.someDBs {
		words = append(words, s.describeDatabases())
	}
	return strings.Join(append(words, s.commands.describe()), " ")
}
