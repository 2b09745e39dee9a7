package resp

import "bytes"

// nextInline takes a command that is a line of words, as typed by a person.
func nextInline(in []byte, argv [][]byte) (words [][]byte, n int, err error) {
	i := bytes.IndexByte(in, '\n')
	if i < 0 {
		if len(in) > maxLine {
			return argv, 0, ProtocolError("too big inline request")
		}
		return argv, 0, nil
	}
	line := bytes.TrimSuffix(in[:i], []byte{'\r'})
	argv, ok := AppendWords(argv, line)
	if !ok {
		return argv, 0, ProtocolError("unbalanced quotes in request")
	}
	return argv, i + 1, nil
}

// AppendWords splits a line at white space and appends the words to argv.
// A word may be, or contain, a part in double quotes (with the escapes \n \r
// \t \b \a \xHH and \ before anything else) or in single quotes (with \').
// Words without quotes are slices of line. It is not ok if a quote is not
// closed or something other than white space follows the closing one. A NUL
// ends the line.
func AppendWords(argv [][]byte, line []byte) (words [][]byte, ok bool) {
	if i := bytes.IndexByte(line, 0); i >= 0 {
		line = line[:i]
	}
	for {
		for len(line) > 0 && isSpace(line[0]) {
			line = line[1:]
		}
		if len(line) == 0 {
			return argv, true
		}
		word, rest, ok := cutWord(line)
		if !ok {
			return argv, false
		}
		argv = append(argv, word)
		line = rest
	}
}

// cutWord takes the word that line begins with.
func cutWord(line []byte) (word, rest []byte, ok bool) {
	for i, c := range line {
		switch c {
		case ' ', '\t', '\r', '\n':
			return line[:i:i], line[i:], true
		case '"':
			word, rest, ok = unquoteDouble(bytes.Clone(line[:i]), line[i+1:])
		case '\'':
			word, rest, ok = unquoteSingle(bytes.Clone(line[:i]), line[i+1:])
		default:
			continue
		}
		if word == nil {
			word = []byte{}
		}
		return word, rest, ok && (len(rest) == 0 || isSpace(rest[0]))
	}
	return line[:len(line):len(line)], nil, true
}

// unquoteDouble appends to word what is in s up to the closing quote.
func unquoteDouble(word, s []byte) (quoted, rest []byte, ok bool) {
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '"':
			return word, s[i+1:], true
		case c != '\\' || i+1 == len(s):
			word = append(word, c)
		case s[i+1] == 'x' && i+3 < len(s) && isHex(s[i+2]) && isHex(s[i+3]):
			word = append(word, hexValue(s[i+2])<<4|hexValue(s[i+3]))
			i += 3
		default:
			i++
			word = append(word, unescape(s[i]))
		}
	}
	return nil, nil, false
}

func unquoteSingle(word, s []byte) (quoted, rest []byte, ok bool) {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\'':
			return word, s[i+1:], true
		case s[i] == '\\' && i+1 < len(s) && s[i+1] == '\'':
			i++
		}
		word = append(word, s[i])
	}
	return nil, nil, false
}

func unescape(c byte) byte {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'a':
		return '\a'
	}
	return c
}

func isSpace(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

func hexValue(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c&7 + 9
}
