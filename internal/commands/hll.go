package commands

import (
	"sync"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/hll"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// HyperLogLogs are the commands on HyperLogLogs, which are strings.
func HyperLogLogs(d *Deps) []*cmdspec.Spec {
	return []*cmdspec.Spec{
		with(pfAddSpec, d.runPFAdd), &pfCountSpec, with(pfDebugSpec, d.runPFDebug), with(pfMergeSpec, d.runPFMerge), &pfSelfTestSpec,
	}
}

const (
	errNotHLL     = cmdspec.Error("WRONGTYPE Key is not a valid HyperLogLog string value.")
	errCorruptHLL = cmdspec.Error("INVALIDOBJ Corrupted HLL object detected")
)

// hllScratch holds the memory in which sparse HyperLogLogs are changed.
var hllScratch = sync.Pool{New: func() any {
	b := make([]byte, 0, hll.DenseSize+64)
	return &b
}}

// sparseLimit is up to how many bytes a HyperLogLog stays sparse.
func (d *Deps) sparseLimit() int { return int(d.Keyspace.Settings.Limits.HLLSparse.Load()) }

// hllBytes returns the HyperLogLog that an entry is.
func hllBytes(e keyspace.Entry) ([]byte, error) {
	if e.Type() != keyspace.TypeString {
		return nil, keyspace.ErrWrongType
	}
	if _, isInt := e.Int(); isInt {
		return nil, errNotHLL
	}
	b := e.Bytes(nil)
	if !hll.Valid(b) {
		return nil, errNotHLL
	}
	return b, nil
}

var pfAddSpec = cmdspec.Spec{
	Name: "pfadd", Arity: -2, Since: "2.8.9", Group: cmdspec.GroupHyperLogLog,
	Summary:    "Adds elements to the HyperLogLog at a key.",
	Complexity: "O(1) for each element.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Args:       "key [element [element ...]]",
}

func (d *Deps) runPFAdd(c *cmdspec.Ctx) error {
	k, elements := c.Keys[0], c.Argv[2:]
	raised, err := false, error(nil)
	if e, found := c.Tx.Write(k); found {
		if raised, err = d.addElements(c, k, e, elements); !raised && err == nil {
			c.Tx.MakeRaw(k)
		}
	} else {
		raised, err = true, d.newHLL(c, k, elements)
	}
	if raised {
		c.Tx.Notify(keyspace.ClassString, "pfadd", k)
	}
	if err != nil {
		return hllError(err)
	}
	n := int64(0)
	if raised {
		n = 1
	}
	c.Reply.Int(n)
	return nil
}

// addElements adds elements to the HyperLogLog that there is, and says whether
// that changed it: even if there is an error.
func (d *Deps) addElements(c *cmdspec.Ctx, k keyspace.Key, e keyspace.Entry, elements [][]byte) (raised bool, err error) {
	b, err := hllBytes(e)
	if err != nil {
		return false, err
	}
	if hll.Dense(b) {
		return addDense(c, k, b, elements), nil
	}
	scratch := hllScratch.Get().(*[]byte)
	defer hllScratch.Put(scratch)
	edit := hll.Edit(b, d.sparseLimit(), scratch)
	if raised, err = raiseAll(&edit, elements); raised {
		storeHLL(c, k, edit.Own())
	}
	return raised, err
}

// newHLL makes a HyperLogLog of elements, if any.
func (d *Deps) newHLL(c *cmdspec.Ctx, k keyspace.Key, elements [][]byte) error {
	var empty [hll.EmptySize]byte
	scratch := hllScratch.Get().(*[]byte)
	defer hllScratch.Put(scratch)
	edit := hll.Edit(hll.AppendEmpty(empty[:0]), d.sparseLimit(), scratch)
	_, err := raiseAll(&edit, elements)
	storeHLL(c, k, edit.Own())
	return err
}

func raiseAll(edit *hll.Editor, elements [][]byte) (raised bool, err error) {
	for _, element := range elements {
		one, err := edit.Raise(hll.Place(element))
		if err != nil {
			return raised, err
		}
		raised = raised || one
	}
	return raised, nil
}

func hllError(err error) error {
	if err == hll.ErrCorrupt {
		return errCorruptHLL
	}
	return err
}

// addDense adds elements to a dense HyperLogLog, in place.
func addDense(c *cmdspec.Ctx, k keyspace.Key, b []byte, elements [][]byte) (raised bool) {
	for _, element := range elements {
		index, rank := hll.Place(element)
		if hll.Get(b, index) >= rank {
			continue
		}
		if !raised {
			raised = true
			b = c.Tx.Resize(k, len(b))
			hll.Invalidate(b)
		}
		hll.Set(b, index, rank)
	}
	return raised
}

// storeHLL makes b, in which something has changed, the value of k, which keeps its expiry.
func storeHLL(c *cmdspec.Ctx, k keyspace.Key, b []byte) {
	hll.Invalidate(b)
	copy(c.Tx.Resize(k, len(b)), b)
}

var pfCountSpec = cmdspec.Spec{
	Name: "pfcount", Arity: -2, Since: "2.8.9", Group: cmdspec.GroupHyperLogLog,
	Summary:    "Estimates how many different elements were added to the HyperLogLogs at keys, or to any of several.",
	Complexity: "O(1) for one key, whose estimate is kept; O(N) for N keys, with a large constant.",
	Flags:      cmdspec.ReadOnly | cmdspec.MayReplicate,
	Keys: []cmdspec.KeySpec{{Flags: cmdspec.RW | cmdspec.Access, Index: 1, Last: -1, Step: 1,
		Notes: "RW because the estimate for one key is stored in it"}},
	Args: "key [key ...]",
	Run:  runPFCount,
}

func runPFCount(c *cmdspec.Ctx) error {
	if len(c.Keys) == 1 {
		return countOne(c, c.Keys[0])
	}
	var union hll.Max
	for _, k := range c.Keys {
		if _, err := addKey(c, &union, k); err != nil {
			return err
		}
	}
	c.Reply.Int(int64(union.Count()))
	return nil
}

// addKey takes the HyperLogLog at a key into a union, if there is one.
func addKey(c *cmdspec.Ctx, union *hll.Max, k keyspace.Key) (dense bool, err error) {
	e, found := c.Tx.Read(k)
	if !found {
		return false, nil
	}
	b, err := hllBytes(e)
	if err != nil {
		return false, err
	}
	return hll.Dense(b), hllError(union.Add(b))
}

// countOne is PFCOUNT of one key: its estimate is kept in it.
func countOne(c *cmdspec.Ctx, k keyspace.Key) error {
	e, found := c.Tx.Read(k)
	if !found {
		c.Reply.Int(0)
		return nil
	}
	b, err := hllBytes(e)
	if err != nil {
		return err
	}
	n, ok := hll.Cached(b)
	if ok {
		c.Tx.MakeRaw(k)
	} else {
		if n, err = hll.Count(b); err != nil {
			return hllError(err)
		}
		hll.SetCached(c.Tx.Resize(k, len(b)), n)
		c.Tx.Unannounced(k)
	}
	c.Reply.Int(int64(n))
	return nil
}

var pfMergeSpec = cmdspec.Spec{
	Name: "pfmerge", Arity: -2, Since: "2.8.9", Group: cmdspec.GroupHyperLogLog,
	Summary:    "Adds the elements of HyperLogLogs to another.",
	Complexity: "O(N) for N keys, with a large constant.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM,
	Keys: []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Insert),
		cmdspec.KeyRange(2, -1, 1, cmdspec.RO|cmdspec.Access)},
	Args: "destkey sourcekey [sourcekey ...]",
}

