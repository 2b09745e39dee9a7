package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
)

// Server are the commands on whole databases, on memory, and for looking
// inside.
func Server(d *Deps) []*cmdspec.Spec {
	memory := memorySpec
	memory.Sub = []*cmdspec.Spec{
		with(memoryDoctorSpec, d.runMemoryDoctor), &memoryHelpSpec, with(memoryMallocStatsSpec, d.runMallocStats),
		with(memoryPurgeSpec, d.runMemoryPurge), with(memoryStatsSpec, d.runMemoryStats), &memoryUsageSpec,
	}
	command := with(commandSpec, d.runCommand)
	command.Sub = []*cmdspec.Spec{
		with(commandCountSpec, d.runCommandCount), with(commandDocsSpec, d.runCommandDocs), with(commandGetKeysSpec, d.runGetKeys),
		with(commandGetKeysAndFlagsSpec, d.runGetKeysAndFlags), &commandHelpSpec,
		with(commandInfoSpec, d.runCommandInfo), with(commandListSpec, d.runCommandList),
	}
	return []*cmdspec.Spec{
		command, &dbSizeSpec, with(debugSpec, d.runDebug), &flushAllSpec,
		&flushDBSpec, with(lolwutSpec, d.runLolwut), &memory, &roleSpec, with(swapDBSpec, d.runSwapDB), &timeSpec,
	}
}

var dbSizeSpec = cmdspec.Spec{
	Name: "dbsize", Arity: 1, Since: "1.0.0", Group: cmdspec.GroupServer,
	Summary:    "Returns the number of keys in the database.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Categories: "keyspace",
	Locks:      cmdspec.LockAll,
	Tips:       []string{"request_policy:all_shards", "response_policy:agg_sum"},
	Run:        runDBSize,
}

func runDBSize(c *cmdspec.Ctx) error {
	c.Reply.Int(int64(c.Tx.DBSize()))
	return nil
}

var flushDBSpec = cmdspec.Spec{
	Name: "flushdb", Arity: -1, Since: "1.0.0", Group: cmdspec.GroupServer,
	Summary:    "Removes every key of the database.",
	Complexity: "O(N) where N is the number of keys, in the background.",
	Flags:      cmdspec.Write,
	Categories: "keyspace dangerous",
	Locks:      cmdspec.LockAll,
	Args:       "[ASYNC{4.0.0} | SYNC{6.2.0}]{async}",
	Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
	History:    [][2]string{{"4.0.0", "The mode `ASYNC`."}, {"6.2.0", "The mode `SYNC`."}},
	Run:        runFlushDB,
}

func runFlushDB(c *cmdspec.Ctx) error { return flush(c, c.Tx.FlushDB) }

var flushAllSpec = cmdspec.Spec{
	Name: "flushall", Arity: -1, Since: "1.0.0", Group: cmdspec.GroupServer,
	Summary:    "Removes every key of every database.",
	Complexity: "O(N) where N is the number of keys, in the background.",
	Flags:      cmdspec.Write,
	Categories: "keyspace dangerous",
	Locks:      cmdspec.LockAll,
	Args:       "[ASYNC{4.0.0} | SYNC{6.2.0}]{async}",
	Tips:       []string{"request_policy:all_shards", "response_policy:all_succeeded"},
	History:    [][2]string{{"4.0.0", "The mode `ASYNC`."}, {"6.2.0", "The mode `SYNC`."}},
	Run:        runFlushAll,
}

func runFlushAll(c *cmdspec.Ctx) error { return flush(c, c.Tx.FlushAll) }

// flush is always asynchronous in what it costs: SYNC and ASYNC differ in
// Redis by who frees the memory.
func flush(c *cmdspec.Ctx, remove func() int) error {
	a := c.ArgsFrom(1)
	if a.More() && !a.Match("SYNC") && !a.Match("ASYNC") {
		return cmdspec.ErrSyntax
	}
	if err := a.Done(); err != nil {
		return err
	}
	if remove() == 0 {
		c.Tx.Effect(c.Argv...) // as Redis does: a replica may have keys that expired here
	}
	c.Reply.OK()
	return nil
}

var swapDBSpec = cmdspec.Spec{
	Name: "swapdb", Arity: 3, Since: "4.0.0", Group: cmdspec.GroupServer,
	Summary:    "Exchanges two databases.",
	Complexity: "O(N) where N is the number of clients that watch or wait for keys of the two.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Categories: "keyspace dangerous",
	Locks:      cmdspec.LockAll,
	Args:       "index1 index2",
}

func (d *Deps) runSwapDB(c *cmdspec.Ctx) error {
	a, err := cInt(c.Argv[1])
	if err != nil {
		return cmdspec.Error("ERR invalid first DB index")
	}
	b, err := cInt(c.Argv[2])
	if err != nil {
		return cmdspec.Error("ERR invalid second DB index")
	}
	if a < 0 || a >= d.Databases || b < 0 || b >= d.Databases {
		return cmdspec.ErrDBIndex
	}
	c.Tx.SwapDB(a, b)
	c.Reply.OK()
	return nil
}

var roleSpec = cmdspec.Spec{
	Name: "role", Arity: 1, Since: "2.8.12", Group: cmdspec.GroupServer,
	Summary:    "Tells the server's part in replication.",
	Complexity: "O(1)",
	Flags:      cmdspec.NoScript | cmdspec.Loading | cmdspec.Stale | cmdspec.Fast,
	Categories: "admin dangerous",
	Run:        runRole,
}

// runRole answers for a master that nobody follows: clients ask for it when they connect.
func runRole(c *cmdspec.Ctx) error {
	c.Reply.Array(3)
	c.Reply.BulkString("master")
	c.Reply.Int(0)
	c.Reply.Array(0)
	return nil
}

var timeSpec = cmdspec.Spec{
	Name: "time", Arity: 1, Since: "2.6.0", Group: cmdspec.GroupServer,
	Summary:    "Returns the server's time.",
	Complexity: "O(1)",
	Flags:      cmdspec.Loading | cmdspec.Stale | cmdspec.Fast,
	Tips:       []string{"nondeterministic_output"},
	Run:        runTime,
}

func runTime(c *cmdspec.Ctx) error {
	now := c.Tx.Clock().Now().UnixMicro()
	c.Reply.Array(2)
	c.Reply.BulkInt(now / 1e6)
	c.Reply.BulkInt(now % 1e6)
	return nil
}
