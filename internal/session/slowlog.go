package session

import (
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// SLOWLOG is the log of slow commands by its older name.
var slowlog = cmdspec.Spec{
	Name: "slowlog", Arity: -2, Since: "2.2.12", Group: cmdspec.GroupServer,
	Summary: "Lists commands that took long.", Complexity: "Depends on subcommand.",
	Sub: []*cmdspec.Spec{
		{
			Name: "get", Arity: -2, Since: "2.2.12", Group: cmdspec.GroupServer,
			Summary: "Returns the newest entries of the slow log.", Complexity: "O(N) where N is the number of entries returned",
			Flags: logging, Args: "[count{integer}]",
			Tips:    []string{"request_policy:all_nodes", "nondeterministic_output"},
			History: [][2]string{{"4.0.0", "The address and the name of the client."}},
			Run:     runSlowlogGet,
		}, {
			Name: "help", Arity: 2, Since: "6.2.0", Group: cmdspec.GroupServer,
			Summary: "Returns helpful text about the different subcommands.", Complexity: "O(1)",
			Flags: cmdspec.Loading | cmdspec.Stale, Run: runSlowlogHelp,
		}, {
			Name: "len", Arity: 2, Since: "2.2.12", Group: cmdspec.GroupServer,
			Summary: "Returns the number of entries of the slow log.", Complexity: "O(1)",
			Flags: logging,
			Tips:  []string{"request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"}, Run: runSlowlogLen,
		}, {
			Name: "reset", Arity: 2, Since: "2.2.12", Group: cmdspec.GroupServer,
			Summary: "Removes all entries of the slow log.", Complexity: "O(N) where N is the number of entries in the slowlog",
			Flags: logging,
			Tips:  []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Run: runSlowlogReset,
		},
	},
}

func upper(name string) string { return strings.ToUpper(name) }

func runSlowlogGet(c *cmdspec.Ctx) error {
	count := []byte("10")
	switch {
	case len(c.Argv) > 3:
		return errSubcommand(c)
	case len(c.Argv) == 3:
		count = c.Argv[2]
	}
	return replyEntries(c, &caller(c).hub.logs[LogSlow], count)
}

// errSubcommand is the error for a subcommand that has found its words to be too many or too few itself.
func errSubcommand(c *cmdspec.Ctx) error {
	return cmdspec.Errorf("ERR unknown subcommand or wrong number of arguments for '%.128s'. Try %s HELP.",
		c.Argv[1], upper(c.Spec.Parent.Name))
}

func runSlowlogLen(c *cmdspec.Ctx) error {
	c.Reply.Int(int64(caller(c).hub.logs[LogSlow].len()))
	return nil
}

func runSlowlogReset(c *cmdspec.Ctx) error {
	caller(c).hub.logs[LogSlow].reset()
	c.Reply.OK()
	return nil
}

func runSlowlogHelp(c *cmdspec.Ctx) error {
	replyHelp(c, "GET [<count>]",
		"    Return the newest <count> entries (default: 10, -1 for all).",
		"    An entry is made of:",
		"    id, timestamp, time in microseconds, arguments array, client IP and port,",
		"    client name",
		"LEN",
		"    Return the number of entries.",
		"RESET",
		"    Remove all entries.")
	return nil
}
