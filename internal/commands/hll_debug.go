package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/hll"
	"github.com/redstart-db/redstart/internal/keyspace"
)

var pfDebugSpec = cmdspec.Spec{
	Name: "pfdebug", Arity: 3, Since: "2.8.9", Group: cmdspec.GroupHyperLogLog,
	Summary:    "Shows how the HyperLogLog at a key is stored (GETREG, DECODE, ENCODING), or makes it dense (TODENSE).",
	Complexity: "N/A",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Admin,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(2, cmdspec.RW|cmdspec.Access)},
	Args:       "subcommand key",
	DocFlags:   "syscmd",
}

func (d *Deps) runPFDebug(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	e, found := c.Tx.Write(k)
	if !found {
		return cmdspec.Error("ERR The specified key does not exist")
	}
	b, err := hllBytes(e)
	if err != nil {
		return err
	}
	switch word := c.Argv[1]; {
	case cmdspec.EqualFold(word, "GETREG"):
		return showRegisters(c, k, b)
	case cmdspec.EqualFold(word, "DECODE"):
		if hll.Dense(b) {
			return cmdspec.Error("ERR HLL encoding is not sparse")
		}
		c.Reply.Bulk(hll.AppendRuns(nil, b))
	case cmdspec.EqualFold(word, "ENCODING"):
		name := "sparse"
		if hll.Dense(b) {
			name = "dense"
		}
		c.Reply.Simple(name)
	case cmdspec.EqualFold(word, "TODENSE"):
		return debugDense(c, k, b)
	default:
		return cmdspec.Errorf("ERR Unknown PFDEBUG subcommand '%s'", word)
	}
	return nil
}

// showRegisters replies with all registers; as in Redis the HyperLogLog is dense then.
func showRegisters(c *cmdspec.Ctx, k keyspace.Key, b []byte) error {
	var m hll.Max
	if err := m.Add(b); err != nil {
		return hllError(err)
	}
	if !hll.Dense(b) {
		if err := makeDense(c, k, b); err != nil {
			return err
		}
	}
	c.Reply.Array(len(m))
	for _, rank := range m {
		c.Reply.Int(int64(rank))
	}
	return nil
}

func debugDense(c *cmdspec.Ctx, k keyspace.Key, b []byte) error {
	if hll.Dense(b) {
		c.Reply.Int(0)
		return nil
	}
	if err := makeDense(c, k, b); err != nil {
		return err
	}
	c.Reply.Int(1)
	return nil
}

// makeDense makes the HyperLogLog b, at k, dense. Its estimate stays.
func makeDense(c *cmdspec.Ctx, k keyspace.Key, b []byte) error {
	edit := hll.Edit(b, 0, new([]byte))
	if err := edit.Densify(); err != nil {
		return hllError(err)
	}
	copy(c.Tx.Resize(k, hll.DenseSize), edit.Bytes())
	c.Tx.Unannounced(k)
	return nil
}

var pfSelfTestSpec = cmdspec.Spec{
	Name: "pfselftest", Arity: 1, Since: "2.8.9", Group: cmdspec.GroupHyperLogLog,
	Summary:    "Checks encodings and estimates of HyperLogLogs.",
	Complexity: "N/A",
	Flags:      cmdspec.Admin,
	Args:       "",
	DocFlags:   "syscmd",
	Run:        runPFSelfTest,
}

func runPFSelfTest(c *cmdspec.Ctx) error {
	if err := hll.SelfTest(); err != nil {
		return cmdspec.Error("TESTFAILED " + err.Error())
	}
	c.Reply.OK()
	return nil
}
