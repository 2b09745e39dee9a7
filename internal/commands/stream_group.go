package commands

import (
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/stream"
	"github.com/redstart-db/redstart/internal/value"
)

var xgroupSpec = cmdspec.Spec{
	Name: "xgroup", Arity: -2, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Commands on consumer groups.",
	Complexity: "Depends on subcommand.",
	Sub:        []*cmdspec.Spec{&xgroupCreate, &xgroupCreateConsumer, &xgroupDelConsumer, &xgroupDestroy, &xgroupHelp, &xgroupSetID},
	Run:        nil,
}

var xgroupCreate = cmdspec.Spec{
	Name: "create", Arity: -5, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Makes a consumer group that has got everything up to an ID.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RW|cmdspec.Insert)},
	Args:       "key groupname <id | ${new_id}>{id} [MKSTREAM] [ENTRIESREAD entries_read]",
	History:    [][2]string{{"7.0.0", "The argument `entries_read`."}},
	Run:        runXGroupCreate,
}

var xgroupSetID = cmdspec.Spec{
	Name: "setid", Arity: -5, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Sets up to which ID a consumer group has got everything.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RW|cmdspec.Update)},
	Args:       "key groupname <id | ${new_id}>{id} [ENTRIESREAD entries_read]",
	History:    [][2]string{{"7.0.0", "The argument `entries_read`."}},
	Run:        runXGroupSetID,
}

var xgroupDestroy = cmdspec.Spec{
	Name: "destroy", Arity: 4, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Deletes a consumer group with all it has pending.",
	Complexity: "O(N) where N is the number of entries that it has pending.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RW|cmdspec.Delete)},
	Args:       "key groupname",
	Run:        runXGroupDestroy,
}

var xgroupCreateConsumer = cmdspec.Spec{
	Name: "createconsumer", Arity: 5, Since: "6.2.0", Group: cmdspec.GroupStream,
	Summary:    "Makes a consumer in a group.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RW|cmdspec.Insert)},
	Args:       "key groupname consumername",
	Run:        runXGroupCreateConsumer,
}

var xgroupDelConsumer = cmdspec.Spec{
	Name: "delconsumer", Arity: 5, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Deletes a consumer with all it has pending, and returns how much that was.",
	Complexity: "O(N) where N is the number of entries that it has pending.",
	Flags:      cmdspec.Write,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RW|cmdspec.Delete)},
	Args:       "key groupname consumername",
	Run:        runXGroupDelConsumer,
}

var xgroupHelp = cmdspec.Spec{
	Name: "help", Arity: 2, Since: "5.0.0", Group: cmdspec.GroupStream,
	Summary:    "Shows what the subcommands do.",
	Complexity: "O(1)",
	Flags:      cmdspec.Loading | cmdspec.Stale,
	Run:        runHelp,
}

const (
	errBusyGroup = cmdspec.Error("BUSYGROUP Consumer Group name already exists")
	errRead      = cmdspec.Error("ERR value for ENTRIESREAD must be positive or -1")
	errGroupKey  = cmdspec.Error("ERR The XGROUP subcommand requires the key to exist. " +
		"Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.")
)

// errSubcommandSyntax is for what a subcommand does not take.
func errSubcommandSyntax(c *cmdspec.Ctx) error {
	return cmdspec.Errorf("ERR unknown subcommand or wrong number of arguments for '%.128s'. Try %s HELP.",
		c.Argv[1], strings.ToUpper(c.Spec.Parent.Name))
}

// groupArgs are the options of XGROUP CREATE and SETID.
type groupArgs struct {
	make bool
	read int64
}

