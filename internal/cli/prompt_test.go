package cli

import (
	stdflag "flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/redstart-db/redstart/internal/testutil"
)

// Transcripts of dialogues are files in testdata/prompt:
//
//	stock                  the original shows the same
//	timed                  the time of slow commands is shown
//	env NAME=VALUE         of the client's environment; DIR is an empty directory
//	file NAME TEXT         in that directory, with \n for line ends
//	$ redis-cli ARGS       starts the client; PORT and SOCKET are those of a stock server
//	> keys                 are typed; <Enter>, <Tab>, <Up>, <C-c> ... are keys
//	! COMMAND              is sent to the server by somebody else
//	blocked                the client waits for the server
//	end                    the client has ended
//	kept                   the history file, as it is now
//
// Below a start, keys and what others send, indented, is what the screen says from the row on where the cursor was.
// go test -rewrite writes them anew.
var rewrite = stdflag.Bool("rewrite", false, "write the transcripts anew, from what this program shows")

func TestPrompt(t *testing.T) {
	files, err := filepath.Glob("testdata/prompt/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no transcripts", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".txt")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := play(t, ours(t), string(content), *rewrite)
			if *rewrite && !t.Failed() {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
		if strings.HasPrefix(string(content), "stock\n") && !*rewrite {
			t.Run(name+"/stock", func(t *testing.T) {
				t.Parallel()
				play(t, stock(t), string(content), false)
			})
		}
	}
}

// A dialogue is a run of a client on a terminal.
type dialogue struct {
	t      *testing.T
	server *testutil.Server
	other  *testutil.Conn
	dir    string
	env    []string
	cmd    *exec.Cmd
	tty    *os.File
	screen *screen
	ended  chan struct{}
	record bool
	timed  bool
}

// play carries out a transcript, and compares; with record it returns a new one.
func play(t *testing.T, program, transcript string, record bool) string {
	dir := t.TempDir()
	server := testutil.Stock(t, "--unixsocket", dir+"/s", "--enable-debug-command", "yes")
	server.ExpectExit()
	d := &dialogue{t: t, server: server, other: server.Dial(t), dir: dir, record: record}
	d.env = append(os.Environ(), "TERM=xterm", "LC_ALL=C.UTF-8", "HOME="+dir, "INPUTRC=/dev/null", "REDISCLI_HISTFILE="+dir+"/history")
	var out strings.Builder
	lines := strings.SplitAfter(transcript, "\n")
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\n")
		out.WriteString(lines[i])
		from := 0
		if d.screen != nil {
			from = d.screen.row()
		}
		if !d.act(program, line) {
			continue
		}
		var want strings.Builder
		for ; i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  "); i++ {
			want.WriteString(lines[i+1][2:])
		}
		show := func() string { return d.plain(d.screen.text(from)) }
		if line == "kept" {
			show = func() string { b, _ := os.ReadFile(dir + "/history"); return d.plain(string(b)) }
		}
		got := d.await(show, want.String())
		if got != want.String() && !record {
			t.Fatalf("after %s\ngot\n%swant\n%s", line, got, want.String())
		}
		for shown := range strings.Lines(got) {
			out.WriteString("  " + shown)
		}
	}
	return out.String()
}

// act does what a line of a transcript says; it returns whether the screen is to be looked at.
func (d *dialogue) act(program, line string) bool {
	word, rest, _ := strings.Cut(line, " ")
	rest = strings.NewReplacer("PORT", port(d.server), "SOCKET", d.dir+"/s", "DIR", d.dir).Replace(rest)
	switch word {
	case "env":
		d.env = append(d.env, rest)
	case "file":
		name, text, _ := strings.Cut(rest, " ")
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(strings.ReplaceAll(text, `\n`, "\n")), 0o666); err != nil {
			d.t.Fatal(err)
		}
	case "$":
		d.start(program, strings.Fields(rest)[1:])
		return true
	case ">":
		d.tty.WriteString(keys(rest))
		return true
	case "!":
		d.other.Must(d.t, strings.Fields(rest)...)
		return true
	case "blocked":
		await(d.t, "a blocked client", func() bool {
			return strings.Contains(d.other.Must(d.t, "INFO", "clients").Text, "blocked_clients:1")
		})
	case "end":
		select {
		case <-d.ended:
		case <-time.After(time.Minute):
			d.t.Fatalf("the client does not end; the screen:\n%s", d.screen.text(0))
		}
	case "kept":
		return true
	case "timed":
		d.timed = true
	case "", "stock", "#":
	default:
		d.t.Fatalf("what is %q?", line)
	}
	return false
}

