package resp

import (
	"math"
	"strconv"
)

// A Writer appends replies to Buf in the protocol version Proto (2 or 3).
// It never fails; whoever owns it takes Buf, at the end or, so that a large
// reply is never there as a whole, in pieces (Spill).
// RESP3 types degrade to what Redis sends a RESP2 client.
type Writer struct {
	Buf   []byte
	Proto int

	// Spill takes what is in Buf. It is called by methods that write elements
	// when Buf is, or would become, longer than Limit. Nil: everything stays in Buf.
	Spill func()
	Limit int

	// Lost is set by Spill if nobody will read the reply. Who writes one that is as long
	// as the client says clears it before, and stops when it is set.
	Lost bool

	open int // what Open began and nothing has closed
}

// minPiece is the least of a string that is written at once.
const minPiece = 4 << 10

// AppendInt appends an integer reply.
func AppendInt(b []byte, n int64) []byte {
	b = append(b, ':')
	b = strconv.AppendInt(b, n, 10)
	return append(b, '\r', '\n')
}

// AppendBulk appends a bulk string.
func AppendBulk[T []byte | string](b []byte, s T) []byte {
	b = appendHeader(b, '$', len(s))
	b = append(b, s...)
	return append(b, '\r', '\n')
}

func appendHeader(b []byte, kind byte, n int) []byte {
	switch u := uint(n); {
	case u < 10:
		return append(b, kind, byte('0'+u), '\r', '\n')
	case u < 100: // most members, fields and values
		return append(b, kind, byte('0'+u/10), byte('0'+u%10), '\r', '\n')
	}
	b = append(b, kind)
	b = strconv.AppendInt(b, int64(n), 10)
	return append(b, '\r', '\n')
}

// Int writes an integer.
func (w *Writer) Int(n int64) {
	w.Buf = AppendInt(w.Buf, n)
	w.spillFull()
}

// Bulk writes a bulk string.
func (w *Writer) Bulk(s []byte) {
	if len(w.Buf)+len(s) > w.Limit && w.spills() {
		w.spillBulk(s)
		return
	}
	w.Buf = AppendBulk(w.Buf, s)
}

func (w *Writer) spills() bool { return w.Spill != nil && w.open == 0 }

func (w *Writer) spillBulk(s []byte) {
	w.Buf = appendHeader(w.Buf, '$', len(s))
	w.spillBytes(s)
	w.Buf = append(w.Buf, '\r', '\n')
}

// spillBytes writes b in pieces, each as long as there is room.
func (w *Writer) spillBytes(b []byte) {
	for len(b) > 0 {
		if w.Limit-len(w.Buf) < minPiece {
			w.Spill()
		}
		n := min(len(b), max(w.Limit-len(w.Buf), minPiece))
		w.Buf = append(w.Buf, b[:n]...)
		b = b[n:]
	}
}

// spillFull makes room if Buf is full.
func (w *Writer) spillFull() {
	if len(w.Buf) > w.Limit && w.spills() {
		w.Spill()
	}
}

// Raw writes replies that are ready.
func (w *Writer) Raw(b []byte) {
	if len(w.Buf)+len(b) > w.Limit && w.spills() {
		w.spillBytes(b)
		return
	}
	w.Buf = append(w.Buf, b...)
}

// Open begins an array, a set or a map whose length is not known yet; the Close method
// of it, which gets what Open returned, ends it. Until then all stays in Buf.
func (w *Writer) Open() (at int) {
	w.open++
	return len(w.Buf)
}

// CloseArray ends an array of n replies.
func (w *Writer) CloseArray(at, n int) { w.close(at, n, (*Writer).Array) }

// CloseSet ends a set of n replies.
func (w *Writer) CloseSet(at, n int) { w.close(at, n, (*Writer).Set) }

// CloseMap ends a map of n pairs.
func (w *Writer) CloseMap(at, n int) { w.close(at, n, (*Writer).Map) }

// Abandon takes back what Open began, with all that was written since.
func (w *Writer) Abandon(at int) {
	w.open--
	w.Buf = w.Buf[:at]
}

func (w *Writer) close(at, n int, header func(*Writer, int)) {
	end := len(w.Buf)
	header(w, n) // still open: what is in Buf must not leave
	w.open--
	size := len(w.Buf) - end
	var text [24]byte
	copy(text[:], w.Buf[end:])
	copy(w.Buf[at+size:], w.Buf[at:end])
	copy(w.Buf[at:], text[:size])
}

// BulkString is Bulk of a Go string.
func (w *Writer) BulkString(s string) { w.Buf = AppendBulk(w.Buf, s) }

// BulkInt writes the decimal digits of n as a bulk string.
func (w *Writer) BulkInt(n int64) {
	var digits [20]byte
	w.Bulk(strconv.AppendInt(digits[:0], n, 10))
}

// Simple writes a status reply; s must hold no line break.
func (w *Writer) Simple(s string) {
	w.Buf = append(w.Buf, '+')
	w.Buf = append(w.Buf, s...)
	w.Buf = append(w.Buf, '\r', '\n')
}

