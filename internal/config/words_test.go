package config

import (
	"slices"
	"testing"
)

func TestSplitWords(t *testing.T) {
	for _, c := range []struct {
		line string
		want []string // nil: refused
	}{
		{``, []string{}},
		{"  a\tb \v c\r", []string{"a", "b", "c"}},
		{`a "b c" d`, []string{"a", "b c", "d"}},
		{`"\x41\n\r\t\b\a\q\"\\"`, []string{"A\n\r\t\b\aq\"\\"}},
		{`'a\'b\n"'`, []string{`a'b\n"`}},
		{`""`, []string{""}},
		{`a"b"`, []string{"ab"}},
		{`"\x4"`, []string{"x4"}},
		{`"a"b`, nil},
		{`"a`, nil},
		{`'a`, nil},
		{`"a\`, nil},
		{"a\x00b", []string{"a"}},
	} {
		got, ok := SplitWords(c.line)
		if ok != (c.want != nil) || !slices.Equal(got, c.want) {
			t.Errorf("SplitWords(%q) = %q, %v; want %q", c.line, got, ok, c.want)
		}
	}
}

func FuzzQuote(f *testing.F) {
	f.Add("a \"b\" \x00 \xff '\n\\")
	f.Fuzz(func(t *testing.T, s string) {
		words, ok := SplitWords("x " + Quote(s) + " y")
		if !ok || !slices.Equal(words, []string{"x", s, "y"}) {
			t.Errorf("%q is quoted as %s and read back as %q", s, Quote(s), words)
		}
	})
}
