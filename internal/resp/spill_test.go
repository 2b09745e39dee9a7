package resp

import (
	"bytes"
	"strings"
	"testing"
)

// TestSpill writes the same replies to a writer that spills and one that does not.
func TestSpill(t *testing.T) {
	for i, limit := range []int{0, 0, 10, 10, 1000, 1000, 100_000, 100_000} {
		var sent []byte
		proto := 2 + i%2
		w := Writer{Proto: proto, Limit: limit}
		w.Spill = func() {
			if w.open > 0 {
				t.Error("spilled with a length outstanding")
			}
			sent = append(sent, w.Buf...)
			w.Buf = w.Buf[:0]
		}
		plain := Writer{Proto: proto}
		for _, r := range []*Writer{&w, &plain} {
			for _, n := range []int{0, 1, 100, 999, 1000, 70_000, 200_000} {
				r.Array(7)
				r.BulkString("x")
				r.Bulk(bytes.Repeat([]byte{'b'}, n))
				r.Int(int64(n))
				r.Null()
				r.Double(1.5)
				r.Raw(bytes.Repeat([]byte(":1\r\n"), n))
				at := r.Open()
				inner := r.Open()
				r.Int(1)
				r.CloseArray(inner, 1)
				r.Bulk(bytes.Repeat([]byte{'c'}, n))
				r.CloseSet(at, 2)
			}
		}
		if got := string(sent) + string(w.Buf); got != string(plain.Buf) {
			t.Errorf("limit %d: %d bytes, want %d", limit, len(got), len(plain.Buf))
		}
		if limit < 1000 && len(w.Buf) > 250_000 {
			t.Errorf("limit %d: %d bytes were kept", limit, len(w.Buf))
		}
	}
}

func TestOpenArrays(t *testing.T) {
	var w Writer
	w.Proto = 3
	at := w.Open()
	for range 12 {
		inner := w.Open()
		w.CloseSet(inner, 0)
	}
	w.CloseArray(at, 12)
	if want := "*12\r\n" + strings.Repeat("~0\r\n", 12); string(w.Buf) != want {
		t.Errorf("%q", w.Buf)
	}
}
