package session

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

const (
	errClientName = cmdspec.Error("ERR Client names cannot contain spaces, newlines or special characters.")
	errPauseMode  = cmdspec.Error("ERR CLIENT PAUSE mode must be WRITE or ALL")
	errTimeout    = cmdspec.Error("ERR timeout is not an integer or out of range")
	errNegative   = cmdspec.Error("ERR timeout is negative")
)

// quiet are the flags of most subcommands of CLIENT.
const quiet = cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale

var client = cmdspec.Spec{
	Name: "client", Arity: -2, Since: "2.4.0", Group: cmdspec.GroupConnection,
	Summary: "Looks at connections and controls them.", Complexity: "As the subcommand.",
	Sub: []*cmdspec.Spec{
		&clientCaching,
		{
			Name: "getname", Arity: 2, Since: "2.6.9", Group: cmdspec.GroupConnection,
			Summary: "Returns the name of the connection.", Complexity: "O(1)",
			Flags: quiet, Run: runClientGetName,
		},
		&clientGetRedir,
		{
			Name: "help", Arity: 2, Since: "5.0.0", Group: cmdspec.GroupConnection,
			Summary: "Returns helpful text about the different subcommands.", Complexity: "O(1)",
			Flags: cmdspec.Loading | cmdspec.Stale, Run: runClientHelp,
		}, {
			Name: "id", Arity: 2, Since: "5.0.0", Group: cmdspec.GroupConnection,
			Summary: "Returns the unique client ID of the connection.", Complexity: "O(1)",
			Flags: quiet, Run: runClientID,
		}, {
			Name: "info", Arity: 2, Since: "6.2.0", Group: cmdspec.GroupConnection,
			Summary: "Returns information about the connection.", Complexity: "O(1)",
			Flags: quiet, Tips: []string{"nondeterministic_output"}, Run: runClientInfo,
		},
		&clientKill, &clientList,
		{
			Name: "no-evict", Arity: 3, Since: "7.0.0", Group: cmdspec.GroupConnection,
			Summary: "Sets the client eviction mode of the connection.", Complexity: "O(1)",
			Flags: cmdspec.Admin | quiet | cmdspec.Stateful, Args: "<ON | OFF>{enabled}", Run: runClientNoEvict,
		}, {
			Name: "no-touch", Arity: 3, Since: "7.2.0", Group: cmdspec.GroupConnection,
			Summary: "Controls whether commands sent by the client affect the LRU/LFU of accessed keys.", Complexity: "O(1)",
			Flags: quiet | cmdspec.Stateful, Args: "<ON | OFF>{enabled}", Run: runClientNoTouch,
		}, {
			Name: "pause", Arity: -3, Since: "2.9.50", Group: cmdspec.GroupConnection,
			Summary: "Suspends commands processing.", Complexity: "O(1)",
			Flags: cmdspec.Admin | quiet, Args: "timeout{integer} [WRITE | ALL]{mode 6.2.0}",
			History: [][2]string{{"6.2.0", "A second argument chooses what is paused; the mode `WRITE`."}},
			Run:     runClientPause,
		}, {
			Name: "reply", Arity: 3, Since: "3.2.0", Group: cmdspec.GroupConnection,
			Summary: "Instructs the server whether to reply to commands.", Complexity: "O(1)",
			Flags: quiet | cmdspec.Stateful, Args: "<ON | OFF | SKIP>", Run: runClientReply,
		}, {
			Name: "setinfo", Arity: 4, Since: "7.2.0", Group: cmdspec.GroupConnection,
			Summary: "Sets information specific to the client or connection.", Complexity: "O(1)",
			Flags: quiet | cmdspec.Stateful, Args: "<LIB-NAME libname | LIB-VER libver>{attr}",
			Tips: []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Run: runClientSetInfo,
		}, {
			Name: "setname", Arity: 3, Since: "2.6.9", Group: cmdspec.GroupConnection,
			Summary: "Sets the connection name.", Complexity: "O(1)",
			Flags: quiet | cmdspec.Stateful, Args: "connection-name",
			Tips: []string{"request_policy:all_nodes", "response_policy:all_succeeded"}, Run: runClientSetName,
		},
		&clientTracking, &clientTrackingInfo, &clientUnblock,
		{
			Name: "unpause", Arity: 2, Since: "6.2.0", Group: cmdspec.GroupConnection,
			Summary: "Resumes processing commands from paused clients.", Complexity: "O(N) with N paused clients.",
			Flags: cmdspec.Admin | quiet, Run: runClientUnpause,
		},
	},
}

