package cmdspec

import (
	"fmt"
	"strings"
	"testing"
)

func words(s string) [][]byte {
	var w [][]byte
	for _, f := range strings.Fields(s) {
		w = append(w, []byte(f))
	}
	return w
}

func testTable() *Table {
	return NewTable([]*Spec{
		{Name: "get", Arity: 2, Keys: []KeySpec{Key(1, RO)}},
		{Name: "config", Arity: -2, Sub: []*Spec{{Name: "get", Arity: -3}, {Name: "set", Arity: -4}}},
		{Name: "command", Arity: -1, Sub: []*Spec{{Name: "getkeysandflags", Arity: -3}}},
	}, []*Spec{
		{Name: "georadiusbymember_ro", Arity: -5},
		{Name: "georadiusbymember", Arity: -5},
	})
}

func TestLookup(t *testing.T) {
	table := testTable()
	tests := []struct{ argv, want string }{
		{"get k", "get"}, {"GeT", "get"}, {"CONFIG", "config"}, {"config GET x", "config|get"},
		{"config nope", ""}, {"ge", ""}, {"get_", ""}, {"getx", ""}, {"command", "command"},
		{"COMMAND GetKeysAndFlags", "command|getkeysandflags"},
		{"GEORADIUSBYMEMBER_RO", "georadiusbymember_ro"}, {"georadiusbymember", "georadiusbymember"},
		{"georadiusbymember_rp", ""}, {"G\u00e9t", ""}, {"GET\xc7", ""}, {"[et", ""}, {"\x07et", ""},
	}
	for _, tt := range tests {
		got := ""
		if s := table.Lookup(words(tt.argv)); s != nil {
			got = s.FullName
		}
		if got != tt.want {
			t.Errorf("%q: %q, want %q", tt.argv, got, tt.want)
		}
	}
	argv := words("config get x")
	if n := testing.AllocsPerRun(100, func() { table.Lookup(argv) }); n != 0 {
		t.Errorf("Lookup allocates %v times", n)
	}
}

func TestFoldCase(t *testing.T) {
	for c := range 256 {
		want := c
		if 'A' <= c && c <= 'Z' {
			want += 32
		}
		for shift := range 8 {
			rest := uint64(0xff9a5b40c15b8061) &^ (0xff << (8 * shift)) // no capitals among them
			if got, want := foldCase(rest|uint64(c)<<(8*shift)), rest|uint64(want)<<(8*shift); got != want {
				t.Fatalf("%#x at %d: %#x, want %#x", c, shift, got, want)
			}
		}
	}
}

func TestNumbering(t *testing.T) {
	table := testTable()
	for i, s := range table.Specs() {
		if s.ID != i {
			t.Errorf("%s has ID %d at %d", s.FullName, s.ID, i)
		}
	}
	sub := table.ByName("CONFIG|set")
	if sub == nil || sub.Parent != table.ByName("config") {
		t.Errorf("parent of config|set is wrong")
	}
}

func TestDuplicatePanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	NewTable([]*Spec{{Name: "get"}, {Name: "get"}})
}

