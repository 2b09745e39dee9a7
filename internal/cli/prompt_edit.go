package cli

import (
	"fmt"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/reeflective/readline"
	"github.com/reeflective/readline/inputrc"
	"golang.org/x/term"
)

// newShell sets up the line editor: history, completion and hints.
func newShell(p *prompt) *readline.Shell {
	sh := readline.NewShell(inputrc.WithApp("redis-cli"))
	sh.Config.Set("enable-bracketed-paste", false) // what is pasted are lines, each of them a command
	sh.Config.Set("multiline-column", false)
	for _, name := range []string{"input-meta", "output-meta"} { // letters above ASCII are letters
		sh.Config.Set(name, true)
	}
	sh.Config.Set("convert-meta", false)
	sh.Config.Set("usage-hint-always", true) // that a list is cut
	// Asking the terminal where the cursor is loses what is typed or pasted meanwhile. What the editor
	// would do with the answer is done by reserve.
	sh.Config.Set("cursor-position-probe", false)
	sh.Prompt.Primary(p.text)
	sh.History.Delete()
	sh.History.Add("history", p.history)
	sh.Completer = p.completions
	sh.Hint.SetProvider(func(line []rune, _ int) []rune {
		p.showHint(string(line))
		return nil
	})
	sh.Keymap.Register(map[string]func(){"complete": sh.Keymap.Commands()["menu-complete"]}) // with a list
	insert := sh.Keymap.Commands()["self-insert"]
	sh.Keymap.Register(map[string]func(){"self-insert": func() {
		if keys := sh.Keys.Caller(); len(keys) > 0 && keys[0] > unicode.MaxASCII {
			sh.Cursor().InsertAt(keys...) // the editor's own takes the first letter, and its width for a number of letters
			return
		}
		insert()
	}})
	for name, run := range sh.Keymap.Commands() {
		switch {
		case strings.HasPrefix(name, "accept"), name == "abort", name == "end-of-file":
			// The hint goes when the line is complete; the editor would leave it on the screen.
			sh.Keymap.Register(map[string]func(){name: func() {
				p.accepting = true
				sh.ClearInlineSuggestion()
				run()
				p.accepting = false
			}})
		case strings.HasSuffix(name, "forward-char"), strings.HasSuffix(name, "end-of-line"):
			// A hint is syntax, no text: to move over it must not make it one.
			sh.Keymap.Register(map[string]func(){name: func() { sh.ClearInlineSuggestion(); run() }})
		}
	}
	return sh
}

// showHint shows the hint behind the line, as far as there is room.
func (p *prompt) showHint(line string) {
	if p.accepting {
		return
	}
	width, _ := terminalSize()
	used := utf8.RuneCountInString(p.text()) + utf8.RuneCountInString(line)
	p.reserve(used/width + 1)
	hint := ""
	if p.hints {
		hint = p.library.hintFor(line)
	}
	if room := max(0, width-1-used); utf8.RuneCountInString(hint) > room {
		hint = string([]rune(hint)[:room])
	}
	if hint == "" {
		p.shell.ClearInlineSuggestion()
		return
	}
	p.shell.SetInlineSuggestion(line + hint)
}

// reserve makes sure that there are so many rows below the prompt's: the editor moves down and
// up again, and at the bottom of the screen only the latter would have an effect.
func (p *prompt) reserve(rows int) {
	if rows <= p.reserved {
		return
	}
	p.reserved = rows
	fmt.Fprintf(os.Stdout, "%s\x1b[%dA", strings.Repeat("\x1bD", rows), rows) // down, scrolling, in the same column
}

func terminalSize() (width, height int) {
	width, height, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		return 80, 24
	}
	return width, height
}

// completions are what Tab offers at the cursor.
func (p *prompt) completions(line []rune, cursor int) readline.Completions {
	prefix, found := p.library.complete(string(line[:cursor]))
	found, more := fitting(found)
	values := make([]readline.Completion, len(found))
	for i, c := range found {
		values[i] = readline.Completion{Value: c.word, Display: c.word, Description: c.about}
	}
	all := readline.CompleteRaw(values)
	if more > 0 {
		all = all.Usage("%d more: type a letter or two", more)
	}
	all.PREFIX = prefix
	return all
}

// fitting leaves as much of a list as the screen has room for: descriptions go first. The editor
// would scroll the line that is edited off the screen.
func fitting(found []candidate) (fit []candidate, more int) {
	const border = 5 // the prompt's line, and what the editor says about the list
	width, height := terminalSize()
	rows := max(1, height-border)
	if len(found) <= rows {
		return found, 0
	}
	longest := 0
	for i := range found {
		found[i].about = ""
		longest = max(longest, len(found[i].word))
	}
	if room := rows * max(1, width/(longest+3)); len(found) > room {
		return found[:room], len(found) - room
	}
	return found, 0
}
