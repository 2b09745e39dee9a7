//go:build linux

package main

import (
	"bytes"
	"io"
	"net"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// A peer accepts connections, answers every request with the same reply and
// keeps what it was sent.
type peer struct {
	net.Listener
	reply string
	mu    sync.Mutex
	sent  bytes.Buffer
}

func startPeer(t *testing.T, reply string) *peer {
	t.Helper()
	runtime.GOMAXPROCS(max(2, runtime.GOMAXPROCS(0))) // the load keeps one to itself
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{Listener: l, reply: reply}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.serve(c)
		}
	}()
	return p
}

func (p *peer) serve(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		p.mu.Lock()
		p.sent.Write(buf[:n])
		p.mu.Unlock()
		io.WriteString(c, strings.Repeat(p.reply, bytes.Count(buf[:n], []byte("*"))))
	}
}

// received returns all that was sent, in whatever order connections were read.
func (p *peer) received() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent.String()
}

func (p *peer) port() int { return p.Addr().(*net.TCPAddr).Port }

func drivePeer(t *testing.T, p *peer, l load, d time.Duration) (*tally, error) {
	t.Helper()
	g, err := open(p.port(), l)
	if err != nil {
		t.Fatal(err)
	}
	defer g.close()
	return g.drive(d)
}

func TestInOrderLoadSendsEveryIndexOnce(t *testing.T) {
	p := startPeer(t, "$2\r\nab\r\n")
	done, err := drivePeer(t, p, load{requests: []request{newRequest("GET", "key:####")},
		conns: 3, depth: 7, keys: 700, inOrder: true}, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, key := range regexp.MustCompile(`key:0\d{3}`).FindAllString(p.received(), -1) {
		seen[key]++
	}
	if done.requests != 700 || done.latency.total != 100 || len(seen) != 700 {
		t.Errorf("%d requests in %d batches, %d keys; want 700 in 100, 700", done.requests, done.latency.total, len(seen))
	}
}

func TestRandomLoadStaysInRangeAndUsesAllRequests(t *testing.T) {
	p := startPeer(t, ":1\r\n")
	done, err := drivePeer(t, p, load{requests: []request{newRequest("GET", "g##"), newRequest("SET", "s##", "v")},
		conns: 2, depth: 4, keys: 30, rate: 10_000}, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, key := range regexp.MustCompile(`[gs]\d\d`).FindAllString(p.received(), -1) {
		if seen[key] = true; key[1:] >= "30" {
			t.Fatalf("index %s is out of range", key[1:])
		}
	}
	if done.requests != 2000 || len(seen) != 60 {
		t.Errorf("%d requests with %d different keys, want 2000 with 60", done.requests, len(seen))
	}
}

func TestLoadWithRateSendsExactlyThatMany(t *testing.T) {
	p := startPeer(t, "$-1\r\n")
	done, err := drivePeer(t, p, load{requests: []request{newRequest("GET", "key:##")},
		conns: 4, depth: 1, keys: 100, rate: 1000}, 100*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	if done.requests != 100 || done.nulls != 100 {
		t.Errorf("%d requests, %d nulls; 1000/s for 0.1 s make 100", done.requests, done.nulls)
	}
}

func TestErrorRepliesFailTheLoad(t *testing.T) {
	p := startPeer(t, "-OOM no room\r\n")
	_, err := drivePeer(t, p, load{requests: []request{newRequest("PING")}, conns: 1, depth: 2, keys: 2, inOrder: true}, 0)
	if err == nil || !strings.Contains(err.Error(), "OOM no room") {
		t.Errorf("error is %v", err)
	}
}
