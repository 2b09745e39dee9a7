package benchmark

import "testing"

func TestScannerAtEveryCut(t *testing.T) {
	stream := "+OK\r\n$3\r\na\r\n\r\n$-1\r\n:42\r\n-ERR no\r\n$0\r\n\r\n-ERR later\r\n" +
		"*0\r\n*-1\r\n*3\r\n$2\r\nab\r\n*2\r\n:1\r\n:2\r\n:3\r\n*1\r\n*1\r\n*2\r\n+a\r\n$1\r\nb\r\n" +
		// The third version: a push is no reply, an attribute belongs to the next.
		"_\r\n,1.5\r\n#t\r\n(123\r\n>2\r\n+a\r\n*1\r\n:1\r\n=5\r\ntxt:x\r\n%1\r\n+k\r\n~2\r\n:1\r\n:2\r\n" +
		"|1\r\n+a\r\n+b\r\n:5\r\n*1\r\n|1\r\n+a\r\n+b\r\n:5\r\n"
	for cut := range len(stream) {
		var s scanner
		s.scan([]byte(stream[:cut]))
		s.scan([]byte(stream[cut:]))
		if s.replies != 19 || s.nulls != 3 || string(s.failure) != "ERR no" {
			t.Errorf("cut at %d: %d replies, %d nulls, failure %q", cut, s.replies, s.nulls, s.failure)
		}
	}
}

func FuzzScanner(f *testing.F) {
	f.Add([]byte("*2\r\n:1\r\n$1\r\nx\r\n"), 3)
	f.Add([]byte("|1\r\n+a\r\n%2\r\n"), 1)
	f.Add([]byte("$99999999999999999999\r\n"), 5)
	f.Fuzz(func(t *testing.T, in []byte, cut int) {
		cut = min(max(cut, 0), len(in))
		var whole, parts scanner
		whole.scan(in)
		parts.scan(in[:cut])
		parts.scan(in[cut:])
		if whole.replies != parts.replies || whole.nulls != parts.nulls || whole.failed != parts.failed || whole.replies > len(in) {
			t.Errorf("%d replies, %d nulls; cut at %d: %d, %d", whole.replies, whole.nulls, cut, parts.replies, parts.nulls)
		}
	})
}
