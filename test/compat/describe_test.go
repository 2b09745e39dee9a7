package compat

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// describedOtherwise are commands of the type groups whose description differs
// for a reason, apart from options that came after the stock server's version.
var describedOtherwise = map[string]string{
	"zrank":    "7.2 gave it WITHSCORE",
	"zrevrank": "7.2 gave it WITHSCORE",
}

// TestTypesAreDescribed: COMMAND INFO and DOCS of the commands of the type
// groups, and of SORT, say what stock's do, apart from sentences and from what is newer.
func TestTypesAreDescribed(t *testing.T) {
	p := newPair(t, 2)
	stock, ours := p.sides[0].conn(), p.sides[1].conn()
	names := []string{"sort", "sort_ro"}
	for _, group := range typeGroups {
		for _, name := range commandsOf(t, stock, group) {
			parent, _, _ := strings.Cut(name, "|")
			names = append(names, name, parent)
		}
	}
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		want, got := describe(t, stock, name), describe(t, ours, name)
		reason := describedOtherwise[name]
		switch {
		case reason != "" && want == got:
			t.Errorf("%s is described as stock does, though it is listed as different: %s", name, reason)
		case reason == "" && want != got:
			t.Errorf("%s: %s", name, firstDifference(want, got))
		}
	}
}

func describe(t *testing.T, c *testutil.Conn, name string) string {
	info := c.Must(t, "COMMAND", "INFO", name).Elem[0]
	if len(info.Elem) == 10 {
		info.Elem = info.Elem[:9] // the subcommands have lines of their own
	}
	docs := c.Must(t, "COMMAND", "DOCS", name)
	if len(docs.Elem) < 2 {
		return "not there"
	}
	return outline(info, "") + outlineDocs(docs.Elem[1], "")
}

// outline prints a reply as lines; the order of flags and categories says nothing.
func outline(r testutil.Reply, indent string) string {
	if len(r.Elem) == 0 {
		return indent + r.Text + "\n"
	}
	var items []string
	for i, e := range r.Elem {
		if i > 0 && r.Elem[i-1].Text == "notes" {
			continue // a sentence
		}
		items = append(items, outline(e, indent+" "))
	}
	if r.Elem[0].Kind == '+' {
		slices.Sort(items)
	}
	return indent + "[\n" + strings.Join(items, "")
}

// sentences are the fields of DOCS in which each project has words of its own.
var sentences = []string{"summary", "complexity", "history", "replaced_by", "subcommands"}

// outlineDocs prints the map of a command or of an argument as lines, without
// sentences and arguments that are newer than the stock server.
func outlineDocs(m testutil.Reply, indent string) string {
	s := ""
	for i := 0; i+1 < len(m.Elem); i += 2 {
		name, value := m.Elem[i].Text, m.Elem[i+1]
		if slices.Contains(sentences, name) {
			continue
		}
		s += indent + name + ":"
		if name != "arguments" {
			s += outline(value, " ")
			continue
		}
		s += "\n"
		for _, arg := range value.Elem {
			if !newer(field(arg, "since").Text) {
				s += outlineDocs(arg, indent+"  ")
			}
		}
	}
	return s
}

// newer says whether a version is above 7.0.
func newer(version string) bool {
	major, rest, _ := strings.Cut(version, ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, _ := strconv.Atoi(major)
	b, _ := strconv.Atoi(minor)
	return a > 7 || a == 7 && b > 0
}

// firstDifference shows the first line that differs, and those before it.
func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	around := func(lines []string) string {
		return strings.Join(lines[min(max(i-3, 0), len(lines)):min(i+2, len(lines))], "\n")
	}
	return fmt.Sprintf("line %d\nwant\n%s\ngot\n%s", i, around(a), around(b))
}

// keyed are calls of commands whose keys are found by COMMAND GETKEYS.
var keyed = strings.Split(strings.TrimSpace(`
rpush a b
lmove a b left right
blmove a b left right 0
blpop a b c 0
blmpop 0 2 a b left
blmpop 0 3 a b left
lmpop 2 a b left
lmpop x a left
rpoplpush a b
smove a b c
sinter a b c
sinterstore a b c
sintercard 2 a b limit 1
sintercard 0 a
sunionstore d a
zadd z 1 a
zunionstore d 2 a b weights 1 2
zunionstore d 0 a
zunion 2 a b
zinter 3 a b c
zdiffstore d 1 a
zrangestore d s 0 1
zmpop 1 a min
bzmpop 0 1 a min
bzpopmin a b 0
zrandmember a
hset h f v
xadd s * f v
xread count 1 streams a b 0 0
xread block 0 streams a 0
xread streams a b 0
xread streams
xread count 1
xreadgroup group g c streams a b > >
xreadgroup group streams c streams a >
xgroup create s g 0
xgroup destroy s g
xinfo stream s
xack s g 1-1
xclaim s g c 0 1-1
geoadd g 1 1 a
geosearch g frommember a byradius 1 km
geosearchstore d g frommember a byradius 1 km
georadius g 1 1 1 km
georadius g 1 1 1 km store d
georadius g 1 1 1 km storedist d
georadius g 1 1 1 km store d storedist e
georadius g 1 1 1 km store
georadiusbymember g m 1 km store d
georadius_ro g 1 1 1 km
setbit b 0 1
bitop and d a b
bitop not d a
bitfield b get u8 0
bitfield b set u8 0 1
bitfield_ro b get u8 0
pfadd a b
pfcount a b
pfmerge a b c
pfdebug getreg a
sort l
sort l by w_* get d_* store dst
sort l store dst store dst2
sort l by store
sort l get store store d
sort_ro l by w_*
`), "\n")

// TestKeysOfTypes: the keys that are found in a call, and what is said of them.
func TestKeysOfTypes(t *testing.T) {
	p := newPair(t, 2)
	for _, line := range keyed {
		for _, how := range []string{"GETKEYS", "GETKEYSANDFLAGS"} {
			args := append([]string{"COMMAND", how}, strings.Fields(line)...)
			want, got := p.sides[0].conn().Must(t, args...), p.sides[1].conn().Must(t, args...)
			if outline(want, "") != outline(got, "") {
				t.Errorf("%s %s:\n want %q\n  got %q", how, line, want.Raw, got.Raw)
			}
		}
	}
}
