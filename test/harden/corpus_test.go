package harden

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"github.com/redstart-db/redstart/internal/testutil"
)

// A template is a command with its documented arguments.
type template struct {
	name  []string // CLIENT KILL
	group string
	args  []arg
	right bool // its arguments are documented
}

// arg is a node of what COMMAND DOCS says of arguments.
type arg struct {
	name, kind, token              string
	optional, multiple, multiToken bool
	args                           []arg
}

// A corpus is what valid commands are made from.
type corpus struct {
	templates []template
	names     []string          // of commands
	settings  map[string]string // as the server started
	settable  []string          // their names
}

// unsettable are settings that inputs leave alone: a larger limit of strings lets a single
// command take what memory there is.
var unsettable = []string{"proto-max-bulk-len"}

// undocumented are commands whose arguments COMMAND DOCS does not show. DEBUG
// SLEEP and POPULATE are missing: they stop the server for as long as they are told to.
var undocumented = []string{
	"COMMAND GETKEYS ZUNION 2 a b", "COMMAND GETKEYSANDFLAGS MSET a 1 b 2", "DEBUG OBJECT string:1", "DEBUG DIGEST", "DEBUG DIGEST-VALUE list:1 hash:1", "DEBUG SET-ACTIVE-EXPIRE 1",
	"DEBUG PROTOCOL attrib", "DEBUG PROTOCOL verbatim", "DEBUG STRINGMATCH-LEN a*b aaab", "DEBUG HELP",
	"PFDEBUG ENCODING string:1", "PFDEBUG DECODE string:1", "NOSUCH command", "GET", "XGROUP NOSUCH",
}

// newCorpus asks the server what its commands are.
func newCorpus(k *keeper) (*corpus, error) {
	docs, err := k.do("COMMAND", "DOCS")
	if err != nil {
		return nil, err
	}
	settings, err := k.settings()
	if err != nil {
		return nil, err
	}
	c := &corpus{settings: settings, settable: slices.Sorted(maps.Keys(settings))}
	c.addDocs(docs)
	for _, line := range undocumented {
		c.templates = append(c.templates, template{name: strings.Fields(line)})
	}
	return c, nil
}

func (c *corpus) addDocs(docs testutil.Reply) {
	for i := 0; i+1 < len(docs.Elem); i += 2 {
		name, doc := docs.Elem[i].Text, docs.Elem[i+1]
		subs, container := field(doc, "subcommands")
		c.addDocs(subs)
		args, _ := field(doc, "arguments")
		group, _ := field(doc, "group")
		c.names = append(c.names, name)
		c.templates = append(c.templates, template{
			name: strings.Split(strings.ToUpper(name), "|"), group: group.Text, args: parseArgs(args),
			right: !container && name != "debug" && !strings.HasPrefix(name, "command|getkeys"),
		})
	}
}

// field finds a name in a map.
func field(m testutil.Reply, name string) (testutil.Reply, bool) {
	for i := 0; i+1 < len(m.Elem); i += 2 {
		if m.Elem[i].Text == name {
			return m.Elem[i+1], true
		}
	}
	return testutil.Reply{}, false
}

func parseArgs(list testutil.Reply) (args []arg) {
	for _, e := range list.Elem {
		text := func(name string) string { f, _ := field(e, name); return f.Text }
		flags, _ := field(e, "flags")
		has := func(flag string) bool {
			return slices.ContainsFunc(flags.Elem, func(f testutil.Reply) bool { return f.Text == flag })
		}
		nested, _ := field(e, "arguments")
		args = append(args, arg{
			name: text("name"), kind: text("type"), token: text("token"),
			optional: has("optional"), multiple: has("multiple"), multiToken: has("multiple_token"), args: parseArgs(nested),
		})
	}
	return args
}

// A writer makes the words of one command.
type writer struct {
	*rand.Rand
	c     *corpus
	t     *template
	words []string
}

// command draws a command that is valid, or nearly: its words follow the documentation.
func (c *corpus) command(r *rand.Rand) []string {
	return c.fill(r, &c.templates[r.IntN(len(c.templates))])
}

func (c *corpus) fill(r *rand.Rand, t *template) []string {
	w := &writer{Rand: r, c: c, t: t, words: append([]string(nil), t.name...)}
	switch strings.Join(t.name, " ") {
	case "CONFIG SET":
		w.setting()
	case "CLIENT PAUSE": // everybody waits as long
		w.add(strconv.Itoa(w.IntN(20)), w.pick([]string{"ALL", "WRITE"}))
	default:
		w.seq(t.args)
	}
	return w.words
}

// setting draws what CONFIG SET sets: mostly what is set.
func (w *writer) setting() {
	name := w.pick(w.c.settable)
	value := w.c.settings[name]
	if w.IntN(3) == 0 {
		value = w.pick(numbers)
	}
	if !slices.Contains(unsettable, name) {
		w.add(name, value)
	}
}

func (w *writer) add(words ...string) { w.words = append(w.words, words...) }