func (d *Deps) runPFMerge(c *cmdspec.Ctx) error {
	var union hll.Max
	toDense := false
	for _, key := range c.Keys {
		dense, err := addKey(c, &union, key)
		if err != nil {
			return err
		}
		toDense = toDense || dense
	}
	k := c.Keys[0]
	var empty [hll.EmptySize]byte
	b := hll.AppendEmpty(empty[:0])
	if e, found := c.Tx.Write(k); found {
		b = e.Bytes(nil)
	}
	if toDense {
		mergeDense(c, k, b, &union)
	} else if err := d.mergeSparse(c, k, b, &union); err != nil {
		return hllError(err)
	}
	c.Tx.Notify(keyspace.ClassString, "pfadd", k)
	c.Reply.OK()
	return nil
}

// mergeDense makes a union, which has its own registers in it, the registers of b, at k.
func mergeDense(c *cmdspec.Ctx, k keyspace.Key, b []byte, union *hll.Max) {
	var header [hll.HeaderSize]byte
	copy(header[:], b)
	hll.MarkDense(header[:])
	hll.Invalidate(header[:])
	b = c.Tx.Resize(k, hll.DenseSize)
	copy(b, header[:])
	union.Pack(b)
}

// mergeSparse raises the registers of b, at k, to those of a union.
func (d *Deps) mergeSparse(c *cmdspec.Ctx, k keyspace.Key, b []byte, union *hll.Max) error {
	scratch := hllScratch.Get().(*[]byte)
	defer hllScratch.Put(scratch)
	edit := hll.Edit(b, d.sparseLimit(), scratch)
	merged, err := edit.Merge(union)
	if err != nil {
		return err
	}
	storeHLL(c, k, merged)
	return nil
}
