package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

// The words of journalled commands on fields.
var (
	wordFields     = []byte("FIELDS")
	wordHDel       = []byte("HDEL")
	wordHPersist   = []byte("HPERSIST")
	wordHPExpireAt = []byte("HPEXPIREAT")
	wordHSet       = []byte("HSET")
	wordHSetEx     = []byte("HSETEX")
	wordOne        = []byte("1")
)

const (
	errFieldsPlace    = cmdspec.Error("ERR Mandatory argument FIELDS is missing or not at the right position")
	errFieldsCount    = cmdspec.Error("ERR Number of fields must be a positive integer")
	errFieldsMatch    = cmdspec.Error("ERR The `numfields` parameter must match the number of arguments")
	errFieldsTwice    = cmdspec.Error("ERR FIELDS keyword specified multiple times")
	errFieldsShort    = cmdspec.Error("ERR FIELDS requires at least numfields and one field argument")
	errFieldsMissing  = cmdspec.Error("ERR missing FIELDS argument")
	errNumFields      = cmdspec.Error("ERR Parameter `numFields` should be greater than 0")
	errFieldsNumber   = cmdspec.Error("ERR invalid number of fields")
	errTooFewWords    = cmdspec.Error("ERR wrong number of arguments")
	errConditions     = cmdspec.Error("ERR Multiple condition flags specified")
	errNegativeExpiry = cmdspec.Error("ERR invalid expire time, must be >= 0")
	errNoExpiry       = cmdspec.Error("ERR missing expire time")
	errOneGetExpiry   = cmdspec.Error("ERR Only one of EX, PX, EXAT, PXAT or PERSIST arguments can be specified")
	errOneSetExpiry   = cmdspec.Error("ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified")
	errOneCondition   = cmdspec.Error("ERR Only one of FXX or FNX arguments can be specified")
)

// strictFields are the fields of a command whose words are FIELDS numfields field ... and nothing else.
func strictFields(c *cmdspec.Ctx) ([][]byte, error) {
	if !cmdspec.EqualFold(c.Argv[2], "FIELDS") {
		return nil, errFieldsPlace
	}
	n, ok := cmdspec.ParseInt(c.Argv[3])
	switch {
	case !ok || n < 1:
		return nil, errFieldsCount
	case n != int64(len(c.Argv)-4):
		return nil, errFieldsMatch
	}
	return c.Argv[4:], nil
}

// A fieldList is FIELDS numfields field ..., which may stand anywhere among other options.
type fieldList struct {
	words [][]byte
	width int           // words per field
	bad   cmdspec.Error // for a number that is none
}

// take takes the list whose keyword is word i and returns the index of the word after it.
func (l *fieldList) take(argv [][]byte, i int) (next int, err error) {
	switch {
	case l.words != nil:
		return 0, errFieldsTwice
	case i+2 >= len(argv):
		return 0, errFieldsShort
	}
	n, ok := cmdspec.ParseInt(argv[i+1])
	if !ok || n < 1 || n > math.MaxInt32 {
		return 0, l.bad
	}
	next = i + 2 + int(n)*l.width
	if next > len(argv) {
		return 0, errTooFewWords
	}
	l.words = argv[i+2 : next]
	return next, nil
}

// maxFieldExpiry is the latest time a field may expire at, in Unix milliseconds.
const maxFieldExpiry = 1<<46 - 1

// fieldExpiry reads when fields expire, in Unix milliseconds.
func fieldExpiry(c *cmdspec.Ctx, word []byte, unit expireUnit) (at int64, err error) {
	n, ok := cmdspec.ParseInt(word)
	switch {
	case !ok:
		return 0, cmdspec.ErrNotInteger
	case n < 0:
		return 0, errNegativeExpiry
	}
	if unit == expireEX || unit == expireEXAT {
		if n > maxFieldExpiry/1000 {
			return 0, errExpireTime(c)
		}
		n *= 1000
	}
	base := int64(0)
	if unit == expireEX || unit == expirePX {
		base = c.Tx.Now()
	}
	if n > maxFieldExpiry-base {
		return 0, errExpireTime(c)
	}
	return n + base, nil
}

func errUnknownWord(word []byte) error { return cmdspec.Errorf("ERR unknown argument: %s", word) }
