package cli

import (
	"os"
	"os/signal"
	"syscall"
	"time"
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

// onInterrupt has last run at Ctrl-C, before the program ends of the signal, as it would have without.
func (a *app) onInterrupt(last func()) {
	a.catchInterrupt()
	go func() {
		<-a.asked
		last()
		_ = syscall.Kill(os.Getpid(), syscall.SIGINT)
	}()
}
