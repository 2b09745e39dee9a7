package cmdspec

import (
	"slices"
	"strings"
)

// flagNames are the flags as COMMAND INFO shows them, in its order.
var flagNames = []struct {
	flag Flags
	name string
}{
	{Write, "write"}, {ReadOnly, "readonly"}, {DenyOOM, "denyoom"}, {Admin, "admin"}, {PubSub, "pubsub"}, {NoScript, "noscript"},
	{Blocking, "blocking"}, {Loading, "loading"}, {Stale, "stale"}, {SkipMonitor, "skip_monitor"}, {SkipSlowlog, "skip_slowlog"},
	{Asking, "asking"}, {Fast, "fast"}, {NoAuth, "no_auth"}, {NoMandatoryKeys, "no_mandatory_keys"},
	{NoAsyncLoading, "no_async_loading"}, {NoMulti, "no_multi"}, {MovableKeys, "movablekeys"}, {AllowBusy, "allow_busy"},
}

// Names are the names of the flags that are set.
func (f Flags) Names() []string {
	var names []string
	for _, n := range flagNames {
		if f&n.flag != 0 {
			names = append(names, n.name)
		}
	}
	return names
}

var keyFlagNames = [...]string{"RO", "RW", "OW", "RM", "access", "update", "insert", "delete", "not_key", "incomplete", "variable_flags"}

// Names are the names of the flags that are set, in COMMAND INFO's order.
func (f KeyFlags) Names() []string {
	var names []string
	for i, name := range keyFlagNames {
		if f&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return names
}

// categoryOrder are the ACL categories in the order in which they are shown.
var categoryOrder = []string{"keyspace", "read", "write", "set", "sortedset", "list", "hash", "string", "bitmap", "hyperloglog",
	"geo", "stream", "pubsub", "admin", "fast", "slow", "blocking", "dangerous", "connection", "transaction", "scripting"}

// Categories are the ACL categories in the order in which they are shown.
func Categories() []string { return categoryOrder }

// groupCategories are the categories that follow from the group. The groups
// left out say nothing of what their commands touch.
var groupCategories = map[Group]string{
	GroupGeneric: "keyspace", GroupString: "string", GroupList: "list", GroupSet: "set", GroupSortedSet: "sortedset",
	GroupHash: "hash", GroupPubSub: "pubsub", GroupTransactions: "transaction", GroupConnection: "connection",
	GroupScripting: "scripting", GroupHyperLogLog: "hyperloglog", GroupGeo: "geo", GroupStream: "stream", GroupBitmap: "bitmap",
}

// ACLCategories are the ACL categories of a command, without the @, in the
// order in which they are shown: those that follow from its group, unless it
// is there for its subcommands only, those that follow from its flags, and
// what Categories adds or, with a minus sign, takes away.
func (s *Spec) ACLCategories() []string {
	have := map[string]bool{}
	if name, ok := groupCategories[s.Group]; ok && len(s.Sub) == 0 {
		have[name] = true
	}
	have["write"] = s.Flags&Write != 0
	have["read"] = s.Flags&ReadOnly != 0 && s.Group != GroupScripting
	have["admin"] = s.Flags&Admin != 0
	have["dangerous"] = s.Flags&Admin != 0
	have["pubsub"] = have["pubsub"] || s.Flags&PubSub != 0
	have["blocking"] = s.Flags&Blocking != 0
	have["fast"] = s.Flags&Fast != 0
	have["slow"] = s.Flags&Fast == 0
	for _, word := range strings.Fields(s.Categories) {
		name, without := strings.CutPrefix(word, "-")
		have[name] = !without
	}
	var names []string
	for _, name := range categoryOrder {
		if have[name] {
			names = append(names, name)
		}
	}
	return names
}

// HasCategory says whether the command is in an ACL category.
func (s *Spec) HasCategory(name string) bool { return slices.Contains(s.ACLCategories(), name) }

// KeyRange is where the keys are as far as a range can say it: the first and
// last word, the last from the end if negative, and the step; all 0 if there
// are none at a fixed place. Clients of before 7.0 know nothing else.
func (s *Spec) KeyRange() (first, last, step int) {
	if len(s.Keys) == 1 && s.Keys[0].plain() {
		k := &s.Keys[0]
		return k.Index, k.lastWord(), k.Step
	}
	for i := range s.Keys {
		k := &s.Keys[i]
		if !k.plain() || k.Step != 1 {
			continue
		}
		if first == 0 || k.Index < first {
			first = k.Index
		}
		if uint(k.lastWord()) > uint(last) { // negative is beyond all others
			last = k.lastWord()
		}
		step = 1
	}
	return first, last, step
}

// plain says whether a key specification is a range at a fixed place.
func (k *KeySpec) plain() bool { return k.Keyword == "" && !k.KeyNum && k.Index > 0 }

func (k *KeySpec) lastWord() int {
	if k.Last < 0 {
		return k.Last
	}
	return k.Index + k.Last
}

// KeyFlagsAt says what a command line does to the key that is its word i.
func (s *Spec) KeyFlagsAt(i int, words [][]byte) KeyFlags {
	for n := range s.Keys {
		one := Spec{Keys: s.Keys[n : n+1]}
		if positions, ok := one.AppendKeyPositions(nil, words); ok && slices.Contains(positions, i) {
			return s.variable(s.Keys[n].Flags, words)
		}
	}
	return 0
}

// variable makes flags that depend on options definite.
func (s *Spec) variable(f KeyFlags, words [][]byte) KeyFlags {
	if f&VariableFlags == 0 || s.Narrow == nil {
		return f &^ VariableFlags
	}
	return s.Narrow(words)
}

// ArgTree is the tree of the syntax line.
func (s *Spec) ArgTree() []Arg {
	args, err := ParseArgs(s.Args, len(s.Keys))
	if err != nil {
		panic("cmdspec: " + s.FullName + ": " + err.Error()) // a Spec is a literal of ours, and a test parses them all
	}
	return args
}

// Flags are the names of the flags of an argument.
func (a *Arg) Flags() []string {
	var names []string
	if a.Optional {
		names = append(names, "optional")
	}
	if a.Multiple {
		names = append(names, "multiple")
	}
	if a.MultipleToken {
		names = append(names, "multiple_token")
	}
	return names
}
