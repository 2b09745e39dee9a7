package session

import (
	"crypto/rand"
	"encoding/hex"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/resp"
)

const errNoACLFile = cmdspec.Error("ERR This Redis instance is not configured to use an ACL file. " +
	"You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE " +
	"(assuming you have a Redis configuration file set) in order to store users in the Redis configuration.")

const aclFlags = cmdspec.Admin | quiet

var aclSpec = cmdspec.Spec{
	Name: "acl", Arity: -2, Since: "6.0.0", Group: cmdspec.GroupServer,
	Summary: "Users and what they may do.", Complexity: "As the subcommand.",
	Sub: []*cmdspec.Spec{
		{
			Name: "cat", Arity: -2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Lists the categories of commands, or the commands of one.", Complexity: "O(1), as they are always the same.",
			Flags: quiet, Args: "[categoryname]", Run: runACLCat,
		}, {
			Name: "deluser", Arity: -3, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Removes users and closes their connections.", Complexity: "O(N) with N clients, for each user.",
			Flags: aclFlags, Args: "username [username ...]", Run: runACLDelUser,
		}, {
			Name: "dryrun", Arity: -4, Since: "7.0.0", Group: cmdspec.GroupServer,
			Summary: "Tells whether a user may run a command, without running it.", Complexity: "O(1)",
			Flags: aclFlags, Args: "username command [arg [arg ...]]", Run: runACLDryRun,
		}, {
			Name: "genpass", Arity: -2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Makes a password by chance.", Complexity: "O(1)",
			Flags: quiet, Args: "[bits{integer}]", Run: runACLGenPass,
		}, {
			Name: "getuser", Arity: 3, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Describes a user.", Complexity: "O(N) with N rules of the user.",
			Flags: aclFlags, Args: "username",
			History: [][2]string{
				{"6.2.0", "Patterns of channels."},
				{"7.0.0", "Selectors; keys and channels are shown as rules."},
			},
			Run: runACLGetUser,
		}, {
			Name: "help", Arity: 2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Tells about the subcommands.", Complexity: "O(1)",
			Flags: cmdspec.Loading | cmdspec.Stale, Run: runACLHelp,
		}, {
			Name: "list", Arity: 2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Describes all users as in a file of users.", Complexity: "O(N) with N users.",
			Flags: aclFlags, Run: runACLList,
		}, {
			Name: "load", Arity: 2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Reads the file of users again.", Complexity: "O(N) with N users.",
			Flags: aclFlags, Locks: cmdspec.LockNone, Run: runACLLoad,
		}, {
			Name: "log", Arity: -2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Shows what was refused of late.", Complexity: "O(N) with N entries shown.",
			Flags: aclFlags, Args: "[count | RESET]{operation}",
			History: [][2]string{{"7.2.0", "The fields `entry-id`, `timestamp-created` and `timestamp-last-updated`."}},
			Run:     runACLLog,
		}, {
			Name: "save", Arity: 2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Writes the users into the file of users.", Complexity: "O(N) with N users.",
			Flags: aclFlags, Locks: cmdspec.LockNone, Run: runACLSave,
		}, {
			Name: "setuser", Arity: -3, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Makes a user, or changes one.", Complexity: "O(N) with N rules.",
			Flags: aclFlags, Args: "username [rule [rule ...]]",
			History: [][2]string{
				{"6.2.0", "Patterns of channels."},
				{"7.0.0", "Selectors, and patterns of keys for reading or for writing."},
			},
			Secret: cmdspec.SecretFrom(2), Run: runACLSetUser,
		}, {
			Name: "users", Arity: 2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Lists the names of all users.", Complexity: "O(N) with N users.",
			Flags: aclFlags, Run: runACLUsers,
		}, {
			Name: "whoami", Arity: 2, Since: "6.0.0", Group: cmdspec.GroupServer,
			Summary: "Tells the name of the connection's user.", Complexity: "O(1)",
			Flags: quiet, Run: runACLWhoAmI,
		},
	},
}

// errACLWords is the error for a subcommand with too many words.
func errACLWords(c *cmdspec.Ctx) error {
	return cmdspec.Errorf("ERR unknown subcommand or wrong number of arguments for '%s'. Try ACL HELP.", c.Argv[1])
}

func runACLSetUser(c *cmdspec.Ctx) error {
	rules := make([]string, len(c.Argv)-3)
	for i := range rules {
		rules[i] = string(c.Argv[3+i])
	}
	me := caller(c)
	change, err := me.hub.users.Set(string(c.Argv[2]), rules)
	if err != nil {
		return err
	}
	me.dropSubscribers(change)
	c.Reply.OK()
	return nil
}

func runACLDelUser(c *cmdspec.Ctx) error {
	names := make([]string, len(c.Argv)-2)
	for i := range names {
		names[i] = string(c.Argv[2+i])
	}
	me := caller(c)
	gone, err := me.hub.users.Delete(names)
	if err != nil {
		return err
	}
	me.dropUsers(gone)
	c.Reply.Int(int64(len(gone)))
	return nil
}

func runACLGetUser(c *cmdspec.Ctx) error {
	u := caller(c).hub.users.Get(string(c.Argv[2]))
	if u == nil {
		c.Reply.Null()
		return nil
	}
	rules, w := u.Rules(), c.Reply
	all := rules.Permissions()
	w.Map(3 + fieldCount(all[0]))
	w.BulkString("flags")
	writeSet(w, rules.Flags())
	w.BulkString("passwords")
	writeBulks(w, rules.Passwords())
	writePermission(w, all[0])
	w.BulkString("selectors")
	w.Array(len(all) - 1)
	for _, p := range all[1:] {
		w.Map(fieldCount(p))
		writePermission(w, p)
	}
	return nil
}

