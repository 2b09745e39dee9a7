package server

import "testing"

func TestParseArgs(t *testing.T) {
	for _, c := range []struct {
		args []string
		want launch
	}{
		{nil, launch{}},
		{[]string{"a.conf"}, launch{file: "a.conf"}},
		{[]string{"-"}, launch{stdin: true}},
		{[]string{"a.conf", "-"}, launch{file: "a.conf", stdin: true}},
		{[]string{"-", "--port", "1"}, launch{stdin: true, lines: `port "1" `}},
		{[]string{"a.conf", "--port", "1", "-"}, launch{file: "a.conf", stdin: true, lines: `port "1" `}},
		{[]string{"--save", "900", "1", "300", "10", "--bind", "a", "b"},
			launch{lines: "save \"900\" \"1\" \"300\" \"10\" \nbind \"a\" \"b\" "}},
		{[]string{"--port 7", "--hz", "5"}, launch{lines: "port 7 \nhz \"5\" "}},
		{[]string{"--save", "--port", "1"}, launch{lines: "save \"\"\nport \"1\" "}},
		{[]string{"--save"}, launch{lines: `save ""`}},
		{[]string{"--logfile", "--port", "--hz", "1"}, launch{lines: "logfile \"--port\" \nhz \"1\" "}},
		{[]string{"--proc-title-template", "-"}, launch{stdin: true, lines: "proc-title-template "}},
		{[]string{"-x"}, launch{lines: `"-x" `}},
		{[]string{"--requirepass", "a \"b"}, launch{lines: `requirepass "a \"b" `}},
	} {
		if got := parseArgs(c.args); got != c.want {
			t.Errorf("%q: %+v, want %+v", c.args, got, c.want)
		}
	}
}
