package commands

import (
	"slices"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/testutil"
)

// COMMAND of the whole server is compared with stock's, for every command
// that both have. Words are our own: summaries, complexities, histories and
// notes are left out; so are options that came after 7.0.

// laterInfo are commands to which something came after 7.0: tips, or, to the
// last two, WITHSCORE.
var laterInfo = map[string]bool{"client|setname": true, "zrank": true, "zrevrank": true}

func TestCommandInfoAsStock(t *testing.T) {
	stock, subject := testutil.Stock(t).Dial(t), testutil.Subject(t).Dial(t)
	for _, proto := range []string{"2", "3"} {
		stock.Must(t, "HELLO", proto)
		subject.Must(t, "HELLO", proto)
		common := commonCommands(t, stock, subject)
		for _, name := range common {
			if laterInfo[name] {
				continue
			}
			want := stock.Must(t, "COMMAND", "INFO", name)
			got := subject.Must(t, "COMMAND", "INFO", name)
			if g, w := infoText(got.Elem[0], common), infoText(want.Elem[0], common); g != w {
				t.Errorf("RESP%s COMMAND INFO %s\n got %s\nwant %s", proto, name, g, w)
			}
		}
	}
}

func TestCommandDocsAsStock(t *testing.T) {
	stock, subject := testutil.Stock(t).Dial(t), testutil.Subject(t).Dial(t)
	for _, proto := range []string{"2", "3"} {
		stock.Must(t, "HELLO", proto)
		subject.Must(t, "HELLO", proto)
		for _, name := range commonCommands(t, stock, subject) {
			want := stock.Must(t, "COMMAND", "DOCS", name)
			got := subject.Must(t, "COMMAND", "DOCS", name)
			if g, w := docsText(got.Elem[1]), docsText(want.Elem[1]); g != w {
				t.Errorf("RESP%s COMMAND DOCS %s\n got %s\nwant %s", proto, name, g, w)
			}
		}
	}
}

func commonCommands(t *testing.T, stock, subject *testutil.Conn) []string {
	t.Helper()
	list := func(c *testutil.Conn) (names []string) {
		for _, e := range c.Must(t, "COMMAND", "LIST").Elem {
			names = append(names, e.Text)
		}
		return names
	}
	known := list(stock)
	names := slices.DeleteFunc(list(subject), func(n string) bool { return !slices.Contains(known, n) })
	slices.Sort(names)
	if len(names) < 60 {
		t.Fatalf("only %d commands in common: %v", len(names), names)
	}
	return names
}

// text writes a reply so that two of them can be compared.
func text(r testutil.Reply) string {
	if r.Elem == nil {
		return string(r.Kind) + r.Text
	}
	parts := make([]string, len(r.Elem))
	for i, e := range r.Elem {
		parts[i] = text(e)
	}
	return string(r.Kind) + "(" + strings.Join(parts, " ") + ")"
}

// infoText is an entry of COMMAND INFO: without notes, and of subcommands the
// names that both servers have.
func infoText(r testutil.Reply, common []string) string {
	var parts []string
	for i, e := range r.Elem {
		switch {
		case i == 8:
			for _, spec := range e.Elem {
				parts = append(parts, pairsText(spec, func(name string, value testutil.Reply) string {
					if name == "notes" {
						return "present"
					}
					return text(value)
				}))
			}
		case i == 9:
			parts = append(parts, string(e.Kind)+subNames(e.Elem, common))
		default:
			parts = append(parts, text(e))
		}
	}
	return strings.Join(parts, " ")
}

func subNames(subs []testutil.Reply, common []string) string {
	var names []string
	for _, e := range subs {
		if name := e.Elem[0].Text; slices.Contains(common, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// pairsText writes a map; value gives the text of a value, or nothing to
// leave it out.
func pairsText(r testutil.Reply, value func(name string, v testutil.Reply) string) string {
	var parts []string
	for i := 0; i+1 < len(r.Elem); i += 2 {
		name := r.Elem[i].Text
		if v := value(name, r.Elem[i+1]); v != "" {
			parts = append(parts, name+"="+v)
		}
	}
	return string(r.Kind) + "{" + strings.Join(parts, " ") + "}"
}

func docsText(r testutil.Reply) string {
	later := hasLater(r, "deprecated_since")
	return pairsText(r, func(name string, v testutil.Reply) string {
		switch name {
		case "doc_flags", "deprecated_since", "replaced_by":
			if later {
				return ""
			}
		}
		switch name {
		case "summary", "complexity", "replaced_by":
			return "present"
		case "history":
			return ""
		case "subcommands":
			return "present"
		case "arguments":
			return argsText(v)
		}
		return text(v)
	})
}

func argsText(r testutil.Reply) string {
	var parts []string
	for _, arg := range r.Elem {
		if hasLater(arg, "since") {
			continue
		}
		parts = append(parts, pairsText(arg, func(name string, v testutil.Reply) string {
			if name == "arguments" {
				return argsText(v)
			}
			return text(v)
		}))
	}
	return string(r.Kind) + "(" + strings.Join(parts, " ") + ")"
}

// hasLater says whether a field of a map names a version after 7.0.
func hasLater(r testutil.Reply, field string) bool {
	for i := 0; i+1 < len(r.Elem); i += 2 {
		if r.Elem[i].Text == field && r.Elem[i+1].Text >= "7.2" {
			return true
		}
	}
	return false
}

// Every Spec is complete and what it says can be read.
func TestSpecs(t *testing.T) {
	b := newBench(t)
	for _, s := range b.table.Specs() {
		if _, err := cmdspec.ParseArgs(s.Args, len(s.Keys)); err != nil {
			t.Error(err)
		}
		switch {
		case s.Summary == "" || !strings.HasSuffix(s.Summary, "."):
			t.Errorf("%s: its summary is no sentence: %q", s.FullName, s.Summary)
		case s.Since == "" || s.Complexity == "" && s.Name != "lolwut":
			t.Errorf("%s: since or complexity is missing", s.FullName)
		case s.Run == nil && len(s.Sub) == 0:
			t.Errorf("%s: has no handler", s.FullName)
		case len(s.ACLCategories()) == 0:
			t.Errorf("%s: is in no ACL category", s.FullName)
		case len(s.Keys) == 0 && s.Flags&(cmdspec.Write|cmdspec.ReadOnly) != 0 && s.Locks == cmdspec.LockKeys && s.Name != "lolwut":
			t.Errorf("%s: touches keys, names none and locks nothing", s.FullName)
		}
		for _, k := range s.Keys {
			if k.Flags&cmdspec.VariableFlags != 0 && s.Narrow == nil {
				t.Errorf("%s: its key flags vary, but nothing says how", s.FullName)
			}
		}
	}
}

func TestCommandHelp(t *testing.T) {
	b := newBench(t)
	help := b.do("OBJECT", "HELP")
	for _, want := range []string{"+OBJECT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:\r\n", "+ENCODING <key>\r\n+    ", "+HELP\r\n+    Prints this help.\r\n"} {
		if !strings.Contains(help, want) {
			t.Errorf("OBJECT HELP has no %q: %q", want, help)
		}
	}
	if help = b.do("COMMAND", "HELP"); !strings.Contains(help, "+LIST [FILTERBY <MODULE <module-name> | ACLCAT <category> | PATTERN <pattern>>]\r\n") {
		t.Errorf("COMMAND HELP: %q", help)
	}
	if help = b.do("DEBUG", "HELP"); !strings.Contains(help, "+SLEEP <seconds>\r\n") {
		t.Errorf("DEBUG HELP: %q", help)
	}
}