// OK writes the status reply of a command that succeeded.
func (w *Writer) OK() { w.Buf = append(w.Buf, "+OK\r\n"...) }

// Error writes an error reply. The text starts with its code ("ERR ...");
// line breaks in it, which could come from a client, become spaces.
func (w *Writer) Error(text string) {
	w.Buf = append(w.Buf, '-')
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c == '\r' || c == '\n' {
			c = ' '
		}
		w.Buf = append(w.Buf, c)
	}
	w.Buf = append(w.Buf, '\r', '\n')
}

// Null writes the absence of a value: a null bulk string in RESP2.
func (w *Writer) Null() {
	w.spillFull()
	if w.Proto == 3 {
		w.Buf = append(w.Buf, "_\r\n"...)
		return
	}
	w.Buf = append(w.Buf, "$-1\r\n"...)
}

// NullArray writes the absence of an array: a null array in RESP2.
func (w *Writer) NullArray() {
	if w.Proto == 3 {
		w.Buf = append(w.Buf, "_\r\n"...)
		return
	}
	w.Buf = append(w.Buf, "*-1\r\n"...)
}

// Array opens an array of n replies.
func (w *Writer) Array(n int) {
	w.spillFull()
	w.Buf = appendHeader(w.Buf, '*', n)
}

// Map opens a map of n pairs: a flat array of 2n replies in RESP2.
func (w *Writer) Map(n int) {
	if w.Proto == 3 {
		w.Buf = appendHeader(w.Buf, '%', n)
		return
	}
	w.Array(2 * n)
}

// Set opens a set of n replies: an array in RESP2.
func (w *Writer) Set(n int) {
	if w.Proto == 3 {
		w.Buf = appendHeader(w.Buf, '~', n)
		return
	}
	w.Array(n)
}

// Push opens an out-of-band message of n replies: an array in RESP2.
func (w *Writer) Push(n int) {
	if w.Proto == 3 {
		w.Buf = appendHeader(w.Buf, '>', n)
		return
	}
	w.Array(n)
}

// Bool writes a boolean: 1 or 0 in RESP2.
func (w *Writer) Bool(v bool) {
	switch {
	case w.Proto == 3 && v:
		w.Buf = append(w.Buf, "#t\r\n"...)
	case w.Proto == 3:
		w.Buf = append(w.Buf, "#f\r\n"...)
	case v:
		w.Int(1)
	default:
		w.Int(0)
	}
}

// Double writes a float in the shortest form that reads back equal (17
// significant digits as C's %.17g prints them): a bulk string in RESP2.
func (w *Writer) Double(f float64) {
	var digits [40]byte
	text := AppendDouble(digits[:0], f)
	if w.Proto == 3 {
		w.Buf = append(w.Buf, ',')
		w.Buf = append(w.Buf, text...)
		w.Buf = append(w.Buf, '\r', '\n')
		w.spillFull()
		return
	}
	w.Bulk(text)
}

// DoubleText writes a number whose digits are given: a bulk string in RESP2.
func (w *Writer) DoubleText(digits []byte) {
	if w.Proto != 3 {
		w.Bulk(digits)
		return
	}
	w.Buf = append(w.Buf, ',')
	w.Buf = append(w.Buf, digits...)
	w.Buf = append(w.Buf, '\r', '\n')
}

// AppendDouble appends f as C's %.17g does, with inf, -inf and nan for what
// has no digits.
func AppendDouble(b []byte, f float64) []byte {
	switch {
	case math.IsInf(f, 1):
		return append(b, "inf"...)
	case math.IsInf(f, -1):
		return append(b, "-inf"...)
	case math.IsNaN(f):
		return append(b, "nan"...)
	case f == math.Trunc(f) && math.Abs(f) < 1e17:
		if f == 0 && math.Signbit(f) {
			return append(b, "-0"...)
		}
		return strconv.AppendInt(b, int64(f), 10)
	}
	return strconv.AppendFloat(b, f, 'g', 17, 64)
}

// Verbatim writes text with a three-letter format ("txt", "mkd"): a bulk
// string in RESP2.
func (w *Writer) Verbatim(format, text string) {
	if w.Proto != 3 {
		w.BulkString(text)
		return
	}
	w.Buf = appendHeader(w.Buf, '=', len(format)+1+len(text))
	w.Buf = append(w.Buf, format...)
	w.Buf = append(w.Buf, ':')
	w.Buf = append(w.Buf, text...)
	w.Buf = append(w.Buf, '\r', '\n')
}

// BigNumber writes decimal digits of any length: a bulk string in RESP2.
func (w *Writer) BigNumber(digits string) {
	if w.Proto != 3 {
		w.BulkString(digits)
		return
	}
	w.Buf = append(w.Buf, '(')
	w.Buf = append(w.Buf, digits...)
	w.Buf = append(w.Buf, '\r', '\n')
}

// Attribute opens an attribute of n pairs; it exists in RESP3 alone.
func (w *Writer) Attribute(n int) { w.Buf = appendHeader(w.Buf, '|', n) }
