package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/redstart-db/redstart/internal/client"
)

// output is a way to show replies.
type output int

const (
	outputTTY output = iota
	outputRaw
	outputCSV
	outputJSON
	outputQuotedJSON
)

// A formatter turns replies into text.
type formatter struct {
	output    output
	bulkDelim string // between the items of a raw reply: -d
	endDelim  string // after a raw reply: -D
}

// format is a reply as it is printed, with what ends it.
func (f *formatter) format(r *client.Reply) string {
	var b strings.Builder
	switch f.output {
	case outputTTY:
		appendTTY(&b, r, "")
	case outputRaw:
		f.appendRaw(&b, r)
		b.WriteString(f.endDelim)
	case outputCSV:
		appendCSV(&b, r)
		b.WriteByte('\n')
	default:
		appendJSON(&b, r, f.output)
		b.WriteByte('\n')
	}
	return b.String()
}

// emptyNames are what an aggregate without items is called.
var emptyNames = map[client.Kind]string{client.Array: "array", client.Map: "hash", client.Set: "set", client.Push: "push"}

// itemMarks stand between the number of an item and the item.
var itemMarks = map[client.Kind]byte{client.Array: ')', client.Map: '#', client.Set: '~', client.Push: ')'}

// appendTTY writes for a person. prefix is what the lines after the first are indented with.
func appendTTY(b *strings.Builder, r *client.Reply, prefix string) {
	switch r.Kind {
	case client.Error, client.BulkError:
		fmt.Fprintf(b, "(error) %s\n", r.Text)
	case client.Simple, client.Verbatim, client.BigNumber:
		b.Write(r.Text)
		b.WriteByte('\n')
	case client.Int:
		fmt.Fprintf(b, "(integer) %d\n", r.N)
	case client.Double:
		fmt.Fprintf(b, "(double) %s\n", r.Text)
	case client.Bulk:
		quote(b, r.Text)
		b.WriteByte('\n')
	case client.Null:
		b.WriteString("(nil)\n")
	case client.Bool:
		fmt.Fprintf(b, "(%t)\n", r.N == 1)
	default:
		appendItems(b, r, prefix)
	}
}

func appendItems(b *strings.Builder, r *client.Reply, prefix string) {
	if len(r.Items) == 0 {
		fmt.Fprintf(b, "(empty %s)\n", emptyNames[r.Kind])
		return
	}
	size := step(r)
	n := len(r.Items) / size
	width := len(strconv.Itoa(n))
	inner := prefix + strings.Repeat(" ", width+2)
	for i := range n {
		if i > 0 {
			b.WriteString(prefix)
		}
		fmt.Fprintf(b, "%*d%c ", width, i+1, itemMarks[r.Kind])
		var item strings.Builder
		appendTTY(&item, &r.Items[i*size], inner)
		if r.Kind != client.Map {
			b.WriteString(item.String())
			continue
		}
		b.WriteString(strings.TrimSuffix(item.String(), "\n"))
		b.WriteString(" => ")
		value := &r.Items[i*size+1]
		if isTall(value) { // below the key
			b.WriteString("\n" + inner)
		}
		appendTTY(b, value, inner)
	}
}

// isTall says whether a reply takes several lines, as far as that matters: keys of maps are not looked at.
func isTall(r *client.Reply) bool {
	size := step(r)
	if len(r.Items) != size {
		return len(r.Items) > size
	}
	return isTall(&r.Items[size-1])
}

