//go:build linux

package main

import "testing"

func TestRequestPatch(t *testing.T) {
	r := newRequest("SET", "key:00####", "v###")
	b := []byte(r.text)
	r.patch(b, 1234)
	r.patch(b, 57)
	want := "*3\r\n$3\r\nSET\r\n$10\r\nkey:000057\r\n$4\r\nv057\r\n"
	if string(b) != want {
		t.Errorf("patched to %q, want %q", b, want)
	}
}

func TestRequestNoise(t *testing.T) {
	r := newRequest("ZADD", "z", "0.@@@", "m##")
	b := []byte(r.text)
	r.patch(b, 7)
	r.patchNoise(b, 1042)
	if want := "*4\r\n$4\r\nZADD\r\n$1\r\nz\r\n$5\r\n0.042\r\n$3\r\nm07\r\n"; string(b) != want {
		t.Errorf("patched to %q, want %q", b, want)
	}
}

func TestScannerAtEveryCut(t *testing.T) {
	stream := "+OK\r\n$3\r\na\r\n\r\n$-1\r\n:42\r\n-ERR no\r\n$0\r\n\r\n-ERR later\r\n" +
		"*0\r\n*-1\r\n*3\r\n$2\r\nab\r\n*2\r\n:1\r\n:2\r\n:3\r\n*1\r\n*1\r\n*2\r\n+a\r\n$1\r\nb\r\n"
	for cut := range len(stream) {
		var s scanner
		s.scan([]byte(stream[:cut]))
		s.scan([]byte(stream[cut:]))
		if s.replies != 11 || s.nulls != 2 || string(s.failure) != "ERR no" {
			t.Errorf("cut at %d: %d replies, %d nulls, failure %q", cut, s.replies, s.nulls, s.failure)
		}
	}
}
