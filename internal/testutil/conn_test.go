package testutil

import (
	"bufio"
	"bytes"
	"testing"
)

func TestReadReply(t *testing.T) {
	for _, c := range []struct {
		in   string
		kind byte
		text string
		null bool
		elem int
	}{
		{"+OK\r\n", '+', "OK", false, 0},
		{"-ERR x\r\n", '-', "ERR x", false, 0},
		{":-5\r\n", ':', "-5", false, 0},
		{"$5\r\na\r\nbc\r\n", '$', "a\r\nbc", false, 0},
		{"$0\r\n\r\n", '$', "", false, 0},
		{"$-1\r\n", '$', "", true, 0},
		{"*-1\r\n", '*', "", true, 0},
		{"_\r\n", '_', "", true, 0},
		{"*2\r\n:1\r\n*1\r\n+x\r\n", '*', "", false, 2},
		{"%1\r\n+k\r\n,1.5\r\n", '%', "", false, 2},
	} {
		r, err := ParseReply(c.in)
		if err != nil || string(r.Raw) != c.in || r.Kind != c.kind || r.Text != c.text || r.Null != c.null || len(r.Elem) != c.elem {
			t.Errorf("%q: %+v, %v", c.in, r, err)
		}
	}
	for _, in := range []string{"", "\n", "+OK\n", "$x\r\n", "$3\r\nab\r\n", "$1\r\nabc", "*2\r\n:1\r\n", "?\r\n", "$-2\r\n"} {
		if r, err := ParseReply(in); err == nil {
			t.Errorf("%q: no error, %+v", in, r)
		}
	}
}

func FuzzReadReply(f *testing.F) {
	f.Add([]byte("*2\r\n$1\r\na\r\n%1\r\n+k\r\n_\r\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		r, err := ReadReply(bufio.NewReader(bytes.NewReader(in)))
		if err == nil && !bytes.HasPrefix(in, r.Raw) {
			t.Errorf("%q was read as %q", in, r.Raw)
		}
	})
}
