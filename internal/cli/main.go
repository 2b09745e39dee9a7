package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// app is the program: its configuration, its session and where it writes.
type app struct {
	config
	session session
	out     io.Writer
	asked   <-chan struct{} // closed by Ctrl-C; nil: that ends the program
	known   Known
	library *library
	hints   bool         // the syntax is shown while typing
	advise  bool         // a person reads: errors come with what may help
	moved   func() error // connects to where the session is to be now, and says what went wrong
}

// Main runs the client; it returns the exit status.
func Main(args []string, known Known) int {
	a := &app{config: *newConfig(), out: os.Stdout, known: known, library: newLibrary(known)}
	a.pass = os.Getenv("REDISCLI_AUTH")
	a.passGiven = false
	if err := a.parse(args); err != nil {
		return a.usage(err)
	}
	if err := a.settle(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	a.started = true
	a.session.conf = &a.config
	a.moved = func() error { return a.tell(a.session.connect()) }
	switch {
	case a.mode != nil:
		return a.mode(a)
	case len(a.args) == 0 && isDialogue():
		return a.runPrompt()
	case len(a.args) == 0:
		return a.readCommands(os.Stdin)
	}
	return a.once()
}

// settle decides what the options leave open.
func (a *app) settle() error {
	if err := a.conflict(); err != nil {
		return err
	}
	terminal := term.IsTerminal(int(os.Stdout.Fd())) || os.Getenv("FAKETTY") != ""
	if !a.outputGiven && !terminal {
		a.output = outputRaw
	}
	if !a.pushesGiven {
		a.pushes = terminal
	}
	if a.passGiven && !a.quietAuth {
		fmt.Fprintln(os.Stderr, "Warning: Using a password with '-a' or '-u' option on the command line interface may not be safe.")
	}
	if a.askPass {
		fmt.Fprint(os.Stderr, "Please input password: ")
		pass, err := term.ReadPassword(int(os.Stdin.Fd()))
		fmt.Fprintln(os.Stderr)
		if err != nil {
			return err
		}
		a.pass = string(pass)
	}
	return nil
}

// conflict finds options that do not go together.
func (a *app) conflict() error {
	switch {
	case a.cluster && a.socket != "":
		return errors.New("Options -c and -s are mutually exclusive.")
	case a.resp2 && a.resp3:
		return errors.New("Options -2 and -3 are mutually exclusive.")
	case a.ldb && a.script == "":
		return fmt.Errorf("Options --ldb and --ldb-sync-mode require --eval.\nTry %s --help for more information.", os.Args[0])
	case a.functionsOnly && a.allData:
		return errors.New("Option --functions-rdb and --rdb are mutually exclusive.")
	case a.stdin && a.tag != "":
		return errors.New("Options -x and -X are mutually exclusive.")
	}
	return nil
}

// usage ends the program because of its options.
func (c *config) usage(err error) int {
	if errors.Is(err, errVersion) {
		fmt.Println("redis-cli " + version)
		return 0
	}
	if !errors.Is(err, errUsage) {
		fmt.Fprintln(os.Stderr, err)
		c.suggest(err.Error())
		return 1
	}
	fmt.Println("Usage: redis-cli [OPTIONS] [cmd [arg [arg ...]]]")
	for _, o := range options {
		name := strings.ReplaceAll(o.names, " ", ", ")
		if o.arg != "" {
			name += " <" + o.arg + ">"
		}
		fmt.Printf("  %-26s %s\n", name, o.help)
	}
	fmt.Print(examples)
	return 0
}

const examples = `
Without a command there is a prompt, or, if standard input is not a terminal,
each of its lines is a command.

Examples:
  redis-cli set greeting hello
  redis-cli -x set passwords < /etc/passwd
  redis-cli -r 10 -i 1 info memory
  redis-cli --quoted-input set '"a\x00b"' value
`

// version is that of Redis whose client this behaves like.
const version = "7.2.0"
