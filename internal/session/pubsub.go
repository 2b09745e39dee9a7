package session

import "github.com/redstart-db/redstart/internal/cmdspec"

// refuseSubscribed is the error for a command that a RESP2 client which is subscribed may not run.
func refuseSubscribed(spec *cmdspec.Spec) string { return "" }

// unsubscribeAll ends all subscriptions of a client that goes away or is reset.
func (c *Client) unsubscribeAll() {}
