package session

import "github.com/redstart-db/redstart/internal/cmdspec"

// Commands are the connection commands.
var Commands = []*cmdspec.Spec{
	&aclSpec, &auth, &client, &discard, &echo, &exec, &hello, &multi, &ping, &quit, &reset, &selectDB, &unwatchSpec, &watchSpec,
	&psubscribe, &publish, &pubsubSpec, &punsubscribe, &spublish, &ssubscribe, &subscribe, &sunsubscribe, &unsubscribe,
	&commandlog, &hotkeysSpec, &latencySpec, &monitor, &slowlog,
}

// caller is the client that runs the command.
func caller(c *cmdspec.Ctx) *Client { return c.Client.(*Client) }

// early are the flags of commands that work before authentication and in
// every state of the server.
const early = cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale | cmdspec.Fast | cmdspec.NoAuth | cmdspec.AllowBusy

var ping = cmdspec.Spec{
	Name: "ping", Arity: -1, Since: "1.0.0", Group: cmdspec.GroupConnection,
	Summary: "Returns the server's liveliness response.", Complexity: "O(1)",
	Flags: cmdspec.Fast,
	Args:  "[message]",
	Tips:  []string{"request_policy:all_shards", "response_policy:all_succeeded"},
	Run:   runPing,
}

func runPing(c *cmdspec.Ctx) error {
	if len(c.Argv) < 3 && caller(c).gates&gateSubscribed != 0 {
		return pingSubscribed(c)
	}
	switch len(c.Argv) {
	case 1:
		c.Reply.Simple("PONG")
	case 2:
		c.Reply.Bulk(c.Argv[1])
	default:
		return c.Spec.ErrArity()
	}
	return nil
}

var echo = cmdspec.Spec{
	Name: "echo", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupConnection,
	Summary: "Returns the given string.", Complexity: "O(1)",
	Flags: cmdspec.Loading | cmdspec.Stale | cmdspec.Fast,
	Args:  "message",
	Run:   runEcho,
}

func runEcho(c *cmdspec.Ctx) error {
	c.Reply.Bulk(c.Argv[1])
	return nil
}

var selectDB = cmdspec.Spec{
	Name: "select", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupConnection,
	Summary: "Changes the selected database.", Complexity: "O(1)",
	Flags: cmdspec.Loading | cmdspec.Stale | cmdspec.Fast | cmdspec.Stateful,
	Args:  "index",
	Run:   runSelect,
}

func runSelect(c *cmdspec.Ctx) error {
	n, ok := cmdspec.ParseInt(c.Argv[1])
	me := caller(c)
	switch {
	case !ok:
		return cmdspec.ErrNotInteger
	case n != int64(int32(n)):
		return cmdspec.Error("ERR value is out of range, value must between -2147483648 and 2147483647")
	case n < 0 || n >= int64(me.hub.databases):
		return cmdspec.ErrDBIndex
	}
	me.pub.db.Store(int32(n))
	c.Reply.OK()
	return nil
}

var quit = cmdspec.Spec{
	Name: "quit", Arity: -1, Since: "1.0.0", Group: cmdspec.GroupConnection,
	Summary: "Closes the connection.", Complexity: "O(1)",
	Flags:      early | cmdspec.NotQueued | cmdspec.EndsMulti | cmdspec.Stateful,
	Deprecated: "7.2.0|just closing the connection",
	Run:        runQuit,
}

func runQuit(c *cmdspec.Ctx) error {
	c.Reply.OK()
	caller(c).closeAfterReply()
	return nil
}

var reset = cmdspec.Spec{
	Name: "reset", Arity: 1, Since: "6.2.0", Group: cmdspec.GroupConnection,
	Summary: "Resets the connection.", Complexity: "O(1)",
	Flags: early | cmdspec.NotQueued | cmdspec.EndsMulti | cmdspec.Stateful,
	Locks: cmdspec.LockWatched,
	Run:   runReset,
}

// runReset makes the client what it was when it connected.
func runReset(c *cmdspec.Ctx) error {
	me := caller(c)
	me.endMulti()
	me.unwatch()
	me.trackingOff()
	me.unsubscribeAll()
	me.leaveMonitors()
	me.beDefault()
	if me.reply != replySkip { // RESET's own reply may be the one to be skipped
		me.reply = replyOn
	}
	me.pub.db.Store(0)
	me.pub.noEvict.Store(false)
	me.pub.noTouch.Store(false)
	me.setProto(c, 2)
	me.relabel(func(l *labels) { l.name = "" })
	c.Reply.Simple("RESET")
	return nil
}

// setProto changes the protocol, from the reply of this command on.
func (c *Client) setProto(ctx *cmdspec.Ctx, version int) {
	c.pub.proto.Store(int32(version))
	c.gateSubscribed()
	ctx.Reply.Proto = version
}
