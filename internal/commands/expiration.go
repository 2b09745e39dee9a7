package commands

import (
	"math"
	"strconv"

	"github.com/redstart-db/redstart/internal/cmdspec"
	"github.com/redstart-db/redstart/internal/keyspace"
)

// expireUnit is the option that gave an expiry.
type expireUnit uint8

const (
	expireNone expireUnit = iota
	expireEX
	expirePX
	expireEXAT
	expirePXAT
	expireKeep    // KEEPTTL
	expirePersist // PERSIST
)

var expireWords = [...]string{expireEX: "EX", expirePX: "PX", expireEXAT: "EXAT", expirePXAT: "PXAT",
	expireKeep: "KEEPTTL", expirePersist: "PERSIST"}

// expiration is the expiry that the options of a command ask for: at most one
// of several, which may be repeated, with its value still a word.
type expiration struct {
	unit expireUnit
	word []byte
}

// match takes an expiration option with a value. A second one of another kind
// is a syntax error.
func (e *expiration) match(a *cmdspec.Args) bool {
	for unit := expireEX; unit <= expirePXAT; unit++ {
		if a.MatchValue(expireWords[unit]) {
			e.set(a, unit)
			e.word = a.Next()
			return true
		}
	}
	return false
}

// matchFlag takes KEEPTTL or PERSIST.
func (e *expiration) matchFlag(a *cmdspec.Args, unit expireUnit) bool {
	if !a.Match(expireWords[unit]) {
		return false
	}
	e.set(a, unit)
	return true
}

func (e *expiration) set(a *cmdspec.Args, unit expireUnit) {
	if e.unit != expireNone && e.unit != unit {
		a.Fail(cmdspec.ErrSyntax)
	}
	e.unit = unit
}

// absolute says whether the option gave a point in time.
func (e *expiration) absolute() bool { return e.unit == expireEXAT || e.unit == expirePXAT }

// timed says whether the option has a value.
func (e *expiration) timed() bool { return expireEX <= e.unit && e.unit <= expirePXAT }

// at is the expiry in Unix milliseconds; NoTTL or KeepTTL where the option has
// no value.
func (e *expiration) at(c *cmdspec.Ctx) (keyspace.TTL, error) {
	switch e.unit {
	case expireNone, expirePersist:
		return keyspace.NoTTL, nil
	case expireKeep:
		return keyspace.KeepTTL, nil
	}
	n, ok := cmdspec.ParseInt(e.word)
	if !ok {
		return 0, cmdspec.ErrNotInteger
	}
	seconds := e.unit == expireEX || e.unit == expireEXAT
	if n <= 0 || seconds && n > math.MaxInt64/1000 {
		return 0, errExpireTime(c)
	}
	if seconds {
		n *= 1000
	}
	if !e.absolute() {
		if n > math.MaxInt64-c.Tx.Now() {
			return 0, errExpireTime(c)
		}
		n += c.Tx.Now()
	}
	return keyspace.TTL(n), nil
}

func errExpireTime(c *cmdspec.Ctx) error {
	return cmdspec.Errorf("ERR invalid expire time in '%s' command", c.Spec.FullName)
}

// ttlWord and intWord are numbers in decimal, for the journal.
func ttlWord(at keyspace.TTL) []byte { return intWord(int64(at)) }

func intWord(n int64) []byte { return strconv.AppendInt(nil, n, 10) }

// setAt sets a string that a client asked for with an expiry, notifies, and
// journals the expiry as a point in time.
func setAt(c *cmdspec.Ctx, k keyspace.Key, v []byte, at keyspace.TTL) {
	c.Tx.SetString(k, v, at)
	c.Tx.Notify(keyspace.ClassString, "set", k)
	if at > 0 {
		c.Tx.Effect(wordSet, k.Name, v, wordPXAt, ttlWord(at))
		c.Tx.Notify(keyspace.ClassGeneric, "expire", k)
	}
}
