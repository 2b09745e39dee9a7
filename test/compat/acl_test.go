package compat

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/testutil"
)

// both asks both servers.
func (p *pair) both(t *testing.T, args ...string) (want, got testutil.Reply) {
	t.Helper()
	var replies [2]testutil.Reply
	for i, s := range p.sides {
		r, err := s.conn().Do(args...)
		if err != nil {
			t.Fatalf("%s: %q: %v", s.server.Name, args, err)
		}
		replies[i] = r
	}
	return replies[0], replies[1]
}

// dryUsers are users that differ in what they may do to the key "1", and in commands.
var dryUsers = [][]string{
	{"+@all", "~*", "&*"}, {"+@all"}, {"-@all"}, {"+@all", "%R~*"}, {"+@all", "%W~*"}, {"+@all", "~2"}, {"+@all", "%R~1", "%W~2"}, {"+@all", "%W~1", "&1"},
	{"+@all", "~*", "-@dangerous"}, {"+@read", "~1", "&?"}, {"+@write", "~1"}, {"+@all", "-@write", "~*"}, {"+@fast", "-@keyspace", "~*"},
	{"+@connection", "+@transaction", "+@pubsub", "allchannels"}, {"+@admin", "-config", "+config|get"}, {"+@all", "-client", "+client|id", "~*"},
	{"-@all", "+select|1", "+config|set", "+debug|object", "+get|1"}, {"+@slow", "-@blocking", "~*", "(+@blocking %R~1)"},
	{"(+@read %R~1)", "(+@write %W~1)", "(+@all ~* -@read -@write)"}, {"+@string", "+@list", "+@set", "+@hash", "+@sortedset", "allkeys"},
	{"+@stream", "+@geo", "+@bitmap", "+@hyperloglog", "+@scripting", "~*"},
}

// TestDryRun asks for every command that both know, with few and with many words, what
// users may do.
func TestDryRun(t *testing.T) {
	p := newPair(t, 2)
	commands := commonCommands(t, p)
	if len(commands) < 200 {
		t.Fatalf("only %d commands are known to both", len(commands))
	}
	for i, rules := range dryUsers {
		name := fmt.Sprintf("u%d", i)
		want, got := p.both(t, append([]string{"ACL", "SETUSER", name}, rules...)...)
		if string(want.Raw) != "+OK\r\n" || string(got.Raw) != string(want.Raw) {
			t.Errorf("%q: %q and %q", rules, want.Raw, got.Raw)
			continue
		}
		for _, line := range commands {
			want, got := p.both(t, append([]string{"ACL", "DRYRUN", name}, line...)...)
			if string(want.Raw) != string(got.Raw) && !p.dryRunDiffers(t, line, want, got) {
				t.Errorf("%q, %q: want %q, got %q", rules, line, want.Raw, got.Raw)
			}
		}
	}
}

// dryRunDiffers: stock does not know the command or so many words of it; or the words do not fit its key
// specifications. Then stock looks at no key at all, and ours at those that can be found.
func (p *pair) dryRunDiffers(t *testing.T, line []string, want, got testutil.Reply) bool {
	if want.Kind == '-' || got.Kind == '-' {
		return true
	}
	keys, _ := p.both(t, append([]string{"COMMAND", "GETKEYS"}, line...)...)
	return string(want.Raw) == "+OK\r\n" && keys.Kind == '-'
}

