//go:build linux

package main

import (
	"fmt"
	"strings"
)

// A request is a command in RESP whose runs of '#' are slots: before each use
// all slots receive the same decimal number, the key's index, with leading zeros.
// Runs of '@' receive another number, which is drawn anew: a score, say. Building
// it once and patching digits keeps the client's cost per request at a few nanoseconds.
type request struct {
	text  string
	slots []slot
	noise []slot
}

type slot struct{ offset, width int }

func newRequest(args ...string) request {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(args))
	for _, a := range args {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(a), a)
	}
	return request{text: b.String(), slots: findSlots(b.String(), '#'), noise: findSlots(b.String(), '@')}
}

func findSlots(text string, mark byte) []slot {
	var slots []slot
	for i := 0; i < len(text); i++ {
		start := i
		for i < len(text) && text[i] == mark {
			i++
		}
		if i > start {
			slots = append(slots, slot{start, i - start})
		}
	}
	return slots
}

// patch writes index into the slots of the request that starts at b[0].
func (r *request) patch(b []byte, index uint32) { patch(b, r.slots, index) }

// patchNoise writes a number into the other slots.
func (r *request) patchNoise(b []byte, number uint32) { patch(b, r.noise, number) }

func patch(b []byte, slots []slot, number uint32) {
	for _, s := range slots {
		n := number
		for i := s.offset + s.width - 1; i >= s.offset; i-- {
			b[i] = '0' + byte(n%10)
			n /= 10
		}
	}
}

// A scanner counts replies in a stream that may be cut anywhere: strings,
// errors, integers, bulk strings, and arrays of them at any depth.
type scanner struct {
	kind   byte // first byte of the line being read, 0 between lines
	null   bool // the length being read is negative
	length int  // length read so far
	skip   int  // bytes left of the bulk string and its line end
	left   int  // elements to come of the array being read, those of arrays in it included

	replies int
	nulls   int
	failure []byte // first error reply
	failed  bool
}

func (s *scanner) scan(b []byte) {
	for i := 0; i < len(b); {
		if s.skip > 0 {
			n := min(s.skip, len(b)-i)
			i += n
			if s.skip -= n; s.skip == 0 {
				s.element()
			}
			continue
		}
		s.lineByte(b[i])
		i++
	}
}

func (s *scanner) lineByte(c byte) {
	switch {
	case s.kind == 0:
		s.kind, s.null, s.length = c, false, 0
	case c == '\n':
		s.endLine()
	case s.kind == '$' || s.kind == '*':
		s.lengthByte(c)
	case s.kind == '-' && !s.failed && c != '\r':
		s.failure = append(s.failure, c)
	}
}

func (s *scanner) lengthByte(c byte) {
	switch c {
	case '-':
		s.null = true
	case '\r':
	default:
		s.length = s.length*10 + int(c-'0')
	}
}

func (s *scanner) endLine() {
	kind := s.kind
	s.kind = 0
	switch {
	case kind == '$' && !s.null:
		s.skip = s.length + 2
		return
	case kind == '*' && !s.null && s.length > 0:
		s.left = max(s.left, 1) - 1 + s.length // the array is itself an element of the one it is in
		return
	case kind == '$' || kind == '*' && s.null:
		s.nulls++
	case kind == '-':
		s.failed = true
	}
	s.element()
}

// element counts something that is complete: a reply, if it is the last of one.
func (s *scanner) element() {
	if s.left > 1 {
		s.left--
		return
	}
	s.left = 0
	s.replies++
}
