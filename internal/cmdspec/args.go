package cmdspec

import "github.com/redstart-db/redstart/internal/object"

// Args is a cursor over the words of a command after its name. The first
// error sticks: what follows returns zeros, and Done reports it. It is a
// value; taking one allocates nothing.
type Args struct {
	words [][]byte
	pos   int
	err   error
}

// Args starts a cursor at the word after the command's name (after the
// subcommand's for a subcommand).
func (c *Ctx) Args() Args {
	first := 1
	if c.Spec.Parent != nil {
		first = 2
	}
	return Args{words: c.Argv, pos: first}
}

// ArgsFrom starts a cursor at word i.
func (c *Ctx) ArgsFrom(i int) Args { return Args{words: c.Argv, pos: i} }

// More says whether words are left (and no error has happened).
func (a *Args) More() bool { return a.err == nil && a.pos < len(a.words) }

// Left is the number of words left.
func (a *Args) Left() int { return len(a.words) - a.pos }

// Fail sets the error, if none is set.
func (a *Args) Fail(err error) {
	if a.err == nil {
		a.err = err
	}
}

// Done returns the first error; words left over are a syntax error.
func (a *Args) Done() error {
	if a.err == nil && a.pos < len(a.words) {
		a.err = ErrSyntax
	}
	return a.err
}

// Err returns the first error so far.
func (a *Args) Err() error { return a.err }

// Next takes a word; it is a syntax error if none is left.
func (a *Args) Next() []byte {
	if !a.More() {
		a.Fail(ErrSyntax)
		return nil
	}
	w := a.words[a.pos]
	a.pos++
	return w
}

// Match takes the next word if it is the given one, in any case. word must be
// in upper case.
func (a *Args) Match(word string) bool {
	if !a.More() || !EqualFold(a.words[a.pos], word) {
		return false
	}
	a.pos++
	return true
}

// MatchValue takes the next two words if the first is the given one and a
// second exists: an option with a value. Without the second nothing is taken,
// so that the caller's fall-through answers with a syntax error, as Redis does.
func (a *Args) MatchValue(word string) bool {
	if a.Left() < 2 {
		return false
	}
	return a.Match(word)
}

// Int takes a word that must be a 64-bit integer.
func (a *Args) Int() int64 {
	w := a.Next()
	if a.err != nil {
		return 0
	}
	n, ok := ParseInt(w)
	if !ok {
		a.Fail(ErrNotInteger)
	}
	return n
}

// Float takes a word that must be a float other than NaN.
func (a *Args) Float() float64 {
	w := a.Next()
	if a.err != nil {
		return 0
	}
	f, ok := ParseFloat(w)
	if !ok {
		a.Fail(ErrNotFloat)
	}
	return f
}

// EqualFold compares a word with an upper-case one, ignoring ASCII case.
func EqualFold(w []byte, upper string) bool {
	if len(w) != len(upper) {
		return false
	}
	for i := 0; i < len(w); i++ {
		c := w[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		if c != upper[i] {
			return false
		}
	}
	return true
}

// ParseInt reads a canonical decimal 64-bit integer: no plus sign, no leading
// zeros, no spaces. Arguments and values have one idea of what an integer is.
func ParseInt(b []byte) (int64, bool) { return object.ParseInt(b) }
