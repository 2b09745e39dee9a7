package session

import (
	"slices"
	"strconv"

	"github.com/redstart-db/redstart/internal/acl"
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/pubsub"
)

// Who a client is, and what that allows. A client's user is an object that stays
// the same while its rules change, so that a change holds from the next command on, for
// every client, without anybody being told.

// What a command that is not allowed is answered with. The second text is for
// one that EXEC finds to be not allowed any more, the third for a dry run.
var denials = [...]struct{ now, exec, dryRun string }{
	acl.Command: {
		"NOPERM this user has no permissions to run the '%s' command",
		"no permission to execute the command or subcommand",
		"This user has no permissions to run the '%s' command",
	},
	acl.Key: {
		"NOPERM this user has no permissions to access one of the keys used as arguments",
		"no permission to touch the specified keys",
		"This user has no permissions to access the '%s' key",
	},
	acl.Channel: {
		"NOPERM this user has no permissions to access one of the channels used as arguments",
		"no permission to access one of the channels used as arguments",
		"This user has no permissions to access the '%s' channel",
	},
	acl.Database: {
		"NOPERM No permissions to access database",
		"no permission to access the database",
		"This user has no permissions to access database %s",
	},
}

const errRulesChanged = "NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. " +
	"This command is no longer allowed for the following reason: "

// user is who the client is. Any thread.
func (c *Client) user() *acl.User { return c.pub.user.Load() }

// restricted says whether commands have to be asked for. It is small enough to be inlined.
func (c *Client) restricted() bool { return !c.user().Rules().Unrestricted() }

// refuseACL is the error for a command that the client's user has no right to; empty: he has.
func (w *Worker) refuseACL(c *Client, spec *cmdspec.Spec, argv [][]byte) string {
	d := c.user().Rules().Check(spec, argv, c.DB())
	if d.Reason == acl.Allowed {
		return ""
	}
	w.logDenial(c, d, spec, argv)
	if d.Reason == acl.Command {
		return cmdspec.Errorf(denials[d.Reason].now, spec.FullName).Error()
	}
	return denials[d.Reason].now
}

// refuseChanged is refuseACL for a command that was allowed when it was queued.
func (w *Worker) refuseChanged(c *Client, spec *cmdspec.Spec, argv [][]byte) string {
	d := c.user().Rules().Check(spec, argv, c.DB())
	if d.Reason == acl.Allowed {
		return ""
	}
	w.logDenial(c, d, spec, argv)
	return errRulesChanged + denials[d.Reason].exec
}

// logDenial puts a refused command into the log.
func (w *Worker) logDenial(c *Client, d acl.Denial, spec *cmdspec.Spec, argv [][]byte) {
	w.hub.aclLog.add(d.Reason, c.aclContext(), denied(d, spec, argv), c.user().Name(), c.describe(w), w.hub.now(),
		int(w.hub.settings.ACLLogMaxLen.Load()))
}

// denied is what was not allowed.
func denied(d acl.Denial, spec *cmdspec.Spec, argv [][]byte) string {
	switch {
	case d.Reason == acl.Key || d.Reason == acl.Channel:
		return string(argv[d.Word])
	case d.Reason == acl.Database && d.DB >= 0:
		return strconv.Itoa(d.DB)
	}
	return spec.FullName
}

// aclContext is where the client runs commands, as ACL LOG names it.
func (c *Client) aclContext() string {
	if c.multi != nil {
		return "multi"
	}
	return "toplevel"
}

// ReadsAll says whether a command may read keys that it does not name.
func (c *Client) ReadsAll(ctx *cmdspec.Ctx) bool {
	return c.user().Rules().ReadsAll(ctx.Spec, ctx.Argv, ctx.Tx.DB())
}

// dropUsers closes the clients of users that are gone.
func (c *Client) dropUsers(gone []*acl.User) {
	if len(gone) > 0 {
		c.expel(func(other *Client) bool { return slices.Contains(gone, other.user()) })
	}
}

// dropSubscribers closes the clients that listen to what their user may listen to no more.
func (c *Client) dropSubscribers(change acl.Change) {
	if !change.LostChannels() {
		return
	}
	c.expel(func(other *Client) bool { return other.user() == change.User && !other.mayListen() })
	for _, other := range c.hub.snapshot() { // what was just going on: to subscribe by the old rules
		if other != c && other.conn != nil && other.user() == change.User {
			other.conn.Post(func() {
				if !other.mayListen() {
					other.close()
				}
			})
		}
	}
}

// expel closes clients, and c itself after the reply. Nobody sees them any more.
func (c *Client) expel(unwanted func(*Client) bool) {
	for _, other := range c.hub.snapshot() {
		switch {
		case other.conn == nil || !unwanted(other):
		case other == c:
			c.closeAfterReply()
		default:
			other.pub.gone.Store(true)
			other.kill()
		}
	}
}

// mayListen says whether the client's rules allow all its subscriptions. Any thread.
func (c *Client) mayListen() bool {
	rules, all := c.user().Rules(), true
	c.subscriptions(func(kind pubsub.Kind, name string) {
		all = all && rules.AllowsChannel([]byte(name), kind == pubsub.Pattern)
	})
	return all
}