func (d *dialogue) start(program string, args []string) {
	d.cmd = exec.Command(program, args...)
	d.cmd.Env = d.env
	tty, err := pty.StartWithSize(d.cmd, &pty.Winsize{Rows: screenHeight, Cols: screenWidth})
	if err != nil {
		d.t.Fatal(err)
	}
	d.tty, d.screen, d.ended = tty, newScreen(tty), make(chan struct{})
	cmd, ended, screen := d.cmd, d.ended, d.screen
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := tty.Read(buf)
			screen.Write(buf[:n])
			if err != nil { // the program has closed the terminal
				break
			}
		}
		cmd.Wait()
		close(ended)
	}()
	d.t.Cleanup(func() {
		cmd.Process.Kill()
		<-ended
		tty.Close()
	})
}

// await waits until something shows what is wanted; while a transcript is made, until it changes no more.
func (d *dialogue) await(show func() string, want string) string {
	if d.record {
		for last := "\x00"; last != show(); {
			last = show()
			time.Sleep(1200 * time.Millisecond) // nothing is known yet that could be waited for
		}
		return show()
	}
	for end := time.Now().Add(time.Minute); show() != want && time.Now().Before(end); {
		time.Sleep(2 * time.Millisecond) // the screen changes at some time
	}
	return show()
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); {
		if time.Now().After(end) {
			t.Fatalf("no %s within a minute", what)
		}
		time.Sleep(2 * time.Millisecond) // it happens in another process
	}
}

// plain takes out of a text what differs from run to run.
func (d *dialogue) plain(s string) string {
	if d.timed {
		s = took.ReplaceAllString(s, "(TIMEs)\n")
	} else {
		s = took.ReplaceAllString(s, "") // under load any command may be slow
	}
	s = release.ReplaceAllString(s, "redis-cli VERSION")
	return strings.NewReplacer(d.dir+"/s", "SOCKET", d.dir, "DIR", ":"+port(d.server), ":PORT", " "+port(d.server), " PORT").Replace(s)
}

var (
	took    = regexp.MustCompile(`(?m)^\(\d+\.\d\ds\)\n`)
	release = regexp.MustCompile(`redis-cli \d+\.\d+\.\d+`)
)

// keys are what a terminal sends.
func keys(s string) string {
	return strings.NewReplacer("<Enter>", "\r", "<Tab>", "\t", "<Up>", "\x1b[A", "<Down>", "\x1b[B", "<Right>", "\x1b[C", "<Left>", "\x1b[D", "<Home>", "\x1b[H",
		"<End>", "\x1b[F", "<Back>", "\x7f", "<C-c>", "\x03", "<C-d>", "\x04", "<C-r>", "\x12", "<C-u>", "\x15", "<C-e>", "\x05", "<C-l>", "\x0c").Replace(s)
}

// Each syntax, as help shows it and as the hint of a bare name, is that of the original, read from the server's COMMAND DOCS.
func TestSyntaxAsStock(t *testing.T) {
	s := testutil.Stock(t)
	l := newLibrary(Known{})
	a := &app{config: *newConfig()}
	a.session.conf = &a.config
	fmt.Sscan(port(s), &a.port)
	if err := a.session.connect(); err != nil {
		t.Fatal(err)
	}
	defer a.session.close()
	r, err := a.session.conn.Do("COMMAND", "DOCS")
	if err != nil {
		t.Fatal(err)
	}
	l.docs = parseDocs(&r)
	if len(l.docs) < 350 {
		t.Fatalf("%d commands", len(l.docs))
	}
	program := stock(t)
	for _, d := range l.docs {
		out, _ := exec.Command(program, append([]string{"-p", port(s), "help"}, d.words...)...).Output()
		head := fmt.Sprintf("\x1b[1m%s\x1b[0m \x1b[90m%s\x1b[0m", d.name, joinSyntax(d.args, " "))
		if !strings.Contains(string(out), head) {
			t.Errorf("%q is not in %q", head, out)
		}
	}
}
