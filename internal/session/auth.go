package session

import (
	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
)

const (
	errWrongPass  = cmdspec.Error("WRONGPASS invalid username-password pair or user is disabled.")
	errNoPassword = cmdspec.Error("ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?")
	errNoProto    = cmdspec.Error("NOPROTO unsupported protocol version")
	errProtoInt   = cmdspec.Error("ERR Protocol version is not an integer or out of range")
	errHelloAuth  = cmdspec.Error("NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time")
)

var auth = cmdspec.Spec{
	Name: "auth", Arity: -2, Since: "1.0.0", Group: cmdspec.GroupConnection,
	Summary:    "Authenticates the connection.",
	Complexity: "O(N) with N passwords of the user.",
	Flags:      early | cmdspec.Stateful,
	Args:       "[username]{6.0.0} password",
	History:    [][2]string{{"6.0.0", "A user name before the password."}},
	Secret:     cmdspec.SecretFrom(1),
	Run:        runAuth,
}

func runAuth(c *cmdspec.Ctx) error {
	me := caller(c)
	user := []byte(acl.DefaultName)
	switch len(c.Argv) {
	case 2:
		if me.hub.users.Default().Rules().NoPass() {
			return errNoPassword
		}
	case 3:
		user = c.Argv[1]
	default:
		return cmdspec.ErrSyntax
	}
	if err := me.authenticate(c, user, c.Argv[len(c.Argv)-1]); err != nil {
		return err
	}
	c.Reply.OK()
	return nil
}

// authenticate makes the client the user of a name, if the password is right.
func (c *Client) authenticate(ctx *cmdspec.Ctx, name, password []byte) error {
	u := c.hub.users.Login(name, password)
	if u == nil {
		c.hub.aclLog.add(acl.Auth, c.aclContext(), string(ctx.Argv[0]), string(name), c.describe(c.worker), c.hub.now(),
			int(c.hub.settings.ACLLogMaxLen.Load()))
		return errWrongPass
	}
	c.authed = true
	c.pub.user.Store(u)
	return nil
}

// beDefault makes the client what a new one is: the default user, who may have to say a password.
func (c *Client) beDefault() {
	if c.trusted {
		c.authed = true
		c.pub.user.Store(c.hub.users.Superuser(acl.DefaultName)) // not the one whose rules change
		return
	}
	u := c.hub.users.Default()
	c.authed = u.Rules().Open()
	c.pub.user.Store(u)
}

var hello = cmdspec.Spec{
	Name: "hello", Arity: -1, Since: "6.0.0", Group: cmdspec.GroupConnection,
	Summary: "Handshakes with the server.", Complexity: "O(1)",
	Flags:   early | cmdspec.Stateful,
	Args:    "[protover [AUTH <username password>] [SETNAME clientname]]{arguments}",
	History: [][2]string{{"6.2.0", "Without arguments it only tells about the connection."}},
	Secret:  isHelloSecret,
	Run:     runHello,
}

// isHelloSecret: the two words after AUTH are.
func isHelloSecret(words [][]byte, i int) bool {
	for at := 2; at < i; {
		switch {
		case cmdspec.EqualFold(words[at], "AUTH"):
			if i <= at+2 {
				return true
			}
			at += 3
		case cmdspec.EqualFold(words[at], "SETNAME"):
			at += 2
		default: // an error ends what HELLO reads; nothing after it is shown
			return true
		}
	}
	return false
}

// greeting is what HELLO asks for.
type greeting struct {
	proto    int
	login    bool
	user     []byte
	password []byte
	rename   bool
	name     string
}

func runHello(c *cmdspec.Ctx) error {
	me := caller(c)
	g, err := parseHello(c.Argv[1:], int(me.pub.proto.Load()))
	if g.login { // even if what follows AUTH is wrong: a wrong password is told first
		if err := me.authenticate(c, g.user, g.password); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if me.mustAuthenticate() {
		return errHelloAuth
	}
	if g.rename {
		me.relabel(func(l *labels) { l.name = g.name })
	}
	me.setProto(c, g.proto)
	me.introduce(c)
	return nil
}

func parseHello(words [][]byte, proto int) (g greeting, err error) {
	g.proto = proto
	if len(words) == 0 {
		return g, nil
	}
	n, ok := cmdspec.ParseInt(words[0])
	switch {
	case !ok:
		return g, errProtoInt
	case n != 2 && n != 3:
		return g, errNoProto
	}
	g.proto = int(n)
	for words = words[1:]; len(words) > 0; {
		switch {
		case len(words) > 2 && cmdspec.EqualFold(words[0], "AUTH"):
			g.login, g.user, g.password = true, words[1], words[2]
			words = words[3:]
		case len(words) > 1 && cmdspec.EqualFold(words[0], "SETNAME"):
			if !isLabel(words[1]) {
				return g, errClientName
			}
			g.rename, g.name = true, string(words[1])
			words = words[2:]
		default:
			return g, cmdspec.Errorf("ERR Syntax error in HELLO option '%s'", words[0])
		}
	}
	return g, nil
}

// introduce writes what the client talks to.
func (c *Client) introduce(ctx *cmdspec.Ctx) {
	w := ctx.Reply
	w.Map(7)
	w.BulkString("server")
	w.BulkString("redis")
	w.BulkString("version")
	w.BulkString(c.hub.version)
	w.BulkString("proto")
	w.Int(int64(w.Proto))
	w.BulkString("id")
	w.Int(c.id)
	w.BulkString("mode")
	w.BulkString("standalone")
	w.BulkString("role")
	w.BulkString("master")
	w.BulkString("modules")
	w.Array(0)
}
