package cmdspec

import (
	"fmt"
	"strings"
)

// The syntax of a command, Spec.Args, is the line that the documentation
// shows after the command's name:
//
//	seconds              an argument; its type follows from its name
//	NX                   a token that stands for itself
//	EX seconds           an argument introduced by a token
//	[...]                optional
//	<...>                a group, where the order of things needs one
//	NX | XX              one of
//	key [key ...]        one or more; [GET pattern [GET pattern ...]] repeats its token
//	LIMIT offset count   inside brackets: a block introduced by a token
//
// What the line does not show is said in braces behind the word or bracket it
// belongs to, as words in any order: a type (string, integer, double, key,
// pattern, unix-time, block), the version since when it exists (6.2.0), since
// when it is deprecated (-2.8.12), the key specification it belongs to (#1),
// or its name, where that is not the lower-case token or, for a group, the
// names of its members joined by underscores (=name if the name is a type).
//
//	key value [NX | XX]{condition} [GET]{6.2.0} [EX seconds | KEEPTTL{6.0.0}]{expiration}
//
// A single argument in a group with {block} is a block of one.

// ArgType is the type of an argument, as COMMAND DOCS names it.
type ArgType string

// The types of arguments.
const (
	ArgString    ArgType = "string"
	ArgInteger   ArgType = "integer"
	ArgDouble    ArgType = "double"
	ArgKey       ArgType = "key"
	ArgPattern   ArgType = "pattern"
	ArgUnixTime  ArgType = "unix-time"
	ArgPureToken ArgType = "pure-token"
	ArgOneOf     ArgType = "oneof"
	ArgBlock     ArgType = "block"
)

// An Arg is a node of the tree that a syntax line describes.
type Arg struct {
	Name          string
	Type          ArgType
	HasToken      bool // Token is given; it may be empty
	Token         string
	KeySpec       int // index into Spec.Keys; -1: no key
	Since         string
	Deprecated    string
	Optional      bool
	Multiple      bool
	MultipleToken bool  // the token is repeated too
	Args          []Arg // of oneof and block

	words string // the line's words for this argument, without braces and brackets
}

// typeOfName is the type of an argument by its conventional name; the others
// are strings. Where a name means two things, braces say so.
var typeOfName = map[string]ArgType{}

func init() {
	for typ, names := range map[ArgType]string{
		ArgKey: "key key1 key2 source destination destkey sourcekey src dst newkey",
		ArgInteger: `bit bits client-id cluster_bus_port config-epoch count cursor db decrement destination-db end
			end-slot entries_added entries_read frequency increment index index1 index2 len limit milliseconds ms
			num-matches numkeys numreplicas offset port protover rank seconds slot start start-slot stop ttl version
			weight db-index numlocal percentage samples`,
		ArgDouble:   "height latitude longitude radius score timeout width",
		ArgPattern:  "pattern",
		ArgUnixTime: "unix-time-milliseconds unix-time-seconds",
	} {
		for _, n := range strings.Fields(names) {
			typeOfName[n] = typ
		}
	}
}

// maxSyntaxDepth bounds the nesting of brackets.
const maxSyntaxDepth = 16

// ParseArgs reads a syntax line for a command with nkeys key specifications.
func ParseArgs(syntax string, nkeys int) ([]Arg, error) {
	p := argParser{lex: lexSyntax(syntax)}
	args := p.seq(0)
	if p.err == nil && p.pos < len(p.lex) {
		p.fail("unexpected %q", p.lex[p.pos])
	}
	if p.err != nil {
		return nil, fmt.Errorf("syntax %q: %w", syntax, p.err)
	}
	n := 0
	numberKeys(args, &n, nkeys)
	return args, nil
}

// lexSyntax cuts a line into words, brackets and, with the brace, braced text.
func lexSyntax(s string) []string {
	var lex []string
	for len(s) > 0 {
		switch s[0] {
		case ' ', '\n', '\t':
			s = s[1:]
			continue
		}
		n := 1
		switch s[0] {
		case '{':
			n = strings.IndexByte(s, '}') + 1
			if n == 0 {
				n = len(s)
			}
		case '[', ']', '<', '>', '|':
		default:
			n = strings.IndexAny(s, " \n\t{[]<>|")
			if n <= 0 {
				n = len(s)
			}
		}
		lex = append(lex, s[:n])
		s = s[n:]
	}
	return lex
}

