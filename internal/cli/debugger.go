package cli

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/redstart-db/redstart/internal/client"
	"github.com/redstart-db/redstart/internal/resp"
)

const debuggerIntro = `Lua debugging session started, please use:
quit    -- End the session.
restart -- Restart the script in debug mode again.
help    -- Show Lua script debugging commands.

`

// debugScript runs a script step by step: the server answers EVAL, and each command after it, with
// lines of its debugger, up to one that says that the session is over; then comes the reply of the script.
func (a *app) debugScript() int {
	in := bufio.NewReader(os.Stdin)
	for before := ""; ; before = "\n" {
		if a.tell(a.session.connect()) != nil {
			return 1
		}
		fmt.Fprint(a.out, before+debuggerIntro)
		argv, err := a.evalCommand()
		if a.tell(err) != nil {
			return 1
		}
		if again, err := a.debugSession(argv, in); a.tell(err) != nil || !again {
			return status(err)
		}
	}
}

func status(err error) int {
	if err != nil {
		return 1
	}
	return 0
}

// debugSession says whether to begin again.
func (a *app) debugSession(argv [][]byte, in *bufio.Reader) (again bool, err error) {
	how := "yes"
	if a.ldbSync {
		how = "sync"
	}
	r, err := a.session.conn.Do("SCRIPT", "DEBUG", how)
	switch {
	case err != nil:
		return false, errors.New("Error: " + readError(err))
	case r.IsError():
		return false, fmt.Errorf("SCRIPT DEBUG failed: %s", r.Text)
	}
	a.output = outputRaw
	ended, err := a.debugged(argv)
	if err != nil {
		return false, err
	}
	if ended {
		fmt.Fprintln(a.out, "Eval debugging session can't start:")
		return false, a.scriptReply()
	}
	return a.debugLines(in)
}

// debugLines runs what is typed, in the debugger until that ends, and then in the server.
func (a *app) debugLines(in *bufio.Reader) (again bool, err error) {
	for over := false; ; {
		if term.IsTerminal(int(os.Stdin.Fd())) {
			fmt.Fprint(a.out, debuggerPrompt(over))
		}
		line, err := in.ReadBytes('\n')
		argv, ok := debuggerWords(bytes.TrimRight(line, "\r\n"), over)
		switch {
		case !ok:
			fmt.Fprintln(a.out, "Invalid argument(s)")
		case len(argv) == 0:
		case isWord(argv, "quit"), isWord(argv, "exit"):
			return false, nil
		case isWord(argv, "restart"):
			return true, nil
		case over:
			_ = a.repeated(argv, 1, 0) // it has told what went wrong
		default:
			if over, err = a.debugged(argv); err != nil {
				return false, err
			}
			if over {
				if err := a.endDebugging(); err != nil {
					return false, err
				}
			}
		}
		if errors.Is(err, io.EOF) {
			return false, nil
		}
		if err != nil {
			return false, err
		}
	}
}

func debuggerPrompt(over bool) string {
	if over {
		return "> "
	}
	return "lua debugger> "
}

func isWord(argv [][]byte, word string) bool { return strings.EqualFold(string(argv[0]), word) }

// debuggerWords splits a line. What the debugger is to evaluate is one word with all its spaces.
func debuggerWords(line []byte, over bool) ([][]byte, bool) {
	if name, code, ok := bytes.Cut(line, []byte(" ")); ok && !over && (string(name) == "eval" || string(name) == "e") {
		return [][]byte{name, code}, true
	}
	return resp.AppendWords(nil, line)
}

// debugged sends a command, shows the lines of the debugger, and says whether it has ended.
func (a *app) debugged(argv [][]byte) (ended bool, err error) {
	c := a.session.conn
	if err = c.Send(argv...); err == nil {
		err = c.Flush()
	}
	var r client.Reply
	if err == nil {
		r, err = c.Read()
	}
	if err != nil {
		return false, errors.New("Error: " + readError(err))
	}
	for i := range r.Items {
		item := &r.Items[i]
		switch {
		case item.Kind != client.Simple:
		case bytes.HasPrefix(item.Text, []byte("<endsession>")):
			item.Text, ended = nil, true
		default:
			item.Text = []byte(coloured(string(item.Text)))
		}
	}
	fmt.Fprint(a.out, a.format(&r))
	return ended, nil
}

// endDebugging shows the reply of the script.
func (a *app) endDebugging() error {
	if err := a.scriptReply(); err != nil {
		return err
	}
	rolledBack := " -- dataset changes rolled back"
	if a.ldbSync {
		rolledBack = ""
	}
	fmt.Fprintf(a.out, "\n(Lua debugging session ended%s)\n\n", rolledBack)
	return nil
}

func (a *app) scriptReply() error {
	a.output = outputTTY
	r, err := a.session.conn.Read()
	if err != nil {
		return errors.New("Error: " + readError(err))
	}
	fmt.Fprint(a.out, a.format(&r))
	return nil
}

// debuggerColours belong to the parts of the debugger's lines; the last that fits counts.
var debuggerColours = []struct{ part, colour string }{
	{"<debug>", "1;37"}, {"<redis>", "0;32"}, {"<reply>", "0;36"}, {"<error>", "0;31"}, {"<hint>", "1;37"}, {"<value>", "0;35"}, {"<retval>", "0;35"},
}

// coloured is a line of the debugger as xterm shows it in colours.
func coloured(line string) string {
	if !strings.Contains(os.Getenv("TERM"), "xterm") {
		return line
	}
	colour := "0;37"
	for _, c := range debuggerColours {
		if strings.Contains(line, c.part) {
			colour = c.colour
		}
	}
	if len(line) > 4 && line[3] >= '0' && line[3] <= '9' { // source: the current line, or one with a break point
		switch {
		case line[1] == '>':
			colour = "0;33"
		case line[2] == '#':
			colour = "1;37"
		}
	}
	return "\x1b[" + colour + ";49m" + line + "\x1b[0m"
}
