package cli

import (
	"slices"
	"strconv"
	"strings"
)

// A hint is what may follow the words typed so far. To find it, the words are
// matched against the syntax of the command: an argument that has its word
// drops out; neighbouring optional arguments match in any order; a number of
// keys says how many words belong to the keys.

// A match is how far words go along some arguments.
type match struct {
	used int      // words; what is not used does not fit
	rest []string // the syntax that is left
	next []string // the tokens that may come now
	done bool     // nothing is missing
}

// join puts what is left of an argument in front of what comes after it.
func (m match) join(after []*argument) match {
	for _, a := range after {
		m.rest = append(m.rest, a.syntax())
	}
	if !m.done {
		return m
	}
	for _, a := range after {
		m.next = a.appendFirst(m.next)
		if !a.optional {
			m.done = false
			break
		}
	}
	return m
}

// appendFirst appends the tokens that an argument may begin with.
func (a *argument) appendFirst(tokens []string) []string {
	switch {
	case a.hasToken:
		return append(tokens, a.token)
	case a.kind == "oneof":
		for _, alternative := range a.args {
			tokens = alternative.appendFirst(tokens)
		}
	case a.kind == "block":
		for _, member := range a.args {
			tokens = member.appendFirst(tokens)
			if !member.optional {
				break
			}
		}
	}
	return tokens
}

// matchAll matches words against arguments in order.
func matchAll(args []*argument, words []string) match {
	m, count := match{done: true}, -1
	for len(args) > 0 {
		if m.used == len(words) {
			return m.join(args)
		}
		run := 1
		if args[0].optional {
			run = optionals(args)
		}
		one, left := matchRun(args[:run], words[m.used:], count)
		if one.used == 0 && !args[0].optional {
			return match{} // it does not fit
		}
		if one.used > 0 {
			count = announced(args[0], words[m.used])
			one.used += m.used
			m = one
		}
		if !m.done || m.used == len(words) {
			return m.join(append(left, args[run:]...))
		}
		args = args[run:]
	}
	return m
}

// optionals is how many arguments in front are optional.
func optionals(args []*argument) int {
	if i := slices.IndexFunc(args, func(a *argument) bool { return !a.optional }); i >= 0 {
		return i
	}
	return len(args)
}

// announced is how many words the next repeated argument has, if a is their number; else -1.
func announced(a *argument, word string) int {
	if n, err := strconv.Atoi(word); err == nil && a.kind == "integer" && strings.HasPrefix(a.name, "num") {
		return n
	}
	return -1
}

// matchRun matches arguments of which any may come next, and returns those that did not come.
func matchRun(run []*argument, words []string, count int) (match, []*argument) {
	m, left := match{done: true}, slices.Clone(run)
	for m.used < len(words) && m.done {
		got, which := matchOne(left, words[m.used:], count)
		if got.used == 0 {
			break
		}
		left = slices.Delete(left, which, which+1)
		got.used += m.used
		m = got
	}
	return m, left
}

// matchOne finds the argument that goes furthest with the words. A token goes before a value that could be any word.
func matchOne(args []*argument, words []string, count int) (best match, which int) {
	for i, a := range args {
		m := a.match(words, count)
		if m.used > best.used || m.used > 0 && m.used == best.used && a.begins(words[0]) && !args[which].begins(words[0]) {
			best, which = m, i
		}
	}
	return best, which
}

// begins says whether an argument may begin with a word as its token.
func (a *argument) begins(word string) bool {
	return slices.ContainsFunc(a.appendFirst(nil), func(token string) bool { return strings.EqualFold(token, word) })
}

// match matches all occurrences of an argument.
func (a *argument) match(words []string, count int) match {
	if a.multiple && count == 0 {
		return match{}
	}
	m := a.matchOnce(words)
	if !a.multiple || m.used == 0 {
		return m
	}
	again := "[" + a.value() + " ...]"
	if a.again {
		again = "[" + a.once() + " ...]"
	}
	for n := 1; ; n++ {
		switch {
		case !m.done:
			m.rest = append(m.rest, again)
			return m
		case n == count:
			return m
		case m.used == len(words):
			if count < 0 {
				m.rest = append(m.rest, again)
			} else {
				m.rest, m.done = append(m.rest, again), false
			}
			if a.again {
				m.next = append(m.next, a.token)
			}
			return m
		}
		value := *a
		value.hasToken = a.hasToken && a.again
		one := value.matchOnce(words[m.used:])
		if one.used == 0 {
			return m
		}
		one.used += m.used
		m = one
	}
}

func (a *argument) matchOnce(words []string) match {
	if !a.hasToken {
		return a.matchValue(words)
	}
	if len(words) == 0 || !strings.EqualFold(words[0], a.token) {
		return match{}
	}
	if a.kind == "pure-token" {
		return match{used: 1, done: true}
	}
	if len(words) == 1 {
		bare := *a
		bare.hasToken, bare.optional, bare.multiple = false, false, false
		return match{used: 1, rest: []string{a.value()}, next: bare.appendFirst(nil)}
	}
	m := a.matchValue(words[1:])
	if m.used > 0 {
		m.used++
	}
	return m
}

func (a *argument) matchValue(words []string) match {
	switch a.kind {
	case "oneof":
		best, _ := matchOne(a.args, words, -1)
		return best
	case "block":
		return matchAll(a.args, words)
	}
	if !a.accepts(words[0]) {
		return match{}
	}
	return match{used: 1, done: true}
}

// accepts says whether a word can be the value of an argument.
func (a *argument) accepts(word string) bool {
	var err error
	switch a.kind {
	case "integer", "unix-time":
		_, err = strconv.ParseInt(word, 10, 64)
	case "double":
		_, err = strconv.ParseFloat(word, 64)
	}
	return err == nil
}

// hint is what may follow the words, and fits.
func (d *doc) hint(words []string) (m match, ok bool) {
	words = words[len(d.words):]
	m = matchAll(d.args, words)
	return m, m.used == len(words)
}

// hintFor is the text behind a line.
func (l *library) hintFor(line string) string {
	words, spaced := typedWords(line)
	d := l.find(words)
	if d == nil {
		return ""
	}
	if len(words) == len(d.words) && !spaced {
		return strings.TrimRight(" "+joinSyntax(d.args, " "), " ")
	}
	m, ok := d.hint(words)
	if !ok {
		if spaced || len(words) == len(d.words) {
			return ""
		}
		// The last word is not complete: it may become one that fits.
		if m, ok = d.hint(words[:len(words)-1]); !ok {
			return ""
		}
	}
	hint := strings.Join(m.rest, " ")
	if hint != "" && !spaced {
		hint = " " + hint
	}
	return hint
}

// typedWords splits a line, without a number of repetitions in front; spaced says that the last word is complete.
func typedWords(line string) (words []string, spaced bool) {
	all, ok := splitLine(line)
	for _, quote := range []string{`"`, `'`} { // one may be open
		if !ok {
			all, ok = splitLine(line + quote)
		}
	}
	for _, w := range all {
		words = append(words, string(w))
	}
	if len(words) > 1 {
		if _, err := strconv.Atoi(words[0]); err == nil {
			words = words[1:]
		}
	}
	return words, line == "" || line[len(line)-1] == ' '
}
