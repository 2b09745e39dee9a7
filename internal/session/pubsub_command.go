package session

import (
	"strings"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/pubsub"
)

// listening are the flags of commands that make a client listen, or stop.
const listening = cmdspec.PubSub | cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale

// shardKeys says that shard channels, to the last word or the first only, are in the
// slots of keys of their names, and no keys.
func shardKeys(last int) []cmdspec.KeySpec {
	return []cmdspec.KeySpec{cmdspec.KeyRange(1, last, 1, cmdspec.NotKey)}
}

var subscribe = cmdspec.Spec{
	Name: "subscribe", Arity: -2, Since: "2.0.0", Group: cmdspec.GroupPubSub,
	Summary: "Listens for messages published to channels.", Complexity: "O(N) with N channels to subscribe to.",
	Flags: listening | cmdspec.Stateful,
	Args:  "channel{string} [channel{string} ...]",
	Run:   func(c *cmdspec.Ctx) error { return runSubscribe(c, pubsub.Channel) },
}

var psubscribe = cmdspec.Spec{
	Name: "psubscribe", Arity: -2, Since: "2.0.0", Group: cmdspec.GroupPubSub,
	Summary: "Listens for messages published to channels that match patterns.", Complexity: "O(N) with N patterns to subscribe to.",
	Flags: listening | cmdspec.Stateful,
	Args:  "<pattern>{block} [<pattern>{block} ...]",
	Run:   func(c *cmdspec.Ctx) error { return runSubscribe(c, pubsub.Pattern) },
}

var ssubscribe = cmdspec.Spec{
	Name: "ssubscribe", Arity: -2, Since: "7.0.0", Group: cmdspec.GroupPubSub,
	Summary: "Listens for messages published to shard channels.", Complexity: "O(N) with N shard channels to subscribe to.",
	Flags: listening | cmdspec.Stateful,
	Keys:  shardKeys(-1),
	Args:  "shardchannel{string} [shardchannel{string} ...]",
	Run:   func(c *cmdspec.Ctx) error { return runSubscribe(c, pubsub.Shard) },
}

func runSubscribe(c *cmdspec.Ctx, kind pubsub.Kind) error {
	me := caller(c)
	if me.conn == nil {
		return cmdspec.Errorf("ERR %s %s", strings.ToUpper(c.Spec.Name), errSubscribeLocal)
	}
	for _, name := range c.Argv[1:] {
		me.subscribeTo(kind, name)
		replyTopic(c, me, kind, name)
	}
	return nil
}

// replyTopic says of a topic that its subscription has begun or ended; nil: of none.
func replyTopic(c *cmdspec.Ctx, me *Client, kind pubsub.Kind, name []byte) {
	c.Reply.Push(3)
	c.Reply.BulkString(c.Spec.Name)
	if name == nil {
		c.Reply.Null()
	} else {
		c.Reply.Bulk(name)
	}
	c.Reply.Int(me.listening(kind))
	me.keepPushed()
}

var unsubscribe = cmdspec.Spec{
	Name: "unsubscribe", Arity: -1, Since: "2.0.0", Group: cmdspec.GroupPubSub,
	Summary: "Stops listening to messages published to channels.", Complexity: "O(N) with N channels.",
	Flags: listening | cmdspec.Stateful,
	Args:  "[channel{string} [channel{string} ...]]",
	Run:   func(c *cmdspec.Ctx) error { return runUnsubscribe(c, pubsub.Channel) },
}

var punsubscribe = cmdspec.Spec{
	Name: "punsubscribe", Arity: -1, Since: "2.0.0", Group: cmdspec.GroupPubSub,
	Summary: "Stops listening to messages published to channels that match patterns.", Complexity: "O(N) with N patterns.",
	Flags: listening | cmdspec.Stateful,
	Args:  "[pattern{pattern} [pattern{pattern} ...]]",
	Run:   func(c *cmdspec.Ctx) error { return runUnsubscribe(c, pubsub.Pattern) },
}

var sunsubscribe = cmdspec.Spec{
	Name: "sunsubscribe", Arity: -1, Since: "7.0.0", Group: cmdspec.GroupPubSub,
	Summary: "Stops listening to messages published to shard channels.", Complexity: "O(N) with N shard channels.",
	Flags: listening | cmdspec.Stateful,
	Keys:  shardKeys(-1),
	Args:  "[shardchannel{string} [shardchannel{string} ...]]",
	Run:   func(c *cmdspec.Ctx) error { return runUnsubscribe(c, pubsub.Shard) },
}

func runUnsubscribe(c *cmdspec.Ctx, kind pubsub.Kind) error {
	me := caller(c)
	for _, name := range c.Argv[1:] {
		me.unsubscribeFrom(kind, name)
		replyTopic(c, me, kind, name)
	}
	if len(c.Argv) > 1 {
		return nil
	}
	none := true
	me.leave(kind, func(name string) {
		replyTopic(c, me, kind, []byte(name))
		none = false
	})
	if none {
		replyTopic(c, me, kind, nil)
	}
	return nil
}

// pingSubscribed is PING of a client that is subscribed and could not tell another reply from a message.
func pingSubscribed(c *cmdspec.Ctx) error {
	c.Reply.Array(2)
	c.Reply.BulkString("pong")
	if len(c.Argv) == 1 {
		c.Reply.BulkString("")
	} else {
		c.Reply.Bulk(c.Argv[1])
	}
	return nil
}

// publishing are the flags of commands that publish.
const publishing = cmdspec.PubSub | cmdspec.Loading | cmdspec.Stale | cmdspec.Fast | cmdspec.MayReplicate

