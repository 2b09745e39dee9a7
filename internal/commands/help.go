package commands

import (
	"regexp"
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// runHelp is HELP of every command that has subcommands: what their Specs say.
func runHelp(c *cmdspec.Ctx) error {
	parent := c.Spec.Parent
	var lines []string
	for _, s := range parent.Sub {
		if s.Name != "help" {
			lines = append(lines, helpLines(s.Name, s.Args, s.Summary)...)
		}
	}
	writeHelp(c, parent.Name, lines)
	return nil
}

// writeHelp replies with help in Redis's frame: each line a status reply.
func writeHelp(c *cmdspec.Ctx, name string, lines []string) {
	c.Reply.Array(len(lines) + 3)
	c.Reply.Simple(strings.ToUpper(name) + " <subcommand> [<arg> [value] [opt] ...]. Subcommands are:")
	for _, l := range lines {
		c.Reply.Simple(l)
	}
	c.Reply.Simple("HELP")
	c.Reply.Simple("    Prints this help.")
}

func helpLines(name, syntax, summary string) []string {
	title := strings.TrimSpace(strings.ToUpper(name) + " " + helpSyntax(syntax))
	return []string{title, "    " + summary}
}

var (
	syntaxBraces = regexp.MustCompile(`\{[^}]*\}`)
	syntaxNames  = regexp.MustCompile(`[a-z][-a-z0-9_:/]*`)
)

// helpSyntax is a syntax line as HELP shows it: names in angle brackets.
func helpSyntax(syntax string) string {
	return syntaxNames.ReplaceAllString(syntaxBraces.ReplaceAllString(syntax, ""), "<$0>")
}