func TestUnknownAndArity(t *testing.T) {
	table := testTable()
	long := strings.Repeat("x", 200)
	tests := []struct {
		argv [][]byte
		want string
	}{
		{words("foo"), "ERR unknown command 'foo', with args beginning with: "},
		{words("foo a b"), "ERR unknown command 'foo', with args beginning with: 'a' 'b' "},
		{words("config x"), "ERR unknown subcommand 'x'. Try CONFIG HELP."},
		{words(long + " " + long + " b"), "ERR unknown command '" + long[:128] + "', with args beginning with: '" + long[:128] + "' "},
		{words("foo " + long[:120] + " abcdefgh z"), "ERR unknown command 'foo', with args beginning with: '" + long[:120] + "' 'abcde' "},
	}
	for _, tt := range tests {
		if got := table.Unknown(tt.argv).Error(); got != tt.want {
			t.Errorf("%q:\n got %q\nwant %q", tt.argv, got, tt.want)
		}
	}
	if got, want := table.ByName("config|get").ErrArity().Error(), "ERR wrong number of arguments for 'config|get' command"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestKeyPositions(t *testing.T) {
	numkeys := func(i int) KeySpec { return KeyCount(i, RO) }
	tests := []struct {
		keys []KeySpec
		argv string
		want string // positions, or "bad"
	}{
		{[]KeySpec{Key(1, RO)}, "get a", "[1]"},
		{[]KeySpec{Key(1, RO)}, "get", "bad"},
		{nil, "ping a", "[]"},
		{[]KeySpec{KeyRange(1, -1, 1, RO)}, "mget a b c", "[1 2 3]"},
		{[]KeySpec{KeyRange(1, -1, 2, OW)}, "mset a 1 b 2", "[1 3]"},
		{[]KeySpec{KeyRange(1, -2, 1, OW)}, "blpop a b 0", "[1 2]"},
		{[]KeySpec{KeyRange(1, 2, 1, RO)}, "rename a b", "[1 2]"},
		{[]KeySpec{KeyRange(1, 2, 1, RO)}, "rename a", "bad"},
		{[]KeySpec{numkeys(1)}, "sintercard 2 a b LIMIT 1", "[2 3]"},
		{[]KeySpec{numkeys(1)}, "sintercard 3 a b", "bad"},
		{[]KeySpec{numkeys(1)}, "sintercard 0 a", "bad"},
		{[]KeySpec{numkeys(1)}, "sintercard x a", "bad"},
		{[]KeySpec{numkeys(1)}, "sintercard 9223372036854775807 a", "bad"},
		{[]KeySpec{Key(1, OW), numkeys(2)}, "zunionstore d 2 a b", "[1 3 4]"},
		{[]KeySpec{{Keyword: "STREAMS", StartFrom: 1, Last: -1, Step: 1, Limit: 2}}, "xread COUNT 2 streams a b 1 2", "[4 5]"},
		{[]KeySpec{{Keyword: "STREAMS", StartFrom: 1, Last: -1, Step: 1, Limit: 2}}, "xread COUNT 2", "[]"},
		{[]KeySpec{Key(1, RO), {Keyword: "STORE", StartFrom: 2, Step: 1}}, "georadius k 1 2 3 m STORE d", "[1 7]"},
		{[]KeySpec{{Keyword: "KEYS", StartFrom: -2, Last: -1, Step: 1}}, "migrate h p x 0 10 KEYS a b", "[7 8]"},
		{[]KeySpec{{Flags: NotKey, Index: 1, Step: 1}}, "spublish c m", "[]"},
	}
	for _, tt := range tests {
		spec := NewTable([]*Spec{{Name: "x", Keys: tt.keys}}).ByName("x")
		pos, ok := spec.AppendKeyPositions([]int{}, words(tt.argv))
		got := fmt.Sprint(pos)
		if !ok {
			got = "bad"
		}
		if got != tt.want {
			t.Errorf("%s: %s, want %s", tt.argv, got, tt.want)
		}
	}
}

func FuzzKeyPositions(f *testing.F) {
	f.Add("x 2 a b", 1, -1, 1, 0, true, "")
	f.Add("x COUNT 2 streams a b", 1, -1, 1, 2, false, "STREAMS")
	f.Fuzz(func(t *testing.T, argv string, index, last, step, limit int, keyNum bool, keyword string) {
		w := words(argv)
		if len(w) == 0 || index < 1 || index > 10 || last < -5 || last > 5 || step < 1 || step > 3 || limit < 0 || limit > 4 {
			return
		}
		s := Spec{Keys: []KeySpec{{Index: index, Keyword: keyword, StartFrom: index, Last: last, Step: step, Limit: limit, KeyNum: keyNum, First: 1}}}
		pos, _ := s.AppendKeyPositions(nil, w)
		for _, p := range pos {
			if p < 1 || p >= len(w) {
				t.Fatalf("%q: position %d", argv, p)
			}
		}
	})
}

func BenchmarkLookup(b *testing.B) {
	table := testTable()
	argv := words("GET k")
	for b.Loop() {
		table.Lookup(argv)
	}
}