func parseGroup(c *cmdspec.Ctx, create bool) (g groupArgs, err error) {
	g.read = stream.NotCounted
	for a := c.ArgsFrom(5); a.More(); {
		switch {
		case create && a.Match("MKSTREAM"):
			g.make = true
		case a.MatchValue("ENTRIESREAD"):
			g.read = a.Int()
			if a.Err() == nil && g.read < 0 && g.read != stream.NotCounted {
				return g, errRead
			}
		default:
			return g, errSubcommandSyntax(c)
		}
		if err := a.Err(); err != nil {
			return g, err
		}
	}
	return g, nil
}

// namedGroup opens the stream and the group that an XGROUP subcommand names.
func namedGroup(c *cmdspec.Ctx) (s value.Stream, g stream.Group, err error) {
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	switch {
	case err != nil:
		return s, g, err
	case !found:
		return s, g, errGroupKey
	}
	if g, found = s.Log().Group(c.Argv[3]); !found {
		err = errNoGroup(c.Argv[3], k)
	}
	return s, g, err
}

func errNoGroup(name []byte, k keyspace.Key) error {
	return cmdspec.Errorf("NOGROUP No such consumer group '%s' for key name '%s'", name, k.Name)
}

func runXGroupCreate(c *cmdspec.Ctx) error {
	args, err := parseGroup(c, true)
	if err != nil {
		return err
	}
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	switch {
	case err != nil:
		return err
	case !found && !args.make:
		return errGroupKey
	}
	var last stream.ID
	if string(c.Argv[4]) == "$" {
		if found {
			last = s.Log().LastID()
		}
	} else if last, err = parseStrictID(c.Argv[4], 0); err != nil {
		return err
	}
	if found {
		if _, there := s.Log().Group(c.Argv[3]); there {
			return errBusyGroup
		}
	} else if s, err = makeStream(c, k); err != nil {
		return err
	}
	editGroups(c, &s).NewGroup(c.Argv[3], last, args.read)
	c.Tx.Notify(keyspace.ClassStream, "xgroup-create", k)
	c.Reply.OK()
	return nil
}

func runXGroupSetID(c *cmdspec.Ctx) error {
	args, err := parseGroup(c, false)
	if err != nil {
		return err
	}
	s, g, err := namedGroup(c)
	if err != nil {
		return err
	}
	last := s.Log().LastID()
	if string(c.Argv[4]) != "$" {
		if last, err = parseID(c.Argv[4], 0); err != nil {
			return err
		}
	}
	editGroups(c, &s)
	g.SetLast(last)
	g.SetRead(args.read)
	c.Tx.Notify(keyspace.ClassStream, "xgroup-setid", c.Keys[0])
	c.Reply.OK()
	return nil
}

func runXGroupDestroy(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	s, found, err := writeStream(c, k)
	switch {
	case err != nil:
		return err
	case !found:
		return errGroupKey
	}
	g, found := s.Log().Group(c.Argv[3])
	if !found {
		c.Reply.Int(0)
		return nil
	}
	editGroups(c, &s).DropGroup(g)
	c.Tx.Signal(k)
	c.Tx.Notify(keyspace.ClassStream, "xgroup-destroy", k)
	c.Reply.Int(1)
	return nil
}

func runXGroupCreateConsumer(c *cmdspec.Ctx) error {
	s, g, err := namedGroup(c)
	if err != nil {
		return err
	}
	if _, found := g.Consumer(c.Argv[4]); found {
		c.Reply.Int(0)
		return nil
	}
	consumerOf(c, c.Keys[0], &s, g, c.Argv[4])
	c.Reply.Int(1)
	return nil
}

func runXGroupDelConsumer(c *cmdspec.Ctx) error {
	s, g, err := namedGroup(c)
	if err != nil {
		return err
	}
	consumer, found := g.Consumer(c.Argv[4])
	if !found {
		c.Reply.Int(0)
		return nil
	}
	editGroups(c, &s)
	n := g.DropConsumer(consumer)
	c.Tx.Notify(keyspace.ClassStream, "xgroup-delconsumer", c.Keys[0])
	c.Reply.Int(int64(n))
	return nil
}
