package commands

import (
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/glob"
)

var commandSpec = cmdspec.Spec{
	Name: "command", Arity: -1, Since: "2.8.13", Group: cmdspec.GroupServer,
	Summary:    "Returns what is known of all commands.",
	Complexity: "O(N) where N is the number of commands.",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Categories: "connection",
	Tips:       []string{"nondeterministic_output_order"},
}

// runCommand is COMMAND without a subcommand: everything about every command.
func (d *Deps) runCommand(c *cmdspec.Ctx) error {
	top := d.Table().Top()
	c.Reply.Array(len(top))
	for _, s := range top {
		writeInfo(c.Reply, s)
	}
	return nil
}

var commandCountSpec = cmdspec.Spec{
	Name: "count", Arity: 2, Since: "2.8.13", Group: cmdspec.GroupServer,
	Summary:    "Returns the number of commands.",
	Complexity: "O(1)",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Categories: "connection",
	Run:        runHelp,
}

func (d *Deps) runCommandCount(c *cmdspec.Ctx) error {
	c.Reply.Int(int64(len(d.Table().Top())))
	return nil
}

var commandInfoSpec = cmdspec.Spec{
	Name: "info", Arity: -2, Since: "2.8.13", Group: cmdspec.GroupServer,
	Summary:    "Returns what is known of some commands, or of all.",
	Complexity: "O(N) where N is the number of commands asked for.",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Categories: "connection",
	Args:       "[command-name [command-name ...]]",
	Tips:       []string{"nondeterministic_output_order"},
	History:    [][2]string{{"7.0.0", "No name at all asks for all commands."}},
}

func (d *Deps) runCommandInfo(c *cmdspec.Ctx) error {
	if len(c.Argv) == 2 {
		return d.runCommand(c)
	}
	c.Reply.Array(len(c.Argv) - 2)
	for _, name := range c.Argv[2:] {
		if s := d.Table().ByName(string(name)); s != nil {
			writeInfo(c.Reply, s)
		} else {
			c.Reply.Null()
		}
	}
	return nil
}

var commandDocsSpec = cmdspec.Spec{
	Name: "docs", Arity: -2, Since: "7.0.0", Group: cmdspec.GroupServer,
	Summary:    "Returns the documentation of commands.",
	Complexity: "O(N) where N is the number of commands asked for.",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Categories: "connection",
	Args:       "[command-name [command-name ...]]",
	Tips:       []string{"nondeterministic_output_order"},
}

func (d *Deps) runCommandDocs(c *cmdspec.Ctx) error {
	specs := d.Table().Top()
	if len(c.Argv) > 2 {
		specs = nil
		for _, name := range c.Argv[2:] {
			if s := d.Table().ByName(string(name)); s != nil {
				specs = append(specs, s)
			}
		}
	}
	c.Reply.Map(len(specs))
	for _, s := range specs {
		c.Reply.BulkString(s.FullName)
		writeDocs(c.Reply, s)
	}
	return nil
}

var commandListSpec = cmdspec.Spec{
	Name: "list", Arity: -2, Since: "7.0.0", Group: cmdspec.GroupServer,
	Summary:    "Returns the names of commands.",
	Complexity: "O(N) where N is the number of commands.",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Categories: "connection",
	Args:       "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>{filterby}]",
	Tips:       []string{"nondeterministic_output_order"},
}

func (d *Deps) runCommandList(c *cmdspec.Ctx) error {
	keep := func(*cmdspec.Spec) bool { return true }
	if a := c.ArgsFrom(2); a.More() {
		if !a.Match("FILTERBY") {
			return cmdspec.ErrSyntax
		}
		if keep = listFilter(&a); keep == nil {
			return cmdspec.ErrSyntax
		}
		if err := a.Done(); err != nil {
			return err
		}
	}
	var names nameList
	for _, s := range d.Table().Specs() {
		if keep(s) {
			names.add([]byte(s.FullName))
		}
	}
	names.write(c.Reply)
	return nil
}

// listFilter is the filter that the words name, nil if they name none. There
// are no modules, so none of the commands is of one.
func listFilter(a *cmdspec.Args) func(*cmdspec.Spec) bool {
	switch {
	case a.MatchValue("MODULE"):
		a.Next()
		return func(*cmdspec.Spec) bool { return false }
	case a.MatchValue("ACLCAT"):
		category := strings.ToLower(string(a.Next()))
		return func(s *cmdspec.Spec) bool { return s.HasCategory(category) }
	case a.MatchValue("PATTERN"):
		pattern := a.Next()
		return func(s *cmdspec.Spec) bool { return glob.MatchFold(pattern, []byte(s.FullName)) }
	}
	return nil
}

var commandGetKeysSpec = cmdspec.Spec{
	Name: "getkeys", Arity: -4, Since: "2.8.13", Group: cmdspec.GroupServer,
	Summary:    "Finds the keys in a command line.",
	Complexity: "O(N) where N is the number of words.",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Categories: "connection",
	Run:        runHelp,
}

const (
	errNoSuchCommand = cmdspec.Error("ERR Invalid command specified")
	errNoKeys        = cmdspec.Error("ERR The command has no key arguments")
	errKeysArity     = cmdspec.Error("ERR Invalid number of arguments specified for command")
	errKeysArgs      = cmdspec.Error("ERR Invalid arguments specified for command")
)

func (d *Deps) runGetKeys(c *cmdspec.Ctx) error {
	_, positions, err := d.findKeys(c.Argv[2:])
	if err != nil {
		return err
	}
	c.Reply.Array(len(positions))
	for _, i := range positions {
		c.Reply.Bulk(c.Argv[2+i])
	}
	return nil
}

// findKeys finds the command that words call, and where its keys are.
func (d *Deps) findKeys(words [][]byte) (s *cmdspec.Spec, positions []int, err error) {
	s = d.Table().Lookup(words)
	switch {
	case s == nil:
		return nil, nil, errNoSuchCommand
	case len(s.Keys) == 0:
		return nil, nil, errNoKeys
	case !s.CheckArity(len(words)):
		return nil, nil, errKeysArity
	}
	positions, ok := s.AppendKeyPositions(nil, words)
	if !ok && s.Flags&cmdspec.NoMandatoryKeys == 0 {
		return nil, nil, errKeysArgs
	}
	return s, positions, nil
}

var commandGetKeysAndFlagsSpec = cmdspec.Spec{
	Name: "getkeysandflags", Arity: -4, Since: "7.0.0", Group: cmdspec.GroupServer,
	Summary:    "Finds the keys in a command line and what the command does to them.",
	Complexity: "O(N) where N is the number of words.",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Categories: "connection",
	Run:        runHelp,
}

func (d *Deps) runGetKeysAndFlags(c *cmdspec.Ctx) error {
	words := c.Argv[2:]
	s, positions, err := d.findKeys(words)
	if err != nil {
		return err
	}
	c.Reply.Array(len(positions))
	for _, i := range positions {
		c.Reply.Array(2)
		c.Reply.Bulk(words[i])
		writeNames(c.Reply, s.KeyFlagsAt(i, words).Names())
	}
	return nil
}

var commandHelpSpec = cmdspec.Spec{
	Name: "help", Arity: 2, Since: "5.0.0", Group: cmdspec.GroupServer,
	Summary:    "Describes the subcommands.",
	Complexity: "O(1)",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Categories: "connection",
	Run:        runHelp,
}