// quote writes a string with escapes that AppendWords of package resp understands.
func quote(b *strings.Builder, s []byte) {
	b.WriteByte('"')
	for _, c := range s {
		switch c {
		case '\\', '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\a':
			b.WriteString(`\a`)
		case '\b':
			b.WriteString(`\b`)
		default:
			if c < ' ' || c > '~' {
				fmt.Fprintf(b, `\x%02x`, c)
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteByte('"')
}

// step is how many items belong together: a map has keys and values in turn.
func step(r *client.Reply) int {
	if r.Kind == client.Map {
		return 2
	}
	return 1
}

// appendRaw writes what a script wants: the bytes.
func (f *formatter) appendRaw(b *strings.Builder, r *client.Reply) {
	switch {
	case r.Kind == client.Null:
	case r.IsError():
		b.Write(r.Text)
		b.WriteByte('\n')
	case r.Kind == client.Bool:
		fmt.Fprintf(b, "(%t)", r.N == 1)
	case !r.IsAggregate():
		b.Write(r.Text)
	}
	for i := range r.Items {
		switch {
		case i == 0:
		case r.Kind == client.Map && i%2 == 1:
			b.WriteByte(' ')
		default:
			b.WriteString(f.bulkDelim)
		}
		f.appendRaw(b, &r.Items[i])
	}
}

// appendCSV writes one line; what is nested is flattened.
func appendCSV(b *strings.Builder, r *client.Reply) {
	switch r.Kind {
	case client.Error, client.BulkError:
		b.WriteString("ERROR,")
		quote(b, r.Text)
	case client.Simple, client.Bulk, client.Verbatim:
		quote(b, r.Text)
	case client.Int, client.Double, client.BigNumber:
		b.Write(r.Text)
	case client.Null:
		b.WriteString("NULL")
	case client.Bool:
		fmt.Fprint(b, r.N == 1)
	}
	for i := range r.Items {
		if i > 0 {
			b.WriteByte(',')
		}
		appendCSV(b, &r.Items[i])
	}
}

// appendJSON writes JSON, but for errors, which Redis marks with a word in front, and doubles that JSON does not have.
func appendJSON(b *strings.Builder, r *client.Reply, o output) {
	switch r.Kind {
	case client.Error, client.BulkError:
		b.WriteString("error:")
		quoteJSON(b, r.Text, o)
	case client.Simple, client.Bulk, client.Verbatim:
		quoteJSON(b, r.Text, o)
	case client.Int, client.Double, client.BigNumber:
		b.Write(r.Text)
	case client.Null:
		b.WriteString("null")
	case client.Bool:
		fmt.Fprint(b, r.N == 1)
	case client.Map:
		appendObject(b, r, o)
	default:
		b.WriteByte('[')
		for i := range r.Items {
			if i > 0 {
				b.WriteByte(',')
			}
			appendJSON(b, &r.Items[i], o)
		}
		b.WriteByte(']')
	}
}

func appendObject(b *strings.Builder, r *client.Reply, o output) {
	b.WriteByte('{')
	for i := 0; i < len(r.Items); i += 2 {
		if i > 0 {
			b.WriteByte(',')
		}
		if key := &r.Items[i]; key.IsError() || key.Kind == client.Simple || key.Kind == client.Bulk || key.Kind == client.Verbatim {
			appendJSON(b, key, o)
		} else { // a key must be a string; of one that has quotes inside Redis makes no JSON
			b.WriteByte('"')
			appendJSON(b, key, o)
			b.WriteByte('"')
		}
		b.WriteByte(':')
		appendJSON(b, &r.Items[i+1], o)
	}
	b.WriteByte('}')
}

// quoteJSON writes a string: for --json bytes above ASCII as they are, for
// --quoted-json the escapes of the terminal format, escaped.
func quoteJSON(b *strings.Builder, s []byte, o output) {
	if o == outputQuotedJSON {
		var quoted strings.Builder
		quote(&quoted, s)
		inner := quoted.String()
		b.WriteString(`"` + strings.ReplaceAll(inner[1:len(inner)-1], `\`, `\\`) + `"`)
		return
	}
	b.WriteByte('"')
	for _, c := range s {
		switch c {
		case '\\', '"':
			b.WriteByte('\\')
			b.WriteByte(c)
		case '\n':
			b.WriteString(`\n`)
		case '\f':
			b.WriteString(`\f`)
		case '\r':
			b.WriteString(`\r`)
		case '\t':
			b.WriteString(`\t`)
		case '\b':
			b.WriteString(`\b`)
		default:
			if c < ' ' {
				fmt.Fprintf(b, `\u%04x`, c)
			} else {
				b.WriteByte(c)
			}
		}
	}
	b.WriteByte('"')
}
