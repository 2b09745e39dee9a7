// Package glob matches names against the patterns of KEYS, SCAN MATCH,
// PSUBSCRIBE, CONFIG GET and the like.
//
// A pattern is matched byte by byte:
//
//   - any bytes, also none
//     ?        one byte
//     [abc]    one of these bytes; a-c is a range, in either order; \ takes the
//     next byte as it is; ^ first: none of these
//     \x       the byte x; a backslash at the end is itself
//
// A class that is not closed ends with the pattern: "[ab" is "[ab]", "[^" is
// any byte, "[" none. Bytes in a range compare as signed, as C's char does
// where these patterns come from: [\x01-\xff] is the bytes ff, 00 and 01. The
// empty name matches the empty pattern alone, not even "*".
//
// Everything but the star takes exactly one byte, so a mismatch has to go
// back to the latest star only: an earlier one could not do better. That
// bounds the work by the product of the two lengths, where backtracking into
// every star would be exponential. A pattern with more than maxStars runs of
// stars matches nothing that gets beyond them: Redis, which recurses, stops
// there.
package glob

const maxStars = 1000

// Match says whether name matches pattern.
func Match(pattern, name []byte) bool { return match(pattern, name, false) }

// MatchFold is Match without regard to ASCII case.
func MatchFold(pattern, name []byte) bool { return match(pattern, name, true) }

func match(pattern, name []byte, fold bool) bool {
	if len(name) == 0 {
		return len(pattern) == 0
	}
	p, n := 0, 0
	star, retry := -1, 0 // where to go on in pattern and name after a mismatch
	stars := 0
	for n < len(name) {
		if p < len(pattern) && pattern[p] == '*' {
			p = skipStars(pattern, p)
			if p == len(pattern) {
				return true
			}
			if stars++; stars > maxStars {
				return false
			}
			star, retry = p, n
			continue
		}
		width, ok := 0, false
		if p < len(pattern) {
			width, ok = one(pattern[p:], name[n], fold)
		}
		switch {
		case ok:
			p += width
			n++
		case star < 0:
			return false
		default:
			retry++
			p, n = star, retry
		}
	}
	return skipStars(pattern, p) == len(pattern)
}

func skipStars(pattern []byte, p int) int {
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p
}

// one matches c against the element that pattern starts with, and says how
// long the element is.
func one(pattern []byte, c byte, fold bool) (width int, ok bool) {
	switch pattern[0] {
	case '?':
		return 1, true
	case '[':
		return class(pattern, c, fold)
	case '\\':
		if len(pattern) > 1 {
			return 2, same(pattern[1], c, fold)
		}
	}
	return 1, same(pattern[0], c, fold)
}

// class matches c against the class that pattern starts with.
func class(pattern []byte, c byte, fold bool) (width int, ok bool) {
	i := 1
	not := i < len(pattern) && pattern[i] == '^'
	if not {
		i++
	}
	for i < len(pattern) && pattern[i] != ']' {
		switch rest := pattern[i:]; {
		case rest[0] == '\\' && len(rest) >= 2:
			ok = ok || rest[1] == c
			i += 2
		case len(rest) >= 3 && rest[1] == '-':
			ok = ok || within(rest[0], rest[2], c, fold)
			i += 3
		default:
			ok = ok || same(rest[0], c, fold)
			i++
		}
	}
	return min(i+1, len(pattern)), ok != not
}

// within says whether c is in the range of two bytes, whichever is greater.
func within(from, to, c byte, fold bool) bool {
	if int8(from) > int8(to) {
		from, to = to, from
	}
	if fold {
		from, to, c = lower(from), lower(to), lower(c)
	}
	return int8(from) <= int8(c) && int8(c) <= int8(to)
}

func same(a, b byte, fold bool) bool {
	return a == b || fold && lower(a) == lower(b)
}

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
