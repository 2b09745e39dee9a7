package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// removeEmpty deletes a collection that has lost its last element: an empty
// one does not exist.
func removeEmpty(c *cmdspec.Ctx, k keyspace.Key) {
	c.Tx.Delete(k)
	c.Tx.Notify(keyspace.ClassGeneric, "del", k)
}
