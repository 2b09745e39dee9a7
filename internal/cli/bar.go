package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// A bar shows a person how far something long has come, in the last line of
// the terminal. Where nobody would see it, or it would get among the output of
// another program, there is none: a nil bar does nothing.
type bar struct {
	mu    sync.Mutex
	total int64
	unit  string // what is counted
	next  time.Time
	drawn bool
}

const (
	barWidth = 40
	barEvery = 100 * time.Millisecond
)

// newBar is a bar for so many units (0: nobody knows how many), drawn to
// standard error. What the program writes meanwhile comes above it.
func (a *app) newBar(total int64, unit string) *bar {
	if !term.IsTerminal(int(os.Stderr.Fd())) || !ownsTerminal() {
		return nil
	}
	b := &bar{total: total, unit: unit}
	a.out = &aboveBar{b, a.out}
	return b
}

// ownsTerminal says whether nobody else writes to the terminal what this program puts out.
func ownsTerminal() bool {
	if term.IsTerminal(int(os.Stdout.Fd())) {
		return true
	}
	info, err := os.Stdout.Stat()
	return err == nil && info.Mode().IsRegular()
}

// show says how many units are done. It is drawn now and then.
func (b *bar) show(done int64) {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if now := time.Now(); now.After(b.next) {
		b.next = now.Add(barEvery)
		fmt.Fprintf(os.Stderr, "\r%s\x1b[K", b.text(done))
		b.drawn = true
	}
}

func (b *bar) text(done int64) string {
	if b.total <= 0 {
		return fmt.Sprintf("%d %s", done, b.unit)
	}
	share := min(float64(done)/float64(b.total), 1)
	full := strings.Repeat("|", int(share*barWidth))
	return fmt.Sprintf("%6.2f%% [%-*s] %d of %d %s", 100*share, barWidth, full, done, b.total, b.unit)
}

// clear takes the bar away until it is drawn again.
func (b *bar) clear() {
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drawn {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
		b.drawn, b.next = false, time.Time{}
	}
}

// aboveBar is where to write while there is a bar.
type aboveBar struct {
	bar *bar
	w   io.Writer
}

func (a *aboveBar) Write(p []byte) (int, error) {
	a.bar.clear()
	return a.w.Write(p)
}
