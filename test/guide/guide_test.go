package guide

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/redstart-db/redstart/internal/testutil"
)

// What the guide says happens.
func TestGuide(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(testutil.ModuleRoot(), "docs/guide.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range play(t, string(page)) {
		if !r.ok() {
			t.Errorf("docs/guide.md, %s", r)
		}
		// The page promises something: where the output is another, it fails.
		for _, wrong := range changed(r.want) {
			if matches(r.got, wrong) {
				t.Errorf("docs/guide.md, line %d: not only this may be printed, but also\n%s", r.line, wrong)
			}
		}
	}
}

// changed returns what a page could say instead: a word more in some line, a line less, a line more.
func changed(want string) (wrong []string) {
	lines := strings.SplitAfter(want, "\n")
	lines = lines[:len(lines)-1]
	for i, line := range lines {
		if line == "...\n" {
			continue
		}
		before, after := strings.Join(lines[:i], ""), strings.Join(lines[i+1:], "")
		wrong = append(wrong, before+strings.TrimSuffix(line, "\n")+"x\n"+after, before+"x\n"+line+after)
		if i == 0 || lines[i-1] != "...\n" {
			wrong = append(wrong, before+after)
		}
	}
	return wrong
}

// play runs a page as a reader would who has the programs installed.
func play(t *testing.T, page string) []result {
	t.Helper()
	needModules(t, filepath.Join(testutil.ModuleRoot(), "examples"))
	for range 5 {
		r := &runner{dir: t.TempDir(), root: testutil.ModuleRoot(), port: freePort(t)}
		r.path = programs(t, r.port)
		if err := goModule(r.dir, r.root); err != nil {
			t.Fatal(err)
		}
		results, err := r.run(page)
		if err != nil {
			t.Fatal(err)
		}
		if !portTaken(results) {
			return results
		}
	}
	t.Fatal("somebody else takes every port")
	return nil
}

