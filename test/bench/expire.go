//go:build linux

package main

import (
	"fmt"
	"strconv"
	"time"

	"github.com/redstart-db/redstart/internal/benchmark"
)

const (
	bystanders   = 10_000 // keys without expiry that are read meanwhile
	bystanderKey = "other:00000000####"
	firstLook    = 95 * time.Millisecond
	fillTime     = 4 * time.Second // until the keys expire, doubled as long as the fill takes longer
)

// runExpire lets a million keys expire in one second and watches what GETs of
// other keys feel, beside what they feel when nothing expires.
func runExpire(t *trial) (figures, error) {
	if err := fill(t.server, newRequest("SET", bystanderKey, value64), bystanders); err != nil {
		return nil, err
	}
	calm, err := t.readMeanwhile(time.Now().Add(time.Second))
	if err != nil {
		return nil, err
	}
	at, err := t.fillExpiring()
	if err != nil {
		return nil, err
	}
	gone := make(chan error, 1)
	var goneAfter time.Duration
	go func() {
		var err error
		goneAfter, err = t.awaitExpired(at)
		gone <- err
	}()
	done, err := t.readMeanwhile(at)
	if err != nil {
		return nil, err
	}
	if err := <-gone; err != nil {
		return nil, err
	}
	idleAfter, err := t.expireIdle()
	return figures{
		"p999":     float64(done.Latency.Quantile(0.999)) / 1e6,
		"max":      float64(done.Latency.Max()) / 1e6,
		"calmP999": float64(calm.Latency.Quantile(0.999)) / 1e6,
		"calmMax":  float64(calm.Latency.Max()) / 1e6,
		"gone":     goneAfter.Seconds() * 1e3,
		"idle":     idleAfter.Seconds() * 1e3,
	}, err
}

// expireIdle lets a million keys expire while nobody asks for anything, and
// first looks when they should be gone: the look itself is a use.
func (t *trial) expireIdle() (time.Duration, error) {
	at, err := t.fillExpiring()
	if err != nil {
		return 0, err
	}
	time.Sleep(time.Until(at) + firstLook) // keys expire by the clock
	return t.awaitExpired(at)
}

// fillExpiring returns the second in which the keys it has set will expire.
func (t *trial) fillExpiring() (time.Time, error) {
	for lead := fillTime; lead < 20*fillTime; lead *= 2 {
		at := time.Now().Truncate(time.Second).Add(lead)
		expiring := newRequest("SET", memoryKey, "v#######", "EXAT", strconv.FormatInt(at.Unix(), 10))
		if err := fill(t.server, expiring, million); err != nil {
			return at, err
		}
		n, err := t.number("DBSIZE")
		if err != nil || n == million+bystanders && time.Until(at) > time.Second {
			return at, err
		}
	}
	return time.Time{}, fmt.Errorf("a million SETs take over %v: the machine is too slow or too busy", 10*fillTime)
}

// awaitExpired asks often enough for a figure in milliseconds and seldom enough
// not to be a load itself.
func (t *trial) awaitExpired(at time.Time) (time.Duration, error) {
	time.Sleep(time.Until(at)) // keys expire by the clock
	for {
		n, err := t.number("DBSIZE")
		if err != nil || n == bystanders {
			return time.Since(at), err
		}
		if time.Since(at) > silence {
			return 0, fmt.Errorf("%d keys left %v after they expired", n-bystanders, silence)
		}
		time.Sleep(2 * time.Millisecond) // the interval of the questions
	}
}

func (t *trial) readMeanwhile(at time.Time) (*benchmark.Tally, error) {
	l := load{Requests: []request{newRequest("GET", bystanderKey)}, Conns: 20, Depth: 1, Keys: bystanders, Rate: 20_000}
	g, err := open(t.port, l)
	if err != nil {
		return nil, err
	}
	defer g.Close()
	time.Sleep(time.Until(at) - 500*time.Millisecond) // the window starts by the clock
	if _, err := g.Drive(warmUp); err != nil {
		return nil, err
	}
	return g.Drive(3 * time.Second)
}