// argParser is a recursive descent over the lexemes; the first error sticks.
type argParser struct {
	lex []string
	pos int
	err error
}

func (p *argParser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = fmt.Errorf(format, args...)
	}
}

func (p *argParser) peek() string {
	if p.err != nil || p.pos >= len(p.lex) {
		return ""
	}
	return p.lex[p.pos]
}

func (p *argParser) next() string {
	s := p.peek()
	p.pos++
	return s
}

// seq reads items up to an alternative, a closing bracket, dots, or the end.
func (p *argParser) seq(depth int) []Arg {
	var items []Arg
	for p.err == nil {
		switch s := p.peek(); {
		case s == "", s == "|", s == "]", s == ">", s == "...":
			return items
		case s == "[":
			items = p.bracket(items, depth+1)
		case s == "<":
			p.next()
			items = append(items, p.group(">", depth+1))
		case s[0] == '{':
			p.fail("%s belongs to nothing", s)
		case isToken(s):
			items = append(items, p.token(depth))
		default:
			items = append(items, p.name())
		}
	}
	return items
}

func isToken(s string) bool { return s[0] < 'a' || s[0] > 'z' }

// name reads a plain argument.
func (p *argParser) name() Arg {
	s := p.next()
	a := Arg{Name: s, Type: ArgString, KeySpec: -1, words: s}
	if t, ok := typeOfName[s]; ok {
		a.Type = t
	}
	p.braces(&a)
	return a
}

// token reads a token, with the argument or group that it introduces, if any.
func (p *argParser) token(depth int) Arg {
	word := p.next()
	token := word
	if token == `""` {
		token = ""
	}
	var a Arg
	switch s := p.peek(); {
	case s == "<":
		p.next()
		a = p.group(">", depth+1)
	case s == "", strings.ContainsAny(s[:1], "|[]>{."), isToken(s):
		a = Arg{Name: strings.ToLower(word), Type: ArgPureToken, KeySpec: -1}
		p.braces(&a)
	default:
		a = p.name()
	}
	if a.HasToken {
		p.fail("two tokens %q %q for one argument", token, a.Token)
	}
	a.HasToken, a.Token = true, token
	a.words = strings.TrimSuffix(word+" "+a.words, " ")
	return a
}

// bracket reads an optional item, or a repetition of the items before it.
func (p *argParser) bracket(items []Arg, depth int) []Arg {
	p.next()
	alts := p.alternatives(depth)
	repeats := p.peek() == "..."
	if repeats {
		p.next()
	}
	p.expect("]")
	a := p.fold(alts)
	if !repeats {
		p.braces(&a)
		a.Optional = true
		return append(items, a)
	}
	n, withToken := repeated(items, a.words)
	if n == 0 {
		a.Optional = true
	} else {
		a = foldSeq(items[len(items)-n:])
		items = items[:len(items)-n]
	}
	a.Multiple = true
	a.MultipleToken = withToken && a.HasToken
	p.braces(&a)
	return append(items, a)
}

// repeated says how many of the last items the words repeat, and whether that
// includes their token.
func repeated(items []Arg, words string) (n int, withToken bool) {
	tail := ""
	for i := len(items) - 1; i >= 0; i-- {
		tail = strings.TrimSpace(items[i].words + " " + tail)
		if tail == words {
			return len(items) - i, true
		}
		if items[i].HasToken && tail == items[i].Token+" "+words {
			return len(items) - i, false
		}
	}
	return 0, false
}

// group reads up to the closing bracket.
func (p *argParser) group(closing string, depth int) Arg {
	alts := p.alternatives(depth)
	p.expect(closing)
	a := p.fold(alts)
	if p.peek() == "{block}" || strings.HasPrefix(p.peek(), "{block ") {
		a = Arg{Name: a.Name, Type: ArgBlock, KeySpec: -1, Args: []Arg{a}, words: a.words}
	}
	p.braces(&a)
	return a
}

