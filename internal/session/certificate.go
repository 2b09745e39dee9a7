package session

import "github.com/redstart-db/redstart/internal/acl"

// beNamed makes a new client the user that its certificate names, without a
// password. If there is no such user, or it is not enabled, the client is the
// default user like any other, and ACL LOG tells.
func (c *Client) beNamed(name string) {
	users := c.hub.users
	u := users.Get(name)
	if u == nil || !u.Rules().Enabled() {
		c.hub.aclLog.add(acl.Certificate, "toplevel", "", name, c.describe(c.worker), c.hub.now(),
			int(c.hub.settings.ACLLogMaxLen.Load()))
		return
	}
	c.authed = true
	c.pub.user.Store(u)
	if users.Get(name) != u { // it was deleted before it could be seen that the client is this user
		c.beDefault()
	}
}
