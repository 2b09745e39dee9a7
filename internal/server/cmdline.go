package server

import (
	"strings"

	"github.com/redstart-db/redstart/internal/config"
)

// A launch is what the arguments ask for.
type launch struct {
	file  string // configuration file; empty: none
	stdin bool   // configuration from standard input as well
	lines string // the --directives, as lines of a file
}

// parseArgs reads [file] [--directive value ...] [-]. A directive takes all
// words up to the next one that begins with two dashes; the first word after a
// directive is its value even then.
func parseArgs(args []string) launch {
	var l launch
	if len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		l.file, args = args[0], args[1:]
	}
	var b strings.Builder
	whole := true // the last directive has a value
	for i, a := range args {
		switch {
		case a == "-" && (i == 0 && l.file == "" || i == len(args)-1):
			l.stdin = true
		case whole && strings.HasPrefix(a, "--"):
			if b.Len() > 0 {
				b.WriteByte('\n')
			}
			b.WriteString(a[2:] + " ")
			whole = writeLoneName(&b, a, args[i+1:])
		default:
			b.WriteString(config.Quote(a) + " ")
			whole = true
		}
	}
	l.lines = b.String()
	return l
}

// writeLoneName finishes the name of a directive that is followed by rest, and says whether it has
// its value: in the same argument ("--port 7000"), or because --save and
// --sentinel may stand alone.
func writeLoneName(b *strings.Builder, name string, rest []string) bool {
	if words, ok := config.SplitWords(name); !ok || len(words) != 1 {
		return true
	}
	alone := len(rest) == 0 || strings.HasPrefix(rest[0], "--")
	switch {
	case alone && strings.EqualFold(name, "--save"):
		b.WriteString(`""`)
		return true
	case alone && strings.EqualFold(name, "--sentinel"):
		return true
	}
	return false
}
