package config

import "strings"

// SplitWords splits a line into words at white space. A word may be, or hold,
// a part in double quotes, with the escapes \n \r \t \b \a \xHH and \ before
// any other character, or in single quotes, where only \' is an escape.
// It fails if quotes are not closed, or closed before the word ends. A NUL
// ends the line.
func SplitWords(line string) (words []string, ok bool) {
	if i := strings.IndexByte(line, 0); i >= 0 {
		line = line[:i]
	}
	for {
		line = strings.TrimLeft(line, " \t\n\v\f\r")
		if line == "" {
			return words, true
		}
		var word string
		if word, line, ok = cutWord(line); !ok {
			return nil, false
		}
		words = append(words, word)
	}
}

// cutWord takes the word that line begins with.
func cutWord(line string) (word, rest string, ok bool) {
	var b []byte
	for i := 0; i < len(line); {
		switch c := line[i]; {
		case isSpace(c):
			return string(b), line[i:], true
		case c == '"' || c == '\'':
			var n int
			if b, n = appendQuoted(b, line[i:]); n == 0 {
				return "", "", false
			}
			i += n
			if i < len(line) && !isSpace(line[i]) {
				return "", "", false
			}
		default:
			b = append(b, c)
			i++
		}
	}
	return string(b), "", true
}

// appendQuoted appends the content of the quoted part that s begins with, and
// returns the length of that part with its quotes, 0 if it is not closed.
func appendQuoted(b []byte, s string) ([]byte, int) {
	quote := s[0]
	for i := 1; i < len(s); {
		if s[i] == quote {
			return b, i + 1
		}
		c, n := unescape(s[i:], quote)
		b = append(b, c)
		i += n
	}
	return b, 0
}

// unescape reads the character that s begins with inside quotes.
func unescape(s string, quote byte) (c byte, n int) {
	if s[0] != '\\' || len(s) < 2 {
		return s[0], 1
	}
	if quote == '\'' {
		if s[1] == '\'' {
			return '\'', 2
		}
		return '\\', 1
	}
	if s[1] == 'x' && len(s) >= 4 {
		hi, ok1 := hexDigit(s[2])
		lo, ok2 := hexDigit(s[3])
		if ok1 && ok2 {
			return hi<<4 | lo, 4
		}
	}
	switch s[1] {
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'b':
		return '\b', 2
	case 'a':
		return '\a', 2
	}
	return s[1], 2
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

// Quote writes s as one word in double quotes that SplitWords reads back.
func Quote(s string) string {
	b := make([]byte, 0, len(s)+2)
	b = append(b, '"')
	for i := 0; i < len(s); i++ {
		b = appendEscaped(b, s[i])
	}
	return string(append(b, '"'))
}

func appendEscaped(b []byte, c byte) []byte {
	const hex = "0123456789abcdef"
	switch {
	case c == '\\' || c == '"':
		return append(b, '\\', c)
	case c == '\n':
		return append(b, '\\', 'n')
	case c == '\r':
		return append(b, '\\', 'r')
	case c == '\t':
		return append(b, '\\', 't')
	case c == '\a':
		return append(b, '\\', 'a')
	case c == '\b':
		return append(b, '\\', 'b')
	case c < ' ' || c > '~':
		return append(b, '\\', 'x', hex[c>>4], hex[c&15])
	}
	return append(b, c)
}
