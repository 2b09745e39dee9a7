package config

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testStore has a directive of each shape.
func testStore() *Store {
	return NewStore([]*Directive{
		{Name: "port", Type: Int(0, 65535), Default: "6379"},
		{Name: "maxmemory", Type: Memory(0, math.MaxInt64), Default: "0"},
		{Name: "appendonly", Type: Bool(), Default: "no"},
		{Name: "save", Type: Save(), Default: "3600 1 300 100"},
		{Name: "bind", Type: Words(4, "too many"), Default: "* -::*"},
		{Name: "replica-announce-ip", Alias: "slave-announce-ip", Type: Absent(nil)},
		{Name: "logfile", Type: String(nil), Default: ""},
		{Name: "databases", Type: Int(1, 100), Default: "16", Flags: Immutable},
		{Name: "dir", Type: Always(String(nil)), Default: ".", Flags: Protected},
		{Name: "secret-delay", Type: Int(0, 9), Default: "0", Flags: Hidden},
		{Name: "client-output-buffer-limit", Type: BufferLimits(), Default: "normal 0 0 0 slave 2048 1 60 pubsub 0 0 0"},
	})
}

func load(s *Store, text string) error {
	l := &Loader{Store: s, Keywords: map[string]func([]string) error{
		"user": func([]string) error { return nil },
	}}
	return l.Load(text)
}

func TestLoad(t *testing.T) {
	s := testStore()
	err := load(s, "# comment\n\n  PORT 7000  \r\nmaxmemory \"1gb\"\nsave 1 2\nsave 3 4\nbind 'a' \"b\"\n"+
		"slave-announce-ip \"x y\"\nport 7001\nuser default on\nclient-output-buffer-limit \"normal 1 2 3\"")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"port": "7001", "maxmemory": "1073741824", "save": "1 2 3 4", "bind": "a b",
		"replica-announce-ip": "x y", "client-output-buffer-limit": "normal 1 2 3 slave 2048 1 60 pubsub 0 0 0"} {
		if got := s.Value(name).Text; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if err := load(s, `save ""`); err != nil || s.Value("save").Text != "" {
		t.Errorf("save \"\" leaves %q, %v", s.Value("save").Text, err)
	}
}

func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"port 1\nfoo bar", "Reading the configuration file, at line 2\n>>> 'foo bar'\nBad directive or wrong number of arguments"},
		{"port", "Reading the configuration file, at line 1\n>>> 'port'\nwrong number of arguments"},
		{"port 1 2", "Reading the configuration file, at line 1\n>>> 'port 1 2'\nwrong number of arguments"},
		{"\n\nlogfile \"a", "Reading the configuration file, at line 3\n>>> 'logfile \"a'\nUnbalanced quotes in configuration line"},
		{"include /no/such.conf", "Fatal error, can't open config file '/no/such.conf': No such file or directory"},
		{"include", "Reading the configuration file, at line 1\n>>> 'include'\nBad directive or wrong number of arguments"},
		{"appendonly x", "Reading the configuration file, at line 1\n>>> 'appendonly x'\nargument must be 'yes' or 'no'"},
	} {
		err := load(testStore(), c.text)
		if err == nil || err.Error() != c.want {
			t.Errorf("%q: %v\nwant %s", c.text, err, c.want)
		}
	}
}

func TestInclude(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("a.conf", "port 1\n")
	write("b.conf", "port 2\nmaxmemory 5\n")
	s := testStore()
	if err := load(s, "include "+dir+"/*.conf\ninclude "+dir+"/none*"); err != nil || s.Value("port").Num != 2 {
		t.Errorf("port is %d, %v", s.Value("port").Num, err)
	}
	bad := write("bad", "port 1\nport x\n")
	err := load(s, "\n\n\ninclude "+bad)
	var line *LineError
	if !errors.As(err, &line) || line.Line != 2 || line.Text != "port x" {
		t.Errorf("a mistake in an included file is reported as %v", err)
	}
	loop := write("loop", "include "+dir+"/loop\n")
	if err := load(s, "include "+loop); err == nil || !strings.Contains(err.Error(), "nested too deeply") {
		t.Errorf("a file that includes itself: %v", err)
	}
}

