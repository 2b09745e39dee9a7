package compat

import (
	"bytes"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/redstart-db/redstart/internal/testutil"
)

// same says whether two replies are equal in the sense of a mode.
func (m mode) same(want, got testutil.Reply) bool {
	switch m.compare {
	case "ignore":
		return true
	case "unordered":
		return canonical(want) == canonical(got)
	case "pairs":
		return canonicalPairs(want) == canonicalPairs(got)
	case "pending":
		return pending(want) == pending(got)
	case "contains":
		return contains(want, got, strings.Fields(m.param))
	case "shape":
		return shape(want) == shape(got)
	case "fields":
		return want.Kind == got.Kind && len(m.missingFields(want, got)) == 0
	case "approx":
		tolerance, _ := strconv.ParseFloat(m.param, 64)
		return approx(want, got, tolerance)
	case "mask":
		return maskedEqual(regexp.MustCompile(m.param), want.Raw, got.Raw)
	case "hello":
		return maskedEqual(helloVaries, want.Raw, got.Raw)
	case "kind":
		return want.Kind == got.Kind
	case "docs":
		return maskedEqual(prose, want.Raw, got.Raw)
	case "help":
		return slices.Equal(helpSyntax(want), helpSyntax(got))
	case "client":
		return maskedEqual(clientVaries, want.Raw, got.Raw)
	}
	return bytes.Equal(want.Raw, got.Raw)
}

// clientVaries is what in a line of CLIENT LIST depends on more than the
// commands: identity, time, buffers; and the fields that came after 7.0.
var clientVaries = regexp.MustCompile(`^[$=]\d+|\b(id|addr|laddr|fd|age|idle|qbuf|qbuf-free|argv-mem|multi-mem|rbs|rbp|obl|oll|omem|tot-mem)=\S+` +
	`| (lib-name|lib-ver|io-thread|watch|tot-net-in|tot-net-out|tot-cmds)=\S*`)

// helloVaries is the client's number and the server's version.
var helloVaries = regexp.MustCompile(`id\r\n:\d+|version\r\n\$\d+\r\n[\d.]+\r\n`)

// prose is what COMMAND says in sentences: each project writes its own.
var prose = regexp.MustCompile(`(\$7\r\nsummary|\$10\r\ncomplexity|\$11\r\nreplaced_by|\$5\r\nnotes|\*2\r\n\$\d+\r\n[\d.]+)\r\n\$\d+\r\n[^\r]*\r\n`)

// helpSyntax is the frame of a HELP: the line that opens it, and the entry of
// HELP itself. What is between are sentences, and the subcommands that a
// version has.
func helpSyntax(r testutil.Reply) []string {
	if len(r.Elem) < 3 {
		return []string{string(r.Raw)}
	}
	n := len(r.Elem)
	return []string{string(r.Elem[0].Raw), string(r.Elem[n-2].Raw)}
}

func maskedEqual(re *regexp.Regexp, a, b []byte) bool {
	return bytes.Equal(re.ReplaceAll(a, nil), re.ReplaceAll(b, nil))
}

// canonical prints a reply with the elements of every aggregate sorted; the
// keys of a map keep their values.
func canonical(r testutil.Reply) string {
	if len(r.Elem) == 0 {
		return string(r.Raw)
	}
	width := 1
	if r.Kind == '%' {
		width = 2
	}
	var items []string
	for i := 0; i < len(r.Elem); i += width {
		item := ""
		for _, e := range r.Elem[i : i+width] {
			item += canonical(e)
		}
		items = append(items, item)
	}
	slices.Sort(items)
	return fmt.Sprintf("%c%d(%s)", r.Kind, len(r.Elem), strings.Join(items, " "))
}

