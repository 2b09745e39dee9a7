package client

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const testMark = "0123456789abcdef0123456789abcdef01234567"

// A transfer is the same in one piece and byte by byte, and what follows it stays.
func TestTransfer(t *testing.T) {
	long := strings.Repeat(testMark[:39]+"x", 5000)
	for stream, want := range map[string]string{
		"\n\n$5\r\nhello":                      "hello",
		"$0\r\n":                               "",
		"$EOF:" + testMark + "\r\n" + testMark: "",
		"\n$EOF:" + testMark + "\r\n" + long + testMark: long,
	} {
		for _, in := range []io.Reader{strings.NewReader(stream + "+next\r\n"), iotest.OneByteReader(strings.NewReader(stream + "+next\r\n"))} {
			r := NewReader(in)
			transfer, err := r.transfer()
			if err != nil {
				t.Fatalf("%.60q: %v", stream, err)
			}
			var got bytes.Buffer
			if n, err := transfer.WriteTo(&got); err != nil || got.String() != want || n != int64(len(want)) {
				t.Errorf("%.60q: %d bytes, %v", stream, n, err)
			}
			if next, err := r.Read(); err != nil || string(next.Text) != "next" {
				t.Errorf("%.60q: then %+v, %v", stream, next, err)
			}
		}
	}
	for stream, want := range map[string]string{"-ERR no\r\n": "ERR no", "+OK\r\n": "Bad length of a transfer", "$-1\r\n": "Bad length of a transfer", "\n": "EOF"} {
		if _, err := NewReader(strings.NewReader(stream)).transfer(); err == nil || err.Error() != want {
			t.Errorf("%q: %v", stream, err)
		}
	}
}

// Whatever a server sends for a transfer, it ends, and nothing is made up.
func FuzzTransfer(f *testing.F) {
	f.Add([]byte("$3\r\nabc"))
	f.Add([]byte("$EOF:" + testMark + "\r\nabc" + testMark))
	f.Add([]byte("\n\n-ERR\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		transfer, err := NewReader(bytes.NewReader(in)).transfer()
		if err != nil {
			return
		}
		var got bytes.Buffer
		if n, err := transfer.WriteTo(&got); err == nil && (int64(got.Len()) != n || !bytes.Contains(in, got.Bytes())) {
			t.Errorf("%d bytes, %q", n, got.Bytes())
		}
	})
}
