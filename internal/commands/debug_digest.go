package commands

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/hex"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// A dataDigest is the hash of DEBUG DIGEST, the same as Redis 7 computes of
// the same data, so that two servers can be compared. Parts whose order
// matters are mixed in one after the other; those in no order, as keys, are
// xored: 0 stands for nothing.
type dataDigest [sha1.Size]byte

// xor adds a part in no order.
func (g *dataDigest) xor(part []byte) {
	h := sha1.Sum(part)
	for i := range g {
		g[i] ^= h[i]
	}
}

// mix adds the next part.
func (g *dataDigest) mix(part []byte) {
	g.xor(part)
	*g = sha1.Sum(g[:])
}

func (g *dataDigest) mixInt(n uint32) {
	var b [4]byte
	binary.BigEndian.PutUint32(b[:], n)
	g.mix(b[:])
}

// value adds the type, the value and the presence of an expiry.
func (g *dataDigest) value(e keyspace.Entry, now int64) {
	g.mixInt(typeNumber(e.Type()))
	if e.Type() == keyspace.TypeString {
		var scratch [20]byte
		g.mix(e.Bytes(scratch[:0]))
	} else {
		ordered := e.Type() == keyspace.TypeList || e.Type() == keyspace.TypeStream
		eachElement(e, now, func(el element) { g.element(el, ordered) })
	}
	if e.ExpireAt() != 0 {
		g.xor([]byte("!!expire!!"))
	}
}

// typeNumber is the number that Redis has for a type. Before streams it counts modules.
func typeNumber(t keyspace.Type) uint32 {
	if t == keyspace.TypeStream {
		return uint32(t) + 1
	}
	return uint32(t)
}

// digestType is the number Redis gives a type: modules come before streams.
func digestType(t keyspace.Type) uint32 {
	if t == keyspace.TypeStream {
		return 6
	}
	return uint32(t)
}

// element adds an element. Whether a field expires counts, but not when, as with keys.
func (g *dataDigest) element(el element, ordered bool) {
	switch {
	case ordered:
		g.mix(el.a)
		if el.pair {
			g.mix(el.b)
		}
	case !el.pair:
		g.xor(el.a)
	default:
		var own dataDigest
		own.mix(el.a)
		own.mix(el.b)
		if el.expires {
			own.xor([]byte("!!hexpire!!"))
		}
		g.xor(own[:])
	}
}

func (g *dataDigest) write(c *cmdspec.Ctx) { c.Reply.Simple(hex.EncodeToString(g[:])) }

func (d *Deps) debugDigest(c *cmdspec.Ctx) error {
	var all dataDigest
	own := c.Tx.DB()
	for db := range d.Databases {
		c.Tx.SetDB(db)
		if c.Tx.DBSize() == 0 {
			continue
		}
		all.mixInt(uint32(db))
		c.Tx.Each(func(e keyspace.Entry) bool {
			var key dataDigest
			key.mix(e.Name())
			key.value(e, c.Tx.Now())
			all.xor(key[:])
			return true
		})
	}
	c.Tx.SetDB(own)
	all.write(c)
	return nil
}

func (d *Deps) debugDigestValue(c *cmdspec.Ctx) error {
	names := c.Argv[2:]
	c.Reply.Array(len(names))
	for _, name := range names {
		var g dataDigest
		if e, found := c.Tx.Peek(c.Tx.Key(name)); found {
			g.value(e, c.Tx.Now())
		}
		g.write(c)
	}
	return nil
}
