package config

import (
	"math"
	"testing"
)

func TestTypes(t *testing.T) {
	const integer, memory = "argument couldn't be parsed into an integer", "argument must be a memory value"
	sample := map[string]Type{
		"bool": Bool(), "int": Int(-1, math.MaxInt32), "octal": Octal(0, 0o777), "mem": Memory(1024, math.MaxInt64),
		"pct": MemoryOrPercent(), "enum": Enum("no", "relative=yes", "yes"), "flags": Flags("default", "save", "now"),
		"save": Save(), "cobl": BufferLimits(), "ints": Ints(2, -5, 5, "outside"), "tile": Percentiles("p"),
		"words": Words(2, "too many"), "addr": Address("bad port"),
	}
	for _, c := range []struct{ typ, in, text, err string }{
		{"bool", "YES", "yes", ""}, {"bool", "1", "", "argument must be 'yes' or 'no'"},
		{"int", "-1", "-1", ""}, {"int", "01", "", integer}, {"int", "+1", "", integer}, {"int", "", "", integer},
		{"int", "99999999999999999999", "", integer}, {"int", "-0", "", integer},
		{"int", "-2", "", "argument must be between -1 and 2147483647 inclusive"},
		{"octal", "770", "770", ""}, {"octal", "8", "", "argument couldn't be parsed as an octal number"},
		{"octal", "7777", "", "argument must be between 0 and 777 inclusive"},
		{"mem", "1kb", "1024", ""}, {"mem", "1MB", "1048576", ""}, {"mem", "2g", "2000000000", ""}, {"mem", "1025b", "1025", ""},
		{"mem", "1", "", "argument must be between 1024 and 9223372036854775807 inclusive"},
		{"mem", "1tb", "", memory}, {"mem", "-1", "", memory}, {"mem", "1 kb", "", memory}, {"mem", "1kbb", "", memory},
		{"mem", "9223372036854775808", "", memory}, {"mem", "99999999999gb", "", memory},
		{"pct", "5%", "5%", ""}, {"pct", "0%", "0", ""}, {"pct", "3mb", "3145728", ""}, {"pct", "", "0", ""},
		{"pct", "101%", "", "percentage argument must be less or equal to 100"},
		{"pct", "%", "", "argument must be a memory or percent value"}, {"pct", "x", "", "argument must be a memory or percent value"},
		{"enum", "RELATIVE", "yes", ""}, {"enum", "x", "", "argument(s) must be one of the following: no, relative, yes"},
		{"flags", "now save", "save now", ""}, {"flags", "default now", "now", ""}, {"flags", "default", "default", ""},
		{"flags", "", "", "argument(s) must be one of the following: default, save, now"},
		{"save", "1 2 3 4", "1 2 3 4", ""}, {"save", "", "", ""}, {"save", "1", "", "Invalid save parameters"},
		{"save", "0 1", "", "Invalid save parameters"}, {"save", "1  2", "", "Invalid save parameters"},
		{"cobl", "Replica 1kb 2 3", "normal 0 0 0 slave 1024 2 3 pubsub 0 0 0", ""},
		{"cobl", "normal 1 2", "", "Wrong number of arguments in buffer limit configuration."},
		{"cobl", "master 1 2 3", "", "Invalid client class specified in buffer limit configuration."},
		{"cobl", "normal 1 2 -3", "", "Error in hard, soft or soft_seconds setting in buffer limit configuration."},
		{"ints", "1 -5", "1 -5", ""}, {"ints", "1", "", "wrong number of arguments"}, {"ints", "1 6", "", "outside"},
		{"tile", "50.0 0.00001", "50 0.00001", ""}, {"tile", "", "", ""}, {"tile", "a", "", "Invalid p parameters"},
		{"tile", "101", "", "p parameters should sit between [0.0,100.0]"},
		{"words", "a b", "a b", ""}, {"words", "a b c", "", "too many"},
		{"addr", "h 1", "h 1", ""}, {"addr", "no one", "", ""}, {"addr", "h 65536", "", "bad port"}, {"addr", "h", "", "wrong number of arguments"},
	} {
		typ := sample[c.typ]
		d := &Directive{Type: typ}
		v, err := d.parse(d.setWords(c.in), Value{}, false)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.err || err == nil && v.Text != c.text {
			t.Errorf("%s %q: %q, error %q; want %q, error %q", c.typ, c.in, v.Text, got, c.text, c.err)
		}
		if err != nil || v.Text == "" && typ.emptyIsAbsent {
			continue
		}
		// What a value writes reads back as the same value.
		var back Value
		for i, line := range typ.lines(v) {
			words, _ := SplitWords(line)
			if back, err = d.parse(words, back, i > 0); err != nil {
				t.Errorf("%s %q: its line %q is refused: %v", c.typ, c.in, line, err)
			}
		}
		if back.Text != v.Text {
			t.Errorf("%s %q: reads back as %q", c.typ, c.in, back.Text)
		}
	}
}