var publish = cmdspec.Spec{
	Name: "publish", Arity: 3, Since: "2.0.0", Group: cmdspec.GroupPubSub,
	Summary: "Posts a message to a channel.", Complexity: "O(N+M) with N subscribers of the channel and M patterns that anybody has subscribed to.",
	Flags: publishing,
	Args:  "channel{string} message{string}",
	Run:   func(c *cmdspec.Ctx) error { return runPublish(c, pubsub.Channel) },
}

var spublish = cmdspec.Spec{
	Name: "spublish", Arity: 3, Since: "7.0.0", Group: cmdspec.GroupPubSub,
	Summary: "Posts a message to a shard channel.", Complexity: "O(N) with N subscribers of the shard channel.",
	Flags: publishing,
	Keys:  shardKeys(1),
	Args:  "shardchannel{string} message{string}",
	Run:   func(c *cmdspec.Ctx) error { return runPublish(c, pubsub.Shard) },
}

func runPublish(c *cmdspec.Ctx, kind pubsub.Kind) error {
	me := caller(c)
	c.Reply.Int(int64(me.hub.publish(me, kind, c.Argv[1], c.Argv[2])))
	return nil
}

// asking are the flags of questions about subscriptions.
const asking = cmdspec.PubSub | cmdspec.Loading | cmdspec.Stale

var pubsubSpec = cmdspec.Spec{
	Name: "pubsub", Arity: -2, Since: "2.8.0", Group: cmdspec.GroupPubSub,
	Summary: "Looks at subscriptions.", Complexity: "As the subcommand.",
	Sub: []*cmdspec.Spec{
		{
			Name: "channels", Arity: -2, Since: "2.8.0", Group: cmdspec.GroupPubSub,
			Summary: "Returns the channels that have subscribers.", Complexity: "O(N) with N channels.",
			Flags: asking, Args: "[pattern]",
			Run: func(c *cmdspec.Ctx) error { return runTopics(c, pubsub.Channel) },
		}, {
			Name: "help", Arity: 2, Since: "6.2.0", Group: cmdspec.GroupPubSub,
			Summary: "Returns helpful text about the different subcommands.", Complexity: "O(1)",
			Flags: cmdspec.Loading | cmdspec.Stale, Categories: "-pubsub", Run: runPubSubHelp,
		}, {
			Name: "numpat", Arity: 2, Since: "2.8.0", Group: cmdspec.GroupPubSub,
			Summary: "Returns how many different patterns have subscribers.", Complexity: "O(1)",
			Flags: asking, Run: runNumPat,
		}, {
			Name: "numsub", Arity: -2, Since: "2.8.0", Group: cmdspec.GroupPubSub,
			Summary: "Returns how many subscribers channels have.", Complexity: "O(N) with N channels asked about.",
			Flags: asking, Args: "[channel{string} [channel{string} ...]]",
			Run: func(c *cmdspec.Ctx) error { return runNumSub(c, pubsub.Channel) },
		}, {
			Name: "shardchannels", Arity: -2, Since: "7.0.0", Group: cmdspec.GroupPubSub,
			Summary: "Returns the shard channels that have subscribers.", Complexity: "O(N) with N shard channels.",
			Flags: asking, Args: "[pattern]",
			Run: func(c *cmdspec.Ctx) error { return runTopics(c, pubsub.Shard) },
		}, {
			Name: "shardnumsub", Arity: -2, Since: "7.0.0", Group: cmdspec.GroupPubSub,
			Summary: "Returns how many subscribers shard channels have.", Complexity: "O(N) with N shard channels asked about.",
			Flags: asking, Args: "[shardchannel{string} [shardchannel{string} ...]]",
			Run: func(c *cmdspec.Ctx) error { return runNumSub(c, pubsub.Shard) },
		},
	},
}

func runTopics(c *cmdspec.Ctx, kind pubsub.Kind) error {
	var pattern []byte
	switch len(c.Argv) {
	case 2:
	case 3:
		pattern = c.Argv[2]
	default:
		return cmdspec.Errorf("ERR unknown subcommand or wrong number of arguments for '%.128s'. Try PUBSUB HELP.", c.Argv[1])
	}
	names := caller(c).hub.topics.Names(kind, pattern)
	c.Reply.Array(len(names))
	for _, name := range names {
		c.Reply.BulkString(name)
	}
	return nil
}

func runNumPat(c *cmdspec.Ctx) error {
	c.Reply.Int(int64(caller(c).hub.topics.Topics(pubsub.Pattern)))
	return nil
}

func runNumSub(c *cmdspec.Ctx, kind pubsub.Kind) error {
	topics := caller(c).hub.topics
	c.Reply.Array(2 * len(c.Argv[2:]))
	for _, name := range c.Argv[2:] {
		c.Reply.Bulk(name)
		c.Reply.Int(int64(topics.Members(kind, name)))
	}
	return nil
}

var pubsubHelp = []string{
	"PUBSUB <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
	"CHANNELS [<pattern>]",
	"    Returns the channels that have subscribers and match the pattern.",
	"NUMPAT",
	"    Returns how many different patterns have subscribers.",
	"NUMSUB [<channel> ...]",
	"    Returns how many subscribers channels have, not counting those of",
	"    patterns that match.",
	"SHARDCHANNELS [<pattern>]",
	"    Returns the shard channels that have subscribers and match the pattern.",
	"SHARDNUMSUB [<shardchannel> ...]",
	"    Returns how many subscribers shard channels have.",
	"HELP",
	"    Prints this help.",
}

func runPubSubHelp(c *cmdspec.Ctx) error {
	c.Reply.Array(len(pubsubHelp))
	for _, line := range pubsubHelp {
		c.Reply.Simple(line)
	}
	return nil
}