func (p *argParser) expect(s string) {
	if p.next() != s {
		p.fail("missing %q", s)
	}
}

func (p *argParser) alternatives(depth int) [][]Arg {
	if depth > maxSyntaxDepth {
		p.fail("nested too deeply")
		return nil
	}
	alts := [][]Arg{p.seq(depth)}
	for p.peek() == "|" {
		p.next()
		alts = append(alts, p.seq(depth))
	}
	return alts
}

// fold makes one argument of alternatives of sequences.
func (p *argParser) fold(alts [][]Arg) Arg {
	for _, seq := range alts {
		if len(seq) == 0 {
			p.fail("empty brackets or alternative")
			return Arg{}
		}
	}
	if len(alts) == 0 {
		return Arg{}
	}
	if len(alts) == 1 {
		return foldSeq(alts[0])
	}
	one := Arg{Type: ArgOneOf, KeySpec: -1}
	for _, seq := range alts {
		one.Args = append(one.Args, foldSeq(seq))
	}
	one.Name, one.words = join(one.Args)
	return one
}

// foldSeq makes one argument of a sequence: itself, or a block. A token
// before the first of several plain arguments introduces the block.
func foldSeq(seq []Arg) Arg {
	if len(seq) == 1 {
		return seq[0]
	}
	b := Arg{Type: ArgBlock, KeySpec: -1, Args: append([]Arg(nil), seq...)}
	b.Name, b.words = join(seq)
	if first := &b.Args[0]; first.HasToken && first.Type != ArgPureToken && allPlain(seq[1:]) {
		b.HasToken, b.Token = true, first.Token
		first.HasToken, first.Token = false, ""
	}
	return b
}

func allPlain(args []Arg) bool {
	for i := range args {
		if a := &args[i]; a.HasToken || a.Optional || a.Multiple || len(a.Args) > 0 {
			return false
		}
	}
	return true
}

func join(args []Arg) (name, words string) {
	names := make([]string, len(args))
	texts := make([]string, len(args))
	for i, a := range args {
		names[i], texts[i] = a.Name, a.words
	}
	return strings.Join(names, "_"), strings.Join(texts, " ")
}

// braces reads what braces say of an argument, if they follow.
func (p *argParser) braces(a *Arg) {
	s := p.peek()
	if !strings.HasPrefix(s, "{") {
		return
	}
	p.next()
	if !strings.HasSuffix(s, "}") {
		p.fail("missing %q", "}")
		return
	}
	for _, w := range strings.Fields(s[1 : len(s)-1]) {
		p.attribute(a, w)
	}
}

func (p *argParser) attribute(a *Arg, w string) {
	switch {
	case w == "block":
		if a.Type != ArgBlock {
			p.fail("{block} needs a group")
		}
	case w == "string", w == "integer", w == "double", w == "key", w == "pattern", w == "unix-time":
		if a.Args != nil || a.Type == ArgPureToken {
			p.fail("{%s} for what is a %s", w, a.Type)
		}
		a.Type = ArgType(w)
	case w[0] >= '0' && w[0] <= '9':
		a.Since = w
	case w[0] == '-' && len(w) > 1:
		a.Deprecated = w[1:]
	case w[0] == '#' && len(w) == 2 && w[1] >= '0' && w[1] <= '9':
		a.KeySpec = int(w[1] - '0')
	case w[0] == '=' && len(w) > 1:
		a.Name = w[1:]
	case isToken(w):
		p.fail("bad word %q in braces", w)
	default:
		a.Name = w
	}
}

// numberKeys gives the keys in order the key specifications in order; the
// last one serves all that are left.
func numberKeys(args []Arg, n *int, nkeys int) {
	for i := range args {
		a := &args[i]
		if a.Type == ArgKey && a.KeySpec < 0 && nkeys > 0 {
			a.KeySpec = min(*n, nkeys-1)
			*n++
		}
		numberKeys(a.Args, n, nkeys)
	}
}
