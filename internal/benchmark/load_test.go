package benchmark

import (
	"bytes"
	"errors"
	"io"
	"math"
	"net"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redstart-db/redstart/internal/client"
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
	commands := client.NewReader(io.TeeReader(c, p))
	for {
		if _, err := commands.Read(); err != nil {
			return
		}
		io.WriteString(c, p.reply)
	}
}

// Write keeps what was sent.
func (p *peer) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent.Write(b)
}

// received returns all that was sent, in whatever order connections were read.
func (p *peer) received() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sent.String()
}

// drivePeer drives a load with both kinds of worker.
func drivePeer(t *testing.T, reply string, l Load, d time.Duration, judge func(t *testing.T, p *peer, done *Tally, err error)) {
	t.Helper()
	for _, kind := range []string{"raw", "streams"} {
		t.Run(kind, func(t *testing.T) {
			p := startPeer(t, reply)
			l.Network, l.Addr, l.Patience = "tcp", p.Addr().String(), time.Minute
			onlyStreams = kind == "streams"
			g, err := Open(l)
			onlyStreams = false
			if err != nil {
				t.Fatal(err)
			}
			defer g.Close()
			done, err := g.Drive(d)
			judge(t, p, done, err)
		})
	}
}

// marked is a command with slots where the marks are.
func marked(mark string, source Source, args ...string) Request {
	r := NewRequest(args...)
	r.Mark(mark, source)
	return r
}

func TestInOrderLoadSendsEveryIndexOnce(t *testing.T) {
	drivePeer(t, "$2\r\nab\r\n", Load{Requests: []Request{marked("####", Index, "GET", "key:####")},
		Conns: 3, Depth: 7, Keys: 700, InOrder: true}, 0, func(t *testing.T, p *peer, done *Tally, err error) {
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, key := range regexp.MustCompile(`key:0\d{3}`).FindAllString(p.received(), -1) {
			seen[key]++
		}
		if done.Requests != 700 || done.Latency.Total() != 700 || len(seen) != 700 {
			t.Errorf("%d requests, %d latencies, %d keys; want 700 of each", done.Requests, done.Latency.Total(), len(seen))
		}
	})
}

func TestRandomLoadStaysInRangeAndUsesAllRequests(t *testing.T) {
	for _, theta := range []float64{0, 0.5} {
		drivePeer(t, ":1\r\n", Load{Requests: []Request{marked("##", Index, "GET", "g##"), marked("##", Index, "SET", "s##", "v")},
			Weights: []int{3, 1}, Conns: 3, Depth: 4, Threads: 2, Keys: 30, Rate: 10_000, Zipf: theta}, 50*time.Millisecond,
			func(t *testing.T, p *peer, done *Tally, err error) {
				if err != nil {
					t.Fatal(err)
				}
				seen, gets := map[string]bool{}, 0
				for _, key := range regexp.MustCompile(`[gs]\d\d`).FindAllString(p.received(), -1) {
					if seen[key] = true; key[1:] >= "30" {
						t.Fatalf("index %s is out of range", key[1:])
					}
					if key[0] == 'g' {
						gets++
					}
				}
				if done.Requests != 2000 || len(seen) < 50 || gets < 1350 || gets > 1650 {
					t.Errorf("%d requests with %d different keys, %d of them GET; want 2000 with 60, about 1500", done.Requests, len(seen), gets)
				}
			})
	}
}

func TestLoadWithRateSendsExactlyThatMany(t *testing.T) {
	drivePeer(t, "$-1\r\n", Load{Requests: []Request{NewRequest("GET", "key")}, Conns: 4, Depth: 1, Rate: 1000},
		100*time.Millisecond, func(t *testing.T, p *peer, done *Tally, err error) {
			if err != nil || done.Requests != 100 || done.Nulls != 100 {
				t.Errorf("%+v, %v; 1000/s for 0.1 s make 100 nulls", done, err)
			}
		})
}

// A limit is rounded up to batches, however many threads share it; connections may be new for each.
func TestLimit(t *testing.T) {
	for _, reconnect := range []bool{false, true} {
		drivePeer(t, "+OK\r\n", Load{Requests: []Request{NewRequest("PING")}, Conns: 7, Depth: 4, Threads: 3, Limit: 1001, Reconnect: reconnect},
			0, func(t *testing.T, p *peer, done *Tally, err error) {
				if err != nil || done.Requests != 1004 || strings.Count(p.received(), "PING") != 1004 {
					t.Errorf("%d requests sent; %v", strings.Count(p.received(), "PING"), err)
				}
			})
	}
}

// What does not fit into a socket's buffer is sent when there is room.
func TestBatchesLargerThanASocketTakes(t *testing.T) {
	big := strings.Repeat("x", 1<<20)
	drivePeer(t, "+OK\r\n", Load{Requests: []Request{NewRequest("SET", "key", big)}, Conns: 2, Depth: 3, Limit: 12},
		0, func(t *testing.T, p *peer, done *Tally, err error) {
			if err != nil || strings.Count(p.received(), "x") != 12*len(big) {
				t.Errorf("%d bytes sent; %v", strings.Count(p.received(), "x"), err)
			}
		})
}

func TestErrorRepliesFailTheLoad(t *testing.T) {
	drivePeer(t, "-OOM no room\r\n", Load{Requests: []Request{NewRequest("PING")}, Conns: 4, Depth: 2, Threads: 2}, time.Minute,
		func(t *testing.T, p *peer, done *Tally, err error) {
			var told ServerError
			if !errors.As(err, &told) || told != "OOM no room" {
				t.Errorf("error is %v", err)
			}
		})
}

func TestWhatIsNoServer(t *testing.T) {
	drivePeer(t, "HTTP/1.0 400 Bad Request\r\n\r\n", Load{Requests: []Request{NewRequest("PING")}, Conns: 1, Depth: 1, Limit: 1}, 0,
		func(t *testing.T, p *peer, done *Tally, err error) {
			if err != errForeign {
				t.Errorf("error is %v", err)
			}
		})
}

// Ranks are as frequent as the formula says: by the largest difference of the
// cumulative distributions, as in the test of Kolmogorov and Smirnov.
func TestZipfAgainstItsFormula(t *testing.T) {
	const n, draws = 1000, 100_000
	for _, theta := range []float64{0.2, 0.99, 1, 1.01, 2.5} {
		z, r := newZipf(theta, n), newRandom(7, 0)
		var counts [n]int
		for range draws {
			counts[z.draw(&r)]++
		}
		sum := 0.0
		for k := range n {
			sum += math.Pow(float64(k+1), -theta)
		}
		got, want, worst := 0.0, 0.0, 0.0
		for k := range n {
			got += float64(counts[k]) / draws
			want += math.Pow(float64(k+1), -theta) / sum
			worst = max(worst, math.Abs(got-want))
		}
		if limit := 2.5 / math.Sqrt(draws); worst > limit {
			t.Errorf("theta %v: off by %.5f, at most %.5f is chance", theta, worst, limit)
		}
	}
}