// fieldCount: the databases are shown only if they are not all, as older versions do not know them.
func fieldCount(p acl.Permission) int {
	if p.Databases == "alldbs" {
		return 3
	}
	return 4
}

func writePermission(w *resp.Writer, p acl.Permission) {
	w.BulkString("commands")
	w.BulkString(p.Commands)
	w.BulkString("keys")
	w.BulkString(p.Keys)
	w.BulkString("channels")
	w.BulkString(p.Channels)
	if fieldCount(p) > 3 {
		w.BulkString("databases")
		w.BulkString(p.Databases)
	}
}

func writeSet(w *resp.Writer, words []string) {
	w.Set(len(words))
	for _, s := range words {
		w.BulkString(s)
	}
}

func writeBulks(w *resp.Writer, words []string) {
	w.Array(len(words))
	for _, s := range words {
		w.BulkString(s)
	}
}

func runACLList(c *cmdspec.Ctx) error {
	writeBulks(c.Reply, caller(c).hub.users.Lines())
	return nil
}

func runACLUsers(c *cmdspec.Ctx) error {
	var names []string
	for _, u := range caller(c).hub.users.All() {
		names = append(names, u.Name())
	}
	writeBulks(c.Reply, names)
	return nil
}

func runACLWhoAmI(c *cmdspec.Ctx) error {
	c.Reply.BulkString(caller(c).user().Name())
	return nil
}

func runACLCat(c *cmdspec.Ctx) error {
	catalog := caller(c).hub.users.Catalog()
	switch len(c.Argv) {
	case 2:
		writeBulks(c.Reply, catalog.Categories())
		return nil
	case 3:
		names, ok := catalog.Commands(string(c.Argv[2]))
		if !ok {
			return cmdspec.Errorf("ERR Unknown category '%s'", c.Argv[2][:min(len(c.Argv[2]), 128)])
		}
		writeBulks(c.Reply, names)
		return nil
	}
	return errACLWords(c)
}

const maxGenPassBits = 4096

func runACLGenPass(c *cmdspec.Ctx) error {
	bits := int64(256)
	switch len(c.Argv) {
	case 2:
	case 3:
		var ok bool
		if bits, ok = cmdspec.ParseInt(c.Argv[2]); !ok {
			return cmdspec.ErrNotInteger
		}
	default:
		return errACLWords(c)
	}
	if bits <= 0 || bits > maxGenPassBits {
		return cmdspec.Errorf("ERR ACL GENPASS argument must be the number of bits for the output password, "+
			"a positive number up to %d", maxGenPassBits)
	}
	digits := (bits + 3) / 4
	random := make([]byte, (digits+1)/2)
	rand.Read(random) // never fails
	c.Reply.BulkString(hex.EncodeToString(random)[:digits])
	return nil
}

func runACLDryRun(c *cmdspec.Ctx) error {
	me := caller(c)
	words := c.Argv[3:]
	u := me.hub.users.Get(string(c.Argv[2]))
	if u == nil {
		return cmdspec.Errorf("ERR User '%s' not found", c.Argv[2])
	}
	spec := me.hub.table.Lookup(words)
	switch {
	case spec == nil:
		return cmdspec.Errorf("ERR Command '%s' not found", words[0])
	case !spec.CheckArity(len(words)):
		return spec.ErrArity()
	}
	d := u.Rules().Check(spec, words, me.DB())
	if d.Reason == acl.Allowed {
		c.Reply.OK()
		return nil
	}
	c.Reply.BulkString(cmdspec.Errorf(denials[d.Reason].dryRun, []byte(denied(d, spec, words))).Error())
	return nil
}

func runACLLoad(c *cmdspec.Ctx) error {
	me := caller(c)
	if me.hub.loadUsers == nil {
		return errNoACLFile
	}
	loaded, err := me.hub.loadUsers()
	if err != nil {
		return cmdspec.Error("ERR " + err.Error())
	}
	changes, gone := me.hub.users.Replace(loaded)
	me.dropUsers(gone)
	for _, change := range changes {
		me.dropSubscribers(change)
	}
	c.Reply.OK()
	return nil
}

func runACLSave(c *cmdspec.Ctx) error {
	hub := caller(c).hub
	if hub.saveUsers == nil {
		return errNoACLFile
	}
	if hub.saveUsers() != nil {
		return cmdspec.Error("ERR There was an error trying to save the ACLs. Please check the server logs for more information")
	}
	c.Reply.OK()
	return nil
}

var aclHelp = []string{
	"ACL <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
	"CAT [<category>]",
	"    List the categories of commands, or the commands of <category>.",
	"DELUSER <username> [<username> ...]",
	"    Remove users and close their connections.",
	"DRYRUN <username> <command> [<arg> ...]",
	"    Tell whether the user may run the command, without running it.",
	"GETUSER <username>",
	"    Describe a user.",
	"GENPASS [<bits>]",
	"    Make a password by chance, of 256 bits or as many as asked for.",
	"LIST",
	"    Describe all users as in a file of users.",
	"LOAD",
	"    Read the file of users again.",
	"LOG [<count> | RESET]",
	"    Show what was refused of late, or forget it.",
	"SAVE",
	"    Write the users into the file of users.",
	"SETUSER <username> <attribute> [<attribute> ...]",
	"    Make a user, or change one.",
	"USERS",
	"    List the names of all users.",
	"WHOAMI",
	"    Tell the name of this connection's user.",
	"HELP",
	"    Print this help.",
}

func runACLHelp(c *cmdspec.Ctx) error {
	c.Reply.Array(len(aclHelp))
	for _, line := range aclHelp {
		c.Reply.Simple(line)
	}
	return nil
}
