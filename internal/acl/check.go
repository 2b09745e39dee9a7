package acl

import (
	"slices"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/glob"
)

// A Reason says what is not allowed. Where several selectors refuse for
// different reasons, the greatest is told.
type Reason uint8

const (
	Allowed Reason = iota
	Command
	Key
	Channel
	Database
	Auth        // a login that failed; Check returns neither this ...
	Certificate // ... nor this: one that names no user

	Reasons int = iota
)

var reasonNames = [...]string{"allowed", "command", "key", "channel", "database", "auth", "tls-cert"}

// String is the reason as ACL LOG shows it.
func (r Reason) String() string { return reasonNames[r] }

// A Denial is what Check found.
type Denial struct {
	Reason Reason
	Word   int // which of the words, for Key and Channel
	DB     int // which one, for Database; -1: all of them are needed
}

// Check says whether a command line is allowed to a client whose database is db.
func (r *Rules) Check(spec *cmdspec.Spec, argv [][]byte, db int) Denial {
	if r.unrestricted {
		return Denial{}
	}
	q := question{spec: spec, argv: argv, db: db}
	worst := Denial{Reason: Command}
	for _, s := range r.selectors {
		d := s.check(&q)
		if d.Reason == Allowed {
			return d
		}
		if d.Reason > worst.Reason || d.Reason == worst.Reason && d.Word > worst.Word {
			worst = d
		}
	}
	return worst
}

// ReadsAll says whether one selector allows the command line and reading every
// key: then it may look at keys that are not named in it.
func (r *Rules) ReadsAll(spec *cmdspec.Spec, argv [][]byte, db int) bool {
	if r.unrestricted {
		return true
	}
	q := question{spec: spec, argv: argv, db: db}
	for _, s := range r.selectors {
		if s.check(&q).Reason == Allowed && (s.allKeys || slices.ContainsFunc(s.keys, keyPattern.readsAll)) {
			return true
		}
	}
	return false
}

func (k keyPattern) readsAll() bool { return k.access&read != 0 && k.pattern == "*" }

// AllowsChannel says whether a channel may be listened to; a pattern only if it is itself one of the rules.
func (r *Rules) AllowsChannel(name []byte, isPattern bool) bool {
	for _, s := range r.selectors {
		if s.allChannels || s.allowsChannel(name, isPattern) {
			return true
		}
	}
	return false
}

// question is a command line that selectors are asked about. The keys are looked for once.
type question struct {
	spec  *cmdspec.Spec
	argv  [][]byte
	db    int
	keys  []cmdspec.KeyRef
	known bool // keys are
}

func (q *question) keyRefs() []cmdspec.KeyRef {
	if !q.known {
		q.keys, q.known = q.spec.AppendKeyRefs(nil, q.argv), true
	}
	return q.keys
}

func (s *selector) check(q *question) Denial {
	cmd := &s.commands.catalog.commands[q.spec.ID]
	if q.spec.Flags&cmdspec.NoAuth == 0 && !s.commands.allows(q.spec.ID, q.argv) {
		return Denial{Reason: Command}
	}
	if !s.allKeys && len(q.spec.Keys) > 0 {
		for _, k := range q.keyRefs() {
			if !s.allowsKey(q.argv[k.Word], needed(k.Flags)) {
				return Denial{Reason: Key, Word: k.Word}
			}
		}
	}
	if !s.allChannels && cmd.channels.first > 0 {
		for i := cmd.channels.first; i < cmd.channels.end(q.argv); i++ {
			if !s.allowsChannel(q.argv[i], cmd.channels.patterns) {
				return Denial{Reason: Channel, Word: i}
			}
		}
	}
	if s.someDBs {
		return s.checkDatabases(cmd.databases, q)
	}
	return Denial{}
}

// needed is the access that a command's flags ask for. A command that only
// wants to know whether a key is there needs no more than to be allowed to name it.
func needed(f cmdspec.KeyFlags) (a access) {
	if f&cmdspec.Access != 0 {
		a |= read
	}
	if f&(cmdspec.Insert|cmdspec.Delete|cmdspec.Update) != 0 {
		a |= write
	}
	return a
}

func (s *selector) allowsKey(key []byte, need access) bool {
	for i := range s.keys {
		if k := &s.keys[i]; k.access&need == need && glob.Match([]byte(k.pattern), key) {
			return true
		}
	}
	return false
}

func (s *selector) allowsChannel(name []byte, isPattern bool) bool {
	for _, pattern := range s.channels {
		if isPattern && pattern == string(name) || !isPattern && glob.Match([]byte(pattern), name) {
			return true
		}
	}
	return false
}

// channelWords are the words of a command that are channels.
type channelWords struct {
	first    int  // 0: none
	rest     bool // all from there on
	patterns bool
}

func (c channelWords) end(argv [][]byte) int {
	if c.rest {
		return len(argv)
	}
	return min(c.first+1, len(argv))
}

// channelsOf are the commands that name channels; to stop listening is always allowed.
var channelsOf = map[string]channelWords{
	"subscribe":  {first: 1, rest: true},
	"ssubscribe": {first: 1, rest: true},
	"psubscribe": {first: 1, rest: true, patterns: true},
	"publish":    {first: 1},
	"spublish":   {first: 1},
}

// databaseWords say which databases a command touches.
type databaseWords struct {
	all     bool // every one
	current bool // that of the client
	first   int  // the words from first to last are numbers of databases
	last    int
	after   string // the word after this option is one
}

// databasesOf: what has keys, or reads or writes without naming them, touches the client's database.
func databasesOf(name string, s *cmdspec.Spec) databaseWords {
	switch name {
	case "flushall":
		return databaseWords{all: true}
	case "select":
		return databaseWords{first: 1, last: 1}
	case "swapdb":
		return databaseWords{first: 1, last: 2}
	case "move":
		return databaseWords{current: true, first: 2, last: 2}
	case "copy":
		return databaseWords{current: true, after: "DB"}
	}
	return databaseWords{current: len(s.Keys) > 0 || s.Flags&(cmdspec.Write|cmdspec.ReadOnly) != 0}
}

func (s *selector) checkDatabases(d databaseWords, q *question) Denial {
	if d.all {
		return Denial{Reason: Database, DB: -1}
	}
	if d.current && !s.allowsDB(int64(q.db)) {
		return Denial{Reason: Database, DB: q.db}
	}
	for i := d.first; i > 0 && i <= d.last && i < len(q.argv); i++ {
		if n, ok := s.forbiddenDB(q.argv[i]); ok {
			return Denial{Reason: Database, DB: n}
		}
	}
	for i := 3; d.after != "" && i+1 < len(q.argv); i++ {
		if !cmdspec.EqualFold(q.argv[i], d.after) {
			continue
		}
		if n, ok := s.forbiddenDB(q.argv[i+1]); ok {
			return Denial{Reason: Database, DB: n}
		}
	}
	return Denial{}
}

// forbiddenDB reads the number of a database that is not allowed. What is no
// number the command itself will refuse.
func (s *selector) forbiddenDB(word []byte) (n int, forbidden bool) {
	db, ok := cmdspec.ParseInt(word)
	return int(db), ok && !s.allowsDB(db)
}

func (s *selector) allowsDB(db int64) bool {
	_, found := slices.BinarySearch(s.dbs, int32(db))
	return found && db == int64(int32(db))
}