func runClientID(c *cmdspec.Ctx) error {
	c.Reply.Int(caller(c).id)
	return nil
}

func runClientGetName(c *cmdspec.Ctx) error {
	name := caller(c).Name()
	if name == "" {
		c.Reply.Null()
	} else {
		c.Reply.BulkString(name)
	}
	return nil
}

func runClientSetName(c *cmdspec.Ctx) error {
	name := c.Argv[2]
	if !isLabel(name) {
		return errClientName
	}
	caller(c).relabel(func(l *labels) { l.name = string(name) })
	c.Reply.OK()
	return nil
}

// isLabel says whether a name is printable and has no spaces, so that it can
// stand in a line of CLIENT LIST.
func isLabel(name []byte) bool {
	for _, b := range name {
		if b < '!' || b > '~' {
			return false
		}
	}
	return true
}

func runClientSetInfo(c *cmdspec.Ctx) error {
	option, value := c.Argv[2], c.Argv[3]
	isName := cmdspec.EqualFold(option, "LIB-NAME")
	if !isName && !cmdspec.EqualFold(option, "LIB-VER") {
		return cmdspec.Errorf("ERR Unrecognized option '%s'", option)
	}
	if !isLabel(value) {
		return cmdspec.Errorf("ERR %s cannot contain spaces, newlines or special characters.", option)
	}
	caller(c).relabel(func(l *labels) {
		if isName {
			l.libName = string(value)
		} else {
			l.libVer = string(value)
		}
	})
	c.Reply.OK()
	return nil
}

// onOff reads the one argument that is ON or OFF.
func onOff(c *cmdspec.Ctx) (on bool, err error) {
	switch word := c.Argv[2]; {
	case cmdspec.EqualFold(word, "ON"):
		return true, nil
	case cmdspec.EqualFold(word, "OFF"):
		return false, nil
	}
	return false, cmdspec.ErrSyntax
}

func runClientNoEvict(c *cmdspec.Ctx) error {
	on, err := onOff(c)
	if err != nil {
		return err
	}
	me := caller(c)
	me.pub.noEvict.Store(on)
	me.hub.eviction.lookAgain()
	c.Reply.OK()
	return nil
}

func runClientNoTouch(c *cmdspec.Ctx) error {
	on, err := onOff(c)
	if err != nil {
		return err
	}
	me := caller(c)
	me.pub.noTouch.Store(on)
	me.worker.touchLess(on)
	c.Reply.OK()
	return nil
}

func runClientReply(c *cmdspec.Ctx) error {
	me := caller(c)
	switch word := c.Argv[2]; {
	case cmdspec.EqualFold(word, "ON"):
		me.reply = replyOn
		c.Reply.OK()
	case cmdspec.EqualFold(word, "OFF"):
		me.reply = replyOff
	case cmdspec.EqualFold(word, "SKIP"):
		if me.reply != replyOff {
			me.reply = replySkipNext
		}
	default:
		return cmdspec.ErrSyntax
	}
	return nil
}

// errClientWords is the error for a subcommand with too many words.
func errClientWords(c *cmdspec.Ctx) error {
	return cmdspec.Errorf("ERR unknown subcommand or wrong number of arguments for '%s'. Try CLIENT HELP.", c.Argv[1])
}

