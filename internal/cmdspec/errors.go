package cmdspec

import "fmt"

// Error is the text of an error reply, code first. Handlers return it; the
// session writes it.
type Error string

func (e Error) Error() string { return string(e) }

// Errorf makes an Error of a format; for the texts that name an argument.
// What is a []byte is shown as C shows it, up to the first NUL.
func Errorf(format string, args ...any) error {
	for i, a := range args {
		if b, ok := a.([]byte); ok {
			args[i] = shown(b, len(b))
		}
	}
	return Error(fmt.Sprintf(format, args...))
}

// The error texts that more than one command uses, identical to Redis's.
const (
	ErrSyntax        = Error("ERR syntax error")
	ErrNotInteger    = Error("ERR value is not an integer or out of range")
	ErrNotFloat      = Error("ERR value is not a valid float")
	ErrOutOfRange    = Error("ERR value is out of range")
	ErrPositive      = Error("ERR value is out of range, must be positive")
	ErrNoSuchKey     = Error("ERR no such key")
	ErrSameObject    = Error("ERR source and destination objects are the same")
	ErrDBIndex       = Error("ERR DB index is out of range")
	ErrBadDBIndex    = Error("ERR invalid DB index")
	ErrOverflow      = Error("ERR increment or decrement would overflow")
	ErrNaNOrInf      = Error("ERR increment would produce NaN or Infinity")
	ErrOffset        = Error("ERR offset is out of range")
	ErrTooLong       = Error("ERR string exceeds maximum allowed size (proto-max-bulk-len)")
	ErrInvalidCursor = Error("ERR invalid cursor")
	ErrWrongType     = Error("WRONGTYPE Operation against a key holding the wrong kind of value")
	ErrOOM           = Error("OOM command not allowed when used memory > 'maxmemory'.")
	ErrNoAuth        = Error("NOAUTH Authentication required.")
)
