package session

import "github.com/redstart-db/redstart/internal/cmdspec"

const (
	errUnblockReason = cmdspec.Error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR")
	errUnblocked     = "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n"
)

var clientUnblock = cmdspec.Spec{
	Name: "unblock", Arity: -3, Since: "5.0.0", Group: cmdspec.GroupConnection,
	Summary:    "Ends the wait of a client that a blocking command holds, from another connection.",
	Complexity: "O(log N) with N blocked clients.",
	Flags:      cmdspec.Admin | quiet,
	Args:       "client-id [<TIMEOUT | ERROR>{timeout_error}]",
	Run:        runClientUnblock,
}

func runClientUnblock(c *cmdspec.Ctx) error {
	withError := false
	if len(c.Argv) == 4 {
		withError = cmdspec.EqualFold(c.Argv[3], "ERROR")
		if !withError && !cmdspec.EqualFold(c.Argv[3], "TIMEOUT") {
			return errUnblockReason
		}
	} else if len(c.Argv) > 4 {
		return errClientWords(c)
	}
	id, ok := cmdspec.ParseInt(c.Argv[2])
	if !ok {
		return cmdspec.ErrNotInteger
	}
	if other := caller(c).hub.byID(id); other != nil && other.unblock(withError) {
		c.Reply.Int(1)
	} else {
		c.Reply.Int(0)
	}
	return nil
}

// unblock makes the client go on as if its wait had timed out, or with an
// error. It says whether the client was waiting. Any thread.
func (c *Client) unblock(withError bool) bool {
	b := c.pub.blocked.Load()
	if b == nil || !b.GiveUp() {
		return false
	}
	c.conn.Post(func() {
		if withError {
			c.hub.errors.count("UNBLOCKED")
			c.worker.stats.commands[b.spec.ID].failed.Add(1)
			c.worker.endWait(b, []byte(errUnblocked))
		} else {
			c.worker.endWait(b, b.nothing())
		}
	})
	return true
}
