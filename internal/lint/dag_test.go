package lint

import (
	"fmt"
	"strings"
	"testing"
)

// graph is a policy parsed from text: who may import whom.
//
// The notation is that of Go's own go/build/deps_test.go. `a, b < c, d;` says that c
// and d may import a and b, and whatever those may import. A chain `a < b < c;` is two
// such rules. `a !< b;` says that b must not be able to import a, which checks the
// rest of the text. NONE is the empty set. Each name stands on a right side once, so
// that all it may import is found in one place. # starts a comment.
type graph struct {
	below map[string][]string // name -> what it may import, directly
}

// parseGraph reads the text and checks the !< rules.
func parseGraph(text string) (*graph, error) {
	g := &graph{below: map[string][]string{}}
	var never [][2][]string
	for _, rule := range strings.Split(stripComments(text), ";") {
		if strings.TrimSpace(rule) == "" {
			continue
		}
		if left, right, ok := strings.Cut(rule, "!<"); ok {
			never = append(never, [2][]string{names(left), names(right)})
			continue
		}
		if err := g.addChain(strings.Split(rule, "<")); err != nil {
			return nil, err
		}
	}
	for _, n := range never {
		if err := g.checkNever(n[0], n[1]); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func stripComments(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		kept.WriteString(line + "\n")
	}
	return kept.String()
}

// names splits a list at its commas.
func names(list string) []string {
	var out []string
	for _, name := range strings.Split(list, ",") {
		out = append(out, strings.TrimSpace(name))
	}
	return out
}

func (g *graph) addChain(lists []string) error {
	if len(lists) < 2 {
		return fmt.Errorf("not a rule: %q", lists[0])
	}
	for i := 1; i < len(lists); i++ {
		for _, upper := range names(lists[i]) {
			if g.has(upper) {
				return fmt.Errorf("%s stands on a right side twice", upper)
			}
			if err := g.allow(upper, names(lists[i-1])); err != nil {
				return err
			}
		}
	}
	return nil
}

// allow lets upper import lowers, which the text has to name before.
func (g *graph) allow(upper string, lowers []string) error {
	g.below[upper] = nil
	for _, lower := range lowers {
		if lower == "NONE" {
			continue
		}
		if !g.has(lower) {
			return fmt.Errorf("%s is used before a rule puts it on a right side", lower)
		}
		g.below[upper] = append(g.below[upper], lower)
	}
	return nil
}

func (g *graph) has(name string) bool {
	_, ok := g.below[name]
	return ok
}

// may tells whether upper is allowed to import lower. The text's order rules cycles out.
func (g *graph) may(upper, lower string) bool {
	for _, direct := range g.below[upper] {
		if direct == lower || g.may(direct, lower) {
			return true
		}
	}
	return false
}

func (g *graph) checkNever(lowers, uppers []string) error {
	for _, lower := range lowers {
		for _, upper := range uppers {
			if !g.has(lower) || !g.has(upper) {
				return fmt.Errorf("%s !< %s: unknown name", lower, upper)
			}
			if g.may(upper, lower) {
				return fmt.Errorf("%s !< %s is broken by the other rules", lower, upper)
			}
		}
	}
	return nil
}

func TestGraphNotation(t *testing.T) {
	g, err := parseGraph("NONE < a, b; # two leaves\n a < c < d; b !< d;")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		upper, lower string
		want         bool
	}{{"c", "a", true}, {"d", "a", true}, {"d", "c", true}, {"d", "b", false}, {"a", "c", false}, {"c", "c", false}} {
		if got := g.may(c.upper, c.lower); got != c.want {
			t.Errorf("may %s import %s: %v, want %v", c.upper, c.lower, got, c.want)
		}
	}
}

func TestGraphErrors(t *testing.T) {
	for _, text := range []string{
		"a;",                           // no rule
		"a < b;",                       // a is unknown
		"NONE < a; NONE < a;",          // twice
		"NONE < a < b; a !< b;",        // contradiction
		"NONE < a; a !< c;",            // unknown name
		"NONE < a; a < b; b < c, b; ;", // twice, in one list
	} {
		if _, err := parseGraph(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}
