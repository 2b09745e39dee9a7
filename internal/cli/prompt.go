package cli

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"time"

	"github.com/reeflective/readline"
	"golang.org/x/term"
)

// A prompt is a dialogue with a person.
type prompt struct {
	*app
	shell      *readline.Shell
	history    *history
	interrupts chan os.Signal // Ctrl-C while a command runs
	docsAsked  bool           // of the server that the session is with
	accepting  bool           // the line is complete: no hint behind it any more
	reserved   int            // rows below that of the prompt that there are for sure
}

// isDialogue says whether there is a person, at a terminal that can be edited on.
func isDialogue() bool {
	name := os.Getenv("TERM")
	return term.IsTerminal(int(os.Stdin.Fd())) && term.IsTerminal(int(os.Stdout.Fd())) &&
		!slices.Contains([]string{"", "dumb", "cons25", "emacs"}, name)
}

// runPrompt is the mode without a command.
func (a *app) runPrompt() int {
	p := &prompt{
		app:        a,
		history:    openHistory(dotFile("REDISCLI_HISTFILE", ".rediscli_history")),
		interrupts: make(chan os.Signal, 1),
	}
	a.hints, a.advise = true, true
	a.moved = func() error { p.docsAsked = false; return p.connect() }
	signal.Notify(p.interrupts, os.Interrupt)
	a.loadPreferences(dotFile("REDISCLI_RCFILE", ".redisclirc"))
	p.shell = newShell(p)
	p.connect()
	for {
		p.accepting, p.reserved = false, 0
		line, err := p.shell.Readline()
		switch {
		case errors.Is(err, readline.ErrInterrupt) && line != "": // only the line is meant
			continue
		case err != nil:
			return 0
		}
		p.remember(line)
		if errors.Is(p.line([]byte(line), p.repeated), errQuit) {
			return 0
		}
	}
}

// remember keeps a line, if it may be kept.
func (p *prompt) remember(line string) {
	argv, ok := splitLine(line)
	if ok && len(argv) == 0 || ok && p.known.isPrivate(argv) {
		return
	}
	p.history.add(line)
}

// text is the prompt itself.
func (p *prompt) text() string {
	s := &p.session
	if s.conn == nil {
		return "not connected> "
	}
	text := net.JoinHostPort(p.host, strconv.Itoa(p.port))
	if p.socket != "" {
		text = "redis " + p.socket
	}
	if s.db != 0 {
		text += "[" + strconv.Itoa(s.db) + "]"
	}
	if s.multi {
		text += "(TX)"
	}
	return text + "> "
}

// connect makes the connection, and asks a server that is new for its documentation.
func (p *prompt) connect() error {
	stop := p.endOnInterrupt()
	defer stop()
	if err := p.session.connect(); err != nil {
		p.fail(err.Error())
		return err
	}
	if p.docsAsked {
		return nil
	}
	return p.askDocs()
}

// endOnInterrupt lets Ctrl-C end the program while there is nothing else that it could end.
func (p *prompt) endOnInterrupt() (stop func()) {
	done := make(chan struct{})
	go func() {
		select {
		case <-p.interrupts:
			os.Exit(130)
		case <-done:
		}
	}()
	return func() { close(done) }
}

// askDocs asks for the documentation of the commands. A server that does not tell is described by what the
// program knows itself.
func (p *prompt) askDocs() error {
	r, err := p.session.conn.Do("COMMAND", "DOCS")
	if err != nil {
		p.session.close()
		fmt.Fprintln(os.Stderr, "Error: "+readError(err))
		if p.tls.On {
			fmt.Fprintln(os.Stderr, "(The server ended the connection at once: does it want a certificate of the client, --cert and --key?)")
		} else {
			fmt.Fprintln(os.Stderr, "(If that server speaks TLS on this port, start again with --tls.)")
		}
		return err
	}
	p.docsAsked = true
	p.library.docs = nil
	if r.IsAggregate() && len(r.Items) > 0 {
		p.library.docs = parseDocs(&r)
	}
	return nil
}

// fail tells what went wrong, and what could help.
func (p *prompt) fail(text string) {
	fmt.Fprintln(os.Stderr, text)
	fmt.Fprint(os.Stderr, cmp.Or(advice(text), suggestion(text)))
}

// repeated runs a command n times, until it fails, and tells the time if it was long.
func (p *prompt) repeated(argv [][]byte, n int, interval time.Duration) error {
	start := time.Now()
	for i := range n {
		if i > 0 && interval > 0 && !p.sleep(interval) {
			return nil
		}
		if p.perform(argv) != nil {
			return nil
		}
	}
	p.tellTime(start)
	return nil
}

// sleep waits, unless it is interrupted.
func (p *prompt) sleep(d time.Duration) bool {
	select {
	case <-p.interrupts:
		fmt.Fprintln(p.out)
		return false
	case <-time.After(d): // asked for by -i
		return true
	}
}

// perform runs a command. Once it is sent it is not sent again: nobody knows whether it was carried out.
func (p *prompt) perform(argv [][]byte) error {
	if p.showsHelp(argv) {
		return nil
	}
	if err := p.revive(); err != nil {
		return err
	}
	interrupted, err := p.interruptible(func() error { return p.exchange(argv) })
	switch {
	case interrupted:
		fmt.Fprintln(p.out)
		p.session.close()
		p.connect()
		return errQuiet
	case err != nil:
		p.session.close()
		p.fail("Error: " + readError(err))
	case p.session.renewed && p.session.conn != nil && !p.session.multi:
		return p.catchUp()
	}
	return err
}

// catchUp does what may be allowed to a user who logs in late.
func (p *prompt) catchUp() error {
	p.session.renewed = false
	if p.session.db != p.db {
		if err := p.session.restore(); err != nil {
			p.fail(err.Error())
			return err
		}
	}
	if p.library.docs == nil {
		return p.askDocs()
	}
	return nil
}

// revive makes the connection if there is none, and again if the server has closed it.
func (p *prompt) revive() error {
	if p.session.conn != nil && isClosed(p.session.conn.Conn) {
		if p.session.multi {
			fmt.Fprintln(os.Stderr, "(The server closed the connection: the transaction is discarded, and this command is not in it.)")
			p.session.close()
			p.connect()
			return errQuiet
		}
		p.session.close()
	}
	if p.session.conn != nil {
		return nil
	}
	return p.connect()
}

// interruptible runs what uses the connection, which Ctrl-C closes.
func (p *prompt) interruptible(do func() error) (interrupted bool, err error) {
	select {
	case <-p.interrupts: // too late for what it was meant for
	default:
	}
	finished, watched := make(chan struct{}), make(chan bool)
	go func() {
		select {
		case <-p.interrupts:
			if c := p.session.live.Load(); c != nil {
				c.Close()
			}
			watched <- true
		case <-finished:
			watched <- false
		}
	}()
	err = do()
	close(finished)
	return <-watched && err != nil, err
}
