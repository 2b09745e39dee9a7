package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

const screenWidth, screenHeight = 100, 40

// A screen is a small terminal: it understands what line editors write, answers where the
// cursor is, and keeps what scrolled off.
type screen struct {
	mu    sync.Mutex
	rows  [][]cell
	x, y  int // y counts from the first row ever
	top   int
	wiped int       // the first row that was cleared since row was called
	pale  bool      // what is written now are hints
	input []byte    // an incomplete sequence
	tty   io.Writer // for answers
}

type cell struct {
	r    rune
	pale bool
}

func newScreen(tty io.Writer) *screen { return &screen{tty: tty, rows: make([][]cell, screenHeight)} }

// Write takes what a program writes to its terminal.
func (s *screen) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.input = append(s.input, b...)
	for len(s.input) > 0 {
		n := s.step(s.input)
		if n == 0 {
			break
		}
		s.input = s.input[n:]
	}
	return len(b), nil
}

// step takes one character or sequence; 0 if it is incomplete.
func (s *screen) step(in []byte) int {
	switch in[0] {
	case '\r':
		s.x = 0
	case '\n':
		s.down(1)
	case '\b':
		s.x = max(0, s.x-1)
	case 7:
	case 27:
		return s.escape(in)
	default:
		if !utf8.FullRune(in) {
			return 0
		}
		r, n := utf8.DecodeRune(in)
		s.put(r)
		return n
	}
	return 1
}

func (s *screen) put(r rune) {
	if s.x == screenWidth {
		s.x = 0
		s.down(1)
	}
	row := s.rows[s.y]
	for len(row) <= s.x {
		row = append(row, cell{r: ' '})
	}
	row[s.x] = cell{r, s.pale}
	s.rows[s.y] = row
	s.x++
	if r >= 0x2e80 && r < 0xffdd { // Chinese: two columns
		s.rows[s.y] = append(row[:s.x], cell{pale: s.pale})
		s.x++
	}
}

// down moves down a row, and scrolls at the end.
func (s *screen) down(n int) {
	for range n {
		if s.y++; s.y == len(s.rows) {
			s.rows = append(s.rows, nil)
			s.top++
		}
	}
}

func (s *screen) escape(in []byte) int {
	if len(in) < 2 {
		return 0
	}
	if in[1] == 'D' {
		s.down(1)
	}
	if in[1] != '[' {
		return 2
	}
	end := slices.IndexFunc(in[2:], func(r byte) bool { return r >= '@' && r <= '~' })
	if end < 0 {
		return 0
	}
	s.control(string(in[2:2+end]), in[2+end])
	return end + 3
}

func (s *screen) control(text string, final byte) {
	n := 1
	if v, err := strconv.Atoi(text); err == nil {
		n = v
	}
	switch final {
	case 'A':
		s.y = max(s.top, s.y-n)
	case 'B':
		s.y = min(len(s.rows)-1, s.y+n)
	case 'C':
		s.x = min(screenWidth-1, s.x+n)
	case 'D':
		s.x = max(0, min(s.x, screenWidth-1)-n)
	case 'H':
		s.x, s.y = 0, s.top
	case 'J':
		if n == 2 {
			clear(s.rows[s.top:])
			s.wiped = s.top
			return
		}
		clear(s.rows[s.y+1:])
		s.cut()
	case 'K':
		s.cut()
	case 'm':
		s.pale = strings.HasPrefix(text, "38;05;242") || strings.Contains(text, "90") || s.pale && text != "0" && text != ""
	case 'n':
		fmt.Fprintf(s.tty, "\x1b[%d;%dR", s.y-s.top+1, min(s.x, screenWidth-1)+1)
	}
}

// cut removes what is behind the cursor.
func (s *screen) cut() { s.rows[s.y] = s.rows[s.y][:min(s.x, len(s.rows[s.y]))] }

// row is where the cursor is, counted from the first row ever.
func (s *screen) row() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wiped = s.y
	return s.y
}

// text are the rows from one on, hints in ‹›.
func (s *screen) text(from int) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, row := range s.rows[min(from, s.y, s.wiped):] {
		b.WriteString(strings.TrimRight(rowText(row), " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func rowText(row []cell) string {
	var b strings.Builder
	pale := false
	for _, c := range append(slices.Clone(row), cell{}) {
		if c.pale != pale {
			b.WriteString(map[bool]string{true: "‹", false: "›"}[c.pale])
			pale = c.pale
		}
		if c.r != 0 {
			b.WriteRune(c.r)
		}
	}
	return b.String()
}
