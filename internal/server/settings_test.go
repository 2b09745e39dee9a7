package server

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

var rewriteDocs = flag.Bool("rewrite", false, "write the list of idle settings into docs/differences.md")

const (
	listBegin = "<!-- idle settings: written by go test ./internal/server -rewrite -->\n"
	listEnd   = "<!-- end of idle settings -->"
)

// Every default is accepted by its own type: newStore panics otherwise.
func TestTable(t *testing.T) {
	s, _ := newStore(settings)
	for i := range settings {
		d := &settings[i].Directive
		if s.Lookup(d.Name) != d || d.Alias != "" && s.Lookup(strings.ToUpper(d.Alias)) != d {
			t.Errorf("%s is not found by its names", d.Name)
		}
	}
}

// What does nothing yet is said in the documentation.
func TestIdleSettingsAreDocumented(t *testing.T) {
	path := filepath.Join(testutil.ModuleRoot(), "docs", "differences.md")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(b), listBegin)
	list, after, ok2 := strings.Cut(rest, listEnd)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no list between %q and %q", path, listBegin, listEnd)
	}
	if want := idleList(); list != want {
		if !*rewriteDocs {
			t.Errorf("docs/differences.md lists\n%s\nwant\n%s\n(run with -rewrite)", list, want)
		} else if err := os.WriteFile(path, []byte(before+listBegin+want+listEnd+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// idleList is the names of the settings that do nothing, wrapped.
func idleList() string {
	var b strings.Builder
	column := 0
	for i := range settings {
		if !settings[i].idle {
			continue
		}
		name := "`" + settings[i].Name + "`"
		if column > 0 && column+1+len(name) > 118 {
			b.WriteByte('\n')
			column = 0
		} else if column > 0 {
			b.WriteByte(' ')
			column++
		}
		b.WriteString(name)
		column += len(name)
	}
	return b.String() + "\n"
}

func TestEventLetters(t *testing.T) {
	for in, want := range map[string]string{"": "", "KEA": "AKE", "gE": "gE", "xK": "xK", "g$lshzxetd": "A",
		"n": "n", "mKA": "AKm", "d$": "$d", "Vco": "ocV", "STIh": "hSTI"} {
		bits, err := eventBits(in)
		if got := eventLetters(bits); err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", in, got, err, want)
		}
	}
	if _, err := eventBits("q"); err == nil {
		t.Error("q is accepted")
	}
}

func TestHuman(t *testing.T) {
	for n, want := range map[int64]string{0: "0B", 1023: "1023B", 1024: "1.00K", 941296: "919.23K", 25276502016: "23.54G"} {
		if got := human(n); got != want {
			t.Errorf("human(%d) = %s, want %s", n, got, want)
		}
	}
}
