package session

import "github.com/redstart-db/redstart/internal/cmdspec"

// track remembers the keys that the running command has read for its client. They are locked.
func (w *Worker) track(c *Client, spec *cmdspec.Spec) {}

// trackingOff ends the tracking of a client that goes away or is reset.
func (c *Client) trackingOff() {}
