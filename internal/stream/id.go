package stream

import (
	"math"
	"strconv"
)

// An ID is the place of an entry in its log: Unix milliseconds, and a number
// among the entries of the same millisecond.
type ID struct{ MS, Seq uint64 }

// MaxID is the greatest ID.
var MaxID = ID{math.MaxUint64, math.MaxUint64}

// Less says whether a comes before b.
func (a ID) Less(b ID) bool { return a.MS < b.MS || a.MS == b.MS && a.Seq < b.Seq }

// IsZero says whether a is 0-0, which no entry has.
func (a ID) IsZero() bool { return a == ID{} }

// Next is the ID after a; ok is false if a is the greatest.
func (a ID) Next() (next ID, ok bool) {
	if a.Seq < math.MaxUint64 {
		return ID{a.MS, a.Seq + 1}, true
	}
	if a.MS < math.MaxUint64 {
		return ID{a.MS + 1, 0}, true
	}
	return a, false
}

// Prev is the ID before a; ok is false if a is the least.
func (a ID) Prev() (prev ID, ok bool) {
	if a.Seq > 0 {
		return ID{a.MS, a.Seq - 1}, true
	}
	if a.MS > 0 {
		return ID{a.MS - 1, math.MaxUint64}, true
	}
	return a, false
}

// AppendText appends the ID as clients know it.
func (a ID) AppendText(b []byte) []byte {
	b = strconv.AppendUint(b, a.MS, 10)
	b = append(b, '-')
	return strconv.AppendUint(b, a.Seq, 10)
}

func (a ID) String() string { return string(a.AppendText(nil)) }
