package cli

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/term"
)

// catchInterrupt makes Ctrl-C a request: what runs long looks at stopped and
// ends with what it knows so far. A second Ctrl-C ends the program at once.
func (a *app) catchInterrupt() {
	signals := make(chan os.Signal, 1)
	asked := make(chan struct{})
	a.asked = asked
	signal.Notify(signals, os.Interrupt)
	go func() {
		<-signals
		signal.Reset(os.Interrupt)
		close(asked)
	}()
}

// stopped says whether there was a Ctrl-C.
func (a *app) stopped() bool {
	select {
	case <-a.asked:
		return true
	default:
		return false
	}
}

// pause waits, but not longer than until Ctrl-C.
func (a *app) pause(d time.Duration) {
	select {
	case <-a.asked:
	case <-time.After(d):
	}
}

// onInterrupt has last run at Ctrl-C if a person watches, before the program ends of the signal, as it
// would have without. Stop takes that back.
func (a *app) onInterrupt(last func()) (stop func()) {
	if !term.IsTerminal(int(os.Stderr.Fd())) {
		return func() {}
	}
	a.catchInterrupt()
	done := make(chan struct{})
	go func() {
		select {
		case <-done:
		case <-a.asked:
			fmt.Fprintln(os.Stderr)
			last()
			_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
		}
	}()
	return func() { close(done) }
}