// commonCommands are lines of commands that both know: the least number of words, and more.
func commonCommands(t *testing.T, p *pair) (lines [][]string) {
	theirs, ours := allCommands(t, p.sides[0].conn()), allCommands(t, p.sides[1].conn())
	for _, name := range slices.Sorted(maps.Keys(theirs)) {
		if _, ok := ours[name]; !ok {
			continue
		}
		words := strings.Split(name, "|")
		arity := theirs[name]
		for more := range 4 {
			n := arity
			if n < 0 {
				n = -n + more
			} else if more > 0 {
				break
			}
			line := slices.Clone(words)
			for len(line) < n {
				line = append(line, "1")
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// allCommands are the arities of all commands that have no subcommands.
func allCommands(t *testing.T, c *testutil.Conn) map[string]int {
	all := map[string]int{}
	var add func(list []testutil.Reply)
	add = func(list []testutil.Reply) {
		for _, info := range list {
			if subs := info.Elem[9].Elem; len(subs) > 0 {
				add(subs)
			} else {
				all[info.Elem[0].Text] = int(info.Elem[1].Int())
			}
		}
	}
	add(c.Must(t, "COMMAND").Elem)
	return all
}

// TestRandomRules gives both servers the same rules, and compares what they say of
// them, and what they make of them.
func TestRandomRules(t *testing.T) {
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	p := newPair(t, 2)
	theirs, ours := allCommands(t, p.sides[0].conn()), allCommands(t, p.sides[1].conn())
	maps.DeleteFunc(theirs, func(name string, _ int) bool { _, ok := ours[name]; return !ok })
	names := slices.Sorted(maps.Keys(theirs))
	runs := 40 * *sequences
	for i := range runs {
		r := rand.New(rand.NewPCG(seed+uint64(i), 2))
		user := fmt.Sprintf("user%d", r.IntN(5))
		rules := drawRules(r, names)
		want, got := p.both(t, append([]string{"ACL", "SETUSER", user}, rules...)...)
		if string(want.Raw) != string(got.Raw) {
			t.Fatalf("-seed=%d: %q: want %q, got %q", seed+uint64(i), rules, want.Raw, got.Raw)
		}
		if want.Kind != got.Kind {
			p.both(t, "ACL", "SETUSER", user, "reset")
			continue
		}
		want, got = p.both(t, "ACL", "GETUSER", user)
		if a, b := comparableUser(want), comparableUser(got); a != b {
			t.Fatalf("-seed=%d: %q: want\n%s\ngot\n%s", seed+uint64(i), rules, a, b)
		}
		for range 30 {
			line := []string{"ACL", "DRYRUN", user}
			for _, w := range strings.Split(names[r.IntN(len(names))], "|") {
				line = append(line, w)
			}
			for range r.IntN(5) {
				line = append(line, drawFrom(r, "a", "ab", "b", "1", "channel"))
			}
			want, got := p.both(t, line...)
			if string(want.Raw) != string(got.Raw) && !p.dryRunDiffers(t, line[3:], want, got) {
				t.Fatalf("-seed=%d: %q: %q: want %q, got %q", seed+uint64(i), rules, line, want.Raw, got.Raw)
			}
		}
	}
}

// comparableUser is a reply of GETUSER without what the commands are called: which
// categories describe them best depends on what commands there are.
func comparableUser(r testutil.Reply) string {
	var b strings.Builder
	for i := 0; i+1 < len(r.Elem); i += 2 {
		name, value := r.Elem[i].Text, r.Elem[i+1]
		switch name {
		case "commands":
			fmt.Fprintf(&b, "commands %s\n", value.Text[:5])
		case "selectors":
			for _, s := range value.Elem {
				fmt.Fprintf(&b, "selector\n%s", comparableUser(s))
			}
		default:
			fmt.Fprintf(&b, "%s %q\n", name, value.Raw)
		}
	}
	return b.String()
}

func drawFrom(r *rand.Rand, words ...string) string { return words[r.IntN(len(words))] }

var categories = strings.Fields("keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin fast slow " +
	"blocking dangerous connection transaction scripting all ALL Read nosuch")

func drawRules(r *rand.Rand, names []string) (rules []string) {
	for range r.IntN(6) {
		rules = append(rules, drawRule(r, names))
	}
	if r.IntN(4) == 0 {
		inner := []string{drawRule(r, names), drawRule(r, names)}
		if r.IntN(2) == 0 {
			rules = append(rules, "("+strings.Join(inner, " ")+")")
		} else { // over several words
			rules = append(rules, "("+inner[0], inner[1]+")")
		}
	}
	if r.IntN(30) == 0 {
		rules = append(rules, drawFrom(r, "(", ")", "()", "(+get", "( )", "(on)", "(+get ~a", "('a)"))
	}
	return rules
}

func drawRule(r *rand.Rand, names []string) string {
	sign := drawFrom(r, "+", "+", "-")
	switch r.IntN(12) {
	case 0:
		return drawFrom(r, "on", "off", "ON", "nopass", "resetpass", "reset", "clearselectors", "sanitize-payload", "skip-sanitize-payload")
	case 1:
		return drawFrom(r, ">a", ">b", ">", "<a", "<b", "#"+strings.Repeat("0", 64), "!"+strings.Repeat("0", 64), "#0", "#"+strings.Repeat("A", 64), "!x")
	case 2:
		return drawFrom(r, "allkeys", "resetkeys", "~*", "~a*", "~a", "~b", "~", "%R~a", "%W~a", "%RW~b", "%rw~b", "%~a", "%R", "%RR~a", "%RX~a", "~a b", "%R~*")
	case 3:
		return drawFrom(r, "allchannels", "resetchannels", "&*", "&a*", "&b", "&", "& ")
	case 4:
		return drawFrom(r, "allcommands", "nocommands", "+@all", "-@all")
	case 5, 6, 7:
		return sign + "@" + categories[r.IntN(len(categories))]
	case 8, 9, 10:
		name := names[r.IntN(len(names))]
		switch r.IntN(6) {
		case 0:
			name, _, _ = strings.Cut(name, "|")
		case 1:
			name += drawFrom(r, "|", "|x", "|1|2", "x")
		case 2:
			name = strings.ToUpper(name)
		}
		return sign + name
	}
	return drawFrom(r, "", "nosuch", "+", "-", "@all", "+@", "-@", "a b", "\x00", "on\x00off", "+get\x00x", "~a\x00")
}