// canonicalPairs prints a reply with the pairs of every array sorted that is
// made of such: what RESP2 makes of a map, and arrays of two in RESP3.
func canonicalPairs(r testutil.Reply) string {
	flat, twos := len(r.Elem)%2 == 0, true
	for _, e := range r.Elem {
		flat = flat && len(e.Elem) == 0
		twos = twos && len(e.Elem) == 2 && len(e.Elem[0].Elem)+len(e.Elem[1].Elem) == 0
	}
	switch {
	case len(r.Elem) == 0:
		return string(r.Raw)
	case twos:
		return canonical(r)
	case flat:
		r.Kind = '%'
		return canonical(r)
	}
	s := fmt.Sprintf("%c%d", r.Kind, len(r.Elem))
	for _, e := range r.Elem {
		s += canonicalPairs(e)
	}
	return s
}

// contains says whether ours has each field of a map that stock's has, with
// the same value but for the names that are left open; a map may be an array,
// as in RESP2. Arrays of maps are compared one by one. Times may be apart by
// what the two servers' commands are.
func contains(want, got testutil.Reply, open []string) bool {
	if want.Kind != got.Kind {
		return false
	}
	if len(want.Elem) == 0 {
		return string(want.Raw) == string(got.Raw) || approx(want, got, 5000) && len(want.Text) == len("1700000000000")
	}
	if want.Kind != '%' && !namesFields(want) {
		if len(want.Elem) != len(got.Elem) {
			return false
		}
		for i := range want.Elem {
			if !contains(want.Elem[i], got.Elem[i], open) {
				return false
			}
		}
		return true
	}
	for i := 0; i < len(want.Elem); i += 2 {
		name := want.Elem[i].Text
		if value := field(got, name); !slices.Contains(open, name) && !contains(want.Elem[i+1], value, open) {
			return false
		}
	}
	return true
}

// namesFields says whether an array is a map of fields of XINFO.
func namesFields(r testutil.Reply) bool {
	return len(r.Elem)%2 == 0 && (r.Elem[0].Text == "length" || r.Elem[0].Text == "name")
}

// pending prints a reply without the integer that is the third of four
// elements: for how long a message of XPENDING has been idle.
func pending(r testutil.Reply) string {
	if len(r.Elem) == 0 {
		return string(r.Raw)
	}
	s := fmt.Sprintf("%c%d", r.Kind, len(r.Elem))
	for i, e := range r.Elem {
		if i == 2 && len(r.Elem) == 4 && e.Kind == ':' {
			s += "idle"
			continue
		}
		s += pending(e)
	}
	return s
}

func shape(r testutil.Reply) string {
	if r.Null {
		return string(r.Raw)
	}
	s := string(r.Kind)
	if len(r.Elem) > 0 {
		s += "("
		for _, e := range r.Elem {
			s += shape(e)
		}
		s += ")"
	}
	return s
}

// missingFields lists the names in a text of the stock server that ours lacks;
// ours may have more, as later versions do.
func (m mode) missingFields(want, got testutil.Reply) []string {
	have := fieldNames(got.Text)
	var missing []string
	for _, name := range fieldNames(want.Text) {
		if !slices.Contains(have, name) && (m.param == "" || !strings.HasPrefix(name, m.param)) {
			missing = append(missing, name)
		}
	}
	return missing
}

// fieldNames lists the names of name:value and name=value items.
func fieldNames(text string) []string {
	var names []string
	for _, item := range strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || c == '\n' || c == '\r' }) {
		if i := strings.IndexAny(item, ":="); i > 0 {
			names = append(names, item[:i])
		}
	}
	return names
}

func approx(want, got testutil.Reply, tolerance float64) bool {
	if want.Kind != got.Kind || len(want.Elem) != len(got.Elem) {
		return false
	}
	for i := range want.Elem {
		if !approx(want.Elem[i], got.Elem[i], tolerance) {
			return false
		}
	}
	if want.Text == got.Text {
		return true
	}
	a, errA := strconv.ParseFloat(want.Text, 64)
	b, errB := strconv.ParseFloat(got.Text, 64)
	// Small values have a meaning of their own (-1: no expiry), whatever the tolerance.
	return errA == nil && errB == nil && (a < 0) == (b < 0) && math.Abs(a-b) <= tolerance
}
