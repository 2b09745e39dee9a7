package client

import (
	"bytes"
	"io"
	"net"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/redstart-db/redstart/internal/resp"
)

// What resp.Writer writes is read again, whole and byte by byte.
func TestReadsWhatTheServerWrites(t *testing.T) {
	w := resp.Writer{Proto: 3}
	w.Map(2)
	w.BulkString("a")
	w.Array(2)
	w.Int(-7)
	w.Null()
	w.Simple("b")
	w.Set(3)
	w.Bool(true)
	w.Double(1.5)
	w.Verbatim("txt", "x:y")
	w.Push(1)
	w.Error("ERR no")
	w.BigNumber("12345678901234567890")
	w.Attribute(1)
	w.BulkString("k")
	w.BulkString("v")
	w.BulkString(strings.Repeat("long", 100_000))
	for _, in := range []io.Reader{bytes.NewReader(w.Buf), iotest.OneByteReader(bytes.NewReader(w.Buf))} {
		r := NewReader(in)
		var got [4]Reply
		for i := range got {
			var err error
			if got[i], err = r.Read(); err != nil {
				t.Fatal(err)
			}
		}
		m := got[0].Items
		if got[0].Kind != Map || len(m) != 4 || string(m[0].Text) != "a" || m[1].Items[0].N != -7 || m[1].Items[1].Kind != Null ||
			m[3].Kind != Set || m[3].Items[0].N != 1 || string(m[3].Items[1].Text) != "1.5" || m[3].Items[2].Format != "txt" || string(m[3].Items[2].Text) != "x:y" {
			t.Errorf("the map is %+v", got[0])
		}
		if got[1].Kind != Push || !got[1].Items[0].IsError() || got[2].Kind != BigNumber || string(got[2].Text) != "12345678901234567890" {
			t.Errorf("got %+v", got[1:3])
		}
		if len(got[3].Text) != 400_000 || string(got[3].Attrs[1].Text) != "v" {
			t.Errorf("%d bytes with %+v", len(got[3].Text), got[3].Attrs)
		}
		if _, err := r.Read(); err != io.EOF {
			t.Errorf("at the end: %v", err)
		}
	}
}

// Do leaves pushes aside.
func TestDoSkipsPushes(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	go io.Copy(io.Discard, b)
	go io.WriteString(b, ">1\r\n+hey\r\n:1\r\n")
	if r, err := NewConn(a).Do("INCR", "x"); err != nil || r.N != 1 {
		t.Errorf("%+v, %v", r, err)
	}
}

// Whatever a server sends, the reader ends with a reply or an error, and takes no more memory than was sent.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"+OK\r\n", "*2\r\n:1\r\n$1\r\nx\r\n", "%1\r\n+a\r\n~1\r\n#t\r\n", "$2147483647\r\nx", "*2147483647\r\n", "|1\r\n+a\r\n+b\r\n_\r\n", "=5\r\ntxt:x\r\n", ",nan\r\n", "*-1\r\n", "!3\r\nERR\r\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		r := NewReader(bytes.NewReader(in))
		for n := 0; ; n++ {
			if _, err := r.Read(); err != nil {
				return
			}
			if n > len(in) {
				t.Fatal("more replies than bytes")
			}
		}
	})
}