func runClientPause(c *cmdspec.Ctx) error {
	kind := pauseAll
	switch {
	case len(c.Argv) > 4:
		return errClientWords(c)
	case len(c.Argv) == 4 && cmdspec.EqualFold(c.Argv[3], "WRITE"):
		kind = pauseWrite
	case len(c.Argv) == 4 && !cmdspec.EqualFold(c.Argv[3], "ALL"):
		return errPauseMode
	}
	ms, ok := cmdspec.ParseInt(c.Argv[2])
	switch {
	case !ok:
		return errTimeout
	case ms < 0:
		return errNegative
	}
	now := unixMilli()
	caller(c).hub.pause.begin(kind, now+min(ms, math.MaxInt64-now), now)
	c.Reply.OK()
	return nil
}

func runClientUnpause(c *cmdspec.Ctx) error {
	hub := caller(c).hub
	hub.pause.stop()
	hub.everyWorker((*Worker).unpark)
	c.Reply.OK()
	return nil
}

var clientHelp = []string{
	"CLIENT <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
	"CACHING (YES|NO)",
	"    Track the keys of the next command, or do not, for a connection that tracks with OPTIN or OPTOUT.",
	"GETNAME",
	"    Tell the name that this connection has.",
	"GETREDIR",
	"    Tell which connection gets the invalidation messages of this one (0: itself, -1: there are none).",
	"ID",
	"    Tell the number of this connection.",
	"INFO",
	"    Describe this connection as LIST does.",
	"KILL <ip:port>",
	"    Close the connection that comes from <ip:port>.",
	"KILL <option> <value> [<option> <value> [...]]",
	"    Close every connection that all of the options fit:",
	"    * ADDR (<ip:port>|<unixsocket>:0), LADDR (<ip:port>|<unixsocket>:0)",
	"      It comes from, or goes to, this address.",
	"    * ID <client-id> [<client-id> ...], TYPE (NORMAL|MASTER|REPLICA|PUBSUB), USER <username>",
	"      It has one of these numbers, is of this type, belongs to this user.",
	"    * NAME, LIB-NAME, LIB-VER <text>, DB <index>, IP <ip>, FLAGS <letters>",
	"      It shows this in LIST.",
	"    * MAXAGE <seconds>, IDLE <seconds>",
	"      It is at least that old, or has been idle for that long.",
	"    * NOT-<option> <value>",
	"      For all of these except MAXAGE and IDLE: the opposite.",
	"    * SKIPME (YES|NO)",
	"      Spare the connection that asks (default: yes).",
	"LIST [options ...]",
	"    Describe all connections, or those that the options of KILL fit.",
	"NO-EVICT (ON|OFF)",
	"    Exempt this connection from being closed to save memory.",
	"NO-TOUCH (ON|OFF)",
	"    Leave the access times of keys alone when this connection uses them.",
	"PAUSE <timeout> [WRITE|ALL]",
	"    Hold back the commands of all clients, or only writes, for <timeout> milliseconds.",
	"REPLY (ON|OFF|SKIP)",
	"    Choose which commands of this connection are answered.",
	"SETINFO (LIB-NAME|LIB-VER) <text>",
	"    Tell which client library this connection uses.",
	"SETNAME <name>",
	"    Give this connection a name.",
	"TRACKING (ON|OFF) [REDIRECT <client-id>] [BCAST] [PREFIX <prefix> [...]] [OPTIN] [OPTOUT] [NOLOOP]",
	"    Send invalidation messages for keys that this connection has read, or that begin with <prefix>.",
	"TRACKINGINFO",
	"    Tell how this connection tracks keys.",
	"UNBLOCK <client-id> [TIMEOUT|ERROR]",
	"    Let a client that waits in a blocking command go on, as after its timeout or with an error.",
	"UNPAUSE",
	"    End a pause.",
	"HELP",
	"    Print this help.",
}

func runClientHelp(c *cmdspec.Ctx) error {
	c.Reply.Array(len(clientHelp))
	for _, line := range clientHelp {
		c.Reply.Simple(line)
	}
	return nil
}
