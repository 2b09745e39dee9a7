package glob

import (
	"strings"
	"testing"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"", "", true}, {"", "a", false}, {"*", "", false}, {"*", "a", true}, {"**", "abc", true},
		{"a*", "a", true}, {"a**", "a", true}, {"*a", "ba", true}, {"*a", "ab", false}, {"a*b*c", "aXbbYc", true},
		{"?", "", false}, {"?", "x", true}, {"??", "x", false}, {"?*", "x", true},
		{"h[ae]llo", "hallo", true}, {"h[ae]llo", "hillo", false}, {"h[^e]llo", "hello", false}, {"h[^e]llo", "hallo", true},
		{"h[a-b]llo", "hbllo", true}, {"h[b-a]llo", "hallo", true}, {"h[a-b]llo", "hcllo", false},
		{`[\]]`, "]", true}, {`[\^a]`, "^", true}, {`[a\-c]`, "-", true}, {`[a\-c]`, "b", false}, {"[]", "]", false}, {"[]]", "]", false},
		{"[ab", "b", true}, {"[ab", "c", false}, {"[^", "x", true}, {"[", "[", false}, {"[a-", "-", true}, {`[\`, `\`, true},
		{`\*`, "*", true}, {`\*`, "a", false}, {`\`, `\`, true}, {`a\`, `a\`, true}, {`\a`, "a", true},
		{"[\x01-\xff]", "\x00", true}, {"[\x01-\xff]", "\x80", false}, {"[\x80-\xff]", "\x90", true},
	} {
		if got := Match([]byte(c.pattern), []byte(c.name)); got != c.want {
			t.Errorf("Match(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

func TestMatchFold(t *testing.T) {
	for _, c := range []struct {
		pattern, name string
		want          bool
	}{
		{"AbC", "aBc", true}, {"[a-c]X", "Bx", true}, {`[\a]`, "A", false}, {`\A`, "a", true}, {"[A-C]", "b", true}, {"é", "É", false},
	} {
		if got := MatchFold([]byte(c.pattern), []byte(c.name)); got != c.want {
			t.Errorf("MatchFold(%q, %q) = %v", c.pattern, c.name, got)
		}
	}
}

// An exponential matcher does not come back from this.
func TestMatchManyStars(t *testing.T) {
	pattern := strings.Repeat("a*", 5000) + "b"
	if Match([]byte(pattern), []byte(strings.Repeat("a", 5000))) {
		t.Error("matched")
	}
}

func TestMatchBeyondMaxStars(t *testing.T) {
	for _, c := range []struct {
		stars int
		want  bool
	}{{maxStars, true}, {maxStars + 1, false}, {50000, false}} {
		pattern, name := strings.Repeat("*?", c.stars), strings.Repeat("a", 50000)
		if got := Match([]byte(pattern), []byte(name)); got != c.want {
			t.Errorf("%d stars: %v", c.stars, got)
		}
	}
	if !Match([]byte(strings.Repeat("*", 5000)+"a"), []byte("ba")) {
		t.Error("a run of stars counts as one")
	}
}

// reference matches by trying everything, one element a call.
func reference(p, s string) bool {
	if p == "" {
		return s == ""
	}
	if p[0] == '*' {
		return reference(p[1:], s) || s != "" && reference(p, s[1:])
	}
	if s == "" {
		return false
	}
	var set [256]bool
	rest := p[1:]
	switch {
	case p[0] == '?':
		return reference(rest, s[1:])
	case p[0] == '\\' && rest != "":
		return rest[0] == s[0] && reference(rest[1:], s[1:])
	case p[0] != '[':
		return p[0] == s[0] && reference(rest, s[1:])
	}
	not := strings.HasPrefix(rest, "^")
	rest = strings.TrimPrefix(rest, "^")
	for rest != "" && rest[0] != ']' {
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			set[rest[1]] = true
			rest = rest[2:]
		case len(rest) > 2 && rest[1] == '-':
			lo, hi := int(int8(rest[0])), int(int8(rest[2]))
			for i := min(lo, hi); i <= max(lo, hi); i++ {
				set[byte(i)] = true
			}
			rest = rest[3:]
		default:
			set[rest[0]] = true
			rest = rest[1:]
		}
	}
	rest = strings.TrimPrefix(rest, "]")
	return set[s[0]] != not && reference(rest, s[1:])
}

func FuzzMatch(f *testing.F) {
	for _, s := range [][2]string{{"a*b?[c-d]", "axbyc"}, {`[^\]a-]\*`, "b*"}, {"[\xff-\x01]", "\x00"}, {"[", "["}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, p, s string) {
		MatchFold([]byte(p), []byte(s))
		got := Match([]byte(p), []byte(s))
		if strings.Count(p, "*") > 4 || len(s) > 24 {
			return // the reference is exponential
		}
		want := reference(p, s)
		if s == "" {
			want = p == ""
		}
		if got != want {
			t.Fatalf("Match(%q, %q) = %v", p, s, got)
		}
	})
}
