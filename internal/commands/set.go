package commands

import (
	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
	"github.com/redstart-db/redstart/internal/value"
)

// Sets are the commands on sets.
func Sets(*Deps) []*cmdspec.Spec {
	return []*cmdspec.Spec{
		&sAddSpec, &sRemSpec, &sMoveSpec, &sPopSpec,
		&sIsMemberSpec, &sMIsMemberSpec, &sCardSpec, &sMembersSpec, &sRandMemberSpec, &sScanSpec,
		&sInterSpec, &sInterStoreSpec, &sInterCardSpec, &sUnionSpec, &sUnionStoreSpec, &sUnionCardSpec,
		&sDiffSpec, &sDiffStoreSpec, &sDiffCardSpec,
	}
}

// readSet returns the set at k, to read.
func readSet(c *cmdspec.Ctx, k keyspace.Key) (s value.Set, found bool, err error) {
	cell, found, err := c.Tx.ReadCell(k, keyspace.TypeSet)
	return value.Set{Cell: cell}, found, err
}

// writeSet returns the set at k, to change.
func writeSet(c *cmdspec.Ctx, k keyspace.Key) (s value.Set, found bool, err error) {
	cell, found, err := c.Tx.WriteCell(k, keyspace.TypeSet)
	return value.Set{Cell: cell}, found, err
}

// writeFlag writes 1 or 0.
func writeFlag(c *cmdspec.Ctx, yes bool) {
	if yes {
		c.Reply.Int(1)
	} else {
		c.Reply.Int(0)
	}
}

// makeSet makes k a set of first, to which about n members will be added in all; there is nothing at k.
func makeSet(c *cmdspec.Ctx, k keyspace.Key, first []byte, n int) value.Set {
	enc, size := value.NewSetBody(c.Tx.Limits(), first, n)
	s := value.Set{Cell: c.Tx.NewCell(k, keyspace.TypeSet, enc, size, keyspace.NoTTL)}
	s.Start(first)
	return s
}

var sAddSpec = cmdspec.Spec{
	Name: "sadd", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Adds members to a set, which is made if there is none.",
	Complexity: "O(N) where N is the number of members given.",
	Flags:      cmdspec.Write | cmdspec.DenyOOM | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Insert)},
	Element:    2,
	Args:       "key member [member ...]",
	History:    [][2]string{{"2.4.0", "Several members at once."}},
	Run:        runSAdd,
}

func runSAdd(c *cmdspec.Ctx) error {
	k, members := c.Keys[0], c.Argv[2:]
	var s value.Set
	found, err := c.Tx.OpenCell(&s.Cell, k, keyspace.TypeSet)
	if err != nil {
		return err
	}
	added := 0
	if !found {
		s = makeSet(c, k, members[0], len(members))
		members = members[1:]
		added = 1
	}
	for _, m := range members {
		if !s.Add(m) {
			continue
		}
		if added++; added == 1 {
			s.Expect(len(members))
		}
	}
	if added > 0 {
		c.Tx.Notify(keyspace.ClassSet, "sadd", k)
	}
	c.Reply.Int(int64(added))
	return nil
}

var sRemSpec = cmdspec.Spec{
	Name: "srem", Arity: -3, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Removes members from a set, which goes with its last member.",
	Complexity: "O(N) where N is the number of members given.",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Delete)},
	Element:    2,
	Args:       "key member [member ...]",
	History:    [][2]string{{"2.4.0", "Several members at once."}},
	Run:        runSRem,
}

func runSRem(c *cmdspec.Ctx) error {
	k := c.Keys[0]
	s, found, err := writeSet(c, k)
	if err != nil {
		return err
	}
	removed := 0
	for _, m := range c.Argv[2:] {
		if found && s.Remove(m) {
			removed++
			found = s.Len() > 0
		}
	}
	if removed > 0 {
		c.Tx.Notify(keyspace.ClassSet, "srem", k)
		if !found {
			removeEmpty(c, k)
		}
	}
	c.Reply.Int(int64(removed))
	return nil
}

var sMoveSpec = cmdspec.Spec{
	Name: "smove", Arity: 4, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Moves a member from one set to another.",
	Complexity: "O(1)",
	Flags:      cmdspec.Write | cmdspec.Fast,
	Keys: []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RW|cmdspec.Access|cmdspec.Delete),
		cmdspec.Key(2, cmdspec.RW|cmdspec.Insert)},
	Element: 3,
	Args:    "source destination member",
	Run:     runSMove,
}

