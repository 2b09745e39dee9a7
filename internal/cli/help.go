package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/redstart-db/redstart/internal/client"
)

// Known is what the program knows of commands by itself.
type Known struct {
	Docs      func() []byte             // the reply of COMMAND DOCS
	HasSecret func(words [][]byte) bool // a command line that is not for the history
}

// A doc is the documentation of a command or subcommand, as COMMAND DOCS tells it.
type doc struct {
	name                  string // "CONFIG GET"
	words                 []string
	summary, since, group string
	args                  []*argument
}

// An argument is a node of a command's syntax.
type argument struct {
	name, token               string
	hasToken                  bool
	kind                      string // integer, pure-token, oneof, ...
	optional, multiple, again bool   // again: the token is repeated, too
	args                      []*argument
}

// parseDocs reads the reply of COMMAND DOCS, of either protocol.
func parseDocs(r *client.Reply) []*doc {
	var docs []*doc
	eachField(r, func(name string, value *client.Reply) {
		docs = appendDocs(docs, name, value)
	})
	slices.SortFunc(docs, func(a, b *doc) int { return strings.Compare(a.name, b.name) })
	return docs
}

// eachField walks over a map, which in RESP2 is an array.
func eachField(r *client.Reply, do func(name string, value *client.Reply)) {
	for i := 0; i+1 < len(r.Items); i += 2 {
		do(string(r.Items[i].Text), &r.Items[i+1])
	}
}

func appendDocs(docs []*doc, name string, r *client.Reply) []*doc {
	d := &doc{name: strings.ToUpper(strings.ReplaceAll(name, "|", " "))}
	d.words = strings.Fields(d.name)
	docs = append(docs, d)
	eachField(r, func(field string, value *client.Reply) {
		switch field {
		case "summary":
			d.summary = string(value.Text)
		case "since":
			d.since = string(value.Text)
		case "group":
			d.group = string(value.Text)
		case "arguments":
			d.args = parseArguments(value)
		case "subcommands":
			eachField(value, func(name string, sub *client.Reply) { docs = appendDocs(docs, name, sub) })
		}
	})
	return docs
}

func parseArguments(r *client.Reply) []*argument {
	args := make([]*argument, len(r.Items))
	for i := range r.Items {
		args[i] = parseArgument(&r.Items[i])
	}
	return args
}

func parseArgument(r *client.Reply) *argument {
	a := &argument{}
	eachField(r, func(field string, value *client.Reply) {
		switch field {
		case "name":
			a.name = string(value.Text)
		case "type":
			a.kind = string(value.Text)
		case "token":
			a.token, a.hasToken = string(value.Text), true
		case "arguments":
			a.args = parseArguments(value)
		case "flags":
			for _, flag := range value.Items {
				switch string(flag.Text) {
				case "optional":
					a.optional = true
				case "multiple":
					a.multiple = true
				case "multiple_token":
					a.again = true
				}
			}
		}
	})
	return a
}

// syntax is how an argument is written in help and hints.
func (a *argument) syntax() string {
	one := a.once()
	if a.multiple {
		switch {
		case a.hasToken && a.again:
			one += " [" + one + " ...]"
		default:
			one += " [" + a.value() + " ...]"
		}
	}
	if a.optional {
		return "[" + one + "]"
	}
	return one
}

// once is the syntax of one occurrence.
func (a *argument) once() string {
	value := a.value()
	if a.kind == "pure-token" || !a.hasToken {
		return value
	}
	return quotedToken(a.token) + " " + value
}

// value is the syntax of what follows the token.
func (a *argument) value() string {
	switch a.kind {
	case "pure-token":
		return quotedToken(a.token)
	case "oneof":
		return joinSyntax(a.args, "|")
	case "block":
		return joinSyntax(a.args, " ")
	}
	return a.name
}

// quotedToken makes the empty token, which some commands have, visible.
func quotedToken(token string) string {
	if token == "" {
		return `""`
	}
	return token
}

func joinSyntax(args []*argument, separator string) string {
	parts := make([]string, len(args))
	for i, a := range args {
		parts[i] = a.syntax()
	}
	return strings.Join(parts, separator)
}

// ownDocs are the documentation of the program's own commands.
func (k *Known) ownDocs() []*doc {
	r, err := client.NewReader(bytes.NewReader(k.Docs())).Read()
	if err != nil {
		return nil
	}
	return parseDocs(&r)
}

// A library is the documentation at hand: the server's, else the program's own.
type library struct {
	docs []*doc
	own  func() []*doc
}

func newLibrary(known Known) *library { return &library{own: sync.OnceValue(known.ownDocs)} }

func (l *library) all() []*doc {
	if l.docs == nil {
		return l.own()
	}
	return l.docs
}

// groups are the groups of commands, each once.
func (l *library) groups() []string {
	var groups []string
	for _, d := range l.all() {
		if d.group != "" && !slices.Contains(groups, d.group) {
			groups = append(groups, d.group)
		}
	}
	slices.Sort(groups)
	return groups
}

// find is the command that words begin with, the longest; nil if there is none.
func (l *library) find(words []string) *doc {
	var best *doc
	for _, d := range l.all() {
		if d.beginsWith(words) && (best == nil || len(d.words) > len(best.words)) {
			best = d
		}
	}
	return best
}

// beginsWith says whether words begin with the command's name.
func (d *doc) beginsWith(words []string) bool {
	return len(words) >= len(d.words) && equalWords(d.words, words[:len(d.words)])
}

func equalWords(a, b []string) bool { return slices.EqualFunc(a, b, strings.EqualFold) }

const helpIntro = "redis-cli " + version + `
To get help about Redis commands type:
      "help @<group>" to get a list of commands in <group>
      "help <command>" for help on <command>
      "help <tab>" to get a list of possible help topics
      "quit" to exit

To set redis-cli preferences:
      ":set hints" enable online hints
      ":set nohints" disable online hints
Set your preferences in ~/.redisclirc
`

// help answers help and ?, with the words that follow.
func (l *library) help(out io.Writer, topic []string) {
	if len(topic) == 0 {
		fmt.Fprint(out, helpIntro)
		return
	}
	group, isGroup := strings.CutPrefix(topic[0], "@")
	for _, d := range l.all() {
		switch {
		case isGroup && len(topic) == 1 && strings.EqualFold(d.group, group):
			d.show(out, false)
		case len(d.words) >= len(topic) && equalWords(d.words[:len(topic)], topic):
			d.show(out, true)
		}
	}
	fmt.Fprint(out, "\r\n")
}

func (d *doc) show(out io.Writer, withGroup bool) {
	fmt.Fprintf(out, "\r\n  \x1b[1m%s\x1b[0m \x1b[90m%s\x1b[0m\r\n", d.name, joinSyntax(d.args, " "))
	fmt.Fprintf(out, "  \x1b[33msummary:\x1b[0m %s\r\n", d.summary)
	fmt.Fprintf(out, "  \x1b[33msince:\x1b[0m %s\r\n", d.since)
	if withGroup {
		fmt.Fprintf(out, "  \x1b[33mgroup:\x1b[0m %s\r\n", d.group)
	}
}