func (w *writer) pick(from []string) string { return from[w.IntN(len(from))] }

// seq writes arguments one after the other. Those that may be repeated are
// repeated equally often, which a number among them says: keys and their IDs,
// fields, weights.
func (w *writer) seq(args []arg) {
	reps := 1 + w.IntN(3)
	for i := range args {
		a := &args[i]
		if a.optional && w.IntN(2) == 0 {
			continue
		}
		n := 1
		if a.multiple {
			n = reps
		}
		for k := range n {
			if a.token != "" && (k == 0 || a.multiToken) {
				w.add(a.token)
			}
			w.one(a, reps)
		}
	}
}

func (w *writer) one(a *arg, reps int) {
	switch {
	case a.kind == "pure-token":
	case a.kind == "oneof":
		i := w.IntN(len(a.args))
		w.seq(a.args[i : i+1])
	case a.kind == "block":
		w.seq(a.args)
	case strings.HasPrefix(a.name, "num") && a.kind == "integer":
		w.add(strconv.Itoa(reps))
	default:
		w.add(w.value(a))
	}
}

// values are by the name of an argument what a valid one looks like; byKind is
// for the names that are not there.
var values = map[string][]string{
	"cursor": {"0"}, "timeout": {"0.01", "0.05", "0", "3"}, "protover": {"2", "3"}, "host": {"127.0.0.1"}, "port": {"1"},
	"id": {"1-1", "0", "5-5", "$", ">", "+", "7-*"}, "lastid": {"0-0", "1-1"}, "last-id": {"0", "1-1"}, "start": {"0", "1", "-2"},
	"end": {"-1", "2", "+"}, "stop": {"-1", "2"}, "min": {"-inf", "(1", "0", "-", "[a"}, "max": {"+inf", "5", "+", "[z"},
	"group": {"g1", "g2"}, "consumer": {"c1", "c2"}, "longitude": {"13.4", "2.3"}, "latitude": {"52.5", "48.8"},
	"channel": {"ch1", "ch2", "ch3"}, "shardchannel": {"sc1", "sc2"}, "username": {"u1", "u2", "u3", "u1", "u2", "u3", "u4", "default"}, "password": {"p1"},
	"rule": {"on", "nopass", "+@all", "-@write", "~k*", "%R~a*", "&ch*", ">p1", "reset", "(+get ~x)"}, "category": {"read", "write", "fast"},
	"encoding": {"u8", "i16", "u63", "i64"}, "offset": {"0", "7", "#3", "1000", "100000"}, "bit": {"0", "1"}, "unit": {"m", "km"},
	"connection-name": {"n1"}, "libname": {"l1"}, "libver": {"1.0"}, "client-id": {"1", "2", "100"}, "section": {"server", "all", "clients"},
	"operation": {"AND", "OR", "XOR", "NOT"}, "event": {"command", "expire-cycle"}, "script": {"return 1"}, "sha1": {"e0e1f9fabfc9d4800c877a703b823ac0578ff8db"}, "type": {"string", "hash", "zset"},
	"ip:port": {"127.0.0.1:1"}, "addr": {"127.0.0.1:1"}, "serialized-value": {"\x00\x01x\x0b\x00"}, "freq": {"5"}, "iteration": {"1"},
}

var (
	numbers  = []string{"0", "1", "2", "5", "100", "-1", "-5", "1000000", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "x", ""}
	patterns = []string{"*", "k*", "h?llo", "[a-z]*", "ch*", "a\\*", "["}
	scores   = []string{"0", "1", "1.5", "-3", "+inf", "-inf", "1e300", "nan"}
	letters  = []string{"a", "b", "c", "m1", "m2", "m3", "hello world", "", "12345", "\x00\xff\r\n", strings.Repeat("long", 40)}
	times    = []string{"1", "4102444800", "4102444800000", "0"}
)

func (w *writer) value(a *arg) string {
	if known := values[a.name]; known != nil && w.IntN(8) > 0 {
		return w.pick(known)
	}
	switch {
	case a.name == "parameter":
		return w.pick(w.c.settable)
	case a.name == "command" || a.name == "command-name":
		return w.pick(w.c.names)
	case a.kind == "key":
		return w.key()
	case a.kind == "integer" && w.IntN(4) == 0:
		return w.pick(numbers)
	case a.kind == "integer":
		return strconv.Itoa(1 + w.IntN(20))
	case a.kind == "double":
		return w.pick(scores)
	case a.kind == "unix-time":
		return w.pick(times)
	case a.kind == "pattern":
		return w.pick(patterns)
	}
	return w.pick(letters)
}

// key is mostly one of the command's own type.
func (w *writer) key() string {
	group := w.t.group
	if group == "" || group == "generic" || w.IntN(5) == 0 {
		group = w.pick([]string{"string", "list", "set", "sorted-set", "hash", "stream", "bitmap", "hyperloglog", "geo"})
	}
	return fmt.Sprint(group, ":", w.IntN(4))
}
