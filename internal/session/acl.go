package session

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// refuseACL is the error for a command that the client's user has no right to; empty: he has.
func (w *Worker) refuseACL(c *Client, spec *cmdspec.Spec, argv [][]byte, keys []keyspace.Key) string {
	return ""
}
