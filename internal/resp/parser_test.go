package resp

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"
)

var testLimits = Limits{MaxBulk: 512 << 20}

type parsed struct {
	commands [][]string
	err      string
	rest     int // bytes of an unfinished command
}

// parsePieces feeds input in pieces that end at the given offsets, moving it
// to another place in memory each time.
func parsePieces(input []byte, ends []int, lim *Limits) parsed {
	var p Parser
	var out parsed
	start := 0
	for _, end := range ends {
		for {
			in := bytes.Clone(input[start:end])
			words, n, err := p.Next(in, nil, lim)
			if err != nil {
				out.err = err.Error()
				return out
			}
			if n == 0 {
				break
			}
			if len(words) > 0 {
				out.commands = append(out.commands, texts(words))
			}
			start += n
		}
	}
	out.rest = len(input) - start
	return out
}

func texts(words [][]byte) []string {
	s := make([]string, len(words))
	for i, w := range words {
		s[i] = string(w)
	}
	return s
}

func (p parsed) String() string { return fmt.Sprintf("%q err=%q rest=%d", p.commands, p.err, p.rest) }

func TestParserCommands(t *testing.T) {
	tests := []struct{ in, want string }{
		{"*1\r\n$4\r\nPING\r\n", `[["PING"]] err="" rest=0`},
		{"*2\r\n$3\r\nGET\r\n$0\r\n\r\n", `[["GET" ""]] err="" rest=0`},
		{"PING\r\nECHO a\n", `[["PING"] ["ECHO" "a"]] err="" rest=0`},
		{"\r\n\n*0\r\n*-1\r\n*-7\r\nPING\n", `[["PING"]] err="" rest=0`},
		{"*1\r\n$4\r\nPI", `[] err="" rest=10`},
		{"*x\r\n", `[] err="Protocol error: invalid multibulk length" rest=0`},
		{"*01\r\n", `[] err="Protocol error: invalid multibulk length" rest=0`},
		{"*-0\r\n", `[] err="Protocol error: invalid multibulk length" rest=0`},
		{"*2147483648\r\n", `[] err="Protocol error: invalid multibulk length" rest=0`},
		{"*1\r\nfoo\r\n", `[] err="Protocol error: expected '$', got 'f'" rest=0`},
		{"*1\r\n$-1\r\n", `[] err="Protocol error: invalid bulk length" rest=0`},
		{"*1\r\n$536870913\r\n", `[] err="Protocol error: invalid bulk length" rest=0`},
		{"*1\r\n$99999999999999999999\r\n", `[] err="Protocol error: invalid bulk length" rest=0`},
		{"set \"a\\x41\\n\\q\" 'it\\'s \\n'\n", `[["set" "aA\nq" "it's \\n"]] err="" rest=0`},
		{"a\"b c\" ''\n", `[["ab c" ""]] err="" rest=0`},
		{"set \"a\"b\n", `[] err="Protocol error: unbalanced quotes in request" rest=0`},
		{"set 'a\n", `[] err="Protocol error: unbalanced quotes in request" rest=0`},
		{"set a\x00b c\n", `[["set" "a"]] err="" rest=0`},
		{strings.Repeat("a", maxLine+1), `[] err="Protocol error: too big inline request" rest=0`},
		{"*" + strings.Repeat("1", maxLine+1), `[] err="Protocol error: too big mbulk count string" rest=0`},
		{"*1\r\n$" + strings.Repeat("1", maxLine+1), `[] err="Protocol error: too big bulk count string" rest=0`},
	}
	for _, tt := range tests {
		got := parsePieces([]byte(tt.in), []int{len(tt.in)}, &testLimits).String()
		if got != tt.want {
			t.Errorf("%.60q:\n got %s\nwant %s", tt.in, got, tt.want)
		}
	}
}

func TestParserUnauthenticated(t *testing.T) {
	lim := Limits{MaxBulk: 512 << 20, Unauth: true}
	tests := []struct{ in, err string }{
		{"*10\r\n", ""},
		{"*11\r\n", "Protocol error: unauthenticated multibulk length"},
		{"*1\r\n$16384\r\n", ""},
		{"*1\r\n$16385\r\n", "Protocol error: unauthenticated bulk length"},
	}
	for _, tt := range tests {
		if got := parsePieces([]byte(tt.in), []int{len(tt.in)}, &lim).err; got != tt.err {
			t.Errorf("%q: error %q, want %q", tt.in, got, tt.err)
		}
	}
}

func TestParserSplitAtEveryByte(t *testing.T) {
	in := []byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$10\r\n0123456789\r\nPING\r\n*0\r\n*2\r\n$4\r\nECHO\r\n$0\r\n\r\nset \"a b\" c\n*1\r\n$3")
	want := parsePieces(in, []int{len(in)}, &testLimits).String()
	for i := 0; i <= len(in); i++ {
		if got := parsePieces(in, []int{i, len(in)}, &testLimits).String(); got != want {
			t.Errorf("split at %d:\n got %s\nwant %s", i, got, want)
		}
	}
	every := make([]int, len(in))
	for i := range every {
		every[i] = i + 1
	}
	if got := parsePieces(in, every, &testLimits).String(); got != want {
		t.Errorf("byte by byte:\n got %s\nwant %s", got, want)
	}
}

