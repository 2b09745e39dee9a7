package cmdspec

import (
	"math"
	"strconv"
)

// A FloatText is a number as a word has it, taken apart as far as the C
// library's strtod grammar goes: decimal or hexadecimal digits with a point
// and an exponent, inf, infinity, nan, each with a sign.
type FloatText struct {
	NaN, Inf, Neg bool
	Zero          bool   // all digits are 0
	Exp2          int    // the number is about 2^Exp2, within a factor of 32
	Text          string // the number in Go's grammar, if it is one
}

// ScanFloat takes a word apart. ok is false if it is no number, or has
// something before or behind it.
func ScanFloat(b []byte) (n FloatText, ok bool) {
	s := b
	if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		n.Neg = s[0] == '-'
		s = s[1:]
	}
	switch {
	case EqualFold(s, "INF"), EqualFold(s, "INFINITY"):
		n.Inf = true
		return n, true
	case EqualFold(s, "NAN"):
		n.NaN = true
		return n, true
	}
	hex := len(s) > 2 && s[0] == '0' && s[1]|0x20 == 'x'
	if hex {
		s = s[2:]
	}
	return scanDigits(n, b, s, hex)
}

// scanDigits goes over mantissa and exponent; b is the whole word.
func scanDigits(n FloatText, b, s []byte, hex bool) (FloatText, bool) {
	digits, point, magnitude := 0, false, 0 // magnitude: digits before the point, less zeros after it
	n.Zero = true
	for len(s) > 0 {
		c := s[0]
		switch {
		case c == '.' && !point:
			point = true
		case isDigit(c, hex):
			digits++
			if c != '0' {
				n.Zero = false
			}
			if !point && !n.Zero {
				magnitude++
			} else if point && n.Zero {
				magnitude--
			}
		default:
			return scanExponent(n, b, s, hex, digits, magnitude)
		}
		s = s[1:]
	}
	return scanExponent(n, b, s, hex, digits, magnitude)
}

func isDigit(c byte, hex bool) bool {
	return '0' <= c && c <= '9' || hex && 'a' <= c|0x20 && c|0x20 <= 'f'
}

func scanExponent(n FloatText, b, s []byte, hex bool, digits, magnitude int) (FloatText, bool) {
	mark := byte('e')
	if hex {
		mark = 'p'
	}
	n.Text = string(b)
	if hex && len(s) == 0 {
		n.Text += "p0"
	}
	exp := 0
	if len(s) > 0 {
		if s[0]|0x20 != mark {
			return n, false
		}
		var ok bool
		if exp, ok = scanInt(s[1:]); !ok {
			return n, false
		}
	}
	if hex {
		n.Exp2 = 4*magnitude + exp
	} else {
		n.Exp2 = int(float64(magnitude+exp) * math.Log2(10))
	}
	return n, digits > 0
}

// scanInt reads an exponent, cut off where no float reaches.
func scanInt(s []byte) (int, bool) {
	neg := false
	if len(s) > 0 && (s[0] == '+' || s[0] == '-') {
		neg = s[0] == '-'
		s = s[1:]
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int(c-'0'), 1<<20)
	}
	if neg {
		n = -n
	}
	return n, len(s) > 0
}

// ParseFloat reads a float as C's strtod does, except that NaN, spaces, and
// numbers too large or too small for a double are refused.
func ParseFloat(b []byte) (float64, bool) {
	if plainDecimal(b) {
		f, err := strconv.ParseFloat(string(b), 64) // short: no allocation
		return f, err == nil
	}
	n, ok := ScanFloat(b)
	if !ok || n.NaN {
		return 0, false
	}
	if n.Inf {
		if n.Neg {
			return math.Inf(-1), true
		}
		return math.Inf(1), true
	}
	f, err := strconv.ParseFloat(n.Text, 64)
	if err != nil || f == 0 && !n.Zero {
		return 0, false
	}
	return f, true
}

// plainDecimal says whether b is a number of few digits without an exponent:
// what nearly all are, and neither too large nor too small for a double.
func plainDecimal(b []byte) bool {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	if len(b) == 0 || len(b) > 24 {
		return false
	}
	digits, points := 0, 0
	for _, c := range b {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case c == '.':
			points++
		default:
			return false
		}
	}
	return digits > 0 && points <= 1
}