func runSMove(c *cmdspec.Ctx) error {
	src, dst, member := c.Keys[0], c.Keys[1], c.Argv[3]
	from, found, err := writeSet(c, src)
	_, _, dstErr := writeSet(c, dst)
	switch {
	case err != nil:
		return err
	case !found:
		c.Reply.Int(0)
		return nil
	case dstErr != nil:
		return dstErr
	}
	moved := from.Has(member)
	if moved && string(src.Name) != string(dst.Name) {
		moveMember(c, &from, src, dst, member)
	}
	writeFlag(c, moved)
	return nil
}

func moveMember(c *cmdspec.Ctx, from *value.Set, src, dst keyspace.Key, member []byte) {
	from.Remove(member)
	c.Tx.Notify(keyspace.ClassSet, "srem", src)
	if from.Len() == 0 {
		removeEmpty(c, src)
	}
	to, found, _ := writeSet(c, dst)
	if found && !to.Add(member) {
		return
	}
	if !found {
		makeSet(c, dst, member, 1)
	}
	c.Tx.Notify(keyspace.ClassSet, "sadd", dst)
}

var sIsMemberSpec = cmdspec.Spec{
	Name: "sismember", Arity: 3, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Says whether something is a member of a set.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Element:    2,
	Args:       "key member",
	Run:        runSIsMember,
}

func runSIsMember(c *cmdspec.Ctx) error {
	s, found, err := readSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	writeFlag(c, found && s.Has(c.Argv[2]))
	return nil
}

var sMIsMemberSpec = cmdspec.Spec{
	Name: "smismember", Arity: -3, Since: "6.2.0", Group: cmdspec.GroupSet,
	Summary:    "Says of several things whether they are members of a set.",
	Complexity: "O(N) where N is the number of members asked for.",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Element:    2,
	Args:       "key member [member ...]",
	Run:        runSMIsMember,
}

func runSMIsMember(c *cmdspec.Ctx) error {
	s, found, err := readSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	members := c.Argv[2:]
	c.Reply.Array(len(members))
	for _, m := range members {
		writeFlag(c, found && s.Has(m))
	}
	return nil
}

var sCardSpec = cmdspec.Spec{
	Name: "scard", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Returns the number of members of a set.",
	Complexity: "O(1)",
	Flags:      cmdspec.ReadOnly | cmdspec.Fast,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO)},
	Args:       "key",
	Run:        runSCard,
}

func runSCard(c *cmdspec.Ctx) error {
	s, found, err := readSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	n := 0
	if found {
		n = s.Len()
	}
	c.Reply.Int(int64(n))
	return nil
}

var sMembersSpec = cmdspec.Spec{
	Name: "smembers", Arity: 2, Since: "1.0.0", Group: cmdspec.GroupSet,
	Summary:    "Returns all members of a set.",
	Complexity: "O(N) where N is the number of members.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key",
	Tips:       []string{"nondeterministic_output_order"},
	Run:        runSMembers,
}

func runSMembers(c *cmdspec.Ctx) error {
	s, found, err := readSet(c, c.Keys[0])
	if err != nil {
		return err
	}
	if !found {
		c.Reply.Set(0)
		return nil
	}
	writeMembers(c, &s)
	return nil
}

// writeMembers writes a whole set.
func writeMembers(c *cmdspec.Ctx, s *value.Set) {
	c.Reply.Set(s.Len())
	var w value.Wave
	for walk := s.Walk(); walk.Next(&w); {
		for i := range w.Len() {
			c.Reply.Bulk(w.Member(i))
		}
	}
}

var sScanSpec = cmdspec.Spec{
	Name: "sscan", Arity: -3, Since: "2.8.0", Group: cmdspec.GroupSet,
	Summary:    "Goes through the members of a set in small steps.",
	Complexity: "O(1) for a step, O(N) for all steps from the cursor 0 until it is 0 again, where N is the number of members.",
	Flags:      cmdspec.ReadOnly,
	Keys:       []cmdspec.KeySpec{cmdspec.Key(1, cmdspec.RO|cmdspec.Access)},
	Args:       "key cursor [MATCH pattern] [COUNT count]",
	Tips:       []string{"nondeterministic_output"},
	Run:        runSScan,
}

func runSScan(c *cmdspec.Ctx) error {
	scan, found, err := beginScan(c, keyspace.TypeSet, nil)
	if err != nil || !found {
		return err
	}
	s := value.Set{Cell: scan.cell}
	var members nameList
	next := s.Scan(scan.cursor, scan.count, func(m []byte) {
		if scan.matches(m) {
			members.add(m)
		}
	})
	writeScan(c.Reply, next, &members)
	return nil
}