// The parser asks for a big word as a whole and does no work until it is there.
func TestParserNeed(t *testing.T) {
	var p Parser
	in := []byte("*2\r\n$4\r\nECHO\r\n$1000000\r\n")
	if _, n, err := p.Next(in, nil, &testLimits); n != 0 || err != nil {
		t.Fatalf("n %d, err %v", n, err)
	}
	if got, want := p.Need(), len(in)+1000000+2; got != want {
		t.Errorf("Need %d, want %d", got, want)
	}
}

func TestParserAllocatesNothing(t *testing.T) {
	in := []byte("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\nGET k\r\n")
	argv := make([][]byte, 0, 8)
	var p Parser
	allocs := testing.AllocsPerRun(100, func() {
		rest := in
		for len(rest) > 0 {
			_, n, _ := p.Next(rest, argv, &testLimits)
			rest = rest[n:]
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

// naiveParse is the reference: it wants the whole input, and copies.
func naiveParse(in string, maxBulk int64) parsed {
	var out parsed
	for in != "" {
		if in[0] != '*' {
			line, rest, ok := strings.Cut(in, "\n")
			if !ok {
				if len(in) > 65536 {
					out.err = "Protocol error: too big inline request"
					return out
				}
				break
			}
			words, ok := AppendWords(nil, []byte(strings.TrimSuffix(line, "\r")))
			if !ok {
				out.err = "Protocol error: unbalanced quotes in request"
				return out
			}
			if len(words) > 0 {
				out.commands = append(out.commands, texts(words))
			}
			in = rest
			continue
		}
		words, rest, errText, ok := naiveMultibulk(in, maxBulk)
		if errText != "" {
			out.err = "Protocol error: " + errText
			return out
		}
		if !ok {
			break
		}
		if len(words) > 0 {
			out.commands = append(out.commands, words)
		}
		in = rest
	}
	out.rest = len(in)
	return out
}

func naiveMultibulk(in string, maxBulk int64) (words []string, rest, errText string, ok bool) {
	head, rest, errText, ok := naiveLine(in, "too big mbulk count string")
	if !ok {
		return nil, "", errText, false
	}
	count, good := naiveInt(head[1:])
	if !good || count > 1<<31-1 {
		return nil, "", "invalid multibulk length", false
	}
	for ; count > 0; count-- {
		head, after, errText, ok := naiveLine(rest, "too big bulk count string")
		if !ok {
			return nil, "", errText, false
		}
		if rest[0] != '$' {
			return nil, "", "expected '$', got '" + rest[:1] + "'", false
		}
		size, good := naiveInt(head[1:])
		if !good || size < 0 || size > maxBulk {
			return nil, "", "invalid bulk length", false
		}
		if int64(len(after)) < size+2 {
			return nil, "", "", false
		}
		words = append(words, after[:size])
		rest = after[size+2:]
	}
	return words, rest, "", true
}

func naiveLine(in, tooBig string) (line, rest, errText string, ok bool) {
	i := strings.Index(in, "\r")
	if i < 0 && len(in) > 65536 {
		return "", "", tooBig, false
	}
	if i < 0 || len(in) < i+2 {
		return "", "", "", false
	}
	return in[:max(i, 1)], in[i+2:], "", true
}

func naiveInt(s string) (int64, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && strconv.FormatInt(n, 10) == s
}

func FuzzParser(f *testing.F) {
	f.Add([]byte("*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\nPING a\r\n"), uint16(7))
	f.Add([]byte("*1\r\n$-1\r\n"), uint16(1))
	f.Add([]byte("*100000\r\n$0\r\n\r\n"), uint16(9))
	f.Add([]byte("*1\r\n\r\n"), uint16(5))
	f.Add([]byte("set \"a\\x4\" 'b'\n"), uint16(3))
	f.Fuzz(func(t *testing.T, in []byte, cut uint16) {
		want := naiveParse(string(in), testLimits.MaxBulk).String()
		if got := parsePieces(in, []int{len(in)}, &testLimits).String(); got != want {
			t.Fatalf("whole:\n got %s\nwant %s", got, want)
		}
		at := int(cut) % (len(in) + 1)
		if got := parsePieces(in, []int{at, len(in)}, &testLimits).String(); got != want {
			t.Fatalf("split at %d:\n got %s\nwant %s", at, got, want)
		}
	})
}

func FuzzAppendWords(f *testing.F) {
	f.Add([]byte(`a "b\x41" 'c'`))
	f.Fuzz(func(t *testing.T, line []byte) {
		words, ok := AppendWords(nil, line)
		if !ok {
			return
		}
		quoted := []byte{}
		for _, w := range words {
			quoted = append(quoted, '"')
			for _, c := range w {
				quoted = fmt.Appendf(quoted, "\\x%02x", c)
			}
			quoted = append(quoted, '"', ' ')
		}
		again, ok := AppendWords(nil, quoted)
		if !ok || fmt.Sprintf("%q", again) != fmt.Sprintf("%q", words) {
			t.Fatalf("%q: %q, quoted and split again %q", line, words, again)
		}
	})
}

func BenchmarkParser(b *testing.B) {
	one := "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000123456\r\n$64\r\n" + strings.Repeat("x", 64) + "\r\n"
	in := []byte(strings.Repeat(one, 16))
	argv := make([][]byte, 0, 8)
	var p Parser
	for b.Loop() {
		for rest := in; len(rest) > 0; {
			_, n, _ := p.Next(rest, argv, &testLimits)
			rest = rest[n:]
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/16, "ns/cmd")
}
