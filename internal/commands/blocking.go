package commands

import (
	"math"

	"github.com/redstart-db/redstart/internal/cmdspec"
)

const (
	errTimeoutFloat    = cmdspec.Error("ERR timeout is not a float or out of range")
	errTimeoutInteger  = cmdspec.Error("ERR timeout is not an integer or out of range")
	errTimeoutRange    = cmdspec.Error("ERR timeout is out of range")
	errTimeoutNegative = cmdspec.Error("ERR timeout is negative")
)

// parseTimeout reads a timeout in seconds, which may have a fraction, as the
// time at which it ends (Unix milliseconds); 0 if it never does.
func parseTimeout(word []byte, now int64) (deadline int64, err error) {
	x, ok := parseLongDouble(word)
	if !ok {
		return 0, errTimeoutFloat
	}
	ms := math.Ceil(x.float64() * 1000)
	if math.Abs(ms) >= 1<<63 { // what C makes of it is negative
		return 0, errTimeoutNegative
	}
	return endOf(int64(ms), now)
}

// float64 is x as a double; infinite if it is too large for one.
func (x longDouble) float64() float64 {
	f := math.Ldexp(float64(x.mant), x.exp)
	if x.inf {
		f = math.Inf(1)
	}
	if x.neg {
		f = -f
	}
	return f
}

// parseMilliTimeout is parseTimeout of whole milliseconds.
func parseMilliTimeout(word []byte, now int64) (deadline int64, err error) {
	ms, ok := cmdspec.ParseInt(word)
	if !ok {
		return 0, errTimeoutInteger
	}
	return endOf(ms, now)
}

func endOf(ms, now int64) (deadline int64, err error) {
	switch {
	case ms < 0:
		return 0, errTimeoutNegative
	case ms == 0:
		return 0, nil
	case ms > math.MaxInt64-now:
		return 0, errTimeoutRange
	}
	return now + ms, nil
}
