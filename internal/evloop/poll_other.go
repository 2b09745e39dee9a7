//go:build !(linux && (amd64 || arm64))

package evloop

import (
	"net"
	"time"
)

// poller is a place to sleep: every connection is driven by goroutines, and
// their mail is all that can happen.
type poller struct{ bell chan struct{} }

func (p *poller) open() error {
	p.bell = make(chan struct{}, 1)
	return nil
}

func (p *poller) brought() bool          { return false }
func (p *poller) close()                 {}
func (p *poller) add(*Conn) error        { return nil }
func (p *poller) modify(*Conn)           {}
func (p *poller) remove(*Conn)           {}
func (l *Loop) handleEvents()            {}
func closeSocket(*Conn)                  {}
func threadID() int32                    { return 0 }
func threadTime(int32) (d time.Duration) { return 0 }
func idleProcessors(*idleSample) float64 { return 0 }

func sendSocket(*Conn, []byte) (int, bool) { return 0, false }

func (l *Loop) wait() {
	l.asleep.Store(true)
	defer l.asleep.Store(false)
	d := l.timeout()
	if d < 0 {
		<-l.poller.bell
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-l.poller.bell:
	case <-timer.C:
	}
}

// wake ends the loop's sleep, if it sleeps. Any thread.
func (l *Loop) wake() {
	if l.asleep.Swap(false) {
		select {
		case l.poller.bell <- struct{}{}:
		default:
		}
	}
}

func (g *Group) serve(l net.Listener) error { return g.serveAny(l) }