func TestGet(t *testing.T) {
	s := testStore()
	match := func(p, n string) bool { ok, _ := filepath.Match(strings.ToLower(p), n); return ok }
	got := s.Get([]string{"PORT", "*announce-ip", "port", "secret*", "secret-delay", "nosuch", "max*"}, match)
	var names []string
	for _, g := range got {
		names = append(names, g.Name)
	}
	if want := "PORT replica-announce-ip slave-announce-ip secret-delay maxmemory"; strings.Join(names, " ") != want {
		t.Errorf("found %q, want %q", names, want)
	}
}

func TestChange(t *testing.T) {
	set := func(s *Store, words ...string) *ChangeError {
		var pairs []Setting
		for i := 0; i < len(words); i += 2 {
			pairs = append(pairs, Setting{words[i], words[i+1]})
		}
		return s.Change(pairs, false, func(*Directive) error { return nil })
	}
	const failed = "CONFIG SET failed (possibly related to argument "
	for _, c := range []struct {
		words []string
		want  string
	}{
		{[]string{"port", "1", "nosuch", "2"}, "Unknown option or number of arguments for CONFIG SET - 'nosuch'"},
		{[]string{"port", "1", "DATABASES", "2"}, failed + "'DATABASES') - can't set immutable config"},
		{[]string{"port", "1", "dir", "/"}, failed + "'dir') - can't set protected config"},
		{[]string{"port", "1", "Port", "2"}, failed + "'Port') - duplicate parameter"},
		{[]string{"port", "1", "replica-announce-ip", "1", "slave-announce-ip", "2"}, ""},
		{[]string{"port", "1", "maxmemory", "x"}, failed + "'maxmemory') - argument must be a memory value"},
		{[]string{"port", "1", "SLAVE-announce-ip", "a"}, ""},
	} {
		s := testStore()
		err := set(s, c.words...)
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.words, got, c.want)
		}
		if changed := s.Value("port").Num == 1; changed != (c.want == "") {
			t.Errorf("%q: the first setting changed: %v", c.words, changed)
		}
	}
}

func TestChangeIsUndone(t *testing.T) {
	s := testStore()
	var applied []string
	refuse := errors.New("no")
	err := s.Change([]Setting{{"port", "1"}, {"appendonly", "yes"}, {"maxmemory", "0"}}, false, func(d *Directive) error {
		applied = append(applied, d.Name+"="+s.Value(d.Name).Text)
		if s.Value("appendonly").Yes() && d.Name == "appendonly" {
			return refuse
		}
		return nil
	})
	if err == nil || err.Name != "appendonly" || err.Reason != refuse {
		t.Fatalf("error %v", err)
	}
	if got, want := strings.Join(applied, " "), "port=1 appendonly=yes port=6379 appendonly=no"; got != want {
		t.Errorf("applied %s, want %s", got, want)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("port 1\nsave 1 2\nbind \"a b\" c\nclient-output-buffer-limit normal 1k 2 3\n# x\nmaxmemory 99999999999999gb")
	f.Add("user x\n\"\\x4")
	f.Fuzz(func(t *testing.T, text string) {
		if strings.Contains(strings.ToLower(text), "include") {
			return // would read files of this machine
		}
		s := testStore()
		if load(s, text) != nil {
			return
		}
		// What was accepted survives being rewritten and read again.
		again := testStore()
		written := s.RewriteText(text, []string{"user"}, nil, false)
		if err := load(again, written); err != nil {
			t.Fatalf("rewritten as\n%s\nwhich is refused: %v", written, err)
		}
		for _, d := range s.order {
			if a, b := s.Value(d.Name).Text, again.Value(d.Name).Text; a != b {
				t.Errorf("%s was %q, and is %q after rewriting as\n%s", d.Name, a, b, written)
			}
		}
	})
}