// programs is a folder with the programs that a page starts.
func programs(t *testing.T, port string) string {
	t.Helper()
	dir := t.TempDir()
	for name, command := range map[string]string{
		"redis-server": testutil.Binary(t) + " server",
		"redis-cli":    testutil.Binary(t) + " cli -p " + port, // the page relies on the default
		"python3":      redisPy(t),
	} {
		script := "#!/bin/sh\nexec " + command + ` "$@"` + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// portTaken says that somebody else was faster to bind the port.
func portTaken(results []result) bool {
	for _, r := range results {
		if strings.Contains(r.got, "Address already in use") {
			return true
		}
	}
	return false
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// redisPy is the Python that has redis-py.
func redisPy(t *testing.T) string {
	t.Helper()
	python := testutil.Need(t, "/usr/bin/python3", "Debian package python3")
	if err := exec.Command(python, "-c", "import redis").Run(); err != nil {
		testutil.Missing(t, "the Python module redis (Debian package python3-redis)")
	}
	return python
}

// small is a page with everything that a page may have. @ stands for the fence; # ends a line
// that is printed, and + one that is printed in a terminal of its own.
const small = `
@conf small.conf
port 6379
bind 127.0.0.1
@
@console server
$ redis-server small.conf
...
... Ready to accept connections...
@
@console
$ redis-cli
127.0.0.1:6379> SET a 1
OK#
127.0.0.1:6379> get a
"1"#
127.0.0.1:6379> QUIT
$ redis-cli strlen a; exit 3
(integer) 1#
$ cat small.conf
port 6379#
bind ...#
$ true
@
@console listener
$ redis-cli subscribe news
Reading messages... (press Ctrl-C to quit)+
1) "subscribe"+
2) "news"+
3) (integer) 1+
@
@python
import redis
r = redis.Redis(port=6379)
print(r.get("a"))
@
@output
b'1'#
@
@python
r.set("a", 2)
@
@go
// The head.
package main

import "fmt"
@
@go
// What main uses.
func twice(n int) int { return 2 * n }
@
@go
n := twice(21)
fmt.Println(n)
@
@output
42#
@
@python
print(r.get("a"))
print(r.publish("news", "hello"))
@
@output
b'2'#
1#
@
@output listener
1) "message"+
2) "news"+
3) "hello"+
@
@console ends
$ echo this
this#
@
`

// written turns what stands for something into that; the lines that are printed get an ending.
func written(marked, ending string) string {
	return strings.NewReplacer("@", "```", "#\n", ending+"\n", "+\n", "\n").Replace(marked)
}

func TestRightPage(t *testing.T) {
	t.Parallel()
	for _, r := range play(t, written(small, "")) {
		if !r.ok() {
			t.Errorf("the page is right, but %s", r)
		}
	}
}

// Each output that is not what the page says is found.
func TestWrongPage(t *testing.T) {
	t.Parallel()
	found := 0
	for _, r := range play(t, written(small, "!")) {
		if wrong := strings.Contains(r.want, "!\n"); wrong == r.ok() {
			t.Errorf("wrong: %v, but %s", wrong, r)
		} else if wrong {
			found++
		}
	}
	if found != 7 {
		t.Errorf("%d steps of 7 are found", found)
	}
}

// A page that says too little about what is printed is as wrong as one that says something else.
func TestMatches(t *testing.T) {
	for _, c := range []struct {
		got, want string
		ok        bool
	}{
		{"", "", true},
		{"a\n", "a\n", true},
		{"a\n", "", false},
		{"", "a\n", false},
		{"a\nb\n", "a\n", false},
		{"a\nb\n", "b\n", false},
		{"a", "a\n", false},
		{"a\nb\nc\n", "a\n...\nc\n", true},
		{"a\nc\n", "a\n...\nc\n", true},
		{"a\nb\n", "a\n...\nc\n", false},
		{"at 12:30 sharp\n", "at ... sharp\n", true},
		{"at 12\n30 sharp\n", "at ... sharp\n", false},
		{"(a.c)*\n", "(a.c)*\n", true},
		{"(abc)*\n", "(a.c)*\n", false},
	} {
		if matches(c.got, c.want) != c.ok {
			t.Errorf("%q against %q: %v", c.got, c.want, !c.ok)
		}
	}
}

// A page that cannot be run says where.
func TestBrokenPages(t *testing.T) {
	for _, c := range []struct{ page, want string }{
		{"text\n@sh\nls\n@\n", `line 3: nothing is known about a block of "sh"`},
		{"@\nls\n@\n", "line 1: a block has a language"},
		{"@console a b\nls\n@\n", "line 1: a block has a language"},
		{"\n@console\n$ ls\n", "line 3: the block has no end"},
		{"@console\nls\n@\n", `line 2: a transcript opens with "$ "`},
		{"@output\nx\n@\n", `line 2: nothing is known about a block of "output"`},
		{"@python program\nx\n@\n", `line 2: nothing is known about a block of "python program"`},
		{"@go\npackage main\n@\n\n@go\nx := 1\n@\n", "guide.md:6: declared and not used: x"},
	} {
		r := &runner{dir: t.TempDir(), root: testutil.ModuleRoot()}
		if err := goModule(r.dir, r.root); err != nil {
			t.Fatal(err)
		}
		if _, err := r.run(written(c.page, "")); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.page, err, c.want)
		}
	}
}

// A step that fails says why, and the run goes on to its end.
func TestFailingSteps(t *testing.T) {
	results := play(t, written("\n@python\n1/0\n@\n@python\nprint(2)\n@\n@output nowhere\nx\n@\n", ""))
	for i, want := range []string{"ZeroDivisionError", "the program has ended", `there is no terminal "nowhere"`} {
		if r := results[i]; r.ok() || !strings.Contains(r.String(), want) {
			t.Errorf("step %d does not say %s, but %s", i, want, r)
		}
	}
	if r := results[0]; !strings.Contains(r.got, `"guide.md", line 3`) {
		t.Errorf("a failure without its line: %s", r)
	}
}
