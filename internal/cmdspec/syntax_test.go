package cmdspec

import (
	"fmt"
	"strings"
	"testing"
)

// show writes a tree in one line: name:type, the token quoted before it, ?
// for optional, * for multiple, ** with its token, members in parentheses.
func show(args []Arg) string {
	var out []string
	for _, a := range args {
		s := fmt.Sprintf("%s:%s", a.Name, a.Type)
		if a.HasToken {
			s = fmt.Sprintf("%q %s", a.Token, s)
		}
		if a.KeySpec >= 0 {
			s += fmt.Sprint("#", a.KeySpec)
		}
		if a.Since != "" {
			s += "@" + a.Since
		}
		if a.Deprecated != "" {
			s += "-" + a.Deprecated
		}
		if a.Optional {
			s += "?"
		}
		if a.Multiple {
			s += "*"
		}
		if a.MultipleToken {
			s += "*"
		}
		if a.Args != nil {
			s += "(" + show(a.Args) + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestParseArgs(t *testing.T) {
	for _, c := range []struct{ syntax, want string }{
		{"", ""},
		{"key seconds", `key:key#0 seconds:integer`},
		{"key [key ...]", `key:key#0*`},
		{"source destination", `source:key#0 destination:key#1`},
		{"key value [key value ...]", `key_value:block*(key:key#0 value:string)`},
		{"key value [key value ...]{data}", `data:block*(key:key#0 value:string)`},
		{"[section [section ...]]", `section:string?*`},
		{"[NX | XX]{condition 2.6.12}", `condition:oneof@2.6.12?("NX" nx:pure-token "XX" xx:pure-token)`},
		{"[GET]{6.2.0} [EX seconds | KEEPTTL]", `"GET" get:pure-token@6.2.0? seconds_keepttl:oneof?("EX" seconds:integer "KEEPTTL" keepttl:pure-token)`},
		{"[LIMIT offset count]", `"LIMIT" offset_count:block?(offset:integer count:integer)`},
		{"[GET pattern{#1} [GET pattern ...]]", `"GET" pattern:pattern#1?**`},
		{"[ID <client-id [client-id ...]>{block id}]", `"ID" id:block?(client-id:integer*)`},
		{"<parameter>{block} [<parameter> ...]", `parameter:block*(parameter:string)`},
		{"increment{double}", `increment:double`},
		{"<ip:port{-2.8.12} | [ID client-id]>{filter}", `filter:oneof(ip:port:string-2.8.12 "ID" client-id:integer?)`},
		{`<*{auto_id} | id>`, `auto_id_id:oneof("*" auto_id:pure-token id:string)`},
		{`""{empty}`, `"" empty:pure-token`},
	} {
		args, err := ParseArgs(c.syntax, 2)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		if got := show(args); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.syntax, got, c.want)
		}
	}
}

func TestParseArgsRefuses(t *testing.T) {
	for _, s := range []string{"[key", "key]", "<a | b", "a | b", "[]", "[a |]", "{x}", "key{", "[NX | XX]{integer}",
		"A <B c>", "key{block}", "key{?}", strings.Repeat("[", 100), "..."} {
		if args, err := ParseArgs(s, 1); err == nil {
			t.Errorf("%q: no error but %s", s, show(args))
		}
	}
}

func FuzzParseArgs(f *testing.F) {
	for _, s := range []string{"key value [NX | XX]{condition}", "<a b | C <d>{block}> [e [e ...]]", `""{x} [f ...]`} {
		f.Add(s, 2)
	}
	f.Fuzz(func(t *testing.T, s string, nkeys int) {
		args, err := ParseArgs(s, nkeys&7)
		if err == nil && len(args) == 0 && strings.TrimSpace(s) != "" {
			t.Fatalf("%q: nothing understood, nothing refused", s)
		}
		show(args)
	})
}
